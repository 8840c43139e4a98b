#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <utility>

#include "base/hash.h"
#include "base/json.h"
#include "collector.h"
#include "wire/aws_event_stream.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

// Anthropic's type for a Bedrock exception.
std::string_view error_type(std::string_view exception) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kTypes = {{
      {"accessDeniedException", "permission_error"},
      {"modelTimeoutException", "timeout_error"},
      {"resourceNotFoundException", "not_found_error"},
      {"serviceUnavailableException", "overloaded_error"},
      {"throttlingException", "rate_limit_error"},
      {"validationException", "invalid_request_error"},
  }};
  const auto* const found =
      std::ranges::find(kTypes, exception, &std::pair<std::string_view, std::string_view>::first);
  return found != kTypes.end() ? found->second : "api_error";
}

class BedrockEvents final : public StreamTranslator {
 public:
  Result<void> feed(std::string_view bytes, std::string& out) override {
    if (ended_) return {};
    if (broken_) return broken("the stream was malformed before");
    std::vector<AwsEvent> events;
    auto read = decoder_.feed(bytes, events);
    for (const auto& event : events) {
      if (auto passed = pass(event, out); !passed) return passed;
      if (ended_) return {};
    }
    return read;
  }

  void close(std::string&) override {}

 private:
  Result<void> pass(const AwsEvent& event, std::string& out) {
    const auto type = event.header(":message-type");
    const auto named = event.header(":event-type");
    if (type == "exception" || type == "error") {
      write_error(error_type(event.header(type == "error" ? ":error-code" : ":exception-type")), out);
    } else if (type != "event") {
      return broken("a message of the stream is of no known type");
    } else if (named.ends_with("Exception")) {
      write_error(error_type(named), out);
    } else if (named == "chunk") {
      return pass_chunk(event.payload, out);
    }
    return {};
  }

  Result<void> pass_chunk(std::string_view payload, std::string& out) {
    const auto chunk = parse_json(payload);
    const auto* encoded = chunk ? find_string(*chunk, "bytes") : nullptr;
    const auto bytes = encoded != nullptr ? from_base64(*encoded) : std::nullopt;
    if (!bytes) return broken("a chunk of the stream is malformed");
    const auto said = parse_json(*bytes);
    const auto* type = said ? find_string(*said, "type") : nullptr;
    if (type == nullptr || !is_identifier(*type)) return broken("an event of the stream is malformed");
    append_sse(out, to_json(*said), *type);
    return {};
  }

  void write_error(std::string_view type, std::string& out) {
    append_sse(
        out,
        to_json(json::object{
            {"type", "error"},
            {"error", json::object{{"type", type}, {"message", "The model server reported an error."}}}}),
        "error");
    ended_ = true;
  }

  Result<void> broken(std::string_view what) {
    broken_ = true;
    return plimsoll::fail(Code::kInvalid, std::string(what));
  }

  AwsEventDecoder decoder_;
  bool ended_ = false;  // an error was told, and nothing after it is
  bool broken_ = false;
};

}  // namespace

std::unique_ptr<StreamTranslator> bedrock_events_to_sse() {
  return std::make_unique<BedrockEvents>();
}

std::string bedrock_chunk(std::string_view event_json) {
  AwsEvent event;
  event.headers = {{":event-type", std::string("chunk")},
                   {":content-type", std::string("application/json")},
                   {":message-type", std::string("event")}};
  event.payload = to_json(json::object{{"bytes", to_base64(event_json)}});
  return encode_aws_event(event);
}

}  // namespace plimsoll::wire
