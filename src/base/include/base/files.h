// Small files, whole.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plimsoll {

// The whole file. kNotFound, kTooLarge beyond `max_bytes`, kUnavailable for the rest; messages name the path.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

// Writes a new file in its place, for its owner only (0600). Whoever reads finds the old file or the new one, also
// after a power cut; once this has succeeded, the new one. One writer of a path at a time. kUnavailable, naming the
// path and why.
Result<void> replace_file(const std::string& path, std::string_view bytes);

// With its parents, as far as they are missing; for its owner only (0700). On disk when it returns.
Result<void> make_directory(const std::string& path);

}  // namespace plimsoll
