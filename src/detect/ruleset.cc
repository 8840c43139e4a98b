#include "ruleset.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <iterator>
#include <map>
#include <thread>
#include <utility>

#include "base/hash.h"
#include "intern.h"

namespace plimsoll::detect {
namespace {

// Changes with the code around the rules, when the same rules would find something else.
constexpr std::string_view kCodeRevision = "16";

// A pattern for text whose white space has become blanks, in which lines begin anywhere.
std::string for_folded(std::string_view pattern, bool exact_case) {
  std::string out;
  const auto portable = portable_pattern(pattern, exact_case);
  bool in_class = false;
  for (std::size_t i = 0; i < portable.size(); ++i) {
    const char c = portable[i];
    if (c == '\\' && i + 1 < portable.size()) {
      const char escaped = portable[++i];
      if (escaped == 'n' || escaped == 'r' || escaped == 't' || escaped == 'f')
        out += ' ';
      else
        (out += c) += escaped;
      continue;
    }
    in_class = c == '[' || (in_class && c != ']');
    if (c == '^' && !in_class) continue;
    out += c == '\n' || c == '\r' || c == '\t' || c == '\f' ? ' ' : c;
  }
  return out;
}

// Whether Hyperscan must look for the rule.
bool needs_trigger(const CompiledRule& compiled) {
  return !compiled.rule->everyday && !compiled.by_first_words &&
         (!compiled.rule->trigger.empty() || compiled.automaton.literals.empty());
}

// Of the rules that are wanted.
Result<Triggerer> compile_triggers(std::span<const CompiledRule> rules, auto wanted) {
  Triggerer triggerer;
  std::map<std::string, std::vector<RuleIndex>> patterns;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto& rule = *rules[i].rule;
    const auto index = static_cast<RuleIndex>(i);
    if (!wanted(rule) || !needs_trigger(rules[i])) continue;
    patterns[for_folded(rule.trigger.empty() ? rule.pattern : rule.trigger, rule.exact_case)].push_back(
        index);
    triggerer.longest = std::max(triggerer.longest, rules[i].automaton.longest);
    triggerer.by_line =
        triggerer.by_line && !tells_of_words(rule.category) && rule.tail == Tail::kNone &&
        std::ranges::none_of(rules[i].automaton.states, [](const auto& state) { return state.reads['\n']; });
  }
  std::vector<const char*> expressions;
  std::vector<unsigned> ids, flags;
  for (auto& [pattern, users] : patterns) {
    expressions.push_back(pattern.c_str());
    ids.push_back(static_cast<unsigned>(ids.size()));
    flags.push_back(HS_FLAG_MULTILINE | HS_FLAG_CASELESS);
    triggerer.rules.push_back(std::move(users));
  }
  if (patterns.empty()) return triggerer;
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(expressions.data(), flags.data(), ids.data(), static_cast<unsigned>(ids.size()),
                       HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS) {
    std::string message = error->message;
    if (error->expression >= 0)
      message += std::string(" in ") + expressions[static_cast<std::size_t>(error->expression)];
    hs_free_compile_error(error);
    return fail(Code::kInvalid, std::move(message));
  }
  triggerer.database.reset(database);
  return triggerer;
}

// The ideas that are not everyday words and that one of `ideas` may meet.
IdeaSet partners_of(IdeaSet ideas, IdeaSet everyday, std::span<const Meeting> meetings) {
  IdeaSet partners = 0;
  for (const auto& m : meetings)
    if ((m.ideas & ideas) != 0) partners |= m.ideas;
  return partners & ~everyday;
}

// The ideas that some rule for everyday words stands for; and none.
template <class Rules>
IdeaSet everyday_among(const Rules& rules) {
  IdeaSet everyday = set_of(Idea::kNone);
  for (const Rule& rule : rules)
    if (rule.everyday) everyday |= set_of(rule.idea);
  return everyday;
}

// What rules are about: what they stand for, what they withdraw, and what they excuse.
IdeaSet ideas_of(const Rule& rule) {
  return set_of(rule.idea) | rule.withdraws | rule.excuses;
}

std::string revision_of(const RuleSet& set) {
  std::string all(kCodeRevision);
  const auto add = [&](std::string_view field) { (all += field) += '\n'; };
  const auto number = [&](double n) { add(std::to_string(n)); };
  for (const auto& compiled : set.rules()) {
    const auto& r = *compiled.rule;
    for (const auto field : {r.id, to_string(r.category), r.entity, r.pattern}) add(field);
    for (const auto n :
         {r.confidence, r.weight, r.exact_case ? 1. : 0., r.toned ? 1. : 0., static_cast<double>(r.tail),
          static_cast<double>(r.idea), static_cast<double>(r.withdraws), static_cast<double>(r.excuses),
          r.check != nullptr ? 1. : 0.})
      number(n);
  }
  for (const auto& m : set.meetings()) {
    for (const auto field : {m.id, to_string(m.category), m.entity}) add(field);
    for (const auto n : {static_cast<double>(m.ideas), static_cast<double>(m.distance), m.weight}) number(n);
  }
  return "rules-" + to_hex(bytes_of(sha256(all))).substr(0, 12);
}

Result<Automaton> make_automaton(std::string_view pattern, bool exact_case) {
  auto automaton = parse_pattern(pattern, exact_case);
  if (automaton && automaton->longest > kMaxMatch)
    return fail(Code::kInvalid, "a match may have " + std::to_string(automaton->longest) +
                                    " bytes; at most " + std::to_string(kMaxMatch) + " are allowed");
  return automaton;
}

std::unique_ptr<RE2> make_expression(std::string_view pattern, bool exact_case) {
  RE2::Options options(RE2::Latin1);
  options.set_case_sensitive(exact_case);
  options.set_log_errors(false);
  options.set_max_mem(8 << 20);
  // RE2 looks for the first byte of (?:é|É) as if it were a character of its own: not where it stands behind something.
  const bool ascii =
      std::ranges::all_of(pattern, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return std::make_unique<RE2>(
      (ascii ? "(?m:" : "(?m:(?:\\b|\\B)") + portable_pattern(pattern, exact_case) + ")", options);
}

struct Usable {
  std::unique_ptr<RE2> expression;
  Automaton automaton;
};

Result<Usable> make_usable(std::string_view pattern, bool exact_case) {
  auto automaton = make_automaton(pattern, exact_case);
  if (!automaton) return std::unexpected(std::move(automaton).error());
  auto expression = make_expression(pattern, exact_case);
  if (!expression->ok()) return fail(Code::kInvalid, expression->error());
  return Usable{.expression = std::move(expression), .automaton = *std::move(automaton)};
}

using Work = std::function<Result<void>()>;
// All of the work, on two threads where there are as many processors; the first thing that went wrong.
Result<void> do_all(std::span<const Work> work) {
  std::atomic<std::size_t> next = 0;
  std::vector<Result<void>> results(work.size());
  const auto some = [&] {
    for (std::size_t i = next++; i < work.size(); i = next++) results[i] = work[i]();
  };
  {
    std::jthread other;
    if (std::thread::hardware_concurrency() > 1) other = std::jthread(some);
    some();
  }
  for (auto& result : results)
    if (!result) return std::move(result);
  return {};
}

bool is_disabled(std::string_view id, const RuleOptions& options) {
  return std::ranges::binary_search(options.disabled, id, std::less<>());
}

bool is_enabled(std::string_view id, const RuleOptions& options) {
  return std::ranges::binary_search(options.enabled, id, std::less<>());
}

double weight_of(std::string_view id, double weight, const RuleOptions& options) {
  const auto found =
      std::ranges::find(options.weights, id, [](const auto& w) { return std::string_view(w.first); });
  return found == options.weights.end() ? weight : found->second;
}

}  // namespace

const RE2& Expression::get() const {
  std::call_once(made_, [this] { expression_ = make_expression(pattern_, exact_case_); });
  return *expression_;
}

const text::Normalizer& normalizer() {
  static const auto made = text::Normalizer::create();
  return made.value();
}

Result<void> usable_pattern(std::string_view pattern, bool exact_case, bool everyday) {
  auto usable = make_usable(pattern, exact_case);
  if (!usable) return std::unexpected(std::move(usable).error());
  // Found by itself: then Hyperscan must take it, too.
  if (!everyday && usable->automaton.literals.empty()) {
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    if (hs_compile(portable_pattern(pattern, exact_case).c_str(), HS_FLAG_MULTILINE | HS_FLAG_CASELESS,
                   HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS) {
      std::string message = error->message;
      hs_free_compile_error(error);
      return fail(Code::kInvalid, std::move(message));
    }
    hs_free_database(database);
  }
  return {};
}

bool finds(std::string_view pattern, bool exact_case, std::string_view text) {
  const auto usable = make_usable(normalizer().in_pattern(pattern), exact_case);
  const auto view = normalizer().normalize(text);
  return usable && RE2::PartialMatch({view.text().data(), view.text().size()}, *usable->expression);
}

Result<Idea> RuleSet::idea(std::string_view name) {
  if (name.empty()) return Idea::kNone;
  auto found = std::ranges::find(ideas_, name);
  if (found == ideas_.end()) {
    if (ideas_.size() == kMostIdeas) return fail(Code::kInvalid, "more than 63 ideas");
    ideas_.push_back(intern(name));
    found = ideas_.end() - 1;
  }
  return static_cast<Idea>(found - ideas_.begin());
}

Result<void> RuleSet::add(const RuleDefinition& d) {
  const auto own = idea(d.idea);
  if (!own) return std::unexpected(own.error());
  IdeaSet withdraws = 0, excuses = 0;
  for (const auto& [names, ideas] : {std::pair(&d.withdraws, &withdraws), std::pair(&d.excuses, &excuses)})
    for (const auto& name : *names) {
      const auto number = idea(name);
      if (!number) return std::unexpected(number.error());
      *ideas |= set_of(*number);
    }
  const bool of_words = tells_of_words(d.category);
  for (const auto& [patterns, toned] : {std::pair(&d.patterns, false), std::pair(&d.toned, true)})
    for (const auto& pattern : *patterns)
      definitions_.push_back(
          {.id = intern(d.id),
           .category = d.category,
           .entity = intern(d.entity),
           .pattern = patterns_.emplace_back(of_words ? normalizer().in_pattern(pattern) : pattern),
           .exact_case = d.exact_case,
           .toned = toned,
           .confidence = d.confidence,
           .weight = d.weight,
           .idea = *own,
           .withdraws = withdraws,
           .excuses = excuses,
           .everyday = d.everyday});
  return {};
}

Result<void> RuleSet::define(const RuleBook& book, const RuleOptions& options) {
  for (const auto table : {pii_rules(), secret_rules()})
    for (const auto& rule : table) definitions_.push_back(rule);
  for (const auto& rules : {std::span(book.rules), std::span(options.rules)})
    for (const auto& rule : rules)
      if (auto added = add(rule); !added) return added;
  for (const auto& meetings : {std::span(book.meetings), std::span(options.meetings)})
    for (const auto& m : meetings) {
      if (is_disabled(m.id, options)) continue;
      IdeaSet ideas = 0;
      for (const auto& name : m.ideas)
        if (const auto number = idea(name))
          ideas |= set_of(*number);
        else
          return std::unexpected(number.error());
      meetings_.push_back({.id = intern(m.id),
                           .category = m.category,
                           .entity = intern(m.entity),
                           .ideas = ideas,
                           .distance = m.distance,
                           .weight = weight_of(m.id, m.weight, options)});
    }
  std::erase_if(definitions_, [&](const Rule& rule) {
    return is_disabled(rule.id, options) || (rule.optional && !is_enabled(rule.id, options));
  });
  for (auto& rule : definitions_)
    if (rule.weight > 0) rule.weight = weight_of(rule.id, rule.weight, options);
  return {};
}

Result<void> RuleSet::compile_rules() {
  std::vector<std::vector<LiteralScan::Entry>> entries(rules_.size());
  const auto one = [&entries](std::size_t i, CompiledRule& compiled) -> Result<void> {
    auto automaton = make_automaton(compiled.rule->pattern, compiled.rule->exact_case);
    if (!automaton) return std::unexpected(std::move(automaton).error());
    compiled.automaton = *std::move(automaton);
    compiled.opening = Opening(compiled.automaton);
    const auto& rule = *compiled.rule;
    if (!rule.trigger.empty() || rule.tail != Tail::kNone) compiled.automaton.beginnings.clear();
    compiled.by_first_words = compiled.automaton.literals.empty() && !compiled.automaton.beginnings.empty();
    compiled.by_digits = rule.needs_digits && (!rule.trigger.empty() || compiled.automaton.literals.empty());
    compiled.expression = std::make_unique<Expression>(rule.pattern, rule.exact_case);
    if (!rule.trigger.empty() || compiled.by_first_words || compiled.automaton.literals.empty()) return {};
    const auto& literals = compiled.automaton.literals;
    const auto reaches = reaches_of(compiled.automaton);
    for (std::size_t k = 0; k < literals.size(); ++k)
      entries[i].push_back(
          {.literal = literals[k], .use = {.rule = static_cast<RuleIndex>(i), .reach = reaches[k]}});
    compiled.automaton.alternatives = std::vector<Automaton>();
    return {};
  };
  const auto in_parts = [&](std::vector<Work>& work, auto wanted) {
    constexpr std::size_t kAtOnce = 16;
    for (std::size_t from = 0; from < rules_.size(); from += kAtOnce)
      work.emplace_back([this, from, one, wanted]() -> Result<void> {
        for (auto i = from; i < std::min(from + kAtOnce, rules_.size()); ++i)
          if (wanted(*rules_[i].rule))
            if (Result<void> done = one(i, rules_[i]); !done)
              return std::unexpected(std::move(done).error().in(rules_[i].rule->id));
        return {};
      });
  };
  const auto triggers = [this](Triggerer& triggerer, auto wanted) {
    return [this, &triggerer, wanted]() -> Result<void> {
      auto compiled = compile_triggers(rules_, wanted);
      if (!compiled) return std::unexpected(std::move(compiled).error());
      triggerer = *std::move(compiled);
      return {};
    };
  };
  const auto of_words = [](const Rule& rule) { return tells_of_words(rule.category); };
  const auto of_data = [](const Rule& rule) { return !tells_of_words(rule.category); };
  // Hyperscan takes half of the time, and is needed for data alone, most often: the rest is done beside it.
  std::vector<Work> work;
  in_parts(work, of_data);
  if (auto done = do_all(work); !done) return done;
  work.clear();
  for (const bool digits : {true, false})
    work.emplace_back(triggers(digits ? digits_ : words_, [of_data, digits](const Rule& rule) {
      return of_data(rule) && rule.needs_digits == digits;
    }));
  in_parts(work, of_words);
  if (auto done = do_all(work); !done) return done;
  gather(entries);
  if (std::ranges::any_of(
          rules_, [&](const auto& compiled) { return of_words(*compiled.rule) && needs_trigger(compiled); }))
    return triggers(words_, [](const Rule& rule) { return !rule.needs_digits; })();
  return {};
}

void RuleSet::gather(std::span<const std::vector<LiteralScan::Entry>> entries) {
  for (std::size_t i = 0; i < rules_.size(); ++i)
    if (rules_[i].rule->tail != Tail::kNone)
      for (const auto& literal : rules_[i].automaton.literals)
        tailed_.push_back({.rule = static_cast<RuleIndex>(i), .literal = literal.bytes});

  std::vector<FirstWords::Entry> words, data_words, everyday_words;
  std::vector<LiteralScan::Entry> always, data, everyday;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const auto& rule = *rules_[i].rule;
    const bool of_data = !tells_of_words(rule.category);
    auto& to = rule.everyday ? everyday : always;
    to.insert(to.end(), entries[i].begin(), entries[i].end());
    if (of_data) data.insert(data.end(), entries[i].begin(), entries[i].end());
    if (!rules_[i].by_first_words) continue;
    for (const auto& beginning : rules_[i].automaton.beginnings) {
      const FirstWords::Entry entry{.beginning = beginning, .rule = static_cast<RuleIndex>(i)};
      (rule.everyday ? everyday_words : words).push_back(entry);
      if (of_data) data_words.push_back(entry);
    }
  }
  (void)do_all(std::vector<Work>{[&]() -> Result<void> {
                                   literals_ = LiteralScan(always);
                                   return {};
                                 },
                                 [&]() -> Result<void> {
                                   first_words_ = FirstWords(words);
                                   data_first_words_ = FirstWords(data_words);
                                   everyday_first_words_ = FirstWords(everyday_words);
                                   data_literals_ = LiteralScan(data);
                                   everyday_literals_ = LiteralScan(everyday);
                                   return {};
                                 }});
}

// Words that say something alone, or of which some meet nothing but each other, are looked for everywhere.
void RuleSet::settle_everyday() {
  const auto everyday = everyday_among(definitions_);
  for (auto& rule : definitions_)
    rule.everyday =
        rule.everyday && rule.weight == 0 && std::ranges::none_of(meetings_, [&](const Meeting& m) {
          return (m.ideas & ideas_of(rule)) != 0 && (m.ideas & ~everyday) == 0;
        });
}

void RuleSet::find_meetings_of_everyday() {
  const auto everyday = everyday_among(definitions_);
  met_.resize(ideas_.size());
  struct Group {
    IdeaSet about = 0, excuses = 0;
    bool operator==(const Group&) const = default;
  };
  std::vector<Group> groups;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    auto& compiled = rules_[i];
    const auto& rule = *compiled.rule;
    if (!rule.everyday) continue;
    const auto about = ideas_of(rule);
    everyday_.push_back({.rule = static_cast<RuleIndex>(i),
                         .partners = partners_of(about, everyday, meetings_),
                         .has_places = compiled.by_first_words || !compiled.automaton.literals.empty()});
    const Group own{about, rule.excuses};
    const auto group = std::ranges::find(groups, own);
    compiled.everyday_group = static_cast<std::uint16_t>(group - groups.begin());
    if (group == groups.end()) groups.push_back(own);
  }
  everyday_groups_ = groups.size();
  for (std::size_t idea = 1; idea < ideas_.size(); ++idea)
    for (std::size_t group = 0; group < groups.size(); ++group) {
      std::size_t distance = 0;
      for (const auto& m : meetings_) {
        if ((m.ideas & groups[group].about) == 0 ||
            (m.ideas & ~everyday & set_of(static_cast<Idea>(idea))) == 0)
          continue;
        // What is excused may be that far from what it meets, and begins behind the excuse.
        const auto before = (m.ideas & groups[group].excuses) != 0 ? kMaxMatch + kWithdrawal : 0;
        distance = std::max(distance, m.distance + before);
      }
      if (distance > 0)
        met_[idea].push_back(
            {.group = static_cast<std::uint16_t>(group), .distance = static_cast<std::uint16_t>(distance)});
    }
}

void RuleSet::forget_states() {
  for (auto& compiled : rules_) {
    // Assigning braces would keep the memory.
    compiled.automaton.states = std::vector<Automaton::State>();
    compiled.automaton.first = std::vector<std::uint32_t>();
    compiled.automaton.literals = std::vector<Literal>();
    compiled.automaton.beginnings = std::vector<Beginning>();
  }
}

Result<RuleSet> RuleSet::compile(const RuleOptions& options) {
  RuleSet set;
  if (const auto problems = shipped_problems(false); !problems.empty())
    return fail(Code::kInvalid, yaml::to_string(problems.front()));
  if (auto defined = set.define(shipped_rules(), options); !defined)
    return std::unexpected(std::move(defined).error());
  set.settle_everyday();
  for (const auto& rule : set.definitions_)
    set.rules_.push_back({.rule = &rule, .expression = nullptr, .automaton = {}, .opening = {}});
  if (auto compiled = set.compile_rules(); !compiled) return std::unexpected(std::move(compiled).error());
  set.find_meetings_of_everyday();
  set.revision_ = revision_of(set);
  return set;
}

}  // namespace plimsoll::detect
