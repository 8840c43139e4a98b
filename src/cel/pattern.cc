#include "pattern.h"

#include <re2/re2.h>

namespace plimsoll::cel {

std::expected<std::shared_ptr<const re2::RE2>, std::string> compile_pattern(std::string_view pattern) {
  constexpr std::int64_t kMaxMemory = 2 << 20;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  auto out = std::make_shared<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!out->ok()) return std::unexpected("this regular expression is wrong: " + out->error());
  return out;
}

bool occurs(const re2::RE2& pattern, std::string_view text) {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

}  // namespace plimsoll::cel
