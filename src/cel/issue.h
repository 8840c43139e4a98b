// Problems while they are collected: by byte offset, in the order found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cel/cel.h"

namespace plimsoll::cel {

class Issues {
 public:
  void add(std::uint32_t offset, std::string message) { all_.emplace_back(offset, std::move(message)); }
  bool empty() const { return all_.empty(); }
  std::size_t size() const { return all_.size(); }

  // With lines and columns, by position; at most `kMost`, the last of which then says so.
  std::vector<Problem> in(std::string_view source) &&;

  static constexpr std::size_t kMost = 50;

 private:
  std::vector<std::pair<std::uint32_t, std::string>> all_;
};

}  // namespace plimsoll::cel
