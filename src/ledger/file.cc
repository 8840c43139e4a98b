#include "file.h"

namespace plimsoll::ledger {

Result<void> write_all(File& file, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const auto written = file.write(bytes, offset);
    if (!written) return std::unexpected(written.error());
    bytes.remove_prefix(*written);
    offset += *written;
  }
  return {};
}

Result<void> replace_file(FileSystem& files, const std::string& path, std::string_view bytes) {
  const auto temporary = path + ".tmp";
  const auto file = files.create(temporary);
  if (!file) return std::unexpected(file.error());
  auto written = write_all(**file, bytes, 0);
  if (written) written = (*file)->sync();
  if (written) written = files.rename(temporary, path);
  if (!written) {
    (void)files.remove(temporary);
    return written;
  }
  return files.sync_directory(path.substr(0, path.rfind('/')));
}

Result<std::string> read_file(FileSystem& files, const std::string& path, std::size_t max_bytes) {
  const auto file = files.open(path, FileSystem::Access::kRead);
  if (!file) return std::unexpected(file.error());
  auto bytes = read_all(**file, max_bytes);
  if (!bytes) return std::unexpected(std::move(bytes).error().in(path));
  return bytes;
}

namespace {

Result<std::string> read_to(File& file, const Result<std::uint64_t>& end, std::size_t max_bytes) {
  if (!end) return std::unexpected(end.error());
  if (*end > max_bytes) return fail(Code::kTooLarge, "larger than any file of the log");
  std::string bytes(*end, '\0');
  for (std::size_t done = 0; done < bytes.size();) {
    const auto read = file.read(std::span(bytes).subspan(done), done);
    if (!read) return std::unexpected(read.error());
    if (*read == 0) bytes.resize(done);
    done += *read;
  }
  return bytes;
}

}  // namespace

Result<std::string> read_all(File& file, std::size_t max_bytes) {
  return read_to(file, file.size(), max_bytes);
}

Result<std::string> read_data(File& file, std::size_t max_bytes) {
  return read_to(file, file.data_end(), max_bytes);
}

}  // namespace plimsoll::ledger
