#include "syntax.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace plimsoll::detect {
namespace {

constexpr unsigned kMostRepeats = 200;
constexpr unsigned kMostNested = 40;
constexpr std::size_t kMostBytes = 64U << 10U;

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
  Parser(std::string_view pattern, bool exact_case)
      : rest_(pattern), size_(pattern.size()), exact_case_(exact_case) {}

  std::optional<SyntaxNode> parse() {
    auto node = choice();
    if (node && !rest_.empty()) return refuse("')' without '('");
    return node;
  }
  int groups() const { return groups_; }
  // What is wrong, and at which byte.
  std::string_view why() const { return why_; }
  std::size_t where() const { return where_; }

 private:
  std::nullopt_t refuse(std::string_view why) {
    if (why_.empty()) {
      why_ = why;
      where_ = size_ - rest_.size();
    }
    return std::nullopt;
  }

  bool eat(std::string_view what) {
    if (!rest_.starts_with(what)) return false;
    rest_.remove_prefix(what.size());
    return true;
  }

  std::optional<SyntaxNode> choice() {
    SyntaxNode node{.kind = SyntaxNode::Kind::kChoice, .bytes = {}, .parts = {}};
    do {
      auto part = sequence();
      if (!part) return std::nullopt;
      node.parts.push_back(*std::move(part));
    } while (eat("|"));
    if (node.parts.size() == 1) return std::move(node.parts.front());
    return node;
  }

  std::optional<SyntaxNode> sequence() {
    SyntaxNode node{.kind = SyntaxNode::Kind::kSequence, .bytes = {}, .parts = {}};
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      auto part = atom();
      if (!part || !repeat(*part)) return std::nullopt;
      node.parts.push_back(*std::move(part));
    }
    return node;
  }

  std::optional<SyntaxNode> atom() {
    if (eat("(")) {
      unsigned group = 0;
      if (!eat("?:")) {
        if (rest_.starts_with("?")) return refuse("only (?:…) and (…) are groups here");
        group = static_cast<unsigned>(++groups_);
      }
      if (++nested_ > kMostNested) return refuse("groups nested too deeply");
      auto node = choice();
      if (!node) return std::nullopt;
      if (!eat(")")) return refuse("'(' without ')'");
      --nested_;
      if (group != 0) node->group = group;
      return node;
    }
    if (eat("[")) return byte_class();
    if (eat("^")) return SyntaxNode{.kind = SyntaxNode::Kind::kLineStart, .bytes = {}, .parts = {}};
    if (eat("\\L")) {
      if (!exact_case_) return refuse("\\L needs exact case");  // RE2 would fold the bytes
      SyntaxNode letter{.kind = SyntaxNode::Kind::kSequence, .bytes = {}, .parts = {}};
      letter.parts.push_back({.kind = SyntaxNode::Kind::kBytes, .bytes = range(0xC3, 0xD4), .parts = {}});
      letter.parts.push_back({.kind = SyntaxNode::Kind::kBytes, .bytes = range(0x80, 0xBF), .parts = {}});
      return letter;
    }
    if (eat("\\b")) return SyntaxNode{.kind = SyntaxNode::Kind::kBoundary, .bytes = {}, .parts = {}};
    if (!exact_case_ && eat("'")) return apostrophe();
    if (std::string_view("*+").contains(rest_.front()))
      return refuse("'*' and '+' have no bound; write {0,n}");
    if (rest_.front() == '.') return refuse("'.' fits everything; write a class such as [\\w ]");
    if (std::string_view("?{}]$").contains(rest_.front())) return refuse("misplaced; put '\\' before it");
    auto bytes = one();
    if (!bytes) return std::nullopt;
    return of(*bytes);
  }

  SyntaxNode of(Bytes bytes) const {
    if (!exact_case_)
      for (unsigned upper = 'A'; upper <= 'Z'; ++upper)
        if (bytes[upper] || bytes[upper + 32]) bytes.set(upper).set(upper + 32);
    return {.kind = SyntaxNode::Kind::kBytes, .bytes = bytes, .parts = {}};
  }

  // Typed or typographic.
  SyntaxNode apostrophe() const {
    SyntaxNode sequence{.kind = SyntaxNode::Kind::kSequence, .bytes = {}, .parts = {}};
    for (const char c : std::string_view("\xE2\x80\x99"))
      sequence.parts.push_back(of(range(static_cast<unsigned char>(c), static_cast<unsigned char>(c))));
    SyntaxNode node{.kind = SyntaxNode::Kind::kChoice, .bytes = {}, .parts = {}};
    node.parts.push_back(of(range('\'', '\'')));
    node.parts.push_back(std::move(sequence));
    return node;
  }

  // One byte, or an escape that stands for several.
  std::optional<Bytes> one() {
    if (rest_.empty()) return refuse("the pattern ends too early");
    const auto c = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    if (c != '\\') return range(c, c);
    if (rest_.empty()) return refuse("the pattern ends too early");
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
    if (word()[escaped]) return refuse("only \\d \\w \\s \\b \\n \\r \\t stand for something");
    return range(escaped, escaped);
  }

  std::optional<SyntaxNode> byte_class() {
    Bytes bytes;
    if (rest_.starts_with("^")) return refuse("a class must say what it holds, not what it lacks");
    while (!eat("]")) {
      const auto from = one();
      if (!from) return std::nullopt;
      if ((*from & range(0x80, 0xFF)).any()) return refuse("only ASCII in a class; write (?:é|è)");
      if (from->count() == 1 && rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
        rest_.remove_prefix(1);
        const auto to = one();
        if (!to || to->count() != 1 || to->_Find_first() >= 0x80 || to->_Find_first() < from->_Find_first())
          return refuse("not a range");
        bytes |= range(static_cast<unsigned>(from->_Find_first()), static_cast<unsigned>(to->_Find_first()));
      } else {
        bytes |= *from;
      }
    }
    if (bytes.none()) return refuse("an empty class");
    return of(bytes);
  }

  bool refused(std::string_view why) {
    refuse(why);
    return false;
  }

  bool repeat(SyntaxNode& node) {
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
      if (!number(least)) return refused("a repeat is {n} or {n,m}");
      most = least;
      if (eat(",") && !number(most)) return refused("a repeat needs its bound: {n,m}");
      if (!eat("}") || most < least || most == 0 || most > kMostRepeats)
        return refused("a repeat is {n,m}, at most 200");
    } else {
      return true;
    }
    if (node.kind == SyntaxNode::Kind::kBytes && node.bytes.count() == 1 && node.bytes._Find_first() >= 0x80)
      return refused("would repeat one byte of a character; write (?:é)?");
    const bool lazy = eat("?");
    SyntaxNode repeated{.kind = SyntaxNode::Kind::kRepeat,
                        .bytes = {},
                        .parts = {},
                        .least = least,
                        .most = most,
                        .lazy = lazy};
    repeated.parts.push_back(std::move(node));
    node = std::move(repeated);
    return true;
  }

  std::string_view rest_;
  std::size_t size_;
  bool exact_case_;
  int groups_ = 0;
  unsigned nested_ = 0;
  std::string_view why_;
  std::size_t where_ = 0;
};

}  // namespace

