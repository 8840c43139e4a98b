#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "format.h"
#include "verbatim/corpus.h"
#include "verbatim/matcher.h"

namespace {

using namespace plimsoll::verbatim;

std::string work(unsigned seed) {
  std::mt19937 random(seed);
  std::string out;
  for (int i = 0; i < 300; ++i) out += std::to_string(random() % 50) + ' ';
  return out;
}

// A small index, made once.
const std::string& good() {
  static const std::string bytes = [] {
    const auto folder =
        std::filesystem::temp_directory_path() / ("fuzz_index-" + std::to_string(std::random_device()()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "a") << work(1);
    std::ofstream(folder / "b") << work(2);
    const auto path = (folder / "works.plc").string();
    auto corpus = Corpus::open(path);
    if (!corpus || !(*corpus)->add({(folder / "a").string(), (folder / "b").string()}, "", [](auto...) {}))
      std::abort();
    std::ifstream in(path, std::ios::binary);
    std::string out((std::istreambuf_iterator<char>(in)), {});
    std::filesystem::remove_all(folder);
    return out;
  }();
  return bytes;
}

}  // namespace

// An index with bytes changed and its checksums put right again is refused, or can be searched.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint64_t> memory((good().size() + 7) / 8);
  const std::span<char> file(reinterpret_cast<char*>(memory.data()), good().size());
  std::ranges::copy(good(), file.begin());
  for (std::size_t i = 0; i + 3 <= size; i += 3)
    file[(std::size_t{data[i]} << 8U | data[i + 1]) % file.size()] = static_cast<char>(data[i + 2]);
  seal(file);
  const auto index = Index::read({file.data(), file.size()}, "fuzz");
  if (!index) return 0;
  for (std::size_t i = 0; i < (*index)->works(); ++i) static_cast<void>((*index)->work(i).title.size());
  const auto found = find_copying(*index, work(1) + work(3) + work(2));
  if (found.copied > found.words) std::abort();
  return 0;
}
