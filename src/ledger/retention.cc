#include "ledger/retention.h"

#include <algorithm>
#include <array>
#include <future>
#include <thread>

#include "base/json.h"
#include "base/log.h"
#include "ledger/log_reader.h"
#include "publisher.h"
#include "recovery.h"
#include "scan.h"
#include "writer.h"

namespace plimsoll::ledger {
namespace {

constexpr std::string_view kRecordMark = R"("type":"prune")";
constexpr std::array<std::string_view, 3> kForEver = {"erasure", "key_rotated", "prune"};
constexpr std::size_t kBlockBytes = 64U << 10U;
constexpr auto kPublished = std::chrono::seconds(10);
constexpr auto kLook = std::chrono::milliseconds(10);

using Cutoffs = std::map<std::string, std::string, std::less<>>;

// Whether no time in the entry, as entries write it, is before any of the cutoffs: most entries need not be parsed.
bool surely_newer(std::string_view newest_cutoff, std::string_view entry) {
  constexpr std::string_view kTime = R"("time":")";
  auto at = entry.find(kTime);
  if (at == std::string_view::npos) return false;
  for (; at != std::string_view::npos; at = entry.find(kTime, at + kTime.size()))
    if (entry.substr(at + kTime.size(), newest_cutoff.size()) < newest_cutoff) return false;
  return true;
}

// The type of an entry that is older than its cutoff.
std::optional<std::string> expired_type(const Cutoffs& before, std::string_view entry) {
  const auto value = parse_json(entry);
  if (!value) return std::nullopt;
  const auto* type = find_string(*value, "type");
  const auto* time = find_string(*value, "time");
  if (type == nullptr || time == nullptr) return std::nullopt;
  const auto cutoff = before.find(std::string_view(*type));
  if (cutoff == before.end()) return std::nullopt;
  // Entries write the time as the cutoff is written; another way of writing is not taken for an old one.
  if (time->size() != cutoff->second.size() || std::string_view(*time) >= cutoff->second) return std::nullopt;
  return cutoff->first;
}

struct Census {
  std::uint64_t removed = 0;          // entries of which only the hash is left
  std::uint64_t recorded = 0;         // entries that prune records speak of
  std::optional<PruneRecord> newest;  // prune record
  std::map<std::string, std::uint64_t> expired;
  bool in_last = false;  // one of these is in the segment that is written
};

Result<Census> count(const std::shared_ptr<FileSystem>& files, const std::string& directory,
                     const PruneRecord& wanted, const std::stop_token& stop) {
  auto reader = Reader::open(directory, 0, files);
  if (!reader) return std::unexpected(std::move(reader).error());
  const auto segments = list_segments(*files, directory);
  if (!segments) return std::unexpected(segments.error());
  std::string newest_cutoff;
  for (const auto& [type, before] : wanted.before) newest_cutoff = std::max(newest_cutoff, before);
  Census census;
  for (;;) {
    const auto entry = reader->next();
    if (!entry) return std::unexpected(entry.error());
    if (!*entry || (*entry)->index >= wanted.below) return census;
    if (stop.stop_requested()) return fail(Code::kUnavailable, "stopped");
    if ((*entry)->removed()) {
      ++census.removed;
      continue;
    }
    const std::string& bytes = (*entry)->bytes;
    if (bytes.contains(kRecordMark))
      if (auto record = parse_prune_record(bytes)) {
        census.recorded += record->removed;
        census.newest = *std::move(record);
      }
    if (surely_newer(newest_cutoff, bytes)) continue;
    if (auto type = expired_type(wanted.before, bytes)) {
      ++census.expired[*std::move(type)];
      census.in_last = census.in_last || (*entry)->segment == segments->back();
    }
  }
}

// Writes what is not zero: the rest takes no room.
Result<void> replace_segment(FileSystem& files, const std::string& directory, Index first,
                             std::string_view bytes) {
  const auto name = directory + "/" + segment_name(first), temporary = name + ".tmp";
  const auto file = files.create(temporary);
  if (!file) return std::unexpected(file.error());
  auto made = (*file)->truncate(bytes.size());
  for (std::size_t at = 0; made && at < bytes.size(); at += kBlockBytes) {
    const auto block = bytes.substr(at, kBlockBytes);
    if (block.find_first_not_of('\0') != std::string_view::npos) made = write_all(**file, block, at);
  }
  if (made) made = (*file)->sync();
  if (made) made = files.rename(temporary, name);
  if (!made) {
    (void)files.remove(temporary);
    return made;
  }
  return files.sync_directory(directory);
}

// Does what the record says, as far as it is not done. The number of entries.
Result<std::uint64_t> remove_entries(FileSystem& files, const std::string& directory,
                                     const PruneRecord& record, const std::stop_token& stop) {
  const auto segments = list_segments(files, directory);
  if (!segments) return std::unexpected(segments.error());
  std::uint64_t removed = 0;
  for (std::size_t i = 0; i + 1 < segments->size() && segments->at(i) < record.below; ++i) {
    if (stop.stop_requested()) return fail(Code::kUnavailable, "stopped");
    auto bytes = read_segment(files, directory, segments->at(i));
    if (!bytes) return std::unexpected(std::move(bytes).error());
    auto changed = *bytes;
    auto scan = Scan::open(*bytes);
    if (!scan) return std::unexpected(std::move(scan).error());
    std::uint64_t here = 0;
    while (scan->index() < segments->at(i + 1)) {
      const auto index = scan->index();
      const auto offset = scan->offset();
      const auto found = scan->next();
      if (!found)
        return fail(Code::kInvalid, directory + "/" + segment_name(segments->at(i)) + ": entry " +
                                        std::to_string(index) + " is missing or damaged");
      if (found->removed() || !record.covers(index, found->entry)) continue;
      remove_entry(changed, offset, scan->salt());
      ++here;
    }
    if (here == 0) continue;
    changed.resize(scan->offset());
    if (auto replaced = replace_segment(files, directory, segments->at(i), changed); !replaced)
      return std::unexpected(std::move(replaced).error());
    removed += here;
  }
  return removed;
}

std::string to_entry(const PruneRecord& record, const std::map<std::string, std::uint64_t>& removed,
                     Time now) {
  json::object before, counts;
  for (const auto& [type, number] : removed) {
    before[type] = record.before.at(type);
    counts[type] = number;
  }
  return to_canonical_json(json::object{{"before", std::move(before)},
                                        {"below", record.below},
                                        {"class", "entries"},
                                        {"removed", std::move(counts)},
                                        {"time", to_rfc3339_ms(now)},
                                        {"type", "prune"},
                                        {"v", 1}});
}

}  // namespace

