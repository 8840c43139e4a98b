// Several sources left out at a time.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "evaluate/evaluate.h"

namespace plimsoll::evaluate {

// Subject::without() for models that are trained once per fold instead of once per source: `make(f)` is the
// detector that saw none of the sources in fold f. It is made when first asked for and kept. A source of no
// fold is kInvalid.
std::function<Result<DetectorPtr>(std::string_view source)> without_fold(
    std::map<std::string, unsigned, std::less<>> fold_of,
    std::function<Result<DetectorPtr>(unsigned fold)> make);

}  // namespace plimsoll::evaluate
