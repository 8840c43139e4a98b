// What is found of copies, edited and not, what is found where nothing is copied, and what an index of a gigabyte costs. One
// line per figure. Run by bench/verbatim.py, which provides the texts: a folder of .txt files, each a work.
//   bench_verbatim edits TEXTS WORKING
//   bench_verbatim size TEXTS WORKING [WORKS] [BYTES]
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "verbatim/corpus.h"
#include "verbatim/index.h"
#include "verbatim/matcher.h"

namespace {

using namespace plimsoll;
using namespace plimsoll::verbatim;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Random = std::mt19937_64;

constexpr std::size_t kPassages = 300;  // per row

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Of this thread, so that what else the machine does counts for nothing but a colder cache.
double processor_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench_verbatim: %s\n", why.c_str());
  std::exit(2);
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Text {
  std::string name;
  std::string text;
  std::vector<std::string> words;  // as they stand, punctuation attached
};

// At white space; what has no letter or digit is no word.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  std::string word;
  const auto counts = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0;
  };
  const auto keep = [&] {
    if (std::ranges::any_of(word, counts)) out.push_back(word);
    word.clear();
  };
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r')
      word.push_back(c);
    else
      keep();
  }
  keep();
  return out;
}

std::vector<Text> read_texts(const std::string& folder) {
  std::vector<Text> out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    Text t{.name = entry.path().stem().string(), .text = read_text(entry.path()), .words = {}};
    t.words = split(t.text);
    out.push_back(std::move(t));
  }
  std::ranges::sort(out, {}, &Text::name);
  if (out.size() < 4) give_up(folder + " holds fewer than four works");
  return out;
}

std::shared_ptr<const Index> make_index(const std::string& path, const std::vector<std::string>& files) {
  fs::remove_all(path + ".d");
  fs::remove(path);
  auto corpus = Corpus::open(path);
  if (!corpus) give_up(corpus.error().message);
  auto added = (*corpus)->add(files, "", [](std::string_view, std::uint64_t, std::uint64_t) {});
  if (!added) give_up(added.error().message);
  auto index = Index::open(path);
  if (!index) give_up(index.error().message);
  return *index;
}

enum class Origin : std::uint8_t { kOwn, kCopied, kEdited };  // edited: put in the place of copied words

// A text under construction, each word with where it comes from.
struct Sample {
  std::string text;
  struct Part {
    std::size_t begin;
    std::size_t end;
    Origin origin;
  };
  std::vector<Part> parts;

  void add(const std::string& word, Origin origin) {
    if (!text.empty()) text.push_back(' ');
    parts.push_back({text.size(), text.size() + word.size(), origin});
    text += word;
  }
};

std::vector<std::string> pick(const Text& t, std::size_t count, Random& random) {
  const auto at = random() % (t.words.size() - count);
  return {t.words.begin() + static_cast<std::ptrdiff_t>(at),
          t.words.begin() + static_cast<std::ptrdiff_t>(at + count)};
}

bool by_chance(Random& random, double p) {
  return std::uniform_real_distribution<>(0, 1)(random) < p;
}

// Adds a passage, edited, to a sample.
using Edit = std::function<void(Sample&, const std::vector<std::string>&,
                                const std::vector<std::string>& other, Random&)>;

