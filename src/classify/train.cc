#include "classify/train.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

#include "base/hash.h"
#include "base/json.h"
#include "calibration.h"
#include "dataset/reader.h"
#include "learner.h"
#include "text/normalizer.h"

namespace plimsoll::classify {
namespace {

json::object describe(const TrainOptions& o) {
  json::array rates;
  for (const double rate : o.base_rates) rates.emplace_back(rate);
  return {{"seed", o.seed},
          {"epochs", o.epochs},
          {"row_bits", o.row_bits},
          {"min_examples", o.min_examples},
          {"min_sources", o.min_sources},
          {"balance", o.balance},
          {"positive_share", o.positive_share},
          {"max_weight", o.max_weight},
          {"rate", o.rate},
          {"decay", o.decay},
          {"dropout", o.dropout},
          {"shrink", o.shrink},
          {"window_share", o.window_share},
          {"penalty", o.penalty},
          {"width", o.width},
          {"min_word", o.min_word},
          {"hidden", o.hidden},
          {"network_rate", o.network_rate},
          {"network_decay", o.network_decay},
          {"hidden_dropout", o.hidden_dropout},
          {"gain", o.gain},
          {"floor", o.floor},
          {"calibration_folds", o.calibration_folds},
          {"base_rates", std::move(rates)}};
}

std::string digest_of(std::span<const Example> examples) {
  std::string all;
  for (const auto& e : examples) {
    const Digest text = sha256(e.text);
    const Digest source = sha256(e.source);
    all += bytes_of(text);
    all += bytes_of(source);
    all.append(reinterpret_cast<const char*>(e.labels.data()), e.labels.size());
    all.append(reinterpret_cast<const char*>(&e.weight), sizeof e.weight);
  }
  return to_hex(sha256(all));
}

json::object describe(std::span<const Example> examples, const std::string& digest) {
  std::map<std::string_view, std::size_t> sources;
  json::object heads;
  for (std::size_t h = 0; h < kHeadCount; ++h) {
    std::array<std::size_t, 2> n{};
    for (const auto& e : examples)
      if (e.labels[h] != Label::kUnknown) ++n[static_cast<std::size_t>(e.labels[h])];
    heads.emplace(to_string(kHeads[h]), json::object{{"positive", n[1]}, {"negative", n[0]}});
  }
  for (const auto& e : examples) ++sources[e.source];
  json::object by_source;
  for (const auto& [name, n] : sources) by_source.emplace(name, n);
  return {{"examples", examples.size()},
          {"sha256", digest},
          {"heads", std::move(heads)},
          {"sources", std::move(by_source)}};
}

Result<void> check(const TrainOptions& o) {
  const auto in = [](double x, double low, double high) { return x >= low && x <= high; };
  if (!in(o.epochs, 1, 1000)) return fail(Code::kInvalid, "epochs must be 1 to 1000");
  if (!in(o.row_bits, Parameters::kMinRowBits, Parameters::kMaxRowBits))
    return fail(Code::kInvalid, "row_bits must be 8 to 19");
  if (!in(o.dropout, 0, 0.95) || !in(o.hidden_dropout, 0, 0.95))
    return fail(Code::kInvalid, "dropout must be 0 to 0.95");
  if (!in(o.balance, 0, 1) || !in(o.positive_share, 0.01, 0.99))
    return fail(Code::kInvalid, "balance must be 0 to 1, positive_share 0.01 to 0.99");
  if (!in(o.rate, 1e-6, 100) || !in(o.network_rate, 1e-6, 100) || !in(o.decay, 0, 1) ||
      !in(o.network_decay, 0, 1))
    return fail(Code::kInvalid, "a rate or decay is out of range");
  if (!in(o.shrink, 1e-3, 1e6) || !in(o.gain, 1e-3, 1e3) || !in(o.floor, 1e-6, 1e3))
    return fail(Code::kInvalid, "shrink, gain or floor is out of range");
  if (o.width % 64 != 0 || o.width > Parameters::kMaxWidth)
    return fail(Code::kInvalid, "width must be a multiple of 64, at most 256");
  if (o.width > 0 && (o.hidden == 0 || o.hidden % 8 != 0 || o.hidden > Parameters::kMaxHidden))
    return fail(Code::kInvalid, "hidden must be a multiple of 8, at most 256");
  if (o.calibration_folds == 1 || o.calibration_folds > 100)
    return fail(Code::kInvalid, "calibration_folds must be 0 or 2 to 100");
  if (!std::ranges::all_of(o.base_rates, [&](double r) { return in(r, 1e-4, 0.9999); }))
    return fail(Code::kInvalid, "a base rate must be between 0 and 1");
  return {};
}

bool trainable(std::span<const Example> examples, const std::vector<bool>& part) {
  for (std::size_t h = 0; h < kHeadCount; ++h) {
    std::array<bool, 2> seen{};
    for (std::size_t i = 0; i < examples.size(); ++i)
      if (part[i] && examples[i].labels[h] != Label::kUnknown)
        seen[static_cast<std::size_t>(examples[i].labels[h])] = true;
    if (seen[0] && seen[1]) return true;
  }
  return false;
}

// Where a training that was interrupted goes on: which run, what earlier runs gave, the state of this one.
class Checkpoint {
 public:
  Checkpoint(std::string path, std::string key) : path_(std::move(path)), key_(std::move(key)) {
    if (path_.empty()) return;
    std::ifstream in(path_, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    const std::size_t head = key_.size() + sizeof(Digest);
    if (bytes.size() < head + sizeof run || !bytes.starts_with(key_)) return;
    const std::string_view body = std::string_view(bytes).substr(head);
    if (bytes_of(sha256(body)) != std::string_view(bytes).substr(key_.size(), sizeof(Digest))) return;
    std::uint64_t size = 0;
    if (body.size() < sizeof run + sizeof size) return;
    std::memcpy(&run, body.data(), sizeof run);
    std::memcpy(&size, body.data() + sizeof run, sizeof size);
    const std::string_view rest = body.substr(sizeof run + sizeof size);
    if (size > rest.size()) return;
    earlier = rest.substr(0, size);
    state = rest.substr(size);
  }

  Result<void> write() const {
    if (path_.empty()) return {};
    const std::uint64_t size = earlier.size();
    std::string body(reinterpret_cast<const char*>(&run), sizeof run);
    body.append(reinterpret_cast<const char*>(&size), sizeof size);
    body += earlier;
    body += state;
    const Digest digest = sha256(body);
    const std::string part = path_ + ".part";
    {
      std::ofstream out(part, std::ios::binary | std::ios::trunc);
      out << key_ << bytes_of(digest) << body;
      if (!out.flush()) return fail(Code::kUnavailable, part + ": cannot be written");
    }
    if (std::rename(part.c_str(), path_.c_str()) != 0)
      return fail(Code::kUnavailable, path_ + ": cannot be written");
    return {};
  }

  void remove() const {
    if (!path_.empty()) std::remove(path_.c_str());
  }

  std::uint64_t run = 0;
  std::string earlier;  // logits of examples that were left out, eight doubles and an index each
  std::string state;    // of the learner, empty before its first epoch

 private:
  std::string path_;
  std::string key_;
};

// What a model makes of an example that it has not seen.
struct LeftOut {
  std::uint64_t example = 0;
  PerHead logits{};
};

constexpr unsigned kNoFold = ~0U;

class Training {
 public:
  Training(std::span<const Example> examples, const TrainOptions& options, const Progress& progress,
           const std::string& checkpoint)
      : examples_(examples),
        options_(options),
        progress_(progress),
        digest_(digest_of(examples)),
        all_(read_corpus(examples)),
        fold_(options.calibration_folds > 0 ? assign_folds(examples, options.calibration_folds)
                                            : std::vector<unsigned>()),
        checkpoint_(checkpoint, to_hex(sha256(digest_ + to_canonical_json(describe(options))))) {}

