#include <ostream>

#include "commands.h"
#include "ledger/ledger.h"

namespace plimsoll::app {
namespace {

// Gives every entry to `visit`; the exit status.
template <class Visit>
int for_each(const std::string& directory, std::uint64_t from, std::ostream& err, Visit visit) {
  auto reader = ledger::Reader::open(directory, from);
  if (!reader) {
    err << reader.error().message << '\n';
    return 2;
  }
  for (;;) {
    auto entry = reader->next();
    if (!entry) {
      err << entry.error().message << '\n';
      return 1;
    }
    if (!*entry) return 0;
    visit(**entry);
  }
}

}  // namespace

int ledger_show(const std::string& directory, std::uint64_t from, std::ostream& out, std::ostream& err) {
  return for_each(directory, from, err, [&](const ledger::Entry& entry) {
    out << R"({"index":)" << entry.index << R"(,"leaf_hash":")" << to_hex(entry.leaf_hash) << R"(","entry":)"
        << entry.bytes << "}\n";
  });
}

int ledger_verify(const std::string& directory, std::ostream& out, std::ostream& err) {
  std::uint64_t count = 0;
  const int status = for_each(directory, 0, err, [&](const ledger::Entry&) { ++count; });
  if (status == 0) out << directory << ": " << count << " entries, every one whole\n";
  return status;
}

}  // namespace plimsoll::app
