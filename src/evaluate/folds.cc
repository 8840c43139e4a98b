#include "evaluate/folds.h"

#include <utility>

namespace plimsoll::evaluate {

std::function<Result<DetectorPtr>(std::string_view source)> without_fold(
    std::map<std::string, unsigned, std::less<>> fold_of,
    std::function<Result<DetectorPtr>(unsigned fold)> make) {
  return [fold_of = std::move(fold_of), make = std::move(make),
          made = std::map<unsigned, DetectorPtr>()](std::string_view source) mutable -> Result<DetectorPtr> {
    const auto fold = fold_of.find(source);
    if (fold == fold_of.end()) return fail(Code::kInvalid, "this source is in no fold");
    if (const auto at = made.find(fold->second); at != made.end()) return at->second;
    auto detector = make(fold->second);
    if (detector) made.emplace(fold->second, *detector);
    return detector;
  };
}

}  // namespace plimsoll::evaluate
