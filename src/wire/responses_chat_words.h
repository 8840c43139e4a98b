// What the translators between the Responses API and chat completions share: words that mean the same.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <string>
#include <string_view>

#include "collector.h"
#include "wire/document.h"

namespace plimsoll::wire {

// Where a translator stands in the request. Every method that meets what cannot be carried over returns false;
// problem() names the place.
class Carrier {
 public:
  Carrier() : at_(none_) {}
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;

  class [[nodiscard]] Step {
   public:
    template <class Name>
    Step(Carrier& carrier, Name name) : step_(carrier.at_, name) {}

   private:
    Collector::Step step_;
  };

  bool refuse() { return at_.refuse({}); }
  bool refuse(std::string_view member);
  bool expect_string(const boost::json::value& object, std::string_view member);

  // No member but these says anything. Null, false and empty say nothing.
  bool only(const boost::json::object& object, std::initializer_list<std::string_view> members);

  BadBody problem() const;

 private:
  Conversation none_;
  Collector at_;
};

// Puts the members that are there, and not null, from one object into another.
void copy_members(const boost::json::value& from, std::initializer_list<std::string_view> members,
                  boost::json::object& to);

// Whether a value asks for nothing: null, false, or empty.
bool asks_nothing(const boost::json::value& value);

// The string member, or an empty text.
std::string_view text_in(const boost::json::value& object, std::string_view member);

// Token counts, in the other API's names; null when there are none.
boost::json::value usage_for_chat(const boost::json::value& response);
boost::json::value usage_for_responses(const boost::json::value& completion);

// How an answer ended.
std::string_view finish_reason_of(const boost::json::value& response, bool calls_tools);
struct Ending {
  std::string_view status;  // "completed", "incomplete"
  std::string_view reason;  // why it is incomplete
};
Ending ending_of(std::string_view finish_reason);

// A response's members that say nothing of its output: the labels that clients expect, and the settings asked
// for. `status` is "in_progress".
boost::json::object response_shell(const boost::json::value& completion, const boost::json::value& request);

// Ids derived from an answer's own.
std::string derived_id(std::string_view prefix, const boost::json::value& completion, std::size_t number);

}  // namespace plimsoll::wire
