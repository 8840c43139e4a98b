// A text in every way a reader might read it, however it is disguised.
//
// Four standing views cover the whole text, each made from the one before:
//   original   the text itself
//   normalized compatibility forms, accents on Latin letters, invisible characters, look-alikes (normalizer.h)
//   unescaped  percent-encoding, HTML entities, \u \x \151 and U+ escapes, strings put together ("ig" + "nore")
//   letters    leet in mixed tokens, letters set apart (h o w, h.o.w)
// Runs cover the stretches that hold another text: base64, base32, hexadecimal, binary, decimal codes, Morse code,
// Caesar's ciphers (rot13), Atbash, text written backwards or upside down, variation selectors, Unicode tags,
// zero-width characters. What a run holds is read in all these ways again, kDepth deep.
//
// Bounds. A run is read in parts of 4,096 bytes, one of zero-width characters of 6,144, that overlap by 512 and 1,536;
// what is nested in a part is at most kNestedBytes. Time and memory are linear in the text. A view is kept only when
// it could be language (runs.h); hashes, identifiers and images are not.
//
// What a run is depends on the text around it alone, never on how the text arrived: StreamViews tells the same views
// as Views.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.h"
#include "base/task_group.h"
#include "text/normalizer.h"
#include "text/view.h"

namespace plimsoll::text {

struct Run;

enum class Encoding : std::uint8_t {
  kNone,
  // Standing views.
  kUnicode,
  kEscapes,
  kLetters,
  // Runs.
  kBase64,
  kBase32,
  kHex,
  kBinary,
  kDecimal,
  kMorse,
  kRot13,
  kCaesar,
  kAtbash,
  kReversed,
  kUpsideDown,
  kVariationSelectors,
  kTags,
  kZeroWidth,
  kCount,
};
// "base64", "rot13", …; "original" for kNone.
std::string_view to_string(Encoding encoding);
// Written in characters that nobody sees.
bool is_hidden(Encoding encoding);
// Letters for other letters, backwards, on their heads, or apart: what people do who do not want to be read.
bool is_cipher(Encoding encoding);
// Whether a run that is one is a text and no data, which now and then looks like one: a third of it are letters, or
// stand on their heads.
bool is_ciphered_text(Encoding encoding, std::string_view text);

// Each text has one plain view, which is the text itself where the normalizer changes nothing.
enum class Layer : std::uint8_t {
  kWritten,  // the text as it stands there, where the plain view differs
  kPlain,
  kUndone,  // what is made of the plain view
};

inline constexpr std::size_t kStandingViews = 4;
inline constexpr unsigned kDepth = 3;
// No disguised match covers more of the original than this.
inline constexpr std::size_t kMaxDisguised = 1024;
// How far before the end of what has arrived a StreamViews may not have decided what it reads.
inline constexpr std::size_t kMostUndecided = 8192;

// One view, valid for the call that hands it out.
struct Derived {
  const View& view;
  // What was undone, outermost first: {kBase64, kRot13} is rot13 within base64.
  std::span<const Encoding> encodings;
  Layer layer = Layer::kPlain;
  // To be added to the view's offsets: where, in a stream, they count from.
  std::size_t base = 0;
  // A run, that is, or a way to read what it holds; and where it lies in the original, from the start of the text.
  bool in_run = false;
  std::size_t begin = 0, end = 0;
  // "base64 > rot13", for people.
  std::string name() const;
};

class ViewSink {
 public:
  virtual ~ViewSink() = default;
  virtual void take(const Derived& derived) = 0;
  // Before and after a run of the text itself, which takes `span` bytes of it, is read, and all that it holds: what its
  // text is; false: it is passed over.
  virtual bool begin_run(Encoding encoding, std::string_view text, std::size_t span);
  virtual void end_run() {}
};

// Runs of one view that were found and are to be read by a Views, another at a time for each thread.
class FoundRuns {
 public:
  explicit FoundRuns(const View& parent);
  FoundRuns(FoundRuns&&) noexcept;
  FoundRuns& operator=(FoundRuns&&) noexcept;
  ~FoundRuns();

