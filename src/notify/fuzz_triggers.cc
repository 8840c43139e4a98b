#include <cstdint>
#include <string_view>

#include "base/json.h"
#include "formats.h"
#include "triggers.h"

// Any entry of a log: its notices can be written in every form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  for (const auto& trigger : notify::triggers_of(1, {reinterpret_cast<const char*>(data), size})) {
    const notify::Notice notice{.id = "n",
                                .first = trigger,
                                .count = 1,
                                .subjects = {trigger.subject},
                                .last = trigger.time,
                                .origin = "log"};
    notify::Destination to;
    to.from = "a@b";
    to.to = {"c@d"};
    to.link_base = "https://example.org";
    for (const auto kind : {notify::Kind::kWebhook, notify::Kind::kSlack, notify::Kind::kPagerDuty}) {
      to.kind = kind;
      if (!parse_json(notify::http_message(to, notice, Time()).body)) __builtin_trap();
    }
    const auto mail = notify::mail_message(to, notice, Time());
    for (const char c : mail)
      if (c != '\r' && c != '\n' && (c < 0x20 || c >= 0x7F)) __builtin_trap();
  }
  return 0;
}