  Result<Model> run() {
    for (const unsigned folds = options_.calibration_folds; checkpoint_.run < folds; ++checkpoint_.run) {
      const auto f = static_cast<unsigned>(checkpoint_.run);
      auto parameters = learn_without(f);
      if (!parameters) return std::unexpected(std::move(parameters).error());
      checkpoint_.state.clear();
    }
    auto parameters = learn(std::vector<bool>(examples_.size(), true), "all sources");
    if (!parameters) return std::unexpected(std::move(parameters).error());
    calibrate(*parameters, kNoFold);
    parameters->training = to_canonical_json(
        json::object{{"options", describe(options_)}, {"data", describe(examples_, digest_)}});
    checkpoint_.remove();
    return Model(*std::move(parameters));
  }

  Result<std::vector<std::optional<Model>>> run_left_out() {
    std::vector<std::optional<Parameters>> parameters;
    for (unsigned f = 0; f < options_.calibration_folds; ++f) {
      auto one = learn_without(f);
      if (!one) return std::unexpected(std::move(one).error());
      parameters.push_back(*std::move(one));
      checkpoint_.state.clear();
      ++checkpoint_.run;
    }
    std::vector<std::optional<Model>> models;
    for (unsigned f = 0; f < options_.calibration_folds; ++f) {
      if (parameters[f]) calibrate(*parameters[f], f);
      models.push_back(parameters[f] ? std::optional<Model>(*std::move(parameters[f])) : std::nullopt);
    }
    return models;
  }

