#include "resolve.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <tuple>
#include <utility>

namespace plimsoll::detect {
namespace {

constexpr std::string_view kMethodEntity = "SELF_HARM_METHOD";
constexpr std::size_t kMostEntities = 32;
// That text which a rule knows only once it is undone was written so on purpose.
constexpr double kDisguised = .9;

struct Disguise {
  std::string_view id, entity;
  bool often_honest = true;
};

const std::array<Disguise, static_cast<std::size_t>(text::Encoding::kCount)>& ways_to_disguise() {
  static constexpr auto all = [] {
    std::array<Disguise, static_cast<std::size_t>(text::Encoding::kCount)> table{};
    const auto set = [&](text::Encoding e, Disguise d) { table.at(static_cast<std::size_t>(e)) = d; };
    using enum text::Encoding;
    set(kUnicode, {"disguise.unicode", "DISGUISED_LETTERS"});
    set(kEscapes, {"disguise.escapes", "ESCAPED_TEXT"});
    set(kLetters, {"disguise.letters", "DISGUISED_LETTERS"});
    set(kBase64, {"disguise.base64", "ENCODED_TEXT"});
    set(kBase32, {"disguise.base32", "ENCODED_TEXT"});
    set(kHex, {"disguise.hex", "ENCODED_TEXT"});
    set(kDecimal, {"disguise.decimal", "ENCODED_TEXT"});
    set(kBinary, {"disguise.binary", "ENCODED_TEXT", false});
    set(kMorse, {"disguise.morse", "ENCODED_TEXT", false});
    set(kRot13, {"disguise.rot13", "CIPHERED_TEXT", false});
    set(kCaesar, {"disguise.caesar", "CIPHERED_TEXT", false});
    set(kAtbash, {"disguise.atbash", "CIPHERED_TEXT", false});
    set(kReversed, {"disguise.reversed", "CIPHERED_TEXT", false});
    set(kUpsideDown, {"disguise.upside_down", "CIPHERED_TEXT", false});
    set(kVariationSelectors, {"disguise.variation_selectors", "HIDDEN_TEXT", false});
    set(kTags, {"disguise.tags", "HIDDEN_TEXT", false});
    set(kZeroWidth, {"disguise.zero_width", "HIDDEN_TEXT", false});
    return table;
  }();
  return all;
}

}  // namespace

Resolver::Resolver(const RuleSet& rules) : rules_(&rules) {
  std::array<std::vector<std::string_view>, kCategoryCount> entities;
  const auto add = [&](Category category, std::string_view entity, double weight) {
    const auto c = static_cast<std::size_t>(category);
    auto& names = entities[c];
    const auto at = static_cast<std::size_t>(std::ranges::find(names, entity) - names.begin());
    if (weight > 0 && at == names.size() && at < kMostEntities) names.push_back(entity);
    if (weight > 0) by_category_[c].push_back(static_cast<std::uint16_t>(signals_.size()));
    signals_.push_back({.category = category,
                        .entity = static_cast<std::uint16_t>(std::min(at, kMostEntities - 1)),
                        .weight = static_cast<float>(weight),
                        .method = entity == kMethodEntity});
  };
  for (const auto& compiled : rules.rules())
    add(compiled.rule->category, compiled.rule->entity, compiled.rule->weight);
  for (const auto& meeting : rules.meetings()) {
    for (auto rest = meeting.ideas; rest != 0; rest &= rest - 1)
      by_idea_.at(static_cast<std::size_t>(std::countr_zero(rest)))
          .push_back({.ideas = meeting.ideas,
                      .distance = static_cast<std::uint16_t>(meeting.distance),
                      .signal = static_cast<std::uint16_t>(signals_.size())});
    block_size_ = std::max(block_size_, meeting.distance);
    add(meeting.category, meeting.entity, meeting.weight);
  }
  seen_.resize(signals_.size());
  plain_until_.resize(rules.rules().size());
}

void Resolver::reset() {
  std::ranges::fill(seen_, 0);
  std::ranges::fill(plain_until_, 0);
  ideas_.fill(0);
  excused_until_.fill(0);
  block_ = 0;
  in_block_.fill(0);
  weighed_.fill({});
  last_.fill(0);
  clusters_.clear();
  popped_ = 0;
  scores_ = {};
}

void Resolver::fired(std::vector<std::uint16_t>& out) const {
  for (std::size_t i = 0; i < seen_.size(); ++i)
    if (seen_[i] != 0) out.push_back(static_cast<std::uint16_t>(i));
  for (std::size_t i = 1; i < ideas_.size(); ++i)
    if (ideas_.at(i) != 0) out.push_back(static_cast<std::uint16_t>(seen_.size() + i));
}

void Resolver::add(const Hit& found) {
  if (found.rule == kHiddenText) return disguised(Category::kJailbreak, found);
  Hit hit = found;
  // What stands there plainly too is no disguise.
  auto& plain_until = plain_until_[hit.rule];
  if (hit.disguise == text::Encoding::kNone)
    plain_until = std::max(plain_until, hit.end);
  else if (hit.begin < plain_until)
    hit.disguise = text::Encoding::kNone;
  const auto& rule = *rules_->rules()[hit.rule].rule;
  if (!hit.continues) {
    if (rule.weight > 0) signal(hit.rule, hit);
    if (rule.idea != Idea::kNone) return meet(rule.idea, hit);
  }
  if (!rule.reports()) return;
  report(rule.category, rule.entity, rule.id, rule.weight > 0 ? rule.weight : rule.confidence, hit);
  disguised(rule.category, hit);
}

void Resolver::disguised(Category category, const Hit& hit) {
  if (hit.disguise == text::Encoding::kNone) return;
  const auto& how = ways_to_disguise().at(static_cast<std::size_t>(hit.disguise));
  // Personal data and credentials are encoded for honest reasons.
  if (how.often_honest && (category == Category::kPii || category == Category::kSecret)) return;
  scores_.raise(Category::kDisguise, kDisguised);
  report(Category::kDisguise, how.entity, how.id, kDisguised, hit);
}

void Resolver::meet(Idea idea, const Hit& hit) {
  if (hit.begin < excused_until_.at(static_cast<std::size_t>(idea))) return;
  const auto& rule = *rules_->rules()[hit.rule].rule;
  const auto withdrawal = hit.stretched(kWithdrawal);
  for (auto rest = rule.withdraws; rest != 0; rest &= rest - 1) {
    auto& last = ideas_.at(static_cast<std::size_t>(std::countr_zero(rest)));
    if (last != 0 && hit.begin + 1 - last <= withdrawal) last = 0;
  }
  for (auto rest = rule.excuses; rest != 0; rest &= rest - 1) {
    auto& until = excused_until_.at(static_cast<std::size_t>(std::countr_zero(rest)));
    until = std::max(until, hit.end + withdrawal);
  }
  ideas_.at(static_cast<std::size_t>(idea)) = hit.begin + 1;
  if (const auto block = hit.begin / block_size_; block != block_) {
    in_block_ = {block == block_ + 1 ? in_block_[1] : 0, 0};
    block_ = block;
  }
  in_block_[1] |= set_of(idea);
  const auto near_by = hit.stretch == Hit::kPlain ? in_block_[0] | in_block_[1] : ~IdeaSet{0};
  for (const auto& part : by_idea_.at(static_cast<std::size_t>(idea))) {
    if ((part.ideas & ~near_by) != 0) continue;
    const auto distance = hit.stretched(part.distance);
    // The same meeting again says nothing new.
    const auto seen = seen_[part.signal];
    if (seen != 0 && hit.begin + 1 - seen <= distance) continue;
    bool near = true;
    for (auto rest = part.ideas; rest != 0 && near; rest &= rest - 1) {
      const auto last = ideas_.at(static_cast<std::size_t>(std::countr_zero(rest)));
      near = last != 0 && hit.begin + 1 - last <= distance;
    }
    if (!near) continue;
    const auto& m = rules_->meetings()[part.signal - rules_->rules().size()];
    signal(part.signal, hit);
    report(m.category, m.entity, m.id, m.weight, hit);
    disguised(m.category, hit);
  }
}

void Resolver::signal(std::size_t index, const Hit& hit) {
  const auto before = std::exchange(seen_[index], hit.begin + 1);
  const auto& s = signals_[index];
  auto& last = weighed_.at(static_cast<std::size_t>(s.category));
  const Weighed now{.at = hit.begin, .reach = hit.stretched(kScoreReach)};
  // Where nothing is within reach that was not when the last one was weighed, nothing has become more likely.
  const bool nothing_new = before != 0 && now.at >= last.at && last.at + 1 - before <= last.reach &&
                           now.reach <= last.reach + (now.at - last.at);
  last = now;
  if (nothing_new) return;
  scores_.raise(s.category, score(s.category, hit, false));
  double harm = 0;
  switch (s.category) {
    case Category::kToxicity:
    case Category::kCbrn:
    case Category::kExploitation:
      harm = scores_[s.category];
      break;
    case Category::kSelfHarm:
      harm = s.method ? score(s.category, hit, true) : 0;
      break;
    default:
      break;
  }
  if (harm >= .5) scores_.raise(Category::kHarmfulContent, harm);
}

// The chance that at least one of the signals within reach is right.
double Resolver::score(Category category, const Hit& hit, bool methods_only) const {
  const auto reach = hit.stretched(kScoreReach);
  std::array<float, kMostEntities> strongest{};
  for (const auto i : by_category_[static_cast<std::size_t>(category)]) {
    if (seen_[i] == 0 || hit.begin + 1 - seen_[i] > reach || (methods_only && !signals_[i].method)) continue;
    auto& weight = strongest[signals_[i].entity];
    weight = std::max(weight, signals_[i].weight);
  }
  double none = 1;
  for (const auto weight : strongest) none *= 1 - static_cast<double>(weight);
  return 1 - none;
}

void Resolver::report(Category category, std::string_view entity, std::string_view id, double confidence,
                      const Hit& hit) {
  auto& last = last_[static_cast<std::size_t>(category)];
  const auto width = hit.end - hit.begin;
  if (last > popped_) {
    auto& cluster = clusters_[last - 1 - popped_];
    auto& finding = cluster.finding;
    if (hit.begin < finding.span.end || hit.continues) {
      const auto better = std::tuple(confidence, width) > std::tuple(finding.confidence, cluster.width);
      if (!hit.continues && better && hit.begin < finding.span.begin + kNaming) {
        finding.entity = entity;
        finding.detector = id;
        finding.confidence = confidence;
        cluster.width = width;
      }
      finding.span.end = std::max(finding.span.end, hit.end);
      return;
    }
  }
  clusters_.push_back({.finding = {.category = category,
                                   .entity = entity,
                                   .detector = id,
                                   .span = {.begin = hit.begin, .end = hit.end},
                                   .confidence = confidence},
                       .width = width,
                       .reported = hit.begin});
  last = popped_ + clusters_.size();
}

std::size_t Resolver::advance(std::size_t settled, std::size_t arrived, std::size_t hold_back,
                              std::span<const OpenTail> tails, std::vector<Finding>& out) {
  const auto grows = [&](const Finding& finding) {
    return std::ranges::any_of(tails, [&](const OpenTail& tail) {
      return tail.category == finding.category && tail.begin >= finding.span.begin &&
             tail.begin < finding.span.end;
    });
  };
  // What is not over yet waits, whole, unless it has waited long enough; and so does what overlaps that.
  auto decided = settled;
  for (auto it = clusters_.rbegin(); it != clusters_.rend(); ++it) {
    const auto& span = it->finding.span;
    const bool over = span.end <= decided && !grows(it->finding);
    if (!over && !it->started && arrived - span.begin <= hold_back) decided = std::min(decided, span.begin);
  }
  for (auto& cluster : clusters_) {
    auto part = cluster.finding;
    part.span = {.begin = cluster.reported, .end = std::min(part.span.end, decided)};
    if (part.span.begin >= part.span.end) continue;
    part.continuation = cluster.started;
    out.push_back(part);
    cluster.started = true;
    cluster.reported = part.span.end;
  }
  while (!clusters_.empty() && !grows(clusters_.front().finding) &&
         clusters_.front().finding.span.end <= decided) {
    clusters_.pop_front();
    ++popped_;
  }
  return decided;
}

}  // namespace plimsoll::detect
