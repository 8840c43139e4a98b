#include "notices.h"

#include <ostream>

#include "commands.h"

namespace plimsoll::app {

Result<std::unique_ptr<notify::Notifier>> open_notices(const Config& config, const ledger::LogReader& log,
                                                       ledger::Sink& sink) {
  auto destinations = config.destinations();
  if (!destinations) return fail(Code::kInvalid, destinations.error().front());
  if (destinations->empty()) return nullptr;
  return notify::Notifier::open(
      {.folder = config.storage + "/notices", .destinations = *std::move(destinations)}, log, sink);
}

void show_notices(net::Metrics& metrics, const notify::Notifier& notifier) {
  using To = notify::Notifier::Status::To;
  metrics.gauge("plimsoll_notices", "Notices since the start, by what became of them.", [&notifier] {
    net::Metrics::Samples out;
    for (const To& to : notifier.status().destinations) {
      const auto add = [&](const char* outcome, std::uint64_t count) {
        out.push_back({{{"destination", to.name}, {"outcome", outcome}}, static_cast<double>(count)});
      };
      add("delivered", to.delivered);
      add("refused", to.refused);
      add("dropped", to.dropped);
    }
    return out;
  });
  const auto each = [&](std::string_view name, std::string_view help, auto value) {
    metrics.gauge(name, help, [&notifier, value] {
      net::Metrics::Samples out;
      for (const To& to : notifier.status().destinations)
        out.push_back({{{"destination", to.name}}, static_cast<double>(value(to))});
      return out;
    });
  };
  each("plimsoll_notices_waiting", "Notices that are still to be delivered.",
       [](const To& to) { return to.waiting; });
  each("plimsoll_notice_failures", "Attempts to deliver a notice that failed, since the start.",
       [](const To& to) { return to.failed_attempts; });
  metrics.gauge(
      "plimsoll_notice_position", "Entries of the log that were looked at for notices.",
      [&notifier] { return net::Metrics::Samples{{{}, static_cast<double>(notifier.status().position)}}; });
}

int test_notice(const Config& config, const std::string& name, std::ostream& out, std::ostream& err) {
  const auto destinations = config.destinations();
  if (!destinations) {
    for (const auto& problem : destinations.error()) err << problem << '\n';
    return 2;
  }
  const notify::Destination* found = nullptr;
  for (const auto& destination : *destinations)
    if (destination.name == name) found = &destination;
  if (found == nullptr) {
    err << "no destination of 'notices' has this name; there " << (destinations->size() == 1 ? "is" : "are");
    for (const auto& destination : *destinations) err << ' ' << destination.name;
    err << (destinations->empty() ? " none\n" : "\n");
    return 2;
  }
  out << found->describe() << '\n';
  const auto sent = notify::send_test(*found, std::chrono::system_clock::now());
  if (!sent) {
    err << "not delivered: " << sent.error().message << '\n';
    return 1;
  }
  out << "delivered: " << *sent << '\n';
  return 0;
}

}  // namespace plimsoll::app