 private:
  Result<Parameters> learn(const std::vector<bool>& part, const std::string& step) {
    if (!report(step, 0)) return fail(Code::kUnavailable, "stopped");
    const Corpus corpus = select(all_, examples_, part, options_);
    Learner learner(corpus, examples_, part, options_);
    if (!checkpoint_.state.empty()) learner.restore(checkpoint_.state);
    while (learner.epochs() < options_.epochs) {
      learner.run_epoch();
      checkpoint_.state = learner.save();
      if (auto written = checkpoint_.write(); !written) return std::unexpected(std::move(written).error());
      if (!report(step, learner.epochs())) return fail(Code::kUnavailable, "stopped");
    }
    return learner.parameters();
  }

  // Without the sources of a fold, whose examples it then scores; none when what is left teaches nothing.
  Result<std::optional<Parameters>> learn_without(unsigned f) {
    std::vector<bool> part(examples_.size());
    for (std::size_t i = 0; i < part.size(); ++i) part[i] = fold_[i] != f;
    if (!trainable(examples_, part)) return std::nullopt;
    auto parameters = learn(
        part, "leaving out " + std::to_string(f + 1) + " of " + std::to_string(options_.calibration_folds));
    if (!parameters) return std::unexpected(std::move(parameters).error());
    score(Model(*parameters), f);
    return *std::move(parameters);
  }

  bool report(const std::string& step, unsigned epochs) const {
    const double runs = options_.calibration_folds + 1;
    const double done = static_cast<double>(checkpoint_.run) + static_cast<double>(epochs) / options_.epochs;
    return !progress_ || progress_(step, done / runs);
  }

  void score(const Model& model, unsigned f) {
    Scratch scratch;
    for (std::size_t i = 0; i < examples_.size(); ++i) {
      if (fold_[i] != f || !examples_[i].labelled()) continue;
      const LeftOut one{i, model.assess(examples_[i].text, scratch).logits};
      checkpoint_.earlier.append(reinterpret_cast<const char*>(&one), sizeof one);
    }
  }

