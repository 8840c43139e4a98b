// The texts of one decision, on their way to the vault.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/conversation.h"
#include "model/event.h"
#include "policy/policy.h"
#include "vault/vault.h"

namespace plimsoll::decide {

// Whom a caller's texts belong to: the user, or else the organisation, or else nobody that is known.
std::string subject_of(const Caller& caller);
// The name that part `number` of a decision's texts is sealed under.
std::string part_name(std::string_view decision_id, std::size_t number);

// What is taken out of texts that are kept redacted.
inline const Categories kPrivate = [] {
  Categories all;
  all.add(Category::kPii);
  all.add(Category::kSecret);
  return all;
}();

// Sealed as they come, in parts of kPart bytes, so that a long answer is never held whole. A part is lines of JSON,
// {"segment": <number>, "text": <text>}; a segment may go on in another line, or part.
class Keeper {
 public:
  using Content = policy::Settings::Content;
  static constexpr std::size_t kPart = 16U << 10U;
  static constexpr std::size_t kMost = 1U << 20U;  // bytes of text kept of one decision

  Keeper() = default;  // keeps nothing
  // The vault must outlive it.
  Keeper(vault::Vault& vault, Content content, std::string subject, std::string decision_id);

  bool wanted() const { return vault_ != nullptr; }
  bool redacted() const { return content_ == Content::kRedacted; }
  void add(std::uint32_t segment, std::string_view text);
  // Call once, at the end: what is recorded.
  std::optional<ContentRecord> finish();

 private:
  void seal();

  vault::Vault* vault_ = nullptr;
  Content content_ = Content::kNone;
  std::string subject_, decision_id_;
  std::string part_;
  std::size_t kept_ = 0;
  ContentRecord record_;
};

// Seals the texts of a whole conversation, as the policy has the caller's kept.
std::optional<ContentRecord> keep_texts(vault::Vault& vault, const policy::Settings& settings,
                                        const Caller& caller, std::string_view decision_id,
                                        const Conversation& conversation,
                                        const std::vector<Finding>& findings);

}  // namespace plimsoll::decide
