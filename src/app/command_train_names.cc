// `plimsoll train-names`: makes the model that finds names, and says how well it does on what it has not seen.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <ostream>
#include <set>

#include "base/hash.h"
#include "commands.h"
#include "dataset/reader.h"
#include "tagger/training.h"

namespace plimsoll::app {
namespace {

using tagger::Annotation;
using tagger::Example;
using tagger::Kind;
using tagger::NameSpan;

constexpr std::size_t kMaxPerSource = 4'000;
constexpr std::size_t kMaxText = 2'000;
constexpr std::size_t kFolds = 5;

struct Sample {
  Example example;              // as it is trained on
  std::vector<NameSpan> marks;  // as it is measured on
  std::string source;
  std::size_t fold = 0;
};

std::optional<Kind> kind_of(std::string_view type) {
  for (std::size_t k = 0; k < tagger::kKinds; ++k)
    if (tagger::to_string(static_cast<Kind>(k)) == type) return static_cast<Kind>(k);
  return std::nullopt;
}

std::vector<NameSpan> names_of(const dataset::Row& row) {
  std::vector<NameSpan> out;
  for (const auto& s : *row.spans)
    if (const auto kind = kind_of(s.type))
      out.push_back({.begin = s.span.begin, .end = s.span.end, .kind = *kind});
  std::ranges::sort(out, {}, &NameSpan::begin);
  std::vector<NameSpan> apart;
  for (const auto& s : out)
    if (apart.empty() || apart.back().end <= s.begin) apart.push_back(s);
  return apart;
}

// House numbers that are marked apart from their street belong to one address.
std::vector<NameSpan> joined(const std::vector<NameSpan>& spans, std::string_view text) {
  std::vector<NameSpan> out;
  for (const NameSpan& s : spans) {
    if (!out.empty() && s.kind == Kind::kAddress && out.back().kind == Kind::kAddress &&
        text.substr(out.back().end, s.begin - out.back().end) == " ")
      out.back().end = s.end;
    else
      out.push_back(s);
  }
  return out;
}

// Sentences of one template differ in their values only: they must not be on both sides of a split.
std::size_t fold_of(const dataset::Row& row) {
  std::string key;
  std::size_t at = 0;
  for (const auto& s : *row.spans) {
    if (s.span.begin < at) continue;
    key.append(row.text, at, s.span.begin - at);
    key += '<' + s.type + '>';
    at = s.span.end;
  }
  key.append(row.text, at, std::string::npos);
  for (char& c : key)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return sha256(key)[0] % kFolds;
}

Annotation annotation_of(std::string_view source) {
  if (source == "medquad-questions") return Annotation::kNone;
  if (source == "gsm8k-train") return Annotation::kFirstNames;
  return Annotation::kUnmarked;
}

void cut(std::string& text) {
  if (text.size() <= kMaxText) return;
  std::size_t end = kMaxText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  text.resize(end);
}

Result<std::vector<Sample>> read_samples(const std::vector<std::string>& files) {
  std::vector<Sample> samples;
  std::map<std::string, std::size_t> counts;
  auto read = dataset::read_files(files, [&](dataset::Row row) -> Result<void> {
    if (++counts[row.source] > kMaxPerSource) return {};
    Sample sample;
    sample.source = row.source;
    if (row.spans) {
      sample.marks = names_of(row);
      sample.fold = fold_of(row);
      sample.example.spans = joined(sample.marks, row.text);
      sample.example.text = std::move(row.text);
    } else {
      sample.example.annotation = annotation_of(row.source);
      sample.example.text = std::move(row.text);
      cut(sample.example.text);
    }
    samples.push_back(std::move(sample));
    return {};
  });
  if (!read) return std::unexpected(std::move(read).error());
  return samples;
}

void print(std::ostream& out, const std::string& title, const tagger::Figures& figures) {
  out << title << '\n';
  for (std::size_t k = 0; k <= tagger::kKinds; ++k) {
    const auto& c = figures[k];
    if (c.expected == 0 && c.predicted == 0) continue;
    char line[160];
    const auto name = k < tagger::kKinds ? tagger::to_string(static_cast<Kind>(k)) : std::string_view("any");
    std::snprintf(line, sizeof line,
                  "  %-13.*s expected %5zu  predicted %5zu  precision %.3f  recall %.3f  F1 %.3f  F2 %.3f",
                  static_cast<int>(name.size()), name.data(), c.expected, c.predicted, c.precision(),
                  c.recall(), c.f(1), c.f(2));
    out << line << '\n';
  }
}

struct Fold {
  std::string title;
  std::function<bool(const Sample&)> held_out;
};

class Work {
 public:
  Work(std::vector<Sample> samples, tagger::TrainOptions options, std::ostream& out, std::ostream& err)
      : samples_(std::move(samples)), options_(options), out_(&out), err_(&err) {}

