#include "responses_chat.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "fake_filter.h"
#include "wire/openai_chat.h"
#include "wire/openai_responses.h"
#include "wire/sse.h"

namespace plimsoll::wire {
namespace {

using testing::HasSubstr;

std::string canonical(std::string_view text) {
  return to_canonical_json(parse_json(text).value());
}

std::string shown(const Decoded<json::value>& carried) {
  return carried ? to_canonical_json(*carried) : "refused: " + carried.error().param;
}

std::string to_chat(std::string_view request) {
  return shown(chat_request_from_responses(parse_json(request).value()));
}

std::string from_chat(std::string_view request) {
  return shown(responses_request_from_chat(parse_json(request).value()));
}

TEST(ChatFromResponses, CarriesASimpleRequest) {
  EXPECT_EQ(
      to_chat(
          R"({"model":"m","instructions":"be kind","input":"hello","max_output_tokens":9,"temperature":0.5,"top_p":1,
      "stream":true,"parallel_tool_calls":false,"store":true,"user":"u","metadata":{"k":"v"},"truncation":"disabled"})"),
      canonical(
          R"({"model":"m","messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hello"}],
      "max_completion_tokens":9,"temperature":0.5,"top_p":1,"stream":true,"stream_options":{"include_usage":true},
      "parallel_tool_calls":false})"));
}

TEST(ChatFromResponses, CarriesTurnsWithToolsAndPictures) {
  EXPECT_EQ(to_chat(R"({"input":[
      {"role":"developer","content":"rules"},
      {"role":"user","content":[{"type":"input_text","text":"look"},{"type":"input_image","image_url":"https://a.example/b","detail":"low"},
        {"type":"input_file","filename":"f.pdf","file_data":"data:x"}]},
      {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}]},
      {"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"I look","annotations":[]}]},
      {"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},
      {"type":"custom_tool_call","call_id":"c2","name":"g","input":"free"},
      {"type":"function_call_output","call_id":"c1","output":"one"},
      {"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"two"}]}]})"),
            canonical(R"({"messages":[
      {"role":"system","content":"rules"},
      {"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"https://a.example/b","detail":"low"}},
        {"type":"file","file":{"filename":"f.pdf","file_data":"data:x"}}]},
      {"role":"assistant","content":"I look","tool_calls":[
        {"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},
        {"id":"c2","type":"custom","custom":{"name":"g","input":"free"}}]},
      {"role":"tool","tool_call_id":"c1","content":"one"},
      {"role":"tool","tool_call_id":"c2","content":"two"}]})"));
}

TEST(ChatFromResponses, CarriesToolsChoicesFormatsAndReasoning) {
  EXPECT_EQ(to_chat(R"({"input":[],"tools":[
      {"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true},
      {"type":"custom","name":"g","format":{"type":"grammar","syntax":"lark","definition":"x"}}],
      "tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]},
      "text":{"format":{"type":"json_schema","name":"n","schema":{},"strict":true},"verbosity":"low"},
      "reasoning":{"effort":"low","summary":"auto"},"include":["reasoning.encrypted_content"]})"),
            canonical(R"({"messages":[],"tools":[
      {"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}},
      {"type":"custom","custom":{"name":"g","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"x"}}}}],
      "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}},
      "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{},"strict":true}},"verbosity":"low",
      "reasoning_effort":"low"})"));
  EXPECT_EQ(to_chat(R"({"input":[],"tool_choice":{"type":"function","name":"f"}})"),
            canonical(R"({"messages":[],"tool_choice":{"type":"function","function":{"name":"f"}}})"));
}

TEST(ChatFromResponses, RefusesByNameWhatChatHasNoWordFor) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"input":"x","previous_response_id":"resp_1"})", "previous_response_id"},
      {R"({"input":"x","conversation":"conv_1"})", "conversation"},
      {R"({"input":"x","prompt":{"id":"p"}})", "prompt"},
      {R"({"input":"x","background":true})", "background"},
      {R"({"input":"x","truncation":"auto"})", "truncation"},
      {R"({"input":"x","top_logprobs":2})", "top_logprobs"},
      {R"({"input":"x","include":["message.output_text.logprobs"]})", "include[0]"},
      {R"({"input":"x","vendor":"y"})", "vendor"},
      {R"({"input":"x","instructions":["y"]})", "instructions"},
      {R"({"input":"x","tools":[{"type":"function","name":"f"},{"type":"web_search"}]})", "tools[1].type"},
      {R"({"input":"x","tools":[{"type":"function","name":"f","defer_loading":true}]})",
       "tools[0].defer_loading"},
      {R"({"input":"x","tool_choice":{"type":"file_search"}})", "tool_choice.type"},
      {R"({"input":"x","text":{"format":{"type":"grammar"}}})", "text.format.type"},
      {R"({"input":"x","reasoning":{"mode":"pro"}})", "reasoning.mode"},
      {R"({"input":[{"type":"item_reference","id":"i"}]})", "input[0].type"},
      {R"({"input":[{"type":"reasoning","summary":[],"encrypted_content":"gAAA"}]})",
       "input[0].encrypted_content"},
      {R"({"input":[{"role":"user","content":[{"type":"input_image","file_id":"f"}]}]})",
       "input[0].content[0].file_id"},
      {R"({"input":[{"role":"user","content":[{"type":"input_file","file_url":"u"}]}]})",
       "input[0].content[0].file_url"},
      {R"({"input":[{"type":"function_call_output","call_id":"c","output":[{"type":"input_image","image_url":"u"}]}]})",
       "input[0].output[0].type"}};
  for (const auto& [request, param] : cases) {
    const auto carried = chat_request_from_responses(parse_json(request).value());
    ASSERT_FALSE(carried) << request;
    EXPECT_EQ(carried.error().status, 400);
    EXPECT_EQ(carried.error().param, param);
    EXPECT_THAT(carried.error().message, HasSubstr("'" + std::string(param) + "'"));
  }
}

