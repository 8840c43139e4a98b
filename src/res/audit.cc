// The audit export: a tar archive of the entries of a time, with a signed manifest of digests.
#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.h"
#include "base/json.h"
#include "evidence/dsse.h"
#include "evidence/statement.h"
#include "impl.h"

namespace plimsoll::res {

namespace {

constexpr std::size_t kPageEntries = 500;  // in memory at a time, one file of the archive
constexpr std::array<std::string_view, 3> kFrameworks = {"iso-42001", "nist-ai-rmf", "eu-ai-act"};

// One file of a POSIX ustar archive.
std::string tar_file(std::string_view name, std::string_view bytes, std::int64_t time) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, std::string_view text) { header.replace(at, text.size(), text); };
  const auto octal = [](std::uint64_t value, std::size_t digits) {
    std::string out(digits, '0');
    for (std::size_t i = digits; i > 0 && value > 0; --i, value >>= 3U)
      out[i - 1] = static_cast<char>('0' + (value & 7U));
    return out;
  };
  put(0, name.substr(0, 100));
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, octal(bytes.size(), 11));
  put(136, octal(static_cast<std::uint64_t>(std::max<std::int64_t>(time, 0)), 11));
  put(148, "        ");
  put(156, "0");
  put(257, std::string_view("ustar\0"
                            "00",
                            8));
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, octal(sum, 6) + std::string("\0 ", 2));
  header.append(bytes);
  header.resize((header.size() + 511) / 512 * 512, '\0');
  return header;
}

// Whether metadata name the framework: in `frameworks`, or in a control's `framework`.
bool names_framework(const json::object& metadata, std::string_view framework) {
  const auto is_it = [&](const json::value* value) {
    if (value == nullptr || !value->is_string()) return false;
    std::string said(value->get_string());
    std::ranges::transform(said, said.begin(), [](unsigned char c) {
      return c == ' ' || c == '/' || c == '_' ? '-' : static_cast<char>(std::tolower(c));
    });
    return said.find(framework) != std::string::npos ||
           (framework == "iso-42001" && said.find("iso-iec-42001") != std::string::npos);
  };
  if (const auto* list = metadata.if_contains("frameworks"); list != nullptr && list->is_array())
    for (const auto& item : list->get_array())
      if (is_it(&item)) return true;
  if (const auto* list = metadata.if_contains("controls"); list != nullptr && list->is_array())
    for (const auto& item : list->get_array())
      if (item.is_object() && is_it(item.get_object().if_contains("framework"))) return true;
  return false;
}

struct File {
  std::string name, digest;
  std::size_t bytes = 0;
};

}  // namespace