 private:
  friend class Views;
  const View* parent_;
  std::vector<Run> runs_;
};

// Takes the views of a text whose passes are done at the same time: take() the standing views, one after the other but
// on any thread; take_runs() the rest, on several at once.
class SpreadViewSink : public ViewSink {
 public:
  virtual void take_runs(FoundRuns runs) = 0;
  // Told ahead of either, on any thread: the original's [begin, end) is read by undoing a cipher.
  virtual void expect_cipher(std::size_t begin, std::size_t end, Encoding cipher) = 0;
};

// The views of one text at a time; its memory is used again. One per thread. The normalizer must outlive it.
class Views {
 public:
  explicit Views(const Normalizer& normalizer);
  ~Views();
  Views(const Views&) = delete;
  Views& operator=(const Views&) = delete;

  Deadline deadline;  // of what is read: everything below throws Deadline::Passed soon after, or its tasks do

  // Hands out the original, and every view that differs from the one it is made from. `text` must be shorter than
  // 2 GiB, and outlive standing().
  void read(std::string_view text, ViewSink& sink);

  // The same, as tasks of the group; all is handed out when it has been waited for. A run is only found: read() it.
  void spread(std::string_view text, TaskGroup& tasks, SpreadViewSink& sink);
  // What the runs hold. The view that they were found in must be as it was.
  void read(const FoundRuns& found, ViewSink& sink);

  // The standing views of the last text: the original, then those that differ.
  struct Standing {
    const View* view;
    Encoding encoding;
    Layer layer;
  };
  std::span<const Standing> standing() const { return {standing_.data(), standing_count_}; }

 private:
  friend class StreamViews;
  struct Level;
  struct Taker;
  struct Finder;
  struct Spread;
  void begin(std::string_view text);
  void read_level(const View& base, unsigned depth, ViewSink& sink, Spread* spread = nullptr);
  void spread_lettering(const View& plain, View& lettered, const Spread& spread);
  void take_run(const View& parent, const Run& run, std::size_t at, unsigned depth, ViewSink& sink);
  void stand(const View& view, Encoding encoding, Layer layer, unsigned depth, ViewSink& sink);
  Level& level(unsigned depth);

  const Normalizer* normalizer_;
  std::array<std::unique_ptr<Level>, kDepth + 1> levels_;
  std::array<Standing, kStandingViews> standing_{};
  std::size_t standing_count_ = 0;
  std::array<Encoding, kDepth + kDepth * kStandingViews> encodings_{};  // of what is being read
  std::size_t encodings_count_ = 0;
  std::size_t base_ = 0, run_begin_ = 0, run_end_ = 0;
};

// Takes the views of a text that arrives in pieces: take() the runs and what is made of them, advance() the
// standing views.
class StreamViewSink : public ViewSink {
 public:
  struct Range {
    std::size_t begin, end;
    bool changed = false;  // whether the byte is a change to the standing view before (View::changes())
  };
  // Bytes, and the range of the original that each comes from.
  struct Stretch {
    std::string_view text;
    std::span<const Range> origins;
  };
  // How the standing views go on, by their order: as far as all of them are decided.
  virtual void advance(const std::array<Stretch, kStandingViews>& stretches) = 0;
};

// The same views of a text that arrives in pieces. Memory is bounded.
class StreamViews {
 public:
  // The normalizer must outlive it.
  explicit StreamViews(const Normalizer& normalizer);
  ~StreamViews();
  StreamViews(StreamViews&&) noexcept;
  StreamViews& operator=(StreamViews&&) noexcept;

  // `nested`: memory that many streams may share in turns; what it held is overwritten. A piece of a few kilobytes at
  // most keeps the memory small.
  void feed(std::string_view piece, Views& nested, StreamViewSink& sink);
  void finish(Views& nested, StreamViewSink& sink);

  // Offset from which on views are still to come: never more than kMostUndecided before the end of what was fed.
  std::size_t decided() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::text
