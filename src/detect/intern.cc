#include "intern.h"

#include <mutex>
#include <set>
#include <string>

namespace plimsoll::detect {

std::string_view intern(std::string_view name) {
  static std::mutex mutex;
  static std::set<std::string, std::less<>> names;
  const std::scoped_lock lock(mutex);
  auto found = names.find(name);
  if (found == names.end()) found = names.emplace(name).first;
  return *found;
}

}  // namespace plimsoll::detect
