// vault/keys.db: the wrapped keys of data subjects.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace plimsoll::vault {

using Tag = std::array<char, 16>;
inline std::string_view bytes_of(const Tag& tag) {
  return {tag.data(), tag.size()};
}

class KeyTable {
 public:
  static Result<std::unique_ptr<KeyTable>> open(const std::string& path);
  ~KeyTable();
  KeyTable(const KeyTable&) = delete;
  KeyTable& operator=(const KeyTable&) = delete;

  // From any thread; readers never wait for the writer, and rarely for each other.
  Result<std::optional<std::string>> find(const Tag& tag);

  // The writer's, one thread at a time. On disk when they return.
  struct Row {
    Tag tag;
    std::string wrapped;
  };
  Result<void> add(std::span<const Row> rows);
  // Nothing of the row stays in the files. False: there was none.
  Result<bool> remove(const Tag& tag);

 private:
  class Connection;
  explicit KeyTable(std::string path);
  std::string path_;
  std::unique_ptr<Connection> writer_;
  struct Reader {
    std::mutex mutex;
    std::unique_ptr<Connection> connection;
  };
  std::array<Reader, 16> readers_;
};

}  // namespace plimsoll::vault
