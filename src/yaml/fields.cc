#include "yaml/fields.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "yaml/numbers.h"

namespace plimsoll::yaml {
namespace {

// Optimal string alignment: insertions, deletions, changes and swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, last(b.size() + 1), now(b.size() + 1);
  std::iota(last.begin(), last.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before = last;
    last = now;
  }
  return last[b.size()];
}

// At most so much of what the author wrote is repeated in a message.
std::string quote(std::string_view text) {
  constexpr std::size_t kMost = 60;
  if (text.size() <= kMost) return "'" + std::string(text) + "'";
  std::size_t cut = kMost;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  return "'" + std::string(text.substr(0, cut)) + "…'";
}

std::string found(const Node& node) {
  return node.kind == Node::Kind::kScalar ? quote(node.text) : std::string(describe(node));
}

std::vector<std::string_view> category_names() {
  std::vector<std::string_view> names;
  names.reserve(kCategoryCount);
  for (std::size_t i = 0; i < kCategoryCount; ++i) names.push_back(to_string(static_cast<Category>(i)));
  return names;
}

}  // namespace

std::string_view closest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  if (word.size() > 64) return best;
  std::size_t least = std::min<std::size_t>(3, word.size() / 3 + 1) + 1;
  for (const auto candidate : candidates) {
    const auto d = distance(word, candidate);
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const auto best = closest(word, candidates);
  return best.empty() ? "" : "; did you mean '" + std::string(best) + "'?";
}

std::string one_of(std::span<const std::string_view> names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
    out += "'" + std::string(names[i]) + "'";
  }
  return out;
}

std::optional<std::string> read_text(const Node& node, std::string_view name, Problems& problems) {
  if (node.kind == Node::Kind::kScalar) return node.text;
  problems.add(node.mark, "'" + std::string(name) + "' must be text; found " + std::string(describe(node)));
  return std::nullopt;
}

std::optional<bool> read_bool(const Node& node, std::string_view name, Problems& problems) {
  const auto value = to_json_value(node);
  if (value.is_bool()) return value.get_bool();
  problems.add(node.mark, "'" + std::string(name) + "' must be true or false; found " + found(node));
  return std::nullopt;
}

std::optional<double> read_number(const Node& node, std::string_view name, Range range, Problems& problems) {
  const auto value = to_json_value(node);
  if (!value.is_number()) {
    problems.add(node.mark, "'" + std::string(name) + "' must be a number; found " + found(node));
    return std::nullopt;
  }
  const auto number = value.to_number<double>();
  if (number >= range.least && number <= range.most) return number;
  std::string message = "'" + std::string(name) + "' must be ";
  if (range.most == std::numeric_limits<double>::infinity())
    message += "at least " + number_text(range.least);
  else
    message += "from " + number_text(range.least) + " to " + number_text(range.most);
  problems.add(node.mark, message + "; found " + found(node));
  return std::nullopt;
}

std::optional<std::uint64_t> read_count(const Node& node, std::string_view name, std::uint64_t least,
                                        std::uint64_t most, Problems& problems) {
  const auto value = to_json_value(node);
  if (value.is_int64() && value.get_int64() >= 0) {
    const auto count = static_cast<std::uint64_t>(value.get_int64());
    if (count >= least && count <= most) return count;
  }
  problems.add(node.mark, "'" + std::string(name) + "' must be a whole number from " + std::to_string(least) +
                              " to " + std::to_string(most) + "; found " + found(node));
  return std::nullopt;
}

std::optional<Action> read_action(const Node& node, Problems& problems) {
  static constexpr std::array<std::string_view, 9> kNames = {
      "allow", "pass", "log_only", "safe_mode", "summarize", "redact", "mask", "escalate", "block"};
  if (node.kind == Node::Kind::kScalar) {
    const auto action = parse_action(node.text);
    if (action && *action != Action::kErrorBlock) return action;
  }
  problems.add(node.mark, "unknown action " + found(node) + did_you_mean(node.text, kNames) + " (expected " +
                              one_of(kNames) + ")");
  return std::nullopt;
}

std::optional<Category> read_category(const std::string& name, const Mark& mark, Problems& problems) {
  if (const auto category = parse_category(name)) return category;
  if (problems.full()) return std::nullopt;
  const auto names = category_names();
  const auto guess = did_you_mean(name, names);
  problems.add(mark, "unknown category " + quote(name) +
                         (guess.empty() ? "; expected one of " + one_of(names) : guess));
  return std::nullopt;
}

