#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string_view>

#include "detect/detector.h"

extern "C" {
extern const char plimsoll_risk_model[];       // NOLINT: defined by shipped_models.S
extern const char plimsoll_risk_model_end[];   // NOLINT
extern const char plimsoll_names_model[];      // NOLINT
extern const char plimsoll_names_model_end[];  // NOLINT
}

namespace plimsoll::detect {

namespace {

// Gives back the memory of pages that have been read and copied; the file still has them.
void forget(std::string_view bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto past = reinterpret_cast<std::uintptr_t>(bytes.data()) % page;
  if (bytes.size() < 2 * page) return;
  bytes.remove_prefix((page - past) % page);
  ::madvise(const_cast<char*>(bytes.data()), bytes.size() / page * page,
            MADV_DONTNEED);  // NOLINT(*-const-cast)
}

}  // namespace

Result<classify::Model> shipped_model() {
  const std::string_view bytes(plimsoll_risk_model, plimsoll_risk_model_end);
  auto model = classify::Model::parse(bytes);
  forget(bytes);
  return model;
}

Result<std::shared_ptr<const tagger::Tagger>> shipped_names() {
  const std::string_view bytes(plimsoll_names_model, plimsoll_names_model_end);
  auto tagger = tagger::Tagger::create(bytes);
  forget(bytes);
  return tagger;
}

}  // namespace plimsoll::detect
