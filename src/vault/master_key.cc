#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/files.h"
#include "base/hash.h"
#include "base/id.h"
#include "seal.h"

namespace plimsoll::vault {
namespace {

constexpr std::size_t kMostOutput = 4096;

Result<Key> from_text(std::string_view text, const std::string& where) {
  const auto end = text.find_last_not_of(" \r\n\t");
  auto bytes = from_base64(text.substr(0, end == std::string_view::npos ? 0 : end + 1));
  if (!bytes || bytes->size() != sizeof(Key))
    return fail(Code::kInvalid,
                where + ": expected 32 bytes in base64 (`openssl rand -base64 32` makes some)");
  Key key;
  std::memcpy(key.data(), bytes->data(), key.size());
  std::ranges::fill(*bytes, '\0');
  return key;
}

Result<Key> from_command(const std::string& command) {
  struct Closed {
    void operator()(std::FILE* pipe) const { ::pclose(pipe); }
  };
  std::unique_ptr<std::FILE, Closed> pipe(
      ::popen(command.c_str(), "re"));  // NOLINT(cert-env33-c): the operator's own
  if (!pipe) return fail(Code::kUnavailable, "the master key's command cannot be run");
  std::string output(kMostOutput, '\0');
  output.resize(std::fread(output.data(), 1, output.size(), pipe.get()));
  if (const int status = ::pclose(pipe.release()); status != 0)
    return fail(Code::kUnavailable, "the master key's command failed with status " + std::to_string(status));
  return from_text(output, "the output of the master key's command");
}

}  // namespace

Result<Key> read_master_key(const MasterKeySource& source) {
  if (const char* value = source.environment.empty() ? nullptr : std::getenv(source.environment.c_str());
      value != nullptr && *value != '\0')
    return from_text(value, source.environment);
  if (!source.command.empty()) return from_command(source.command);
  const auto known = read_file(source.file, 1024);
  if (known) return from_text(*known, source.file);
  if (known.error().code != Code::kNotFound) return std::unexpected(known.error());
  const auto bytes = random_bytes(sizeof(Key));
  if (auto kept = replace_file(source.file, to_base64(bytes) + "\n"); !kept)
    return std::unexpected(std::move(kept).error());
  return from_text(to_base64(bytes), source.file);
}

}  // namespace plimsoll::vault
