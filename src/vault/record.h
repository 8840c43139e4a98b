// One sealed text in a file, as vault.h says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "key_table.h"
#include "seal.h"

namespace plimsoll::vault {

inline constexpr std::size_t kRecordHeader = 8 + std::tuple_size_v<Tag>;
inline constexpr std::size_t kMaxSealed = kMaxText + kSealed;

struct Header {
  std::uint32_t sealed = 0;  // bytes that follow the header
  Tag tag{};
};

std::string encode(const Tag& tag, std::string_view sealed);
// Of the first kRecordHeader bytes; nothing when there is no record.
std::optional<Header> decode_header(std::string_view bytes);

std::string file_name(std::uint64_t number);
std::optional<std::uint64_t> parse_file_name(std::string_view name);

}  // namespace plimsoll::vault