void as_it_is(Sample& s, const std::vector<std::string>& words, const std::vector<std::string>&, Random&) {
  for (const auto& w : words) s.add(w, Origin::kCopied);
}
Edit substitute(double p) {
  return [p](Sample& s, const auto& words, const auto& other, Random& r) {
    for (const auto& w : words)
      by_chance(r, p) ? s.add(other[r() % other.size()], Origin::kEdited) : s.add(w, Origin::kCopied);
  };
}
Edit leave_out(double p) {
  return [p](Sample& s, const auto& words, const auto&, Random& r) {
    for (const auto& w : words)
      if (!by_chance(r, p)) s.add(w, Origin::kCopied);
  };
}
Edit insert(double p) {
  return [p](Sample& s, const auto& words, const auto& other, Random& r) {
    for (const auto& w : words) {
      if (by_chance(r, p)) s.add(other[r() % other.size()], Origin::kEdited);
      s.add(w, Origin::kCopied);
    }
  };
}
Edit mixed(double p) {
  return [p](Sample& s, const auto& words, const auto& other, Random& r) {
    for (const auto& w : words) {
      if (by_chance(r, p / 3)) s.add(other[r() % other.size()], Origin::kEdited);
      if (by_chance(r, p / 3)) continue;
      by_chance(r, p / 3) ? s.add(other[r() % other.size()], Origin::kEdited) : s.add(w, Origin::kCopied);
    }
  };
}
void reorder(Sample& s, const std::vector<std::string>& words, const std::vector<std::string>&, Random& r) {
  std::vector<std::vector<std::string>> sentences(1);
  for (const auto& w : words) {
    sentences.back().push_back(w);
    if (std::string_view(".!?;").contains(w.back())) sentences.emplace_back();
  }
  std::ranges::shuffle(sentences, r);
  for (const auto& sentence : sentences)
    for (const auto& w : sentence) s.add(w, Origin::kCopied);
}
void restyle(Sample& s, const std::vector<std::string>& words, const std::vector<std::string>&, Random& r) {
  for (auto w : words) {
    while (!w.empty() && std::ispunct(static_cast<unsigned char>(w.back())) != 0) w.pop_back();
    for (std::size_t i = w.find('\''); i != std::string::npos; i = w.find('\'')) w.replace(i, 1, "\u2019");
    if (by_chance(r, 0.5))
      std::ranges::transform(w, w.begin(),
                             [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    if (!w.empty()) s.add(w + (by_chance(r, 0.2) ? " \u2014" : ""), Origin::kCopied);
  }
}

struct Counts {
  double copied = 0, found = 0, own = 0, wrong = 0;
};

Counts count(const std::shared_ptr<const Index>& index, const Sample& s) {
  const auto copying = find_copying(index, s.text);
  Counts out;
  auto m = copying.matches.begin();
  for (const auto& part : s.parts) {
    while (m != copying.matches.end() && m->end <= part.begin) ++m;
    const bool inside = m != copying.matches.end() && m->begin < part.end;
    if (part.origin == Origin::kCopied) {
      out.copied += 1;
      out.found += inside ? 1 : 0;
    } else if (part.origin == Origin::kOwn) {
      out.own += 1;
      out.wrong += inside ? 1 : 0;
    }
  }
  return out;
}

// Passages of protected works between words of works that are not protected.
void measure_edit(const std::shared_ptr<const Index>& index, const std::vector<Text>& works,
                  const std::vector<Text>& others, std::size_t length, const char* name, const Edit& edit) {
  Random random(7);
  Counts all;
  std::size_t hit = 0;
  for (std::size_t i = 0; i < kPassages; ++i) {
    const Text& work = works[i % works.size()];
    const Text& other = others[random() % others.size()];
    Sample s;
    for (const auto& w : pick(other, 150, random)) s.add(w, Origin::kOwn);
    edit(s, pick(work, length, random), other.words, random);
    for (const auto& w : pick(other, 150, random)) s.add(w, Origin::kOwn);
    const Counts c = count(index, s);
    hit += c.found > 0 ? 1 : 0;
    all.copied += c.copied;
    all.found += c.found;
    all.own += c.own;
    all.wrong += c.wrong;
  }
  std::printf(
      "%-34s %4zu words   passages hit %5.1f %%   words found %5.1f %%   own words taken for copied %5.2f "
      "%%\n",
      name, length, 100.0 * static_cast<double>(hit) / kPassages, 100 * all.found / all.copied,
      100 * all.wrong / std::max(1.0, all.own));
}

void edits(const std::string& folder, const std::string& working) {
  auto texts = read_texts(folder);
  std::vector<Text> works, others;
  std::vector<std::string> files;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i % 3 == 1) {
      others.push_back(texts[i]);
    } else {
      works.push_back(texts[i]);
      files.push_back((fs::path(folder) / (texts[i].name + ".txt")).string());
    }
  }
  const auto index = make_index(working + "/edits.plc", files);
  std::printf("protected %zu works, %llu words; own words from %zu others\n", works.size(),
              static_cast<unsigned long long>(index->words()), others.size());
  for (const std::size_t length : {16, 20, 28, 40, 100, 400})
    measure_edit(index, works, others, length, "word for word", as_it_is);
  for (const std::size_t length : {60, 200}) {
    const std::pair<const char*, Edit> rows[] = {
        {"case, punctuation, quotes, dashes", restyle}, {"words replaced, 5 %", substitute(0.05)},
        {"words replaced, 10 %", substitute(0.10)},     {"words replaced, 20 %", substitute(0.20)},
        {"words replaced, 30 %", substitute(0.30)},     {"words left out, 5 %", leave_out(0.05)},
        {"words left out, 10 %", leave_out(0.10)},      {"words inserted, 5 %", insert(0.05)},
        {"words inserted, 10 %", insert(0.10)},         {"all three, 10 % together", mixed(0.10)},
        {"all three, 20 % together", mixed(0.20)},      {"sentences in another order", reorder}};
    for (const auto& [name, edit] : rows) measure_edit(index, works, others, length, name, edit);
  }

  // Nothing is copied, as far as we know: each work against all others.
  double limit = 0, total = 0, copied = 0, words = 0;
  double literature = 0, literature_words = 0;
  std::map<double, std::string> worst;
  for (std::size_t held = 0; held < texts.size(); ++held) {
    std::vector<std::string> rest;
    for (const auto& t : texts)
      if (&t != &texts[held]) rest.push_back((fs::path(folder) / (t.name + ".txt")).string());
    const auto against = make_index(working + "/held.plc", rest);
    Random random(held);
    double here = 0, here_words = 0;
    for (std::size_t i = 0; i < 100; ++i) {
      std::string text;
      for (const auto& w : pick(texts[held], 400, random)) text += w + ' ';
      const auto c = find_copying(against, text);
      total += 1;
      if (c.ratio() > 0.2) limit += 1;
      here += static_cast<double>(c.copied);
      here_words += static_cast<double>(c.words);
    }
    copied += here;
    words += here_words;
    if (texts[held].name.starts_with("austen") || texts[held].name.starts_with("king")) {
      literature += here;
      literature_words += here_words;
    }
    worst[here / here_words + 1e-9 * static_cast<double>(held)] = texts[held].name;
  }
  std::printf("each work against all others: %5.2f %% of words, %5.2f %% of texts of 400 words over 0.2\n",
              100 * copied / words, 100 * limit / total);
  std::printf("  of these the novels and the Bible:   %6.3f %% of words\n",
              100 * literature / literature_words);
  for (auto it = worst.rbegin(); it != worst.rend() && std::distance(worst.rbegin(), it) < 8; ++it)
    std::printf("  %-34s %6.2f %% of words\n", it->second.c_str(), 100 * it->first);
}

