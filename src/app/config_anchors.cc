// `anchors` of the configuration: who is shown the log's checkpoints (docs/anchors.md).
#include <algorithm>

#include "config.h"
#include "yaml/fields.h"

namespace plimsoll::app {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Problems;

void read_witness(const Node& node, Config& c, Problems& problems) {
  Fields fields(node, "a witness", problems);
  std::string line;
  anchor::Options::Witness witness;
  fields.read("vkey", line);
  fields.read("url", witness.url);
  fields.finish();
  auto key = ledger::parse_verifier_key(line);
  if (!key) return problems.add(node.mark, "'vkey': " + key.error().message);
  witness.key = *std::move(key);
  c.anchors.witnesses.push_back(std::move(witness));
}

}  // namespace

void read_anchors(yaml::Fields& file, Config& c, yaml::Problems& problems) {
  const Node* node = file.get("anchors");
  if (node == nullptr) return;
  Fields fields(*node, "'anchors'", problems);
  if (const Node* witnesses = fields.get("witnesses"); witnesses != nullptr) {
    if (witnesses->kind != Node::Kind::kList)
      problems.add(witnesses->mark,
                   "'witnesses' must be a list; found " + std::string(yaml::describe(*witnesses)));
    else
      for (const auto& item : witnesses->items) read_witness(item, c, problems);
  }
  std::uint64_t quorum = c.anchors.witnesses.size();
  fields.read("quorum", quorum, 1, std::max<std::uint64_t>(1, c.anchors.witnesses.size()));
  c.anchors_quorum = quorum;
  fields.read("ca_file", c.anchors.ca_file);
  if (const Node* stamps = fields.get("time_stamps"); stamps != nullptr) {
    Fields stamp(*stamps, "'time_stamps'", problems);
    stamp.read("url", c.anchors.stamp_url);
    stamp.read("ca_file", c.anchors.stamp_ca_file);
    auto seconds = static_cast<std::uint64_t>(c.anchors.stamp_interval.count());
    stamp.read("interval_s", seconds, 1, 86'400);
    c.anchors.stamp_interval = std::chrono::seconds(seconds);
    stamp.finish();
  }
  fields.finish();
}

}  // namespace plimsoll::app
