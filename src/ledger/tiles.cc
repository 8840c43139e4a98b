#include "ledger/tiles.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace plimsoll::ledger {
namespace {

constexpr std::string_view kPrefix = "tile/";
constexpr std::string_view kEntries = "entries";
constexpr unsigned kMaxLevel = 63;
constexpr std::size_t kMaxIndexGroups = 7;  // 10^21 > 2^64

void append_three_digits(std::string& out, Index value) {
  for (const Index unit : {100, 10, 1}) out.push_back(static_cast<char>('0' + value / unit % 10));
}

// The text up to the next slash, which is removed with it.
std::string_view take_part(std::string_view& path) {
  const auto end = std::min(path.find('/'), path.size());
  const auto part = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return part;
}

template <class Integer>
std::optional<Integer> parse_decimal(std::string_view text, Integer max) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

std::optional<unsigned> parse_three_digits(std::string_view text) {
  if (text.size() != 3) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

}  // namespace

std::string to_path(const TilePath& tile) {
  std::string groups;
  append_three_digits(groups, tile.index % 1000);
  for (auto rest = tile.index / 1000; rest > 0; rest /= 1000) {
    std::string group = "x";
    append_three_digits(group, rest % 1000);
    groups.insert(0, group + "/");
  }
  std::string path(kPrefix);
  path.append(tile.entries ? std::string(kEntries) : std::to_string(tile.level)).append("/").append(groups);
  if (tile.width != kTileWidth) path.append(".p/").append(std::to_string(tile.width));
  return path;
}

std::optional<TilePath> parse_tile_path(std::string_view path) {
  if (!path.starts_with(kPrefix) || path.ends_with('/')) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  TilePath tile;
  const auto level = take_part(path);
  tile.entries = level == kEntries;
  if (!tile.entries) {
    const auto number = parse_decimal(level, kMaxLevel);
    if (!number) return std::nullopt;
    tile.level = *number;
  }

  bool last = false;
  for (std::size_t groups = 0; !last; ++groups) {
    if (path.empty() || groups == kMaxIndexGroups) return std::nullopt;
    auto group = take_part(path);
    last = !group.starts_with('x');
    if (!last) group.remove_prefix(1);
    const bool partial = last && group.ends_with(".p");
    if (partial) group.remove_suffix(2);
    const auto digits = parse_three_digits(group);
    if (!digits || (groups == 0 && !last && *digits == 0)) return std::nullopt;
    if (tile.index > (std::numeric_limits<Index>::max() - *digits) / 1000) return std::nullopt;
    tile.index = tile.index * 1000 + *digits;
    if (last && partial) {
      const auto width = parse_decimal(take_part(path), kTileWidth - 1);
      if (!width || *width == 0) return std::nullopt;
      tile.width = *width;
    }
  }
  if (!path.empty()) return std::nullopt;
  return tile;
}

unsigned tile_width(Index size, unsigned level, Index index) {
  if (level >= kTileLevels) return 0;
  const auto hashes = size >> (kTileBits * level);
  if (index > hashes >> kTileBits) return 0;
  return static_cast<unsigned>(std::min<Index>(kTileWidth, hashes - (index << kTileBits)));
}

void append_to_bundle(std::string& bundle, std::string_view entry) {
  bundle.push_back(static_cast<char>(entry.size() >> 8U));
  bundle.push_back(static_cast<char>(entry.size()));
  bundle.append(entry);
}

Result<std::vector<std::string_view>> parse_bundle(std::string_view bundle, unsigned count) {
  std::vector<std::string_view> entries;
  entries.reserve(count);
  while (!bundle.empty()) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(bundle[at]); };
    const auto size = bundle.size() < 2 ? std::size_t{0} : std::size_t{byte(0)} << 8U | byte(1);
    if (bundle.size() < 2 + size) return fail(Code::kInvalid, "an entry is cut short");
    if (entries.size() == count) break;
    entries.push_back(bundle.substr(2, size));
    bundle.remove_prefix(2 + size);
  }
  if (entries.size() != count || !bundle.empty())
    return fail(Code::kInvalid, "other than " + std::to_string(count) + " entries");
  return entries;
}

}  // namespace plimsoll::ledger
