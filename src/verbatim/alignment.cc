#include "alignment.h"

#include <algorithm>

#include "format.h"

namespace plimsoll::verbatim {

void Alignments::step(const Token& token, const std::uint32_t* places, std::size_t count) {
  remember(token);
  for (std::size_t i = 0; i < open_.size();) {
    if (advance(open_[i])) {
      ++i;
      continue;
    }
    const Piece piece = open_[i].piece;
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
    close(piece);
  }
  for (std::size_t i = 0; i < count; ++i) begin_at(places[i]);
}

void Alignments::finish() {
  for (auto& open : std::exchange(open_, {})) close(open.piece);
  for (auto i = oldest(); i < count_; ++i) settle(word(i));
  end_run();
}

void Alignments::remember(const Token& token) {
  if (count_ == ring_.size() && ring_.size() < kMemory)
    ring_.resize(std::max<std::size_t>(64, ring_.size() * 2));
  else if (count_ >= kMemory)
    settle(word(count_));
  word(count_) = {.begin = token.begin, .end = token.end, .owner = 0, .nibble = nibble_of(token.hash)};
  ++count_;
}

// False: it has ended.
bool Alignments::advance(Open& o) {
  const auto here = count_ - 1;
  if (o.next >= o.last) return false;
  if (agrees(here, o.next++)) {
    ++o.agreeing;
    if (--o.drop < 0) {
      o.drop = 0;
      improve(o);
    }
    return true;
  }
  if (++o.drop > kDrop) return false;
  if (o.drop < kInTrouble) return true;
  const auto by = shift(here, o.next - 1, -1, o.first, o.last);
  if (!by) return true;
  o.next = static_cast<std::uint64_t>(static_cast<std::int64_t>(o.next) + *by);
  for (const auto& other : open_)
    if (&other != &o && other.next == o.next) return false;
  o.agreeing = o.piece.agreeing + kAgain;
  o.drop = 0;
  improve(o);
  return true;
}

// By how much the work must be moved so that the `kAgain` words from `here` on (direction -1: up to `here`) agree.
std::optional<std::int64_t> Alignments::shift(std::uint64_t here, std::uint64_t there, int direction,
                                              std::uint64_t first, std::uint64_t last) const {
  const auto fits = [&](std::int64_t by) {
    for (std::int64_t i = 0; i < kAgain; ++i) {
      const std::int64_t at = static_cast<std::int64_t>(there) + by + direction * i;
      if (at < static_cast<std::int64_t>(first) || at >= static_cast<std::int64_t>(last)) return false;
      if (!agrees(here + static_cast<std::uint64_t>(direction * i), static_cast<std::uint64_t>(at)))
        return false;
    }
    return true;
  };
  for (std::int64_t by = 1; by <= kShift; ++by) {
    if (fits(by)) return by;
    if (fits(-by)) return -by;
  }
  return std::nullopt;
}

// The run of words that has just ended stands at `place`, so it seems.
void Alignments::begin_at(std::uint32_t place) {
  const auto gram = index_.grain().gram;
  if (open_.size() >= kMaxAlignments) return;
  for (const auto& o : open_)
    if (o.next == place + std::uint64_t{gram}) return;
  const auto begin = count_ - gram;
  for (std::uint32_t i = 0; i < gram; ++i)
    if (!agrees(begin + i, place + std::uint64_t{i})) return;
  const auto number = index_.work_at(place);
  if (number == Index::kNone) return;
  const auto work = index_.work(number);
  Open o{.piece = {.begin = begin,
                   .end = count_,
                   .there = place,
                   .there_end = place + std::uint64_t{gram},
                   .work = static_cast<std::uint32_t>(number),
                   .agreeing = gram,
                   .counts = false},
         .next = place + std::uint64_t{gram},
         .first = work.first,
         .last = work.first + work.words,
         .agreeing = gram};
  if (o.next > o.last) return;
  reach_back(o);
  o.agreeing = o.piece.agreeing;
  open_.push_back(o);
  improve(open_.back());
}

void Alignments::reach_back(Open& o) const {
  Piece& best = o.piece;
  const auto least = std::max(oldest(), best.begin > kReach ? best.begin - kReach : 0);
  auto here = best.begin;
  auto there = best.there;
  auto agreeing = best.agreeing;
  for (int drop = 0; here > least && there > o.first;) {
    --here;
    --there;
    if (agrees(here, there)) {
      ++agreeing;
      if (--drop >= 0) continue;
    } else {
      if (++drop > kDrop) return;
      if (drop < kInTrouble) continue;
      const auto by = shift(here, there, 1, o.first, o.last);
      if (!by) continue;
      there = static_cast<std::uint64_t>(static_cast<std::int64_t>(there) + *by);
      agreeing = best.agreeing + kAgain;
    }
    drop = 0;
    best.begin = here;
    best.there = there;
    best.agreeing = agreeing;
  }
}

// It has reached as far as the text's last word.
void Alignments::improve(Open& o) {
  Piece& p = o.piece;
  const auto from = p.counts ? p.end : p.begin;
  p.end = count_;
  p.there_end = o.next;
  p.agreeing = o.agreeing;
  if (!p.counts) {
    if (p.agreeing < min_words_) return;
    p.counts = true;
    for (Piece& earlier : pieces_) {
      if (earlier.counts || !follows(p, earlier)) continue;
      earlier.counts = true;
      own(earlier.begin, p.begin, p.work);
    }
  }
  own(from, p.end, p.work);
}

bool Alignments::follows(const Piece& later, const Piece& earlier) {
  const auto apart = [](std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; };
  return later.work == earlier.work && later.begin <= earlier.end + kGap &&
         later.begin + kLap >= earlier.end && later.end > earlier.end &&
         (apart(later.there, earlier.there_end) <= kNear || apart(later.there_end, earlier.there) <= kNear);
}

void Alignments::close(const Piece& closed) {
  Piece piece = closed;
  const auto forgotten = oldest();
  std::erase_if(pieces_, [&](const Piece& p) { return p.end < forgotten; });
  // What it follows: with that together it may be enough.
  const auto before = std::ranges::find_if(pieces_, [&](const Piece& p) { return follows(piece, p); });
  if (before != pieces_.end() && !(piece.counts && before->counts)) {
    const auto together = before->agreeing + piece.agreeing;
    if (before->counts || piece.counts || together >= min_words_) {
      own(before->begin, piece.end, piece.work);
      before->counts = piece.counts = true;
    }
    piece.begin = std::min(before->begin, piece.begin);
    piece.agreeing = together;
    pieces_.erase(before);
  }
  // What follows it already.
  if (!piece.counts)
    for (const auto& o : open_)
      if (o.piece.counts && follows(o.piece, piece)) {
        own(piece.begin, o.piece.begin, piece.work);
        piece.counts = true;
        break;
      }
  if (pieces_.size() == kMaxPieces) pieces_.erase(pieces_.begin());
  pieces_.push_back(piece);
}

void Alignments::own(std::uint64_t begin, std::uint64_t end, std::uint32_t work) {
  for (auto i = std::max(begin, oldest()); i < end; ++i) {
    if (word(i).owner != 0) continue;
    word(i).owner = work + 1;
    first_copied_ = std::min(first_copied_.value_or(word(i).begin), word(i).begin);
    ++copied_;
  }
}

// A word that nothing reaches back to any more.
void Alignments::settle(const Word& w) {
  if (w.owner != run_owner_) {
    end_run();
    run_owner_ = w.owner;
    run_ = {.begin = w.begin, .end = w.end, .words = 0, .work = w.owner - std::size_t{1}};
  }
  run_.end = w.end;
  ++run_.words;
}

void Alignments::end_run() {
  if (run_owner_ != 0) done_.push_back(run_);
  run_owner_ = 0;
}

std::size_t Alignments::settled() const {
  const auto guarantee = index_.grain().guarantee();
  std::uint64_t first = count_ > guarantee ? count_ - guarantee : 0;
  for (const auto& o : open_) first = std::min(first, o.piece.begin);
  return first == 0 ? 0 : word(std::max(first, oldest())).begin;
}

}  // namespace plimsoll::verbatim
