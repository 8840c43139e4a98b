#include "net/query.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"

namespace plimsoll::net {
namespace {

bool is_plain(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7F;
         });
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      unsigned byte = 0;
      if (text.size() - i < 3) return std::nullopt;
      const auto read = std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
      if (read.ptr != text.data() + i + 3) return std::nullopt;
      out += static_cast<char>(byte);
      i += 2;
    }
  }
  return is_plain(out) ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

std::expected<Parameters, QueryProblem> parse_query(std::string_view query,
                                                    std::initializer_list<std::string_view> known) {
  Parameters out;
  while (!query.empty()) {
    const auto one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
    if (one.empty()) continue;
    const auto equals = std::min(one.find('='), one.size());
    const auto name = percent_decoded(one.substr(0, equals));
    if (!name || std::ranges::find(known, *name) == known.end())
      return std::unexpected(QueryProblem{name && name->size() <= 64 ? *name : "a parameter",
                                          "is not a parameter of this path"});
    auto value = percent_decoded(one.substr(std::min(equals + 1, one.size())));
    if (!value || value->size() > kMaxParameterBytes)
      return std::unexpected(QueryProblem{*name, "expected at most 256 bytes of UTF-8 text"});
    if (!out.emplace(*name, *std::move(value)).second)
      return std::unexpected(QueryProblem{*name, "is given twice"});
  }
  return out;
}

std::expected<std::optional<Time>, QueryProblem> time_in(const Parameters& parameters,
                                                         std::string_view name) {
  const auto at = parameters.find(name);
  if (at == parameters.end()) return std::nullopt;
  const bool date = at->second.size() == 10;
  const auto time = from_rfc3339(date ? at->second + "T00:00:00Z" : at->second);
  if (!time)
    return std::unexpected(
        QueryProblem{std::string(name), "expected a time such as 2026-01-31 or 2026-01-31T12:00:00Z"});
  return time;
}

std::expected<std::optional<std::uint64_t>, QueryProblem> number_in(const Parameters& parameters,
                                                                    std::string_view name,
                                                                    std::uint64_t least, std::uint64_t most) {
  const auto at = parameters.find(name);
  if (at == parameters.end()) return std::nullopt;
  std::uint64_t value = 0;
  const auto* const end = at->second.data() + at->second.size();
  const auto read = std::from_chars(at->second.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || value < least || value > most)
    return std::unexpected(QueryProblem{
        std::string(name),
        "expected a whole number from " + std::to_string(least) + " to " + std::to_string(most)});
  return value;
}

}  // namespace plimsoll::net
