// Any bytes as a JSON Web Key Set; a key that was read verifies nothing by itself.
#include <cstdlib>

#include "identity/json_web_key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::identity;
  const auto set = KeySet::parse({reinterpret_cast<const char*>(data), size});
  if (!set) return 0;
  if (set->size() == 0 || set->size() > kMaxKeySetKeys) std::abort();
  for (const auto algorithm : {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa})
    if (const auto* key = set->find("", algorithm); key != nullptr)
      if (key->algorithm() != algorithm || key->verifies("text", std::string(64, '\0'))) std::abort();
  return 0;
}
