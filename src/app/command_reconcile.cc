#include <cstdio>
#include <map>
#include <ostream>
#include <set>

#include "base/json.h"
#include "commands.h"
#include "ledger/ledger.h"
#include "ledger/retention.h"

namespace plimsoll::app {
namespace {

// The decisions of one process, as the log has them.
struct Process {
  std::uint64_t count = 0, next = 1;
  std::set<std::uint64_t>
      ahead;                // seen, and beyond `next`: entries of several threads come a little out of order
  std::uint64_t first = 0;  // seen; 0 before
  std::uint64_t removed = 0;  // of those before it: their time to be kept is over
  std::uint64_t twice = 0;
  std::uint64_t told = 0;  // by the last tally
  std::string listener = "gateway";
  std::map<std::string, std::uint64_t> hours;  // decisions by hour: "2026-01-31T23"

  // `pruned`: entries before this one were removed.
  void see(std::uint64_t seq, bool pruned) {
    ++count;
    if (first == 0) {
      first = seq;
      if (pruned && seq > 1) {
        removed = seq - 1;
        next = seq;
      }
    } else if (removed > 0 && seq < first) {  // as old as the first, and a little out of order
      --removed;
      return;
    }
    if (seq < next || !ahead.insert(seq).second) {
      ++twice;
      return;
    }
    while (ahead.erase(next) > 0) ++next;
  }
  // Where entries were removed up to a certain time, a few after the first that is left may be among them: several
  // threads number them and read the clock.
  void forgive() {
    while (removed > 0 && next < first + kNearby && next < last()) {
      ++removed;
      ++next;
      while (ahead.erase(next) > 0) ++next;
    }
  }
  static constexpr std::uint64_t kNearby = 64;
  std::uint64_t last() const { return std::max(told, ahead.empty() ? next - 1 : *ahead.rbegin()); }
  std::uint64_t missing() const { return last() - (next - 1) - ahead.size(); }
  // The first that is.
  std::uint64_t first_missing() const { return next; }
};

std::uint64_t number(const json::value& entry, std::string_view name) {
  const auto* found = find(entry, name);
  return found != nullptr && found->is_number() ? found->to_number<std::uint64_t>() : 0;
}

// `removed`: of the decisions so far, those whose entries were removed.
void take(const json::value& entry, std::uint64_t removed, std::map<std::string, Process>& processes,
          std::uint64_t& unnumbered) {
  const auto* type = find_string(entry, "type");
  const auto* instance = find_string(entry, "instance");
  if (type == nullptr || (*type != "decision" && *type != "tally")) return;
  if (instance == nullptr || instance->empty()) {
    ++unnumbered;
    return;
  }
  auto& process = processes[std::string(*instance)];
  if (*type == "tally") {
    process.told = std::max(process.told, number(entry, "decisions"));
    if (const auto* listener = find_string(entry, "listener")) process.listener = *listener;
    return;
  }
  process.see(number(entry, "seq"), removed > 0);
  if (const auto* time = find_string(entry, "time"); time != nullptr)
    ++process.hours[std::string(*time).substr(0, 13)];
}

}  // namespace

int ledger_reconcile(const std::string& directory, std::ostream& out, std::ostream& err) {
  auto reader = ledger::Reader::open(directory);
  if (!reader) {
    err << reader.error().message << '\n';
    return 2;
  }
  std::map<std::string, Process> processes;
  std::uint64_t unnumbered = 0, removed = 0, recorded = 0;
  for (;;) {
    auto entry = reader->next();
    if (!entry) {
      err << entry.error().message << '\n';
      return 2;
    }
    if (!*entry) break;
    if ((*entry)->removed()) {
      ++removed;
      continue;
    }
    const auto value = parse_json((*entry)->bytes);
    if (!value) continue;
    take(*value, removed, processes, unnumbered);
    if (ledger::parse_prune_record((*entry)->bytes))
      if (const auto* counts = find(*value, "removed")) recorded += number(*counts, "decision");
  }
  bool complete = true;
  std::uint64_t over = 0;
  for (auto& [instance, process] : processes) {
    process.forgive();
    over += process.removed;
    out << instance << " (" << process.listener << "): " << process.last() << " decisions made, "
        << process.count << " in the log\n";
    for (const auto& [hour, count] : process.hours) out << "  " << hour << ":00Z  " << count << '\n';
    if (process.removed > 0)
      out << "  removed, their time to be kept being over: " << process.removed << '\n';
    if (process.missing() > 0) {
      complete = false;
      out << "  missing: " << process.missing() << ", the first is number " << process.first_missing()
          << '\n';
    }
    if (process.twice > 0) {
      complete = false;
      out << "  there twice: " << process.twice << '\n';
    }
  }
  if (over > recorded) {
    complete = false;
    out << "removed are " << over << " decisions, and prune records speak of " << recorded << '\n';
  }
  if (unnumbered > 0) out << unnumbered << " decisions are of a version that did not number them\n";
  out << (complete ? "complete: every decision that was made is in the log\n" : "NOT complete\n");
  return complete ? 0 : 1;
}

}  // namespace plimsoll::app
