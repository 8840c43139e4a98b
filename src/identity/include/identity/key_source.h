// The public keys of whoever issues tokens, kept fresh.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "identity/json_web_key.h"

namespace plimsoll::identity {

struct KeySourceOptions {
  std::string url;      // of a JSON Web Key Set: https, or http on loopback; or
  std::string file;     // of one
  std::string ca_file;  // certificates to trust; empty: the system's
  std::chrono::milliseconds refresh{
      300'000};  // between two looks at the URL; the file is looked at each second
  // After a look that failed, and between two looks because of a key that is not known.
  std::chrono::milliseconds least_interval{10'000};

  std::vector<std::string> problems() const;  // empty when usable
};

// Looks on a thread of its own; a set that cannot be fetched or read never replaces a good one. Thread-safe.
class KeySource {
 public:
  // kInvalid where the file cannot be read; a URL is asked in the background.
  static Result<std::unique_ptr<KeySource>> open(KeySourceOptions options);
  ~KeySource();
  KeySource(const KeySource&) = delete;
  KeySource& operator=(const KeySource&) = delete;

  // Null until there is one.
  std::shared_ptr<const KeySet> keys() const;

  // For a token whose key is not in the set: true when a look is on its way, and asking again in a moment is worth it;
  // false when the set is as new as it gets.
  bool look_again();

  struct Status {
    std::size_t keys = 0;
    std::uint64_t looks = 0, failures = 0;
    double age_seconds = 0;  // since the last look that succeeded
  };
  Status status() const;

 private:
  struct Impl;
  explicit KeySource(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::identity
