// Structured logs: one JSON object a line on standard error, ready for Loki.
//
//   log_info("policy loaded", {{"version", version}, {"rules", 12}});
//   {"ts":"2025-01-31T23:59:59.250Z","level":"info","msg":"policy loaded","version":"…","rules":12}
//
// Thread-safe; a line is one write(2). Callers never pass prompts, completions, matched values or
// credentials: invariant 5.
#pragma once

#include <boost/json/value.hpp>
#include <concepts>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace plimsoll {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

std::optional<LogLevel> parse_log_level(std::string_view text);  // debug|info|warn|warning|error, any case
void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);

struct LogField {
  LogField(std::string_view k, std::string_view v)
      : key(k), value(boost::json::string_view(v.data(), v.size())) {}
  LogField(std::string_view k, const char* v) : LogField(k, std::string_view(v)) {}
  LogField(std::string_view k, const std::string& v) : LogField(k, std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  template <std::integral T>
  LogField(std::string_view k, T v) : key(k), value(v) {}
  std::string_view key;
  boost::json::value value;
};
using LogFields = std::initializer_list<LogField>;
void log(LogLevel level, std::string_view message, LogFields fields);

inline void log_debug(std::string_view m, LogFields f = {}) {
  log(LogLevel::kDebug, m, f);
}
inline void log_info(std::string_view m, LogFields f = {}) {
  log(LogLevel::kInfo, m, f);
}
inline void log_warn(std::string_view m, LogFields f = {}) {
  log(LogLevel::kWarn, m, f);
}
inline void log_error(std::string_view m, LogFields f = {}) {
  log(LogLevel::kError, m, f);
}

}  // namespace plimsoll
