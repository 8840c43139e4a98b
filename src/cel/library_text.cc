#include <algorithm>
#include <array>

#include "base/hash.h"
#include "context.h"
#include "functions.h"
#include "utf8.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

Outcome give(Context& context, std::string text, Value& out) {
  if (!context.charge(text.size())) return Outcome::kFailed;
  out = Value::string(std::move(text));
  return Outcome::kDone;
}

template <char From, char To>
Outcome map_ascii(Context& context, Args args, Value& out) {
  if (!args.are(Kind::kString)) return Outcome::kNoOverload;
  if (!context.charge(args[0].as_string().size())) return Outcome::kFailed;
  std::string text(args[0].as_string());
  for (char& c : text) {
    if (c >= From && c < From + 26) c = static_cast<char>(c - From + To);
  }
  out = Value::string(std::move(text));
  return Outcome::kDone;
}

Outcome char_at(Context& context, Args args, Value& out) {
  if (!args.are(Kind::kString, Kind::kInt)) return Outcome::kNoOverload;
  const auto text = args[0].as_string();
  if (!context.read(text.size())) return Outcome::kFailed;
  std::int64_t left = args[1].as_int();
  std::size_t at = 0;
  while (left > 0 && at < text.size()) {
    at += decode_utf8(text, at).length;
    --left;
  }
  if (left != 0) return outcome(context.fail("index out of range: " + std::to_string(args[1].as_int())));
  const std::size_t length = at < text.size() ? decode_utf8(text, at).length : 0;
  return give(context, std::string(text.substr(at, length)), out);
}

Outcome substring(Context& context, Args args, Value& out) {
  const bool to_end = args.are(Kind::kString, Kind::kInt);
  if (!to_end && !args.are(Kind::kString, Kind::kInt, Kind::kInt)) return Outcome::kNoOverload;
  const auto text = args[0].as_string();
  if (!context.read(text.size()) || !context.charge(text.size())) return Outcome::kFailed;
  const auto size = static_cast<std::int64_t>(count_code_points(text));
  const std::int64_t begin = args[1].as_int();
  const std::int64_t end = to_end ? size : args[2].as_int();
  for (const auto index : {begin, end}) {
    if (index < 0 || index > size) {
      return outcome(context.fail("index out of range: " + std::to_string(index)));
    }
  }
  if (begin > end) {
    return outcome(
        context.fail("invalid substring range: " + std::to_string(begin) + " to " + std::to_string(end)));
  }
  std::size_t from = 0;
  for (std::int64_t i = 0; i < begin; ++i) from += decode_utf8(text, from).length;
  std::size_t to = from;
  for (std::int64_t i = begin; i < end; ++i) to += decode_utf8(text, to).length;
  out = Value::string(std::string(text.substr(from, to - from)));
  return Outcome::kDone;
}

Outcome trim(Context& context, Args args, Value& out) {
  if (!args.are(Kind::kString)) return Outcome::kNoOverload;
  const auto text = args[0].as_string();
  if (!context.read(text.size())) return Outcome::kFailed;
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto [c, length] = decode_utf8(text, at);
    if (!is_space(c)) {
      begin = std::min(begin, at);
      end = at + length;
    }
    at += length;
  }
  return give(context, begin < end ? std::string(text.substr(begin, end - begin)) : "", out);
}

Outcome reverse(Context& context, Args args, Value& out) {
  if (!args.are(Kind::kString)) return Outcome::kNoOverload;
  const auto text = args[0].as_string();
  if (!context.charge(text.size())) return Outcome::kFailed;
  std::string reversed(text.size(), '\0');
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = decode_utf8(text, at).length;
    text.copy(reversed.data() + (text.size() - at - length), length, at);
    at += length;
  }
  out = Value::string(std::move(reversed));
  return Outcome::kDone;
}

Outcome join(Context& context, Args args, Value& out) {
  if (!args.are(Kind::kList) && !args.are(Kind::kList, Kind::kString)) return Outcome::kNoOverload;
  const auto separator = args.size() == 2 ? args[1].as_string() : std::string_view();
  const List& list = args[0].as_list();
  std::string joined;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Value element = list.at(i);
    if (element.kind() != Kind::kString) return Outcome::kNoOverload;
    if (!context.step() || !context.charge(separator.size() + element.as_string().size())) {
      return Outcome::kFailed;
    }
    if (i > 0) joined += separator;
    joined += element.as_string();
  }
  out = Value::string(std::move(joined));
  return Outcome::kDone;
}

std::string_view escape_for(char c) {
  switch (c) {
    case '\a':
      return "\\a";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\v':
      return "\\v";
    case '\\':
      return "\\\\";
    case '"':
      return "\\\"";
    default:
      return {};
  }
}

Outcome quote(Context& context, Args args, Value& out) {
  if (!args.are(Kind::kString)) return Outcome::kNoOverload;
  const auto text = args[0].as_string();
  if (!context.charge(2 * text.size() + 2)) return Outcome::kFailed;
  std::string quoted = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const auto [c, length] = decode_utf8(text, at);
    if (const auto escape = escape_for(text[at]); !escape.empty()) {
      quoted += escape;
    } else {
      append_utf8(quoted, c);
    }
    at += length;
  }
  out = Value::string(quoted + '"');
  return Outcome::kDone;
}

Outcome encode_base64(Context& context, Args args, Value& out) {
  if (!args.are(Kind::kBytes)) return Outcome::kNoOverload;
  if (!context.charge(args[0].as_string().size() * 2)) return Outcome::kFailed;
  out = Value::string(to_base64(args[0].as_string()));
  return Outcome::kDone;
}

Outcome decode_base64(Context& context, Args args, Value& out) {
  if (!args.are(Kind::kString)) return Outcome::kNoOverload;
  std::string text(args[0].as_string());
  if (!context.charge(2 * text.size())) return Outcome::kFailed;
  if (text.find('=') == std::string::npos) text.append((4 - text.size() % 4) % 4, '=');
  auto decoded = from_base64(text);
  if (!decoded) return outcome(context.fail("this text is not base64"));
  out = Value::bytes(*std::move(decoded));
  return Outcome::kDone;
}

constexpr std::array<Builtin, 10> kFunctions = {{
    {".lowerAscii", "string->string", map_ascii<'A', 'a'>},
    {".upperAscii", "string->string", map_ascii<'a', 'A'>},
    {".charAt", "string,int->string", char_at},
    {".substring", "string,int->string; string,int,int->string", substring},
    {".trim", "string->string", trim},
    {".reverse", "string->string", reverse},
    {".join", "list(string)->string; list(string),string->string", join},
    {"strings.quote", "string->string", quote},
    {"base64.encode", "bytes->string", encode_base64},
    {"base64.decode", "string->bytes", decode_base64},
}};

}  // namespace

std::span<const Builtin> text_functions() {
  return kFunctions;
}

}  // namespace plimsoll::cel