net::Task<> Service::Impl::export_audit(Passage& p) {
  const auto parameters = parse_query(p.request().query, {"framework", "from", "to"});
  auto from =
      parameters ? time_in(*parameters, "from")
                 : std::expected<std::optional<Time>, evidence::Problem>(std::unexpected(parameters.error()));
  auto until = from ? time_in(*parameters, "to") : from;
  if (!until) {
    auto no = to_response(until.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const auto named = parameters->find("framework");
  const std::string framework = named != parameters->end() ? named->second : std::string();
  if (!framework.empty() && std::ranges::find(kFrameworks, framework) == kFrameworks.end()) {
    auto no =
        to_response(evidence::field_problem("framework", "expected iso-42001, nist-ai-rmf or eu-ai-act"));
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const Time now = std::chrono::system_clock::now();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  net::Headers headers;
  headers.add("Content-Type", "application/x-tar");
  headers.add("Content-Disposition",
              "attachment; filename=\"audit-" + to_rfc3339(now).substr(0, 10) + ".tar\"");
  auto begun = co_await p.exchange.begin_stream(200, std::move(headers));
  if (!begun) co_return;

  std::vector<File> files;
  json::array relevant;
  std::uint64_t entries_total = 0;
  evidence::Index::Query query{.type = {},
                               .model = {},
                               .from = *from,
                               .until = *until,
                               .after = {},
                               .newest_first = false,
                               .limit = kPageEntries};
  for (bool incidents = false;;) {
    std::vector<ledger::Index> wanted;
    bool more = false;
    if (!incidents) {
      const auto page = index.list(query);
      for (const auto at : page.entries) {
        wanted.push_back(at);
        for (const std::size_t statement : {0U, 1U})
          if (const auto where = index.attestation(at, statement)) wanted.push_back(*where);
      }
      more = page.more;
      if (!page.entries.empty()) query.after = page.entries.back();
    } else {
      evidence::Index::IncidentQuery open{
          .state = {}, .severity = {}, .from = *from, .until = *until, .after = {}, .limit = 100'000};
      for (const auto& incident : index.incidents(open).incidents) {
        wanted.push_back(incident.opened);
        wanted.insert(wanted.end(), incident.changes.begin(), incident.changes.end());
      }
    }
    auto texts = co_await read(wanted);
    if (!texts) co_return;  // a stream that is not ended is no archive
    std::string lines;
    for (std::size_t i = 0; i < texts->size(); ++i) {
      const std::string& entry = (*texts)[i];
      if (entry.empty()) continue;
      json::object line{{"index", wanted[i]}, {"leaf_hash", evidence::id_of(entry)}, {"entry", entry}};
      (lines += to_json(line)) += '\n';
      const auto stored = framework.empty() ? std::nullopt : evidence::read_entry(entry);
      const auto* artifact = stored ? std::get_if<evidence::Artifact>(&stored->content) : nullptr;
      const auto submitted = artifact != nullptr ? parse_json(artifact->submitted) : Result<json::value>();
      const auto* metadata = artifact != nullptr && submitted ? find_object(*submitted, "metadata") : nullptr;
      if (metadata != nullptr && names_framework(*metadata, framework))
        relevant.emplace_back(evidence::id_of(entry));
    }
    entries_total += texts->size();
    if (!lines.empty()) {
      const std::string number = std::to_string(files.size());
      File file{.name = (incidents ? "incidents/" : "evidence/") +
                        std::string(6 - std::min<std::size_t>(6, number.size()), '0') + number + ".jsonl",
                .digest = to_hex(sha256(lines)),
                .bytes = lines.size()};
      auto written = co_await p.exchange.write(tar_file(file.name, lines, seconds));
      if (!written) co_return;
      files.push_back(std::move(file));
    }
    if (more) continue;
    if (incidents) break;
    incidents = true;
  }

  if (options.published != nullptr) {
    for (const auto& [name, text] :
         {std::pair<std::string, std::string>("checkpoint", options.published->signed_checkpoint()),
          {"vkey.txt", options.published->verifier_keys()}}) {
      auto written = co_await p.exchange.write(tar_file(name, text, seconds));
      if (!written) co_return;
      files.push_back({.name = name, .digest = to_hex(sha256(text)), .bytes = text.size()});
    }
  }
  json::array subjects, listed;
  for (const auto& file : files) {
    subjects.emplace_back(evidence::descriptor(file.name, file.digest));
    listed.push_back(json::object{{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.digest}});
  }
  json::object predicate{{"entries", entries_total}, {"createdAt", to_rfc3339(now)}};
  predicate["framework"] = framework.empty() ? json::value(nullptr) : json::value(framework);
  predicate["from"] = *from ? json::value(to_rfc3339(**from)) : json::value(nullptr);
  predicate["to"] = *until ? json::value(to_rfc3339(**until)) : json::value(nullptr);
  predicate["files"] = std::move(listed);
  if (!framework.empty()) predicate["evidenceForFramework"] = std::move(relevant);
  const std::string manifest = evidence::make_statement(
      std::move(subjects), evidence::audit_export_type(options.attestation_base), std::move(predicate));
  const auto envelope = evidence::sign(manifest, evidence::kInTotoPayload, options.attestation_key);
  std::string rest = tar_file("manifest.json", manifest, seconds);
  rest += tar_file("manifest.dsse.json", to_json(json::value(to_object(envelope))), seconds);
  rest += tar_file("attestation-key.pem", options.attestation_key.public_key().pem(), seconds);
  rest.append(1'024, '\0');
  auto written = co_await p.exchange.write(rest);
  if (!written) co_return;
  co_await p.exchange.end_stream();
}

}  // namespace plimsoll::res
