// Writes views: from a view and what a pass made of its text.
#pragma once

#include <algorithm>
#include <span>

#include "rewrite.h"
#include "runs.h"
#include "text/normalizer.h"
#include "text/view.h"

namespace plimsoll::text {

class ViewBuilder {
 public:
  static void borrow(View& out, std::string_view original) { clear(out, original); }
  // A part of a text in a stream: bytes, and where each came from, counted from the beginning of `original`.
  static void part(View& out, std::string_view bytes, auto&& origin_of) {
    clear(out, {});
    out.identical_ = false;
    out.owned_.assign(bytes);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto [begin, end] = origin_of(i);
      out.origin_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
    }
  }
  // What was made of a parent from each cut to the next, as one; a part in which nothing changed is as the parent.
  static void join(View& out, const View& parent, std::span<const View> parts,
                   std::span<const std::size_t> cuts);
  // What a run holds that begins at `at` of the text of `parent`.
  static void hold(View& out, const View& parent, const Run& run, std::size_t at);

 private:
  friend class Rewriting;
  static void clear(View& out, std::string_view original) {
    out.original_ = original;
    out.owned_.clear();
    out.origin_.clear();
    out.changes_.clear();
    out.identical_ = out.ordered_ = true;
  }
  static void append(View& out, const View& parent, std::size_t begin, std::size_t end);
  // The same of a parent that is the original, where each character became one as long.
  static void append_in_place(View& out, std::string_view bytes, std::size_t begin);
  static void append(View& out, std::string_view bytes, std::pair<std::size_t, std::size_t> range);
  static void mark(View& out, std::uint32_t begin, std::uint32_t end);
};

// As Folder does: what is dropped in a row reads as a blank when it is so long.
class Gap {
 public:
  // What `bytes` become that stand for the original's [begin, end).
  std::string_view fill(std::string_view bytes, std::size_t end) {
    if (bytes.empty() && end - std::min(end, told_) >= Folder::kLongestGap) bytes = " ";
    if (!bytes.empty()) told_ = end;
    return bytes;
  }
  void kept(std::size_t end) { told_ = end; }

 private:
  std::size_t told_ = 0;  // where the last byte that was not dropped ended
};

// Rewrites the text of one view into another, which is whole once it is finished. Nothing is written until something changes.
class Rewriting final : public RewriteSink, public FoldSink {
 public:
  // Of the parent from `from` on.
  Rewriting(const View& parent, View& out, std::size_t from = 0) : parent_(parent), out_(out), from_(from) {
    ViewBuilder::clear(out, parent.source());
    if (from > 0)
      gap_.kept(parent.end_of(from - 1));
    else if (!parent.text().empty())
      gap_.kept(parent.begin_of(0));  // of a run, which begins anywhere
  }
  bool changed() const { return changed_; }
  // Whether anything has changed.
  bool finish() {
    pass_on();
    return changed_;
  }

  void keep(std::size_t begin, std::size_t end) override;
  void replace(std::size_t begin, std::size_t end, std::string_view bytes) override;
  void same(std::string_view bytes, std::size_t begin) override { keep(begin, begin + bytes.size()); }
  void changed(std::string_view bytes, std::size_t begin, std::size_t end) override {
    write(begin, end, bytes);
  }
  void lowered(std::string_view bytes, std::size_t begin) override;

 private:
  void start(std::size_t begin);
  void mark(std::size_t size);
  void write(std::size_t begin, std::size_t end, std::string_view bytes);
  void pass_on();

  const View& parent_;
  View& out_;
  std::size_t from_;
  Gap gap_;
  bool changed_ = false;
  std::size_t kept_begin_ = 0,
              kept_end_ = 0;  // of the parent's text, not written yet: many bytes at once are cheaper
};

}  // namespace plimsoll::text
