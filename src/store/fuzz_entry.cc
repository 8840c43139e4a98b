#include <cstdint>
#include <cstdlib>

#include "base/json.h"
#include "store/rows.h"

using namespace plimsoll;

// Whatever an entry holds: what is taken of it can be put into any database, and is taken the same way twice.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto check = [](bool right) {
    if (!right) std::abort();
  };
  const auto storable = [&](std::string_view text) {
    check(is_utf8(text) && text.find('\0') == std::string_view::npos);
  };
  store::Rows rows;
  store::Rows again;
  const bool read = store::read_entry(0, input, rows).has_value();
  check(store::read_entry(0, input, again).has_value() == read);
  check(rows.events == again.events && rows.acts == again.acts);
  check(rows.events.size() + rows.acts.size() == (read ? 1U : 0U));
  check(rows.reviews.size() <= rows.acts.size());
  for (const auto& row : rows.events) {
    for (const auto* text :
         {&row.event_id, &row.decision_id, &row.request_id, &row.surface, &row.direction, &row.tier, &row.org,
          &row.user, &row.session, &row.model, &row.policy, &row.detectors, &row.content})
      storable(*text);
    for (const auto* list : {&row.rules, &row.reasons, &row.tags, &row.entities})
      for (const auto& item : *list) {
        storable(item);
        check(!item.empty() && item.find('\n') == std::string::npos);
      }
    check(row.review == row.review_due.has_value());
  }
  for (const auto& row : rows.acts)
    for (const auto* text : {&row.type, &row.actor, &row.subject, &row.body}) storable(*text);
  return 0;
}
