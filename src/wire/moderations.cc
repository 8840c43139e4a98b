#include "wire/moderations.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "base/json.h"
#include "certainty.h"
#include "chat_message.h"
#include "collector.h"
#include "openai_body.h"

namespace plimsoll::wire {
namespace {

using Step = Collector::Step;

Conversation empty_input() {
  Conversation input;
  input.surface = "moderations";
  return input;
}

Decoded<Conversation> one_text(const json::value& text, std::string pointer) {
  auto input = empty_input();
  const auto& words = text.get_string();
  if (!words.empty())
    input.segments.push_back({Role::kUser, SegmentKind::kText, std::string(words), std::move(pointer)});
  return input;
}

Decoded<Conversation> one_of_parts(const json::value& parts) {
  auto input = empty_input();
  Collector into(input);
  const Step step(into, "input");
  if (!collect_content(into, parts, Role::kUser, Direction::kPrompt)) return std::unexpected(into.problem());
  return input;
}

// What is wrong with an input, told as for every other body.
std::unexpected<BadBody> bad_input(std::string message, std::string param = "input") {
  return std::unexpected(BadBody{400, std::move(param), std::move(message)});
}

Decoded<std::vector<Conversation>> read_inputs(const json::value& given) {
  std::vector<Conversation> inputs;
  const auto add = [&](Decoded<Conversation> input) -> Decoded<void> {
    if (!input) return std::unexpected(std::move(input).error());
    inputs.push_back(*std::move(input));
    return {};
  };
  Decoded<void> added;
  const auto* array = given.if_array();
  if (given.is_string()) {
    added = add(one_text(given, "/input"));
  } else if (array == nullptr || array->empty()) {
    return bad_input("Invalid type for 'input': expected a string, or an array of strings or parts.");
  } else if (array->front().is_object()) {
    if (array->size() > kMaxInputs)
      return bad_input("At most " + std::to_string(kMaxInputs) + " parts can be given at once.");
    added = add(one_of_parts(given));
  } else {
    if (array->size() > kMaxModerations)
      return bad_input("At most " + std::to_string(kMaxModerations) + " inputs can be given at once.");
    for (std::size_t i = 0; i < array->size() && added; ++i) {
      const auto place = std::to_string(i);
      if (!(*array)[i].is_string()) return bad_input("Expected a string.", "input[" + place + "]");
      added = add(one_text((*array)[i], "/input/" + place));
    }
  }
  if (!added) return std::unexpected(std::move(added).error());
  return inputs;
}

// One key of the answer.
struct Key {
  std::string_view name;
  double score = 0;
  bool judged = true;
};

std::vector<Key> keys_of(const ModerationResult& result) {
  constexpr auto kToxicity = Category::kToxicity;
  constexpr auto kSelfHarm = Category::kSelfHarm;
  const auto& findings = result.findings;
  const auto found = certainties(result.scores, findings);
  const auto score_if = [&](bool holds, Category category) { return holds ? found[category] : 0; };
  const bool hate = has_finding(findings, kToxicity, "HATE");
  const bool harassment = !hate || has_other_finding(findings, kToxicity, "HATE");
  std::vector<Key> keys = {
      {"harassment", score_if(harassment, kToxicity)},
      {"harassment/threatening", 0, false},
      {"hate", score_if(hate, kToxicity)},
      {"hate/threatening", 0, false},
      {"illicit", std::max({found[Category::kCbrn], found[Category::kExploitation],
                            found[Category::kCyberOffense], found[Category::kSocialEngineering]})},
      {"illicit/violent", found[Category::kCbrn]},
      {"self-harm", found[kSelfHarm]},
      {"self-harm/instructions", score_if(has_finding(findings, kSelfHarm, "SELF_HARM_METHOD"), kSelfHarm)},
      {"self-harm/intent", score_if(has_finding(findings, kSelfHarm, "SELF_HARM_RISK"), kSelfHarm)},
      {"sexual", 0, false},
      {"sexual/minors", 0, false},
      {"violence", 0, false},
      {"violence/graphic", 0, false}};
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    keys.push_back({to_string(static_cast<Category>(i)), found[static_cast<Category>(i)]});
  return keys;
}

json::object encode(const ModerationResult& result) {
  const bool flagged = result.verdict.action > Action::kLogOnly;
  json::object categories;
  json::object scores;
  json::object types;
  for (const auto& key : keys_of(result)) {
    categories[key.name] = flagged && key.score >= kCertainEnough;
    scores[key.name] = key.score;
    types[key.name] = key.judged && result.text ? json::array{"text"} : json::array();
  }
  categories["policy"] = flagged;
  scores["policy"] = flagged ? 1.0 : 0.0;
  json::array applied;
  if (result.text) applied.emplace_back("text");
  if (result.image) applied.emplace_back("image");
  types["policy"] = std::move(applied);

  const auto& verdict = result.verdict;
  return {
      {"flagged", flagged},
      {"categories", std::move(categories)},
      {"category_scores", std::move(scores)},
      {"category_applied_input_types", std::move(types)},
      {"verdict", json::object{{"allowed", verdict.allowed()},
                               {"action", to_string(verdict.action)},
                               {"reasons", json::array(verdict.reasons.begin(), verdict.reasons.end())}}}};
}

}  // namespace

Decoded<ModerationRequest> decode_moderation_request(std::string_view body) {
  const auto parsed = read_request_object(body);
  if (!parsed) return std::unexpected(parsed.error());
  ModerationRequest request;
  if (const auto* model = find(*parsed, "model"); model != nullptr && !model->is_null()) {
    if (!model->is_string() || !is_identifier(model->get_string()))
      return bad_input("Expected the name of a model.", "model");
    request.model = model->get_string();
  }
  const auto* input = find(*parsed, "input");
  if (input == nullptr) return bad_input("Missing required parameter: 'input'.");
  auto inputs = read_inputs(*input);
  if (!inputs) return std::unexpected(std::move(inputs).error());
  request.inputs = *std::move(inputs);
  for (auto& conversation : request.inputs) conversation.model = request.model;
  return request;
}

ModerationResult moderation_result(const Conversation& input, Verdict verdict, const Scores& scores,
                                   std::vector<Finding> findings) {
  const auto image = std::ranges::count(input.segments, SegmentKind::kAttachment, &Segment::kind);
  return {.verdict = std::move(verdict),
          .scores = scores,
          .findings = std::move(findings),
          .text = image < std::ssize(input.segments) || image == 0,
          .image = image > 0};
}

std::string encode_moderation(std::string_view id, std::string_view model,
                              std::span<const ModerationResult> results) {
  json::array encoded;
  for (const auto& result : results) encoded.push_back(encode(result));
  return to_json(
      json::object{{"id", "modr-" + std::string(id)}, {"model", model}, {"results", std::move(encoded)}});
}

}  // namespace plimsoll::wire
