#include "dataset/reader.h"

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace plimsoll::dataset {
namespace {

constexpr unsigned kReadBytes = 1U << 17U;

struct Close {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

bool blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::string stem_of(const std::string& path) {
  auto name = std::filesystem::path(path).filename().string();
  const auto dot = name.find('.', 1);
  return dot == std::string::npos ? name : name.substr(0, dot);
}

}  // namespace

struct Reader::State {
  std::string path;
  RowLimits limits;
  std::unique_ptr<gzFile_s, Close> file;
  std::vector<char> buffer;
  std::size_t at = 0, filled = 0;  // what of the buffer is still to be read
  std::string split_line;          // a line that did not end within one buffer
  std::size_t line = 0;
  bool ended = false;

  std::unexpected<Error> failed(Error error) {
    ended = true;
    file.reset();
    return std::unexpected(std::move(error).in(path + ":" + std::to_string(line)));
  }

  // False at the end of the file.
  Result<bool> fill() {
    at = 0;
    const int got = gzread(file.get(), buffer.data(), kReadBytes);
    filled = got > 0 ? static_cast<std::size_t>(got) : 0;
    if (got > 0) return true;
    // A file that stops in the middle of its compressed stream reads as ended; only the state tells.
    int code = Z_OK;
    const char* message = gzerror(file.get(), &code);
    if (got == 0 && code == Z_OK) return false;
    return fail(code == Z_ERRNO ? Code::kUnavailable : Code::kInvalid,
                code == Z_ERRNO ? std::generic_category().message(errno)
                                : std::string("damaged gzip file: ") + message);
  }

  // The next line, without its end; nullopt at the end of the file. Valid until the next call.
  Result<std::optional<std::string_view>> next_line() {
    split_line.clear();
    ++line;
    for (;;) {
      if (at == filled) {
        auto more = fill();
        if (!more) return std::unexpected(std::move(more).error());
        if (!*more) {
          ended = true;
          if (split_line.empty()) return std::nullopt;
          return split_line;
        }
      }
      const std::string_view rest(buffer.data() + at, filled - at);
      const auto* newline = static_cast<const char*>(std::memchr(rest.data(), '\n', rest.size()));
      const auto part =
          newline != nullptr ? rest.substr(0, static_cast<std::size_t>(newline - rest.data())) : rest;
      if (split_line.size() + part.size() > limits.max_line_bytes)
        return fail(Code::kTooLarge, "longer than " + std::to_string(limits.max_line_bytes) + " bytes");
      at += part.size() + (newline != nullptr ? 1 : 0);
      if (newline != nullptr && split_line.empty()) return part;
      split_line += part;
      if (newline != nullptr) return split_line;
    }
  }
};

Reader::Reader(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;

Result<Reader> Reader::open(const std::string& path, const RowLimits& limits) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return fail(Code::kInvalid, path + ": is a directory; name its files");
  auto state = std::make_unique<State>();
  errno = 0;
  state->file.reset(gzopen(path.c_str(), "rbe"));
  if (!state->file)
    return fail(errno == ENOENT ? Code::kNotFound : Code::kUnavailable,
                path + ": " + std::generic_category().message(errno != 0 ? errno : ENOMEM));
  state->path = path;
  state->limits = limits;
  state->buffer.resize(kReadBytes);
  return Reader(std::move(state));
}

Result<std::optional<Row>> Reader::next() {
  auto& s = *state_;
  while (!s.ended) {
    auto line = s.next_line();
    if (!line) return s.failed(std::move(line).error());
    if (!*line) break;
    if (blank(**line)) continue;
    auto row = parse_row(**line, s.limits);
    if (!row) return s.failed(std::move(row).error());
    if (row->id.empty()) row->id = std::to_string(s.line);
    if (row->source.empty()) row->source = stem_of(s.path);
    return *std::move(row);
  }
  return std::nullopt;
}

std::size_t Reader::line() const {
  return state_->line;
}

Result<void> read_files(std::span<const std::string> files, const std::function<Result<void>(Row)>& take,
                        const RowLimits& limits) {
  for (const auto& file : files) {
    auto reader = Reader::open(file, limits);
    if (!reader) return std::unexpected(std::move(reader).error());
    for (;;) {
      auto row = reader->next();
      if (!row) return std::unexpected(std::move(row).error());
      if (!*row) break;
      if (auto taken = take(**std::move(row)); !taken) return taken;
    }
  }
  return {};
}

}  // namespace plimsoll::dataset
