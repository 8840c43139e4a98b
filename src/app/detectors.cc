#include "detectors.h"

#include <thread>
#include <utility>

#include "base/log.h"
#include "base/memory.h"
#include "detect/rules.h"

namespace plimsoll::app {
namespace {

bool ask_for_the_same(const policy::Settings& a, const policy::Settings& b) {
  return a.detection_model == b.detection_model && a.detection_names == b.detection_names &&
         a.detection_model_alone == b.detection_model_alone && a.detection_rules == b.detection_rules;
}

}  // namespace

Result<std::shared_ptr<const detect::Detector>> make_detector(
    const policy::Settings& settings, const std::optional<classify::Model>& risk_model) {
  detect::Options options{.rules = settings.detection_rules,
                          .model = {},
                          .names = {},
                          .model_alone = settings.detection_model_alone};
  if (settings.detection_model && risk_model) {
    options.model = risk_model;
  } else if (settings.detection_model) {
    const std::jthread meanwhile([] { detect::shipped_rules(); });  // which takes as long as the model does
    auto model = detect::shipped_model();
    if (!model) return std::unexpected(std::move(model).error().in("the program's risk model"));
    options.model = *std::move(model);
  }
  if (settings.detection_names) {
    auto names = detect::shipped_names();
    if (!names) return std::unexpected(std::move(names).error().in("the program's model of names"));
    options.names = *std::move(names);
  }
  return detect::Detector::create(std::move(options));
}

Guards open_guards(std::vector<gateway::GuardServer>& servers) {
  Guards out;
  for (gateway::GuardServer& server : servers) {
    std::string& why = out[server.name];
    if (!server.encoder) continue;
    const auto opened = encoder::Encoder::open(*server.encoder);
    if (!opened) {
      why = opened.error().message;
      log_warn("an encoder cannot be used; policies that ask it are refused",
               {{"guard", server.name}, {"error", why}});
      continue;
    }
    server.service = std::make_shared<encoder::Service>(
        [encoder = *opened](std::string_view text, encoder::Clock::time_point deadline,
                            const std::atomic<bool>& given_up) {
          return encoder->score(text, deadline, given_up);
        },
        server.threads, server.max_waiting);
  }
  return out;
}

Result<void> check_guards(const policy::Settings& settings, const Guards& guards) {
  for (const policy::SecondOpinion& opinion : settings.second_opinions) {
    const auto found = guards.find(opinion.guard);
    if (found == guards.end())
      return fail(Code::kInvalid, "the policy asks the guard '" + opinion.guard +
                                      "', which the configuration's guards do not name");
    if (!found->second.empty())
      return fail(Code::kInvalid, "the policy asks the guard '" + opinion.guard +
                                      "', which cannot be used: " + found->second);
  }
  return {};
}

Result<std::unique_ptr<Governor>> Governor::open(const policy::Store& policies, std::string risk_model,
                                                 Guards guards) {
  std::unique_ptr<Governor> governor(new Governor(policies, std::move(risk_model), std::move(guards)));
  if (auto there = check_guards(policies.current()->settings(), governor->guards_); !there)
    return std::unexpected(std::move(there).error());
  std::optional<classify::Model> model;
  if (!governor->path_.empty()) {
    auto read = classify::Model::load(governor->path_);
    if (!read) return std::unexpected(std::move(read).error().in("PLIMSOLL_RISK_MODEL (risk_model)"));
    model = *std::move(read);
  }
  if (auto made = governor->make(policies.current(), std::move(model)); !made)
    return std::unexpected(std::move(made).error());
  return governor;
}

Result<void> Governor::make(std::shared_ptr<const policy::Policy> policy,
                            std::optional<classify::Model> model) {
  auto detector = make_detector(policy->settings(), model);
  if (!detector) return std::unexpected(std::move(detector).error());
  model_ = std::move(model);
  snapshot_.replace(std::make_shared<decide::Governance>(std::move(policy), *std::move(detector)));
  give_back_memory();
  return {};
}

Result<void> Governor::follow_policy() {
  const auto now = snapshot_.get();
  auto policy = policies_.current();
  if (policy == now->policy) return {};
  if (auto there = check_guards(policy->settings(), guards_); !there) return there;
  if (!ask_for_the_same(policy->settings(), now->policy->settings())) return make(std::move(policy), model_);
  snapshot_.replace(std::make_shared<decide::Governance>(std::move(policy), now->detector));
  return {};
}

Result<void> Governor::reload_model() {
  if (path_.empty()) return {};
  auto model = classify::Model::load(path_);
  if (!model) return std::unexpected(std::move(model).error());
  if (model_ && model->version() == model_->version()) return {};
  return make(snapshot_.get()->policy, *std::move(model));
}

}  // namespace plimsoll::app
