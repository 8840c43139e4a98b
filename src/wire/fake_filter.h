// For tests: a filter that replaces one word, withholds at another, and lets text go late.
#pragma once

#include <map>
#include <span>
#include <string>
#include <tuple>

#include "wire/stream.h"

namespace plimsoll::wire {

class FakeFilter final : public TextFilter {
 public:
  std::size_t delay = 0;  // bytes held back of each channel
  std::string hidden = "secret";
  std::string forbidden = "forbidden";

  std::map<std::tuple<std::uint32_t, SegmentKind, std::uint32_t>, std::string> seen;  // all text, by channel

  bool feed(Channel channel, std::string_view text, std::string& out) override {
    seen[key(channel)] += text;
    auto& held = held_[key(channel)];
    held += text;
    if (!decide(held)) return false;
    const auto leaves = held.size() > delay ? held.size() - delay : 0;
    out.append(held, 0, leaves);
    held.erase(0, leaves);
    return true;
  }

  bool finish(Channel channel, std::string& out) override {
    auto& held = held_[key(channel)];
    if (!decide(held)) return false;
    out += held;
    held.clear();
    return true;
  }

 private:
  static std::tuple<std::uint32_t, SegmentKind, std::uint32_t> key(Channel c) {
    return {c.choice, c.kind, c.index};
  }
  bool decide(std::string& text) const {
    for (auto at = text.find(hidden); at != std::string::npos; at = text.find(hidden))
      text.replace(at, hidden.size(), "***");
    return text.find(forbidden) == std::string::npos;
  }

  std::map<std::tuple<std::uint32_t, SegmentKind, std::uint32_t>, std::string> held_;
};

// What a codec makes of a stream that arrives in pieces cut at the given places, and then closes.
template <class MakeCodec>
std::string run_stream(MakeCodec make, std::string_view stream, std::span<const std::size_t> cuts) {
  const auto codec = make();
  std::string out;
  std::size_t from = 0;
  const auto feed = [&](std::size_t to) {
    const auto fed = codec->feed(stream.substr(from, to - from), out);
    from = to;
    if (!fed) codec->fail("malformed", out);
    return fed.has_value();
  };
  for (const auto cut : cuts)
    if (!feed(cut)) break;
  if (from < stream.size()) feed(stream.size());
  codec->close(out);
  return out;
}

}  // namespace plimsoll::wire
