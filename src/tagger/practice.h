// Sentences made up for training: data/contexts.txt with invented values in their places.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "random.h"
#include "tagger/training.h"

namespace plimsoll::tagger {

class Practice {
 public:
  explicit Practice(std::uint64_t seed);

  // Every sentence once, filled anew; some in lower or upper case throughout.
  std::vector<Example> round();

  // The example with every name replaced by another of its kind, in about the same style.
  Example with_other_values(const Example& example);

 private:
  std::string person();
  std::string organization();
  std::string place();
  std::string address();
  std::string street();
  std::string zip();
  std::string given();
  std::string family();
  std::string city();
  std::string country();
  std::string street_name();
  std::string digits(std::size_t n);
  std::string house();
  std::string invented(const std::vector<std::string_view>& names);
  std::string value(std::string_view slot, Kind& kind, bool& named);
  Example fill(std::string_view sentence);
  template <class T>
  const T& any(const std::vector<T>& from) {
    return from[random_.below(from.size())];
  }

  Random random_;
  std::vector<std::string_view> sentences_, given_, family_, cities_, countries_, organizations_;
};

// ASCII and Latin letters in lower or upper case.
std::string in_case(std::string_view text, bool upper);

}  // namespace plimsoll::tagger
