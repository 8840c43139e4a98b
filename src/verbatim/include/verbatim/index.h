// The fingerprints of protected works, as they lie in a file.
//
// What is in it: of every work the kept fingerprints (fingerprint.h) with the place they come from, and 4 bits of the
// hash of each word. A text cannot be read back from it. About 1.1 bytes for every 6 bytes of text at the default
// grain, all of it mapped, none copied; a run of words that is in no work costs one cache line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "verbatim/characters.h"
#include "verbatim/fingerprint.h"

namespace plimsoll::verbatim {

struct Header;
struct WorkRecord;

// A work. The texts point into the index.
struct Work {
  std::string_view id;      // 12 hexadecimal digits: the beginning of the SHA-256 of its bytes
  std::string_view name;    // "verbatim.<id>": the detector's name in a finding
  std::string_view title;   // printable, at most kMaxTitle bytes
  std::uint64_t first = 0;  // position of its first word among those of all works
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
};
inline constexpr std::size_t kMaxTitle = 200;

// Immutable; one serves all threads.
class Index {
 public:
  // Maps the file and checks all of it. kNotFound or kUnavailable when it cannot be read, kInvalid when it is damaged
  // or of another version; the message names the file and what to do. The file must be replaced by renaming another over
  // it, never written to in place.
  static Result<std::shared_ptr<const Index>> open(const std::string& path);
  // The same of bytes in memory, which must outlive it and begin at a multiple of 8. `name` is for messages.
  static Result<std::shared_ptr<const Index>> read(std::string_view bytes, const std::string& name);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  Grain grain() const;
  std::size_t works() const;
  Work work(std::size_t i) const;  // i < works()
  std::uint64_t words() const;
  std::uint64_t fingerprints() const;
  std::size_t bytes() const { return bytes_.size(); }
  // Identifies what is in it: the same revision finds the same. "corpus-<12 hex>".
  const std::string& revision() const { return revision_; }
  const std::shared_ptr<const Characters>& characters() const { return characters_; }

  // Which work a position lies in, if any.
  static constexpr std::size_t kNone = ~std::size_t{0};
  std::size_t work_at(std::uint64_t position) const;

  // For whoever looks up many: brings near what find() reads first.
  void prefetch(std::uint64_t key) const;
  // Positions where the run of words with this key may begin, each at least a run before the end of all. A bucket's
  // other fingerprints are mistaken for it once in 256: compare the words. At most kMaxFound.
  static constexpr std::size_t kMaxFound = 16;
  std::size_t find(std::uint64_t key, std::span<std::uint32_t, kMaxFound> out) const;
  // The 4 bits kept of the word at a position < words().
  std::uint8_t nibble(std::uint64_t position) const {
    const auto byte = static_cast<std::uint8_t>(words_[position / 2]);
    return position % 2 == 0 ? byte & 0x0FU : byte >> 4U;
  }

 private:
  Index() = default;
  Result<void> check(const std::string& name);

  std::string_view bytes_;
  std::function<void()> unmap_;
  const Header* header_ = nullptr;
  std::span<const WorkRecord> works_;
  std::string_view titles_;
  std::string_view words_;
  std::span<const std::uint64_t> buckets_;
  std::span<const std::uint8_t> remainders_;
  std::span<const std::uint32_t> positions_;
  std::string revision_;
  std::shared_ptr<const Characters> characters_;
};

}  // namespace plimsoll::verbatim
