// Files of labelled texts, one JSON object a line, plain or compressed with gzip.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "dataset/row.h"

namespace plimsoll::dataset {

// Reads a file a row at a time; memory is bounded by the longest line. One thread at a time.
class Reader {
 public:
  // Whether the file is compressed is seen from its bytes, not its name. kNotFound or kUnavailable, with the
  // path, when it cannot be opened.
  static Result<Reader> open(const std::string& path, const RowLimits& limits = {});
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  // The next row; nullopt at the end. Blank lines are passed over. A row without an id gets its line number,
  // one without a source the file's name up to its first dot. Errors begin "FILE:LINE: "; after one, and after
  // the end, the reader is spent.
  Result<std::optional<Row>> next();

  std::size_t line() const;  // of the row last read, from 1

 private:
  struct State;
  explicit Reader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Hands every row of the files to `take`, in order. Stops at the first error, the file's or `take`'s own.
Result<void> read_files(std::span<const std::string> files, const std::function<Result<void>(Row)>& take,
                        const RowLimits& limits = {});

}  // namespace plimsoll::dataset
