// Facts out of a YAML or JSON tree.
#pragma once

#include <memory>

#include "policy/fixture.h"
#include "yaml/fields.h"

namespace plimsoll::policy {

using namespace yaml;

// Reads the members that facts have; the caller reads what else there may be and finishes the fields.
class FixtureReader {
 public:
  explicit FixtureReader(Problems& problems) : problems_(problems) {}
  std::unique_ptr<Fixture> read(Fields& fields);

 private:
  void read_texts(Fields& fields, Fixture& out);
  void read_segment(const Node& node, Fixture& out);
  void read_scores(const Node& node, std::string_view name, Scores& out);
  void read_findings(const Node& node, Fixture& out);
  void read_accumulated(const Node& node, Fixture& out);
  void read_caller(const Node& node, Caller& out);
  void read_context_member(const Node& node, Fixture& out);

  Problems& problems_;
};

// A JSON value as the tree that YAML gives; every mark is 1:1.
Node to_node(const boost::json::value& value);

}  // namespace plimsoll::policy
