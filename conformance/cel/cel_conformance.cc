// cel_conformance DIRECTORY: runs every case of every *.textproto file there, names the ones it leaves out
// and the ones that fail, and ends with "N passed, N failed, N skipped". Fails when a case does.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "cases.h"
#include "textproto.h"

namespace {

using namespace plimsoll::conformance;

struct Tally {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
  std::map<std::string, int> reasons;
};

void run_section(const std::string& file, const Message& section, Tally& tally) {
  for (const Message* test : section.all("test")) {
    const std::string name = file + "/" + section.text("name") + "/" + test->text("name");
    if (const auto reason = reason_to_exclude(*test)) {
      std::printf("excluded %s: %s\n", name.c_str(), reason->c_str());
      ++tally.skipped;
      ++tally.reasons[*reason];
    } else if (const auto problem = run_case(*test)) {
      std::printf("FAILED   %s: %s\n         %s\n", name.c_str(), test->text("expr").c_str(),
                  problem->c_str());
      ++tally.failed;
    } else {
      ++tally.passed;
    }
  }
}

bool run_file(const std::filesystem::path& path, Tally& tally) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto file = read_textproto(text);
  if (!file) {
    std::printf("FAILED   %s: %s\n", path.c_str(), file.error().c_str());
    return false;
  }
  for (const Message* section : file->all("section")) run_section(file->text("name"), *section, tally);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::fprintf(stderr, "usage: cel_conformance DIRECTORY\n");
    return 2;
  }
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (entry.path().extension() == ".textproto") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  Tally tally;
  for (const auto& path : paths) {
    if (!run_file(path, tally)) ++tally.failed;
  }
  if (tally.passed == 0) ++tally.failed;  // a directory without cases proves nothing
  std::printf("\n");
  for (const auto& [reason, count] : tally.reasons) std::printf("%5d %s\n", count, reason.c_str());
  std::printf("%d passed, %d failed, %d skipped\n", tally.passed, tally.failed, tally.skipped);
  return tally.failed > 0 ? 1 : 0;
}
