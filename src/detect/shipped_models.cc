#include "detect/detector.h"

extern "C" {
extern const char plimsoll_risk_model[];       // NOLINT: defined by shipped_models.S
extern const char plimsoll_risk_model_end[];   // NOLINT
extern const char plimsoll_names_model[];      // NOLINT
extern const char plimsoll_names_model_end[];  // NOLINT
}

namespace plimsoll::detect {

Result<classify::Model> shipped_model() {
  return classify::Model::parse({plimsoll_risk_model, plimsoll_risk_model_end});
}

Result<std::shared_ptr<const tagger::Tagger>> shipped_names() {
  return tagger::Tagger::create({plimsoll_names_model, plimsoll_names_model_end});
}

}  // namespace plimsoll::detect
