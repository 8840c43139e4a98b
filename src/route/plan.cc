// Which ways there are, and in which order.
#include <algorithm>
#include <array>

#include "impl.h"
#include "provider.h"

namespace plimsoll::route {
namespace {

using wire::Problem;
using wire::ProblemKind;
using wire::Protocol;

constexpr std::size_t kLongestBedrockModel = 2'048;  // an ARN

// What the upstream is spoken to in; nullopt: there is nothing that fits.
std::optional<Protocol> choose(const Upstream& upstream, const Ask& ask, const Surroundings& around) {
  if (ask.count_tokens) {
    const bool counts = upstream.provider != Provider::kBedrock && speaks(upstream, Protocol::kMessages);
    return counts ? std::optional(Protocol::kMessages) : std::nullopt;
  }
  if (speaks(upstream, ask.protocol)) return ask.protocol;
  Protocol from = ask.protocol;
  if (from == Protocol::kCompletion) {
    if (speaks(upstream, Protocol::kChat)) return Protocol::kChat;
    from = Protocol::kChat;
  }
  for (const auto to : {Protocol::kChat, Protocol::kMessages, Protocol::kResponses})
    if (to != from && speaks(upstream, to) && around.carries != nullptr && around.carries(from, to))
      return to;
  return std::nullopt;
}

// Bedrock's paths name the model.
bool can_name(const Upstream& upstream, std::string_view model) {
  if (upstream.provider != Provider::kBedrock) return true;
  return !model.empty() && model.size() <= kLongestBedrockModel && model != "." && model != "..";
}

// `ways` by chance, each as likely to be next as its weight among those left; those without weight last.
std::vector<const Way*> drawn(const std::vector<Way>& ways, const std::function<double()>& chance) {
  std::vector<const Way*> left;
  left.reserve(ways.size());
  std::uint64_t total = 0;
  for (const auto& way : ways) {
    left.push_back(&way);
    total += way.weight;
  }
  for (std::size_t first = 0; first + 1 < left.size() && total > 0; ++first) {
    auto mark = static_cast<std::uint64_t>(std::clamp(chance(), 0.0, 1.0) * static_cast<double>(total));
    mark = std::min(mark, total - 1);
    std::size_t pick = first;
    while (mark >= left[pick]->weight) mark -= left[pick++]->weight;
    total -= left[pick]->weight;
    std::rotate(left.begin() + static_cast<std::ptrdiff_t>(first),
                left.begin() + static_cast<std::ptrdiff_t>(pick),
                left.begin() + static_cast<std::ptrdiff_t>(pick) + 1);
  }
  return left;
}

std::string_view surface_of(const Ask& ask) {
  if (ask.count_tokens) return "token counts (/v1/messages/count_tokens)";
  constexpr std::array<std::string_view, 6> kNames = {
      "chat completions (/v1/chat/completions)", "messages (/v1/messages)",     "responses (/v1/responses)",
      "completions (/v1/completions)",           "embeddings (/v1/embeddings)", "/completion"};
  return kNames.at(static_cast<std::size_t>(ask.protocol));
}

Problem not_found() {
  return {.kind = ProblemKind::kInvalid,
          .status = 404,
          .message = "this gateway has no route for the model that was asked for",
          .code = "model_not_found",
          .param = "model",
          .inner = nullptr};
}

Problem unnamed() {
  return {.kind = ProblemKind::kInvalid,
          .status = 400,
          .message = "the request must name a model",
          .code = "model_not_found",
          .param = "model",
          .inner = nullptr};
}

Problem unspoken(const Ask& ask, const std::string& offered) {
  return {.kind = ProblemKind::kInvalid,
          .status = 400,
          .message = "the server of this model cannot be asked for " + std::string(surface_of(ask)) +
                     "; it speaks: " + offered,
          .code = "unsupported_api",
          .param = {},
          .inner = nullptr};
}

}  // namespace

std::expected<Plan, wire::Problem> Router::plan(const Ask& ask) const {
  const auto* ways = impl_->table.find(ask.model);
  if (ways == nullptr) return std::unexpected(ask.model.empty() ? unnamed() : not_found());

  const auto now = impl_->around.clock();
  Plan plan;
  std::string offered;  // by upstreams that do not fit
  bool nameless = false;
  std::vector<Attempt> resting;  // whose breaker is open
  const auto consider = [&](const Way& way) {
    const Upstream& upstream = impl_->upstream(way.upstream);
    Attempt attempt{.upstream = way.upstream,
                    .protocol = ask.protocol,
                    .model = way.model.empty() ? std::string(ask.model) : way.model,
                    .count_tokens = ask.count_tokens};
    const bool twice = std::ranges::any_of(plan.attempts, [&](const Attempt& other) {
      return other.upstream == attempt.upstream && other.model == attempt.model;
    });
    if (twice) return;
    const auto protocol = choose(upstream, ask, impl_->around);
    if (!protocol) {
      offered = offered.empty() ? spoken(upstream) : offered;
      return;
    }
    if (!can_name(upstream, attempt.model)) {
      nameless = true;
      return;
    }
    const Breaker& breaker = impl_->breakers[way.upstream];
    if (!breaker.allows(now)) {
      impl_->counts(way.upstream).rejected.add();
      attempt.protocol = *protocol;
      resting.push_back(std::move(attempt));
      return;
    }
    attempt.protocol = *protocol;
    plan.attempts.push_back(std::move(attempt));
  };
  for (const auto* way : drawn(ways->to, impl_->around.chance)) consider(*way);
  for (const auto& way : ways->fallback) consider(way);

  // Nobody else to ask: a server that has failed so far may still be better than a certain refusal.
  if (plan.attempts.empty()) plan.attempts = std::move(resting);
  if (!plan.attempts.empty()) return plan;
  if (nameless) return std::unexpected(unnamed());
  return std::unexpected(unspoken(ask, offered));
}

}  // namespace plimsoll::route
