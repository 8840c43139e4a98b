#include "decide/keeper.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "decide/redact.h"

namespace plimsoll::decide {

std::string subject_of(const Caller& caller) {
  if (!caller.user.empty()) return "user:" + caller.user.substr(0, vault::kMaxSubject / 2);
  if (!caller.org.empty()) return "org:" + caller.org.substr(0, vault::kMaxSubject / 2);
  return "unknown";
}

std::string part_name(std::string_view decision_id, std::size_t number) {
  return std::string(decision_id) + "/" + std::to_string(number);
}

Keeper::Keeper(vault::Vault& vault, Content content, std::string subject, std::string decision_id)
    : vault_(content == Content::kNone ? nullptr : &vault),
      content_(content),
      subject_(std::move(subject)),
      decision_id_(std::move(decision_id)) {
  record_.kept = content == Content::kFull ? "full" : "redacted";
}

void Keeper::add(std::uint32_t segment, std::string_view text) {
  if (vault_ == nullptr || text.empty()) return;
  auto room = std::min(text.size(), kMost - kept_);
  if (room < text.size()) {
    record_.complete = false;
    while (room > 0 && (static_cast<unsigned char>(text[room]) & 0xC0U) == 0x80U) --room;
  }
  text = text.substr(0, room);
  kept_ += room;
  if (text.empty()) return;
  part_.append("{\"segment\":").append(std::to_string(segment)).append(",\"text\":");
  append_json_string(part_, text);
  part_.append("}\n");
  if (part_.size() >= kPart) seal();
}

void Keeper::seal() {
  const auto number = record_.parts.size();
  const auto place = number == ContentRecord::kMaxParts
                         ? Result<vault::Place>(fail(Code::kTooLarge, "too many parts"))
                         : vault_->put(subject_, part_name(decision_id_, number), part_);
  part_.clear();
  if (place) {
    record_.parts.push_back({.file = place->file, .offset = place->offset});
    return;
  }
  if (std::exchange(record_.complete, false))
    log_warn("texts of a decision are not kept",
             {{"decision_id", decision_id_}, {"error", place.error().message}});
}

std::optional<ContentRecord> Keeper::finish() {
  if (vault_ == nullptr) return std::nullopt;
  if (!part_.empty()) seal();
  return std::move(record_);
}

std::optional<ContentRecord> keep_texts(vault::Vault& vault, const policy::Settings& settings,
                                        const Caller& caller, std::string_view decision_id,
                                        const Conversation& conversation,
                                        const std::vector<Finding>& findings) {
  Keeper keeper(vault, settings.content_of(caller.tier), subject_of(caller), std::string(decision_id));
  const StandIn for_good = [&](const Finding& finding, std::string_view) {
    return placeholder(settings.redaction, finding);
  };
  for (std::uint32_t i = 0; keeper.wanted() && i < conversation.segments.size(); ++i) {
    const auto& text = conversation.segments[i].text;
    if (keeper.redacted())
      keeper.add(i, redact(text, findings, i, kPrivate, for_good));
    else
      keeper.add(i, text);
  }
  return keeper.finish();
}

}  // namespace plimsoll::decide
