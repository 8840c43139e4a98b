#include "matcher.h"

#include <algorithm>
#include <utility>

namespace plimsoll::detect {
namespace {

constexpr std::size_t kMostSteps = 4096;  // of group()

bool stands(Program::Op op, Program::Past before, bool word_follows) {
  return op == Program::Op::kBoundary ? (before == Program::Past::kWord) != word_follows
                                      : before == Program::Past::kLineEnd;
}

}  // namespace

const Matcher::Row Matcher::kNoMoves = [] {
  Row row{};
  row.classes.fill(kNoClass);
  return row;
}();

void Matcher::forget() {
  // State 0 leads nowhere.
  rows_.assign(1, kNoMoves);
  rows_.shrink_to_fit();
  keys_.assign(1, nullptr);
  wide_.clear();
  places_ = 0;
  states_.clear();
  std::ranges::fill(begin_, Begin{0, 0, 0});
}

std::uint32_t Matcher::state_of(const Key& key) {
  const auto fresh = static_cast<std::uint32_t>(rows_.size());
  const auto [known, is_fresh] = states_.try_emplace(key, fresh);
  if (!is_fresh) return known->second;
  rows_.push_back(kNoMoves);
  keys_.push_back(&known->first);
  places_ += key.size();
  return fresh;
}

void Matcher::keep(const Program& program, std::uint32_t state, std::uint32_t wanted, std::uint32_t move) {
  auto& row = rows_[state];
  if (row.count < Row::kFew) {
    if (wanted >= kNoClass) return;  // nearly every byte is a class of its own
    row.classes.at(row.count) = static_cast<std::uint8_t>(wanted);
    row.to.at(row.count++) = move;
    return;
  }
  if (row.count == Row::kFew) {
    const auto first = static_cast<std::uint32_t>(wide_.size());
    wide_.resize(wide_.size() + program.classes() + 1, 0);
    for (std::size_t i = 0; i < Row::kFew; ++i) wide_[first + row.classes.at(i)] = row.to.at(i) | kKnown;
    row.to[0] = first;
    row.classes.fill(kNoClass);
    ++row.count;
  }
  wide_[row.to[0] + wanted] = move | kKnown;
}

std::uint32_t Matcher::make_move(const Program& program, std::uint32_t state, std::uint32_t byte) {
  const bool is_end = byte == kEnd;
  const auto follows = is_end ? Program::Past::kOther : Program::past_of(static_cast<unsigned char>(byte));
  const Key& key = *keys_[state];
  const auto before = static_cast<Program::Past>(key.front() & 3U);
  const auto& steps = program.steps();
  if (seen_.size() < steps.size()) seen_.resize(steps.size(), 0);
  if (++generation_ == 0) {
    std::ranges::fill(seen_, 0);
    generation_ = 1;
  }
  // Everywhere one comes from there without reading, preferred places first; what is less preferred than a match that
  // ends here is not looked at.
  next_.assign(1, (key.front() & ~3U) | static_cast<std::uint32_t>(follows));
  bool matched = false;
  for (std::size_t i = 1; i < key.size() && !matched; ++i) {
    stack_.assign(1, key[i]);
    while (!stack_.empty() && !matched) {
      const auto at = stack_.back();
      stack_.pop_back();
      if (std::exchange(seen_[at], generation_) == generation_) continue;
      const auto& step = steps[at];
      switch (step.op) {
        case Program::Op::kByte:
          if (!is_end && program.reads(step.what, static_cast<unsigned char>(byte)) &&
              std::find(next_.begin() + 1, next_.end(), step.next) == next_.end())
            next_.push_back(step.next);
          break;
        case Program::Op::kSplit:
          stack_.push_back(step.what);
          stack_.push_back(step.next);
          break;
        case Program::Op::kBoundary:
        case Program::Op::kLineStart:
          if (stands(step.op, before, follows == Program::Past::kWord)) stack_.push_back(step.next);
          break;
        case Program::Op::kGroup:
          stack_.push_back(step.next);
          break;
        case Program::Op::kMatch:
          matched = true;
          break;
      }
    }
  }
  const auto made = (next_.size() > 1 ? state_of(next_) << 1U : 0) | (matched ? kMatched : 0);
  keep(program, state, class_of(program, byte), made);
  return made;
}

std::optional<std::size_t> Matcher::match(const Program& program, std::size_t number, std::string_view text,
                                          std::size_t at, std::size_t end) {
  if (rows_.size() > kMostStates || wide_.size() + places_ > kMostCells) forget();
  const auto before =
      at == 0 ? Program::Past::kLineEnd : Program::past_of(static_cast<unsigned char>(text[at - 1]));
  auto& begin = begin_[number].at(static_cast<std::size_t>(before));
  if (begin == 0)
    begin = state_of(
        {static_cast<std::uint32_t>(number << 2U | static_cast<std::size_t>(before)), program.first()});
  auto state = begin;
  std::size_t stop = SIZE_MAX;
  auto i = at;
  const auto step = [&](std::uint32_t byte) {
    const auto moved = move(program, state, byte);
    if ((moved & kMatched) != 0) stop = i;
    state = moved >> 1U;
  };
  const auto last = std::min(end, text.size());
  for (; i < last && state != 0; ++i) step(static_cast<unsigned char>(text[i]));
  // What stands behind `end` is looked at, but not read.
  if (state != 0) step(i < text.size() ? static_cast<unsigned char>(text[i]) : kEnd);
  read_ = i - at + 1;
  if (stop == SIZE_MAX) return std::nullopt;
  return stop;
}

std::optional<Matcher::Group> Matcher::group(const Program& program, std::string_view text, std::size_t begin,
                                             std::size_t end) {
  // Alternatives one after the other, preferred ones first: the first that ends where the match does is it.
  const auto& steps = program.steps();
  branches_.clear();
  branches_.push_back({.step = program.first(), .at = begin, .group = {}});
  std::size_t taken = 0;
  while (!branches_.empty()) {
    auto [number, at, group] = branches_.back();
    branches_.pop_back();
    for (bool alive = true; alive;) {
      if (++taken > kMostSteps) return std::nullopt;
      const auto& step = steps[number];
      number = step.next;
      switch (step.op) {
        case Program::Op::kByte:
          alive = at < end && program.reads(step.what, static_cast<unsigned char>(text[at]));
          ++at;
          break;
        case Program::Op::kSplit:
          // An alternative that is over at once need not be come back from.
          if (const auto& first = steps[step.next];
              first.op == Program::Op::kByte &&
              (at >= end || !program.reads(first.what, static_cast<unsigned char>(text[at])))) {
            number = step.what;
            break;
          }
          branches_.push_back({.step = step.what, .at = at, .group = group});
          break;
        case Program::Op::kBoundary:
        case Program::Op::kLineStart: {
          const auto before =
              at == 0 ? Program::Past::kLineEnd : Program::past_of(static_cast<unsigned char>(text[at - 1]));
          const bool word_follows =
              at < text.size() &&
              Program::past_of(static_cast<unsigned char>(text[at])) == Program::Past::kWord;
          alive = stands(step.op, before, word_follows);
          break;
        }
        case Program::Op::kGroup:
          if (step.what == 0) {
            group = {.begin = at, .end = at, .matched = false};
          } else {
            group.end = at;
            group.matched = true;
          }
          break;
        case Program::Op::kMatch:
          // One that is preferred and ends earlier would have been the match.
          if (at == end) return group;
          alive = false;
          break;
      }
    }
  }
  return std::nullopt;
}

}  // namespace plimsoll::detect
