// Characters whose bytes arrive apart.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::wire {

// Makes whole characters of pieces that may be cut inside one. What is no UTF-8 becomes U+FFFD; what comes
// out, taken together, does not depend on the cuts.
class Utf8Joiner {
 public:
  std::string push(std::string_view bytes);
  std::string finish();  // what is left, which can only be the beginning of a character

 private:
  std::string begun_;
};

}  // namespace plimsoll::wire
