// The commands that run and end. Each returns the process's exit status: 0 fine, 1 the answer is no, 2 bad
// input.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "config.h"
#include "gate/run.h"

namespace plimsoll::app {

int config_check(const Config& config, std::ostream& out, std::ostream& err);

int policy_check(const std::string& file, std::ostream& out, std::ostream& err);
int policy_explain(const std::string& file, const std::string& facts, bool json, std::ostream& out,
                   std::ostream& err);
int policy_test(const std::string& file, const std::string& cases, std::ostream& out, std::ostream& err);
int policy_show(std::ostream& out);

int ledger_show(const std::string& directory, std::uint64_t from, std::ostream& out, std::ostream& err);
int ledger_verify(const std::string& directory, std::ostream& out, std::ostream& err);

int serve_sample_model(std::uint16_t port, std::ostream& err);  // until SIGTERM or SIGINT

struct TrainArgs {
  std::vector<std::string> data;  // JSONL, plain or gzip
  std::string out;
  std::string vectors;  // word vectors; empty: none
  std::uint64_t seed = 1;
  unsigned epochs = 0;  // 0: the default
  unsigned folds = 6;
};
struct CalibrateArgs {
  std::vector<std::string> data;
  std::string model;
  std::string out;
};
// An interrupted training leaves OUT.checkpoint and goes on from there.
int train_model(const TrainArgs& args, std::ostream& out, std::ostream& err);
int calibrate_model(const CalibrateArgs& args, std::ostream& out, std::ostream& err);

}  // namespace plimsoll::app
