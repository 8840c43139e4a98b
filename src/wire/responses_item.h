// Items of OpenAI's Responses API: what a request puts in and what an answer puts out.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "collector.h"

namespace plimsoll::wire {

// Turns texts into segments. A request's items must be well-shaped, and what they refer to without showing it
// (files, stored items, encrypted reasoning) is an attachment. An answer is read as it comes: what is not as
// expected is text to inspect, and a reference is a label, since the client sees no more of it than that.
class ItemReader {
 public:
  ItemReader(Collector& into, Direction direction) : into_(into), direction_(direction) {}

  // An array of items.
  bool items(const boost::json::value& items);

  // Definitions of tools; their names go to the conversation's tools.
  bool tools(const boost::json::value& tools);

  // Every text below, wherever it is. `role` is an answer's own where one is read.
  bool words(const boost::json::value& value, Role role, SegmentKind kind);

  // The same of one member, whose name tells labels, references and JSON texts apart from other strings.
  bool member(std::string_view key, const boost::json::value& value, Role role, SegmentKind kind);

  // A string, or an array of strings, that stands for content kept elsewhere.
  bool reference(const boost::json::value& value, Role role);

 private:
  bool strict() const { return direction_ == Direction::kPrompt; }
  Role as(Role role) const { return strict() ? role : Role::kAssistant; }
  bool item(const boost::json::value& item);
  bool item_member(std::string_view type, std::string_view key, const boost::json::value& value, Role role,
                   SegmentKind kind);
  bool message(const boost::json::object& item);
  bool content(const boost::json::value& content, Role role, SegmentKind kind);
  bool part(const boost::json::value& part, Role role, SegmentKind kind);
  bool tool(const boost::json::value& tool);
  bool attached(const boost::json::object& attachment, Role role);

  Collector& into_;
  Direction direction_;
};

// Members that hold a label wherever an item has them: ids, types, states, names.
bool is_item_label(std::string_view member);

// Parts and items that stand for something to look at or listen to.
bool is_item_attachment(std::string_view type);

// Whether a string can be nothing but bytes: base64, or an address that holds its own data.
bool may_be_bytes(std::string_view text);

}  // namespace plimsoll::wire
