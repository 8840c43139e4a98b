// How a function says that the world failed.
//
// A "no" of the domain (blocked, not found) is a value of its own type; a broken
// invariant is an assert. Result is for what is left: a peer gone, a disk full,
// bytes that make no sense.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace plimsoll {

// What a caller may branch on. The message is for people.
enum class Code {
  kInvalid,      // the input is wrong; the same call will fail again
  kNotFound,     // what was named does not exist
  kTooLarge,     // a documented limit was passed
  kUnavailable,  // a resource is gone for the moment; try again
  kTimeout,      // a deadline passed
  kInternal,     // anything else
};

struct Error {
  Code code = Code::kInternal;
  std::string message;

  // The same error, with the place it passed through put in front: "open ledger: read head: truncated".
  Error in(std::string_view place) && {
    message.insert(0, std::string(place) + ": ");
    return std::move(*this);
  }
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Code code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

}  // namespace plimsoll
