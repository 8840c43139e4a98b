#include <filesystem>
#include <fstream>
#include <ostream>

#include "commands.h"
#include "evidence/control_report.h"
#include "http_caller.h"

namespace plimsoll::app {
namespace {

Result<std::string> fetch_report(const ExportArgs& args) {
  auto caller = HttpCaller::to(args.control);
  if (!caller) return std::unexpected(std::move(caller).error().in(args.control));
  net::Headers headers;
  if (!args.token.empty()) headers.add("Authorization", "Bearer " + args.token);
  auto answer = caller->call(
      "GET", "/export/controls?framework=" + args.framework + "&days=" + std::to_string(args.days), {},
      std::move(headers), evidence::kMaxReportBytes);
  if (!answer) return std::unexpected(std::move(answer).error().in(args.control));
  if (answer->status != 200)
    return fail(Code::kUnavailable, args.control + ": status " + std::to_string(answer->status) + ": " +
                                        answer->body.substr(0, 300));
  return std::move(answer->body);
}

// To a file of the folder, or, without one, to `out`.
Result<void> put(const ExportArgs& args, const std::string& name, const std::string& text,
                 std::ostream& out) {
  if (args.folder.empty()) {
    out << text;
    return {};
  }
  std::error_code failed;
  std::filesystem::create_directories(args.folder, failed);
  const auto path = std::filesystem::path(args.folder) / name;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (failed || !file) return fail(Code::kUnavailable, path.string() + ": cannot be written");
  out << path.string() << '\n';
  return {};
}

Result<void> export_all(const ExportArgs& args, std::ostream& out) {
  auto text = fetch_report(args);
  if (!text) return std::unexpected(std::move(text).error());
  const auto report = evidence::parse_control_report(*text);
  if (!report) return std::unexpected(report.error());
  if (args.format == "json") return put(args, args.framework + ".json", *text + "\n", out);
  if (args.format == "csv") return put(args, args.framework + ".csv", evidence::to_csv(*report), out);
  if (args.format == "html" || args.format == "pdf-ready")
    return put(args, args.framework + ".html", evidence::to_html(*report), out);
  if (args.folder.empty())
    return fail(Code::kInvalid, "OSCAL is three documents: say where to with --out FOLDER");
  const std::pair<const char*, json::object> documents[] = {
      {"assessment-results.json", evidence::to_assessment_results(*report, args.evidence)},
      {"component-definition.json", evidence::to_component_definition(*report)},
      {"plan-of-action-and-milestones.json", evidence::to_action_plan(*report)}};
  for (const auto& [name, document] : documents)
    if (auto kept = put(args, args.framework + "." + name, to_json(document) + "\n", out); !kept) return kept;
  return {};
}

}  // namespace

int export_evidence(const ExportArgs& args, std::ostream& out, std::ostream& err) {
  if (const auto done = export_all(args, out); !done) {
    err << done.error().message << '\n';
    return 2;
  }
  return 0;
}

}  // namespace plimsoll::app