  // By the scores of all examples that were left out, but for those of one fold.
  void calibrate(Parameters& p, unsigned but) const {
    if (checkpoint_.earlier.empty()) return;
    std::vector<LeftOut> all(checkpoint_.earlier.size() / sizeof(LeftOut));
    std::memcpy(all.data(), checkpoint_.earlier.data(), all.size() * sizeof(LeftOut));
    std::erase_if(all, [&](const LeftOut& one) { return fold_[one.example] == but; });
    for (std::size_t h = 0; h < kHeadCount; ++h) {
      std::map<std::pair<std::string_view, Label>, double> sizes;
      std::array<bool, 2> seen{};
      for (const LeftOut& one : all) {
        const Example& e = examples_[one.example];
        sizes[{e.source, e.labels[h]}] += e.weight;
        if (e.labels[h] != Label::kUnknown) seen[static_cast<std::size_t>(e.labels[h])] = true;
      }
      if (!seen[0] || !seen[1]) continue;
      std::vector<Scored> scored;
      for (const LeftOut& one : all) {
        const Example& e = examples_[one.example];
        if (e.labels[h] != Label::kUnknown)
          scored.push_back(
              {one.logits[h], e.labels[h] == Label::kPositive, e.weight / sizes[{e.source, e.labels[h]}]});
      }
      p.calibration[h] = fit_calibration(scored, options_.base_rates[h]);
    }
  }

  std::span<const Example> examples_;
  const TrainOptions& options_;
  const Progress& progress_;
  std::string digest_;
  Corpus all_;
  std::vector<unsigned> fold_;
  Checkpoint checkpoint_;
};

// Sources of texts that are labelled for one sentence in them, which would be harmless elsewhere ("What is the capital of
// Brazil?" in the middle of a table). From them a model learns to suspect every question, and finds no more in sources that
// it has not seen; rules tell such sentences by where they stand (jailbreak.yaml).
constexpr std::string_view kUnlearned[] = {"bipia-train-embedded"};

}  // namespace

Example Example::from(const dataset::Row& row) {
  static const auto normalizer = text::Normalizer::create();
  Example e;
  e.text = normalizer.value().normalize(row.text).text();
  e.source = row.source;
  e.weight = row.weight;
  for (std::size_t h = 0; h < kHeadCount; ++h)
    if (const auto label = row.labels[kHeads[h]]) e.labels[h] = *label ? Label::kPositive : Label::kNegative;
  return e;
}

bool Example::labelled() const {
  return std::ranges::any_of(labels, [](Label l) { return l != Label::kUnknown; });
}

Result<std::vector<Example>> read_examples(const std::vector<std::string>& files) {
  std::vector<Example> examples;
  auto read = dataset::read_files(files, [&](const dataset::Row& row) -> Result<void> {
    if (std::ranges::find(kUnlearned, row.source) != std::end(kUnlearned)) return {};
    auto example = Example::from(row);
    if (example.labelled()) examples.push_back(std::move(example));
    return {};
  });
  if (!read) return std::unexpected(std::move(read).error());
  return examples;
}

Result<Model> train(std::span<const Example> examples, const TrainOptions& options,
                    const Progress& progress) {
  return train(examples, options, progress, {});
}

Result<Model> train(std::span<const Example> examples, const TrainOptions& options, const Progress& progress,
                    const std::string& checkpoint) {
  if (auto fine = check(options); !fine) return std::unexpected(std::move(fine).error());
  if (!trainable(examples, std::vector<bool>(examples.size(), true)))
    return fail(Code::kInvalid, "no category has both positive and negative examples");
  return Training(examples, options, progress, checkpoint).run();
}

Result<std::vector<std::optional<Model>>> train_left_out(std::span<const Example> examples,
                                                         const TrainOptions& options,
                                                         const Progress& progress) {
  if (auto fine = check(options); !fine) return std::unexpected(std::move(fine).error());
  if (options.calibration_folds == 0) return fail(Code::kInvalid, "calibration_folds must not be 0");
  return Training(examples, options, progress, {}).run_left_out();
}

}  // namespace plimsoll::classify
