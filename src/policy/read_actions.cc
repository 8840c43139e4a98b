#include "document.h"
#include "yaml/fields.h"

namespace plimsoll::policy {

using namespace yaml;
namespace {

void read_redact(const Node& node, Settings& settings, Problems& problems) {
  Fields fields(node, "'actions.redact'", problems);
  fields.read("pattern", settings.redaction);
  fields.read("restore", settings.restore);
  fields.finish();
  const Node* pattern = node.find("pattern");
  if (pattern == nullptr || pattern->kind != Node::Kind::kScalar) return;
  if (pattern->text.empty() || pattern->text.size() > 200)
    problems.add(pattern->mark, "'pattern' must be 1 to 200 bytes; '{entity}' in it becomes what was found");
  for (std::size_t at = pattern->text.find('{'); at != std::string::npos;
       at = pattern->text.find('{', at + 1))
    if (pattern->text.compare(at, 8, "{entity}") != 0)
      problems.add(pattern->mark, "unknown placeholder in 'pattern'; the only one is '{entity}'");
}

void read_safe_mode(const Node& node, Settings& settings, Problems& problems) {
  Fields fields(node, "'actions.safe_mode'", problems);
  fields.read("preamble", settings.safety_preamble);
  fields.read("max_temperature", settings.safe_mode_max_temperature, {0, 2});
  fields.finish();
}

void read_escalate(const Node& node, Settings& settings, Problems& problems) {
  Fields fields(node, "'actions.escalate'", problems);
  fields.read("sla_hours", settings.review_sla_hours, {0.25, 8760});
  fields.read("assignee", settings.review_assignee);
  fields.read("message", settings.escalation_message);
  using Second = Settings::Second;
  fields.choose<Second>({"second_reviewer"}, settings.second_reviewer,
                        {{"never", Second::kNever},
                         {"threshold_changes", Second::kThresholds},
                         {"decisions", Second::kDecisions}});
  fields.finish();
}

void read_block(const Node& node, Settings& settings, Problems& problems) {
  Fields fields(node, "'actions.block'", problems);
  fields.read("message", settings.refusal_message);
  fields.finish();
}

void read_care(const Node& node, Settings& settings, Problems& problems) {
  Fields fields(node, "'actions.care'", problems);
  fields.read("message", settings.care_message);
  fields.read("resources", settings.crisis_resources);
  fields.finish();
  if (settings.care_message.empty())
    problems.add(node.mark, "a self-harm refusal is never bare: 'message' must not be empty");
  if (settings.crisis_resources.empty())
    problems.add(node.mark, "a self-harm refusal is never bare: 'resources' must name at least one");
}

}  // namespace

void read_actions(const Node& node, Settings& settings, Problems& problems) {
  Fields fields(node, "'actions'", problems);
  if (const Node* part = fields.get({"redact", "mask"})) read_redact(*part, settings, problems);
  if (const Node* part = fields.get("safe_mode")) read_safe_mode(*part, settings, problems);
  if (const Node* part = fields.get("escalate")) read_escalate(*part, settings, problems);
  if (const Node* part = fields.get("block")) read_block(*part, settings, problems);
  if (const Node* part = fields.get({"care", "self_harm"})) read_care(*part, settings, problems);
  fields.finish();
}

}  // namespace plimsoll::policy
