#include "ledger/ledger.h"

#include "base/log.h"
#include "writer.h"

namespace plimsoll::ledger {

Ledger::Ledger(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::open(Options options) {
  return open(std::move(options), posix_files());
}

Result<std::unique_ptr<Ledger>> Ledger::open(Options options, const std::shared_ptr<FileSystem>& files) {
  std::string problems;
  for (const auto& problem : options.problems()) problems += (problems.empty() ? "" : "; ") + problem;
  if (!problems.empty()) return fail(Code::kInvalid, problems);

  auto journal = Journal::open(files, options.directory, options.segment_bytes);
  if (!journal) return std::unexpected(std::move(journal).error().in("open ledger"));
  log_info("ledger: open", {{"directory", options.directory}, {"entries", journal->size()}});
  return std::unique_ptr<Ledger>(new Ledger(std::make_unique<Writer>(options, *std::move(journal))));
}

Result<void> Ledger::append(std::string entry, Done done) {
  return writer_->append(std::move(entry), std::move(done));
}

bool Ledger::writable() const {
  return writer_->writable();
}

Index Ledger::size() const {
  return writer_->size();
}

Ledger::Stats Ledger::stats() const {
  return writer_->stats();
}

}  // namespace plimsoll::ledger
