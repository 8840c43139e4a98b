// Files that are written once, front to back, and files that are read so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plimsoll::verbatim {

// A new file, under a name of its own until it is whole. Removed again unless committed.
class NewFile {
 public:
  static Result<NewFile> create(const std::string& path);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  // What cannot be written is told by flush(), write_at() or commit().
  void append(std::string_view bytes);
  template <class T>
  void append_value(const T& value) {
    append({reinterpret_cast<const char*>(&value), sizeof value});
  }
  void pad(std::uint64_t alignment);
  std::uint64_t size() const { return size_; }
  // CRC-32C of what was appended since the last call.
  std::uint32_t take_crc();
  Result<void> flush();
  // Into the part already flushed; no part of the CRC.
  Result<void> write_at(std::uint64_t offset, std::string_view bytes);
  // Appends all of another new file, which is flushed first.
  Result<void> append_file(NewFile& other);
  // On disk, under `path` instead of what was there.
  Result<void> commit(const std::string& path);

 private:
  NewFile(int file, std::string path) : file_(file), path_(std::move(path)) {}
  bool write_out(std::string_view bytes, std::uint64_t offset);
  Error failure() const;

  int file_;
  std::string path_;
  std::string buffer_;
  std::uint64_t size_ = 0;
  std::uint32_t crc_ = 0;
  std::uint64_t counted_ = 0;  // bytes of buffer_ that are in crc_
  int error_ = 0;              // errno of the first write that failed
};

// Reads from any offset; copies share nothing.
class OpenFile {
 public:
  static Result<OpenFile> open(const std::string& path);
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile();

  std::uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }
  // Exactly `count` bytes, or kInvalid: the file is too short.
  Result<void> read(std::uint64_t offset, char* out, std::size_t count) const;

 private:
  OpenFile(int file, std::string path, std::uint64_t size)
      : file_(file), path_(std::move(path)), size_(size) {}
  int file_;
  std::string path_;
  std::uint64_t size_;
};

}  // namespace plimsoll::verbatim
