#include "wire/translate.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/json.h"
#include "messages_chat.h"
#include "responses_chat.h"

namespace plimsoll::wire {
namespace {

// Chat completions are the hub: everything is carried over to them and from them.
bool is_known(Protocol protocol) {
  return protocol == Protocol::kChat || protocol == Protocol::kMessages || protocol == Protocol::kResponses;
}

Decoded<json::value> request_to_chat(const json::value& request, Protocol from) {
  if (from == Protocol::kMessages) return chat_request_from_messages(request);
  if (from == Protocol::kResponses) return chat_request_from_responses(request);
  return request;
}

Decoded<json::value> request_from_chat(const json::value& request, Protocol to) {
  if (to == Protocol::kMessages) return messages_request_from_chat(request);
  if (to == Protocol::kResponses) return responses_request_from_chat(request);
  return request;
}

Decoded<json::value> answer_to_chat(const json::value& body, Protocol from) {
  if (from == Protocol::kMessages) return chat_response_from_messages(body);
  if (from == Protocol::kResponses) return chat_response_from_responses(body);
  return body;
}

Decoded<json::value> answer_from_chat(const json::value& body, Protocol to, const json::value& request) {
  if (to == Protocol::kMessages) return messages_response_from_chat(body);
  if (to == Protocol::kResponses) return responses_response_from_chat(body, request);
  return body;
}

BadBody no_way() {
  return {400, {}, "The model's server speaks an API that requests of this kind cannot be carried over to."};
}

// What the hub cannot hand on, named as the client called it. Places within lists may differ, so that only the
// list is named.
BadBody as_client_said(const BadBody& problem, Protocol client) {
  struct Name {
    Protocol client;
    std::string_view chat;
    std::string_view own;
  };
  constexpr std::array<Name, 9> kNames = {{
      {Protocol::kResponses, "messages", "input"},
      {Protocol::kResponses, "response_format", "text.format"},
      {Protocol::kResponses, "verbosity", "text.verbosity"},
      {Protocol::kResponses, "reasoning_effort", "reasoning.effort"},
      {Protocol::kResponses, "max_completion_tokens", "max_output_tokens"},
      {Protocol::kMessages, "stop", "stop_sequences"},
      {Protocol::kMessages, "reasoning_effort", "thinking"},
      {Protocol::kMessages, "max_completion_tokens", "max_tokens"},
      {Protocol::kMessages, "response_format", "output_config"},
  }};
  std::string name = problem.param.substr(0, problem.param.find_first_of(".["));
  const auto* const found = std::ranges::find_if(
      kNames, [&](const Name& known) { return known.client == client && known.chat == name; });
  if (found != kNames.end()) name = found->own;
  auto message = "Unsupported value: '" + name + "' cannot be carried over to the API of the model's server.";
  return {problem.status, std::move(name), std::move(message)};
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
      const bool fed = passing.empty() || next->feed(passing, translated).has_value();
      if (fed) next->close(translated);
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
  if (!chat || to == Protocol::kChat) return chat;
  auto carried = request_from_chat(*chat, to);
  if (!carried && from != Protocol::kChat) return std::unexpected(as_client_said(carried.error(), from));
  return carried;
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
  if (from == Protocol::kMessages) chain->add(chat_stream_from_messages(usage));
  if (from == Protocol::kResponses) chain->add(chat_stream_from_responses(usage));
  if (to == Protocol::kMessages) {
    const auto* model = find_string(request, "model");
    chain->add(messages_stream_from_chat(model != nullptr ? std::string(*model) : std::string()));
  }
  if (to == Protocol::kResponses) chain->add(responses_stream_from_chat(request));
  return chain;
}

}  // namespace plimsoll::wire