// A chain of single words: the frequencies of words and pairs are those of the texts, and longer runs seldom recur.
class Chain {
 public:
  explicit Chain(const std::vector<Text>& texts) {
    std::unordered_map<std::string, std::uint32_t> numbers;
    std::vector<std::uint32_t> all;
    for (const auto& t : texts)
      for (const auto& w : t.words) {
        const auto [at, fresh] = numbers.try_emplace(w, static_cast<std::uint32_t>(words_.size()));
        if (fresh) words_.push_back(w);
        all.push_back(at->second);
      }
    start_.assign(words_.size() + 1, 0);
    for (std::size_t i = 0; i + 1 < all.size(); ++i) ++start_[all[i] + 1];
    for (std::size_t i = 1; i < start_.size(); ++i) start_[i] += start_[i - 1];
    auto next = start_;
    followers_.resize(all.size());
    for (std::size_t i = 0; i + 1 < all.size(); ++i) followers_[next[all[i]]++] = all[i + 1];
  }
  std::string text(std::size_t bytes, Random& random) const {
    std::string out;
    std::uint32_t now = static_cast<std::uint32_t>(random() % words_.size());
    while (out.size() < bytes) {
      out += words_[now];
      out.push_back(random() % 12 == 0 ? '\n' : ' ');
      const auto count = start_[now + 1] - start_[now];
      now = count == 0 ? static_cast<std::uint32_t>(random() % words_.size())
                       : followers_[start_[now] + random() % count];
    }
    return out;
  }

 private:
  std::vector<std::string> words_;
  std::vector<std::size_t> start_;
  std::vector<std::uint32_t> followers_;
};

void time_texts(const std::shared_ptr<const Index>& index, const char* name,
                const std::vector<std::string>& texts) {
  std::vector<double> times;
  double ratio = 0;
  for (int round = 0; round < 3; ++round)
    for (const auto& t : texts) {
      const auto start = processor_seconds();
      const auto c = find_copying(index, t);
      times.push_back((processor_seconds() - start) * 1e6 / (static_cast<double>(t.size()) / 1024));
      ratio += c.ratio() / 3;
    }
  std::ranges::sort(times);
  std::printf("%-44s %6zu bytes   p50 %7.2f us/KB   p99 %7.2f us/KB   mean ratio %.3f\n", name,
              texts[0].size(), times[times.size() / 2], times[times.size() * 99 / 100],
              ratio / static_cast<double>(texts.size()));
}

