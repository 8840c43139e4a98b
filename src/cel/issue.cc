#include "issue.h"

#include <algorithm>

#include "utf8.h"

namespace plimsoll::cel {

std::vector<Problem> Issues::in(std::string_view source) && {
  std::ranges::sort(all_);
  std::vector<Problem> out;
  std::size_t line = 1;
  std::size_t column = 1;
  std::size_t at = 0;
  for (auto& [offset, message] : all_) {
    while (at < offset && at < source.size()) {
      if (source[at] == '\n') {
        ++line;
        column = 1;
        ++at;
      } else {
        ++column;
        at += decode_utf8(source, at).length;
      }
    }
    out.push_back({line, column, std::move(message)});
    if (out.size() == kMost && all_.size() > kMost) {
      out.back().message = "and " + std::to_string(all_.size() - kMost + 1) + " more problems";
      break;
    }
  }
  return out;
}

}  // namespace plimsoll::cel
