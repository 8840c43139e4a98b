#include "accumulator.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "windows.h"

namespace plimsoll::classify {
namespace {

// What fewer words say is their wording alone: "danger" is no danger. Rules judge such texts.
constexpr std::size_t kFewestWords = 4;

// Of the words of a window those that the model knows: how many, and how many bytes those of kLong or more take.
struct KnownWords {
  static constexpr std::size_t kLong = 3;
  std::size_t count = 0, size = 0;
};

// A window says nothing when it is long enough to be one of several, a quarter of its words or more are not known, no
// more than a sixteenth of what they take is words of three bytes or more that are, and nothing in it may be language of
// which the model sees parts of words alone: keys, hashes, tables of numbers, text in code, noise. Of a hundred thousand
// windows of real text ninety were such. What they say once they are undone is another text.
bool may_say_nothing(std::string_view window, const WindowKeys& keys, const KnownWords& known,
                     const Parameters& p) {
  constexpr std::size_t kKnownOf = 16;
  return p.width > 0 && window.size() >= kMinWindow && known.count * 4 <= keys.words * 3 &&
         known.size * kKnownOf <= std::accumulate(keys.lengths.begin(), keys.lengths.end(), std::size_t{0});
}

bool is_letter(char c) {
  return static_cast<unsigned char>((c | 0x20) - 'a') < 26;
}

// Words without blanks, ToldApartLikeThis or not. In base64 every fourth letter and the next are both capitals.
bool has_words_in_one(std::string_view window) {
  constexpr std::size_t kLong = 20, kLettersPerPair = 10, kLettersPerChange = 8;
  // So many letters in a row have one here.
  for (std::size_t at = kLong - 1; at < window.size(); at += kLong) {
    if (!is_letter(window[at])) continue;
    auto begin = at, end = at + 1;
    while (begin > 0 && is_letter(window[begin - 1])) --begin;
    while (end < window.size() && is_letter(window[end])) ++end;
    at = end;
    if (end - begin < kLong) continue;
    const auto is_capital = [&](std::size_t i) { return window[i] <= 'Z'; };
    std::size_t pairs = 0, changes = 0;
    for (auto i = begin + 1; i < end; ++i) {
      if (is_capital(i) != is_capital(i - 1)) ++changes;
      if (is_capital(i) && is_capital(i - 1)) ++pairs;
    }
    if (pairs * kLettersPerPair <= end - begin || changes * kLettersPerChange <= end - begin) return true;
  }
  return false;
}

// Characters of another script than Latin; or of Latin, unless more have accents than in any language, or more are none.
bool has_other_letters(std::string_view window) {
  constexpr unsigned char kLastLatin = 0xC9;
  // In lanes, so that many bytes go at once: how many there are, at every place modulo the lanes, of bytes that begin
  // a character of so many, and of bytes beyond ASCII.
  constexpr std::size_t kLanes = 32;
  std::array<std::uint8_t, kLanes> beyond{}, accents{}, twos{}, threes{}, fours{}, unknown{};
  std::array<unsigned char, (kMaxWindow + kLanes - 1) / kLanes * kLanes + 3> bytes{};
  std::ranges::copy(window, bytes.begin());
  for (std::size_t row = 0; row < window.size(); row += kLanes)
    for (std::size_t i = 0; i < kLanes; ++i) {
      const auto* const b = bytes.data() + row + i;
      const auto follows = [&](std::size_t k) { return static_cast<std::uint8_t>((b[k] & 0xC0U) == 0x80U); };
      const auto leads = [&](unsigned char from, unsigned char to) {
        return static_cast<std::uint8_t>(b[0] >= from && b[0] < to);
      };
      const std::uint8_t two = follows(1), three = two & follows(2), four = three & follows(3);
      beyond[i] += static_cast<std::uint8_t>(b[0] >= 0x80);
      accents[i] += leads(0xC2, kLastLatin + 1) & two;
      twos[i] += leads(kLastLatin + 1, 0xE0) & two;
      threes[i] += leads(0xE0, 0xF0) & three;
      fours[i] += leads(0xF0, 0xF5) & four;
      unknown[i] += static_cast<std::uint8_t>(b[0] == 0xEF && b[1] == 0xBF && b[2] == 0xBD);  // U+FFFD
    }
  const auto sum = [](const auto& lanes) {
    return std::accumulate(lanes.begin(), lanes.end(), std::size_t{0});
  };
  const auto others = 2 * sum(twos) + 3 * (sum(threes) - sum(unknown)) + 4 * sum(fours);
  const auto with_accents = 2 * sum(accents);
  const auto broken = sum(beyond) - others - with_accents;
  return others * 8 > window.size() || (with_accents * 2 < window.size() && broken * 6 < window.size());
}

constexpr double kNothing = -std::numeric_limits<double>::infinity();

// After how many windows the text so far is scored: 1, 2, 3, 4, 6, 8, 12, 16, 24 and so on, so that a stream is
// judged early and a long text costs no more than its windows.
bool is_milestone(std::size_t windows) {
  return std::has_single_bit(windows) || (windows % 3 == 0 && std::has_single_bit(windows / 3));
}

void score(const Sums& sums, const Parameters& p, const Kernel& kernel,
           std::array<float, Parameters::kMaxHidden>& hidden, PerHead& logits) {
  const double norm = 1 / std::sqrt(static_cast<double>(sums.keys) + p.shrink);
  for (std::size_t h = 0; h < kHeadCount; ++h)
    logits[h] = p.bias[h] + p.scale[h] * norm * static_cast<double>(sums.rows[h]);
  if (p.hidden == 0) return;

  std::int64_t squares = 0;  // exact up to a hundred million words
  for (std::size_t i = 0; i < p.width; ++i) squares += sums.vectors[i] * sums.vectors[i];
  const double gain = p.gain / std::sqrt(static_cast<double>(squares) + p.floor);
  std::array<float, Parameters::kMaxWidth> d;  // NOLINT(*-member-init): as far as it is read
  for (std::size_t i = 0; i < p.width; ++i)
    d[i] = static_cast<float>(gain * static_cast<double>(sums.vectors[i]));
  kernel.multiply(p.in.data(), p.width, p.hidden, d.data(), p.hidden_bias.data(), hidden.data());
  std::array<float, kLanes> sum{};
  for (std::size_t k = 0; k < p.hidden; ++k) {
    const float active = std::max(hidden[k], 0.0F);
    const float* out = p.out.data() + k * kLanes;
    for (std::size_t h = 0; h < kLanes; ++h) sum[h] += active * out[h];
  }
  for (std::size_t h = 0; h < kHeadCount; ++h) logits[h] += static_cast<double>(sum[h]);
}

}  // namespace

void Accumulator::begin() {
  static std::atomic<std::uint64_t> last = 0;
  number_ = ++last;
  first_said_.begin_text();
  text_.rows.fill(0);
  text_.keys = 0;
  text_.vectors.clear();
  settled_ = skipped_ = windows_ = text_words_ = 0;
  text_is_considered_ = false;
  best_.fill(kNothing);
  best_enough_.fill(kNothing);
}

void Accumulator::add(std::string_view window, const Parameters& p, const Kernel& kernel, Workspace& work) {
  settled_ += window.size();
  // Short texts repeat little. The first window is never considered alone, so a second one like it must be.
  constexpr std::size_t kWorthLooking = 2048;
  const bool look = settled_ > kWorthLooking && windows_ > 1;
  if (look)
    if (const auto* repeat = work.repeats.find(number_, window)) {
      if (!repeat->says_nothing) extend(repeat->words, repeat->vectors.data(), p, kernel, work);
      return;
    }
  auto& keys = work.keys;
  read_words(window, keys);
  // The tables are larger than a core's cache: what will be looked at is on its way while something else is done.
  const std::size_t slots = p.index.size() - 1;
  if (p.width > 0)
    for (std::size_t i = 0; i < keys.words; ++i) __builtin_prefetch(&p.index[keys.keys[i] & slots]);
  const std::size_t count =
      keys.size + kernel.run_keys(keys.folded.data(), keys.length, keys.keys.data() + keys.size);
  work.words.clear();
  KnownWords known;
  if (p.width > 0)
    for (std::size_t i = 0; i < keys.words; ++i)
      if (const auto id = p.find_word(keys.keys[i]); id != Parameters::kNoWord) {
        work.words.push_back(id);
        __builtin_prefetch(&p.vectors[std::size_t{id} * p.width]);
        ++known.count;
        known.size += keys.lengths[i] >= KnownWords::kLong ? keys.lengths[i] : 0;
      }
  if (may_say_nothing(window, keys, known, p) && !has_words_in_one(window) &&
      (keys.ascii || !has_other_letters(window))) {
    if (look) work.repeats.put(number_, window).says_nothing = true;
    return;
  }
  const auto mask = static_cast<std::uint32_t>(p.rows.size() - 1);
  const std::size_t fresh = first_said_.sort(
      keys.keys, count, work.said, [&](std::uint32_t key) { __builtin_prefetch(&p.rows[key & mask]); });

  work.fresh.fill(0);
  work.repeated.fill(0);
  std::fill_n(work.vector_sums.begin(), p.width, 0);
  kernel.add_rows(p.rows.data(), mask, keys.keys.data(), fresh, work.fresh.data());
  kernel.add_rows(p.rows.data(), mask, work.said.again.data(), work.said.again_count, work.repeated.data());
  kernel.add_vectors(p.vectors.data(), p.width, work.words.data(), work.words.size(),
                     work.vector_sums.data());

  text_.keys += static_cast<std::int64_t>(fresh);
  work.window.keys = static_cast<std::int64_t>(fresh + work.said.again_count);
  for (std::size_t i = 0; i < kHeadCount; ++i) {
    text_.rows[i] += work.fresh[i];
    work.window.rows[i] = work.fresh[i] + work.repeated[i];
  }
  work.window.vectors.assign(work.vector_sums.begin(),
                             work.vector_sums.begin() + static_cast<std::ptrdiff_t>(p.width));
  if (windows_ > 0) consider(work.window, keys.words, true, p, kernel, work);
  if (look) {
    auto& repeat = work.repeats.put(number_, window);
    repeat.says_nothing = false;
    repeat.words = keys.words;
    repeat.vectors.assign(work.vector_sums.begin(),
                          work.vector_sums.begin() + static_cast<std::ptrdiff_t>(p.width));
  }
  extend(keys.words, work.vector_sums.data(), p, kernel, work);
}

void Accumulator::extend(std::size_t words, const std::int32_t* vectors, const Parameters& p,
                         const Kernel& kernel, Workspace& work) {
  text_.vectors.resize(p.width);
  for (std::size_t i = 0; i < p.width; ++i) text_.vectors[i] += vectors[i];
  text_words_ += words;
  ++windows_;
  text_is_considered_ = is_milestone(windows_);
  if (text_is_considered_) consider(text_, text_words_, is_part(), p, kernel, work);
}

void Accumulator::skip(std::size_t size) {
  settled_ += size;
  skipped_ += size;
}

void Accumulator::end(const Parameters& p, const Kernel& kernel, Workspace& work) {
  text_.vectors.resize(p.width);  // where no window counted
  if (!text_is_considered_ && (windows_ > 0 || skipped_ == 0))
    consider(text_, text_words_, is_part(), p, kernel, work);
  text_is_considered_ = true;
}

Assessment Accumulator::assessment(const Parameters& p) const {
  Assessment a;
  a.logits = best_;
  for (std::size_t h = 0; h < kHeadCount; ++h)
    if (best_enough_[h] > kNothing) a.scores.raise(kHeads[h], p.calibration[h](best_enough_[h]));
  return a;
}

void Accumulator::consider(const Sums& sums, std::size_t words, bool alone, const Parameters& p,
                           const Kernel& kernel, Workspace& work) {
  PerHead logits{};
  score(sums, p, kernel, work.hidden, logits);
  for (std::size_t h = 0; h < kHeadCount; ++h) {
    const double logit = logits[h] - (alone ? p.window_penalty[h] : 0);
    best_[h] = std::max(best_[h], logit);
    if (words >= kFewestWords) best_enough_[h] = std::max(best_enough_[h], logit);
  }
}

}  // namespace plimsoll::classify
