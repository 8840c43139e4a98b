#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "calendar.h"
#include "context.h"
#include "functions.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

constexpr int kDefaultPrecision = 6;
constexpr int kMaxPrecision = 100;
constexpr std::size_t kMaxDepth = 64;

std::string to_base(std::uint64_t magnitude, bool negative, int base, bool upper) {
  std::array<char, 65> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude, base).ptr;
  std::string text(buffer.data(), end);
  if (upper)
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  return negative ? "-" + text : text;
}

std::string to_hex(std::string_view bytes, bool upper) {
  const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

std::string to_decimal(double v, std::chars_format format, int precision) {
  if (!std::isfinite(v)) return double_to_text(v);
  std::array<char, 512> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v, format, precision).ptr;
  return {buffer.data(), end};
}

std::optional<double> as_number(const Value& v) {
  switch (v.kind()) {
    case Kind::kInt:
      return static_cast<double>(v.as_int());
    case Kind::kUint:
      return static_cast<double>(v.as_uint());
    case Kind::kDouble:
      return v.as_double();
    default:
      return std::nullopt;
  }
}

// Carries out one format string.
class Formatter {
 public:
  Formatter(Context& context, const List& values) : context_(context), values_(values) {}

  bool run(std::string_view format) {
    while (!format.empty()) {
      const std::size_t percent = std::min(format.find('%'), format.size());
      if (!append(format.substr(0, percent))) return false;
      format.remove_prefix(percent);
      if (!format.empty() && !directive(format)) return false;
    }
    return true;
  }

  std::string finish() && { return std::move(out_); }

 private:
  bool append(std::string_view text) {
    if (!context_.charge(text.size())) return false;
    out_ += text;
    return true;
  }

  // Consumes one "%…" from the front.
  bool directive(std::string_view& format) {
    format.remove_prefix(1);
    if (format.starts_with('%')) {
      format.remove_prefix(1);
      return append("%");
    }
    int precision = kDefaultPrecision;
    if (format.starts_with('.')) {
      const auto [end, error] = std::from_chars(format.data() + 1, format.data() + format.size(), precision);
      if (error != std::errc() || precision < 0 || precision > kMaxPrecision) {
        return context_.fail("format: the precision must be a number from 0 to 100");
      }
      format.remove_prefix(static_cast<std::size_t>(end - format.data()));
    }
    if (format.empty()) return context_.fail("format: the text ends after %");
    const char clause = format.front();
    format.remove_prefix(1);
    if (std::string_view("sdfebxXo").find(clause) == std::string_view::npos) {
      return context_.fail("format: there is no %" + std::string(1, clause));
    }
    if (next_ >= values_.size()) {
      return context_.fail("format: there is no value for %" + std::string(1, clause));
    }
    return substitute(clause, precision, values_.at(next_++));
  }

  bool substitute(char clause, int precision, const Value& v) {
    switch (clause) {
      case 's':
        return write(v, 0);
      case 'd':
        return decimal(v);
      case 'f':
        return real(v, std::chars_format::fixed, precision, clause);
      case 'e':
        return real(v, std::chars_format::scientific, precision, clause);
      case 'b':
        if (v.kind() == Kind::kBool) return append(v.as_bool() ? "1" : "0");
        return integer(v, 2, clause);
      case 'o':
        return integer(v, 8, clause);
      default:
        if (v.kind() == Kind::kString || v.kind() == Kind::kBytes) {
          if (!context_.charge(v.as_string().size())) return false;
          return append(to_hex(v.as_string(), clause == 'X'));
        }
        return integer(v, 16, clause);
    }
  }

  bool unsuited(char clause, const Value& v) {
    return context_.fail("format: %" + std::string(1, clause) + " does not take " +
                         runtime_type(v).to_string());
  }

  bool integer(const Value& v, int base, char clause) {
    if (v.kind() == Kind::kUint) return append(to_base(v.as_uint(), false, base, clause == 'X'));
    if (v.kind() != Kind::kInt) return unsuited(clause, v);
    const bool negative = v.as_int() < 0;
    const auto bits = static_cast<std::uint64_t>(v.as_int());
    return append(to_base(negative ? 0 - bits : bits, negative, base, clause == 'X'));
  }

  bool decimal(const Value& v) {
    if (v.kind() == Kind::kDouble) return append(double_to_text(v.as_double()));
    return integer(v, 10, 'd');
  }

  bool real(const Value& v, std::chars_format format, int precision, char clause) {
    const auto number = as_number(v);
    return number ? append(to_decimal(*number, format, precision)) : unsuited(clause, v);
  }

  bool write(const Value& v, std::size_t depth) {
    if (depth > kMaxDepth) return context_.fail("format: the value is nested too deeply");
    if (!context_.step()) return false;
    switch (v.kind()) {
      case Kind::kNull:
        return append("null");
      case Kind::kBool:
        return append(v.as_bool() ? "true" : "false");
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kDouble:
        return decimal(v);
      case Kind::kString:
      case Kind::kBytes:
        return append(v.as_string());
      case Kind::kTimestamp:
        return append(timestamp_to_text(v.as_timestamp()));
      case Kind::kDuration:
        return append(duration_to_text(v.as_duration()));
      case Kind::kType:
        return append(Value::type(v.as_type()).to_string());
      case Kind::kList:
        return write_list(v.as_list(), depth);
      case Kind::kMap:
        return write_map(v.as_map(), depth);
      default:
        return unsuited('s', v);
    }
  }

  bool write_list(const List& list, std::size_t depth) {
    if (!append("[")) return false;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!append(i > 0 ? ", " : "") || !write(list.at(i), depth + 1)) return false;
    }
    return append("]");
  }

  // Entries in the order of their keys' text, so that equal maps give equal text.
  bool write_map(const Map& map, std::size_t depth) {
    std::vector<std::pair<std::string, Value>> entries;
    for (std::size_t i = 0; i < map.size(); ++i) {
      const Value key = map.key(i);
      Formatter name(context_, values_);
      if (!name.write(key, depth + 1)) return false;
      entries.emplace_back(std::move(name.out_), map.find(key).value_or(Value()));
    }
    std::ranges::sort(entries, {}, &std::pair<std::string, Value>::first);
    if (!append("{")) return false;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (!append(i > 0 ? ", " : "") || !append(entries[i].first) || !append(": ")) return false;
      if (!write(entries[i].second, depth + 1)) return false;
    }
    return append("}");
  }

  Context& context_;
  const List& values_;
  std::size_t next_ = 0;
  std::string out_;
};

Outcome format(Context& context, Args args, Value& out) {
  if (!args.are(Kind::kString, Kind::kList)) return Outcome::kNoOverload;
  Formatter formatter(context, args[1].as_list());
  if (!formatter.run(args[0].as_string())) return Outcome::kFailed;
  out = Value::string(std::move(formatter).finish());
  return Outcome::kDone;
}

constexpr std::array<Builtin, 1> kFunctions = {{{".format", "string,list(dyn)->string", format}}};

}  // namespace

std::span<const Builtin> format_functions() {
  return kFunctions;
}

}  // namespace plimsoll::cel
