#include <algorithm>
#include <array>
#include <charconv>

#include "impl.h"
#include "scene.h"

namespace plimsoll::policy {
namespace {

// A piece of a condition, just enough of its grammar to compare conditions and to see a score beside a
// number.
struct Token {
  enum class Kind { kName, kNumber, kOther };
  Kind kind;
  std::string_view text;
  std::size_t offset;
};

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

std::size_t end_of_string(std::string_view s, std::size_t i) {
  const char quote = s[i];
  for (++i; i < s.size() && s[i] != quote; ++i)
    if (s[i] == '\\') ++i;
  return std::min(i + 1, s.size());
}

std::vector<Token> tokens_of(std::string_view s) {
  std::vector<Token> out;
  for (std::size_t i = 0; i < s.size();) {
    const std::size_t start = i;
    auto kind = Token::Kind::kOther;
    if (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r') {
      ++i;
      continue;
    }
    if (s[i] == '/' && s.substr(i).starts_with("//")) {
      i = std::min(s.find('\n', i), s.size());
      continue;
    }
    if (s[i] == '"' || s[i] == '\'') {
      i = end_of_string(s, i);
    } else if (is_name_char(s[i])) {
      kind = s[i] >= '0' && s[i] <= '9' ? Token::Kind::kNumber : Token::Kind::kName;
      while (i < s.size() && is_name_char(s[i])) ++i;
    } else {
      const bool two =
          i + 1 < s.size() && (s[i + 1] == '=' || (s[i + 1] == s[i] && (s[i] == '&' || s[i] == '|')));
      i += two ? 2 : 1;
    }
    out.push_back({kind, s.substr(start, i - start), start});
  }
  return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view lower) {
  return a.size() == lower.size() && std::ranges::equal(a, lower, [](char x, char y) {
           return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x) == y;
         });
}

// The condition without its spelling: spaces, comments, `and` for `&&`.
std::string normal_form(std::string_view condition) {
  std::string out;
  for (const Token& token : tokens_of(condition)) {
    if (equals_ignoring_case(token.text, "and"))
      out += "&&";
    else if (equals_ignoring_case(token.text, "or"))
      out += "||";
    else if (equals_ignoring_case(token.text, "not"))
      out += "!";
    else
      out += token.text;
    out += ' ';
  }
  return out;
}

bool is_score(std::string_view name) {
  return name.starts_with("scores.") || name.ends_with("_score") || name.ends_with("verbatim_ratio");
}

std::string_view mirrored(std::string_view op) {
  return op == "<" ? ">" : op == "<=" ? ">=" : op == ">" ? "<" : op == ">=" ? "<=" : op;
}

// Whether `score op number` is the same for every score from 0 to 1.
bool is_pointless(std::string_view op, double number) {
  if (op == ">" || op == "<=") return number >= 1 || number < 0;
  if (op == ">=" || op == "<") return number > 1 || number <= 0;
  return (op == "==" || op == "!=") && (number > 1 || number < 0);
}

// "prompt.jailbreak_score > 80": a percentage where a probability is meant.
void check_scores(std::string_view source, const Rule& rule, Problems& problems) {
  const auto tokens = tokens_of(rule.condition);
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    const bool forward = tokens[i].kind == Token::Kind::kName && tokens[i + 2].kind == Token::Kind::kNumber;
    const bool backward = tokens[i].kind == Token::Kind::kNumber && tokens[i + 2].kind == Token::Kind::kName;
    if (!forward && !backward) continue;
    const Token& name = tokens[forward ? i : i + 2];
    const Token& literal = tokens[forward ? i + 2 : i];
    const auto op = forward ? tokens[i + 1].text : mirrored(tokens[i + 1].text);
    double number = 0;
    const char* end = literal.text.data() + literal.text.size();
    if (!is_score(name.text) || std::from_chars(literal.text.data(), end, number).ptr != end) continue;
    if (!is_pointless(op, number)) continue;
    std::size_t line = 1, column = 1;
    for (const char c : std::string_view(rule.condition).substr(0, literal.offset)) {
      column = c == '\n' ? 1 : column + 1;
      line += c == '\n' ? 1U : 0U;
    }
    problems.add(place_in_scalar(source, rule.source, line, column),
                 "'" + std::string(name.text) + "' is from 0 to 1, so comparing it with " +
                     std::string(literal.text) + " always gives the same answer");
  }
}

class Nothing : public cel::Activation {
 public:
  cel::Value get(std::size_t) const override { return {}; }
};

void check_constant(const Rule& rule, const cel::Program& program, Problems& problems) {
  if (!program.variables().empty()) return;
  const auto value = program.evaluate(Nothing());
  if (!value)
    problems.add(rule.source.mark, "the condition always fails: " + value.error().message);
  else if (value->kind() != cel::Type::Kind::kBool || !value->as_bool())
    problems.add(rule.source.mark, "the condition is never true, so the rule never fires");
}

void check_direction(const Rule& rule, const cel::Program& program, Problems& problems) {
  if (rule.on_prompt && rule.on_output) return;
  const auto judged = rule.on_prompt ? Direction::kPrompt : Direction::kOutput;
  for (const std::size_t index : program.variables()) {
    const Variable& variable = vocabulary().variables()[index];
    if (variable.only && *variable.only != judged) {
      problems.add(rule.source.mark, "'" + variable.name +
                                         "' is always empty where the rule applies (when: " +
                                         std::string(to_string(judged)) + ")");
      return;
    }
  }
}

bool overlap(const Rule& a, const Rule& b) {
  return (a.on_prompt && b.on_prompt) || (a.on_output && b.on_output);
}

// Whether `later` changes nothing that `earlier`, with the same condition, has not done.
bool hides(const Rule& earlier, const Rule& later) {
  if (earlier.shadow != later.shadow || !overlap(earlier, later)) return false;
  return earlier.action == later.action || (!allows(earlier.action) && later.action < earlier.action);
}

}  // namespace

void check_rules(std::string_view source, const Document& document, const std::vector<CompiledRule>& rules,
                 Problems& problems) {
  std::vector<std::pair<std::string, const Rule*>> seen;
  for (const CompiledRule& compiled : rules) {
    const Rule& rule = document.rules[compiled.index];
    check_constant(rule, compiled.program, problems);
    check_direction(rule, compiled.program, problems);
    check_scores(source, rule, problems);
    auto form = normal_form(rule.condition);
    for (const auto& [other_form, other] : seen)
      if (other_form == form && hides(*other, rule)) {
        problems.add(rule.source.mark, "rule '" + rule.id + "' has the condition of rule '" + other->id +
                                           "' (line " + std::to_string(other->mark.line) +
                                           "), which already does as much; merge them");
        break;
      }
    seen.emplace_back(std::move(form), &rule);
  }
}

}  // namespace plimsoll::policy
