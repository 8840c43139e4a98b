#include "net/http.h"

#include <algorithm>

namespace plimsoll::net {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::ranges::equal(a, b, [](char x, char y) { return x == y || lower(x) == lower(y); });
}

// Room for what most messages have.
constexpr std::size_t kUsualBytes = 384;
constexpr std::size_t kUsualFields = 12;

}  // namespace

void Headers::add(std::string_view name, std::string_view value) {
  if (fields_.empty()) {
    text_.reserve(kUsualBytes);
    fields_.reserve(kUsualFields);
  }
  fields_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                     static_cast<std::uint32_t>(value.size())});
  text_.append(name).append(value);
}

void Headers::set(std::string_view name, const std::string& value) {
  remove(name);
  add(name, value);
}

void Headers::remove(std::string_view name) {
  for (std::size_t i = 0; i < fields_.size();) {
    if (!same_name(name_at(i), name)) {
      ++i;
      continue;
    }
    const auto size = fields_[i].name + fields_[i].value;
    text_.erase(fields_[i].begin, size);
    fields_.erase(fields_.begin() + static_cast<std::ptrdiff_t>(i));
    for (std::size_t later = i; later < fields_.size(); ++later) fields_[later].begin -= size;
  }
}

void Headers::clear() {
  text_.clear();
  fields_.clear();
}

std::string_view Headers::get(std::string_view name) const {
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (same_name(name_at(i), name)) return value_at(i);
  return {};
}

bool Headers::has(std::string_view name) const {
  return count(name) > 0;
}

std::size_t Headers::count(std::string_view name) const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < fields_.size(); ++i) count += same_name(name_at(i), name) ? 1 : 0;
  return count;
}

Response json_response(int status, std::string body) {
  Response response{.status = status, .headers = {}, .body = std::move(body)};
  response.headers.add("Content-Type", "application/json");
  return response;
}

Response page_response(std::string html) {
  Response response{.status = 200, .headers = {}, .body = std::move(html)};
  response.headers.add("Content-Type", "text/html; charset=utf-8");
  response.headers.add("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  response.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

Response to_response(const Refusal& refusal) {
  std::string body = R"({"error":{"message":")";
  body.append(refusal.why).append(R"(","type":"invalid_request_error","code":")");
  body.append(refusal.code).append(R"("}})");
  auto response = json_response(refusal.status, std::move(body));
  if (refusal.status == 415) response.headers.add("Accept-Encoding", kAcceptedEncodings);
  return response;
}

}  // namespace plimsoll::net
