#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>

#include "anchor/timestamp.h"
#include "base/time.h"
#include "commands.h"
#include "fetch.h"
#include "ledger/ledger.h"
#include "ledger/log_reader.h"
#include "ledger/verify.h"
#include "policy/store.h"
#include "retention.h"

namespace plimsoll::app {
namespace {

// Says what failed; the exit status.
int refuse(const Error& error, std::ostream& err) {
  err << error.message << '\n';
  return 2;
}

// Gives every entry to `visit`; the exit status.
template <class Visit>
int for_each(const std::string& directory, std::uint64_t from, std::ostream& err, Visit visit) {
  auto reader = ledger::Reader::open(directory, from);
  if (!reader) return refuse(reader.error(), err);
  for (;;) {
    auto entry = reader->next();
    if (!entry) {
      err << entry.error().message << '\n';
      return 1;
    }
    if (!*entry) return 0;
    visit(**entry);
  }
}

void print(const ledger::Entry& entry, std::ostream& out) {
  out << R"({"index":)" << entry.index << R"(,"leaf_hash":")" << to_hex(entry.leaf_hash) << R"(","entry":)"
      << (entry.removed() ? "null" : entry.bytes) << "}\n";
}

Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(max_bytes + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad() || (!file && !file.eof()) || file.gcount() == 0)
    return fail(Code::kNotFound, path + ": cannot be read, or is empty");
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.size() > max_bytes) return fail(Code::kTooLarge, path + ": too large for what it should be");
  return bytes;
}

bool is_url(std::string_view place) {
  return place.starts_with("http://") || place.starts_with("https://");
}

Result<std::unique_ptr<ledger::LogSource>> open_log(const std::string& place) {
  if (!is_url(place)) return ledger::open_directory(place);
  auto fetch = fetch_from(place);
  if (!fetch) return std::unexpected(std::move(fetch).error().in(place));
  return ledger::open_public(*std::move(fetch));
}

}  // namespace

int ledger_show(const std::string& directory, std::uint64_t from, bool one, std::ostream& out,
                std::ostream& err) {
  if (!one) return for_each(directory, from, err, [&](const ledger::Entry& entry) { print(entry, out); });
  const auto log = ledger::LogReader::open(directory);
  if (!log) return refuse(log.error(), err);
  const auto entry = (*log)->entry(from);
  if (!entry) return refuse(entry.error(), err);
  print(*entry, out);
  return 0;
}

namespace {

// Checks every stamp in the folder, and has the log compared with the checkpoints that they are on. The lines of the
// report; nullopt when it could not be checked.
std::optional<std::string> read_stamps(const VerifyArgs& args, ledger::VerifyOptions& options,
                                       std::ostream& err) {
  std::error_code wrong;
  std::vector<std::filesystem::path> answers;
  for (std::filesystem::directory_iterator it(args.stamps, wrong), end; !wrong && it != end;
       it.increment(wrong))
    if (it->path().extension() == ".tsr") answers.push_back(it->path());
  if (wrong || answers.empty()) {
    err << args.stamps << ": " << (wrong ? wrong.message() : "no time stamps here") << '\n';
    return std::nullopt;
  }
  std::ranges::sort(answers);
  std::string lines;
  std::size_t right = 0;
  Time first = Time::max(), last = Time::min();
  for (const auto& path : answers) {
    auto data = path;
    data.replace_extension(".checkpoint");
    const auto answer = read_text_file(path.string(), anchor::kMaxTimestampBytes);
    auto note = read_text_file(data.string(), ledger::kMaxNoteBytes);
    const auto time = !answer ? Result<Time>(std::unexpected(answer.error()))
                      : !note ? Result<Time>(std::unexpected(note.error()))
                              : anchor::check_timestamp(*answer, *note, {}, args.authority);
    if (!time) {
      lines += "FAILED  time stamp: " + path.filename().string() + ": " + time.error().message + '\n';
      continue;
    }
    ++right;
    first = std::min(first, *time);
    last = std::max(last, *time);
    options.older.push_back(
        {data.filename().string() + ", stamped " + to_rfc3339(*time), *std::move(note), true});
  }
  if (right > 0)
    lines += "ok      time stamp: " + std::to_string(right) + " checkpoints are stamped, from " +
             to_rfc3339(first) + " to " + to_rfc3339(last) + '\n';
  return lines;
}

}  // namespace

int ledger_verify(const VerifyArgs& args, std::ostream& out, std::ostream& err) {
  ledger::VerifyOptions options;
  if (!args.policy.empty()) {
    const auto text = read_text_file(args.policy, ledger::kMaxPolicyBytes);
    if (!text) return refuse(text.error(), err);
    auto policy = ledger::parse_trust_policy(*text);
    if (!policy) return refuse(std::move(policy).error().in(args.policy), err);
    options.policy = *std::move(policy);
  }
  for (const auto& file : args.against) {
    auto note = read_text_file(file, ledger::kMaxNoteBytes);
    if (!note) return refuse(note.error(), err);
    options.older.push_back({file, *std::move(note)});
  }
  std::string stamped;
  if (!args.stamps.empty()) {
    const auto times = read_stamps(args, options, err);
    if (!times) return 2;
    stamped = *times;
  }
  const auto source = open_log(args.place);
  if (!source) return refuse(source.error(), err);
  const auto report = ledger::verify_log(**source, options);
  if (!report) return refuse(report.error(), err);
  bool passed = report->passed();
  for (const auto& check : report->checks)
    out << (check.passed ? "ok      " : "FAILED  ") << check.name << ": " << check.detail << '\n';
  if (!args.stamps.empty()) out << stamped;
  passed = passed && !stamped.contains("FAILED");
  out << args.place << (passed ? ": verified\n" : ": NOT what was promised\n");
  return passed ? 0 : 1;
}

int ledger_prove(const std::string& directory, std::uint64_t index, std::ostream& out, std::ostream& err) {
  const auto log = ledger::LogReader::open(directory);
  if (!log) return refuse(log.error(), err);
  const auto proof = (*log)->proof_file(index);
  if (!proof) return refuse(proof.error(), err);
  out << *proof;
  return 0;
}

int ledger_prune(const Config& config, std::ostream& out, std::ostream& err) {
  const auto policies = policy::Store::open(config.policy_file);
  if (!policies) {
    for (const auto& problem : policies.error()) err << policy::to_string(problem) << '\n';
    return 2;
  }
  const auto log =
      ledger::Ledger::open({.directory = config.storage + "/log", .segment_bytes = config.segment_bytes});
  if (!log) return refuse(log.error(), err);
  const auto pruned =
      (*log)->prune(retention_of((*policies)->current()->settings()), std::chrono::system_clock::now());
  if (!pruned) return refuse(pruned.error(), err);
  out << pruned->removed << " entries were removed";
  if (pruned->record) out << "; entry " << *pruned->record << " says which";
  out << '\n';
  return 0;
}

int ledger_export(const std::string& directory, const std::string& to, std::ostream& out, std::ostream& err) {
  const auto count = ledger::export_log(directory, to);
  if (!count) return refuse(count.error(), err);
  out << to << ": " << *count << " entries\n";
  return 0;
}

}  // namespace plimsoll::app
