#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "file.h"

namespace plimsoll::ledger {
namespace {

std::unexpected<Error> failed(std::string_view operation, const std::string& path, int error) {
  Code code = Code::kInternal;
  if (error == ENOENT) code = Code::kNotFound;
  if (error == ENOSPC || error == EDQUOT || error == EIO || error == EROFS || error == EWOULDBLOCK ||
      error == EMFILE || error == ENFILE || error == ENOMEM)
    code = Code::kUnavailable;
  return fail(code, std::string(operation) + " " + path + ": " + std::generic_category().message(error));
}

// Calls until it is not interrupted by a signal.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool open() const { return number_ >= 0; }

 private:
  const int number_;
};

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}

  Result<std::uint64_t> size() override {
    struct stat status{};
    if (::fstat(descriptor_.number(), &status) < 0) return failed("stat", path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  // Room that was reserved and not written to is a hole; where a file system cannot tell, the last hole is the end.
  Result<std::uint64_t> data_end() override {
    off_t end = 0;
    for (;;) {
      const auto data = ::lseek(descriptor_.number(), end, SEEK_DATA);
      if (data < 0 && errno == ENXIO) return static_cast<std::uint64_t>(end);
      const auto hole = data < 0 ? data : ::lseek(descriptor_.number(), data, SEEK_HOLE);
      if (hole < 0) return size();
      end = hole;
    }
  }

  Result<std::size_t> read(std::span<char> into, std::uint64_t offset) override {
    const auto count = uninterrupted(
        [&] { return ::pread(descriptor_.number(), into.data(), into.size(), static_cast<off_t>(offset)); });
    if (count < 0) return failed("read", path_, errno);
    return static_cast<std::size_t>(count);
  }

  Result<std::size_t> write(std::string_view bytes, std::uint64_t offset) override {
    const auto count = uninterrupted([&] {
      return ::pwrite(descriptor_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    });
    if (count < 0) return failed("write", path_, errno);
    if (count == 0) return failed("write", path_, EIO);
    return static_cast<std::size_t>(count);
  }

  Result<void> allocate(std::uint64_t size) override {
    int error = EINTR;
    while (error == EINTR) error = ::posix_fallocate(descriptor_.number(), 0, static_cast<off_t>(size));
    if (error != 0) return failed("allocate", path_, error);
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    if (uninterrupted([&] { return ::ftruncate(descriptor_.number(), static_cast<off_t>(size)); }) < 0)
      return failed("truncate", path_, errno);
    return {};
  }

  Result<void> sync() override {
    if (uninterrupted([&] { return ::fdatasync(descriptor_.number()); }) < 0)
      return failed("sync", path_, errno);
    return {};
  }

 private:
  Descriptor descriptor_;
  std::string path_;
};

class PosixLock final : public Lock {
 public:
  explicit PosixLock(int descriptor) : descriptor_(descriptor) {}
  bool take() const {
    return uninterrupted([&] { return ::flock(descriptor_.number(), LOCK_EX | LOCK_NB); }) == 0;
  }

 private:
  Descriptor descriptor_;
};

int open_path(const std::string& path, int flags) {
  return uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0600); });
}

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> create(const std::string& path) override {
    return opened("create", path, O_RDWR | O_CREAT | O_TRUNC);
  }

  Result<std::unique_ptr<File>> open(const std::string& path, Access access) override {
    return opened("open", path, access == Access::kWrite ? O_RDWR : O_RDONLY);
  }

  Result<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) < 0) return failed("rename", from, errno);
    return {};
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) < 0) return failed("remove", path, errno);
    return {};
  }

  Result<void> make_directory(const std::string& path) override {
    const auto parent = parent_of(path);
    int error = make_one(path);
    if (error == ENOENT && parent != path) {
      if (auto made = make_directory(parent); !made) return made;
      error = make_one(path);
    }
    if (error == EEXIST) return {};
    if (error != 0) return failed("make directory", path, error);
    return sync_directory(parent);
  }

  Result<void> sync_directory(const std::string& path) override {
    const Descriptor directory(open_path(path, O_RDONLY | O_DIRECTORY));
    if (!directory.open()) return failed("open directory", path, errno);
    if (uninterrupted([&] { return ::fsync(directory.number()); }) < 0)
      return failed("sync directory", path, errno);
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    std::error_code error;
    std::vector<std::string> names;
    std::filesystem::directory_iterator entries(directory, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error))
      names.push_back(entries->path().filename().string());
    if (error) return failed("list", directory, error.value());
    return names;
  }

  Result<std::unique_ptr<Lock>> lock(const std::string& path) override {
    const int descriptor = open_path(path, O_RDWR | O_CREAT);
    if (descriptor < 0) return failed("open", path, errno);
    auto lock = std::make_unique<PosixLock>(descriptor);
    if (!lock->take()) {
      if (errno == EWOULDBLOCK)
        return fail(Code::kUnavailable, "lock " + path + ": another process holds it");
      return failed("lock", path, errno);
    }
    return lock;
  }

 private:
  static int make_one(const std::string& path) { return ::mkdir(path.c_str(), 0700) == 0 ? 0 : errno; }

  static std::string parent_of(const std::string& path) {
    const auto trimmed = std::filesystem::path(path.ends_with('/') ? path.substr(0, path.size() - 1) : path);
    const auto parent = trimmed.parent_path().string();
    return parent.empty() ? "." : parent;
  }

  static Result<std::unique_ptr<File>> opened(std::string_view verb, const std::string& path, int flags) {
    const int descriptor = open_path(path, flags);
    if (descriptor < 0) return failed(verb, path, errno);
    return std::make_unique<PosixFile>(descriptor, path);
  }
};

}  // namespace

std::shared_ptr<FileSystem> posix_files() {
  return std::make_shared<PosixFileSystem>();
}

}  // namespace plimsoll::ledger
