// What a prompt asks the sample model to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::sample {

enum class Fault : std::uint8_t { kNone, kStatus, kReset, kStall, kTruncate, kGarbage, kEvent };

struct Script {
  std::string heard;            // the message without its directives
  std::string text;             // the answer
  std::string thinking;         // what comes before it
  std::string arguments;        // of a tool call: a JSON object; empty: whatever its schema asks for
  std::size_t chunk_bytes = 0;  // 0: by words
  std::chrono::milliseconds delay{0};
  std::chrono::milliseconds first_delay{0};
  Fault fault = Fault::kNone;
  int status = 200;  // for kStatus
  bool call_tool = false;
};

// Reads the directives of sample_model.h. A directive that is unknown, or has no sensible value, is part of
// the message.
Script read_script(std::string_view last_user_message);

// The text in stream pieces, none of which ends inside a character.
std::vector<std::string> pieces(std::string_view text, std::size_t chunk_bytes);

std::size_t count_words(std::string_view text);
std::string first_words(std::string_view text, std::size_t count);

}  // namespace plimsoll::sample
