#include "yaml/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <istream>
#include <map>
#include <streambuf>
#include <tuple>
#include <unordered_set>

#include "base/json.h"

namespace plimsoll::yaml {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxWeight = 24U << 20U;  // bytes of tree, aliases copied
constexpr std::size_t kNodeWeight = 100;

constexpr std::string_view kYamlText = "tag:yaml.org,2002:str";

// Reads memory without copying it.
class View : public std::streambuf {
 public:
  explicit View(std::string_view text) {
    auto* begin = const_cast<char*>(text.data());  // a get area is never written to
    setg(begin, begin, begin + text.size());
  }
};

// Turns yaml-cpp's zero-based marks, whose columns count bytes, into ours.
class Lines {
 public:
  explicit Lines(std::string_view source) : source_(source) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < source.size(); ++i)
      if (source[i] == '\n') starts_.push_back(i + 1);
  }
  Mark mark(const YAML::Mark& at) {
    const auto line = std::min(static_cast<std::size_t>(std::max(at.line, 0)), starts_.size() - 1);
    const auto offset =
        std::min(starts_[line] + static_cast<std::size_t>(std::max(at.column, 0)), source_.size());
    // Marks mostly move forward: count on from the last one, so that one long line is not counted over and over.
    if (last_.line != line + 1 || last_.offset > offset) last_ = {line + 1, 1, starts_[line]};
    for (; last_.offset < offset; ++last_.offset)
      if ((static_cast<unsigned char>(source_[last_.offset]) & 0xC0U) != 0x80U) ++last_.column;
    return last_;
  }

 private:
  std::string_view source_;
  std::vector<std::size_t> starts_;
  Mark last_;
};

// A finished value and what it costs to copy.
struct Anchored {
  Node node;
  std::size_t weight = 0;
  std::size_t height = 1;
  bool open = true;
};

class Builder : public YAML::EventHandler {
 public:
  Builder(Lines& lines, Problems& problems) : lines_(lines), problems_(problems) {}

  std::optional<Node> take() {
    if (stopped_ || !done_) return std::nullopt;
    return std::move(root_);
  }

