// A text classifier of the BERT family in an ONNX file, run on this machine's processors by ONNX Runtime, which is
// loaded when an encoder is opened and not before.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/category.h"

namespace plimsoll::encoder {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string model;       // the ONNX file, weights inside, of at most 1 GiB
  std::string vocabulary;  // vocab.txt: a WordPiece piece a line
  std::string runtime;     // libonnxruntime.so; empty: looked for
  bool lower_case = true;  // as the model was trained: "uncased"
  // Of one pass, [CLS] and [SEP] included, 8 to 8192. A longer text is read in windows that overlap by a quarter.
  std::size_t max_tokens = 512;
  // By the model's outputs, in order, what each means; nullopt: nothing of ours ("benign").
  std::vector<std::optional<Category>> labels;
  // True: one label is right (softmax), and those of one category add up. False: any may be (sigmoid), and the
  // highest counts.
  bool exclusive = true;
};

// Immutable; one serves all threads.
class Encoder {
 public:
  static constexpr std::size_t kMaxModelBytes = 1U << 30U;

  // Reads the files, loads the library and tries the model once. The error says which file or library, and why:
  // kNotFound, kTooLarge, kInvalid.
  static Result<std::shared_ptr<const Encoder>> open(const Options& options);
  ~Encoder();

  // The highest scores of all windows. Takes milliseconds to seconds, on the calling thread. kTimeout: not done by
  // the deadline, or given up by then; looked at between windows.
  Result<Scores> score(std::string_view text, Clock::time_point deadline,
                       const std::atomic<bool>& given_up) const;

 private:
  struct Parts;
  explicit Encoder(std::unique_ptr<const Parts> parts);
  std::unique_ptr<const Parts> parts_;
};

}  // namespace plimsoll::encoder
