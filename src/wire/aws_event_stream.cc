#include "wire/aws_event_stream.h"

#include <algorithm>
#include <boost/crc.hpp>
#include <cassert>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

constexpr std::size_t kPrelude = 12;  // two lengths and their sum
constexpr std::size_t kSum = 4;
constexpr std::size_t kMaxHeaders = 64;

// How a value is tagged: in the order of AwsValue, but that `bool` has a tag for each.
enum Type : std::uint8_t {
  kTrue,
  kFalse,
  kByte,
  kShort,
  kInteger,
  kLong,
  kBytes,
  kString,
  kTimestamp,
  kUuid
};

std::uint32_t crc32(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

// Reads big-endian numbers and counted strings; what is not there reads as nothing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool done() const { return rest_.empty(); }

  std::optional<std::string_view> take(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  template <class Number>
  std::optional<Number> number() {
    const auto bytes = take(sizeof(Number));
    if (!bytes) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : *bytes) value = value << 8U | static_cast<std::uint8_t>(c);
    return static_cast<Number>(value);
  }

  template <class Length>
  std::optional<std::string_view> counted() {
    const auto length = number<Length>();
    return length ? take(*length) : std::nullopt;
  }

 private:
  std::string_view rest_;
};

template <class Number>
void put(std::string& out, Number number) {
  const std::uint64_t bits = static_cast<std::make_unsigned_t<Number>>(number);
  for (auto shift = 8 * sizeof(Number); shift > 0; shift -= 8)
    out += static_cast<char>(bits >> (shift - 8) & 0xFFU);
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  return *Reader(bytes.substr(at)).number<std::uint32_t>();
}

template <class Number>
std::optional<AwsValue> read_number(Reader& from) {
  const auto number = from.number<Number>();
  return number ? std::optional<AwsValue>(*number) : std::nullopt;
}

std::optional<AwsValue> read_value(Reader& from, std::uint8_t type) {
  switch (type) {
    case kTrue:
    case kFalse:
      return AwsValue(type == kTrue);
    case kByte:
      return read_number<std::int8_t>(from);
    case kShort:
      return read_number<std::int16_t>(from);
    case kInteger:
      return read_number<std::int32_t>(from);
    case kLong:
      return read_number<std::int64_t>(from);
    case kBytes:
      if (const auto bytes = from.counted<std::uint16_t>(); bytes) return AwsBytes{std::string(*bytes)};
      return std::nullopt;
    case kString:
      if (const auto text = from.counted<std::uint16_t>(); text && is_utf8(*text))
        return AwsValue(std::string(*text));
      return std::nullopt;
    case kTimestamp:
      if (const auto time = from.number<std::int64_t>(); time) return AwsTimestamp{*time};
      return std::nullopt;
    case kUuid:
      if (const auto bytes = from.take(sizeof(AwsUuid)); bytes) {
        AwsUuid uuid{};
        std::ranges::copy(*bytes, uuid.begin());
        return uuid;
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

Result<std::vector<AwsHeader>> read_headers(std::string_view bytes) {
  std::vector<AwsHeader> headers;
  Reader from(bytes);
  while (!from.done()) {
    const auto name = from.counted<std::uint8_t>();
    const auto type = from.number<std::uint8_t>();
    auto value = type ? read_value(from, *type) : std::nullopt;
    if (!name || name->empty() || !is_utf8(*name) || !value)
      return fail(Code::kInvalid, "a header of an event-stream message is malformed");
    if (std::ranges::find(headers, *name, &AwsHeader::name) != headers.end())
      return fail(Code::kInvalid, "a header of an event-stream message is there twice");
    if (headers.size() == kMaxHeaders)
      return fail(Code::kTooLarge, "an event-stream message has too many headers");
    headers.push_back({std::string(*name), *std::move(value)});
  }
  return headers;
}

struct ValueWriter {
  std::string& out;

  void operator()(bool value) const { put(out, static_cast<std::uint8_t>(value ? kTrue : kFalse)); }
  void operator()(std::int8_t value) const { number(kByte, value); }
  void operator()(std::int16_t value) const { number(kShort, value); }
  void operator()(std::int32_t value) const { number(kInteger, value); }
  void operator()(std::int64_t value) const { number(kLong, value); }
  void operator()(const AwsBytes& value) const { counted(kBytes, value.bytes); }
  void operator()(const std::string& value) const { counted(kString, value); }
  void operator()(AwsTimestamp value) const { number(kTimestamp, value.milliseconds); }
  void operator()(const AwsUuid& value) const {
    put(out, static_cast<std::uint8_t>(kUuid));
    out.append(value.begin(), value.end());
  }

  template <class Number>
  void number(Type type, Number value) const {
    put(out, static_cast<std::uint8_t>(type));
    put(out, value);
  }
  void counted(Type type, std::string_view value) const {
    assert(value.size() <= 0xFFFF);
    put(out, static_cast<std::uint8_t>(type));
    put(out, static_cast<std::uint16_t>(value.size()));
    out += value;
  }
};

}  // namespace

std::string_view AwsEvent::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &AwsHeader::name);
  if (found == headers.end()) return {};
  const auto* text = std::get_if<std::string>(&found->value);
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

Result<void> AwsEventDecoder::feed(std::string_view bytes, std::vector<AwsEvent>& events) {
  if (broken_) return fail(Code::kInvalid, "the stream was malformed before");
  held_ += bytes;
  auto taken = take_messages(events);
  broken_ = !taken;
  if (broken_) held_.clear();
  return taken;
}

Result<void> AwsEventDecoder::take_messages(std::vector<AwsEvent>& events) {
  std::string_view rest = held_;
  while (rest.size() >= kPrelude) {
    const std::size_t total = number_at(rest, 0);
    const std::size_t of_headers = number_at(rest, 4);
    if (crc32(rest.substr(0, 8)) != number_at(rest, 8))
      return fail(Code::kInvalid, "the lengths of an event-stream message do not match their sum");
    if (total > max_message_bytes_)
      return fail(Code::kTooLarge,
                  "an event-stream message is larger than " + std::to_string(max_message_bytes_) + " bytes");
    if (total < kPrelude + kSum || of_headers > total - kPrelude - kSum)
      return fail(Code::kInvalid, "the lengths of an event-stream message contradict each other");
    if (rest.size() < total) break;
    if (crc32(rest.substr(0, total - kSum)) != number_at(rest, total - kSum))
      return fail(Code::kInvalid, "an event-stream message does not match its sum");
    auto headers = read_headers(rest.substr(kPrelude, of_headers));
    if (!headers) return std::unexpected(std::move(headers).error());
    const auto payload = rest.substr(kPrelude + of_headers, total - kPrelude - of_headers - kSum);
    events.push_back({*std::move(headers), std::string(payload)});
    rest.remove_prefix(total);
  }
  held_.erase(0, held_.size() - rest.size());
  return {};
}

std::string encode_aws_event(const AwsEvent& event) {
  std::string headers;
  for (const auto& header : event.headers) {
    assert(!header.name.empty() && header.name.size() <= 0xFF);
    put(headers, static_cast<std::uint8_t>(header.name.size()));
    headers += header.name;
    std::visit(ValueWriter{headers}, header.value);
  }
  std::string out;
  put(out, static_cast<std::uint32_t>(kPrelude + headers.size() + event.payload.size() + kSum));
  put(out, static_cast<std::uint32_t>(headers.size()));
  put(out, crc32(out));
  out += headers;
  out += event.payload;
  put(out, crc32(out));
  return out;
}

}  // namespace plimsoll::wire
