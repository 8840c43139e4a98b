#include "word_features.h"

#include <algorithm>

namespace plimsoll::tagger {
namespace {

constexpr std::uint32_t kNames = bit(List::kGiven) | bit(List::kFamily) | bit(List::kCountry) |
                                 bit(List::kCity) | bit(List::kOrganization);
constexpr std::uint32_t kPlaces = bit(List::kStreet) | bit(List::kUnit) | bit(List::kStreetEnd);
constexpr std::uint32_t kCues =
    bit(List::kPersonCue) | bit(List::kPlaceCue) | bit(List::kOrganizationCue) | bit(List::kAddressCue);
// Features look at the lists that tell kinds apart; cues have their own.
constexpr std::uint32_t kSeen = ~(kCues | bit(List::kAbbreviation) | bit(List::kPhrase));

// Entries of several words: all their words are on the list.
void mark_phrases(const WordTable& table, Reading& reading) {
  auto& tokens = reading.words.tokens;
  auto& contexts = reading.contexts;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if ((contexts[i].info.lists & bit(List::kPhrase)) == 0) continue;
    std::uint64_t chain = tokens[i].hash;
    for (std::size_t n = 1; n < 7 && i + n < tokens.size(); ++n) {
      chain = hash_pair(chain, tokens[i + n].hash);
      const std::uint32_t lists = table.find_phrase(chain) & ~bit(List::kPhrase);
      if (lists == 0) continue;
      // A cue of several words ends with its last one.
      for (std::size_t k = (lists & kCues) != 0 ? n : 0; k <= n; ++k) {
        contexts[i + k].info.lists |= lists;
        contexts[i + k].phrase = contexts[i + k].phrase || (lists & kNames) != 0;
      }
    }
  }
}

Case case_of(const std::vector<Token>& tokens) {
  std::size_t lower = 0, title = 0, caps = 0;
  for (const Token& t : tokens) {
    lower += t.shape == Shape::kLower;
    title += t.shape == Shape::kTitle || t.shape == Shape::kCamel;
    caps += t.shape == Shape::kCaps;
  }
  const std::size_t all = lower + title + caps;
  if (title + caps == 0) return lower > 1 ? Case::kLower : Case::kMixed;
  if (caps >= 3 && caps * 10 >= all * 7) return Case::kCaps;
  if (title >= 4 && title * 10 >= all * 7) return Case::kTitle;
  return Case::kMixed;
}

std::uint8_t place_of(const std::vector<Token>& tokens, std::size_t i, bool fresh) {
  if (i == 0) return fresh ? 1 : 0;
  std::size_t k = i;
  while (k > 0 && tokens[k - 1].shape == Shape::kMark && tokens[k].gap != Gap::kNewline) --k;
  if (k == 0) return 1;
  if (tokens[k].gap == Gap::kNewline) return 2;
  for (std::size_t m = k; m < i; ++m) {
    const char c = tokens[m].mark;
    if (c == '.' || c == '!' || c == '?') return 1;
    if (c == ':' || c == '"' || c == 'u' || c == '*' || c == '-') return 3;
  }
  return 0;
}

bool pronoun(const Token& t, const Words& words) {
  if (t.shape != Shape::kInitial && t.shape != Shape::kTitle && t.shape != Shape::kCamel &&
      t.shape != Shape::kCaps)
    return false;
  const std::string_view w = words.folded_of(t);
  return w == "i" || w.starts_with("i'");
}

void set_cues(Reading& reading) {
  std::uint8_t cue = 0;
  std::size_t since = 0;
  for (std::size_t i = 0; i < reading.contexts.size(); ++i) {
    Context& c = reading.contexts[i];
    const Token& t = reading.words.tokens[i];
    ++since;
    if (since > 8) cue = 0;
    c.cue = cue == 0 ? 0 : static_cast<std::uint8_t>(cue * 3 + (since <= 1 ? 0 : since <= 3 ? 1 : 2));
    const std::uint32_t found = c.info.lists & kCues;
    if (found != 0) {
      cue = (found & bit(List::kPersonCue)) != 0         ? 1
            : (found & bit(List::kAddressCue)) != 0      ? 2
            : (found & bit(List::kOrganizationCue)) != 0 ? 3
                                                         : 4;
      since = 0;
    } else if (t.shape == Shape::kMark && t.mark != ',' && t.mark != '\'' && since == 1) {
      since = 0;  // "name: Ann"
    }
  }
}

bool after_person_cue(const Context& c) {
  return c.cue == 3 || c.cue == 4;
}

void set_active(Reading& reading) {
  const auto& tokens = reading.words.tokens;
  auto& contexts = reading.contexts;
  std::size_t known = 0, unknown = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].shape != Shape::kLower) continue;
    (contexts[i].info.usage == Usage::kUnknown ? unknown : known) += 1;
  }
  // Where many words are unknown the language is, and rareness says nothing.
  const bool familiar = unknown * 3 <= known + 2;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& t = tokens[i];
    Context& c = contexts[i];
    if (t.capital()) {
      c.active = !pronoun(t, reading.words);
    } else if (t.shape == Shape::kLower || t.shape == Shape::kCamelLow) {
      const bool common = c.info.usage == Usage::kLower;
      const bool listed = (c.info.lists & kNames) != 0;
      if (c.phrase || after_person_cue(c))
        c.active = true;
      else if (listed)
        c.active = !common || (i > 0 && contexts[i - 1].active && !tokens[i - 1].capital());
      else
        c.active =
            familiar && c.info.usage == Usage::kUnknown && t.end - t.begin >= 3 && t.shape == Shape::kLower;
    }
  }
  // Numbers, and the small words of addresses, beside something that could be one.
  const auto around = [&](std::size_t i, std::size_t far, auto is) {
    const std::size_t from = i < far ? 0 : i - far;
    const std::size_t to = std::min(tokens.size(), i + far + 1);
    for (std::size_t k = from; k < to; ++k)
      if (k != i && is(k)) return true;
    return false;
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& t = tokens[i];
    Context& c = contexts[i];
    if (c.active) continue;
    if (t.number() || t.shape == Shape::kMixedLow) {
      c.active = (c.cue >= 6 && c.cue <= 8) || around(i, 2, [&](std::size_t k) {
                   return contexts[k].active || (contexts[k].info.lists & kPlaces) != 0;
                 });
    }
  }
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    Context& c = contexts[i];
    if (c.active || !tokens[i].word() || (c.info.lists & kPlaces) == 0) continue;
    c.active = around(i, 2, [&](std::size_t k) { return contexts[k].active || tokens[k].number(); });
  }
}

