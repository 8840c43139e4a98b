// A JSON text as whoever gets its strings will read it.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::detect {

// In a text that begins as JSON does, puts in place of each escape what it stands for, padded with blanks: a line
// break before a key is a line break then, and no letter that makes it part of a word. "\u0069" becomes marks that are
// part of no word, from which text::Views reads the character. As long as before, byte for byte, so spans stay what
// they are. Takes the text in pieces of any size.
class JsonReading {
 public:
  static bool may_change(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && begins(text[first]) && text.contains('\\');
  }

  void read(std::string& piece) {
    for (char& c : piece) {
      if (!begun_) {
        begun_ = !is_blank(c);
        json_ = begins(c);
      }
      if (json_) c = read(c);
    }
  }

 private:
  static bool begins(char c) { return c == '{' || c == '['; }
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
  static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }

  static int value(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

  char read(char c) {
    if (digits_ > 0 && is_hex(c)) {
      --digits_;
      return static_cast<char>(0x10 | value(c));
    }
    digits_ = 0;
    if (!escaped_) {
      escaped_ = c == '\\';
      return escaped_ ? ' ' : c;
    }
    escaped_ = false;
    switch (c) {
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'u':
        digits_ = 4;
        return '\x01';
      case 'b':
      case 'f':
        return ' ';
      default:
        return c;
    }
  }

  bool begun_ = false;
  bool json_ = false;
  bool escaped_ = false;  // after a backslash
  int digits_ = 0;        // still to come
};

}  // namespace plimsoll::detect
