#include "syntax.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace plimsoll::detect {
namespace {

constexpr unsigned kMostRepeats = 200;

Bytes range(unsigned from, unsigned to) {
  Bytes bytes;
  for (unsigned b = from; b <= to; ++b) bytes.set(b);
  return bytes;
}

Bytes digits() {
  return range('0', '9');
}
Bytes word() {
  return range('a', 'z') | range('A', 'Z') | digits() | range('_', '_');
}
Bytes space() {
  return range('\t', '\n') | range('\f', '\r') | range(' ', ' ');
}

class Parser {
 public:
  Parser(std::string_view pattern, bool exact_case) : rest_(pattern), exact_case_(exact_case) {}

  std::optional<Node> parse() {
    auto node = choice();
    if (!node || !rest_.empty()) return std::nullopt;
    return node;
  }
  int groups() const { return groups_; }

 private:
  bool eat(std::string_view what) {
    if (!rest_.starts_with(what)) return false;
    rest_.remove_prefix(what.size());
    return true;
  }

  std::optional<Node> choice() {
    Node node{.kind = Node::Kind::kChoice, .bytes = {}, .parts = {}};
    do {
      auto part = sequence();
      if (!part) return std::nullopt;
      node.parts.push_back(*std::move(part));
    } while (eat("|"));
    if (node.parts.size() == 1) return std::move(node.parts.front());
    return node;
  }

  std::optional<Node> sequence() {
    Node node{.kind = Node::Kind::kSequence, .bytes = {}, .parts = {}};
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      auto part = atom();
      if (!part || !repeat(*part)) return std::nullopt;
      node.parts.push_back(*std::move(part));
    }
    return node;
  }

  std::optional<Node> atom() {
    if (eat("(")) {
      if (!eat("?:")) {
        if (rest_.starts_with("?")) return std::nullopt;
        ++groups_;
      }
      auto node = choice();
      if (!node || !eat(")")) return std::nullopt;
      return node;
    }
    if (eat("[")) return byte_class();
    if (eat("^")) return Node{.kind = Node::Kind::kLineStart, .bytes = {}, .parts = {}};
    if (eat("\\L")) {
      if (!exact_case_) return std::nullopt;  // RE2 would fold the bytes
      Node letter{.kind = Node::Kind::kSequence, .bytes = {}, .parts = {}};
      letter.parts.push_back({.kind = Node::Kind::kBytes, .bytes = range(0xC3, 0xD4), .parts = {}});
      letter.parts.push_back({.kind = Node::Kind::kBytes, .bytes = range(0x80, 0xBF), .parts = {}});
      return letter;
    }
    if (eat("\\b")) return Node{.kind = Node::Kind::kBoundary, .bytes = {}, .parts = {}};
    if (std::string_view(".*+?{}]$").contains(rest_.front())) return std::nullopt;
    auto bytes = one();
    if (!bytes) return std::nullopt;
    return of(*bytes);
  }

  Node of(Bytes bytes) const {
    if (!exact_case_)
      for (unsigned upper = 'A'; upper <= 'Z'; ++upper)
        if (bytes[upper] || bytes[upper + 32]) bytes.set(upper).set(upper + 32);
    return {.kind = Node::Kind::kBytes, .bytes = bytes, .parts = {}};
  }

  // One byte, or an escape that stands for several.
  std::optional<Bytes> one() {
    if (rest_.empty()) return std::nullopt;
    const auto c = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    if (c != '\\') return range(c, c);
    if (rest_.empty()) return std::nullopt;
    const auto escaped = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    switch (escaped) {
      case 'd':
        return digits();
      case 'w':
        return word();
      case 's':
        return space();
      case 'n':
        return range('\n', '\n');
      case 'r':
        return range('\r', '\r');
      case 't':
        return range('\t', '\t');
      default:
        break;
    }
    if (word()[escaped]) return std::nullopt;
    return range(escaped, escaped);
  }

  std::optional<Node> byte_class() {
    Bytes bytes;
    if (rest_.starts_with("^")) return std::nullopt;
    while (!eat("]")) {
      const auto from = one();
      if (!from) return std::nullopt;
      if (from->count() == 1 && rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
        rest_.remove_prefix(1);
        const auto to = one();
        if (!to || to->count() != 1) return std::nullopt;
        bytes |= range(static_cast<unsigned>(from->_Find_first()), static_cast<unsigned>(to->_Find_first()));
      } else {
        bytes |= *from;
      }
    }
    if ((bytes & range(0x80, 0xFF)).any()) return std::nullopt;
    return of(bytes);
  }

  bool repeat(Node& node) {
    unsigned least = 0, most = 1;
    if (eat("?")) {
    } else if (eat("{")) {
      const auto number = [&](unsigned& n) {
        std::size_t digits_read = 0;
        for (n = 0; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9' && digits_read < 4;
             ++digits_read) {
          n = n * 10 + static_cast<unsigned>(rest_.front() - '0');
          rest_.remove_prefix(1);
        }
        return digits_read > 0;
      };
      if (!number(least)) return false;
      most = least;
      if (eat(",") && !number(most)) return false;
      if (!eat("}") || most < least || most == 0 || most > kMostRepeats) return false;
    } else {
      return true;
    }
    eat("?");  // lazy or greedy reads the same bytes
    Node repeated{.kind = Node::Kind::kRepeat, .bytes = {}, .parts = {}, .least = least, .most = most};
    repeated.parts.push_back(std::move(node));
    node = std::move(repeated);
    return true;
  }

  std::string_view rest_;
  bool exact_case_;
  int groups_ = 0;
};

}  // namespace

Result<Syntax> parse_syntax(std::string_view pattern, bool exact_case) {
  Parser parser(pattern, exact_case);
  auto node = parser.parse();
  if (!node) return fail(Code::kInvalid, "pattern outside the subset: " + std::string(pattern));
  return Syntax{.root = *std::move(node), .groups = parser.groups()};
}

std::string portable_pattern(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      const char escaped = pattern[++i];
      if (escaped == 'L')
        out += "(?:[\\xC3-\\xD4][\\x80-\\xBF])";
      else if (escaped == 's')
        out += in_class ? "\\t\\n\\f\\r " : "[\\t\\n\\f\\r ]";
      else
        (out += '\\') += escaped;
      continue;
    }
    if (pattern[i] == '[') in_class = true;
    if (pattern[i] == ']') in_class = false;
    out += pattern[i];
  }
  return out;
}

}  // namespace plimsoll::detect
