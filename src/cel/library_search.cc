#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "context.h"
#include "functions.h"
#include "pattern.h"
#include "utf8.h"

namespace plimsoll::cel {
namespace {

using Kind = Type::Kind;

template <bool (*test)(std::string_view, std::string_view)>
Outcome search(Context& context, Args args, Value& out) {
  if (!args.are(Kind::kString, Kind::kString)) return Outcome::kNoOverload;
  if (!context.read(args[0].as_string().size())) return Outcome::kFailed;
  out = Value::boolean(test(args[0].as_string(), args[1].as_string()));
  return Outcome::kDone;
}

// Linear in the text, whatever the part; std::string_view::find is not.
std::size_t find_text(std::string_view text, std::string_view part, std::size_t from) {
  if (part.empty()) return from;
  if (text.size() - from < part.size()) return std::string_view::npos;
  const void* found = memmem(text.data() + from, text.size() - from, part.data(), part.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

bool contains(std::string_view text, std::string_view part) {
  return find_text(text, part, 0) != std::string_view::npos;
}
bool starts_with(std::string_view text, std::string_view part) {
  return text.starts_with(part);
}
bool ends_with(std::string_view text, std::string_view part) {
  return text.ends_with(part);
}

// A constant pattern is compiled with the program; this is for those that come from data.
Outcome matches(Context& context, Args args, Value& out) {
  constexpr std::size_t kCompileCost = 1000;
  if (!args.are(Kind::kString, Kind::kString)) return Outcome::kNoOverload;
  if (!context.step(kCompileCost + 10 * args[1].as_string().size())) return Outcome::kFailed;
  if (!context.match(args[0].as_string().size())) return Outcome::kFailed;
  const auto pattern = compile_pattern(args[1].as_string());
  if (!pattern) return outcome(context.fail(pattern.error()));
  out = Value::boolean(occurs(**pattern, args[0].as_string()));
  return Outcome::kDone;
}

// Byte offsets of two texts and where to begin, in code points, for indexOf and lastIndexOf.
struct Search {
  std::vector<std::size_t> offsets;
  std::int64_t start = 0;
};

Outcome begin_search(Context& context, Args args, std::int64_t start, Search& out) {
  const auto text = args[0].as_string();
  if (!context.read(text.size()) || !context.charge(text.size() * sizeof(std::size_t)))
    return Outcome::kFailed;
  out.offsets = code_point_offsets(text);
  const auto size = static_cast<std::int64_t>(out.offsets.size()) - 1;
  out.start = args.size() == 3 ? args[2].as_int() : (start < 0 ? size : start);
  if (out.start < 0 || out.start > size) {
    return outcome(context.fail("index out of range: " + std::to_string(out.start)));
  }
  return Outcome::kDone;
}

Value code_point_index(const Search& search, std::size_t byte_offset) {
  const auto at = std::ranges::lower_bound(search.offsets, byte_offset);
  return Value::integer(at - search.offsets.begin());
}

bool takes_text_and_index(Args args) {
  return args.are(Kind::kString, Kind::kString) || args.are(Kind::kString, Kind::kString, Kind::kInt);
}

Outcome index_of(Context& context, Args args, Value& out) {
  if (!takes_text_and_index(args)) return Outcome::kNoOverload;
  Search search;
  if (const auto begun = begin_search(context, args, 0, search); begun != Outcome::kDone) return begun;
  const auto start = static_cast<std::size_t>(search.start);
  const auto found = find_text(args[0].as_string(), args[1].as_string(), search.offsets[start]);
  out = found == std::string_view::npos ? Value::integer(-1) : code_point_index(search, found);
  return Outcome::kDone;
}

Outcome last_index_of(Context& context, Args args, Value& out) {
  if (!takes_text_and_index(args)) return Outcome::kNoOverload;
  Search search;
  if (const auto begun = begin_search(context, args, -1, search); begun != Outcome::kDone) return begun;
  // rfind compares from every place.
  if (!context.read(args[0].as_string().size() * args[1].as_string().size())) return Outcome::kFailed;
  const auto start = static_cast<std::size_t>(search.start);
  const auto found = args[0].as_string().rfind(args[1].as_string(), search.offsets[start]);
  out = found == std::string_view::npos ? Value::integer(-1) : code_point_index(search, found);
  return Outcome::kDone;
}

// What is left of a limit on replacements or pieces; negative for none.
std::int64_t limit_of(Args args, std::size_t at) {
  return args.size() > at ? args[at].as_int() : -1;
}

Outcome replace(Context& context, Args args, Value& out) {
  if (!args.are(Kind::kString, Kind::kString, Kind::kString) &&
      !args.are(Kind::kString, Kind::kString, Kind::kString, Kind::kInt)) {
    return Outcome::kNoOverload;
  }
  const auto text = args[0].as_string();
  const auto from = args[1].as_string();
  const auto to = args[2].as_string();
  std::int64_t left = limit_of(args, 3);
  if (!context.read(text.size()) || !context.charge(text.size())) return Outcome::kFailed;
  std::string replaced;
  std::size_t at = 0;
  while (left != 0) {
    const std::size_t found = find_text(text, from, at);
    if (found == std::string_view::npos) break;
    if (!context.charge(to.size()) || !context.step()) return Outcome::kFailed;
    replaced.append(text.substr(at, found - at)).append(to);
    at = found + from.size();
    --left;
    if (!from.empty()) continue;
    if (at >= text.size()) {
      at = text.size();
      break;
    }
    const std::size_t length = decode_utf8(text, at).length;
    replaced.append(text.substr(at, length));
    at += length;
  }
  replaced.append(text.substr(at));
  out = Value::string(std::move(replaced));
  return Outcome::kDone;
}

Outcome split(Context& context, Args args, Value& out) {
  if (!takes_text_and_index(args)) return Outcome::kNoOverload;
  const auto text = args[0].as_string();
  const auto separator = args[1].as_string();
  std::int64_t left = limit_of(args, 2);
  if (!context.read(text.size())) return Outcome::kFailed;
  std::vector<Value> pieces;
  std::size_t at = 0;
  while (left != 0 && !(separator.empty() && at >= text.size() && !pieces.empty())) {
    const std::size_t next_character = at < text.size() ? at + decode_utf8(text, at).length : text.size();
    std::size_t found = separator.empty() ? next_character : find_text(text, separator, at);
    const bool last = left == 1 || found == std::string_view::npos;
    if (last) found = text.size();
    if (!context.charge(sizeof(Value) + found - at) || !context.step()) return Outcome::kFailed;
    pieces.push_back(Value::string(std::string(text.substr(at, found - at))));
    if (last) break;
    at = found + separator.size();
    --left;
  }
  if (separator.empty() && text.empty()) pieces.clear();
  out = Value::list(std::move(pieces));
  return Outcome::kDone;
}

constexpr std::array<Builtin, 9> kFunctions = {{
    {".contains", "string,string->bool", search<contains>},
    {".startsWith", "string,string->bool", search<starts_with>},
    {".endsWith", "string,string->bool", search<ends_with>},
    {"matches", "string,string->bool", matches},
    {".matches", "string,string->bool", matches},
    {".indexOf", "string,string->int; string,string,int->int", index_of},
    {".lastIndexOf", "string,string->int; string,string,int->int", last_index_of},
    {".replace", "string,string,string->string; string,string,string,int->string", replace},
    {".split", "string,string->list(string); string,string,int->list(string)", split},
}};

}  // namespace

std::span<const Builtin> text_search_functions() {
  return kFunctions;
}

}  // namespace plimsoll::cel
