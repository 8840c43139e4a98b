// Text in columns.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace plimsoll::evaluate {

// The first column is set left, the others right; a column is as wide as its widest cell.
class Table {
 public:
  explicit Table(std::vector<std::string> head) { add(std::move(head)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.size() < 2; }
  std::string to_text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace plimsoll::evaluate
