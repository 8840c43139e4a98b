#include "impl.h"
#include "scene.h"

namespace plimsoll::policy {
namespace {

// Rules are short; a condition that needs more than this is not one a person can review.
constexpr cel::Limits kLimits = {
    .max_source_bytes = 8U << 10U, .max_depth = 100, .max_steps = 20'000, .max_bytes = 256U << 10U};

// What the condition reads is what a `redact` without a list replaces; all findings where it reads no
// category.
Categories categories_read(const cel::Program& program) {
  Categories out;
  for (const std::size_t index : program.variables())
    if (const auto category = vocabulary().variables()[index].field.category) out.add(*category);
  if (out.empty())
    for (std::size_t i = 0; i < kCategoryCount; ++i) out.add(static_cast<Category>(i));
  return out;
}

}  // namespace

std::vector<CompiledRule> compile_rules(std::string_view source, Document& document, Problems& problems) {
  std::vector<CompiledRule> out;
  for (std::size_t i = 0; i < document.rules.size(); ++i) {
    Rule& rule = document.rules[i];
    if (rule.source.kind != Node::Kind::kScalar) continue;
    auto program = cel::Program::compile(vocabulary().environment(), rule.condition, kLimits);
    if (!program) {
      for (const cel::Problem& p : program.error())
        problems.add(place_in_scalar(source, rule.source, p.line, p.column), p.message);
      continue;
    }
    const auto kind = program->type().kind();
    if (kind != cel::Type::Kind::kBool && kind != cel::Type::Kind::kDyn) {
      problems.add(rule.source.mark,
                   "a condition must be true or false; this one is of type " + program->type().to_string());
      continue;
    }
    if (rule.action == Action::kRedact && rule.redact.empty()) rule.redact = categories_read(*program);
    out.push_back({i, *std::move(program)});
  }
  return out;
}

}  // namespace plimsoll::policy
