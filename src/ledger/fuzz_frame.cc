#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "scan.h"

using namespace plimsoll::ledger;

namespace {

// Walks any bytes. Whatever is taken for a record must be written again as the same bytes.
void walk(std::string_view file, std::uint64_t salt) {
  auto scan = Scan::open(file);
  if (!scan) return;
  for (auto offset = scan->offset(); const auto record = scan->next(); offset = scan->offset()) {
    std::string again;
    append_record(again, salt, record->synced, record->entry);
    if (file.substr(offset, again.size()) != again || scan->offset() != offset + again.size()) std::abort();
  }
  (void)scan->rest();
}

}  // namespace

// The input is a file body behind a good header, and then a recipe: entries to write, and a place to damage.
// No checksum would let arbitrary bytes get far.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kSalt = 1;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  walk(input, 0);
  const auto header = encode({.first = 5, .salt = kSalt});
  walk(header + std::string(input), kSalt);

  if (size < 4) return 0;
  auto file = header;
  std::vector<std::string_view> entries;
  Index synced = 5;
  for (std::size_t at = 4; at < size;) {
    const auto entry = input.substr(at, 1 + data[at] % 64);
    if (data[at] >= 128) synced = 5 + entries.size();
    append_record(file, kSalt, synced, entry);
    entries.push_back(entry);
    at += entry.size();
  }
  const auto place = kHeaderBytes + (data[0] | data[1] << 8U) % (file.size() - kHeaderBytes + 1);
  auto damaged = file;
  if (data[2] % 2 == 0) damaged.resize(place);
  if (data[2] % 2 == 1 && place < file.size()) damaged[place] = static_cast<char>(damaged[place] ^ data[3]);

  // What is read back is a beginning of what was written, and all of it where nothing was changed.
  auto scan = Scan::open(damaged);
  std::size_t count = 0;
  while (const auto record = scan->next())
    if (count == entries.size() || record->entry != entries[count++]) std::abort();
  if (damaged == file && count != entries.size()) std::abort();
  (void)scan->rest();
  return 0;
}