TEST(ResponsesFromChat, CarriesASimpleRequestAndStoresNothing) {
  EXPECT_EQ(
      from_chat(
          R"({"model":"m","messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hello"}],
      "max_tokens":9,"temperature":0.5,"stream":true,"stream_options":{"include_usage":true},"n":1,"store":true,
      "frequency_penalty":0,"modalities":["text"],"logprobs":false,"stop":null,"parallel_tool_calls":false,"reasoning_effort":"low"})"),
      canonical(
          R"({"model":"m","instructions":"be kind","input":[{"type":"message","role":"user","content":"hello"}],
      "max_output_tokens":9,"temperature":0.5,"stream":true,"parallel_tool_calls":false,"reasoning":{"effort":"low"},"store":false})"));
}

TEST(ResponsesFromChat, CarriesTurnsWithToolsAndPictures) {
  EXPECT_EQ(from_chat(R"({"messages":[
      {"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"u"}}]},
      {"role":"developer","content":[{"type":"text","text":"rules"}]},
      {"role":"assistant","content":"I look","refusal":null,"reasoning_content":"hm","tool_calls":[
        {"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},
        {"id":"c2","type":"custom","custom":{"name":"g","input":"free"}}]},
      {"role":"tool","tool_call_id":"c1","content":"one"},
      {"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"two"}]},
      {"role":"assistant","content":null,"refusal":"no"}]})"),
            canonical(R"({"store":false,"input":[
      {"type":"message","role":"user","content":[{"type":"input_text","text":"look"},{"type":"input_image","image_url":"u","detail":"auto"}]},
      {"type":"message","role":"developer","content":[{"type":"input_text","text":"rules"}]},
      {"type":"message","role":"assistant","content":"I look"},
      {"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},
      {"type":"custom_tool_call","call_id":"c2","name":"g","input":"free"},
      {"type":"function_call_output","call_id":"c1","output":"one"},
      {"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"two"}]},
      {"type":"message","role":"assistant","content":[{"type":"refusal","refusal":"no"}]}]})"));
}

TEST(ResponsesFromChat, CarriesToolsChoicesAndFormats) {
  EXPECT_EQ(
      from_chat(R"({"messages":[],"tools":[{"type":"function","function":{"name":"f","parameters":{}}},
      {"type":"custom","custom":{"name":"g","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"x"}}}}],
      "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}},
      "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}},"verbosity":"low"})"),
      canonical(
          R"({"store":false,"input":[],"tools":[{"type":"function","name":"f","parameters":{},"strict":false},
      {"type":"custom","name":"g","format":{"type":"grammar","syntax":"lark","definition":"x"}}],
      "tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]},
      "text":{"format":{"type":"json_schema","name":"n","schema":{}},"verbosity":"low"}})"));
}

TEST(ResponsesFromChat, RefusesByNameWhatResponsesHaveNoWordFor) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("n":2)", "n"},
      {R"("stop":["x"])", "stop"},
      {R"("seed":1)", "seed"},
      {R"("frequency_penalty":0.5)", "frequency_penalty"},
      {R"("logprobs":true)", "logprobs"},
      {R"("logit_bias":{"1":2})", "logit_bias"},
      {R"("modalities":["text","audio"])", "modalities"},
      {R"("prediction":{"type":"content"})", "prediction"},
      {R"("functions":[{"name":"f"}])", "functions"},
      {R"("web_search_options":{"search_context_size":"low"})", "web_search_options"},
      {R"("tools":[{"type":"other"}])", "tools[0].type"},
      {R"("response_format":{"type":"other"})", "response_format.type"}};
  for (const auto& [member, param] : cases)
    EXPECT_EQ(from_chat(R"({"messages":[],)" + std::string(member) + "}"), "refused: " + std::string(param));
  EXPECT_EQ(from_chat(R"({"messages":[{"role":"user","content":"x","name":"Ann"}]})"),
            "refused: messages[0].name");
  EXPECT_EQ(from_chat(R"({"messages":[{"role":"function","name":"f","content":"x"}]})"),
            "refused: messages[0].role");
  EXPECT_EQ(from_chat(R"({"messages":[{"role":"assistant","audio":{"id":"a"}}]})"),
            "refused: messages[0].audio");
}

constexpr std::string_view kResponse =
    R"({"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"m","output":[
  {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"},{"type":"summary_text","text":"hm hm"}]},
  {"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"é ","annotations":[]},
   {"type":"output_text","text":"cited","annotations":[{"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":5}]},
   {"type":"refusal","refusal":"no"}]},
  {"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{}"},
  {"type":"custom_tool_call","id":"ct_1","call_id":"c2","name":"g","input":"free"}],
  "usage":{"input_tokens":5,"input_tokens_details":{"cached_tokens":2},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":12}})";

TEST(ChatFromResponses, CarriesAWholeAnswer) {
  EXPECT_EQ(
      shown(chat_response_from_responses(parse_json(kResponse).value())),
      canonical(R"({"id":"resp_1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,
      "finish_reason":"tool_calls","logprobs":null,"message":{"role":"assistant","content":"é cited","refusal":"no","reasoning_content":"hm\nhm hm",
      "annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t","start_index":2,"end_index":7}}],
      "tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"custom","custom":{"name":"g","input":"free"}}]}}],
      "usage":{"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens":7,"completion_tokens_details":{"reasoning_tokens":3},"total_tokens":12}})"));
}

