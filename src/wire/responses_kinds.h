// What the items of a Responses answer stream, in the protocol's words.
#pragma once

#include <cstdint>
#include <string_view>

#include "wire/stream.h"

namespace plimsoll::wire {

struct StreamedKind {
  std::string_view event;   // the events are this and ".delta", ".done"
  std::string_view done;    // the member of the done event that repeats the text
  std::string_view number;  // the member that tells several texts apart; empty: there is one
  std::string_view part;    // the type of the part that holds it; empty: the item itself does
  bool is_json = false;
};

// By the beginning of its events' names, or by the type of part; null when there is none.
const StreamedKind* streamed_kind(std::string_view event);
const StreamedKind* part_kind(std::string_view type);

// Items that are calls, with the member that their text fills.
struct CallType {
  std::string_view item;
  std::string_view member;
  const StreamedKind* kind;
};
const CallType* call_type(std::string_view item);

// The channel of the n-th part of an item.
Channel part_channel(std::uint32_t item, std::string_view type, std::uint32_t number);

}  // namespace plimsoll::wire
