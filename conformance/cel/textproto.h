// Protobuf text format, read without a schema.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::conformance {

struct Field;

// A message: its fields in order, repeated ones repeated.
struct Message {
  std::vector<Field> fields;

  const Field* find(std::string_view name) const;
  const Message* message(std::string_view name) const;
  // Empty when there is no such field.
  std::string text(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::vector<const Message*> all(std::string_view name) const;
};

// name: text, or name { … }. Strings have their escapes resolved; other scalars are as written.
// The name of an extension or an Any keeps its brackets.
struct Field {
  std::string name;
  std::string text;
  bool quoted = false;
  std::unique_ptr<Message> message;
};

// The message, or what is wrong and on which line.
std::expected<Message, std::string> read_textproto(std::string_view source);

}  // namespace plimsoll::conformance
