#include <algorithm>
#include <set>
#include <span>
#include <tuple>

#include "base/json.h"
#include "detect/rules.h"
#include "pattern.h"
#include "phrases.h"
#include "ruleset.h"
#include "shipped_rules.h"
#include "yaml/fields.h"

namespace plimsoll::detect {

using namespace yaml;
namespace {

constexpr std::size_t kMostRules = 1'000;
constexpr std::size_t kMostPhrases = 2'000;
constexpr std::size_t kMostFiles = 16;
constexpr std::uint64_t kMostDistance = 500;
constexpr std::string_view kMethod = "SELF_HARM_METHOD", kRisk = "SELF_HARM_RISK";

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

// A list of texts or one text, each with its place.
std::vector<const Node*> texts_of(const Node& node, std::string_view name, Problems& problems) {
  std::vector<const Node*> out;
  if (node.kind == Node::Kind::kScalar) return {&node};
  if (node.kind != Node::Kind::kList)
    problems.add(node.mark, "'" + std::string(name) + "' must be text or a list of texts; found " +
                                std::string(describe(node)));
  for (const auto& item : node.items)
    if (item.kind == Node::Kind::kScalar && !item.text.empty())
      out.push_back(&item);
    else
      problems.add(item.mark,
                   "each of '" + std::string(name) + "' must be text; found " + std::string(describe(item)));
  return out;
}

// A rule for personal data or secrets.
bool is_built_in(std::string_view id) {
  return std::ranges::find(pii_rules(), id, &Rule::id) != pii_rules().end() ||
         std::ranges::find(secret_rules(), id, &Rule::id) != secret_rules().end();
}

class Reader {
 public:
  // `thorough`: whether every pattern is tried, which costs as much as compiling the rules.
  Reader(RuleBook& book, Problems& problems, bool thorough)
      : book_(book), problems_(problems), thorough_(thorough) {}

  void file(const Node& root) {
    Fields fields(root, "a file of rules", problems_);
    if (root.kind != Node::Kind::kMap) return;
    if (const Node* node = fields.get("vocabularies")) vocabularies(*node);
    if (const Node* node = fields.get("rules")) rules(*node, "rules");
    if (const Node* node = fields.get("meetings")) meetings(*node);
    fields.finish();
  }

  void vocabularies(const Node& node) {
    if (node.kind != Node::Kind::kMap) {
      problems_.add(node.mark, "'vocabularies' must be a mapping from names to lists of phrases");
      return;
    }
    for (const auto& member : node.members) {
      if (!is_name(member.key)) {
        problems_.add(member.mark, "a vocabulary's name is 1 to 64 letters, digits, '.', '_' or '-'");
        continue;
      }
      std::vector<std::string> phrases;
      // By language, for those who read it; or one list.
      if (member.value.kind == Node::Kind::kMap)
        for (const auto& language : member.value.members) add_phrases(language.value, member.key, phrases);
      else
        add_phrases(member.value, member.key, phrases);
      if (phrases.empty() || phrases.size() > kMostPhrases)
        problems_.add(member.mark, "a vocabulary has 1 to 2,000 phrases");
      else if (!book_.vocabularies.try_emplace(member.key, std::move(phrases)).second)
        problems_.add(member.mark, "vocabulary '" + member.key + "' is there already");
    }
  }

  void rules(const Node& node, std::string_view what) {
    if (!is_list(node, what)) return;
    for (const auto& item : node.items) rule(item);
  }

  void meetings(const Node& node) {
    if (!is_list(node, "meetings")) return;
    for (const auto& item : node.items) meeting(item);
  }

 private:
  bool is_list(const Node& node, std::string_view what) {
    if (node.kind != Node::Kind::kList)
      problems_.add(node.mark,
                    "'" + std::string(what) + "' must be a list; found " + std::string(describe(node)));
    else if (node.items.size() > kMostRules)
      problems_.add(node.mark, "more than 1,000 '" + std::string(what) + "'");
    else
      return true;
    return false;
  }

