// Gathers the texts of a body.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "model/conversation.h"
#include "wire/document.h"

namespace plimsoll::wire {

inline constexpr std::size_t kMaxSegments = 65'536;
inline constexpr std::size_t kMaxPointerBytes = 1'024;  // what a segment may cost beside its text

// [A-Za-z0-9_.:/-]{1,128}: what a role, a type, an id or a model's name looks like.
bool is_identifier(std::string_view text);

// Walks down a body, knows where it is, and turns what it is shown into segments. Every method that can meet
// a problem returns false then; problem() tells which, with the place.
class Collector {
 public:
  explicit Collector(Conversation& out) : out_(out) {}

  // A step down, for as long as it lives.
  class [[nodiscard]] Step {
   public:
    Step(Collector& collector, std::string_view member);
    Step(Collector& collector, std::size_t index);
    ~Step() { pointer_.resize(size_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    std::string& pointer_;
    std::size_t size_;
  };

  bool text(std::string_view text, Role role, SegmentKind kind);
  bool attachment(Role role);

  // A short identifier is not text; any other string in its place is.
  bool identifier(const boost::json::value& value, Role role, SegmentKind kind = SegmentKind::kText);

  // Every string below. In tool definitions a member "type" is an identifier.
  bool leaves(const boost::json::value& value, Role role, SegmentKind kind);

  // A member that must be there is not; `value` is of another type than "a string"; anything else.
  bool missing(std::string_view member);
  bool wrong_type(const boost::json::value& value, std::string_view expected);
  bool refuse(std::string message);

  const BadBody& problem() const { return problem_; }
  Conversation& conversation() { return out_; }

 private:
  bool append(Segment segment);

  Conversation& out_;
  std::string pointer_;
  BadBody problem_;
};

}  // namespace plimsoll::wire
