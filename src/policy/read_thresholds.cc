#include <algorithm>
#include <array>

#include "document.h"
#include "yaml/fields.h"
#include "yaml/numbers.h"

namespace plimsoll::policy {

using namespace yaml;
namespace {

// A merge never passes without these, where the policy has them.
constexpr std::array<std::string_view, 4> kAlwaysRequired = {"quality.pass_at_5", "fairness.subgroup_delta",
                                                             "safety.harmful_rate", "drift.psi"};

enum class Operator { kNone, kAtLeast, kAbove, kAtMost, kBelow };

// The members of one threshold as written, before they are understood.
struct Form {
  std::optional<double> target, target_min, target_max, warn_at, block_above, block_below;
  std::optional<bool> above, below;  // block_above / block_below given as true or false
  Operator op = Operator::kNone;
};

void number(Fields& fields, std::string_view key, std::optional<double>& out, Problems& problems) {
  if (const Node* node = fields.get(key)) out = read_number(*node, key, {}, problems);
}

// A limit of its own, or whether passing the target blocks.
void limit_or_switch(Fields& fields, std::string_view key, std::optional<double>& limit,
                     std::optional<bool>& on, Problems& problems) {
  const Node* node = fields.get(key);
  if (node == nullptr) return;
  const auto value = to_json_value(*node);
  if (value.is_bool())
    on = value.get_bool();
  else if (value.is_number())
    limit = value.to_number<double>();
  else
    problems.add(node->mark, "'" + std::string(key) + "' must be a number, true or false; found " +
                                 std::string(describe(*node)));
}

// One side of a threshold. Upper limits are the mirror image of lower ones; `sign` is -1 for those.
struct Side {
  std::string_view target_name, block_name, side;
  double sign;
  std::optional<double>& limit;
  std::optional<double>& warn;

  bool beyond(double a, double b) const { return sign * a > sign * b; }

  // `soft` is target_max (or target_min), `block` is block_above (or block_below).
  void resolve(std::optional<double> soft, std::optional<double> block, std::optional<bool> on,
               const Mark& mark, Problems& problems) const {
    limit = soft;
    if (on && !soft) {
      problems.add(mark, "'" + std::string(block_name) + "' without a number needs '" +
                             std::string(target_name) + "'");
    } else if (on == false) {
      warn = soft;
      limit.reset();
    } else if (block) {
      if (soft && beyond(*soft, *block))
        problems.add(mark, "'" + std::string(block_name) + "' " + number_text(*block) + " blocks before '" +
                               std::string(target_name) + "' " + number_text(*soft) + " is reached");
      if (soft && *soft != *block) warn = soft;
      limit = block;
    }
  }

