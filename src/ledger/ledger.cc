#include "ledger/ledger.h"

#include "base/log.h"
#include "ledger/log_reader.h"
#include "publisher.h"
#include "writer.h"

namespace plimsoll::ledger {

Ledger::Ledger(std::shared_ptr<FileSystem> files, std::string directory, std::unique_ptr<Publisher> publisher,
               std::unique_ptr<LogReader> reader)
    : files_(std::move(files)),
      directory_(std::move(directory)),
      publisher_(std::move(publisher)),
      reader_(std::move(reader)) {}

Ledger::~Ledger() {
  publisher_->detach(writer_->size());
  writer_.reset();  // its last entries are handed over
}

Result<std::unique_ptr<Ledger>> Ledger::open(Options options) {
  return open(std::move(options), posix_files());
}

Result<std::unique_ptr<Ledger>> Ledger::open(Options options, const std::shared_ptr<FileSystem>& files) {
  std::string problems;
  for (const auto& problem : options.problems()) problems += (problems.empty() ? "" : "; ") + problem;
  if (!problems.empty()) return fail(Code::kInvalid, problems);

  auto journal = Journal::open(files, options.directory, options.segment_bytes);
  if (!journal) return std::unexpected(std::move(journal).error().in("open ledger"));
  auto publication = Publication::open(files, options.directory, journal->size(), options.origin);
  if (!publication) return std::unexpected(std::move(publication).error().in("open ledger"));
  log_info("ledger: open", {{"directory", options.directory},
                            {"entries", journal->size()},
                            {"origin", publication->keys().origin()}});

  auto publisher = std::make_unique<Publisher>(files, options.directory, options.checkpoint_interval,
                                               *std::move(publication));
  auto reader = std::unique_ptr<LogReader>(new LogReader(files, options.directory, publisher->published()));
  std::unique_ptr<Ledger> ledger(
      new Ledger(files, options.directory, std::move(publisher), std::move(reader)));
  ledger->writer_ = std::make_unique<Writer>(
      options, *std::move(journal),
      [to = ledger->publisher_.get()](Placed placed) { to->hand_over(std::move(placed)); });
  ledger->publisher_->start([writer = ledger->writer_.get()] { return writer->size(); },
                            [writer = ledger->writer_.get()](std::string entry, Done done) {
                              return writer->append(std::move(entry), std::move(done));
                            });
  return ledger;
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

const LogReader& Ledger::reader() const {
  return *reader_;
}

Ledger::Stats Ledger::stats() const {
  auto stats = writer_->stats();
  const auto published = publisher_->published()->get();
  stats.published = published->checkpoint.size;
  stats.tree_bytes = published->tree.bytes();
  stats.publish_failures = publisher_->failures();
  return stats;
}

}  // namespace plimsoll::ledger
