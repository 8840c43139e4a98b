#include <cstdint>
#include <cstdlib>

#include "evidence/entry.h"

// Whatever is accepted becomes an entry that is read back as it was; incidents likewise.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::evidence;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const plimsoll::Time time{std::chrono::seconds(1'800'000'000)};
  if (const auto submission = read_submission(text)) {
    const auto entry = to_entry(*submission, {}, "e", time);
    if (entry) {
      const auto stored = read_entry(*entry);
      const auto* artifact = stored ? std::get_if<Artifact>(&stored->content) : nullptr;
      if (artifact == nullptr || artifact->submitted != submission->text || stored->time != time ||
          artifact->model_version != submission->model_version)
        std::abort();
    }
  }
  if (const auto report = read_incident(text)) {
    const auto entry = to_entry(*report, {}, "e", time);
    if (entry.size() <= 65'535 && !read_entry(entry)) std::abort();
  }
  if (auto change = read_incident_change(text)) {
    change->incident = std::string(64, 'a');
    const auto entry = to_entry(*change, {}, "e", time);
    if (entry.size() <= 65'535 && !read_entry(entry)) std::abort();
  }
  (void)read_entry(text);
  return 0;
}
