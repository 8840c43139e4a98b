#include <cstdint>
#include <cstdlib>

#include "base/json.h"
#include "dataset/row.h"

// Whatever is accepted keeps what the header promises of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  const auto row = dataset::parse_row({reinterpret_cast<const char*>(data), size});
  if (!row) return 0;
  if (!is_utf8(row->text) || !(row->weight > 0 && row->weight <= 1)) std::abort();
  std::size_t last = 0;
  if (row->spans)
    for (const auto& span : *row->spans) {
      const auto [begin, end] = span.span;
      if (begin < last || begin >= end || end > row->text.size() || span.type.empty()) std::abort();
      if (!is_utf8(std::string_view(row->text).substr(begin, end - begin))) std::abort();
      last = begin;
    }
  return 0;
}
