// Uploaded artifacts: files named by their SHA-256, below one directory. Thread-safe: every call stands for itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

struct evp_md_ctx_st;

namespace plimsoll::res {

inline constexpr std::uint64_t kMaxArtifactBytes = 1'000'000'000;
// What uploads leave free on the disk: the log needs it more.
inline constexpr std::uint64_t kReservedDiskBytes = 256U << 20U;

// 64 lower-case hexadecimal digits.
bool is_artifact_digest(std::string_view text);

// A file that is being written. Nothing stays of it unless it is kept.
class Upload final : public net::BodySink {
 public:
  Upload(int file, std::string temporary, std::string path, std::string digest, std::uint64_t max_bytes);
  ~Upload() override;
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  std::uint64_t max_bytes() const override { return max_bytes_; }
  std::optional<net::Refusal> write(std::string_view bytes) override;

  // Once all is written; may take a while. On disk under its name when it returns, and true where it has not been
  // there before. kInvalid where the bytes have another digest than announced, kUnavailable where the disk fails.
  Result<bool> keep();
  std::uint64_t bytes() const { return written_; }

 private:
  int file_;
  const std::string temporary_, path_, digest_;
  const std::uint64_t max_bytes_;
  std::uint64_t written_ = 0;
  std::uint64_t pushed_ = 0;  // to the disk, without waiting for it
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> hash_;
};

// A stored artifact, open for reading.
class StoredArtifact {
 public:
  StoredArtifact(int file, std::uint64_t bytes) : file_(file), bytes_(bytes) {}
  ~StoredArtifact();
  StoredArtifact(const StoredArtifact&) = delete;
  StoredArtifact& operator=(const StoredArtifact&) = delete;

  std::uint64_t bytes() const { return bytes_; }
  // From an offset on, up to `most` bytes; empty at the end. kUnavailable where the disk fails.
  Result<std::string> read(std::uint64_t from, std::size_t most) const;

 private:
  int file_;
  std::uint64_t bytes_;
};

class ArtifactStore {
 public:
  // Made when the first upload comes; what broken uploads left in it before is removed now.
  explicit ArtifactStore(std::string directory);

  // kTooLarge where the disk has no room for so many bytes, kUnavailable where it fails.
  Result<std::shared_ptr<Upload>> begin(std::string_view digest, std::uint64_t expected_bytes) const;
  // kNotFound, or kUnavailable.
  Result<std::shared_ptr<StoredArtifact>> open(std::string_view digest) const;
  std::optional<std::uint64_t> bytes_of(std::string_view digest) const;  // absent: not stored

 private:
  std::string directory_;
};

}  // namespace plimsoll::res
