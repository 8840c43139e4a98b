#include "script.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/hash.h"
#include "base/json.h"

namespace plimsoll::sample {
namespace {

constexpr std::size_t kMaxText = 16U << 20U;
constexpr std::chrono::milliseconds kMaxDelay{60'000};

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// A number and what follows it.
std::optional<std::size_t> number(std::string_view text, std::string_view& unit) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  unit = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
  return value;
}

std::optional<std::size_t> count(std::string_view text) {
  std::string_view unit;
  const auto value = number(text, unit);
  return value && *value > 0 && unit.empty() ? value : std::nullopt;
}

std::optional<std::chrono::milliseconds> duration(std::string_view text) {
  std::string_view unit;
  const auto value = number(text, unit);
  if (!value || *value > 60'000 || (unit != "ms" && unit != "s")) return std::nullopt;
  const auto scale = unit == "s" ? 1'000U : 1U;
  return std::min(std::chrono::milliseconds(*value * scale), kMaxDelay);
}

// Made up, and put together here so that no scanner of source code takes one for real.
std::optional<std::string> canned(std::string_view name) {
  if (name == "email") return "You can write to jane.doe@example.com at any time.";
  if (name == "card") return "The card is " + std::string("4111 1111") + " 1111 1111.";
  if (name == "aws-key") return "Use the key " + std::string("AKIA") + "Z7QW3N5RTK2LMB4D for the upload.";
  if (name == "crlf") return "line one\r\nline two\rline three\n\nline five";
  if (name == "empty") return "";
  return std::nullopt;
}

bool read_fault(Script& script, std::string_view value) {
  if (value == "reset") {
    script.fault = Fault::kReset;
  } else if (value == "stall") {
    script.fault = Fault::kStall;
  } else if (value == "truncate") {
    script.fault = Fault::kTruncate;
  } else if (value == "garbage") {
    script.fault = Fault::kGarbage;
  } else if (value == "event") {
    script.fault = Fault::kEvent;
  } else {
    const auto status = count(value);
    if (!status || *status < 400 || *status > 599) return false;
    script.fault = Fault::kStatus;
    script.status = static_cast<int>(*status);
  }
  return true;
}

struct Answer {
  std::optional<std::string> text;
  std::size_t repeat = 1;
};

template <class T>
bool set(const std::optional<T>& value, auto& into) {
  if (value) into = *value;
  return value.has_value();
}

// The base64 of a text, the top bit of each of its bytes turned over: detectors that read base64 read nothing here.
std::optional<std::string> decoded(std::string_view base64) {
  auto text = from_base64(base64);
  if (text)
    for (char& c : *text) c = static_cast<char>(static_cast<unsigned char>(c) ^ 0x80U);
  return text && is_utf8(*text) ? text : std::nullopt;
}

std::optional<std::string> object(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto value = parse_json(*text);
  return value && value->is_object() ? text : std::nullopt;
}

bool read_directive(Script& script, Answer& answer, std::string_view name, std::string_view value) {
  if (name == "say") return set(std::optional(std::string(value)), answer.text);
  if (name == "say64") return set(decoded(value), answer.text);
  if (name == "think") return set(std::optional(std::string(value)), script.thinking);
  if (name == "think64") return set(decoded(value), script.thinking);
  if (name == "args") return set(object(std::string(value)), script.arguments);
  if (name == "args64") return set(object(decoded(value)), script.arguments);
  if (name == "canned") return set(canned(value), answer.text);
  if (name == "repeat") return set(count(value), answer.repeat);
  if (name == "chunks") return set(count(value), script.chunk_bytes);
  if (name == "delay") return set(duration(value), script.delay);
  if (name == "first-delay") return set(duration(value), script.first_delay);
  return name == "fault" && read_fault(script, value);
}

bool asks_for_tool(std::string_view text) {
  constexpr std::string_view kPhrase = "call the tool";
  return !std::ranges::search(text, kPhrase, {}, [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
          }).empty();
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// The end of the word at or after `from`, with the spaces before it.
std::size_t end_of_word(std::string_view text, std::size_t from) {
  while (from < text.size() && is_space(text[from])) ++from;
  while (from < text.size() && !is_space(text[from])) ++from;
  return from;
}

}  // namespace

Script read_script(std::string_view message) {
  Script script;
  Answer answer;
  while (!message.empty()) {
    const auto open = message.find("[[");
    script.heard += message.substr(0, open);
    if (open == std::string_view::npos) break;
    message.remove_prefix(open);
    const auto close = message.find("]]");
    const auto inside = close == std::string_view::npos ? std::string_view() : message.substr(2, close - 2);
    const auto colon = inside.find(':');
    if (colon != std::string_view::npos &&
        read_directive(script, answer, trimmed(inside.substr(0, colon)), trimmed(inside.substr(colon + 1)))) {
      message.remove_prefix(close + 2);
    } else {
      script.heard += message.substr(0, 2);
      message.remove_prefix(2);
    }
  }
  script.heard = trimmed(script.heard);
  script.call_tool = asks_for_tool(script.heard) || !script.arguments.empty();
  const auto once = answer.text.value_or("You said: " + script.heard);
  const auto times =
      once.empty() ? 0 : std::min(answer.repeat, std::max<std::size_t>(kMaxText / once.size(), 1));
  for (std::size_t i = 0; i < times; ++i) script.text += once;
  return script;
}

std::vector<std::string> pieces(std::string_view text, std::size_t chunk_bytes) {
  std::vector<std::string> all;
  while (!text.empty()) {
    auto end = chunk_bytes == 0 ? end_of_word(text, 0) : std::min(chunk_bytes, text.size());
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
    all.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return all;
}

std::size_t count_words(std::string_view text) {
  std::size_t words = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!is_space(text[i]) && (i == 0 || is_space(text[i - 1]))) ++words;
  return words;
}

std::string first_words(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  for (; count > 0 && end < text.size(); --count) end = end_of_word(text, end);
  return std::string(text.substr(0, end));
}

}  // namespace plimsoll::sample