  void set_warning(double at, const Mark& mark, Problems& problems) const {
    if (warn && *warn != at) {
      problems.add(mark, "'warn_at' " + number_text(at) + " and '" + std::string(target_name) + "' " +
                             number_text(*warn) + " both say where warnings begin; keep one");
    } else if (limit && !beyond(*limit, at)) {
      problems.add(mark, "'warn_at' " + number_text(at) + " is never reached: the " + std::string(side) +
                             " limit is " + number_text(*limit));
    }
    warn = at;
  }
};

// Turns {target, operator} into a limit. Returns what should be target_min and target_max.
void apply_target(Form& form, const Node& node, Threshold& threshold, Problems& problems) {
  const bool lower = form.op == Operator::kAtLeast || form.op == Operator::kAbove;
  const bool upper = form.op == Operator::kAtMost || form.op == Operator::kBelow;
  if (form.op != Operator::kNone && !form.target) {
    if ((lower && !form.target_min && !form.block_below) || (upper && !form.target_max && !form.block_above))
      problems.add(node.mark, "'operator' needs a 'target' of its direction");
  }
  threshold.exclusive_minimum = form.op == Operator::kAbove;
  threshold.exclusive_maximum = form.op == Operator::kBelow;
  if (!form.target) return;
  const bool as_upper = upper || (!lower && (form.block_above || form.above));
  const bool as_lower = lower || (!upper && (form.block_below || form.below));
  if (as_upper == as_lower) {
    problems.add(node.mark,
                 "'target' has no direction; expected target_min, target_max, or an operator ('>=' or '<=')");
    return;
  }
  auto& side = as_upper ? form.target_max : form.target_min;
  if (side && *side != *form.target)
    problems.add(node.mark,
                 "'target' and '" + std::string(as_upper ? "target_max" : "target_min") + "' disagree");
  side = form.target;
}

Threshold read_threshold(std::string name, const Node& node, std::string& note, Problems& problems) {
  Threshold threshold;
  threshold.name = std::move(name);
  const std::size_t before = problems.count();
  Fields fields(node, "threshold '" + threshold.name + "'", problems);
  Form form;
  number(fields, "target", form.target, problems);
  number(fields, "target_min", form.target_min, problems);
  number(fields, "target_max", form.target_max, problems);
  number(fields, "warn_at", form.warn_at, problems);
  limit_or_switch(fields, "block_above", form.block_above, form.above, problems);
  limit_or_switch(fields, "block_below", form.block_below, form.below, problems);
  fields.choose<Operator>({"operator"}, form.op,
                          {{">=", Operator::kAtLeast},
                           {">", Operator::kAbove},
                           {"<=", Operator::kAtMost},
                           {"<", Operator::kBelow},
                           {"gte", Operator::kAtLeast},
                           {"gt", Operator::kAbove},
                           {"lte", Operator::kAtMost},
                           {"lt", Operator::kBelow}});
  const bool always = std::ranges::find(kAlwaysRequired, threshold.name) != kAlwaysRequired.end();
  threshold.required = always;
  fields.read("required", threshold.required);
  if (always && !threshold.required)
    problems.add(node.mark, "'" + threshold.name + "' is always required; leave the threshold out instead");
  fields.read("description", note);
  fields.finish();
  if (problems.count() != before) return threshold;

  apply_target(form, node, threshold, problems);
  const Side upper{"target_max", "block_above", "upper", 1, threshold.maximum, threshold.warn_above};
  const Side lower{"target_min", "block_below", "lower", -1, threshold.minimum, threshold.warn_below};
  upper.resolve(form.target_max, form.block_above, form.above, node.mark, problems);
  lower.resolve(form.target_min, form.block_below, form.below, node.mark, problems);

  const bool has_upper = threshold.maximum || threshold.warn_above;
  const bool has_lower = threshold.minimum || threshold.warn_below;
  if (form.warn_at && has_upper != has_lower) {
    (has_upper ? upper : lower).set_warning(*form.warn_at, node.mark, problems);
  } else if (form.warn_at) {
    problems.add(node.mark, "'warn_at' needs exactly one limit beside it, an upper or a lower one");
  }
  if (problems.count() != before) return threshold;
  if (!has_upper && !has_lower)
    problems.add(node.mark,
                 "threshold '" + threshold.name +
                     "' has no limit; expected target_min, target_max, block_above or block_below");
  if (threshold.minimum && threshold.maximum && *threshold.minimum > *threshold.maximum)
    problems.add(node.mark, "no value can pass: the lower limit " + number_text(*threshold.minimum) +
                                " is above the upper limit " + number_text(*threshold.maximum));
  return threshold;
}

bool is_metric(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '@';
  });
}

void add(std::string name, const Member& member, Document& document, Problems& problems) {
  constexpr std::size_t kMaxThresholds = 1000;
  if (document.thresholds.size() >= kMaxThresholds)
    return problems.add(member.mark, "more than " + std::to_string(kMaxThresholds) + " thresholds");
  if (!is_metric(member.key)) {
    problems.add(member.mark, "a metric's name is 1 to 64 letters, digits, '_', '-', '.' or '@'");
    return;
  }
  if (std::ranges::find(document.thresholds, name, &Threshold::name) != document.thresholds.end()) {
    problems.add(member.mark, "duplicate threshold '" + name + "'");
    return;
  }
  std::string note;
  document.thresholds.push_back(read_threshold(std::move(name), member.value, note, problems));
  document.threshold_notes.push_back(std::move(note));
}

// `thresholds.general: {access: …, cbrn: 0.15}`: a tier's risk thresholds, listed by tier.
void read_tier(std::size_t column, const Node& node, Document& document, Problems& problems) {
  if (node.kind != Node::Kind::kMap) {
    problems.add(node.mark, "a tier's thresholds must be a mapping; found " + std::string(describe(node)));
    return;
  }
  for (const Member& member : node.members) {
    if (member.key == "access") {
      if (auto text = read_text(member.value, "access", problems))
        document.columns.at(column).access = *std::move(text);
    } else if (const auto category = read_category(member.key, member.mark, problems)) {
      set_limit(document, column, *category, member.value, problems);
    }
  }
}

}  // namespace

void read_thresholds(const Node& node, Document& document, Problems& problems) {
  if (node.kind != Node::Kind::kMap) {
    problems.add(node.mark, "'thresholds' must be a mapping; found " + std::string(describe(node)));
    return;
  }
  for (const Member& group : node.members) {
    if (const auto column = parse_column(group.key)) {
      read_tier(*column, group.value, document, problems);
    } else if (group.key.contains('.')) {
      add(group.key, group, document, problems);
    } else if (group.value.kind != Node::Kind::kMap) {
      problems.add(group.value.mark, "'thresholds." + group.key + "' must be a mapping of metrics; found " +
                                         std::string(describe(group.value)));
    } else {
      if (!is_metric(group.key))
        problems.add(group.mark, "a group's name is 1 to 64 letters, digits, '_', '-', '.' or '@'");
      for (const Member& metric : group.value.members)
        add(group.key + "." + metric.key, metric, document, problems);
    }
  }
}

}  // namespace plimsoll::policy
