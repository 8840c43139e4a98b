#include "ledger/trust_policy.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace plimsoll::ledger {
namespace {

using Words = std::vector<std::string_view>;

Words words_of(std::string_view line) {
  Words words;
  while (!line.empty()) {
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

// Reads one line after another into a policy. The answers are what is wrong with the line, empty if nothing.
class Parser {
 public:
  std::string line(const Words& words) {
    if (words[0] == "log") return log(words);
    if (words[0] == "witness") return witness(words);
    if (words[0] == "group") return group(words);
    if (words[0] == "quorum") return quorum(words);
    return "begins with none of log, witness, group and quorum";
  }

  std::string end() const {
    if (policy_.logs.empty()) return "there is no log";
    return quorum_seen_ ? "" : "there is no quorum line; \"quorum none\" says that no witness is needed";
  }

  TrustPolicy take() { return std::move(policy_); }

 private:
  std::string log(const Words& words) {
    if (words.size() < 2 || words.size() > 3) return "needs a verifier key, and perhaps a URL";
    const auto key = parse_verifier_key(words[1]);
    if (!key) return key.error().message;
    if (key->type != KeyType::kEd25519) return "a log needs an Ed25519 key (type 1)";
    policy_.logs.push_back(*key);
    return {};
  }

  std::string witness(const Words& words) {
    if (words.size() < 3 || words.size() > 4) return "needs a name, a verifier key, and perhaps a URL";
    const auto key = parse_verifier_key(words[2]);
    if (!key) return key.error().message;
    if (key->type != KeyType::kCosignature) return "a witness needs a cosignature key (type 4)";
    if (auto problem = define(words[1]); !problem.empty()) return problem;
    policy_.witnesses.emplace(words[1], *key);
    return {};
  }

  std::string group(const Words& words) {
    if (words.size() < 4) return "needs a name, a threshold and members";
    TrustPolicy::Group group;
    for (const auto member : std::span(words).subspan(3)) {
      if (!names_.contains(member)) return "names a member that is not defined before it";
      if (std::ranges::find(group.members, member) != group.members.end()) return "names a member twice";
      group.members.emplace_back(member);
    }
    const auto threshold = threshold_of(words[2], group.members.size());
    if (!threshold) return "needs a threshold: all, any, or a number from 1 to that of the members";
    group.threshold = *threshold;
    if (auto problem = define(words[1]); !problem.empty()) return problem;
    policy_.groups.emplace(words[1], std::move(group));
    return {};
  }

  std::string quorum(const Words& words) {
    if (words.size() != 2) return "needs one name";
    if (quorum_seen_) return "there is a quorum already";
    quorum_seen_ = true;
    if (words[1] == "none") return {};
    if (!names_.contains(words[1])) return "names what is not defined before it";
    policy_.quorum = words[1];
    return {};
  }

  std::string define(std::string_view name) {
    if (name == "none") return "\"none\" cannot be a name";
    return names_.emplace(name).second ? "" : "defines a name that there is already";
  }

  static std::optional<std::size_t> threshold_of(std::string_view word, std::size_t members) {
    if (word == "all") return members;
    if (word == "any") return 1;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size() || number == 0 || number > members)
      return std::nullopt;
    return number;
  }

  TrustPolicy policy_;
  std::set<std::string, std::less<>> names_;
  bool quorum_seen_ = false;
};

// Groups name only what is defined before them, so this ends.
bool satisfied(const TrustPolicy& policy, std::string_view name, std::span<const Verified> verified,
               std::map<std::string, bool, std::less<>>& known) {
  if (const auto found = known.find(name); found != known.end()) return found->second;
  bool answer = false;
  if (const auto witness = policy.witnesses.find(name); witness != policy.witnesses.end()) {
    answer = std::ranges::any_of(verified, [&](const auto& v) { return *v.key == witness->second; });
  } else if (const auto group = policy.groups.find(name); group != policy.groups.end()) {
    const auto count = std::ranges::count_if(group->second.members, [&](const auto& member) {
      return satisfied(policy, member, verified, known);
    });
    answer = static_cast<std::size_t>(count) >= group->second.threshold;
  }
  known.emplace(name, answer);
  return answer;
}

}  // namespace

std::vector<VerifierKey> TrustPolicy::keys() const {
  auto keys = logs;
  for (const auto& [name, key] : witnesses) keys.push_back(key);
  return keys;
}

bool TrustPolicy::has_quorum(std::span<const Verified> verified) const {
  std::map<std::string, bool, std::less<>> known;
  return quorum.empty() || satisfied(*this, quorum, verified, known);
}

Result<TrustPolicy> parse_trust_policy(std::string_view text) {
  if (text.size() > kMaxPolicyBytes) return fail(Code::kTooLarge, "trust policy: larger than 256 KiB");
  Parser parser;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    if (const auto problem = parser.line(words); !problem.empty())
      return fail(Code::kInvalid, "trust policy: line " + std::to_string(number) + ": " + problem);
  }
  if (const auto problem = parser.end(); !problem.empty())
    return fail(Code::kInvalid, "trust policy: " + problem);
  return parser.take();
}

}  // namespace plimsoll::ledger
