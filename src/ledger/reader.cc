#include <algorithm>

#include "recovery.h"
#include "scan.h"

namespace plimsoll::ledger {

struct Reader::State {
  std::shared_ptr<FileSystem> files;
  std::string directory;
  Index next = 0;
  std::vector<Index> segments;
  std::size_t current = 0;
  std::string bytes;
  std::optional<Scan> scan;  // of `bytes`; none before they are read

  bool in_last() const { return current + 1 == segments.size(); }

  Result<void> load();
  Result<std::optional<Entry>> read();
  Error damage() const;
};

Reader::Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

Result<Reader> Reader::open(std::string directory, Index from) {
  return open(std::move(directory), from, posix_files());
}

Result<Reader> Reader::open(std::string directory, Index from, std::shared_ptr<FileSystem> files) {
  auto segments = list_segments(*files, directory);
  if (!segments) return std::unexpected(std::move(segments).error());
  if (segments->empty()) return fail(Code::kNotFound, directory + ": no log here");
  auto state = std::make_unique<State>();
  state->files = std::move(files);
  state->directory = std::move(directory);
  state->next = from;
  state->current =
      static_cast<std::size_t>(std::ranges::upper_bound(*segments, from) - segments->begin()) - 1;
  state->segments = *std::move(segments);
  return Reader(std::move(state));
}

Result<std::optional<Entry>> Reader::next() {
  return state_->read();
}

Result<void> Reader::State::load() {
  bytes = std::string();  // two segments at once would be twice the memory
  auto read = read_segment(*files, directory, segments[current]);
  if (!read) return std::unexpected(std::move(read).error());
  bytes = *std::move(read);
  auto opened = Scan::open(bytes);
  if (!opened) return std::unexpected(std::move(opened).error());
  scan = *opened;
  return {};
}

Error Reader::State::damage() const {
  return {Code::kInvalid, directory + "/" + segment_name(segments[current]) + ": entry " +
                              std::to_string(scan->index()) + " at offset " + std::to_string(scan->offset()) +
                              " is missing or damaged"};
}

Result<std::optional<Entry>> Reader::State::read() {
  std::optional<Index> read_twice;
  while (true) {
    if (!scan)
      if (auto loaded = load(); !loaded) return std::unexpected(std::move(loaded).error());

    if (!in_last() && scan->index() == segments[current + 1]) {
      ++current;
      scan.reset();
      continue;
    }
    const auto index = scan->index();
    const auto offset = scan->offset();
    if (const auto record = scan->next()) {
      if (index < next) continue;
      next = index + 1;
      return Entry{index, std::string(record->entry), record->leaf_hash, segments[current], offset};
    }
    if (!in_last()) return std::unexpected(damage());
    if (scan->rest() != Scan::Rest::kDamage) return std::nullopt;
    // Beside a working Ledger the front of the file may have been read before, and its end after, a write.
    if (read_twice == index) return std::unexpected(damage());
    read_twice = index;
    scan.reset();
  }
}

}  // namespace plimsoll::ledger