TEST(ChatFromResponses, TellsHowTheAnswerEnded) {
  const auto reason = [](std::string_view ending) {
    const auto carried = chat_response_from_responses(
        parse_json(R"({"output":[{"type":"message","content":[]}],)" + std::string(ending) + "}").value());
    return carried ? std::string(carried->at("choices").at(0).at("finish_reason").as_string())
                   : std::to_string(carried.error().status);
  };
  EXPECT_EQ(reason(R"("status":"completed")"), "stop");
  EXPECT_EQ(reason(R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})"), "length");
  EXPECT_EQ(reason(R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})"),
            "content_filter");
  EXPECT_EQ(reason(R"("status":"failed","error":{"message":"m"})"), "502");
  EXPECT_EQ(reason(R"("status":"in_progress")"), "502");
  EXPECT_FALSE(chat_response_from_responses(parse_json(R"({"status":"completed"})").value()));
}

constexpr std::string_view kCompletion =
    R"({"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"length",
  "message":{"role":"assistant","content":"said","refusal":null,"reasoning_content":"hm","tool_calls":[{"id":"k","type":"function","function":{"name":"f","arguments":"{}"}}]}}],
  "usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":2}}})";

TEST(ResponsesFromChat, CarriesAWholeAnswer) {
  const auto carried = responses_response_from_chat(
      parse_json(kCompletion).value(), parse_json(R"({"temperature":0.5,"tool_choice":"auto"})").value());
  ASSERT_TRUE(carried);
  EXPECT_EQ(to_canonical_json(carried->at("output")), canonical(R"([
      {"type":"reasoning","id":"rs_c1","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]},
      {"type":"message","id":"msg_c1","status":"incomplete","role":"assistant","content":[{"type":"output_text","text":"said","annotations":[],"logprobs":[]}]},
      {"type":"function_call","id":"fc_c1_2","call_id":"k","name":"f","arguments":"{}","status":"incomplete"}])"));
  EXPECT_EQ(carried->at("status"), "incomplete");
  EXPECT_EQ(carried->at("incomplete_details").at("reason"), "max_output_tokens");
  EXPECT_EQ(carried->at("temperature"), 0.5);
  EXPECT_EQ(carried->at("id"), "resp_c1");
  EXPECT_EQ(
      to_canonical_json(carried->at("usage")),
      canonical(
          R"({"input_tokens":5,"input_tokens_details":{"cached_tokens":2},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":12})"));
  EXPECT_TRUE(decode_responses_response(to_json(*carried)));
  EXPECT_EQ(responses_response_from_chat(parse_json(R"({"choices":[]})").value(), {}).error().status, 502);
}

std::string run(StreamTranslator& translator, std::string_view stream) {
  std::string out;
  EXPECT_TRUE(translator.feed(stream, out));
  translator.close(out);
  return out;
}

std::string byte_by_byte(StreamTranslator& translator, std::string_view stream) {
  std::string out;
  for (const char& c : stream) EXPECT_TRUE(translator.feed({&c, 1}, out));
  translator.close(out);
  return out;
}

std::string chunk(std::string_view delta, std::string_view finish = "null") {
  std::string out;
  append_sse(
      out,
      R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)" +
          std::string(delta) + R"(,"finish_reason":)" + std::string(finish) + "}]}");
  return out;
}

