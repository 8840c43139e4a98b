#include "files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace plimsoll::verbatim {
namespace {

constexpr std::size_t kBuffer = 1U << 20U;

}  // namespace

Result<NewFile> NewFile::create(const std::string& path) {
  const std::string own = path + ".new";
  const int file = ::open(own.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return fail(Code::kUnavailable, own + " cannot be written: " + std::strerror(errno));
  return NewFile(file, own);
}

NewFile::NewFile(NewFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      path_(std::move(other.path_)),
      buffer_(std::move(other.buffer_)),
      size_(other.size_),
      crc_(other.crc_),
      counted_(other.counted_),
      error_(other.error_) {}

NewFile::~NewFile() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(path_.c_str());
}

void NewFile::append(std::string_view bytes) {
  buffer_ += bytes;
  size_ += bytes.size();
  if (buffer_.size() >= kBuffer) static_cast<void>(flush());
}

void NewFile::pad(std::uint64_t alignment) {
  append(std::string((alignment - size_ % alignment) % alignment, '\0'));
}

std::uint32_t NewFile::take_crc() {
  crc_ = crc32c(std::string_view(buffer_).substr(counted_), crc_);
  counted_ = buffer_.size();
  return std::exchange(crc_, 0);
}

Result<void> NewFile::flush() {
  crc_ = crc32c(std::string_view(buffer_).substr(counted_), crc_);
  counted_ = 0;
  const bool good = write_out(buffer_, size_ - buffer_.size());
  buffer_.clear();
  if (!good || error_ != 0) return std::unexpected(failure());
  return {};
}

bool NewFile::write_out(std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty() && error_ == 0) {
    const auto written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0) {
      if (errno != EINTR) error_ = errno;
      continue;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return error_ == 0;
}

Error NewFile::failure() const {
  return {Code::kUnavailable, path_ + " cannot be written: " + std::strerror(error_)};
}

Result<void> NewFile::write_at(std::uint64_t offset, std::string_view bytes) {
  if (!write_out(bytes, offset)) return std::unexpected(failure());
  return {};
}

Result<void> NewFile::append_file(NewFile& other) {
  if (auto flushed = other.flush(); !flushed) return flushed;
  std::vector<char> piece(kBuffer);
  for (std::uint64_t at = 0; at < other.size_;) {
    const auto want = std::min<std::uint64_t>(piece.size(), other.size_ - at);
    const auto got = ::pread(other.file_, piece.data(), want, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(Code::kUnavailable, other.path_ + " cannot be read: " + std::strerror(errno));
    append({piece.data(), static_cast<std::size_t>(got)});
    at += static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<void> NewFile::commit(const std::string& path) {
  if (auto flushed = flush(); !flushed) return flushed;
  if (::fsync(file_) != 0 || ::rename(path_.c_str(), path.c_str()) != 0) {
    error_ = errno;
    return std::unexpected(failure());
  }
  ::close(std::exchange(file_, -1));
  const auto parent = std::filesystem::path(path).parent_path();
  const int folder = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return {};
}

Result<OpenFile> OpenFile::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat about{};
  if (file < 0 || ::fstat(file, &about) != 0) {
    const int error = errno;
    if (file >= 0) ::close(file);
    return fail(error == ENOENT ? Code::kNotFound : Code::kUnavailable,
                path + " cannot be read: " + std::strerror(error));
  }
  if (!S_ISREG(about.st_mode)) {
    ::close(file);
    return fail(Code::kInvalid, path + " is no regular file");
  }
  return OpenFile(file, path, static_cast<std::uint64_t>(about.st_size));
}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)), path_(std::move(other.path_)), size_(other.size_) {}

OpenFile::~OpenFile() {
  if (file_ >= 0) ::close(file_);
}

Result<void> OpenFile::read(std::uint64_t offset, char* out, std::size_t count) const {
  while (count > 0) {
    const auto got = ::pread(file_, out, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Code::kUnavailable, path_ + " cannot be read: " + std::strerror(errno));
    if (got == 0) return fail(Code::kInvalid, path_ + " is cut short");
    out += got;
    offset += static_cast<std::uint64_t>(got);
    count -= static_cast<std::size_t>(got);
  }
  return {};
}

}  // namespace plimsoll::verbatim
