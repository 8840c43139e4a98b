#include "encoder/encoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <utility>

#include "encoder/wordpiece.h"
#include "runtime.h"

namespace plimsoll::encoder {
namespace {

// What an input of an encoder is, by its name in the model.
enum class Input { kPieces, kMask, kSegments };

Result<std::vector<Input>> read_inputs(const std::vector<std::string>& names) {
  std::vector<Input> out;
  for (const std::string& name : names) {
    if (name == "input_ids")
      out.push_back(Input::kPieces);
    else if (name == "attention_mask" || name == "input_mask")
      out.push_back(Input::kMask);
    else if (name == "token_type_ids" || name == "segment_ids")
      out.push_back(Input::kSegments);
    else
      return fail(Code::kInvalid, "the model wants the input '" + name +
                                      "'; known are input_ids, attention_mask and token_type_ids");
  }
  if (std::ranges::find(out, Input::kPieces) == out.end())
    return fail(Code::kInvalid, "the model has no input input_ids");
  return out;
}

Result<std::string> read_file(const std::string& path, std::size_t most) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (failed)
    return fail(failed == std::errc::no_such_file_or_directory ? Code::kNotFound : Code::kUnavailable,
                path + ": cannot be read: " + failed.message());
  if (size > most)
    return fail(Code::kTooLarge, path + ": has " + std::to_string(size) + " bytes; at most " +
                                     std::to_string(most) + " are read");
  std::ifstream in(path, std::ios::binary);
  std::string bytes(size, '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(size)))
    return fail(Code::kUnavailable, path + ": cannot be read");
  return bytes;
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

}  // namespace

struct Encoder::Parts {
  Options options;
  std::shared_ptr<const Runtime> runtime;
  WordPiece pieces;
  std::unique_ptr<Session> session;  // before its runtime goes
  std::vector<Input> inputs;

  // One window, between [CLS] and [SEP].
  Result<Scores> read(std::span<const std::int64_t> window) const {
    std::vector<std::int64_t> ids;
    ids.reserve(window.size() + 2);
    ids.push_back(pieces.begin());
    ids.insert(ids.end(), window.begin(), window.end());
    ids.push_back(pieces.end());
    std::vector<std::int64_t> mask(ids.size(), 1);
    std::vector<std::int64_t> segments(ids.size(), 0);
    std::vector<std::span<std::int64_t>> values;
    values.reserve(inputs.size());
    for (const Input input : inputs)
      values.emplace_back(input == Input::kPieces ? ids : input == Input::kMask ? mask : segments);
    const auto logits = session->run(values);
    if (!logits) return std::unexpected(logits.error());
    return to_scores(*logits);
  }

  Result<Scores> to_scores(const std::vector<float>& logits) const {
    if (logits.size() != options.labels.size())
      return fail(Code::kInvalid, "the model has " + std::to_string(logits.size()) +
                                      " outputs, and 'labels' names " +
                                      std::to_string(options.labels.size()));
    if (!std::ranges::all_of(logits, [](float x) { return std::isfinite(x); }))
      return fail(Code::kInvalid, "the model gives numbers that are none");
    const double most = *std::ranges::max_element(logits);
    double sum = 0;
    for (const float x : logits) sum += std::exp(x - most);
    Scores out;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      if (!options.labels[i]) continue;
      const Category category = *options.labels[i];
      if (options.exclusive)
        out.set(category, std::min(1.0, out[category] + std::exp(logits[i] - most) / sum));
      else
        out.raise(category, sigmoid(logits[i]));
    }
    return out;
  }
};

Encoder::Encoder(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Encoder::~Encoder() = default;

Result<std::shared_ptr<const Encoder>> Encoder::open(const Options& options) {
  auto vocabulary = read_file(options.vocabulary, WordPiece::kMaxBytes);
  if (!vocabulary) return std::unexpected(std::move(vocabulary).error());
  auto pieces = WordPiece::parse(*std::move(vocabulary), options.lower_case);
  if (!pieces) return std::unexpected(std::move(pieces).error().in(options.vocabulary));
  auto model = read_file(options.model, kMaxModelBytes);
  if (!model) return std::unexpected(std::move(model).error());
  auto runtime = Runtime::load(options.runtime);
  if (!runtime) return std::unexpected(std::move(runtime).error());
  auto session = (*runtime)->open(*model);
  if (!session)
    return std::unexpected(std::move(session).error().in(options.model + ": not a model that can be used"));
  auto inputs = read_inputs((*session)->inputs());
  if (!inputs) return std::unexpected(std::move(inputs).error().in(options.model));
  auto parts = std::make_unique<Parts>(
      Parts{options, *std::move(runtime), *std::move(pieces), *std::move(session), *std::move(inputs)});

  // As many pieces as will ever be given at once, and the vocabulary's last: what does not fit fails now.
  std::vector<std::int64_t> longest(options.max_tokens - 2,
                                    static_cast<std::int64_t>(parts->pieces.size()) - 1);
  if (const auto tried = parts->read(longest); !tried)
    return fail(tried.error().code, options.model + ": cannot score a text of " +
                                        std::to_string(options.max_tokens) + " pieces of " +
                                        options.vocabulary + ": " + tried.error().message);
  return std::shared_ptr<const Encoder>(new Encoder(std::move(parts)));
}

Result<Scores> Encoder::score(std::string_view text, Clock::time_point deadline,
                              const std::atomic<bool>& given_up) const {
  const std::size_t width = parts_->options.max_tokens - 2;
  // A piece has at least one byte.
  const auto pieces = parts_->pieces.pieces(text, text.size());
  Scores out;
  for (std::size_t begin = 0;;) {
    if (given_up || Clock::now() >= deadline)
      return fail(Code::kTimeout, "the text was not read to its end in time");
    const std::size_t end = std::min(begin + width, pieces.size());
    const auto scores = parts_->read(std::span(pieces).subspan(begin, end - begin));
    if (!scores) return scores;
    out.raise(*scores);
    if (end == pieces.size()) return out;
    begin = end - width / 4;
  }
}

}  // namespace plimsoll::encoder