std::string chat_stream_text() {
  std::string usage;
  append_sse(
      usage,
      R"({"id":"c1","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}})");
  append_sse(usage, "[DONE]");
  return chunk(R"({"role":"assistant","content":""})") + chunk(R"({"reasoning_content":"hm"})") +
         chunk(R"({"content":"Hel"})") + chunk(R"({"content":"lo"})") +
         chunk(
             R"({"tool_calls":[{"index":0,"id":"k","type":"function","function":{"name":"f","arguments":""}}]})") +
         chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})") +
         chunk("{}", R"("tool_calls")") + usage;
}

TEST(ResponsesFromChat, CarriesAStream) {
  const auto translator = responses_stream_from_chat({});
  const auto out = run(*translator, chat_stream_text());
  std::vector<std::string> types;
  json::value last;
  for (const auto& event : SseDecoder().feed(out).value()) {
    types.push_back(event.name);
    last = parse_json(event.data).value();
  }
  EXPECT_THAT(
      types,
      testing::ElementsAre(
          "response.created", "response.in_progress", "response.output_item.added",
          "response.content_part.added", "response.reasoning_text.delta", "response.reasoning_text.done",
          "response.content_part.done", "response.output_item.done", "response.output_item.added",
          "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
          "response.output_text.done", "response.content_part.done", "response.output_item.done",
          "response.output_item.added", "response.function_call_arguments.delta",
          "response.function_call_arguments.done", "response.output_item.done", "response.completed"));
  const auto& response = last.at("response");
  EXPECT_EQ(response.at("usage").at("output_tokens"), 7);
  EXPECT_EQ(to_canonical_json(response.at("output")), canonical(R"([
      {"type":"reasoning","id":"rs_c1","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]},
      {"type":"message","id":"msg_c1_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hello","annotations":[],"logprobs":[]}]},
      {"type":"function_call","id":"fc_c1_2","call_id":"k","name":"f","arguments":"{}","status":"completed"}])"));
  EXPECT_EQ(byte_by_byte(*responses_stream_from_chat({}), chat_stream_text()), out);

  // The client's codec finds nothing to mend.
  FakeFilter filter;
  const auto through = run_stream([&] { return responses_stream(filter, "m"); }, out, {});
  EXPECT_EQ(SseDecoder().feed(through).value().size(), types.size());
}

TEST(ResponsesFromChat, AStreamThatStopsEarlyStaysIncomplete) {
  const auto out = run(*responses_stream_from_chat({}), chunk(R"({"content":"Hel"})"));
  EXPECT_THAT(out, testing::Not(HasSubstr("response.completed")));
  const auto closed = run(*responses_stream_from_chat({}), chunk(R"({"content":"Hel"})", R"("length")"));
  EXPECT_THAT(closed, HasSubstr("response.incomplete"));
  EXPECT_THAT(closed, HasSubstr("max_output_tokens"));
}

