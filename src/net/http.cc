#include "net/http.h"

#include <algorithm>

namespace plimsoll::net {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  fields_.emplace_back(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [name](const auto& field) { return same_name(field.first, name); });
}

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (same_name(key, name)) return value;
  return {};
}

bool Headers::has(std::string_view name) const {
  return std::ranges::any_of(fields_, [name](const auto& field) { return same_name(field.first, name); });
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields_, [name](const auto& field) { return same_name(field.first, name); }));
}

Response json_response(int status, std::string body) {
  Response response{.status = status, .headers = {}, .body = std::move(body)};
  response.headers.add("Content-Type", "application/json");
  return response;
}

Response to_response(const Refusal& refusal) {
  std::string body = R"({"error":{"message":")";
  body.append(refusal.why).append(R"(","type":"invalid_request_error","code":")");
  body.append(refusal.code).append(R"("}})");
  auto response = json_response(refusal.status, std::move(body));
  if (refusal.status == 415) response.headers.add("Accept-Encoding", std::string(kAcceptedEncodings));
  return response;
}

}  // namespace plimsoll::net
