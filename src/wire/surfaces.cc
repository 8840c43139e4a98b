#include "wire/surfaces.h"

#include <array>
#include <utility>

#include "wire/anthropic_messages.h"
#include "wire/completion.h"
#include "wire/embeddings.h"
#include "wire/openai_chat.h"
#include "wire/openai_responses.h"
#include "wire/text_completions.h"

namespace plimsoll::wire {
namespace {

// Its context is read by whoever serves the route; here it is text like any other.
Decoded<Document> decode_completion(std::string_view body) {
  auto request = decode_completion_request(body);
  if (!request) return std::unexpected(std::move(request).error());
  return std::move(request->document);
}

constexpr Surface kChat{.name = "chat.completions",
                        .protocol = Protocol::kChat,
                        .decode_request = decode_chat_request,
                        .decode_response = decode_chat_response,
                        .stream = chat_stream,
                        .make_safe = make_safe,
                        .withhold = withhold_chat_response,
                        .error = chat_error,
                        .content = "messages"};
constexpr Surface kMessages{.name = "messages",
                            .protocol = Protocol::kMessages,
                            .decode_request = decode_messages_request,
                            .decode_response = decode_messages_response,
                            .stream = messages_stream,
                            .make_safe = make_messages_safe,
                            .withhold = withhold_messages_response,
                            .error = anthropic_error,
                            .content = "messages"};
constexpr Surface kCountTokens{.name = "messages.count_tokens",
                               .protocol = Protocol::kMessages,
                               .decode_request = decode_count_tokens_request,
                               .decode_response = decode_count_tokens_response,
                               .stream = nullptr,
                               .make_safe = nullptr,
                               .withhold = nullptr,
                               .error = anthropic_error,
                               .content = "messages",
                               .counts_tokens = true};
constexpr Surface kResponses{.name = "responses",
                             .protocol = Protocol::kResponses,
                             .decode_request = decode_responses_request,
                             .decode_response = decode_responses_response,
                             .stream = responses_stream,
                             .make_safe = make_responses_safe,
                             .withhold = withhold_responses_response,
                             .error = responses_error,
                             .content = "input"};
constexpr Surface kCompletions{.name = "completions",
                               .protocol = Protocol::kCompletions,
                               .decode_request = decode_text_completion_request,
                               .decode_response = decode_text_completion_response,
                               .stream = text_completion_stream,
                               .make_safe = make_text_completion_safe,
                               .withhold = withhold_text_completion,
                               .error = text_completion_error,
                               .content = "prompt"};
constexpr Surface kEmbeddings{.name = "embeddings",
                              .protocol = Protocol::kEmbeddings,
                              .decode_request = decode_embedding_request,
                              .decode_response = decode_embedding_response,
                              .stream = nullptr,
                              .make_safe = nullptr,
                              .withhold = nullptr,
                              .error = chat_error,
                              .content = "input"};
constexpr Surface kCompletion{.name = "proxy.completion",
                              .protocol = Protocol::kCompletion,
                              .decode_request = decode_completion,
                              .decode_response = decode_completion_response,
                              .stream = nullptr,  // by what the upstream speaks: completion_stream()
                              .make_safe = make_safe_completion,
                              .withhold = nullptr,
                              .error = completion_problem,
                              .refusal_status = 403};

}  // namespace

const Surface& surface(Protocol protocol) {
  static constexpr std::array<const Surface*, 6> kAll = {&kChat,        &kMessages,   &kResponses,
                                                         &kCompletions, &kEmbeddings, &kCompletion};
  return *kAll.at(static_cast<std::size_t>(protocol));
}

const Surface& count_tokens_surface() {
  return kCountTokens;
}

std::string pointer_of(Protocol protocol, Channel channel) {
  const std::string choice = std::to_string(channel.choice);
  const std::string index = std::to_string(channel.index);
  const bool text = channel.kind == SegmentKind::kText;
  switch (protocol) {
    case Protocol::kMessages:
      return channel.index < kFirstWholeText / 4 ? "/content/" + index : "/content/other/" + index;
    case Protocol::kResponses: {
      if (!text) return "/output/" + choice + "/arguments";
      if (channel.index >= 65'536) return "/output/other/" + index;
      static constexpr std::array<std::string_view, 4> kParts = {"/content/", "/content/", "/content/",
                                                                 "/summary/"};
      return "/output/" + choice + std::string(kParts.at(channel.index % 4)) +
             std::to_string(channel.index / 4);
    }
    case Protocol::kCompletions:
      return "/choices/" + choice + "/text";
    case Protocol::kCompletion:
      return "/content";
    default:
      break;
  }
  if (!text) return "/choices/" + choice + "/message/tool_calls/" + index;
  static constexpr std::array<std::string_view, 5> kTexts = {"content", "refusal", "reasoning_content",
                                                             "reasoning", "audio/transcript"};
  const std::string name =
      channel.index < kTexts.size() ? std::string(kTexts.at(channel.index)) : "other/" + index;
  return "/choices/" + choice + "/message/" + name;
}

}  // namespace plimsoll::wire
