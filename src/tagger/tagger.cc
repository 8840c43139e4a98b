#include "tagger/tagger.h"

#include <array>
#include <fstream>
#include <iterator>

#include "base/hash.h"
#include "impl.h"

namespace plimsoll::tagger {
namespace {

constexpr std::size_t kMaxModelBytes = 5'000'000;

void add(const std::array<std::int8_t, 16>& row, Scores& scores) {
  for (std::size_t y = 0; y < row.size(); ++y) scores[y] = static_cast<std::int16_t>(scores[y] + row[y]);
}

// Whether a word is what is left of "Anna's" behind the apostrophe.
bool possessive(const std::vector<Token>& tokens, std::size_t i) {
  const Token& t = tokens[i];
  return i > 0 && t.end - t.begin == 1 && t.gap == Gap::kNone && tokens[i - 1].mark == '\'' &&
         t.shape == Shape::kLower;
}

// A name neither begins nor ends with a mark, but for the point of an abbreviation.
void trim(const std::vector<Token>& tokens, std::size_t& begin, std::size_t& end) {
  while (begin < end && (tokens[begin].shape == Shape::kMark || possessive(tokens, begin))) ++begin;
  while (end > begin && tokens[end - 1].shape == Shape::kMark && tokens[end - 1].mark != '.') --end;
}

}  // namespace

std::string_view to_string(Kind kind) {
  constexpr std::array<std::string_view, kKinds> kNames{"PERSON", "ORGANIZATION", "LOCATION", "ADDRESS"};
  return kNames[static_cast<std::size_t>(kind)];
}

Scratch::Scratch() : state_(std::make_unique<State>()) {}
Scratch::~Scratch() = default;
Scratch::Scratch(Scratch&&) noexcept = default;
Scratch& Scratch::operator=(Scratch&&) noexcept = default;

Tagger::Tagger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tagger::~Tagger() = default;

Result<std::shared_ptr<const Tagger>> Tagger::create(std::string_view bytes) {
  auto model = Model::parse(bytes);
  if (!model) return std::unexpected(std::move(model).error());
  auto impl = std::make_unique<Impl>();
  impl->model = *std::move(model);
  for (std::size_t g = 0; g < impl->model.usages.size(); ++g)
    for (const auto hash : impl->model.usages[g]) impl->table.set_usage(hash, static_cast<Usage>(g + 1));
  Transitions<float> transitions{};
  for (std::size_t x = 0; x < kLabels; ++x)
    for (std::size_t y = 0; y < kLabels; ++y)
      transitions[x][y] = static_cast<float>(impl->model.transitions[x][y]) * impl->model.scale;
  impl->steps = Lattice::steps_of(transitions);
  const Digest lists = WordTable::digest();
  const std::array<std::string_view, 2> pieces{bytes, bytes_of(lists)};
  impl->revision = "names-" + to_hex(sha256(pieces)).substr(0, 12);
  return std::shared_ptr<const Tagger>(new Tagger(std::move(impl)));
}

Result<std::shared_ptr<const Tagger>> Tagger::load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Code::kNotFound, path + ": cannot be opened");
  std::string bytes(kMaxModelBytes + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.size() > kMaxModelBytes) return fail(Code::kTooLarge, path + ": a names model has at most 5 MB");
  auto tagger = create(bytes);
  if (!tagger) return std::unexpected(std::move(tagger).error().in(path));
  return tagger;
}

std::string_view Tagger::revision() const {
  return impl_->revision;
}

void Tagger::tag(std::string_view text, Scratch& scratch, std::vector<NameSpan>& spans) const {
  spans.clear();
  auto& state = scratch.state();
  bool fresh = true;
  constexpr std::size_t kWindowsBetweenClocks = 128;
  std::size_t windows = 0;
  for (std::size_t at = skip_space(text, 0); at < text.size();) {
    if (++windows % kWindowsBetweenClocks == 0) scratch.deadline.check();
    const auto window = next_window(text, at, true, impl_->table, state.reading.words);
    impl_->tag_window(text, fresh, state, spans);
    fresh = !window->mid_sentence;
    at = skip_space(text, window->end);
  }
}

void Tagger::Impl::tag_window(std::string_view text, bool fresh, Scratch::State& state,
                              std::vector<NameSpan>& spans) const {
  read(text, fresh, table, state.reading);
  find_runs(state.reading, state.runs);
  for (const Run run : state.runs) tag_run(run, state, spans);
}

void Tagger::Impl::tag_run(Run run, Scratch::State& state, std::vector<NameSpan>& spans) const {
  const std::size_t n = run.end - run.begin;
  state.scores.resize(n);
  // A word's weights are fetched while the next word's features are computed: they lie all over the table.
  std::array<std::array<Feature, kMaxFeatures>, 2> features;  // NOLINT: filled before it is read
  std::array<std::size_t, 2> counts{};
  for (std::size_t t = 0; t <= n; ++t) {
    if (t < n) {
      auto& ahead = features[t % 2];
      counts[t % 2] = features_of(state.reading, run.begin + t, ahead);
      for (std::size_t k = 0; k < counts[t % 2]; ++k) __builtin_prefetch(&model.weights[ahead[k].bucket]);
    }
    if (t == 0) continue;
    const auto& now = features[(t - 1) % 2];
    Scores sum{};
    for (std::size_t k = 0; k < counts[(t - 1) % 2]; ++k) add(model.weights[now[k].bucket], sum);
    state.scores[t - 1] = sum;
  }
  const auto labels = state.decoder.decode(state.scores, model.transitions);

  bool summed = false;
  const auto& tokens = state.reading.words.tokens;
  for (std::size_t t = 0; t < n;) {
    if (labels[t] == kOutside) {
      ++t;
      continue;
    }
    const Kind kind = kind_of(labels[t]);
    std::size_t stop = t + 1;
    while (stop < n && labels[stop] == inside_of(kind)) ++stop;
    if (!summed) {
      state.unary.resize(n);
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t y = 0; y < kLabels; ++y)
          state.unary[i][y] = static_cast<float>(state.scores[i][y]) * model.scale;
      summed = state.lattice.sum(state.unary, steps, {});
    }
    const float probability = summed ? state.lattice.probability(t, stop, kind) : 0;
    std::size_t first = run.begin + t;
    std::size_t end = run.begin + stop;
    trim(tokens, first, end);
    if (first < end)
      spans.push_back({.begin = tokens[first].begin,
                       .end = tokens[end - 1].end,
                       .kind = kind,
                       .confidence = model.calibration[static_cast<std::size_t>(kind)](probability)});
    t = stop;
  }
}

}  // namespace plimsoll::tagger
