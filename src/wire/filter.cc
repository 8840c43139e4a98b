#include "wire/filter.h"

#include <boost/json/object.hpp>
#include <utility>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

std::unexpected<BadBody> bad(std::string message, std::string_view param = {}, int status = 400) {
  return std::unexpected(BadBody{status, std::string(param), std::move(message)});
}

// Counts the code points of one text. Asked in any order; quick when the answers lie close together.
class CodePoints {
 public:
  explicit CodePoints(std::string_view text) : text_(text) {}

  std::size_t before(std::size_t byte) {
    for (; at_ < byte && at_ < text_.size(); ++at_) count_ += starts_one(text_[at_]);
    for (; at_ > byte; --at_) count_ -= starts_one(text_[at_ - 1]);
    return count_;
  }

 private:
  static std::size_t starts_one(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0; }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
};

void append_number(std::string& out, double value) {
  out += to_canonical_json(value);
}

void append_span(std::string& out, std::string_view name, std::size_t begin, std::size_t end) {
  out.append(",\"").append(name).append("\":{\"begin\":").append(std::to_string(begin));
  out.append(",\"end\":").append(std::to_string(end)).append("}");
}

void append_answer(std::string& out, const Verdict& verdict) {
  out.append("\"allowed\":").append(verdict.allowed() ? "true" : "false").append(",\"action\":");
  append_json_string(out, to_string(verdict.action));
  out += ",\"reasons\":[";
  for (bool first = true; const auto& reason : verdict.reasons) {
    if (!std::exchange(first, false)) out += ',';
    append_json_string(out, reason);
  }
  out += ']';
}

void append_finding(std::string& out, const Finding& finding, const Segment& segment, CodePoints& points) {
  out += "{\"category\":";
  append_json_string(out, to_string(finding.category));
  out += ",\"entity\":";
  append_json_string(out, finding.entity);
  out += ",\"detector\":";
  append_json_string(out, finding.detector);
  out += ",\"confidence\":";
  append_number(out, finding.confidence);
  out += ",\"segment\":" + std::to_string(finding.segment) + ",\"pointer\":";
  append_json_string(out, segment.pointer);
  const auto begin = points.before(finding.span.begin);
  append_span(out, "span", begin, points.before(finding.span.end));
  append_span(out, "bytes", finding.span.begin, finding.span.end);
  out += '}';
}

}  // namespace

Decoded<FilterRequest> decode_filter_request(std::string_view body, Direction direction) {
  auto parsed = parse_json(body);
  if (!parsed) return bad(parsed.error().message, {}, parsed.error().code == Code::kTooLarge ? 413 : 400);
  auto* object = parsed->if_object();
  if (object == nullptr) return bad("the body must be a JSON object");

  const auto wanted = to_string(direction);
  const json::string* text = nullptr;
  FilterRequest request;
  for (auto& [key, value] : *object) {
    if (key == wanted) {
      if (!value.is_string()) return bad("must be a string", wanted);
      text = &value.get_string();
    } else if (key == "context") {
      if (!value.is_object() && !value.is_null()) return bad("must be an object", "context");
      if (value.is_object()) request.context = std::move(value.get_object());
    } else if (key == "explain") {
      if (!value.is_bool()) return bad("must be true or false", "explain");
      request.explain = value.get_bool();
    } else {
      return bad("only \"" + std::string(wanted) + "\", \"context\" and \"explain\" may be given");
    }
  }
  if (text == nullptr) return bad("is required", wanted);

  auto& conversation = request.conversation;
  conversation.direction = direction;
  conversation.surface = "filter." + std::string(wanted);
  conversation.segments.push_back({direction == Direction::kPrompt ? Role::kUser : Role::kAssistant,
                                   SegmentKind::kText, std::string(*text), "/" + std::string(wanted)});
  return request;
}

std::string encode_filter_answer(const Verdict& verdict) {
  std::string out = "{";
  append_answer(out, verdict);
  out += '}';
  return out;
}

std::string encode_filter_answer(const Verdict& verdict, const Inspection& found, const Scores& scores,
                                 const Conversation& conversation) {
  std::string out = "{";
  append_answer(out, verdict);

  out += ",\"scores\":{";
  for (std::size_t i = 0; i < kCategoryCount; ++i) {
    if (i > 0) out += ',';
    const auto category = static_cast<Category>(i);
    append_json_string(out, to_string(category));
    out += ':';
    append_number(out, scores[category]);
  }

  out += "},\"findings\":[";
  CodePoints points({});
  const Segment* counted = nullptr;
  for (bool first = true; const auto& finding : found.findings) {
    const auto& segment = conversation.segments.at(finding.segment);
    if (&segment != counted) points = CodePoints(segment.text);
    counted = &segment;
    if (!std::exchange(first, false)) out += ',';
    append_finding(out, finding, segment, points);
  }

  out += "],\"rules\":[";
  for (bool first = true; const auto& rule : verdict.rules) {
    if (!std::exchange(first, false)) out += ',';
    out += "{\"id\":";
    append_json_string(out, rule.id);
    out += ",\"action\":";
    append_json_string(out, to_string(rule.action));
    out.append(",\"shadow\":").append(rule.shadow ? "true" : "false");
    out.append(",\"failed\":").append(rule.failed ? "true}" : "false}");
  }
  out += "]}";
  return out;
}

std::string filter_error(const BadBody& problem) {
  std::string out = "{\"error\":{\"message\":";
  append_json_string(out, problem.param.empty() ? problem.message : problem.param + ": " + problem.message);
  out += ",\"type\":\"invalid_request_error\",\"param\":";
  if (problem.param.empty()) {
    out += "null";
  } else {
    append_json_string(out, problem.param);
  }
  out += "}}";
  return out;
}

}  // namespace plimsoll::wire