double peak_mb() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void size(const std::string& folder, const std::string& working, std::size_t works, std::size_t bytes) {
  const auto out = working + "/works";
  const auto texts = read_texts(folder);
  const Chain chain(texts);
  if (!fs::exists(out + "/.done")) {
    fs::create_directories(out);
    Random random(1);
    for (std::size_t i = 0; i < works; ++i) {
      std::ofstream file(out + "/work-" + std::to_string(i) + ".txt", std::ios::binary);
      file << chain.text(bytes, random);
    }
    std::ofstream(out + "/.done") << "\n";
  }
  const auto path = working + "/size.plc";
  // A process of its own, for its memory.
  std::printf("building: %zu works of %zu bytes\n", works, bytes);
  std::fflush(stdout);
  const auto start = Clock::now();
  fs::remove_all(path + ".d");
  const auto command =
      "\"" + std::string(fs::read_symlink("/proc/self/exe")) + "\" build " + path + " " + out;
  if (std::system(command.c_str()) != 0) give_up("building failed");  // NOLINT(*-env33-c): a path of our own
  std::printf("built in %.0f s\n", seconds_since(start));
  const auto opening = Clock::now();
  const auto index = Index::open(path);
  if (!index) give_up(index.error().message);
  std::printf("opened and checked in %.0f ms\n", seconds_since(opening) * 1e3);
  std::printf(
      "index: %zu works, %.1f M words, %.1f M fingerprints, %.1f MB (10^6) mapped; a copy of %zu words is "
      "found\n",
      (*index)->works(), static_cast<double>((*index)->words()) / 1e6,
      static_cast<double>((*index)->fingerprints()) / 1e6, static_cast<double>((*index)->bytes()) / 1e6,
      (*index)->grain().guarantee());

  Random random(2);
  std::vector<std::string> foreign, alike, copied, half;
  for (int i = 0; i < 400; ++i) {
    std::string t;
    const auto& source = texts[random() % texts.size()];
    for (const auto& w : pick(source, 400, random)) t += w + ' ';
    foreign.push_back(t);
    alike.push_back(chain.text(2'048, random));
    const auto work = read_text(out + "/work-" + std::to_string(random() % works) + ".txt");
    copied.push_back(work.substr(random() % (work.size() - 2'048), 2'048));
    half.push_back(alike.back().substr(0, 1'024) + copied.back().substr(0, 1'024));
  }
  time_texts(*index, "real text that is in no work", foreign);
  time_texts(*index, "text of the works' own chain", alike);
  time_texts(*index, "half of it copied", half);
  time_texts(*index, "all of it copied", copied);
  time_texts(*index, "one word again and again", std::vector<std::string>(50, [] {
    std::string t;
    while (t.size() < 2'048) t += "the ";
    return t;
  }()));
}

void build(const std::string& path, const std::string& folder) {
  auto corpus = Corpus::open(path);
  if (!corpus) give_up(corpus.error().message);
  const auto start = Clock::now();
  double read = 0;
  auto added =
      (*corpus)->add({folder}, "", [&](std::string_view what, std::uint64_t done, std::uint64_t total) {
        if (what == "reading" && done == total) read = seconds_since(start);
      });
  if (!added) give_up(added.error().message);
  std::printf("  read %.1f s, merged %.1f s, peak memory %.0f MB\n", read, seconds_since(start) - read,
              peak_mb());
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  const auto number = [&](std::size_t i, std::size_t otherwise) {
    return args.size() > i ? std::strtoull(args[i].c_str(), nullptr, 10) : otherwise;
  };
  if (args.size() >= 3 && args[0] == "edits")
    edits(args[1], args[2]);
  else if (args.size() >= 3 && args[0] == "size")
    size(args[1], args[2], number(3, 10'000), number(4, 100'000));
  else if (args.size() == 3 && args[0] == "build")
    build(args[1], args[2]);
  else
    give_up("expected: edits TEXTS WORKING | size TEXTS WORKING [WORKS] [BYTES]");
}
