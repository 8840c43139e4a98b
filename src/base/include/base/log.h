// Structured logs: one JSON object a line on standard error, ready for Loki.
//
//   log_info("policy loaded", {{"version", version}, {"rules", 12}});
//   {"ts":"2025-01-31T23:59:59.250Z","level":"info","msg":"policy loaded","version":"…","rules":12}
//
// Thread-safe; a line is one write(2). Callers never pass prompts, completions, matched values or
// credentials: invariant 5.
#pragma once

#include <boost/json/value.hpp>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace plimsoll {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

std::optional<LogLevel> parse_log_level(std::string_view text);  // debug|info|warn|warning|error, any case
void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);

using LogFields = std::initializer_list<std::pair<std::string_view, boost::json::value>>;
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