Result<Syntax> parse_syntax(std::string_view pattern, bool exact_case) {
  if (pattern.size() > kMostBytes) return fail(Code::kInvalid, "a pattern of more than 64 KiB");
  Parser parser(pattern, exact_case);
  auto node = parser.parse();
  if (!node)
    return fail(Code::kInvalid, std::string(parser.why()) + ", at byte " +
                                    std::to_string(parser.where() + 1) + " of the pattern");
  return Syntax{.root = *std::move(node), .groups = parser.groups()};
}

std::string portable_pattern(std::string_view pattern, bool exact_case) {
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      const char escaped = pattern[++i];
      if (escaped == 'L')
        out += "(?-i:[\\xC3-\\xD4][\\x80-\\xBF])";
      else if (escaped == 's')
        out += in_class ? "\\t\\n\\f\\r " : "[\\t\\n\\f\\r ]";
      else
        (out += '\\') += escaped;
      continue;
    }
    if (pattern[i] == '[') in_class = true;
    if (pattern[i] == ']') in_class = false;
    // RE2 takes bytes for letters of Latin-1, and folds their case: 0xC8 and 0xE8 in the middle of characters.
    const auto not_ascii = [&](std::size_t k) {
      return k < pattern.size() && static_cast<unsigned char>(pattern[k]) >= 0x80;
    };
    if (pattern[i] == '\'' && !in_class && !exact_case) {
      out += "(?:'|(?-i:\xE2\x80\x99))";
    } else if (not_ascii(i) && !exact_case) {
      out += "(?-i:";
      for (; not_ascii(i); ++i) out += pattern[i];
      --i;
      out += ')';
    } else {
      out += pattern[i];
    }
  }
  return out;
}

}  // namespace plimsoll::detect
