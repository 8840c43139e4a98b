// The few file operations the log needs, as an interface so that tests can make any one of them fail.
//
// Every failure is a Result: kUnavailable for a disk that is full or does not work at the moment, kNotFound
// for a name that is not there, kInternal for the rest. Messages name the operation and the path.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plimsoll::ledger {

class File {
 public:
  virtual ~File() = default;
  virtual Result<std::uint64_t> size() = 0;
  // Behind this, no more than size(), are zeros.
  virtual Result<std::uint64_t> data_end() { return size(); }
  // Bytes read; 0 at the end of the file.
  virtual Result<std::size_t> read(std::span<char> into, std::uint64_t offset) = 0;
  // Bytes written, which may be fewer than given, never 0.
  virtual Result<std::size_t> write(std::string_view bytes, std::uint64_t offset) = 0;
  // Makes the file `size` bytes long and reserves the room for them; what was not written reads as zeros.
  virtual Result<void> allocate(std::uint64_t size) = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  // fdatasync: once it has succeeded, all that was written before it survives a power cut.
  virtual Result<void> sync() = 0;
};

// Held until destroyed or until the process ends, however it ends.
class Lock {
 public:
  virtual ~Lock() = default;
};

class FileSystem {
 public:
  enum class Access { kRead, kWrite };

  virtual ~FileSystem() = default;
  // A file that is empty, whether it existed or not; for its owner only (0600).
  virtual Result<std::unique_ptr<File>> create(const std::string& path) = 0;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, Access access) = 0;
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& path) = 0;
  // With its parents, as far as they are missing; for its owner only (0700). On disk when it returns.
  virtual Result<void> make_directory(const std::string& path) = 0;
  // Once it has succeeded, names created, renamed or removed before it survive a power cut.
  virtual Result<void> sync_directory(const std::string& path) = 0;
  // Names, in no order.
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  // kUnavailable when anyone else holds it.
  virtual Result<std::unique_ptr<Lock>> lock(const std::string& path) = 0;
};

// The operating system's.
std::shared_ptr<FileSystem> posix_files();

// All of `bytes`, however many writes it takes.
Result<void> write_all(File& file, std::string_view bytes, std::uint64_t offset);

// Puts `bytes` under the name `path`, replacing what had it, at once and for good: after a crash the name holds
// the old bytes or the new ones.
Result<void> replace_file(FileSystem& files, const std::string& path, std::string_view bytes);

// A file's bytes. kNotFound, or kTooLarge beyond `max_bytes`.
Result<std::string> read_file(FileSystem& files, const std::string& path, std::size_t max_bytes);

// The file as long as it is now, front to back. kTooLarge beyond `max_bytes`.
Result<std::string> read_all(File& file, std::size_t max_bytes);
// The same up to data_end().
Result<std::string> read_data(File& file, std::size_t max_bytes);

}  // namespace plimsoll::ledger
