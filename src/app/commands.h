// The commands that run and end. Each returns the process's exit status: 0 fine, 1 the answer is no, 2 bad
// input.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
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

// `index` is the index's path; docs/corpus.md.
int corpus_add(const std::string& index, const std::vector<std::string>& paths, const std::string& title,
               std::ostream& out, std::ostream& err);
int corpus_list(const std::string& index, std::ostream& out, std::ostream& err);
int corpus_remove(const std::string& index, const std::string& id, std::ostream& out, std::ostream& err);
int corpus_check(const std::string& index, const std::string& file, bool as_json, std::optional<double> limit,
                 std::ostream& out, std::ostream& err);  // 1: over the limit

int serve_sample_model(std::uint16_t port, std::ostream& err);  // until SIGTERM or SIGINT

}  // namespace plimsoll::app
