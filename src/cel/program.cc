#include <algorithm>
#include <utility>

#include "base/json.h"
#include "cel/cel.h"
#include "checker.h"
#include "evaluator.h"
#include "parser.h"

namespace plimsoll::cel {
namespace {

void collect_variables(const Node& node, std::vector<std::size_t>& out) {
  if (node.op == Node::Op::kVariable) out.push_back(node.index);
  for (const Node& child : node.children) collect_variables(child, out);
}

std::unexpected<std::vector<Problem>> refuse(std::string message) {
  return std::unexpected(std::vector<Problem>{{.line = 1, .column = 1, .message = std::move(message)}});
}

}  // namespace

struct Program::Impl {
  Node root;
  Type type;
  ObjectTypes objects;
  Limits limits;
  std::size_t locals;
  std::vector<std::size_t> variables;
};

Program::Program(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

std::expected<Program, std::vector<Problem>> Program::compile(const Environment& environment,
                                                              std::string_view source, const Limits& limits,
                                                              bool checked) {
  if (source.size() > limits.max_source_bytes) {
    return refuse("the expression is longer than " + std::to_string(limits.max_source_bytes) + " bytes");
  }
  if (!is_utf8(source)) return refuse("the expression is not valid UTF-8");
  Issues issues;
  const ExprPtr tree = Parser(source, environment.spelled_operators_, limits.max_depth, issues).parse();
  if (tree == nullptr) return std::unexpected(std::move(issues).in(source));
  Checker checker(environment, checked, issues);
  Typed compiled = checker.run(*tree);
  if (!issues.empty()) return std::unexpected(std::move(issues).in(source));

  std::vector<std::size_t> variables;
  collect_variables(compiled.node, variables);
  std::ranges::sort(variables);
  const auto repeated = std::ranges::unique(variables);
  variables.erase(repeated.begin(), repeated.end());
  return Program(std::make_unique<Impl>(Impl{.root = std::move(compiled.node),
                                             .type = std::move(compiled.type),
                                             .objects = environment.objects_,
                                             .limits = limits,
                                             .locals = checker.locals(),
                                             .variables = std::move(variables)}));
}

const Type& Program::type() const {
  return impl_->type;
}

const std::vector<std::size_t>& Program::variables() const {
  return impl_->variables;
}

Result<Value> Program::evaluate(const Activation& activation) const {
  Context context(impl_->limits);
  std::vector<Value> locals(impl_->locals);
  Value scratch;
  const Value* value = Evaluator(impl_->objects, activation, context, locals).eval(impl_->root, scratch);
  if (value == nullptr) return std::unexpected(context.take_error());
  if (value == &scratch) return scratch;
  return *value;
}

}  // namespace plimsoll::cel
