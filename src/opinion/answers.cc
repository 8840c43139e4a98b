// What guards answer.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cctype>
#include <cmath>

#include "base/json.h"
#include "opinion/guard.h"
#include "risks.h"

namespace plimsoll::opinion {
namespace {

constexpr JsonLimits kLimits{.max_bytes = 1U << 20U, .max_depth = 32};

std::unexpected<Error> no_verdict() {
  return fail(Code::kInvalid, "the guard's answer is no verdict");
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool same(std::string_view a, std::string_view b) {
  return lower(a) == lower(b);
}

// The next line, taken off the text.
std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return trimmed(line);
}

template <class Take>
void each_item(std::string_view list, Take take) {
  while (!list.empty()) {
    const auto end = list.find(',');
    take(trimmed(list.substr(0, end)));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
}

const json::value* first_choice(const json::value& body) {
  const auto* choices = find_array(body, "choices");
  return choices == nullptr || choices->empty() ? nullptr : &choices->front();
}

std::optional<std::string_view> content_of(const json::value& body) {
  const auto* choice = first_choice(body);
  const auto* message = choice == nullptr ? nullptr : find(*choice, "message");
  const auto* content = message == nullptr ? nullptr : find_string(*message, "content");
  if (content == nullptr) return std::nullopt;
  return std::string_view(content->data(), content->size());
}

// The probability of `yes` against `no` where one of them is said first, if the answer tells.
std::optional<double> probability(const json::value& body, std::string_view yes, std::string_view no) {
  const auto* choice = first_choice(body);
  const auto* logprobs = choice == nullptr ? nullptr : find(*choice, "logprobs");
  const auto* tokens = logprobs == nullptr ? nullptr : find_array(*logprobs, "content");
  if (tokens == nullptr) return std::nullopt;
  for (const auto& token : *tokens) {
    const auto* said = find_string(token, "token");
    if (said == nullptr) return std::nullopt;
    const auto word = trimmed({said->data(), said->size()});
    if (!same(word, yes) && !same(word, no)) continue;
    const auto* tops = find_array(token, "top_logprobs");
    if (tops == nullptr) return std::nullopt;
    double for_yes = 0;
    double for_no = 0;
    for (const auto& top : *tops) {
      const auto* text = find_string(top, "token");
      const auto* log = find(top, "logprob");
      if (text == nullptr || log == nullptr || !log->is_number()) continue;
      const auto candidate = trimmed({text->data(), text->size()});
      const double p = std::exp(std::min(0.0, log->to_number<double>()));
      if (same(candidate, yes)) for_yes += p;
      if (same(candidate, no)) for_no += p;
    }
    if (for_yes + for_no <= 0) return std::nullopt;
    return for_yes / (for_yes + for_no);
  }
  return std::nullopt;
}

// "safe", or "unsafe" and on the next line "S1,S10".
Result<Scores> read_llama_guard(const json::value& body) {
  auto content = content_of(body);
  if (!content) return no_verdict();
  auto text = trimmed(*content);
  const auto verdict = next_line(text);
  const bool unsafe = same(verdict, "unsafe");
  if (!unsafe && !same(verdict, "safe")) return no_verdict();
  Scores scores;
  const double p = probability(body, "unsafe", "safe").value_or(unsafe ? kSaidSo : 0);
  if (!unsafe) {
    scores.raise(Category::kHarmfulContent, p);
    return scores;
  }
  bool named = false;
  each_item(next_line(text), [&](std::string_view code) {
    if (const auto* risk = find_risk(llama_guard_hazards(), code)) {
      scores.raise(risk->category, p);
      named = true;
    }
  });
  if (!named) scores.raise(Category::kHarmfulContent, p);
  return scores;
}

// "Yes" or "No", of the risk that was asked about; newer Granite models wrap it in <score> tags.
Result<Scores> read_yes_or_no(const json::value& body, const Risk& risk) {
  const auto content = content_of(body);
  if (!content) return no_verdict();
  auto text = trimmed(*content);
  if (const auto tag = text.find("<score>"); tag != std::string_view::npos)
    text = trimmed(text.substr(tag + 7));
  const auto word = lower(text.substr(0, text.find_first_not_of("YyEeSsNnOo")));
  if (word != "yes" && word != "no") return no_verdict();
  Scores scores;
  scores.raise(risk.category, probability(body, "yes", "no").value_or(word == "yes" ? kSaidSo : 0));
  return scores;
}

Result<Scores> read_gpt_oss(const json::value& body) {
  const auto content = content_of(body);
  if (!content) return no_verdict();
  const auto said = parse_json(trimmed(*content), kLimits);
  if (!said) return no_verdict();
  const auto* violation = find(*said, "violation");
  const auto* number = violation == nullptr ? nullptr : violation->if_int64();
  if (number == nullptr || *number < 0 || *number > 1) return no_verdict();
  Scores scores;
  if (*number == 0) return scores;
  bool named = false;
  if (const auto* names = find_array(*said, "categories")) {
    for (const auto& name : *names) {
      const auto* text = name.if_string();
      const auto category = text == nullptr ? std::nullopt : parse_category({text->data(), text->size()});
      if (!category) continue;
      scores.raise(*category, kSaidSo);
      named = true;
    }
  }
  if (!named) scores.raise(Category::kHarmfulContent, kSaidSo);
  return scores;
}

// "Safety: Safe|Controversial|Unsafe" and "Categories: A, B".
Result<Scores> read_qwen3(const json::value& body) {
  const auto content = content_of(body);
  if (!content) return no_verdict();
  auto text = trimmed(*content);
  constexpr std::string_view kSafety = "Safety:";
  constexpr std::string_view kCategories = "Categories:";
  std::optional<double> p;
  std::string_view names;
  while (!text.empty()) {
    const auto line = next_line(text);
    if (line.starts_with(kCategories)) names = line.substr(kCategories.size());
    if (!line.starts_with(kSafety)) continue;
    const auto verdict = trimmed(line.substr(kSafety.size()));
    if (verdict == "Unsafe")
      p = probability(body, "Unsafe", "Safe").value_or(kSaidSo);
    else if (verdict == "Controversial")
      p = 0.5;
    else if (verdict == "Safe")
      p = 0;
  }
  if (!p) return no_verdict();
  Scores scores;
  if (*p <= 0) return scores;
  bool named = false;
  each_item(names, [&](std::string_view name) {
    if (const auto* risk = find_risk(qwen3_categories(), name)) {
      scores.raise(risk->category, *p);
      named = true;
    }
  });
  if (!named) scores.raise(Category::kHarmfulContent, *p);
  return scores;
}

Result<Scores> read_moderation(const json::value& body) {
  const auto* results = find_array(body, "results");
  const auto* found =
      results == nullptr || results->empty() ? nullptr : find_object(results->front(), "category_scores");
  if (found == nullptr) return no_verdict();
  Scores scores;
  for (const auto& [name, score] : *found) {
    const auto* risk = find_risk(moderation_categories(), {name.data(), name.size()});
    if (!score.is_number()) return no_verdict();
    const double value = score.to_number<double>();
    if (value < 0 || value > 1) return no_verdict();
    if (risk != nullptr) scores.raise(risk->category, value);
  }
  return scores;
}

}  // namespace

Result<Scores> read_answer(Kind kind, std::size_t call, std::string_view text) {
  const auto body = parse_json(text, kLimits);
  if (!body) return no_verdict();
  switch (kind) {
    case Kind::kLlamaGuard:
      return read_llama_guard(*body);
    case Kind::kGraniteGuardian:
      return call < granite_risks().size() ? read_yes_or_no(*body, granite_risks()[call]) : no_verdict();
    case Kind::kShieldGemma:
      return call < shield_gemma_policies().size() ? read_yes_or_no(*body, shield_gemma_policies()[call])
                                                   : no_verdict();
    case Kind::kGptOssSafeguard:
      return read_gpt_oss(*body);
    case Kind::kQwen3Guard:
      return read_qwen3(*body);
    case Kind::kModerations:
      return read_moderation(*body);
  }
  return no_verdict();
}

}  // namespace plimsoll::opinion