  bool stopped() const { return stopped_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (started_)
      stop(lines_.mark(mark), "text after the end of the document; expected one document per file");
    started_ = true;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.mark = lines_.mark(mark);
    leaf(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (stopped_) return;
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end() || found->second.open)
      return stop(lines_.mark(mark), "an alias of a value that contains itself");
    const Anchored& source = found->second;
    const Mark used = lines_.mark(mark);
    if (!spend(source.weight, used) || !fits(source.height, used)) return;
    add(Node(source.node), source.weight, source.height, used);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.kind = Node::Kind::kScalar;
    node.mark = lines_.mark(mark);
    node.text = value;
    node.quoted = tag == "!" || tag == kYamlText;
    if (!node.quoted && !tag.empty() && tag != "?") return refuse_tag(node.mark);
    // The library gives one byte for these two.
    if (!is_utf8(value))
      return stop(node.mark, R"(the escapes \_ and \N are not supported; write \xA0 or \x85)");
    leaf(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::kList, mark, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::kMap, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    std::size_t weight = kNodeWeight;
    std::size_t height = 1;
    std::optional<Member> pending;  // a key that waits for its value
    std::unordered_set<std::string> keys;
    std::vector<Member> merges;  // values of `<<`
  };

  void stop(const Mark& mark, std::string message) {
    if (!stopped_) problems_.add(mark, std::move(message));
    stopped_ = true;
  }
  void refuse_tag(const Mark& mark) { stop(mark, "tags (!name) are not supported; remove the tag"); }

  bool spend(std::size_t weight, const Mark& mark) {
    spent_ += weight;
    if (spent_ > kMaxWeight) stop(mark, "the document is too large once its aliases are filled in");
    return !stopped_;
  }
  bool fits(std::size_t height, const Mark& mark) {
    if (frames_.size() + height > kMaxDepth)
      stop(mark, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
    return !stopped_;
  }

  void open(Node::Kind kind, const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor) {
    if (stopped_) return;
    const Mark mark = lines_.mark(at);
    if (!tag.empty() && tag != "?" && tag != "!") return refuse_tag(mark);
    if (!spend(kNodeWeight, mark) || !fits(1, mark)) return;
    if (anchor != 0) anchors_[anchor] = {};
    Frame& frame = frames_.emplace_back();
    frame.node.kind = kind;
    frame.node.mark = mark;
    frame.anchor = anchor;
  }

  void leaf(Node node, YAML::anchor_t anchor) {
    if (stopped_) return;
    const auto weight = kNodeWeight + node.text.size();
    if (!spend(weight, node.mark)) return;
    finish(std::move(node), anchor, weight, 1);
  }

  void close() {
    if (stopped_) return;
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    merge(frame);
    if (!stopped_) finish(std::move(frame.node), frame.anchor, frame.weight, frame.height);
  }

  void finish(Node node, YAML::anchor_t anchor, std::size_t weight, std::size_t height) {
    if (anchor != 0) {
      if (!spend(weight, node.mark)) return;
      anchors_[anchor] = {node, weight, height, false};
    }
    const Mark mark = node.mark;
    add(std::move(node), weight, height, mark);
  }

  // Puts a finished value where it belongs. `used` is where the text says so: the alias, for an alias.
  void add(Node node, std::size_t weight, std::size_t height, const Mark& used) {
    if (frames_.empty()) {
      root_ = std::move(node);
      done_ = true;
      return;
    }
    Frame& top = frames_.back();
    top.weight += weight;
    top.height = std::max(top.height, height + 1);
    if (top.node.kind == Node::Kind::kList) {
      top.node.items.push_back(std::move(node));
    } else if (!top.pending) {
      add_key(top, std::move(node), used);
    } else {
      top.pending->value = std::move(node);
      (top.pending->key == "<<" ? top.merges : top.node.members).push_back(*std::move(top.pending));
      top.pending.reset();
    }
  }

  void add_key(Frame& top, Node key, const Mark& used) {
    if (key.kind != Node::Kind::kScalar)
      return stop(used, "a key must be text; found " + std::string(describe(key)));
    if (!top.keys.insert(key.text).second) problems_.add(used, "duplicate key '" + key.text + "'");
    top.pending = Member{std::move(key.text), used, {}};
  }

  // `<<: *base` or `<<: [*a, *b]`: members that are not written out here; the earlier of several wins.
  void merge(Frame& frame) {
    for (Member& merged : frame.merges) {
      std::vector<Node> sources;
      if (merged.value.kind == Node::Kind::kList)
        sources = std::move(merged.value.items);
      else
        sources.push_back(std::move(merged.value));
      for (Node& source : sources) {
        if (source.kind != Node::Kind::kMap)
          return stop(merged.mark, "'<<' merges mappings; found " + std::string(describe(source)));
        for (Member& member : source.members)
          if (frame.keys.insert(member.key).second) frame.node.members.push_back(std::move(member));
      }
    }
  }

  Lines& lines_;
  Problems& problems_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  Node root_;
  std::size_t spent_ = 0;
  bool started_ = false;
  bool done_ = false;
  bool stopped_ = false;
};

}  // namespace

void Problems::add(const Mark& mark, std::string message) {
  if (list_.size() < kMost) list_.push_back({file_, mark.line, mark.column, std::move(message)});
}

std::vector<Problem> Problems::take() {
  std::ranges::sort(list_, {}, [](const Problem& p) { return std::tie(p.line, p.column, p.message); });
  return std::move(list_);
}

const Node* Node::find(std::string_view key) const {
  const auto found = std::ranges::find(members, key, &Member::key);
  return found == members.end() ? nullptr : &found->value;
}

std::optional<Node> parse_yaml(std::string_view source, Problems& problems) {
  if (!is_utf8(source) || source.contains('\0')) {
    problems.add({}, "not UTF-8 text");
    return std::nullopt;
  }
  const std::size_t before = problems.count();
  if (source.starts_with("\xEF\xBB\xBF")) source.remove_prefix(3);
  Lines lines(source);
  Builder builder(lines, problems);
  try {
    View view(source);
    std::istream stream(&view);
    YAML::Parser parser(stream);
    // At a stray bracket or comma yaml-cpp gives one empty document after another, for ever.
    while (!builder.stopped() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& e) {
    if (problems.count() == before) problems.add(lines.mark(e.mark), "not valid YAML: " + e.msg);
    return std::nullopt;
  }
  auto root = builder.take();
  if (!root && problems.count() == before) problems.add({}, "the document is empty; expected a mapping");
  return root;
}

}  // namespace plimsoll::yaml