bool PruneRecord::covers(Index index, std::string_view entry) const {
  return index < below && expired_type(before, entry).has_value();
}

std::optional<PruneRecord> parse_prune_record(std::string_view entry) {
  if (!entry.contains(kRecordMark)) return std::nullopt;
  const auto value = parse_json(entry);
  if (!value) return std::nullopt;
  const auto* type = find_string(*value, "type");
  const auto* kind = find_string(*value, "class");
  if (type == nullptr || *type != "prune" || kind == nullptr || *kind != "entries") return std::nullopt;
  const auto* before = find(*value, "before");
  const auto* below = find(*value, "below");
  const auto* removed = find(*value, "removed");
  if (before == nullptr || !before->is_object() || below == nullptr || !below->is_number() ||
      removed == nullptr || !removed->is_object())
    return std::nullopt;
  PruneRecord record;
  boost::system::error_code wrong;
  record.below = below->to_number<Index>(wrong);
  if (wrong) return std::nullopt;
  for (const auto& [name, time] : before->get_object())
    if (time.is_string()) record.before.emplace(name, time.get_string());
  for (const auto& [name, number] : removed->get_object()) {
    if (!number.is_number()) return std::nullopt;
    record.removed += number.to_number<std::uint64_t>(wrong);
    if (wrong) return std::nullopt;
  }
  return record;
}

Result<Pruned> Ledger::prune(const Retention& retention, Time now, const std::stop_token& stop) {
  PruneRecord wanted{.before = {}, .below = size(), .removed = 0};
  for (const auto& [type, keep] : retention.keep)
    if (std::ranges::find(kForEver, type) == kForEver.end())
      wanted.before.emplace(type, to_rfc3339_ms(now - keep));
  auto census = count(files_, directory_, wanted, stop);
  if (!census) return std::unexpected(std::move(census).error());
  Pruned pruned;
  // A record that was written and not carried out: the process died in between.
  if (census->recorded > census->removed && census->newest) {
    const auto removed = remove_entries(*files_, directory_, *census->newest, stop);
    if (!removed) return std::unexpected(removed.error());
    pruned.removed += *removed;
    if (census = count(files_, directory_, wanted, stop); !census) return std::unexpected(census.error());
  }
  if (census->expired.empty()) return pruned;

  if (census->in_last) writer_->begin_segment();
  std::promise<Result<Index>> kept;
  auto queued = append(to_entry(wanted, census->expired, now),
                       [&](Result<Index> index) { kept.set_value(std::move(index)); });
  if (!queued) return std::unexpected(std::move(queued).error());
  auto index = kept.get_future().get();
  if (!index) return std::unexpected(std::move(index).error());
  pruned.record = *index;
  // Whoever sees that something is gone must be able to read why.
  for (const auto patience = std::chrono::steady_clock::now() + kPublished;
       reader().checkpoint().size <= *index;) {
    if (std::chrono::steady_clock::now() > patience || publisher_->failures() > 0)
      return fail(Code::kUnavailable, "no checkpoint covers the prune record: nothing is removed yet");
    std::this_thread::sleep_for(kLook);
  }
  const auto removed = remove_entries(*files_, directory_, wanted, stop);
  if (!removed) return std::unexpected(removed.error());
  pruned.removed += *removed;
  log_info("ledger: entries removed whose time was over", {{"entries", *removed}, {"record", *index}});
  return pruned;
}

}  // namespace plimsoll::ledger