// Words that may stand inside a name without being one.
bool connects(const Token& t, const Context& c) {
  if (t.shape == Shape::kMark) return t.mark != '(' && t.mark != ')' && t.mark != ';' && t.mark != '=';
  return (c.info.lists & (bit(List::kParticle) | kPlaces)) != 0 || t.number();
}

constexpr std::uint64_t kBefore = 0x51ED270B7F4A7C15ULL;
constexpr std::uint64_t kBeyond = 0x2545F4914F6CDD1DULL;

// What is read of one place, inside the window or beyond its ends.
struct At {
  std::uint64_t word;
  std::uint32_t lists;
  std::uint64_t shape;
  std::uint64_t usage;
  std::uint64_t gap;
  char mark;
};

At at(const Reading& r, std::size_t i, int offset) {
  if (offset < 0 && i < static_cast<std::size_t>(-offset))
    return {.word = kBefore, .lists = 1U << 20U, .shape = 30, .usage = 0, .gap = 3, .mark = 0};
  const std::size_t k = i + static_cast<std::size_t>(offset);
  if (k >= r.words.tokens.size())
    return {.word = kBeyond, .lists = 1U << 21U, .shape = 31, .usage = 0, .gap = 3, .mark = 0};
  const Token& t = r.words.tokens[k];
  const Context& c = r.contexts[k];
  // The digits of a number say nothing; how many they are is its shape.
  const std::uint64_t word = t.number() ? 0x1234567ULL + static_cast<unsigned>(t.shape) : t.hash;
  return {.word = word,
          .lists = c.info.lists & kSeen,
          .shape = static_cast<std::uint64_t>(t.shape),
          .usage = static_cast<std::uint64_t>(c.info.usage),
          .gap = static_cast<std::uint64_t>(t.gap),
          .mark = t.mark};
}

std::uint64_t affix(std::string_view word, std::size_t n, bool front) {
  if (word.size() < n) return 0;
  const std::string_view part = front ? word.substr(0, n) : word.substr(word.size() - n);
  std::uint64_t h = n * 2 + (front ? 1 : 0);
  for (const char c : part) h = h << 8U | static_cast<unsigned char>(c);
  return h;
}

class Collector {
 public:
  explicit Collector(std::array<Feature, kMaxFeatures>& out) : out_(&out) {}
  void add(Template kind, std::uint64_t value) {
    std::uint64_t h =
        (value + 0x9E3779B97F4A7C15ULL * (static_cast<std::uint64_t>(kind) + 1)) * 0xD6E8FEB86659FD93ULL;
    h ^= h >> 32U;
    h *= 0xD6E8FEB86659FD93ULL;
    (*out_)[count_++] = {.bucket = static_cast<std::uint32_t>(h >> (64U - kBucketBits)), .kind = kind};
  }
  std::size_t count() const { return count_; }

 private:
  std::array<Feature, kMaxFeatures>* out_;
  std::size_t count_ = 0;
};

}  // namespace

