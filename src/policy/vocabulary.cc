#include "scene.h"

namespace plimsoll::policy {
namespace {

using cel::Type;
using cel::Value;

cel::Value category_score(const Scene& s, std::size_t category) {
  return Value::number(s.score(static_cast<Category>(category)));
}
cel::Value contains(const Scene& s, std::size_t category) {
  return Value::boolean(s.contains(static_cast<Category>(category)));
}

Field about(Category category, std::string name, Type type, Value (*get)(const Scene&, std::size_t)) {
  return {std::move(name), std::move(type), get, static_cast<std::size_t>(category), category};
}
Field plain(std::string name, Type type, Value (*get)(const Scene&, std::size_t)) {
  return {std::move(name), std::move(type), get, 0, std::nullopt};
}

// What a request says of itself or the detectors say of it, whichever is more.
std::vector<Field> risk_fields() {
  std::vector<Field> out;
  out.push_back(about(Category::kPii, "contains_pii", Type::boolean(), contains));
  out.push_back(about(Category::kSecret, "contains_secrets", Type::boolean(), contains));
  out.push_back(about(Category::kDisguise, "disguised", Type::boolean(), contains));
  out.push_back(about(Category::kVerbatim, "verbatim_ratio", Type::number(), category_score));
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    out.push_back(
        about(category, std::string(to_string(category)) + "_score", Type::number(), category_score));
  }
  return out;
}

std::vector<Field> text_fields() {
  auto out = risk_fields();
  Field text = plain("text", Type::string(),
                     [](const Scene& s, std::size_t) { return Value::borrowed_string(s.text()); });
  text.is_text = true;
  out.push_back(std::move(text));
  out.push_back(plain("length", Type::integer(), [](const Scene& s, std::size_t) {
    return Value::integer(static_cast<std::int64_t>(s.text().size()));
  }));
  return out;
}

std::vector<Field> score_fields() {
  std::vector<Field> out;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    out.push_back(about(category, std::string(to_string(category)), Type::number(), category_score));
  }
  return out;
}

std::vector<Field> pii_fields() {
  std::vector<Field> out;
  out.push_back(about(Category::kPii, "found", Type::boolean(), contains));
  out.push_back(about(Category::kPii, "entities", Type::list(Type::string()),
                      [](const Scene& s, std::size_t) { return s.entities(); }));
  out.push_back(about(Category::kPii, "count", Type::integer(), [](const Scene& s, std::size_t) {
    std::int64_t count = 0;
    for (const Finding& f : s.facts().found.findings)
      if (f.category == Category::kPii) ++count;
    return Value::integer(count);
  }));
  return out;
}

Value tier_name(const Scene& s, std::size_t) {
  const auto& tier = s.facts().caller.tier;
  return Value::borrowed_string(tier ? to_string(*tier) : std::string_view());
}
Value user(const Scene& s, std::size_t) {
  const auto& f = s.facts();
  return Value::borrowed_string(f.caller.user.empty() ? f.context.user : f.caller.user);
}
Value org(const Scene& s, std::size_t) {
  const auto& f = s.facts();
  return Value::borrowed_string(f.caller.org.empty() ? f.context.org : f.caller.org);
}
Value lawful_basis(const Scene& s, std::size_t) {
  return Value::boolean(s.lawful_basis());
}

std::vector<Field> caller_fields() {
  std::vector<Field> out;
  out.push_back(plain("user", Type::string(), user));
  out.push_back(plain("org", Type::string(), org));
  out.push_back(plain("tier", Type::string(), tier_name));
  out.push_back(plain("authenticated", Type::boolean(), [](const Scene& s, std::size_t) {
    return Value::boolean(s.facts().caller.authenticated);
  }));
  out.push_back(plain("lawful_basis", Type::boolean(), lawful_basis));
  return out;
}

// Names without a dot: what a `context` may claim, under the same name, and what the request is.
std::vector<Field> bare_fields() {
  auto out = risk_fields();
  out.push_back(plain("lawful_basis", Type::boolean(), lawful_basis));
  out.push_back(plain("tier", Type::string(), tier_name));
  out.push_back(plain("user_id", Type::string(), user));
  out.push_back(plain("org_id", Type::string(), org));
  out.push_back(plain("context", Type::map(Type::string(), Type::dyn()),
                      [](const Scene& s, std::size_t) { return s.context(); }));
  out.push_back(plain("findings", Type::list(Type::object("Finding")),
                      [](const Scene& s, std::size_t) { return s.findings(); }));
  out.push_back(
      plain("tools", Type::list(Type::string()), [](const Scene& s, std::size_t) { return s.tools(); }));
  out.push_back(plain("model", Type::string(), [](const Scene& s, std::size_t) {
    return Value::borrowed_string(s.facts().conversation.model);
  }));
  out.push_back(plain("surface", Type::string(), [](const Scene& s, std::size_t) {
    return Value::borrowed_string(s.facts().conversation.surface);
  }));
  out.push_back(plain("direction", Type::string(), [](const Scene& s, std::size_t) {
    return Value::borrowed_string(to_string(s.facts().conversation.direction));
  }));
  out.push_back(plain("stream", Type::boolean(), [](const Scene& s, std::size_t) {
    return Value::boolean(s.facts().conversation.stream);
  }));
  return out;
}

}  // namespace

void Vocabulary::declare(Variable variable) {
  environment_.declare(variable.name, variable.field.type);
  variables_.push_back(std::move(variable));
}

Vocabulary::Vocabulary() {
  environment_.allow_spelled_operators(true);
  environment_.declare_object("Finding", {{"category", Type::string()},
                                          {"entity", Type::string()},
                                          {"detector", Type::string()},
                                          {"confidence", Type::number()},
                                          {"segment", Type::integer()}});
  groups_.push_back({"prompt", "Text", text_fields(), Direction::kPrompt});
  groups_.push_back({"output", "Text", text_fields(), Direction::kOutput});
  groups_.push_back({"scores", "Scores", score_fields(), std::nullopt});
  groups_.push_back({"pii", "Pii", pii_fields(), std::nullopt});
  groups_.push_back({"caller", "Caller", caller_fields(), std::nullopt});

  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const Group& group = groups_[i];
    if (i == 0 || group.type_name != groups_[i - 1].type_name) {
      std::vector<std::pair<std::string, Type>> types;
      types.reserve(group.fields.size());
      for (const Field& field : group.fields) types.emplace_back(field.name, field.type);
      environment_.declare_object(group.type_name, std::move(types));
    }
    Field whole = plain(group.name, Type::object(group.type_name),
                        [](const Scene& s, std::size_t index) { return s.group(index); });
    whole.argument = i;
    declare({group.name, std::move(whole), group.only, true});
    for (const Field& field : group.fields)
      declare({group.name + "." + field.name, field, group.only, false});
  }
  for (Field& field : bare_fields()) {
    std::string name = field.name;
    declare({std::move(name), std::move(field), std::nullopt, false});
  }
}

const Vocabulary& vocabulary() {
  static const Vocabulary only;
  return only;
}

}  // namespace plimsoll::policy
