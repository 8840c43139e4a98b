// The commands that run and end. Each returns the process's exit status: 0 fine, 1 the answer is no, 2 bad
// input.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "config.h"
#include "gate/run.h"

namespace plimsoll::app {

struct ApiKeyArgs {
  std::string name, org, user, tier, lawful_basis, expires;
  std::vector<std::string> roles, scopes, report_for;
  bool json = false;
};
// 1: done, but not in the log yet.
int api_key_create(const Config& config, const ApiKeyArgs& args, std::ostream& out, std::ostream& err);
int api_key_list(const Config& config, bool as_json, std::ostream& out, std::ostream& err);
int api_key_revoke(const Config& config, const std::string& id, std::ostream& out, std::ostream& err);
int show_roles(const std::string& format, std::ostream& out);  // "markdown", "json"

int config_check(const Config& config, std::ostream& out, std::ostream& err);

// `plimsoll notices test`. 1: it was not delivered.
int test_notice(const Config& config, const std::string& name, std::ostream& out, std::ostream& err);

int policy_check(const std::string& file, std::ostream& out, std::ostream& err);
int policy_explain(const std::string& file, const std::string& facts, bool json, std::ostream& out,
                   std::ostream& err);
int policy_test(const std::string& file, const std::string& cases, std::ostream& out, std::ostream& err);
int policy_show(std::ostream& out);
int policy_rules(const std::string& file, bool json, std::ostream& out, std::ostream& err);
struct ReplayArgs {
  std::string policy, log = "data/log";
  std::string from, until;  // days or RFC 3339 times; empty: no limit
  bool json = false;
};
// What recorded decisions would have been: 1 when some would have been others.
int policy_replay(const ReplayArgs& args, std::ostream& out, std::ostream& err);

// `one`: only the entry `from`, which the checkpoint must cover.
// Whether every decision that was made is in the log: 1 when one is missing.
int ledger_prune(const Config& config, std::ostream& out, std::ostream& err);
int ledger_reconcile(const std::string& directory, std::ostream& out, std::ostream& err);
int ledger_show(const std::string& directory, std::uint64_t from, bool one, std::ostream& out,
                std::ostream& err);
struct DemoArgs {
  std::string gateway, evidence, control;  // URLs
  std::string token;                       // bearer token, where the listeners want one
  std::string storage;                     // of what is started; empty: ./data
  std::size_t events = 2'000;
  std::uint64_t seed = 1;
  bool production = false;
};
int demo(const DemoArgs& args, std::ostream& out, std::ostream& err);
int verify_system(const DemoArgs& args, std::ostream& out, std::ostream& err);
int synth(const DemoArgs& args, unsigned days, std::ostream& out);
int reset(const Config& config, bool yes, std::ostream& out, std::ostream& err);

struct ExportArgs {
  std::string framework, format = "json";
  unsigned days = 30;
  std::string control, evidence;  // URLs
  std::string token;
  std::string folder;  // empty: to the terminal
};
int export_evidence(const ExportArgs& args, std::ostream& out, std::ostream& err);

struct VerifyArgs {
  std::string place;                 // a directory or a URL
  std::vector<std::string> against;  // files with signed checkpoints
  std::string policy;                // file; empty: the log's own keys
  std::string stamps, authority;     // folder of time stamps, and whom to trust for them; both or neither
};
int ledger_verify(const VerifyArgs& args, std::ostream& out, std::ostream& err);
int ledger_prove(const std::string& directory, std::uint64_t index, std::ostream& out, std::ostream& err);
int ledger_export(const std::string& directory, const std::string& to, std::ostream& out, std::ostream& err);

struct StoreArgs {
  std::string database;          // a file, or postgresql://…
  std::string log = "data/log";  // directory
  std::string library;           // DuckDB's; empty: looked for
  bool digests = false;
};
// Forgets what the store has of the log, and reads all of it again. A file must not be in use by a server.
int store_rebuild(const StoreArgs& args, std::ostream& out, std::ostream& err);
// 1: the store was made of another log.
int store_status(const StoreArgs& args, std::ostream& out, std::ostream& err);

int keys_show(const std::string& directory, std::ostream& out, std::ostream& err);
int keys_rotate(const std::string& directory, std::chrono::seconds overlap, std::ostream& out,
                std::ostream& err);

struct EvaluateArgs {
  std::vector<std::string> files, splits, languages;
  std::string policy;  // empty: the shipped one
  std::string direction = "prompt", format = "text";
  std::string scores, mistakes;  // files to write; empty: none
  unsigned jobs = 1;
  std::size_t resamples = 1000;
  std::uint64_t seed = 1;
  bool leave_one_source_out = false;
  bool lawful_basis = false;
};
// Progress goes to `err` when that is a terminal.
int evaluate_data(const EvaluateArgs& args, std::ostream& out, std::ostream& err);

struct InspectArgs {
  std::string what;    // a text, the name of a file, or "-" for standard input
  std::string policy;  // empty: the shipped one
  std::string direction = "prompt", tier = "untiered", format = "text";
  bool explain = false;
  bool colour = false;
};
// 0: the policy lets the text through, as it is or changed; 1: it is withheld.
int inspect_text(const InspectArgs& args, std::ostream& out, std::ostream& err);
// Whether standard output is a terminal whose user has not asked for plain text.
bool may_colour();

struct TrainNamesArgs {
  std::vector<std::string> files;  // rows of dataset/row.h, with and without marked places
  std::string out;
  unsigned epochs = 5;
  std::uint64_t seed = 1;
  bool evaluate = true;  // also on what is left out, which the confidences are fitted to
};
int train_names(const TrainNamesArgs& args, std::ostream& out, std::ostream& err);

// `index` is the index's path; docs/corpus.md.
int corpus_add(const std::string& index, const std::vector<std::string>& paths, const std::string& title,
               std::ostream& out, std::ostream& err);
int corpus_list(const std::string& index, std::ostream& out, std::ostream& err);
int corpus_remove(const std::string& index, const std::string& id, std::ostream& out, std::ostream& err);
int corpus_check(const std::string& index, const std::string& file, bool as_json, std::optional<double> limit,
                 std::ostream& out, std::ostream& err);  // 1: over the limit

// `subject` is "user:<id>" or "org:<id>". 1: nothing was known of it.
int erase_person(const Config& config, const std::string& subject, std::ostream& out, std::ostream& err);

// The texts that are kept of a decision, as lines of JSON. 1: none are, or they were erased.
int show_texts(const Config& config, const std::string& decision, std::ostream& out, std::ostream& err);

struct WitnessArgs {
  std::string folder, name;
  std::vector<std::string> logs;  // verifier keys
  std::string host = "127.0.0.1";
  std::uint16_t port = 8082;
  std::string certificate, certificate_key;  // PEM files; empty: no TLS
  bool only_key = false;                     // print the witness's key, made if there is none, and end
};
int serve_witness(const WitnessArgs& args, std::ostream& out, std::ostream& err);  // until SIGTERM or SIGINT

struct CardArgs {
  std::string kind = "model";      // "model", "system", "bias"
  std::vector<std::string> files;  // evidence: submissions, or what GET /evidence shows
  std::string url;                 // or a service's; PLIMSOLL_TOKEN is its token
  std::string model;               // version; empty: all of it is about one
  std::string format = "markdown", out;
  std::vector<std::string> required;
  std::string policy;  // a file, whose card_required are required, too; empty: none
};
// 0 made, 1 made but a required field is missing, 2 bad input.
int make_card(const CardArgs& args, std::ostream& out, std::ostream& err);

int serve_sample_model(std::uint16_t port, std::ostream& err);  // until SIGTERM or SIGINT

struct TrainArgs {
  std::vector<std::string> data;  // JSONL, plain or gzip
  std::string out;
  std::uint64_t seed = 1;
  unsigned epochs = 0;  // 0: the default
  unsigned folds = 8;
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
