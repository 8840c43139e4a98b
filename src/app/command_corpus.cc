#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <ostream>

#include "base/json.h"
#include "commands.h"
#include "verbatim/corpus.h"
#include "verbatim/index.h"
#include "verbatim/matcher.h"

namespace plimsoll::app {
namespace {

constexpr std::size_t kMaxShown = 20;  // files that were passed over

int failed(const Error& error, std::ostream& err) {
  err << error.message << '\n';
  return 2;
}

// A bar on the terminal; nothing where `err` is none.
verbatim::Progress bar() {
  if (::isatty(STDERR_FILENO) == 0) return [](std::string_view, std::uint64_t, std::uint64_t) {};
  return [last = std::chrono::steady_clock::time_point()](std::string_view what, std::uint64_t done,
                                                          std::uint64_t total) mutable {
    const auto now = std::chrono::steady_clock::now();
    if (done < total && now - last < std::chrono::milliseconds(100)) return;
    last = now;
    constexpr int kWidth = 40;
    const double part = total == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total);
    const int full = static_cast<int>(part * kWidth);
    std::fprintf(stderr, "\r%-8.*s [%-*.*s] %3d %%%s", static_cast<int>(what.size()), what.data(), kWidth,
                 full, "########################################", static_cast<int>(part * 100),
                 done < total ? "" : "\n");
  };
}

std::string share(double ratio) {
  char text[16];
  std::snprintf(text, sizeof text, "%.4f", ratio);
  return text;
}

}  // namespace

int corpus_add(const std::string& index, const std::vector<std::string>& paths, const std::string& title,
               std::ostream& out, std::ostream& err) {
  auto corpus = verbatim::Corpus::open(index);
  if (!corpus) return failed(corpus.error(), err);
  const auto added = (*corpus)->add(paths, title, bar());
  if (!added) return failed(added.error(), err);
  for (std::size_t i = 0; i < added->skipped.size() && i < kMaxShown; ++i)
    err << "passed over: " << added->skipped[i] << '\n';
  if (added->skipped.size() > kMaxShown)
    err << "passed over: " << added->skipped.size() - kMaxShown << " more\n";
  out << index << ": " << added->works << " works added, " << added->known << " known already, "
      << added->skipped.size() << " passed over" << (added->published ? "" : "; unchanged") << '\n';
  return 0;
}

int corpus_list(const std::string& path, std::ostream& out, std::ostream& err) {
  const auto index = verbatim::Index::open(path);
  if (!index) return failed(index.error(), err);
  for (std::size_t i = 0; i < (*index)->works(); ++i) {
    const auto work = (*index)->work(i);
    out << work.id << "  " << work.words << " words  " << work.bytes << " bytes  " << work.title << '\n';
  }
  err << (*index)->works() << " works, " << (*index)->fingerprints() << " fingerprints, " << (*index)->bytes()
      << " bytes; every copy of " << (*index)->grain().guarantee() << " words is found; "
      << (*index)->revision() << '\n';
  return 0;
}

int corpus_remove(const std::string& index, const std::string& id, std::ostream& out, std::ostream& err) {
  auto corpus = verbatim::Corpus::open(index);
  if (!corpus) return failed(corpus.error(), err);
  const auto removed = (*corpus)->remove(id, bar());
  if (!removed) return failed(removed.error(), err);
  out << "removed: " << *removed << '\n';
  return 0;
}

int corpus_check(const std::string& path, const std::string& file, bool as_json, std::optional<double> limit,
                 std::ostream& out, std::ostream& err) {
  const auto index = verbatim::Index::open(path);
  if (!index) return failed(index.error(), err);
  std::ifstream in(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  if (!in.is_open() || in.bad()) return failed({Code::kNotFound, file + " cannot be read"}, err);
  const auto copying = verbatim::find_copying(*index, text);
  if (as_json) {
    json::array matches;
    for (const auto& m : copying.matches) {
      const auto work = (*index)->work(m.work);
      matches.push_back(json::object{{"begin", m.begin},
                                     {"end", m.end},
                                     {"words", m.words},
                                     {"id", std::string(work.id)},
                                     {"title", std::string(work.title)}});
    }
    out << to_json(json::object{{"verbatim_ratio", copying.ratio()},
                                {"words", copying.words},
                                {"copied", copying.copied},
                                {"matches", std::move(matches)}})
        << '\n';
  } else {
    out << "verbatim ratio " << share(copying.ratio()) << " (" << copying.copied << " of " << copying.words
        << " words)\n";
    for (const auto& m : copying.matches) {
      const auto work = (*index)->work(m.work);
      out << "bytes " << m.begin << "-" << m.end << "  " << m.words << " words  " << work.id << "  "
          << work.title << '\n';
    }
  }
  return limit && copying.ratio() > *limit ? 1 : 0;
}

}  // namespace plimsoll::app
