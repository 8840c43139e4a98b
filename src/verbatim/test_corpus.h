// A folder, works made of random words, and an index of them.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "verbatim/corpus.h"
#include "verbatim/index.h"

namespace plimsoll::verbatim {

inline void no_progress(std::string_view, std::uint64_t, std::uint64_t) {}

struct Folder {
  Folder() {
    static int count = 0;
    path = std::filesystem::temp_directory_path() /
           ("verbatim-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }

  std::string write(const std::string& name, std::string_view text) const {
    const auto file = (path / name).string();
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  std::string index() const { return (path / "works.plc").string(); }

  std::filesystem::path path;
};

// Words from a vocabulary of 2,000, so that some recur and runs of them do not.
inline std::vector<std::string> random_words(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back("w" + std::to_string(random() % 2'000));
  return out;
}

inline std::string join(const std::vector<std::string>& words, std::string_view between = " ") {
  std::string out;
  for (const auto& w : words) out.append(out.empty() ? "" : between).append(w);
  return out;
}

inline std::vector<std::string> slice(const std::vector<std::string>& words, std::size_t begin,
                                      std::size_t count) {
  return {words.begin() + static_cast<std::ptrdiff_t>(begin),
          words.begin() + static_cast<std::ptrdiff_t>(begin + count)};
}

inline Corpus::Added add(const Folder& folder, const std::vector<std::string>& files, Grain grain = {}) {
  auto corpus = Corpus::open(folder.index(), grain);
  EXPECT_TRUE(corpus) << corpus.error().message;
  auto added = (*corpus)->add(files, "", no_progress);
  EXPECT_TRUE(added) << added.error().message;
  return added.value_or(Corpus::Added{});
}

inline std::shared_ptr<const Index> open(const Folder& folder) {
  auto index = Index::open(folder.index());
  EXPECT_TRUE(index) << index.error().message;
  return index ? *index : nullptr;
}

// An index of these texts, works 0, 1, …
inline std::shared_ptr<const Index> index_of(const Folder& folder, const std::vector<std::string>& texts) {
  std::vector<std::string> files;
  for (std::size_t i = 0; i < texts.size(); ++i)
    files.push_back(folder.write("work" + std::to_string(i), texts[i]));
  add(folder, files);
  return open(folder);
}

}  // namespace plimsoll::verbatim
