#include <cstdint>
#include <cstdlib>
#include <string>

#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "ledger/proof.h"
#include "ledger/tiles.h"
#include "ledger/trust_policy.h"

using namespace plimsoll::ledger;

// What others hand to the log and its verifier. Whatever is accepted must be written again as it was.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto check = [&](bool right) {
    if (!right) std::abort();
  };
  if (const auto tile = parse_tile_path(input)) check(to_path(*tile) == input);
  if (const auto key = parse_verifier_key(input)) check(to_text(*key) == input);
  if (const auto note = parse_note(input)) {
    check(to_text(*note) == input);
    (void)parse_checkpoint(note->text);
  }
  if (const auto checkpoint = parse_checkpoint(input)) check(input.starts_with(to_text(*checkpoint)));
  if (const auto file = parse_proof_file(input)) check(parse_proof_file(to_text(*file)).has_value());
  if (const auto policy = parse_trust_policy(input)) (void)policy->has_quorum({});
  if (size > 0) {
    const auto entries = parse_bundle(input.substr(1), data[0]);
    if (entries) {
      std::string again;
      for (const auto entry : *entries) append_to_bundle(again, entry);
      check(again == input.substr(1));
    }
  }
  return 0;
}
