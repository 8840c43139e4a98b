#include "verbatim/matcher.h"

#include <algorithm>
#include <array>
#include <utility>

#include "alignment.h"

namespace plimsoll::verbatim {
namespace {

constexpr std::size_t kAtOnce = 4'096;  // bytes of text cut into words together
constexpr std::size_t kAhead = 32;      // lookups under way together, so that memory answers them at once

}  // namespace

StreamMatcher::StreamMatcher(std::shared_ptr<const Index> index, std::uint32_t min_words)
    : index_(std::move(index)),
      tokenizer_(index_->characters()),
      roller_(index_->grain().gram),
      alignments_(std::make_unique<Alignments>(*index_, std::max(min_words, index_->grain().gram))) {}

StreamMatcher::~StreamMatcher() = default;
StreamMatcher::StreamMatcher(StreamMatcher&&) noexcept = default;
StreamMatcher& StreamMatcher::operator=(StreamMatcher&&) noexcept = default;

void StreamMatcher::feed(std::string_view piece) {
  for (; !piece.empty(); piece.remove_prefix(std::min(kAtOnce, piece.size()))) {
    tokenizer_.feed(piece.substr(0, kAtOnce), tokens_);
    take_words();
  }
}

void StreamMatcher::finish() {
  tokenizer_.finish(tokens_);
  take_words();
  alignments_->finish();
}

void StreamMatcher::take_words() {
  std::array<std::optional<std::uint64_t>, kAhead> keys;
  std::array<std::uint32_t, Index::kMaxFound> places{};
  for (std::size_t at = 0; at < tokens_.size(); at += kAhead) {
    const auto count = std::min(kAhead, tokens_.size() - at);
    for (std::size_t i = 0; i < count; ++i) {
      const auto hash = roller_.push(tokens_[at + i].hash);
      keys.at(i) = hash ? std::optional(key_of(*hash)) : std::nullopt;
      if (hash) index_->prefetch(*keys.at(i));
    }
    for (std::size_t i = 0; i < count; ++i) {
      const auto found = keys.at(i) ? index_->find(*keys.at(i), places) : 0;
      alignments_->step(tokens_[at + i], places.data(), found);
    }
  }
  tokens_.clear();
}

std::uint64_t StreamMatcher::words() const {
  return alignments_->words();
}
std::uint64_t StreamMatcher::copied() const {
  return alignments_->copied();
}
double StreamMatcher::ratio() const {
  return words() == 0 ? 0 : static_cast<double>(copied()) / static_cast<double>(words());
}
std::size_t StreamMatcher::settled() const {
  return alignments_->settled();
}
std::optional<std::size_t> StreamMatcher::first_copied() const {
  return alignments_->first_copied();
}
std::vector<Match> StreamMatcher::take() {
  return alignments_->take();
}

Copying find_copying(const std::shared_ptr<const Index>& index, std::string_view text,
                     std::uint32_t min_words) {
  StreamMatcher matcher(index, min_words);
  matcher.feed(text);
  matcher.finish();
  return {.words = matcher.words(), .copied = matcher.copied(), .matches = matcher.take()};
}

}  // namespace plimsoll::verbatim
