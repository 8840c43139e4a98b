// One item of a streamed Responses answer.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "responses_answer.h"
#include "responses_kinds.h"

namespace plimsoll::wire {

// Writes the item's events anew from what the filter lets go. What was not announced is announced before it
// is used, what was not closed is closed before what contains it.
class OutputItem {
 public:
  enum class List : std::uint8_t { kContent, kSummary };  // of parts

  OutputItem(StreamedAnswer& answer, std::uint32_t index) : answer_(answer), index_(index) {}

  // The upstream's events; what they carry is taken apart.
  Relayed open(boost::json::object item);
  Relayed open_part(List list, std::uint32_t number, const boost::json::value& part);
  Relayed feed(const StreamedKind& kind, std::uint32_t number, std::string_view arrived);
  Relayed annotate(std::uint32_t number, boost::json::value annotation);
  Relayed end_text(const StreamedKind& kind, std::uint32_t number, std::string_view whole);
  Relayed end_part(List list, std::uint32_t number, const boost::json::value& part);
  Relayed end(boost::json::object item);  // empty: the upstream forgot

  // Closes everything with what has left so far.
  void abandon();

  bool ended() const { return ended_; }
  std::string_view id() const { return id_; }
  const boost::json::object& item() const { return item_; }  // as it was last written; empty: never

 private:
  struct Part {
    std::string type;
    FilteredText text;
    boost::json::array annotations;
    boost::json::object other;  // a part that streams no text
    bool ended = false;
  };

  std::vector<Part>& parts(List list) { return list == List::kContent ? content_ : summary_; }
  Relayed add_part(List list, std::string_view type);
  Relayed take_part(List list, std::uint32_t number, const boost::json::value& given);
  Relayed take_parts(List list, const boost::json::value& given);
  Relayed take_texts(const boost::json::object& item);
  FilteredText* text_of(const StreamedKind& kind, std::uint32_t number, Relayed& passed);
  Relayed finish(const StreamedKind& kind, std::uint32_t number, FilteredText& text);
  Relayed close_part(List list, std::uint32_t number);
  Relayed close_texts();
  Relayed filter_rest(boost::json::object& item);

  const StreamedKind* call_kind() const;
  bool holds_texts(std::string_view member) const;
  void put_texts(boost::json::object& item);
  boost::json::object at(std::string_view number_name, std::uint32_t number) const;
  void write_delta(const StreamedKind& kind, std::uint32_t number, std::string_view piece);
  void write_text(const StreamedKind& kind, std::uint32_t number, const FilteredText& text);
  void write_part(List list, std::uint32_t number, bool added);
  void write_item(std::string_view event);

  StreamedAnswer& answer_;
  std::uint32_t index_;
  std::string id_;
  std::string type_;
  boost::json::object item_;
  std::vector<Part> content_;
  std::vector<Part> summary_;
  std::vector<FilteredText> call_;  // arguments, input, code; a shell's commands
  bool ended_ = false;
};

}  // namespace plimsoll::wire
