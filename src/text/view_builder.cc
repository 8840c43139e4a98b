#include "view_builder.h"

#include <algorithm>

#include "base/lanes.h"
#include "utf8.h"

namespace plimsoll::text {
namespace {

std::uint64_t beyond_ascii(const char* block, const std::array<char, 2>&) {
  std::uint64_t beyond = 0;
  in_lanes(block, [&](const Lanes& bytes, unsigned shift) { beyond |= bytes.bits() << shift; });
  return beyond;
}

}  // namespace

void ViewBuilder::append(View& out, const View& parent, std::size_t begin, std::size_t end) {
  const auto bytes = parent.text().substr(begin, end - begin);
  if (parent.identical()) return append_in_place(out, bytes, begin);
  out.owned_.append(bytes);
  out.origin_.append(parent.origin_, begin, end);
}

void ViewBuilder::append_in_place(View& out, std::string_view bytes, std::size_t begin) {
  out.owned_.append(bytes);
  if (bytes.size() == 1) return out.origin_.append_same(1, static_cast<std::uint32_t>(begin));
  // The bytes of one character share its range.
  Places64 places(bytes, beyond_ascii);
  for (std::size_t i = 0; i < bytes.size();) {
    const auto next = places.next(i);
    if (next > i) out.origin_.append_same(next - i, static_cast<std::uint32_t>(begin + i));
    if (next == bytes.size()) break;
    const auto size = std::max<std::size_t>(1, decode(bytes.substr(next)).size);
    out.origin_.append(
        size, {static_cast<std::uint32_t>(begin + next), static_cast<std::uint32_t>(begin + next + size)});
    i = next + size;
  }
}

void ViewBuilder::append(View& out, std::string_view bytes, std::pair<std::size_t, std::size_t> range) {
  out.owned_.append(bytes);
  out.origin_.append(bytes.size(),
                     {static_cast<std::uint32_t>(range.first), static_cast<std::uint32_t>(range.second)});
}

void ViewBuilder::join(View& out, const View& parent, std::span<const View> parts,
                       std::span<const std::size_t> cuts) {
  clear(out, parent.original_);
  out.identical_ = false;
  out.ordered_ = parent.ordered_;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& part = parts[i];
    if (part.identical_) {
      append(out, parent, cuts[i], cuts[i + 1]);
      continue;
    }
    const auto at = static_cast<std::uint32_t>(out.owned_.size());
    out.owned_ += part.owned_;
    out.origin_.append(part.origin_, 0, part.origin_.size());
    for (const auto& [begin, end] : part.changes_) mark(out, at + begin, at + end);
  }
}

// As changed.
void ViewBuilder::mark(View& out, std::uint32_t begin, std::uint32_t end) {
  auto& changes = out.changes_;
  if (!changes.empty() && changes.back().end >= begin)
    changes.back().end = std::max(changes.back().end, end);
  else
    changes.push_back({begin, end});
}

void ViewBuilder::hold(View& out, const View& parent, const Run& run, std::size_t at) {
  clear(out, parent.original_);
  out.identical_ = false;
  out.owned_.assign(run.text);
  out.ordered_ = parent.ordered_;
  std::uint32_t last = 0;
  const auto* next = run.pieces.data();
  out.origin_.append_each(run.pieces.size(), [&] {
    const auto& piece = *next++;
    const auto range = parent.cover(at + piece.begin, at + piece.end);
    const Origin origin{static_cast<std::uint32_t>(range.first), static_cast<std::uint32_t>(range.second)};
    out.ordered_ = out.ordered_ && origin.begin >= last;
    last = origin.begin;
    return origin;
  });
}

void Rewriting::keep(std::size_t begin, std::size_t end) {
  gap_.kept(parent_.end_of(end - 1));
  if (!changed_) return;
  if (begin != kept_end_) {
    pass_on();
    kept_begin_ = begin;
  }
  kept_end_ = end;
}

void Rewriting::pass_on() {
  if (kept_begin_ < kept_end_) ViewBuilder::append(out_, parent_, kept_begin_, kept_end_);
  kept_begin_ = kept_end_;
}

void Rewriting::replace(std::size_t begin, std::size_t end, std::string_view bytes) {
  write(begin, end, gap_.fill(bytes, parent_.end_of(end - 1)));
}

void Rewriting::write(std::size_t begin, std::size_t end, std::string_view bytes) {
  start(begin);
  kept_begin_ = kept_end_ = end;
  mark(bytes.size());
  ViewBuilder::append(out_, bytes, parent_.cover(begin, end));
}

void Rewriting::lowered(std::string_view bytes, std::size_t begin) {
  if (!parent_.identical()) return FoldSink::lowered(bytes, begin);
  start(begin);
  kept_begin_ = kept_end_ = begin + bytes.size();
  mark(bytes.size());
  ViewBuilder::append_in_place(out_, bytes, begin);
}

// Something changes from `begin` on; all before is written.
void Rewriting::start(std::size_t begin) {
  if (!changed_) {
    changed_ = true;
    out_.identical_ = false;
    out_.ordered_ = parent_.ordered_;
    ViewBuilder::append(out_, parent_, from_, begin);
  }
  pass_on();
}

// So many bytes, or what follows when there are none, are about to be written that differ.
void Rewriting::mark(std::size_t size) {
  const auto at = static_cast<std::uint32_t>(out_.owned_.size());
  ViewBuilder::mark(out_, at, at + std::max(static_cast<std::uint32_t>(size), 1U));
}

}  // namespace plimsoll::text
