#include "recovery.h"

#include <algorithm>

#include "base/log.h"
#include "scan.h"

namespace plimsoll::ledger {
namespace {

std::string path_of(const std::string& directory, Index first) {
  return directory + "/" + segment_name(first);
}

// The first name for `tail` that is free, or that holds it already: a start that fails later on, over and
// over, must not fill the disk with copies. Nobody else sees the directory now, so a name that is free stays
// free.
Result<std::string> name_for(FileSystem& files, const std::string& directory, Index first,
                             std::string_view tail) {
  const auto wanted = segment_name(first) + ".torn";
  auto name = wanted;
  for (int n = 1;; ++n) {
    const auto file = files.open(directory + "/" + name, FileSystem::Access::kRead);
    if (!file && file.error().code == Code::kNotFound) return name;
    if (!file) return std::unexpected(file.error());
    const auto held = read_all(**file, 2 * kMaxSegmentBytes);
    if (!held) return std::unexpected(held.error());
    if (*held == tail) return name;
    name = wanted + "." + std::to_string(n);
  }
}

Result<void> set_aside(FileSystem& files, const std::string& directory, Index first, std::string_view tail) {
  tail = tail.substr(0, tail.find_last_not_of('\0') + 1);
  const auto name = name_for(files, directory, first, tail);
  if (!name) return std::unexpected(name.error());
  const auto file = files.create(directory + "/" + *name);
  if (!file) return std::unexpected(file.error());
  auto kept = write_all(**file, tail, 0);
  if (kept) kept = (*file)->sync();
  if (!kept) {
    (void)files.remove(directory + "/" + *name);
    return kept;
  }
  if (auto synced = files.sync_directory(directory); !synced) return synced;
  log_warn("ledger: torn tail set aside", {{"file", *name}, {"bytes", tail.size()}});
  return {};
}

void remove_unfinished(FileSystem& files, const std::string& directory) {
  const auto names = files.list(directory);
  if (!names) return;
  for (const auto& name : *names)
    if (name.ends_with(".tmp") && parse_segment_name(name.substr(0, name.size() - 4)))
      (void)files.remove(directory + "/" + name);
}

}  // namespace

Result<std::vector<Index>> list_segments(FileSystem& files, const std::string& directory) {
  const auto names = files.list(directory);
  if (!names) return std::unexpected(names.error());
  std::vector<Index> firsts;
  for (const auto& name : *names)
    if (const auto first = parse_segment_name(name)) firsts.push_back(*first);
  std::ranges::sort(firsts);
  if (!firsts.empty() && firsts.front() != 0)
    return fail(Code::kInvalid, path_of(directory, 0) + ": this segment is missing");
  return firsts;
}

Result<std::string> read_segment(FileSystem& files, const std::string& directory, Index first) {
  const auto path = path_of(directory, first);
  const auto file = files.open(path, FileSystem::Access::kRead);
  if (!file) return std::unexpected(file.error());
  auto bytes = read_data(**file, 2 * kMaxSegmentBytes);
  if (!bytes) return std::unexpected(std::move(bytes).error().in(path));
  const auto header = decode_header(*bytes);
  if (!header) return std::unexpected(Error(header.error()).in(path));
  if (header->first != first) return fail(Code::kInvalid, path + ": the name is another segment's");
  return bytes;
}

Result<Recovered> recover(FileSystem& files, const std::string& directory) {
  remove_unfinished(files, directory);
  const auto segments = list_segments(files, directory);
  if (!segments) return std::unexpected(segments.error());
  if (segments->empty()) return Recovered{};

  const auto last = segments->back();
  const auto bytes = read_segment(files, directory, last);
  if (!bytes) return std::unexpected(bytes.error());
  auto scan = Scan::open(*bytes);
  if (!scan) return std::unexpected(scan.error());

  Recovered found{.first = last, .carried = {}, .last = last, .last_bytes = 0};
  while (const auto record = scan->next()) {
    if (record->removed())
      return fail(Code::kInvalid, path_of(directory, last) + ": entry " + std::to_string(scan->index() - 1) +
                                      " was removed from the segment that is written: restore this file");
    if (record->synced > found.first) {
      found.first = record->synced;
      found.carried.clear();
    }
    found.carried.emplace_back(record->entry);
  }
  found.last_bytes = scan->offset();

  const auto rest = scan->rest();
  if (rest == Scan::Rest::kDamage)
    return fail(Code::kInvalid, path_of(directory, last) + ": entry " + std::to_string(scan->index()) +
                                    " at offset " + std::to_string(scan->offset()) +
                                    " is damaged, and had been acknowledged: restore this file");
  if (rest == Scan::Rest::kTorn) {
    const auto tail = std::string_view(*bytes).substr(scan->offset());
    if (auto aside = set_aside(files, directory, last, tail); !aside)
      return std::unexpected(std::move(aside).error().in("set torn tail aside"));
  }
  return found;
}

void tidy(FileSystem& files, const std::string& directory, const Recovered& found) {
  if (!found.last || *found.last == found.first) return;  // nothing before, or replaced
  const auto file = files.open(path_of(directory, *found.last), FileSystem::Access::kWrite);
  if (file) (void)(*file)->truncate(found.last_bytes);
}

}  // namespace plimsoll::ledger
