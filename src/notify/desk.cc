#include "desk.h"

#include "base/files.h"
#include "base/json.h"
#include "base/log.h"
#include "triggers.h"

namespace plimsoll::notify {
namespace {

constexpr std::size_t kMaxStateBytes = 16U << 20U;
constexpr auto kNoteProgress =
    std::chrono::seconds(5);  // a position is written down so often where nothing happens

}  // namespace

Result<std::unique_ptr<Desk>> Desk::open(const std::string& folder, std::span<const Destination> destinations,
                                         const Log& log, Time now, Files& files, Outbox::Limits limits) {
  auto outbox = Outbox::open(folder + "/outbox", files, limits);
  if (!outbox) return std::unexpected(std::move(outbox).error());
  std::unique_ptr<Desk> out(
      new Desk(folder + "/state.json", *std::move(outbox), Gatherer(destinations, log.origin), files));
  out->origin_ = log.origin;
  out->position_ = log.size;
  const auto text = read_file(out->path_, kMaxStateBytes);
  if (!text && text.error().code != Code::kNotFound) return std::unexpected(text.error());
  const auto value =
      text ? parse_json(*text, {.max_bytes = kMaxStateBytes}) : Result<json::value>(json::value());
  const auto* origin = value ? find_string(*value, "origin") : nullptr;
  const auto* next = value ? find(*value, "next") : nullptr;
  const bool usable = origin != nullptr && next != nullptr && next->is_int64() && next->get_int64() >= 0;
  if (text && !usable)
    log_error("notices: the state cannot be read; beginning at the end of the log", {{"file", out->path_}});
  if (usable && *origin == log.origin && static_cast<ledger::Index>(next->get_int64()) <= log.size) {
    out->position_ = static_cast<ledger::Index>(next->get_int64());
    out->gatherer_.restore(*value);
  } else if (usable) {
    log_warn("notices: the state is of another log; beginning at the end of this one",
             {{"file", out->path_}});
  }
  // What was about to leave does, before anything is added to it.
  if (auto saved = out->save(now); !saved) return std::unexpected(std::move(saved).error());
  for (const auto& addressed : out->gatherer_.leaving())
    if (auto put = out->outbox_.put(addressed, now); !put) return std::unexpected(std::move(put).error());
  out->gatherer_.left(now);
  if (auto saved = out->save(now); !saved) return std::unexpected(std::move(saved).error());
  return out;
}

bool Desk::read(ledger::Index index, std::string_view entry) {
  bool any = false;
  for (const auto& trigger : triggers_of(index, entry)) {
    ++triggers_;
    any |= gatherer_.add(trigger);
  }
  position_ = index + 1;
  changed_ |= any;
  return any;
}

Result<void> Desk::settle(Time now) {
  const auto leaving = gatherer_.leave(now);
  const bool progress = position_ != saved_ && (now >= saved_at_ + kNoteProgress || now < saved_at_);
  if (leaving.empty() && !changed_ && !progress) return {};
  if (auto saved = save(now); !saved) return saved;
  if (leaving.empty()) return {};
  for (const auto& addressed : leaving)
    if (auto put = outbox_.put(addressed, now); !put) {
      changed_ = true;
      return put;
    }
  gatherer_.left(now);
  return save(now);
}

Result<void> Desk::save(Time now) {
  auto state = gatherer_.to_object();
  state["next"] = position_;
  state["origin"] = origin_;
  state["v"] = 1;
  auto written = files_.replace(path_, to_json(state));
  changed_ = !written;
  if (!written) return written;
  saved_ = position_;
  saved_at_ = now;
  return written;
}

}  // namespace plimsoll::notify
