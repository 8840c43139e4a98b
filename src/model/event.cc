#include "model/event.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/hash.h"
#include "base/json.h"

namespace plimsoll {
namespace {

constexpr std::size_t kMaxName = 200;  // bytes of any name that a client can choose

// Writes members in the order given; callers give them sorted, which makes the text canonical.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  Writer& open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
    return *this;
  }
  Writer& close(char bracket) {
    out_ += bracket;
    first_ = false;
    return *this;
  }
  Writer& key(std::string_view name) {  // one that needs no escapes
    separate();
    out_ += '"';
    out_.append(name).append("\":");
    first_ = true;
    return *this;
  }
  Writer& value(std::string_view text) {
    separate();
    append_json_string(out_, text);
    return *this;
  }
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(bool b) { return raw(b ? "true" : "false"); }
  Writer& value(std::uint64_t number) {
    std::array<char, 24> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    return raw({text.data(), static_cast<std::size_t>(end - text.data())});
  }
  // What a caller claims may have more places, and is decided on as it is.
  Writer& exact(double number) {
    if (std::round(number * 10'000) / 10'000 == number) return value(number);
    std::array<char, 400> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed).ptr;
    return raw({text.data(), static_cast<std::size_t>(end - text.data())});
  }
  // Scores and confidences, to four places: an integer count of ten-thousandths would be the same number.
  Writer& value(double number) {
    const auto scaled = static_cast<std::uint64_t>(std::llround(number * 10'000));
    if (scaled % 10'000 == 0) return value(scaled / 10'000);
    std::string text = std::to_string(10'000 + scaled % 10'000);
    text.erase(text.find_last_not_of('0') + 1);
    text.replace(0, 1, std::to_string(scaled / 10'000) + ".");
    return raw(text);
  }
  Writer& null() { return raw("null"); }

 private:
  Writer& raw(std::string_view text) {
    separate();
    out_ += text;
    return *this;
  }
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;
};

std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return text.substr(0, most);
}

void write_caller(Writer& w, const Event& e, std::string_view key) {
  w.key("caller").open('{');
  w.key("authenticated").value(e.caller.authenticated);
  w.key("lawful_basis").value(e.caller.lawful_basis);
  w.key("org").value(cut(e.caller.org, kMaxName));
  w.key("tier");
  e.caller.tier ? w.value(to_string(*e.caller.tier)) : w.null();
  w.key("user");
  e.caller.user.empty() ? w.null() : w.value(pseudonym(key, "user", e.caller.user));
  w.close('}');
}

void write_findings(Writer& w, const Event& e) {
  w.key("findings").open('[');
  for (std::size_t i = 0; i < std::min(e.findings.size(), kMaxListed); ++i) {
    const Finding& f = e.findings[i];
    w.open('{').key("category").value(to_string(f.category)).key("confidence").value(f.confidence);
    w.key("detector")
        .value(f.detector)
        .key("entity")
        .value(f.entity)
        .key("segment")
        .value(std::uint64_t{f.segment});
    w.key("span").open('[').value(std::uint64_t{f.span.begin}).value(std::uint64_t{f.span.end}).close(']');
    w.close('}');
  }
  w.close(']').key("findings_total").value(std::uint64_t{e.findings.size()});
}

void write_verdict_lists(Writer& w, const Verdict& v) {
  w.key("rules").open('[');
  for (std::size_t i = 0; i < std::min(v.rules.size(), kMaxListed); ++i) {
    const RuleHit& r = v.rules[i];
    w.open('{').key("action").value(to_string(r.action)).key("id").value(r.id);
    w.key("state").value(r.failed ? "failed" : r.shadow ? "shadow" : "fired").close('}');
  }
  w.close(']');
}

void write_scores(Writer& w, const Scores& scores, std::string_view name = "scores") {
  static const auto order = [] {  // the categories by name
    std::array<Category, kCategoryCount> all{};
    for (std::size_t i = 0; i < kCategoryCount; ++i) all.at(i) = static_cast<Category>(i);
    std::ranges::sort(all, {}, [](Category c) { return to_string(c); });
    return all;
  }();
  if (!name.empty()) w.key(name);
  w.open('{');
  for (const Category c : order)
    if (scores[c] > 0) w.key(to_string(c)).exact(scores[c]);
  w.close('}');
}

void write_opinions(Writer& w, const Event& e) {
  w.key("opinions").open('[');
  for (std::size_t i = 0; i < std::min(e.opinions.size(), kMaxListed); ++i) {
    const OpinionRecord& o = e.opinions[i];
    w.open('{').key("guard").value(cut(o.guard, kMaxName)).key("micros").value(o.micros);
    w.key("outcome").value(o.outcome);
    write_scores(w, o.scores);
    w.close('}');
  }
  w.close(']');
}

void write_content(Writer& w, const ContentRecord& content) {
  w.key("content").open('{').key("complete").value(content.complete).key("kept").value(content.kept);
  w.key("parts").open('[');
  for (std::size_t i = 0; i < std::min(content.parts.size(), ContentRecord::kMaxParts); ++i)
    w.open('{')
        .key("file")
        .value(content.parts[i].file)
        .key("offset")
        .value(content.parts[i].offset)
        .close('}');
  w.close(']').close('}');
}

void write_segments(Writer& w, const Event& e) {
  w.key("segments").open('[');
  for (std::size_t i = 0; i < std::min(e.segments.size(), kMaxListed); ++i) {
    const SegmentRecord& s = e.segments[i];
    w.open('{').key("bytes").value(s.bytes).key("commitment").value(to_hex(s.commitment));
    w.key("kind").value(to_string(s.kind)).key("pointer").value(cut(s.pointer, kMaxName));
    w.key("role").value(to_string(s.role));
    w.close('}');
  }
  w.close(']').key("segments_total").value(std::uint64_t{e.segments_total});
}

void write_accumulated(Writer& w, const Event& e) {
  w.key("accumulated").open('[');
  for (std::size_t i = 0; i < std::min(e.accumulated.size(), kMaxListed); ++i) {
    const Accumulated& a = e.accumulated[i];
    w.open('{').key("count").value(a.count).key("id").value(a.id).key("noticed").value(a.noticed);
    w.key("per").value(to_string(a.per)).key("score").value(a.score).key("sum").value(a.sum).close('}');
  }
  w.close(']');
}

}  // namespace

std::string pseudonym(std::string_view key, std::string_view kind, std::string_view name) {
  HmacSha256 hmac(key);
  hmac.update(kind);
  hmac.update("\n");
  hmac.update(name);
  return to_hex(hmac.finish());
}

Commitment::Commitment(std::string_view key, std::string_view decision_id, std::size_t segment) : hmac_(key) {
  hmac_.update(decision_id);
  hmac_.update("\n" + std::to_string(segment) + "\n");
}

std::vector<SegmentRecord> record_segments(const Conversation& conversation, std::string_view key,
                                           std::string_view decision_id) {
  std::vector<SegmentRecord> records;
  const std::size_t count = std::min(conversation.segments.size(), kMaxListed);
  records.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Segment& s = conversation.segments[i];
    Commitment commitment(key, decision_id, i);
    commitment.update(s.text);
    records.push_back(
        {s.role, s.kind, std::string(cut(s.pointer, kMaxName)), s.text.size(), commitment.finish()});
  }
  return records;
}

std::string to_log_entry(const Event& e, std::string_view key) {
  std::string out;
  out.reserve(1'280);
  Writer w(out);
  w.open('{');
  if (!e.accumulated.empty()) write_accumulated(w, e);
  w.key("action").value(to_string(e.verdict.action));
  w.key("asl").value(static_cast<std::uint64_t>(e.verdict.asl_level));
  write_caller(w, e, key);
  if (!e.claimed.empty()) {
    w.key("claimed").open('[');
    if (e.claimed.has(Category::kPii)) w.value(to_string(Category::kPii));
    if (e.claimed.has(Category::kSecret)) w.value(to_string(Category::kSecret));
    w.close(']');
  }
  if (e.content) write_content(w, *e.content);
  w.key("decision_id").value(e.decision_id).key("detectors");
  if (e.corpus_revision.empty())
    w.value(e.detector_revision);
  else
    w.value(std::string(e.detector_revision).append("+").append(e.corpus_revision));
  w.key("direction").value(e.exchange ? "exchange" : to_string(e.direction));
  if (!e.event_id.empty()) w.key("event_id").value(e.event_id);
  write_findings(w, e);
  w.key("instance").value(cut(e.instance, kMaxName));
  if (e.judged.size() > 1 || (e.judged.size() == 1 && e.judged.front() != e.scores)) {
    w.key("judged").open('[');
    for (const Scores& scores : e.judged) write_scores(w, scores, {});
    w.close(']');
  }
  w.key("micros").value(e.micros).key("model").value(cut(e.model, kMaxName));
  if (e.occurred) w.key("occurred").value(to_rfc3339_ms(*e.occurred));
  if (!e.opinions.empty()) write_opinions(w, e);
  w.key("policy").value(e.policy_version).key("reasons").open('[');
  for (std::size_t i = 0; i < std::min(e.verdict.reasons.size(), kMaxListed); ++i)
    w.value(cut(e.verdict.reasons[i], kMaxName));
  w.close(']');
  if (!e.reporter.empty()) w.key("reporter").value(cut(e.reporter, kMaxName));
  w.key("request_id").value(cut(e.request_id, kMaxName)).key("review").value(e.verdict.review);
  if (e.review_due) w.key("review_due").value(to_rfc3339_ms(*e.review_due));
  write_verdict_lists(w, e.verdict);
  write_scores(w, e.scores);
  if (!e.script.empty()) w.key("script").value(e.script);
  write_segments(w, e);
  w.key("seq").value(e.seq);
  if (!e.session.empty()) w.key("session").value(pseudonym(key, "session", e.session));
  w.key("stream").value(e.stream).key("surface").value(e.surface);
  if (!e.tags.empty()) {
    w.key("tags").open('[');
    for (std::size_t i = 0; i < std::min(e.tags.size(), kMaxListed); ++i) w.value(cut(e.tags[i], kMaxName));
    w.close(']');
  }
  w.key("time").value(to_rfc3339_ms(e.time)).key("type").value("decision").key("v").value(std::uint64_t{1});
  w.close('}');
  return out;
}

}  // namespace plimsoll
