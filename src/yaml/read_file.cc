#include <sys/stat.h>

#include <fstream>

#include "yaml/problem.h"

namespace plimsoll::yaml {

std::string to_string(const Problem& problem) {
  return problem.file + ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column) + ": " +
         problem.message;
}

std::expected<std::string, std::vector<Problem>> read_file(const std::string& path) {
  constexpr std::size_t kMaxBytes = 4U << 20U;
  const auto refuse = [&](std::string why) {
    return std::unexpected(std::vector<Problem>{{path, 1, 1, std::move(why)}});
  };
  struct stat s{};
  if (::stat(path.c_str(), &s) != 0) return refuse("no such file");
  if (!S_ISREG(s.st_mode)) return refuse("not a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return refuse("cannot be opened");
  std::string text(kMaxBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return refuse("cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxBytes) return refuse("larger than 4 MiB");
  return text;
}

}  // namespace plimsoll::yaml
