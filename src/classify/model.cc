#include "classify/model.h"

#include <bit>
#include <cmath>
#include <fstream>
#include <iterator>

#include "accumulator.h"
#include "base/hash.h"
#include "parameters.h"
#include "windows.h"

namespace plimsoll::classify {
namespace {

constexpr std::size_t kWindowsBetweenClocks = 128;

}  // namespace

Scratch::Scratch()
    : accumulator_(std::make_unique<Accumulator>()), workspace_(std::make_unique<Workspace>()) {}
Scratch::Scratch(Scratch&&) noexcept = default;
Scratch& Scratch::operator=(Scratch&&) noexcept = default;
Scratch::~Scratch() = default;

double Calibration::operator()(double logit) const {
  return 1 / (1 + std::exp(-(slope * logit + offset)));
}

void Parameters::build_index() {
  index.assign(std::bit_ceil(word_keys.size() * 2 + 2), kNoWord);
  const std::size_t mask = index.size() - 1;
  for (std::size_t id = 0; id < word_keys.size(); ++id) {
    std::size_t i = word_keys[id] & mask;
    while (index[i] != kNoWord) i = (i + 1) & mask;
    index[i] = static_cast<std::uint16_t>(id);
  }
}

Model::Model(Parameters parameters) {
  parameters.build_index();
  parameters.version = to_hex(sha256(write_parameters(parameters)));
  parameters_ = std::make_shared<const Parameters>(std::move(parameters));
}

Result<Model> Model::parse(std::string_view bytes) {
  auto parameters = read_parameters(bytes);
  if (!parameters) return std::unexpected(std::move(parameters).error());
  return Model(*std::move(parameters));
}

Result<Model> Model::load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(Code::kNotFound, path + ": cannot be opened");
  std::string bytes(kMaxBytes + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (in.bad()) return fail(Code::kUnavailable, path + ": cannot be read");
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  auto model = parse(bytes);
  if (!model) return std::unexpected(std::move(model).error().in(path));
  return model;
}

std::string Model::serialize() const {
  return write_parameters(*parameters_);
}

std::string_view Model::version() const {
  return parameters_->version;
}

Assessment Model::assess(std::string_view text, Scratch& scratch) const {
  return assess(text, scratch, kernels().back());
}

Assessment Model::assess(std::string_view text, std::span<const Part> parts, Scratch& scratch) const {
  Accumulator& accumulator = *scratch.accumulator_;
  accumulator.begin();
  auto part = parts.begin();
  std::size_t windows = 0;
  for (std::size_t at = 0; part != parts.end() && at < text.size();) {
    if (++windows % kWindowsBetweenClocks == 0) scratch.deadline.check();
    const auto rest = text.substr(at);
    const std::size_t cut = first_window(rest), end = cut == 0 ? text.size() : at + cut;
    if (part->begin < end)
      accumulator.add(rest.substr(0, end - at), *parameters_, kernels().back(), *scratch.workspace_);
    else
      accumulator.skip(end - at);
    at = end;
    while (part != parts.end() && part->end <= at) ++part;
  }
  if (accumulator.settled() < text.size()) accumulator.skip(text.size() - accumulator.settled());
  accumulator.end(*parameters_, kernels().back(), *scratch.workspace_);
  return accumulator.assessment(*parameters_);
}

Assessment Model::assess(std::string_view text, Scratch& scratch, const Kernel& kernel) const {
  Accumulator& accumulator = *scratch.accumulator_;
  Workspace& work = *scratch.workspace_;
  accumulator.begin();
  for (std::size_t windows = 1; const std::size_t size = first_window(text); ++windows) {
    if (windows % kWindowsBetweenClocks == 0) scratch.deadline.check();
    accumulator.add(text.substr(0, size), *parameters_, kernel, work);
    text.remove_prefix(size);
  }
  if (!text.empty() || accumulator.settled() == 0) accumulator.add(text, *parameters_, kernel, work);
  accumulator.end(*parameters_, kernel, work);
  return accumulator.assessment(*parameters_);
}

}  // namespace plimsoll::classify
