#include <filesystem>
#include <ostream>

#include "commands.h"
#include "detect/detector.h"
#include "ledger/ledger.h"
#include "policy/store.h"
#include "verbatim/index.h"

namespace plimsoll::app {

int config_check(const Config& config, std::ostream& out, std::ostream& err) {
  auto problems = config.problems();
  if (auto policies = policy::Store::open(config.policy_file); !policies)
    for (const auto& problem : policies.error()) problems.push_back(policy::to_string(problem));
  if (auto detector = detect::Detector::create(); !detector) problems.push_back(detector.error().message);
  if (!config.corpus.empty())
    if (auto corpus = verbatim::Index::open(config.corpus); !corpus)
      problems.push_back("PLIMSOLL_CORPUS (corpus): " + corpus.error().message);
  ledger::Options log;
  log.directory = (std::filesystem::path(config.storage) / "log").string();
  log.segment_bytes = config.segment_bytes;
  for (auto& problem : log.problems()) problems.push_back("storage: " + problem);
  for (const auto& problem : problems) err << problem << '\n';
  if (!problems.empty()) return 2;
  out << "the configuration can be served\n" << config.describe();
  return 0;
}

}  // namespace plimsoll::app
