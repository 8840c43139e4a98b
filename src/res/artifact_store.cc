#include "artifact_store.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <span>

#include "base/files.h"
#include "base/hash.h"
#include "base/id.h"

namespace plimsoll::res {
namespace {

namespace fs = std::filesystem;

constexpr net::Refusal kNoRoom{507, "the disk has no room for this artifact; nothing of it is kept",
                               "insufficient_storage"};
constexpr net::Refusal kDiskFails{503, "the artifact cannot be written; nothing of it is kept",
                                  "artifact_not_written"};
constexpr std::string_view kTemporary = ".upload-";
constexpr std::uint64_t kPushEvery = 8U << 20U;

Error broken(const std::string& path, int error) {
  return {Code::kUnavailable, path + ": " + std::strerror(error)};
}

}  // namespace

bool is_artifact_digest(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

void Upload::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Upload::Upload(int file, std::string temporary, std::string path, std::string digest, std::uint64_t max_bytes)
    : file_(file),
      temporary_(std::move(temporary)),
      path_(std::move(path)),
      digest_(std::move(digest)),
      max_bytes_(max_bytes),
      hash_(EVP_MD_CTX_new()) {
  if (!hash_ || EVP_DigestInit_ex(hash_.get(), EVP_sha256(), nullptr) != 1) hash_ = nullptr;
}

Upload::~Upload() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(temporary_.c_str());
}

std::optional<net::Refusal> Upload::write(std::string_view bytes) {
  if (!hash_ || EVP_DigestUpdate(hash_.get(), bytes.data(), bytes.size()) != 1) return kDiskFails;
  while (!bytes.empty()) {
    const auto size = ::write(file_, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? kNoRoom : kDiskFails;
    bytes.remove_prefix(static_cast<std::size_t>(size));
    written_ += static_cast<std::uint64_t>(size);
  }
  // So that little is left to wait for at the end.
  if (written_ - pushed_ >= kPushEvery) {
    ::sync_file_range(file_, static_cast<off_t>(pushed_), static_cast<off_t>(written_ - pushed_),
                      SYNC_FILE_RANGE_WRITE);
    pushed_ = written_;
  }
  return std::nullopt;
}

Result<bool> Upload::keep() {
  std::array<std::uint8_t, 32> digest{};
  if (!hash_ || EVP_DigestFinal_ex(hash_.get(), digest.data(), nullptr) != 1)
    return fail(Code::kInternal, "SHA-256 failed");
  hash_ = nullptr;
  if (const auto found = to_hex(std::span<const std::uint8_t>(digest)); found != digest_)
    return fail(Code::kInvalid, "the " + std::to_string(written_) + " bytes that came have the SHA-256 " +
                                    found + ", not the one in the path; nothing is stored");
  const bool is_new = ::access(path_.c_str(), F_OK) != 0;
  if (::fsync(file_) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0)
    return std::unexpected(broken(path_, errno));
  ::close(std::exchange(file_, -1));
  const std::string directory = fs::path(path_).parent_path().string();
  const int folder = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = folder >= 0 && ::fsync(folder) == 0;
  const int error = errno;
  if (folder >= 0) ::close(folder);
  if (!synced) return std::unexpected(broken(directory, error));
  return is_new;
}

StoredArtifact::~StoredArtifact() {
  ::close(file_);
}

Result<std::string> StoredArtifact::read(std::uint64_t from, std::size_t most) const {
  std::string out(most, '\0');
  ssize_t size = -1;
  do size = ::pread(file_, out.data(), out.size(), static_cast<off_t>(from));
  while (size < 0 && errno == EINTR);
  if (size < 0) return std::unexpected(broken("an artifact", errno));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

ArtifactStore::ArtifactStore(std::string directory) : directory_(std::move(directory)) {
  std::error_code ec;
  for (fs::directory_iterator it(directory_, ec), end; !ec && it != end; it.increment(ec)) {
    std::error_code ignored;
    if (it->path().filename().string().starts_with(kTemporary)) fs::remove(it->path(), ignored);
  }
}

Result<std::shared_ptr<Upload>> ArtifactStore::begin(std::string_view digest,
                                                     std::uint64_t expected_bytes) const {
  if (auto made = make_directory(directory_); !made) return std::unexpected(std::move(made).error());
  struct statvfs disk{};
  if (::statvfs(directory_.c_str(), &disk) == 0 &&
      std::uint64_t{disk.f_bavail} * disk.f_frsize < expected_bytes + kReservedDiskBytes)
    return fail(Code::kTooLarge, std::string(kNoRoom.why));
  const fs::path directory(directory_);
  auto temporary = (directory / (std::string(kTemporary) + new_id())).string();
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return std::unexpected(broken(temporary, errno));
  return std::make_shared<Upload>(file, std::move(temporary), (directory / digest).string(),
                                  std::string(digest), kMaxArtifactBytes);
}

Result<std::shared_ptr<StoredArtifact>> ArtifactStore::open(std::string_view digest) const {
  const auto path = (fs::path(directory_) / digest).string();
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0 && errno == ENOENT)
    return fail(Code::kNotFound, "no artifact with this digest has been uploaded");
  struct stat about{};
  if (file < 0 || ::fstat(file, &about) != 0) {
    const int error = errno;
    if (file >= 0) ::close(file);
    return std::unexpected(broken(path, error));
  }
  return std::make_shared<StoredArtifact>(file, static_cast<std::uint64_t>(about.st_size));
}

std::optional<std::uint64_t> ArtifactStore::bytes_of(std::string_view digest) const {
  std::error_code ec;
  const auto bytes = fs::file_size(fs::path(directory_) / digest, ec);
  return ec ? std::nullopt : std::optional<std::uint64_t>(bytes);
}

}  // namespace plimsoll::res
