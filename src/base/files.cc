#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace plimsoll {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::unexpected<Error> failed(const std::string& path, std::string_view doing, int error) {
  return fail(error == ENOENT ? Code::kNotFound : Code::kUnavailable,
              path + ": " + std::string(doing) + ": " + std::strerror(error));
}

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> sync_directory(const std::string& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) return failed(path, "cannot be synced", errno);
  return {};
}

Result<void> write_new(const std::string& path, std::string_view bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file) return failed(path, "cannot be created", errno);
  while (!bytes.empty()) {
    const auto written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed(path, "cannot be written", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) return failed(path, "cannot be synced", errno);
  return {};
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return failed(path, "cannot be opened", errno);
  std::string bytes;
  char piece[8192];
  for (;;) {
    const auto got = ::read(file.get(), piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path, "cannot be read", errno);
    if (got == 0) return bytes;
    bytes.append(piece, static_cast<std::size_t>(got));
    if (bytes.size() > max_bytes)
      return fail(Code::kTooLarge, path + ": more than " + std::to_string(max_bytes) + " bytes");
  }
}

Result<void> replace_file(const std::string& path, std::string_view bytes) {
  const auto fresh = path + ".new";
  auto done = write_new(fresh, bytes);
  if (done && ::rename(fresh.c_str(), path.c_str()) != 0) done = failed(path, "cannot be replaced", errno);
  if (done) return sync_directory(parent_of(path));
  ::unlink(fresh.c_str());
  return done;
}

Result<void> make_directory(const std::string& path) {
  struct stat known{};
  if (::stat(path.c_str(), &known) == 0) {
    if (S_ISDIR(known.st_mode)) return {};
    return failed(path, "is no directory", ENOTDIR);
  }
  const auto parent = parent_of(path);
  if (parent != path)
    if (auto made = make_directory(parent); !made) return made;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed(path, "cannot be created", errno);
  return sync_directory(parent);
}

}  // namespace plimsoll