TEST(ResponsesFromChat, WhatIsNoChunkIsMalformed) {
  for (const std::string& stream :
       {std::string("data: {\n\n"), std::string("data: []\n\n"), std::string("data: [DONE]\n\n"),
        std::string("data: {\"choices\":[7]}\n\n"), std::string("data: {\"choices\":[{\"index\":1}]}\n\n"),
        chunk("7"), chunk(R"({"tool_calls":[7]})"), chunk(R"({"tool_calls":[{"index":-1}]})")}) {
    std::string out;
    EXPECT_FALSE(responses_stream_from_chat({})->feed(stream, out)) << stream;
  }
  std::string out;
  EXPECT_TRUE(
      responses_stream_from_chat({})->feed("data: {\"error\":{\"code\":\"c\",\"message\":\"m\"}}\n\n", out));
  EXPECT_THAT(out, HasSubstr("event: error"));
}

// What a client of chat completions makes of a stream.
json::object joined(std::string_view stream) {
  json::object all;
  std::string content;
  std::string reasoning;
  std::string calls;
  for (const auto& event : SseDecoder().feed(stream).value()) {
    if (event.data == "[DONE]") {
      all["done"] = true;
      continue;
    }
    const auto parsed = parse_json(event.data).value();
    if (const auto* usage = find(parsed, "usage")) all["usage"] = usage->at("total_tokens");
    for (const auto& choice : parsed.at("choices").as_array()) {
      const auto& delta = choice.at("delta");
      if (const auto* text = find_string(delta, "content")) content += *text;
      if (const auto* text = find_string(delta, "reasoning_content")) reasoning += *text;
      if (const auto* list = find_array(delta, "tool_calls"))
        for (const auto& call : *list) calls += to_json(call);
      if (const auto* reason = find_string(choice, "finish_reason")) all["reason"] = *reason;
    }
  }
  all["content"] = content;
  all["reasoning"] = reasoning;
  all["calls"] = calls;
  return all;
}

TEST(ChatFromResponses, CarriesAStream) {
  const auto responses = run(*responses_stream_from_chat({}), chat_stream_text());
  const auto out = run(*chat_stream_from_responses(true), responses);
  EXPECT_EQ(to_canonical_json(joined(out)),
            to_canonical_json(json::object{
                {"calls", R"({"index":0,"id":"k","type":"function","function":{"name":"f","arguments":""}})"
                          R"({"index":0,"function":{"arguments":"{}"}})"},
                {"content", "Hello"},
                {"done", true},
                {"reason", "tool_calls"},
                {"reasoning", "hm"},
                {"usage", 12}}));
  EXPECT_EQ(byte_by_byte(*chat_stream_from_responses(true), responses), out);
  EXPECT_FALSE(joined(run(*chat_stream_from_responses(false), responses)).contains("usage"));
}

TEST(ChatFromResponses, CarriesAStreamThatOnlyTellsTheEnd) {
  std::string stream;
  append_sse(stream, R"({"type":"response.completed","response":)" + std::string(kResponse) + "}");
  const auto all = joined(run(*chat_stream_from_responses(false), stream));
  EXPECT_EQ(all.at("content"), "é cited");
  EXPECT_EQ(all.at("reasoning"), "hm\nhm hm");
  EXPECT_EQ(all.at("reason"), "tool_calls");
}

TEST(ChatFromResponses, ErrorsAndOddEventsArriveAsWhatTheyAre) {
  for (const auto* event :
       {R"({"type":"error","code":"c","message":"m"})", R"({"error":{"code":"c","message":"m"}})",
        R"({"type":"response.failed","response":{"error":{"code":"c","message":"m"}}})"}) {
    std::string stream;
    append_sse(stream, event);
    EXPECT_THAT(run(*chat_stream_from_responses(false), stream), HasSubstr(R"("code":"c")")) << event;
  }
  for (const auto* event : {"{", "[]", R"({"type":"response.completed"})",
                            R"({"type":"response.output_text.delta","output_index":-1,"delta":"x"})"}) {
    std::string stream;
    append_sse(stream, event);
    std::string out;
    EXPECT_FALSE(chat_stream_from_responses(false)->feed(stream, out)) << event;
  }
}

}  // namespace
}  // namespace plimsoll::wire
