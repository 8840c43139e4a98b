// What redaction takes out of a request, and puts back into the answer to the same request.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decide/redact.h"
#include "wire/stream.h"

namespace plimsoll::gateway {

using namespace decide;

// The placeholders of one request. Each is marked as this request's own, so that no other's is ever filled in.
class Placeholders {
 public:
  // `restorable` false, or a pattern without "{entity}": the pattern as it is, and nothing is put back.
  Placeholders(std::string_view pattern, bool restorable);

  // What stands for `value`: the same for the same entity and value.
  std::string stand_in(const Finding& finding, std::string_view value);

  bool empty() const { return taken_.empty(); }
  std::size_t longest() const { return longest_; }
  // `text` with every placeholder of this request filled in. `json`: the text is JSON and the values go
  // inside its strings.
  std::string restore(std::string_view text, bool json) const {
    std::size_t done = 0;
    return restore(text, json, done);
  }
  // The same; `done` is where in `text` the last of them ended.
  std::string restore(std::string_view text, bool json, std::size_t& done) const;
  // How much at the end of `text` could be the beginning of a placeholder.
  std::size_t open_end(std::string_view text) const;

 private:
  struct Taken {
    std::string placeholder;
    std::string value;
  };
  const Taken* at(std::string_view text, std::size_t mark, std::size_t& end) const;

  std::string pattern_;
  bool restorable_;
  std::string mark_;  // "_k3q7xd"
  std::vector<Taken> taken_;
  std::unordered_map<std::string, std::size_t> numbers_;  // entity LF value
  std::bitset<256> first_;                                // what placeholders begin with
  std::size_t longest_ = 0;
};

// Fills placeholders in behind another filter, wherever the stream was cut.
class Restorer final : public wire::TextFilter {
 public:
  Restorer(wire::TextFilter& inner, const Placeholders& placeholders)
      : inner_(inner), placeholders_(placeholders) {}
  bool feed(wire::Channel channel, std::string_view text, std::string& out) override;
  bool finish(wire::Channel channel, std::string& out) override;

 private:
  std::string& held(wire::Channel channel);
  void release(wire::Channel channel, std::string& held, bool all, std::string& out) const;

  wire::TextFilter& inner_;
  const Placeholders& placeholders_;
  std::vector<std::pair<wire::Channel, std::string>> held_;
};

}  // namespace plimsoll::gateway
