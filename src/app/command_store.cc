#include <cstdlib>
#include <ostream>

#include "base/log.h"
#include "commands.h"
#include "ledger/log_reader.h"
#include "store/projector.h"
#include "store/queries.h"

namespace plimsoll::app {
namespace {

struct Opened {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<ledger::LogReader> log;
};

Result<Opened> open(const StoreArgs& args) {
  auto log = ledger::LogReader::open(args.log);
  if (!log) return std::unexpected(std::move(log).error().in(args.log));
  store::Options options;
  options.database = args.database;
  options.duckdb_library = args.library;
  auto store = store::open_store(options);
  if (!store) return std::unexpected(std::move(store).error());
  return Opened{.store = *std::move(store), .log = *std::move(log)};
}

int refuse(const Error& error, std::ostream& err) {
  err << "plimsoll store: " << error.message << '\n';
  return 2;
}

}  // namespace

int store_rebuild(const StoreArgs& args, std::ostream& out, std::ostream& err) {
  set_log_level(LogLevel::kWarn);
  const auto opened = open(args);
  if (!opened) return refuse(opened.error(), err);
  const auto checkpoint = opened->log->checkpoint();
  if (auto cleared = opened->store->clear(checkpoint.origin); !cleared) return refuse(cleared.error(), err);
  const auto begin = std::chrono::steady_clock::now();
  const auto reached = store::catch_up(*opened->store, *opened->log);
  if (!reached) return refuse(reached.error(), err);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  out << opened->store->description() << ": made again of the " << reached->next << " entries of "
      << checkpoint.origin << ", "
      << static_cast<std::uint64_t>(static_cast<double>(reached->next) / took.count()) << " a second\n";
  return 0;
}

int store_status(const StoreArgs& args, std::ostream& out, std::ostream& err) {
  set_log_level(LogLevel::kWarn);
  const auto opened = open(args);
  if (!opened) return refuse(opened.error(), err);
  const auto checkpoint = opened->log->checkpoint();
  out << opened->store->description() << '\n';
  const auto position = store::check_identity(*opened->store, *opened->log);
  if (!position) {
    err << position.error().message << '\n';
    return 1;
  }
  out << checkpoint.origin << ": " << position->next << " of " << checkpoint.size
      << " entries are in the store\n";
  const auto reader = opened->store->reader();
  if (!reader) return refuse(reader.error(), err);
  const auto totals = store::totals(**reader);
  if (!totals) return refuse(totals.error(), err);
  out << "events: " << totals->events << ", at an ASL level: " << totals->asl
      << ", for review: " << totals->reviews << '\n';
  if (!args.digests || position->next == 0) return 0;
  const auto digests = store::digests(**reader, checkpoint.origin);
  if (!digests) return refuse(digests.error(), err);
  for (const auto& [table, digest] : *digests) out << table << ": sha256:" << digest << '\n';
  return 0;
}

}  // namespace plimsoll::app
