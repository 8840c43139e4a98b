#include "ledger/checkpoint.h"

#include <charconv>
#include <cstring>

namespace plimsoll::ledger {
namespace {

std::string_view take_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

}  // namespace

std::string to_text(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
         to_base64(bytes_of(checkpoint.root)) + "\n";
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto invalid = [](std::string_view what) {
    return fail(Code::kInvalid, "checkpoint: " + std::string(what));
  };
  if (!text.ends_with('\n')) return invalid("cut short");
  Checkpoint checkpoint;
  checkpoint.origin = take_line(text);
  if (checkpoint.origin.empty()) return invalid("the origin is empty");
  const auto size = take_line(text);
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), checkpoint.size);
  if (error != std::errc() || end != size.data() + size.size() || std::to_string(checkpoint.size) != size)
    return invalid("the size is not a number");
  const auto root = from_base64(take_line(text));
  if (!root || root->size() != sizeof(Digest)) return invalid("the root is not 32 bytes in base64");
  std::memcpy(checkpoint.root.data(), root->data(), sizeof(Digest));
  while (!text.empty())
    if (take_line(text).empty()) return invalid("an extension line is empty");
  return checkpoint;
}

}  // namespace plimsoll::ledger
