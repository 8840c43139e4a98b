#include "cel/value.h"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "values.h"

namespace plimsoll::cel {

struct Value::Shared {
  Shared() = default;
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  virtual ~Shared() = default;

  mutable std::atomic<std::uint32_t> references{1};
};

struct Value::OwnedText final : Shared {
  explicit OwnedText(std::string v) : text(std::move(v)) {}
  std::string text;
};

struct Value::OwnedList final : Shared, List {
  explicit OwnedList(std::vector<Value> v) : elements(std::move(v)) {}
  std::size_t size() const override { return elements.size(); }
  Value at(std::size_t index) const override { return elements[index]; }

  std::vector<Value> elements;
};

// Small maps are searched in order; larger ones through an index sorted by key, so that no choice of keys
// makes a look-up slow.
struct Value::OwnedMap final : Shared, Map {
  static constexpr std::size_t kLinear = 8;

  explicit OwnedMap(std::vector<std::pair<Value, Value>> v) : entries(std::move(v)) {
    if (entries.size() <= kLinear) return;
    sorted.resize(entries.size());
    std::iota(sorted.begin(), sorted.end(), 0U);
    std::ranges::sort(sorted, [&](std::uint32_t a, std::uint32_t b) {
      return compare_keys(entries[a].first, entries[b].first) < 0;
    });
  }

  std::size_t size() const override { return entries.size(); }
  Value key(std::size_t index) const override { return entries[index].first; }

  std::optional<Value> find(const Value& key) const override {
    const auto wanted = as_key(key);
    if (!wanted) return std::nullopt;
    if (sorted.empty()) {
      for (const auto& [k, v] : entries) {
        if (compare_keys(k, *wanted) == 0) return v;
      }
      return std::nullopt;
    }
    const auto at = std::ranges::lower_bound(
        sorted, 0, {}, [&](std::uint32_t i) { return compare_keys(entries[i].first, *wanted) < 0 ? -1 : 0; });
    if (at == sorted.end() || compare_keys(entries[*at].first, *wanted) != 0) return std::nullopt;
    return entries[*at].second;
  }

  std::vector<std::pair<Value, Value>> entries;
  std::vector<std::uint32_t> sorted;
};

struct Value::OwnedOptional final : Shared {
  explicit OwnedOptional(Value v) : value(std::move(v)) {}
  Value value;
};

struct Value::OwnedType final : Shared {
  explicit OwnedType(Type v) : type(std::move(v)) {}
  Type type;
};

void Value::retain() const {
  owner_->references.fetch_add(1, std::memory_order_relaxed);
}

void Value::release() {
  if (owner_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete owner_;
}

Value Value::string(std::string v) {
  auto* owner = new OwnedText(std::move(v));
  Value out = borrowed_string(owner->text);
  out.owner_ = owner;
  return out;
}

Value Value::bytes(std::string v) {
  Value out = string(std::move(v));
  out.kind_ = Type::Kind::kBytes;
  return out;
}

Value Value::timestamp(Timestamp v) {
  Value out = integer(v.seconds);
  out.kind_ = Type::Kind::kTimestamp;
  out.nanos_ = v.nanos;
  return out;
}

Value Value::duration(Duration v) {
  Value out = integer(v.seconds);
  out.kind_ = Type::Kind::kDuration;
  out.nanos_ = v.nanos;
  return out;
}

Value Value::list(std::vector<Value> v) {
  auto* owner = new OwnedList(std::move(v));
  Value out = borrowed(static_cast<const List*>(owner));
  out.owner_ = owner;
  return out;
}

Value Value::map(std::vector<std::pair<Value, Value>> v) {
  auto* owner = new OwnedMap(std::move(v));
  Value out = borrowed(static_cast<const Map*>(owner));
  out.owner_ = owner;
  return out;
}

Value Value::borrowed(const List* v) {
  Value out;
  out.kind_ = Type::Kind::kList;
  out.payload_.list = v;
  return out;
}

Value Value::borrowed(const Map* v) {
  Value out;
  out.kind_ = Type::Kind::kMap;
  out.payload_.map = v;
  return out;
}

Value Value::borrowed(const Object* v) {
  Value out;
  out.kind_ = Type::Kind::kObject;
  out.payload_.object = v;
  return out;
}

Value Value::none() {
  Value out;
  out.kind_ = Type::Kind::kOptional;
  out.payload_.optional = nullptr;
  return out;
}

Value Value::optional_of(Value v) {
  auto* owner = new OwnedOptional(std::move(v));
  Value out = none();
  out.payload_.optional = &owner->value;
  out.owner_ = owner;
  return out;
}

Value Value::type(Type v) {
  auto* owner = new OwnedType(std::move(v));
  Value out;
  out.kind_ = Type::Kind::kType;
  out.payload_.type = &owner->type;
  out.owner_ = owner;
  return out;
}

}  // namespace plimsoll::cel