  // `{{name}}` replaced by the vocabulary of that name.
  std::optional<std::string> expand(const Node& node, bool phrase) {
    std::string out;
    const std::string_view text = node.text;
    std::size_t at = 0;
    while (true) {
      const auto open = text.find("{{", at);
      out += text.substr(at, open - at);
      if (open == std::string_view::npos) return out;
      const auto close = text.find("}}", open);
      if (close == std::string_view::npos) {
        problems_.add(node.mark, "'{{' without '}}'");
        return std::nullopt;
      }
      const auto* phrases = vocabulary(text.substr(open + 2, close - open - 2), node.mark);
      if (phrases == nullptr) return std::nullopt;
      out += "(?:";
      for (std::size_t i = 0; i < phrases->size(); ++i) {
        if (i > 0) out += '|';
        // A phrase within a phrase is translated with it, but for its ends.
        out += phrase ? without_ends((*phrases)[i]) : inner_pattern((*phrases)[i]);
      }
      out += ')';
      if (out.size() > 256U << 10U) {
        problems_.add(node.mark, "more than 256 KiB once its vocabularies are put in");
        return std::nullopt;
      }
      at = close + 2;
    }
  }

  static std::string without_ends(std::string_view phrase) {
    std::string out;
    if (phrase.starts_with('*')) (out += "\\w{0,12}"), phrase.remove_prefix(1);
    const bool after = phrase.ends_with('*');
    if (after) phrase.remove_suffix(1);
    out += phrase;
    return after ? out + "\\w{0,12}" : out;
  }

  const std::vector<std::string>* vocabulary(std::string_view name, const Mark& mark) {
    const auto found = book_.vocabularies.find(name);
    if (found != book_.vocabularies.end()) return &found->second;
    std::vector<std::string_view> known;
    known.reserve(book_.vocabularies.size());
    for (const auto& [known_name, phrases] : book_.vocabularies) known.push_back(known_name);
    problems_.add(
        mark, "no vocabulary '" + std::string(name.substr(0, 64)) + "' so far" + did_you_mean(name, known));
    return nullptr;
  }

  void add_phrases(const Node& node, std::string_view name, std::vector<std::string>& out) {
    for (const Node* item : texts_of(node, name, problems_)) {
      const std::string_view text = item->text;
      if (text.starts_with("{{") && text.find("}}") == text.size() - 2) {
        const auto* other = vocabulary(text.substr(2, text.size() - 4), item->mark);
        if (other != nullptr) out.insert(out.end(), other->begin(), other->end());
      } else if (auto phrase = expand(*item, true)) {
        if (thorough_)
          if (const auto usable = parse_syntax(inner_pattern(*phrase), false); !usable)
            problems_.add(item->mark, usable.error().message);
        out.push_back(*std::move(phrase));
      }
    }
  }

  void take_id(Fields& fields, std::string& id) {
    fields.require("id");
    const Node* at = fields.get("id");
    if (at == nullptr) return;
    auto text = read_text(*at, "id", problems_);
    if (!text) return;
    if (!is_name(*text))
      problems_.add(at->mark, "'id' must be 1 to 64 letters, digits, '.', '_' or '-'");
    else if (book_.has(*text) || is_built_in(*text))
      problems_.add(at->mark, "rule id '" + *text + "' is taken");
    else
      id = *std::move(text);
  }

  void take_category(Fields& fields, Category& category) {
    fields.require("category");
    const Node* node = fields.get("category");
    if (node == nullptr) return;
    const auto text = read_text(*node, "category", problems_);
    if (!text) return;
    if (const auto found = read_category(*text, node->mark, problems_)) category = *found;
  }

  void take_examples(Fields& fields, std::string_view id) {
    for (const auto& [key, found] : {std::pair{"match", true}, std::pair{"no_match", false}})
      if (const Node* node = fields.get(key))
        for (const Node* text : texts_of(*node, key, problems_))
          book_.examples.push_back({.id = std::string(id), .text = text->text, .found = found});
  }

  void check(const Node& node, const std::string& pattern, bool exact_case, bool everyday) {
    if (!thorough_) return;
    if (const auto usable = usable_pattern(pattern, exact_case, everyday); !usable)
      problems_.add(node.mark, usable.error().message);
  }