  Result<std::string> model() {
    std::vector<Fold> folds;
    std::set<std::string> sources;
    for (const auto& s : samples_)
      if (s.example.annotation == Annotation::kAll) sources.insert(s.source);
    folds.reserve(sources.size() + kFolds);
    for (const auto& source : sources)
      folds.push_back(
          {"without " + source + ", on it", [source](const Sample& s) { return s.source == source; }});
    for (std::size_t f = 0; f < kFolds; ++f)
      folds.push_back({"", [f](const Sample& s) { return s.source.starts_with("presidio") && s.fold == f; }});

    std::vector<tagger::Judged> judged;
    tagger::Figures templates{};
    for (const Fold& fold : folds) {
      tagger::Figures figures{};
      if (auto done = test(fold, figures, judged); !done) return std::unexpected(std::move(done).error());
      if (!fold.title.empty()) {
        print(*out_, fold.title, figures);
        continue;
      }
      for (std::size_t k = 0; k < figures.size(); ++k) templates[k] += figures[k];
    }
    print(*out_, "templates of Presidio left out by fifths", templates);
    auto raw = train("final model", [](const Sample&) { return false; });
    if (!raw) return raw;
    return tagger::calibrate(*raw, judged);
  }

  Result<std::string> train(const std::string& title, const std::function<bool(const Sample&)>& held_out) {
    std::vector<Example> examples;
    for (const auto& s : samples_)
      if (s.example.annotation != Annotation::kAll || !held_out(s)) examples.push_back(s.example);
    int shown = -1;
    auto model = tagger::train(examples, options_, [&](double done) {
      const int percent = static_cast<int>(done * 100);
      if (percent / 5 == shown / 5) return;
      shown = percent;
      *err_ << '\r' << title << ": " << percent << " %" << std::flush;
    });
    *err_ << '\r' << title << ": done " << std::endl;
    return model;
  }

 private:
  Result<void> test(const Fold& fold, tagger::Figures& figures, std::vector<tagger::Judged>& judged) {
    auto bytes = train(fold.title.empty() ? "templates" : fold.title, fold.held_out);
    if (!bytes) return std::unexpected(std::move(bytes).error());
    auto model = tagger::Tagger::create(*bytes);
    if (!model) return std::unexpected(std::move(model).error());
    tagger::Scratch scratch;
    std::vector<NameSpan> found;
    std::set<Kind> marked;
    for (const auto& s : samples_)
      if (s.example.annotation == Annotation::kAll && fold.held_out(s))
        for (const auto& m : s.marks) marked.insert(m.kind);
    for (const auto& s : samples_) {
      if (s.example.annotation != Annotation::kAll || !fold.held_out(s)) continue;
      (*model)->tag(s.example.text, scratch, found);
      // A source says nothing of the kinds it never marks.
      std::erase_if(found, [&](const NameSpan& f) { return !marked.contains(f.kind); });
      tagger::measure(found, s.marks, 0, figures);
      tagger::judge(found, s.example.spans, judged);
    }
    return {};
  }

  std::vector<Sample> samples_;
  tagger::TrainOptions options_;
  std::ostream* out_;
  std::ostream* err_;
};

}  // namespace

int train_names(const TrainNamesArgs& args, std::ostream& out, std::ostream& err) {
  auto samples = read_samples(args.files);
  if (!samples) {
    err << samples.error().message << '\n';
    return 2;
  }
  tagger::TrainOptions options;
  options.epochs = args.epochs;
  options.seed = args.seed;
  Work work(*std::move(samples), options, out, err);
  auto model = args.evaluate ? work.model() : work.train("model", [](const Sample&) { return false; });
  if (!model) {
    err << model.error().message << '\n';
    return 2;
  }
  std::ofstream file(args.out, std::ios::binary | std::ios::trunc);
  file.write(model->data(), static_cast<std::streamsize>(model->size()));
  file.close();
  if (!file) {
    err << args.out << ": cannot be written\n";
    return 2;
  }
  out << args.out << ": " << model->size() << " bytes, SHA-256 " << to_hex(sha256(*model)) << '\n';
  return 0;
}

}  // namespace plimsoll::app
