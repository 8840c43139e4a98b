#include "scene.h"

#include <algorithm>

#include "base/json.h"

namespace plimsoll::policy {
namespace {

using cel::Type;
using cel::Value;

Value empty(const Type& type) {
  switch (type.kind()) {
    case Type::Kind::kBool:
      return Value::boolean(false);
    case Type::Kind::kDouble:
      return Value::number(0);
    case Type::Kind::kInt:
      return Value::integer(0);
    case Type::Kind::kString:
      return Value::borrowed_string("");
    default:
      return Value::list({});
  }
}

bool is_empty(const Value& value) {
  switch (value.kind()) {
    case Type::Kind::kBool:
      return !value.as_bool();
    case Type::Kind::kDouble:
      return value.as_double() == 0;
    case Type::Kind::kInt:
      return value.as_int() == 0;
    case Type::Kind::kString:
      return value.as_string().empty();
    case Type::Kind::kList:
      return value.as_list().size() == 0;
    default:
      return false;
  }
}

Value from_json(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return Value::null();
    case json::kind::bool_:
      return Value::boolean(value.get_bool());
    case json::kind::int64:
      return Value::integer(value.get_int64());
    case json::kind::uint64:
      return Value::unsigned_integer(value.get_uint64());
    case json::kind::double_:
      return Value::number(value.get_double());
    case json::kind::string:
      return Value::borrowed_string(value.get_string());
    case json::kind::array: {
      std::vector<Value> items;
      for (const auto& item : value.get_array()) items.push_back(from_json(item));
      return Value::list(std::move(items));
    }
    case json::kind::object: {
      std::vector<std::pair<Value, Value>> members;
      for (const auto& member : value.get_object())
        members.emplace_back(Value::borrowed_string(member.key()), from_json(member.value()));
      return Value::map(std::move(members));
    }
  }
  return Value::null();
}

class ContextView : public cel::Map {
 public:
  explicit ContextView(const json::object* object) : object_(object) {}
  std::size_t size() const override { return object_ == nullptr ? 0 : object_->size(); }
  std::optional<Value> find(const Value& key) const override {
    if (object_ == nullptr || key.kind() != Type::Kind::kString) return std::nullopt;
    const auto found = object_->find(key.as_string());
    return found == object_->end() ? std::nullopt : std::optional(from_json(found->value()));
  }
  Value key(std::size_t index) const override {
    return Value::borrowed_string((object_->begin() + static_cast<std::ptrdiff_t>(index))->key());
  }

 private:
  const json::object* object_;
};

class FindingView : public cel::Object {
 public:
  explicit FindingView(const Finding& finding) : finding_(finding) {}
  std::string_view type_name() const override { return "Finding"; }
  bool has(std::size_t) const override { return true; }
  Value field(std::size_t index) const override {
    switch (index) {
      case 0:
        return Value::borrowed_string(to_string(finding_.category));
      case 1:
        return Value::borrowed_string(finding_.entity);
      case 2:
        return Value::borrowed_string(finding_.detector);
      case 3:
        return Value::number(finding_.confidence);
      default:
        return Value::integer(finding_.segment);
    }
  }

 private:
  const Finding& finding_;
};

class FindingList : public cel::List {
 public:
  explicit FindingList(const std::vector<Finding>& findings) {
    views_.reserve(findings.size());
    for (const Finding& finding : findings) views_.emplace_back(finding);
  }
  std::size_t size() const override { return views_.size(); }
  Value at(std::size_t index) const override { return Value::borrowed(&views_[index]); }

 private:
  std::vector<FindingView> views_;
};

}  // namespace

class Scene::GroupView : public cel::Object {
 public:
  GroupView(const Scene& scene, const Group& group) : scene_(scene), group_(group) {}
  std::string_view type_name() const override { return group_.type_name; }
  bool has(std::size_t index) const override { return !is_empty(field(index)); }
  Value field(std::size_t index) const override {
    const Field& field = group_.fields[index];
    const bool there = !group_.only || *group_.only == scene_.facts().conversation.direction;
    return there ? field.get(scene_, field.argument) : empty(field.type);
  }

 private:
  const Scene& scene_;
  const Group& group_;
};

class Scene::Views {
 public:
  explicit Views(const Scene& scene)
      : context(scene.facts().context.raw), findings(scene.facts().found.findings) {
    for (const Group& group : vocabulary().groups()) groups.emplace_back(scene, group);
  }
  ContextView context;
  FindingList findings;
  std::vector<GroupView> groups;
};

Scene::Scene(const Facts& facts) : facts_(facts), scores_(facts.found.scores) {
  scores_.raise(facts.reported);
  scores_.raise(facts.context.scores);
  for (const Finding& finding : facts.found.findings) present_.add(finding.category);
  for (const auto flag : {Category::kPii, Category::kSecret, Category::kDisguise})
    if (scores_[flag] >= 0.5) present_.add(flag);
  if (facts.context.contains_pii) present_.add(Category::kPii);
  if (facts.context.contains_secrets) present_.add(Category::kSecret);
}

Scene::~Scene() = default;

cel::Value Scene::get(std::size_t index) const {
  const Variable& variable = vocabulary().variables()[index];
  const bool there = variable.is_group || !variable.only || *variable.only == facts_.conversation.direction;
  return there ? variable.field.get(*this, variable.field.argument) : empty(variable.field.type);
}

std::string_view Scene::text() const {
  const auto& segments = facts_.conversation.segments;
  if (segments.empty()) return {};
  if (segments.size() == 1) return segments.front().text;
  if (!text_) {
    text_.emplace();
    for (const Segment& segment : segments) {
      if (!text_->empty()) *text_ += '\n';
      *text_ += segment.text;
    }
  }
  return *text_;
}

Scene::Views& Scene::views() const {
  if (!views_) views_ = std::make_unique<Views>(*this);
  return *views_;
}

cel::Value Scene::group(std::size_t index) const {
  return Value::borrowed(&views().groups[index]);
}
cel::Value Scene::findings() const {
  return Value::borrowed(&views().findings);
}
cel::Value Scene::context() const {
  return Value::borrowed(&views().context);
}

cel::Value Scene::entities() const {
  std::vector<Value> out;
  std::vector<std::string_view> seen;
  for (const Finding& finding : facts_.found.findings) {
    if (finding.category != Category::kPii || std::ranges::find(seen, finding.entity) != seen.end()) continue;
    seen.push_back(finding.entity);
    out.push_back(Value::borrowed_string(finding.entity));
  }
  return Value::list(std::move(out));
}

cel::Value Scene::tools() const {
  std::vector<Value> out;
  out.reserve(facts_.conversation.tools.size());
  for (const std::string& tool : facts_.conversation.tools) out.push_back(Value::borrowed_string(tool));
  return Value::list(std::move(out));
}

}  // namespace plimsoll::policy
