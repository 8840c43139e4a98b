// Decides which text of a streamed answer may leave.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decide/judge.h"
#include "decide/keeper.h"
#include "wire/stream.h"
#include "wire/surfaces.h"

namespace plimsoll::gateway {

using namespace decide;

// One per answer. Each channel has its own inspector; the findings of all of them are the facts of one
// verdict, which can only get stricter as the answer grows. Text passes once nothing in it can still become
// part of a match; what the policy redacts is replaced on the way; the first refusal withholds everything
// after it.
//
// With a corpus, an answer's last words are held back as long as they may be the beginning of a passage copied word for
// word; from the first copied passage on, a channel's text is held until its end, when its ratio is known. Where it is
// then to be summarized, its copied passages are cut out.
class StreamGuard final : public wire::TextFilter {
 public:
  // The references must outlive the guard. `about` gives surface and model; its segments are ignored.
  StreamGuard(PolicyPtr policy, const detect::Detector& detector, detect::Scratch& scratch,
              wire::Protocol protocol, const Conversation& about, const Caller& caller,
              const policy::Context& context, std::string_view commitment_key, Faults faults = {},
              CorpusPtr corpus = nullptr, vault::Vault* vault = nullptr);
  ~StreamGuard() override;

  bool feed(wire::Channel channel, std::string_view text, std::string& out) override;
  bool finish(wire::Channel channel, std::string& out) override;

  // The answer cannot be judged piece by piece: the policy's rules read its text, it is to be summarized, or it is
  // to be redacted before anything was found, so that nothing says where. Ask before the first feed().
  bool must_gather() const;

  const Judgement& judgement() const { return judgement_; }
  bool withheld() const { return !judgement_.verdict.allowed(); }

  // What is recorded of the whole answer. Call once, at its end.
  Event event(std::string_view request_id, std::string_view detector_revision);

 private:
  struct Lane;
  Lane& lane(wire::Channel channel);
  // The inspector's next step; nullopt when it fails.
  std::optional<detect::StreamInspector::Step> inspect(Lane& lane, const std::string_view* piece);
  bool advance(Lane& lane, const std::string_view* piece, std::string& out);
  bool take(Lane& lane, detect::StreamInspector::Step step, std::string& out);
  void release(Lane& lane, std::size_t end, std::string& out);
  void keep(const Lane& lane, std::size_t end);
  bool decide();
  bool to_be_summarized_otherwise() const;

  const detect::Detector& detector_;
  detect::Scratch& scratch_;
  wire::Protocol protocol_;
  const Caller& caller_;
  const policy::Context& context_;
  std::string_view commitment_key_;
  Conversation output_;
  Judgement judgement_;
  Faults faults_;
  Keeper keeper_;
  bool begun_ = false;  // something may have left
  // Some of it was not inspected, and the policy lets that pass: what the record says of it.
  std::optional<std::pair<RuleHit, std::string>> opened_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace plimsoll::gateway
