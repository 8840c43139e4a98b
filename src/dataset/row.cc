#include "dataset/row.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <tuple>
#include <utility>

#include "base/json.h"

namespace plimsoll::dataset {
namespace {

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

std::unexpected<Error> wrong(std::string_view member, std::string_view must) {
  return fail(Code::kInvalid, std::string(member) + ": must be " + std::string(must));
}

// A string member into `out`, when there is one.
Result<void> read_text(const json::object& row, std::string_view name, std::string& out) {
  const auto* value = row.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_string()) return wrong(name, "a string");
  out = view(value->get_string());
  return {};
}

Result<void> read_names(const json::object& row, std::string_view name, std::size_t max,
                        std::vector<std::string>& out) {
  const auto* value = row.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_array()) return wrong(name, "a list of labels");
  if (value->get_array().size() > max)
    return fail(Code::kTooLarge, std::string(name) + ": more than " + std::to_string(max) + " labels");
  for (const auto& item : value->get_array()) {
    if (!item.is_string()) return wrong(name, "a list of labels");
    out.emplace_back(view(item.get_string()));
  }
  return {};
}

std::optional<bool> as_label(const json::value& value) {
  if (value.is_bool()) return value.get_bool();
  if (value.is_int64() && (value.get_int64() == 0 || value.get_int64() == 1)) return value.get_int64() == 1;
  return std::nullopt;
}

Result<void> read_labels(const json::object& object, std::size_t max, Labels& out) {
  const auto* value = object.if_contains("labels");
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_object()) return wrong("labels", "an object of label to 0 or 1");
  if (value->get_object().size() > max)
    return fail(Code::kTooLarge, "labels: more than " + std::to_string(max));
  for (const auto& [name, label] : value->get_object()) {
    if (label.is_null()) continue;
    const auto positive = as_label(label);
    if (!positive) return wrong("labels", "an object of label to 0 or 1");
    out.set(std::string_view(name.data(), name.size()), *positive);
  }
  return {};
}

Result<void> read_split(const json::object& object, Split& out) {
  std::string name;
  if (auto read = read_text(object, "split", name); !read) return read;
  if (name.empty()) return {};
  const auto split = parse_split(name);
  if (!split) return wrong("split", "train, dev or heldout");
  out = *split;
  return {};
}

Result<void> read_weight(const json::object& object, double& out) {
  const auto* value = object.if_contains("w");
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_number()) return wrong("w", "a number above 0 and at most 1");
  out = value->to_number<double>();
  if (!(out > 0 && out <= 1)) return wrong("w", "a number above 0 and at most 1");
  return {};
}

// Where each code point begins, and the end of the text.
std::vector<std::size_t> code_points(std::string_view text) {
  std::vector<std::size_t> at;
  at.reserve(text.size() + 1);
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) at.push_back(i);
  at.push_back(text.size());
  return at;
}

Result<TypedSpan> read_span(const json::value& value, const std::vector<std::size_t>& at) {
  const auto* object = value.if_object();
  if (object == nullptr) return wrong("spans", "a list of objects");
  const auto offset = [&](std::string_view name) -> std::optional<std::size_t> {
    const auto* number = object->if_contains(name);
    if (number == nullptr || !number->is_int64() || number->get_int64() < 0) return std::nullopt;
    const auto n = static_cast<std::size_t>(number->get_int64());
    return n < at.size() ? std::optional(n) : std::nullopt;
  };
  const auto start = offset("start");
  const auto end = offset("end");
  if (!start || !end || *start >= *end) return wrong("spans", "start < end, in code points, inside the text");
  TypedSpan span{.span = {at[*start], at[*end]}, .type = {}, .native = {}};
  if (auto read = read_text(*object, "type", span.type); !read)
    return std::unexpected(std::move(read).error().in("spans"));
  if (span.type.empty()) return wrong("spans", "of a type");
  if (auto read = read_text(*object, "native", span.native); !read)
    return std::unexpected(std::move(read).error().in("spans"));
  return span;
}

Result<void> read_spans(const json::object& object, std::size_t max, Row& row) {
  const auto* value = object.if_contains("spans");
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_array()) return wrong("spans", "a list of objects");
  if (value->get_array().size() > max)
    return fail(Code::kTooLarge, "spans: more than " + std::to_string(max));
  auto& spans = row.spans.emplace();
  if (value->get_array().empty()) return {};
  const auto at = code_points(row.text);
  for (const auto& item : value->get_array()) {
    auto span = read_span(item, at);
    if (!span) return std::unexpected(std::move(span).error());
    spans.push_back(*std::move(span));
  }
  std::ranges::sort(spans, {}, [](const TypedSpan& s) {
    return std::tuple(s.span.begin, s.span.end, std::string_view(s.type));
  });
  return {};
}

}  // namespace

std::optional<bool> Labels::operator[](std::string_view name) const {
  for (const auto& label : labels_)
    if (label.name == name) return label.positive;
  return std::nullopt;
}

std::optional<bool> Labels::operator[](Category category) const {
  return (*this)[label_of(category)];
}

void Labels::set(std::string_view name, bool positive) {
  for (auto& label : labels_)
    if (label.name == name) {
      label.positive = positive;
      return;
    }
  labels_.push_back({std::string(name), positive});
}

std::optional<Category> category_of(std::string_view label) {
  return label == "unsafe" ? Category::kHarmfulContent : parse_category(label);
}

std::string_view label_of(Category category) {
  return category == Category::kHarmfulContent ? "unsafe" : to_string(category);
}

std::string_view to_string(Split split) {
  static constexpr std::array<std::string_view, 4> kNames = {"none", "train", "dev", "heldout"};
  return kNames[static_cast<std::size_t>(split)];
}

std::optional<Split> parse_split(std::string_view name) {
  for (const auto split : {Split::kNone, Split::kTrain, Split::kDev, Split::kHeldout})
    if (to_string(split) == name) return split;
  return std::nullopt;
}

Result<Row> parse_row(std::string_view line, const RowLimits& limits) {
  if (line.size() > limits.max_line_bytes)
    return fail(Code::kTooLarge, "longer than " + std::to_string(limits.max_line_bytes) + " bytes");
  auto value = parse_json(line, {.max_bytes = limits.max_line_bytes, .max_depth = 8});
  if (!value) return std::unexpected(std::move(value).error());
  const auto* object = value->if_object();
  if (object == nullptr) return fail(Code::kInvalid, "must be a JSON object");
  if (!object->contains("text")) return fail(Code::kInvalid, "text: is missing");

  Row row;
  for (const auto& [name, member] : {std::pair("id", &Row::id),
                                     {"text", &Row::text},
                                     {"source", &Row::source},
                                     {"lic", &Row::licence},
                                     {"lang", &Row::lang},
                                     {"native", &Row::native}})
    if (auto read = read_text(*object, name, row.*member); !read) return std::unexpected(read.error());
  if (auto read = read_labels(*object, limits.max_labels, row.labels); !read)
    return std::unexpected(read.error());
  if (auto read = read_split(*object, row.split); !read) return std::unexpected(read.error());
  if (auto read = read_weight(*object, row.weight); !read) return std::unexpected(read.error());
  if (auto read = read_names(*object, "rule", limits.max_labels, row.by_rule); !read)
    return std::unexpected(read.error());
  if (auto read = read_names(*object, "hand", limits.max_labels, row.by_hand); !read)
    return std::unexpected(read.error());
  if (auto read = read_spans(*object, limits.max_spans, row); !read) return std::unexpected(read.error());
  return row;
}

}  // namespace plimsoll::dataset