void read(std::string_view text, bool fresh, const WordTable& table, Reading& reading) {
  (void)text;
  const auto& tokens = reading.words.tokens;
  auto& contexts = reading.contexts;
  contexts.assign(tokens.size(), {});
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& t = tokens[i];
    if (t.shape == Shape::kOpaque || t.number()) continue;
    contexts[i].info = table.find(t.hash);
    if (t.word() && t.folded_size >= 6 && table.street_end(reading.words.folded_of(t)))
      contexts[i].info.lists |= bit(List::kStreetEnd);
  }
  mark_phrases(table, reading);
  reading.written = case_of(tokens);
  set_cues(reading);
  set_active(reading);
  for (std::size_t i = 0; i < tokens.size(); ++i)
    if (contexts[i].active) contexts[i].place = place_of(tokens, i, fresh);
}

bool may_be_active(const Token& t, const WordInfo& info) {
  if (t.shape == Shape::kMark || t.shape == Shape::kOpaque || t.shape == Shape::kUncased) return false;
  if (t.shape != Shape::kLower) return true;
  constexpr std::uint32_t kAny = kNames | kPlaces | kCues | bit(List::kPhrase);
  return info.usage == Usage::kUnknown || (info.lists & kAny) != 0;
}

std::size_t features_of(const Reading& r, std::size_t i, std::array<Feature, kMaxFeatures>& out) {
  using enum Template;
  const At b2 = at(r, i, -2), b = at(r, i, -1), w = at(r, i, 0), a = at(r, i, 1), a2 = at(r, i, 2);
  const Context& c = r.contexts[i];
  const std::string_view folded = r.words.folded_of(r.words.tokens[i]);
  const auto written = static_cast<std::uint64_t>(r.written);
  Collector f(out);
  f.add(kBias, written);
  f.add(kWord, w.word);
  f.add(kWordBefore, b.word);
  f.add(kWordAfter, a.word);
  f.add(kWordBefore2, b2.word);
  f.add(kWordAfter2, a2.word);
  f.add(kWordsBefore, hash_pair(b2.word, b.word));
  f.add(kWordsAfter, hash_pair(a.word, a2.word));
  const std::uint64_t shape = w.shape * 16U + written * 4U + c.place;
  f.add(kShape, shape);
  f.add(kShapes, ((b.shape * 32U + w.shape) * 32U + a.shape) * 4U + written);
  if (w.mark == 0 && !r.words.tokens[i].number()) {
    f.add(kSuffix2, affix(folded, 2, false));
    f.add(kSuffix3, affix(folded, 3, false));
    f.add(kSuffix4, affix(folded, 4, false));
    f.add(kPrefix3, affix(folded, 3, true));
  }
  const std::uint64_t lists = std::uint64_t{w.lists} * 4U + w.usage;
  f.add(kLists, lists * 32U + w.shape);
  f.add(kListsPlace, std::uint64_t{w.lists} * 16U + written * 4U + c.place);
  f.add(kListsBefore, std::uint64_t{b.lists} << 24U | w.lists);
  f.add(kListsAfter, std::uint64_t{a.lists} << 24U | w.lists);
  f.add(kListsShapeBefore, std::uint64_t{b.lists} * 32U + w.shape);
  f.add(kListsShapeAfter, std::uint64_t{a.lists} * 32U + w.shape);
  f.add(kWordBeforeShape, b.word ^ (w.shape * 0x9E3779B9ULL));
  f.add(kWordAfterShape, a.word ^ (w.shape * 0x9E3779B9ULL));
  f.add(kUsages, ((b.usage * 4U + w.usage) * 4U + a.usage) * 512U + w.shape * 16U + written * 4U + c.place);
  if (c.cue != 0) f.add(kCue, std::uint64_t{c.cue} * 32U + w.shape);
  f.add(kListsAround, hash_pair(std::uint64_t{b.lists} << 24U | a.lists, w.lists));
  f.add(kGaps, ((w.gap * 4U + a.gap) * 32U + w.shape) * 65536U +
                   std::uint64_t{static_cast<unsigned char>(b.mark)} * 256U +
                   static_cast<unsigned char>(a.mark));
  f.add(kShapesBefore, (b2.shape * 32U + b.shape) * 32U + w.shape);
  f.add(kShapesAfter, (w.shape * 32U + a.shape) * 32U + a2.shape);
  for (unsigned list = 0; list < kListCount; ++list)
    if ((w.lists >> list & 1U) != 0) f.add(kEachList, (std::uint64_t{list} * 32U + w.shape) * 4U + w.usage);
  return f.count();
}

void find_runs(const Reading& r, std::vector<Run>& runs) {
  runs.clear();
  const auto& tokens = r.words.tokens;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!r.contexts[i].active) continue;
    if (!runs.empty()) {
      Run& last = runs.back();
      const bool joined =
          i - last.end <= 3 &&
          std::all_of(tokens.begin() + static_cast<std::ptrdiff_t>(last.end),
                      tokens.begin() + static_cast<std::ptrdiff_t>(i), [&](const Token& t) {
                        return connects(t, r.contexts[static_cast<std::size_t>(&t - tokens.data())]);
                      });
      if (joined) {
        last.end = i + 1;
        continue;
      }
    }
    runs.push_back({i, i + 1});
  }
}

}  // namespace plimsoll::tagger
