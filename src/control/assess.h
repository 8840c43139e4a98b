// An event through the same inspection and the same decision as traffic that passes the gateway.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "batch.h"
#include "decide/accumulate.h"
#include "decide/governance.h"
#include "model/action.h"
#include "vault/vault.h"

namespace plimsoll::control {

struct Assessed {
  std::string entry;     // for the log
  std::int64_t key = 0;  // store::event_key of its id, as the log has it
  Action action = Action::kAllow;
  bool asl = false;  // a trigger fired
};

// What events of one batch have in common.
struct Reported {
  const decide::Governance& governance;
  std::string_view commitment_key;     // where there is no vault
  vault::Vault* vault;                 // or null
  decide::Accumulators* accumulators;  // or null
  std::string_view instance, request_id;
  std::string_view reporter;  // who reported it, as the log has it; empty: not known
  bool authenticated;
};

// The id as the log has it: one in which something is found becomes a pseudonym, as does any other name.
std::string plain_id(std::string id, const Reported& reported);

// Takes the event's texts. `sequence`: which decision of the instance it is. Any thread; never throws but for memory.
Assessed assess(IngestEvent event, const Reported& reported, std::uint64_t sequence);

}  // namespace plimsoll::control
