#include "wire/translate.h"

#include <array>
#include <utility>
#include <vector>

#include "base/json.h"
#include "responses_chat.h"

namespace plimsoll::wire {
namespace {

// Chat completions are the hub: everything is carried over to them and from them.
bool is_known(Protocol protocol) {
  return protocol == Protocol::kChat || protocol == Protocol::kResponses;
}

Decoded<json::value> same(const json::value& body) {
  return body;
}

Decoded<json::value> request_to_chat(const json::value& request, Protocol from) {
  return from == Protocol::kResponses ? chat_request_from_responses(request) : same(request);
}

Decoded<json::value> request_from_chat(const json::value& request, Protocol to) {
  return to == Protocol::kResponses ? responses_request_from_chat(request) : same(request);
}

Decoded<json::value> answer_to_chat(const json::value& body, Protocol from) {
  return from == Protocol::kResponses ? chat_response_from_responses(body) : same(body);
}

Decoded<json::value> answer_from_chat(const json::value& body, Protocol to, const json::value& request) {
  return to == Protocol::kResponses ? responses_response_from_chat(body, request) : same(body);
}

BadBody no_way() {
  return {400, {}, "The model's server speaks an API that requests of this kind cannot be carried over to."};
}

// Translators one after the other; none at all lets everything pass.
class Chain final : public StreamTranslator {
 public:
  void add(std::unique_ptr<StreamTranslator> next) { chain_.push_back(std::move(next)); }

  Result<void> feed(std::string_view bytes, std::string& out) override {
    std::string passing(bytes);
    Result<void> fed;
    for (const auto& next : chain_) {
      std::string translated;
      // What came out before something malformed is still carried on.
      if (auto result = next->feed(passing, translated); !result && fed) fed = std::move(result);
      passing = std::move(translated);
    }
    out += passing;
    return fed;
  }

  void close(std::string& out) override {
    std::string passing;
    for (const auto& next : chain_) {
      std::string translated;
      if (!passing.empty() && !next->feed(passing, translated)) return;
      next->close(translated);
      passing = std::move(translated);
    }
    out += passing;
  }

 private:
  std::vector<std::unique_ptr<StreamTranslator>> chain_;
};

bool wants_usage(const json::value& chat_request) {
  const auto* options = find(chat_request, "stream_options");
  const auto* wanted = options != nullptr ? find(*options, "include_usage") : nullptr;
  return wanted != nullptr && wanted->is_bool() && wanted->get_bool();
}

}  // namespace

bool can_translate(Protocol from, Protocol to) {
  return is_known(from) && is_known(to);
}

Decoded<json::value> translate_request(const json::value& body, Protocol from, Protocol to) {
  if (from == to) return body;
  if (!can_translate(from, to)) return std::unexpected(no_way());
  const auto chat = request_to_chat(body, from);
  if (!chat) return chat;
  return request_from_chat(*chat, to);
}

Decoded<json::value> translate_response(const json::value& body, Protocol from, Protocol to,
                                        const json::value& request) {
  if (from == to) return body;
  if (!can_translate(from, to)) return std::unexpected(no_way());
  const auto chat = answer_to_chat(body, from);
  if (!chat) return chat;
  return answer_from_chat(*chat, to, request);
}

std::unique_ptr<StreamTranslator> translate_stream(Protocol from, Protocol to, const json::value& request) {
  auto chain = std::make_unique<Chain>();
  if (from == to) return chain;
  const bool usage = to != Protocol::kChat || wants_usage(request);
  if (from == Protocol::kResponses) chain->add(chat_stream_from_responses(usage));
  if (to == Protocol::kResponses) chain->add(responses_stream_from_chat(request));
  return chain;
}

}  // namespace plimsoll::wire
