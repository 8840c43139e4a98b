#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/json.h"
#include "commands.h"
#include "detect/detector.h"
#include "detectors.h"
#include "inspect_view.h"
#include "policy/explain.h"
#include "policy/store.h"
#include "text/normalizer.h"
#include "text/views.h"
#include "wire/filter.h"

namespace plimsoll::app {
namespace {

constexpr std::size_t kMostBytes = 8U << 20U;

Result<std::string> read_all(std::istream& in, const std::string& name) {
  std::string text;
  std::array<char, 1U << 16U> buffer{};
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMostBytes) return fail(Code::kTooLarge, name + ": larger than 8 MiB");
  }
  if (in.bad()) return fail(Code::kUnavailable, name + ": cannot be read");
  return text;
}

// What is to be inspected: standard input for "-", a file if there is one of that name, or the words themselves.
Result<std::string> text_of(const std::string& what) {
  std::error_code ignored;
  std::string name = "the text";
  Result<std::string> text = what;
  if (what == "-") {
    name = "standard input";
    text = read_all(std::cin, name);
  } else if (std::filesystem::is_regular_file(what, ignored)) {
    name = what;
    std::ifstream file(what, std::ios::binary);
    if (!file) return fail(Code::kUnavailable, what + ": cannot be read");
    text = read_all(file, what);
  }
  if (text && text->size() > kMostBytes) return fail(Code::kTooLarge, name + ": larger than 8 MiB");
  if (text && !is_utf8(*text)) return fail(Code::kInvalid, name + ": is not UTF-8");
  return text;
}

struct NamedView {
  std::string name;
  std::string text;
};

// Keeps the views that differ from the text, as many and as much of each as a person may want to read.
class Collect final : public text::ViewSink {
 public:
  static constexpr std::size_t kMostViews = 32;

  void take(const text::Derived& derived) override {
    if (derived.encodings.empty() || views.size() == kMostViews) return;
    auto name = derived.name();
    if (derived.in_run)
      name += ", bytes " + std::to_string(derived.begin) + "-" + std::to_string(derived.end);
    views.push_back({std::move(name), std::string(derived.view.text())});
  }

  std::vector<NamedView> views;
};

// How the detectors read the text besides as it stands: text/views.h.
Result<std::vector<NamedView>> views_of(std::string_view text) {
  const auto normalizer = text::Normalizer::create();
  if (!normalizer) return std::unexpected(normalizer.error());
  text::Views views(*normalizer);
  Collect collect;
  views.read(text, collect);
  return std::move(collect.views);
}

struct Inspected {
  Conversation conversation;
  Caller caller;
  Inspection found;
  Verdict verdict;
  boost::json::value explanation;
  std::vector<NamedView> views;
};

std::vector<ScoreLine> score_lines(const Inspected& it, const policy::Policy& policy) {
  std::vector<ScoreLine> lines;
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    const double score = it.found.scores[category];
    const auto limit = policy.risk_threshold(category, it.caller.tier);
    if (score > 0 || limit) lines.push_back({category, score, limit.value_or(-1)});
  }
  return lines;
}

void write_verdict(std::ostream& out, const Inspected& it, const std::string& tier) {
  const auto& verdict = it.verdict;
  out << "\nverdict: " << to_string(verdict.action) << (verdict.allowed() ? " (allowed)" : " (withheld)")
      << "  " << to_string(it.conversation.direction) << ", " << tier << '\n';
  for (const auto& reason : verdict.reasons) out << "  because: " << reason << '\n';
  if (verdict.asl_level > 0) out << "  ASL level " << verdict.asl_level << '\n';
  if (verdict.review) out << "  a person must review it\n";
  if (verdict.care) out << "  refused with the care message\n";
}

void write_text(std::ostream& out, const Inspected& it, const policy::Policy& policy, const InspectArgs& args,
                InspectStyle style) {
  const auto& text = it.conversation.segments.front().text;
  out << show_text(text, it.found.findings, style);
  if (args.explain)
    for (const auto& view : it.views) {
      const std::size_t shown = std::min(view.text.size(), kShownWhole);
      out << "\nread as (" << view.name << ")\n"
          << printable(std::string_view(view.text).substr(0, shown))
          << (shown < view.text.size() ? "…\n" : "\n");
    }
  out << "\nfound\n";
  if (it.found.findings.empty()) out << "  nothing\n";
  out << show_findings(it.found.findings, style);
  if (const auto lines = score_lines(it, policy); !lines.empty())
    out << "\nscores, and the limits for " << args.tier << '\n' << show_scores(lines, style);
  if (args.explain)
    out << "\nverdict: " << policy::to_text(it.explanation);
  else
    write_verdict(out, it, args.tier);
}

void write_json(std::ostream& out, const Inspected& it, const InspectArgs& args) {
  auto answer =
      parse_json(wire::encode_filter_answer(it.verdict, it.found, it.found.scores, it.conversation));
  if (!answer) return;
  auto& object = answer->as_object();
  object["verdict"] = policy::to_json(it.verdict);
  object["tier"] = args.tier;
  if (args.explain) {
    json::array views;
    for (const auto& view : it.views) views.push_back({{"name", view.name}, {"text", view.text}});
    object["views"] = std::move(views);
    object["explanation"] = it.explanation;
  }
  out << to_json(*answer) << '\n';
}

bool looks_like_a_path(std::string_view text) {
  return text.find_first_of(" \n") == std::string_view::npos &&
         text.find_first_of("/.") != std::string_view::npos;
}

}  // namespace

int inspect_text(const InspectArgs& args, std::ostream& out, std::ostream& err) {
  constexpr int kAllowed = 0, kWithheld = 1, kBadInput = 2;
  const auto store = policy::Store::open(args.policy);
  if (!store) {
    for (const auto& problem : store.error()) err << policy::to_string(problem) << '\n';
    return kBadInput;
  }
  const auto policy = (*store)->current();
  const auto detector = make_detector(policy->settings());
  auto text = text_of(args.what);
  if (!detector || !text) {
    err << (!detector ? detector.error() : text.error()).message << '\n';
    return kBadInput;
  }
  if (*text == args.what && looks_like_a_path(args.what))
    err << "there is no file of that name; it is judged as a text\n";

  Inspected it;
  const bool prompt = args.direction == "prompt";
  it.conversation.direction = prompt ? Direction::kPrompt : Direction::kOutput;
  it.conversation.surface = "filter." + args.direction;
  it.conversation.segments.push_back(
      {prompt ? Role::kUser : Role::kAssistant, SegmentKind::kText, *std::move(text), "/" + args.direction});
  it.caller.tier = parse_tier(args.tier);
  const auto scratch = (*detector)->make_scratch();
  it.found = (*detector)->inspect(it.conversation, *scratch);
  const policy::Context context;
  const policy::Facts facts{it.conversation, it.found, it.caller, context, {}};
  it.verdict = policy->decide(facts);
  if (args.explain) {
    auto views = views_of(it.conversation.segments.front().text);
    if (!views) {
      err << views.error().message << '\n';
      return kBadInput;
    }
    it.views = *std::move(views);
    it.explanation = policy->explain(facts);
  }

  if (args.format == "json")
    write_json(out, it, args);
  else
    write_text(out, it, *policy, args, {.colour = args.colour});
  return it.verdict.allowed() ? kAllowed : kWithheld;
}

bool may_colour() {
  // https://no-color.org: present and not empty.
  const char* no = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && (no == nullptr || *no == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

}  // namespace plimsoll::app
