#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "calendar.h"
#include "cel/value.h"
#include "utf8.h"
#include "values.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

// Writes a value until the limit is passed; what is past it is cut afterwards.
class Writer {
 public:
  explicit Writer(std::size_t limit) : limit_(limit) {}

  void write(const Value& v, std::size_t depth) {
    if (full()) return;
    if (depth > 64) {
      out_ += "…";
      return;
    }
    switch (v.kind()) {
      case Kind::kString:
        return quote(v.as_string());
      case Kind::kBytes:
        return write_bytes(v.as_string());
      case Kind::kList:
        return write_list(v.as_list(), depth);
      case Kind::kMap:
        return write_map(v.as_map(), depth);
      case Kind::kOptional:
        return write_optional(v.as_optional(), depth);
      default:
        out_ += scalar(v);
    }
  }

  std::string finish() && {
    if (out_.size() > limit_) {
      out_.resize(utf8_floor(out_, limit_));
      out_ += "…";
    }
    return std::move(out_);
  }

 private:
  bool full() const { return out_.size() > limit_; }

  static std::string scalar(const Value& v) {
    switch (v.kind()) {
      case Kind::kBool:
        return v.as_bool() ? "true" : "false";
      case Kind::kInt:
        return std::to_string(v.as_int());
      case Kind::kUint:
        return std::to_string(v.as_uint()) + "u";
      case Kind::kDouble:
        return number(v.as_double());
      case Kind::kTimestamp:
        return "timestamp(\"" + timestamp_to_text(v.as_timestamp()) + "\")";
      case Kind::kDuration:
        return "duration(\"" + duration_to_text(v.as_duration()) + "\")";
      case Kind::kType:
        return v.as_type().to_string();
      case Kind::kObject:
        return std::string(v.as_object().type_name()) + "{…}";
      default:
        return "null";
    }
  }

  static std::string number(double v) {
    if (!std::isfinite(v)) return "double(\"" + double_to_text(v) + "\")";
    std::string text = double_to_text(v);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
  }

  void quote(std::string_view text) {
    out_ += '"';
    for (const char c : text) {
      if (full()) return;
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (c == '\n') {
        out_ += "\\n";
      } else if (static_cast<unsigned char>(c) < 0x20) {
        escape_byte(c);
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  void escape_byte(char c) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    out_ += "\\x";
    out_ += kHex[byte >> 4U];
    out_ += kHex[byte & 15U];
  }

  void write_bytes(std::string_view bytes) {
    out_ += "b\"";
    for (const char c : bytes) {
      if (full()) return;
      if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
        out_ += c;
      } else {
        escape_byte(c);
      }
    }
    out_ += '"';
  }

  void write_list(const List& list, std::size_t depth) {
    out_ += '[';
    for (std::size_t i = 0; i < list.size() && !full(); ++i) {
      if (i > 0) out_ += ", ";
      write(list.at(i), depth + 1);
    }
    out_ += ']';
  }

  void write_map(const Map& map, std::size_t depth) {
    out_ += '{';
    for (std::size_t i = 0; i < map.size() && !full(); ++i) {
      if (i > 0) out_ += ", ";
      const Value key = map.key(i);
      write(key, depth + 1);
      out_ += ": ";
      write(map.find(key).value_or(Value()), depth + 1);
    }
    out_ += '}';
  }

  void write_optional(const Value* v, std::size_t depth) {
    if (v == nullptr) {
      out_ += "optional.none()";
      return;
    }
    out_ += "optional.of(";
    write(*v, depth + 1);
    out_ += ')';
  }

  std::size_t limit_;
  std::string out_;
};

}  // namespace

std::string double_to_text(double v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "Infinity" : "-Infinity";
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v).ptr;
  return {buffer.data(), end};
}

std::optional<double> double_from_text(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (at != end || text.starts_with('+')) return std::nullopt;
  if (error == std::errc()) return value;
  if (error != std::errc::result_out_of_range) return std::nullopt;
  // from_chars does not say which way; strtod rounds what is too small and gives infinity for the rest.
  value = std::strtod(std::string(text).c_str(), nullptr);
  return std::isinf(value) ? std::nullopt : std::optional(value);
}

std::string Value::to_string(std::size_t max_bytes) const {
  Writer writer(max_bytes);
  writer.write(*this, 0);
  return std::move(writer).finish();
}

}  // namespace plimsoll::cel
