#include "read_facts.h"

#include <array>

#include "base/json.h"
#include "yaml/numbers.h"

namespace plimsoll::policy {

using namespace yaml;

void FixtureReader::read_segment(const Node& node, Fixture& out) {
  auto& segments = out.conversation_.segments;
  Segment segment;
  segment.role = out.conversation_.direction == Direction::kPrompt ? Role::kUser : Role::kAssistant;
  segment.pointer = "/" + std::to_string(segments.size());
  if (node.kind == Node::Kind::kMap) {
    Fields fields(node, "a segment", problems_);
    fields.require("text");
    fields.read("text", segment.text);
    fields.choose<Role>({"role"}, segment.role,
                        {{"system", Role::kSystem},
                         {"user", Role::kUser},
                         {"assistant", Role::kAssistant},
                         {"tool", Role::kTool}});
    fields.choose<SegmentKind>({"kind"}, segment.kind,
                               {{"text", SegmentKind::kText},
                                {"tool_definition", SegmentKind::kToolDefinition},
                                {"tool_arguments", SegmentKind::kToolArguments},
                                {"tool_result", SegmentKind::kToolResult},
                                {"attachment", SegmentKind::kAttachment}});
    fields.finish();
  } else if (auto text = read_text(node, "text", problems_)) {
    segment.text = *std::move(text);
  }
  segments.push_back(std::move(segment));
}

void FixtureReader::read_texts(Fields& fields, Fixture& out) {
  const Node* prompt = fields.get("prompt");
  const Node* output = fields.get("output");
  if ((prompt == nullptr) == (output == nullptr)) {
    problems_.add(fields.node().mark, "expected exactly one of 'prompt' and 'output'");
    return;
  }
  const Node& node = prompt != nullptr ? *prompt : *output;
  out.conversation_.direction = prompt != nullptr ? Direction::kPrompt : Direction::kOutput;
  out.conversation_.surface = prompt != nullptr ? "filter.prompt" : "filter.output";
  if (node.kind != Node::Kind::kList) return read_segment(node, out);
  for (const Node& item : node.items) read_segment(item, out);
}

void FixtureReader::read_scores(const Node& node, std::string_view name, Scores& out) {
  if (node.kind != Node::Kind::kMap)
    problems_.add(node.mark, "'" + std::string(name) + "' must be a mapping of categories to scores; found " +
                                 std::string(describe(node)));
  for (const Member& member : node.members) {
    const auto category = read_category(member.key, member.mark, problems_);
    const auto score = read_number(member.value, member.key, {0, 1}, problems_);
    if (category && score) out.raise(*category, *score);
  }
}

void FixtureReader::read_findings(const Node& node, Fixture& out) {
  if (node.kind != Node::Kind::kList)
    problems_.add(node.mark, "'findings' must be a list; found " + std::string(describe(node)));
  for (const Node& item : node.items) {
    Fields fields(item, "a finding", problems_);
    Finding finding;
    std::string entity, detector = "case";
    fields.require("category");
    if (const Node* category = fields.get("category"); category != nullptr)
      if (const auto name = read_text(*category, "category", problems_))
        finding.category = read_category(*name, category->mark, problems_).value_or(Category::kPii);
    fields.read("entity", entity);
    fields.read("detector", detector);
    fields.read("confidence", finding.confidence, {0, 1});
    std::uint64_t segment = 0, begin = 0, end = 0;
    const auto most = out.conversation_.segments.empty() ? 0 : out.conversation_.segments.size() - 1;
    fields.read("segment", segment, 0, most);
    finding.segment = static_cast<std::uint32_t>(segment);
    if (const Node* span = fields.get("span")) {
      Fields bounds(*span, "a span", problems_);
      constexpr std::uint64_t kMost = 1U << 30U;
      bounds.read("begin", begin, 0, kMost);
      bounds.read("end", end, begin, kMost);
      bounds.finish();
      finding.span = {begin, end};
    }
    fields.finish();
    finding.entity = out.names_.emplace_back(std::move(entity));
    finding.detector = out.names_.emplace_back(std::move(detector));
    out.found_.findings.push_back(finding);
  }
}

void FixtureReader::read_accumulated(const Node& node, Fixture& out) {
  if (node.kind != Node::Kind::kList)
    problems_.add(node.mark, "'accumulated' must be a list; found " + std::string(describe(node)));
  for (const Node& item : node.items) {
    Fields fields(item, "what is accumulated", problems_);
    Accumulated fact;
    std::string id;
    fields.require("id");
    fields.read("id", id);
    fields.choose<Per>({"per"}, fact.per,
                       {{"user", Per::kUser}, {"org", Per::kOrg}, {"session", Per::kSession}});
    fields.read("score", fact.score, {0, 1});
    fields.read("count", fact.count, 0, 1'000'000'000);
    fields.read("sum", fact.sum, {0, 1e9});
    fields.read("noticed", fact.noticed);
    fields.finish();
    fact.id = out.names_.emplace_back(std::move(id));
    out.accumulated_.push_back(fact);
  }
}

void FixtureReader::read_caller(const Node& node, Caller& out) {
  Fields fields(node, "'caller'", problems_);
  fields.read("user", out.user);
  fields.read("org", out.org);
  fields.choose<std::optional<Tier>>({"tier"}, out.tier,
                                     {{"general", Tier::kGeneral},
                                      {"enterprise", Tier::kEnterprise},
                                      {"research_sandbox", Tier::kResearchSandbox},
                                      {"untiered", std::nullopt}});
  fields.read("authenticated", out.authenticated);
  fields.read("lawful_basis", out.lawful_basis);
  fields.finish();
}

void FixtureReader::read_context_member(const Node& node, Fixture& out) {
  auto value = to_json_value(node);
  if (!value.is_object()) {
    problems_.add(node.mark, "'context' must be a mapping; found " + std::string(describe(node)));
    return;
  }
  out.raw_ = std::move(value.get_object());
  auto context = read_context(out.raw_);
  if (context)
    out.context_ = *std::move(context);
  else
    problems_.add(node.mark, context.error().message);
}

std::unique_ptr<Fixture> FixtureReader::read(Fields& fields) {
  std::unique_ptr<Fixture> out(new Fixture);
  out->context_.raw = &out->raw_;
  read_texts(fields, *out);
  if (const Node* node = fields.get("context")) read_context_member(*node, *out);
  if (const Node* node = fields.get("scores")) read_scores(*node, "scores", out->found_.scores);
  if (const Node* node = fields.get({"reported", "risk_scores"}))
    read_scores(*node, "reported", out->reported_);
  if (const Node* node = fields.get("accumulated")) read_accumulated(*node, *out);
  if (const Node* node = fields.get("findings")) read_findings(*node, *out);
  if (const Node* node = fields.get("caller")) read_caller(*node, out->caller_);
  fields.read("model", out->conversation_.model);
  fields.read("surface", out->conversation_.surface);
  fields.read("tools", out->conversation_.tools);
  fields.read("stream", out->conversation_.stream);
  // As the gateway does: what a context says of the caller counts only where nobody has signed in.
  Caller& caller = out->caller_;
  if (!caller.authenticated) {
    if (!caller.tier) caller.tier = out->context_.tier;
    if (caller.user.empty()) caller.user = out->context_.user;
    if (caller.org.empty()) caller.org = out->context_.org;
  }
  return out;
}

Node to_node(const boost::json::value& value) {
  Node node;
  switch (value.kind()) {
    case json::kind::null:
      return node;
    case json::kind::object:
      node.kind = Node::Kind::kMap;
      for (const auto& member : value.get_object())
        node.members.push_back({std::string(member.key()), {}, to_node(member.value())});
      return node;
    case json::kind::array:
      node.kind = Node::Kind::kList;
      for (const auto& item : value.get_array()) node.items.push_back(to_node(item));
      return node;
    case json::kind::string:
      node.quoted = true;
      node.text = value.get_string();
      break;
    case json::kind::double_:
      node.text = number_text(value.get_double());
      break;
    default:
      node.text = plimsoll::to_json(value);
  }
  node.kind = Node::Kind::kScalar;
  return node;
}

namespace {
std::unique_ptr<const Fixture> read_facts(const Node& node, Problems& problems) {
  Fields fields(node, "the facts", problems);
  auto out = FixtureReader(problems).read(fields);
  fields.finish();
  return out;
}
}  // namespace

Result<std::unique_ptr<const Fixture>> facts_from_json(const boost::json::value& facts) {
  Problems problems("facts");
  auto out = read_facts(to_node(facts), problems);
  if (problems.none()) return out;
  std::string message;
  for (const Problem& problem : problems.take()) message += (message.empty() ? "" : "; ") + problem.message;
  return fail(Code::kInvalid, std::move(message));
}

std::expected<std::unique_ptr<const Fixture>, std::vector<Problem>> facts_from_text(std::string_view text,
                                                                                    std::string file) {
  Problems problems(std::move(file));
  std::unique_ptr<const Fixture> out;
  if (const auto value = parse_json(text)) {
    out = read_facts(to_node(*value), problems);
  } else if (const auto root = parse_yaml(text, problems)) {
    out = read_facts(*root, problems);
  }
  if (!problems.none()) return std::unexpected(problems.take());
  return out;
}

}  // namespace plimsoll::policy
