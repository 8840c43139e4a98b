// The facts of one decision as CEL sees them.
//
// Every name that a condition may use is one row of a table: a name, a type and a function of the scene. The
// same row serves `prompt.jailbreak_score`, `output.jailbreak_score` and the bare `jailbreak_score`. Nothing
// is computed or copied before a condition asks; dotted names are declared as variables of their own, so that
// the common case is one indexed call.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cel/cel.h"
#include "policy/facts.h"

namespace plimsoll::policy {

class Scene;

struct Field {
  std::string name;
  cel::Type type;
  cel::Value (*get)(const Scene& scene, std::size_t argument);
  std::size_t argument = 0;
  std::optional<Category> category = std::nullopt;  // what it tells about, for `redact` without a list
  bool is_text = false;                             // the traffic's own words: never shown
};

// A name that stands for several: "prompt", "caller". Empty unless the direction is `only`.
struct Group {
  std::string name;
  std::string type_name;
  std::vector<Field> fields;
  std::optional<Direction> only;
};

struct Variable {
  std::string name;
  Field field;
  std::optional<Direction> only;
  bool is_group = false;
};

class Vocabulary {
 public:
  Vocabulary();
  const cel::Environment& environment() const { return environment_; }
  const std::vector<Variable>& variables() const { return variables_; }
  const std::vector<Group>& groups() const { return groups_; }

 private:
  void declare(Variable variable);

  cel::Environment environment_;
  std::vector<Variable> variables_;
  std::vector<Group> groups_;
};

// The one vocabulary; built on first use.
const Vocabulary& vocabulary();

// Borrows the facts. One thread.
class Scene : public cel::Activation {
 public:
  explicit Scene(const Facts& facts);
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene() override;

  cel::Value get(std::size_t variable) const override;

  const Facts& facts() const { return facts_; }
  double score(Category category) const { return scores_[category]; }
  const Scores& scores() const { return scores_; }  // detected, reported and claimed: the maximum
  bool contains(Category category) const { return present_.has(category); }
  bool lawful_basis() const { return facts_.caller.lawful_basis || facts_.context.lawful_basis; }
  std::string_view text() const;  // all segments, joined by newlines when first asked for
  cel::Value group(std::size_t index) const;
  cel::Value findings() const;
  cel::Value entities() const;
  cel::Value context() const;
  cel::Value tools() const;

 private:
  class GroupView;
  class Views;
  Views& views() const;

  const Facts& facts_;
  Scores scores_;
  Categories present_;  // found or claimed
  mutable std::optional<std::string> text_;
  mutable std::unique_ptr<Views> views_;  // what conditions hold on to by reference
};

}  // namespace plimsoll::policy
