#include "textproto.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>
#include <utility>

namespace plimsoll::conformance {
namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | ((c >> shift) & 0x3FU)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0U | (c >> 6U));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0U | (c >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (c >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

class Reader {
 public:
  explicit Reader(std::string_view source) : source_(source) {}

  std::expected<Message, std::string> read() {
    Message out;
    if (!fields(out, '\0')) {
      const auto line =
          1 + std::count(source_.begin(), source_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
      return std::unexpected("line " + std::to_string(line) + ": " + problem_);
    }
    return out;
  }

 private:
  char peek() const { return at_ < source_.size() ? source_[at_] : '\0'; }

  void skip_blanks() {
    while (at_ < source_.size()) {
      if (std::isspace(static_cast<unsigned char>(peek())) != 0) {
        ++at_;
      } else if (peek() == '#') {
        while (at_ < source_.size() && peek() != '\n') ++at_;
      } else {
        return;
      }
    }
  }

  bool accept(char c) {
    skip_blanks();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  // Until `close`, which is consumed; '\0' is the end of the source.
  bool fields(Message& out, char close) {
    for (;;) {
      skip_blanks();
      if (at_ >= source_.size()) return close == '\0' || fail("the text ends inside a message");
      if (close != '\0' && accept(close)) return true;
      Field field;
      if (!name(field.name) || !value(field)) return false;
      out.fields.push_back(std::move(field));
      if (!accept(',')) accept(';');
    }
  }

  bool name(std::string& out) {
    if (peek() == '[') {
      const auto end = source_.find(']', at_);
      if (end == std::string_view::npos) return fail("a [name] does not end");
      out = source_.substr(at_, end + 1 - at_);
      at_ = end + 1;
      return true;
    }
    out = word();
    return !out.empty() || fail("a field name is missing");
  }

  std::string word() {
    const std::size_t start = at_;
    const std::string_view others = "_.+-";
    while (std::isalnum(static_cast<unsigned char>(peek())) != 0 ||
           (peek() != '\0' && others.find(peek()) != std::string_view::npos)) {
      ++at_;
    }
    return std::string(source_.substr(start, at_ - start));
  }

  bool value(Field& out) {
    const bool colon = accept(':');
    if (accept('{')) {
      out.message = std::make_unique<Message>();
      return fields(*out.message, '}');
    }
    if (!colon) return fail("':' or '{' is missing");
    skip_blanks();
    if (peek() != '"' && peek() != '\'') {
      out.text = word();
      return !out.text.empty() || fail("a value is missing");
    }
    out.quoted = true;
    while (peek() == '"' || peek() == '\'') {
      if (!quoted(out.text)) return false;
      skip_blanks();
    }
    return true;
  }

  bool quoted(std::string& out) {
    const char quote = source_[at_++];
    while (peek() != quote) {
      if (at_ >= source_.size() || peek() == '\n') return fail("a string does not end");
      if (peek() != '\\') {
        out += source_[at_++];
      } else if (++at_; !escape(out)) {
        return false;
      }
    }
    ++at_;
    return true;
  }

  // Up to `most` digits of a base.
  std::optional<std::uint32_t> digits(std::size_t most, unsigned base) {
    std::uint32_t out = 0;
    std::size_t count = 0;
    while (count < most && std::isxdigit(static_cast<unsigned char>(peek())) != 0) {
      const char c = peek();
      const unsigned digit =
          c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 0x20) - 'a') + 10;
      if (digit >= base) break;
      out = out * base + digit;
      ++at_;
      ++count;
    }
    return count > 0 ? std::optional(out) : std::nullopt;
  }

  bool escape(std::string& out) {
    constexpr std::string_view kNames = "abfnrtv\\'\"?";
    constexpr std::string_view kValues = "\a\b\f\n\r\t\v\\'\"?";
    const char c = peek();
    if (const auto simple = kNames.find(c); simple != std::string_view::npos) {
      out += kValues[simple];
      ++at_;
      return true;
    }
    std::optional<std::uint32_t> value;
    if (c >= '0' && c <= '7') {
      value = digits(3, 8);
    } else if (c == 'x' || c == 'X') {
      ++at_;
      value = digits(2, 16);
    } else if (c == 'u' || c == 'U') {
      ++at_;
      value = digits(c == 'u' ? 4 : 8, 16);
      if (value) append_utf8(out, *value);
      return value.has_value() || fail("a Unicode escape is wrong");
    }
    if (!value) return fail("an escape is wrong");
    out += static_cast<char>(*value);
    return true;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  std::string problem_;
};

}  // namespace

const Field* Message::find(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? nullptr : &*found;
}

const Message* Message::message(std::string_view name) const {
  const Field* field = find(name);
  return field == nullptr ? nullptr : field->message.get();
}

std::string Message::text(std::string_view name) const {
  const Field* field = find(name);
  return field == nullptr ? std::string() : field->text;
}

bool Message::flag(std::string_view name) const {
  return text(name) == "true";
}

std::vector<const Message*> Message::all(std::string_view name) const {
  std::vector<const Message*> out;
  for (const auto& field : fields) {
    if (field.name == name && field.message != nullptr) out.push_back(field.message.get());
  }
  return out;
}

std::expected<Message, std::string> read_textproto(std::string_view source) {
  return Reader(source).read();
}

}  // namespace plimsoll::conformance
