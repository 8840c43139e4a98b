// Windows that a text has had before, as logs, tables and those who would keep us busy repeat them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::classify {

// What a window adds to a text that it is in already.
struct Repeat {
  bool says_nothing = false;
  std::size_t words = 0;
  std::vector<std::int32_t> vectors;
};

// Some windows of some texts; a text has a number of its own. One thread at a time.
class Repeats {
 public:
  // Nothing when it is not known that the text has had the window.
  const Repeat* find(std::uint64_t text, std::string_view window) const {
    const auto& known = slot(window);
    return known.text == text && known.window == window ? &known.repeat : nullptr;
  }
  Repeat& put(std::uint64_t text, std::string_view window) {
    auto& known = slot(window);
    known.text = text;
    known.window = window;
    return known.repeat;
  }

 private:
  struct Known {
    std::uint64_t text = 0;
    std::string window;
    Repeat repeat;
  };
  static constexpr std::size_t kSlots = 64;  // about 40 KB in all
  Known& slot(std::string_view window) { return known_[std::hash<std::string_view>()(window) % kSlots]; }
  const Known& slot(std::string_view window) const {
    return known_[std::hash<std::string_view>()(window) % kSlots];
  }
  std::array<Known, kSlots> known_;
};

}  // namespace plimsoll::classify
