// `guards` of the configuration: models that are asked for second opinions (docs/second_opinions.md).
#include <algorithm>
#include <unordered_set>

#include "config_upstreams.h"

namespace plimsoll::app {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Problems;

std::string at(std::size_t i) {
  return "guards[" + std::to_string(i) + "]";
}

void read_kind(Fields& fields, gateway::GuardServer& server, Problems& problems) {
  fields.require("kind");
  const Node* node = fields.get("kind");
  if (node == nullptr) return;
  const auto text = yaml::read_text(*node, "kind", problems);
  if (!text) return;
  if (*text == "onnx")
    server.encoder.emplace();
  else if (const auto kind = opinion::parse_kind(*text))
    server.kind = *kind;
  else
    problems.add(node->mark,
                 "'kind' must be llama_guard, granite_guardian, shield_gemma, gpt_oss_safeguard, "
                 "qwen3_guard, moderations or onnx");
}

void read_served(Fields& fields, NamedGuard& guard) {
  gateway::GuardServer& server = guard.server;
  fields.require("url");
  fields.read("url", guard.url);
  fields.read("model", server.model);
  fields.read("api_key_env", guard.api_key_env);
  fields.read("ca_file", server.client.ca_file);
  std::uint64_t concurrent = server.max_concurrent;
  fields.read("max_concurrent", concurrent, 1, 1'024);
  server.max_concurrent = static_cast<unsigned>(concurrent);
}

// What each of the model's outputs means: a category, or "none".
void read_labels(Fields& fields, encoder::Options& encoder, Problems& problems) {
  fields.require("labels");
  const Node* node = fields.get("labels");
  if (node == nullptr) return;
  const auto names = yaml::read_texts(*node, "labels", problems);
  if (!names) return;
  for (const std::string& name : *names)
    encoder.labels.push_back(name == "none" ? std::nullopt : yaml::read_category(name, node->mark, problems));
  if (std::ranges::all_of(*names, [](const std::string& name) { return name == "none"; }))
    problems.add(node->mark, "'labels' must name the category of one output at least");
}

void read_encoder(Fields& fields, gateway::GuardServer& server, Problems& problems) {
  encoder::Options& encoder = *server.encoder;
  fields.require("model");
  fields.read("model", encoder.model);
  fields.require("vocabulary");
  fields.read("vocabulary", encoder.vocabulary);
  fields.read("runtime", encoder.runtime);
  read_labels(fields, encoder, problems);
  fields.choose<bool>({"scores"}, encoder.exclusive, {{"softmax", true}, {"sigmoid", false}});
  fields.read("lower_case", encoder.lower_case);
  std::uint64_t tokens = encoder.max_tokens;
  fields.read("max_tokens", tokens, 8, 8'192);
  encoder.max_tokens = tokens;
  std::uint64_t threads = server.threads;
  fields.read("threads", threads, 1, 64);
  server.threads = static_cast<unsigned>(threads);
  std::uint64_t waiting = server.max_waiting;
  fields.read("max_waiting", waiting, 0, 4'096);
  server.max_waiting = waiting;
}

NamedGuard read_guard(const Node& node, Problems& problems) {
  NamedGuard out;
  gateway::GuardServer& server = out.server;
  Fields fields(node, "a guard", problems);
  fields.require("name");
  fields.read("name", server.name);
  read_kind(fields, server, problems);
  if (server.encoder)
    read_encoder(fields, server, problems);
  else
    read_served(fields, out);
  auto deadline = static_cast<std::uint64_t>(server.deadline.count());
  fields.read("deadline_ms", deadline, 10, 60'000);
  server.deadline = std::chrono::milliseconds(deadline);
  std::uint64_t bytes = server.max_text_bytes;
  fields.read("max_text_bytes", bytes, 256, 1U << 20U);
  server.max_text_bytes = bytes;
  server.client.connect_timeout = server.client.response_timeout = server.client.read_timeout =
      server.deadline;
  fields.finish();
  return out;
}

}  // namespace

void read_guards(Fields& file, Config& c, Problems& problems) {
  const Node* node = file.get("guards");
  if (node == nullptr) return;
  if (node->kind != Node::Kind::kList) {
    problems.add(node->mark, "'guards' must be a list; found " + std::string(yaml::describe(*node)));
    return;
  }
  for (const Node& item : node->items) c.guards.push_back(read_guard(item, problems));
}

void read_guard_secrets(const Environment& environment, Config& c, std::vector<std::string>& problems) {
  for (std::size_t i = 0; i < c.guards.size(); ++i)
    read_named(environment, at(i) + ".api_key_env", c.guards[i].api_key_env, c.guards[i].server.api_key,
               problems);
}

std::expected<std::vector<gateway::GuardServer>, std::vector<std::string>> Config::guard_servers() const {
  std::vector<gateway::GuardServer> out;
  std::vector<std::string> problems;
  std::unordered_set<std::string> names;
  for (std::size_t i = 0; i < guards.size(); ++i) {
    gateway::GuardServer server = guards[i].server;
    if (server.name.empty()) problems.push_back(at(i) + ".name: must be set");
    if (!names.insert(server.name).second) problems.push_back(at(i) + ".name: another guard has it");
    if (server.encoder) {
      out.push_back(std::move(server));
      continue;
    }
    if (server.model.empty() && server.kind != opinion::Kind::kModerations)
      problems.push_back(at(i) + ".model: must be set: the model's name at its server");
    if (auto origin = net::parse_origin(guards[i].url))
      server.origin = *std::move(origin);
    else
      problems.push_back(at(i) + ".url: " + origin.error().message);
    out.push_back(std::move(server));
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return out;
}

}  // namespace plimsoll::app