std::optional<std::vector<std::string>> read_texts(const Node& node, std::string_view name,
                                                   Problems& problems) {
  if (node.kind == Node::Kind::kScalar) return std::vector{node.text};
  if (node.kind != Node::Kind::kList) {
    problems.add(node.mark,
                 "'" + std::string(name) + "' must be a list of text; found " + std::string(describe(node)));
    return std::nullopt;
  }
  std::vector<std::string> out;
  for (const Node& item : node.items)
    if (auto text = read_text(item, name, problems)) out.push_back(*std::move(text));
  return out;
}

std::optional<Categories> read_categories(const Node& node, std::string_view name, Problems& problems) {
  if (node.kind != Node::Kind::kScalar && node.kind != Node::Kind::kList) {
    problems.add(node.mark, "'" + std::string(name) + "' must be a list of categories; found " +
                                std::string(describe(node)));
    return std::nullopt;
  }
  Categories out;
  const auto one = [&](const Node& item) {
    if (const auto text = read_text(item, name, problems))
      if (const auto category = read_category(*text, item.mark, problems)) out.add(*category);
  };
  if (node.kind == Node::Kind::kScalar) one(node);
  for (const Node& item : node.items) one(item);
  if (node.kind == Node::Kind::kList && node.items.empty())
    problems.add(node.mark, "'" + std::string(name) + "' names no category");
  return out;
}

Fields::Fields(const Node& node, std::string_view what, Problems& problems)
    : node_(node), what_(what), problems_(problems) {
  if (node.kind != Node::Kind::kMap)
    problems.add(node.mark, what_ + " must be a mapping; found " + std::string(describe(node)));
}

const Node* Fields::get(std::string_view key) {
  known_.push_back(key);
  return node_.find(key);
}

const Node* Fields::get(std::initializer_list<std::string_view> keys) {
  const Node* out = nullptr;
  for (const auto key : keys) {
    const Node* node = get(key);
    if (node != nullptr && out != nullptr)
      problems_.add(node->mark, "'" + std::string(key) + "' says the same as '" + std::string(*keys.begin()) +
                                    "'; keep one of them");
    if (out == nullptr) out = node;
  }
  return out;
}

void Fields::read(std::string_view key, std::string& out) {
  if (const Node* node = get(key))
    if (auto value = read_text(*node, key, problems_)) out = *std::move(value);
}
void Fields::read(std::string_view key, bool& out) {
  if (const Node* node = get(key))
    if (const auto value = read_bool(*node, key, problems_)) out = *value;
}
void Fields::read(std::string_view key, double& out, Range range) {
  if (const Node* node = get(key))
    if (const auto value = read_number(*node, key, range, problems_)) out = *value;
}
void Fields::read(std::string_view key, std::uint64_t& out, std::uint64_t least, std::uint64_t most) {
  if (const Node* node = get(key))
    if (const auto value = read_count(*node, key, least, most, problems_)) out = *value;
}
void Fields::read(std::string_view key, Action& out) {
  if (const Node* node = get(key))
    if (const auto value = read_action(*node, problems_)) out = *value;
}
void Fields::read(std::string_view key, Categories& out) {
  if (const Node* node = get(key))
    if (const auto value = read_categories(*node, key, problems_)) out = *value;
}
void Fields::read(std::string_view key, std::vector<std::string>& out) {
  if (const Node* node = get(key))
    if (auto value = read_texts(*node, key, problems_)) out = *std::move(value);
}

void Fields::require(std::string_view key) {
  if (node_.kind == Node::Kind::kMap && node_.find(key) == nullptr)
    problems_.add(node_.mark, what_ + " needs '" + std::string(key) + "'");
}

void Fields::finish() {
  for (const Member& member : node_.members) {
    if (problems_.full()) return;
    if (std::ranges::find(known_, member.key) != known_.end()) continue;
    const auto guess = did_you_mean(member.key, known_);
    problems_.add(member.mark, "unknown key " + quote(member.key) + " in " + what_ +
                                   (guess.empty() ? "; expected one of " + one_of(known_) : guess));
  }
}

void Fields::refuse_choice(const Node& node, std::string_view key, std::span<const std::string_view> known) {
  problems_.add(node.mark, "'" + std::string(key) + "' must be " + one_of(known) + "; found " + found(node));
}

}  // namespace plimsoll::yaml