  void rule(const Node& node) {
    RuleDefinition rule;
    const auto before = problems_.count();
    Fields fields(node, "a rule", problems_);
    take_id(fields, rule.id);
    take_category(fields, rule.category);
    fields.read("exact_case", rule.exact_case);
    fields.read("everyday", rule.everyday);

    const Node* pattern = fields.get({"pattern", "patterns"});
    const Node* toned = fields.get("toned");
    const Node* words = fields.get("words");
    if ((pattern == nullptr && toned == nullptr) == (words == nullptr))
      problems_.add(node.mark, "a rule has either 'pattern' (or 'patterns', 'toned') or 'words'");
    for (const auto& [list, name, to] :
         {std::tuple(pattern, "pattern", &rule.patterns), std::tuple(toned, "toned", &rule.toned)}) {
      if (list == nullptr) continue;
      for (const Node* text : texts_of(*list, name, problems_))
        if (auto expanded = expand(*text, false)) {
          check(*text, *expanded, rule.exact_case, rule.everyday);
          to->push_back(*std::move(expanded));
        }
    }
    if (words != nullptr) {
      std::vector<std::string> phrases;
      add_phrases(*words, "words", phrases);
      auto [patterns, toned_ones] = word_patterns(phrases, normalizer());
      for (const auto* all : {&patterns, &toned_ones})
        for (const auto& expanded : *all) check(*words, expanded, rule.exact_case, rule.everyday);
      rule.patterns = std::move(patterns);
      rule.toned = std::move(toned_ones);
    }

    fields.read("idea", rule.idea);
    if (!rule.idea.empty() && !is_name(rule.idea))
      problems_.add(node.mark, "'idea' must be 1 to 64 letters, digits, '.', '_' or '-'");
    if (rule.everyday && rule.idea.empty())
      problems_.add(node.mark, "'everyday' is for rules with an 'idea'");
    for (const auto& [field, ideas] :
         {std::pair("withdraws", &rule.withdraws), std::pair("excuses", &rule.excuses)}) {
      const Node* const names = fields.get(field);
      if (names == nullptr) continue;
      for (const Node* name : texts_of(*names, field, problems_)) ideas->push_back(name->text);
      if (rule.idea.empty() || ideas->size() > 8)
        problems_.add(names->mark,
                      std::string("'") + field + "' is for rules with an 'idea', and names at most 8");
    }
    fields.read("entity", rule.entity);
    fields.choose<std::string>({"sub_score"}, rule.entity,
                               {{"risk", std::string(kRisk)}, {"method", std::string(kMethod)}});
    if (node.find("sub_score") != nullptr && rule.category != Category::kSelfHarm)
      problems_.add(node.mark, "'sub_score' is for the category self_harm");
    if (rule.idea.empty()) {
      fields.require("weight");
      if (rule.entity.empty()) problems_.add(node.mark, "a rule without an 'idea' needs an 'entity'");
    }
    fields.read("weight", rule.weight, {0.01, 0.99});
    fields.read("confidence", rule.confidence, {0.01, 1});
    take_examples(fields, rule.id);
    fields.finish();
    if (problems_.count() == before) book_.rules.push_back(std::move(rule));
  }

  void meeting(const Node& node) {
    MeetingDefinition meeting;
    const auto before = problems_.count();
    Fields fields(node, "a meeting", problems_);
    take_id(fields, meeting.id);
    take_category(fields, meeting.category);
    fields.read("entity", meeting.entity);
    fields.choose<std::string>({"sub_score"}, meeting.entity,
                               {{"risk", std::string(kRisk)}, {"method", std::string(kMethod)}});
    if (meeting.entity.empty()) problems_.add(node.mark, "a meeting needs an 'entity'");
    fields.require("ideas");
    fields.read("ideas", meeting.ideas);
    const std::set<std::string> distinct(meeting.ideas.begin(), meeting.ideas.end());
    if (distinct.size() != meeting.ideas.size() || distinct.size() < 2 || distinct.size() > 4)
      problems_.add(node.mark, "a meeting has two to four different ideas");
    for (const auto& idea : meeting.ideas)
      if (std::ranges::none_of(book_.rules, [&](const RuleDefinition& r) { return r.idea == idea; }))
        problems_.add(node.mark, "no rule has the idea '" + idea.substr(0, 64) + "'");
    std::uint64_t distance = 0;
    fields.require("within");
    fields.read("within", distance, 1, kMostDistance);
    meeting.distance = distance;
    fields.require("weight");
    fields.read("weight", meeting.weight, {0.01, 0.99});
    take_examples(fields, meeting.id);
    fields.finish();
    if (problems_.count() == before) book_.meetings.push_back(std::move(meeting));
  }

  RuleBook& book_;
  Problems& problems_;
  bool thorough_;
};

json::object to_json(const RuleDefinition& rule) {
  json::object out{{"id", rule.id}, {"category", to_string(rule.category)}, {"confidence", rule.confidence}};
  for (const auto& [name, all] : {std::pair("patterns", &rule.patterns), std::pair("toned", &rule.toned)}) {
    json::array patterns;
    for (const auto& pattern : *all) patterns.emplace_back(json::string(pattern));
    if (!patterns.empty()) out[name] = std::move(patterns);
  }
  if (!rule.entity.empty()) out["entity"] = rule.entity;
  if (!rule.idea.empty()) out["idea"] = rule.idea;
  for (const auto& [field, ideas] :
       {std::pair("withdraws", &rule.withdraws), std::pair("excuses", &rule.excuses)}) {
    json::array names;
    for (const auto& name : *ideas) names.emplace_back(json::string(name));
    if (!names.empty()) out[field] = std::move(names);
  }
  if (rule.exact_case) out["exact_case"] = true;
  if (rule.everyday) out["everyday"] = true;
  if (rule.weight > 0) out["weight"] = rule.weight;
  return out;
}

json::object to_json(const MeetingDefinition& meeting) {
  json::array ideas;
  for (const auto& idea : meeting.ideas) ideas.emplace_back(json::string(idea));
  return {{"id", meeting.id},           {"category", to_string(meeting.category)},
          {"entity", meeting.entity},   {"ideas", std::move(ideas)},
          {"within", meeting.distance}, {"weight", meeting.weight}};
}

// In this order: later files may use the vocabularies and ideas of earlier ones.
RuleBook read_shipped(bool thorough, std::vector<Problem>& all) {
  RuleBook book;
  for (const auto& [name, text] : shipped_rule_files()) {
    Problems problems("src/detect/rules/" + std::string(name));
    if (const auto root = parse_yaml(text, problems)) Reader(book, problems, thorough).file(*root);
    for (auto& problem : problems.take()) all.push_back(std::move(problem));
  }
  return book;
}

struct Shipped {
  std::vector<Problem> problems;
  RuleBook book = read_shipped(false, problems);
};

const Shipped& shipped() {
  static const Shipped instance;
  return instance;
}

std::vector<std::string_view> ids_of(const RuleBook& book) {
  std::vector<std::string_view> ids;
  for (const auto rules : {pii_rules(), secret_rules()})
    for (const auto& rule : rules) ids.push_back(rule.id);
  for (const auto& rule : book.rules) ids.push_back(rule.id);
  for (const auto& meeting : book.meetings) ids.push_back(meeting.id);
  return ids;
}

// The ids that a list names, sorted.
std::vector<std::string> read_ids(const Node& node, const char* name,
                                  const std::vector<std::string_view>& known, const std::string& what,
                                  Problems& problems) {
  std::vector<std::string> ids;
  for (const Node* text : texts_of(node, name, problems))
    if (std::ranges::find(known, text->text) == known.end())
      problems.add(text->mark,
                   "no " + what + " '" + text->text.substr(0, 64) + "'" + did_you_mean(text->text, known));
    else
      ids.push_back(text->text);
  std::ranges::sort(ids);
  const auto rest = std::ranges::unique(ids);
  ids.erase(rest.begin(), rest.end());
  return ids;
}

void read_weights(const Node& node, const RuleBook& book, RuleOptions& options, Problems& problems) {
  if (node.kind != Node::Kind::kMap) {
    problems.add(node.mark, "'weights' must be a mapping from rule ids to weights; found " +
                                std::string(describe(node)));
    return;
  }
  std::vector<std::string_view> weighted;
  for (const auto& rule : book.rules)
    if (rule.weight > 0) weighted.push_back(rule.id);
  for (const auto& meeting : book.meetings) weighted.push_back(meeting.id);
  for (const auto& member : node.members) {
    if (std::ranges::find(weighted, member.key) == weighted.end())
      problems.add(member.mark, "no rule with a weight is called '" + member.key.substr(0, 64) + "'" +
                                    did_you_mean(member.key, weighted));
    else if (const auto weight = read_number(member.value, "a weight", {0.01, 0.99}, problems))
      options.weights.emplace_back(member.key, *weight);
  }
  std::ranges::sort(options.weights);
}

void read_files(const Node& node, const std::optional<std::string>& directory, RuleBook& book,
                Problems& problems, std::vector<Problem>& elsewhere) {
  const auto paths = texts_of(node, "files", problems);
  if (paths.size() > kMostFiles) {
    problems.add(node.mark, "more than 16 files");
    return;
  }
  for (const Node* path : paths) {
    if (!directory) {
      problems.add(path->mark, "'files' only works in a policy that is itself a file");
      continue;
    }
    const auto where = path->text.starts_with('/') ? path->text : *directory + "/" + path->text;
    const auto text = read_file(where);
    if (!text) {
      problems.add(path->mark, text.error().front().message);
      continue;
    }
    Problems inside(where);
    if (const auto root = parse_yaml(*text, inside)) Reader(book, inside, true).file(*root);
    for (auto& problem : inside.take()) elsewhere.push_back(std::move(problem));
  }
}

void check_examples(const RuleBook& book, std::size_t from, const Node& node, Problems& problems) {
  for (std::size_t i = from; i < book.examples.size(); ++i) {
    const auto& example = book.examples[i];
    const auto rule = std::ranges::find(book.rules, example.id, &RuleDefinition::id);
    if (rule == book.rules.end()) continue;  // of a meeting
    const auto finds_it = [&](const std::string& pattern) {
      return finds(pattern, rule->exact_case, example.text);
    };
    const bool found =
        std::ranges::any_of(rule->patterns, finds_it) || std::ranges::any_of(rule->toned, finds_it);
    if (found != example.found)
      problems.add(node.mark, "rule '" + example.id + "' " + (found ? "finds" : "does not find") +
                                  " its example '" + example.text.substr(0, 60) + "'");
  }
}

}  // namespace

bool RuleBook::has(std::string_view id) const {
  return std::ranges::find(rules, id, &RuleDefinition::id) != rules.end() ||
         std::ranges::find(meetings, id, &MeetingDefinition::id) != meetings.end();
}

const RuleBook& shipped_rules() {
  return shipped().book;
}

std::vector<Problem> shipped_problems(bool thorough) {
  if (!thorough) return shipped().problems;
  std::vector<Problem> problems;
  read_shipped(true, problems);
  return problems;
}

std::vector<std::string> optional_rules() {
  std::vector<std::string> ids;
  for (const auto table : {pii_rules(), secret_rules()})
    for (const auto& rule : table)
      if (rule.optional) ids.emplace_back(rule.id);
  std::ranges::sort(ids);
  return ids;
}

std::vector<RuleSummary> list_rules(const RuleOptions& options) {
  std::vector<RuleSummary> all;
  const auto add = [&](RuleSummary one) {
    if (std::ranges::find(all, one.id, &RuleSummary::id) != all.end()) return;
    one.disabled = one.disabled || std::ranges::binary_search(options.disabled, one.id);
    for (const auto& [id, weight] : options.weights)
      if (id == one.id) one.weight = weight;
    all.push_back(std::move(one));
  };
  for (const auto table : {pii_rules(), secret_rules()})
    for (const auto& rule : table)
      add({.id = std::string(rule.id),
           .category = rule.category,
           .what = std::string(rule.entity),
           .weight = rule.weight > 0 ? rule.weight : rule.confidence,
           .disabled =
               rule.optional && !std::ranges::binary_search(options.enabled, rule.id, std::less<>())});
  const auto& book = shipped_rules();
  for (const auto& rules : {std::span(book.rules), std::span(options.rules)})
    for (const auto& rule : rules)
      add({.id = rule.id,
           .category = rule.category,
           .what = rule.idea.empty() ? rule.entity : rule.idea,
           .idea = !rule.idea.empty(),
           .weight = rule.weight > 0     ? rule.weight
                     : rule.idea.empty() ? rule.confidence
                                         : 0});
  for (const auto& meetings : {std::span(book.meetings), std::span(options.meetings)})
    for (const auto& meeting : meetings)
      add({.id = meeting.id, .category = meeting.category, .what = meeting.entity, .weight = meeting.weight});
  return all;
}

RuleOptions read_rule_options(const Node& node, const std::optional<std::string>& directory,
                              Problems& problems, std::vector<Problem>& elsewhere) {
  RuleOptions options;
  Fields fields(node, "'detection.rules'", problems);
  if (node.kind != Node::Kind::kMap) return options;
  RuleBook book = shipped_rules();
  const auto shipped_rule_count = book.rules.size(), shipped_meetings = book.meetings.size();
  const auto shipped_examples = book.examples.size();

  Reader reader(book, problems, true);
  if (const Node* files = fields.get("files")) read_files(*files, directory, book, problems, elsewhere);
  if (const Node* vocabularies = fields.get("vocabularies")) reader.vocabularies(*vocabularies);
  if (const Node* add = fields.get("add")) reader.rules(*add, "add");
  if (const Node* meetings = fields.get("meetings")) reader.meetings(*meetings);
  if (const Node* disable = fields.get("disable"))
    options.disabled = read_ids(*disable, "disable", ids_of(book), "rule", problems);
  const auto optional = optional_rules();
  if (const Node* enable = fields.get("enable"))
    options.enabled =
        read_ids(*enable, "enable", {optional.begin(), optional.end()}, "rule that is off", problems);
  if (const Node* weights = fields.get("weights")) read_weights(*weights, book, options, problems);
  fields.finish();
  check_examples(book, shipped_examples, node, problems);

  std::set<std::string_view> ideas;
  for (const auto& rule : book.rules)
    if (!rule.idea.empty()) {
      ideas.insert(rule.idea);
      ideas.insert(rule.withdraws.begin(), rule.withdraws.end());
      ideas.insert(rule.excuses.begin(), rule.excuses.end());
    }
  if (ideas.size() >= kMostIdeas)
    problems.add(node.mark, "more than 63 ideas, the program's " + std::to_string([&] {
                              std::set<std::string_view> own;
                              for (const auto& rule : shipped_rules().rules)
                                if (!rule.idea.empty()) own.insert(rule.idea);
                              return own.size();
                            }()) +
                                " included");
  options.rules.assign(book.rules.begin() + static_cast<std::ptrdiff_t>(shipped_rule_count),
                       book.rules.end());
  options.meetings.assign(book.meetings.begin() + static_cast<std::ptrdiff_t>(shipped_meetings),
                          book.meetings.end());
  return options;
}

json::value to_json(const RuleOptions& options) {
  json::object out;
  json::array disabled, enabled, rules, meetings;
  for (const auto& id : options.disabled) disabled.emplace_back(json::string(id));
  for (const auto& id : options.enabled) enabled.emplace_back(json::string(id));
  json::object weights;
  for (const auto& [id, weight] : options.weights) weights[id] = weight;
  for (const auto& rule : options.rules) rules.push_back(to_json(rule));
  for (const auto& meeting : options.meetings) meetings.push_back(to_json(meeting));
  if (!disabled.empty()) out["disable"] = std::move(disabled);
  if (!enabled.empty()) out["enable"] = std::move(enabled);
  if (!weights.empty()) out["weights"] = std::move(weights);
  if (!rules.empty()) out["add"] = std::move(rules);
  if (!meetings.empty()) out["meetings"] = std::move(meetings);
  return out;
}

}  // namespace plimsoll::detect
