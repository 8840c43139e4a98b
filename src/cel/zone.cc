#include "zone.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace plimsoll::cel {
namespace {

constexpr std::string_view kDirectory = "/usr/share/zoneinfo/";
constexpr std::size_t kMaxFileBytes = 1 << 20;

bool is_safe_name(std::string_view name) {
  if (name.empty() || name.size() > 100 || name.starts_with('/')) return false;
  if (name.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '-' || c == '+';
  });
}

// Big-endian numbers from the front; zero beyond the end, and then not ok().
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool ok() const { return ok_; }
  std::string_view rest() const { return bytes_; }

  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const auto out = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return out;
  }

  std::int64_t number(std::size_t width) {
    std::uint64_t out = 0;
    for (const char c : take(width)) out = (out << 8U) | static_cast<unsigned char>(c);
    if (width == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(out));
    return static_cast<std::int64_t>(out);
  }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

struct Header {
  std::size_t isutc, isstd, leap, times, types, characters;
};

std::optional<Header> read_header(Reader& in) {
  if (in.take(4) != "TZif") return std::nullopt;
  in.take(16);
  Header out{};
  for (auto* count : {&out.isutc, &out.isstd, &out.leap, &out.times, &out.types, &out.characters}) {
    *count = static_cast<std::uint32_t>(in.number(4));
    if (*count > kMaxFileBytes) return std::nullopt;
  }
  return in.ok() ? std::optional(out) : std::nullopt;
}

}  // namespace

std::optional<Zone> Zone::parse(std::string_view tzif) {
  Reader in(tzif);
  const auto old = read_header(in);
  if (!old) return std::nullopt;
  in.take(old->times * 5 + old->types * 6 + old->characters + old->leap * 8 + old->isstd + old->isutc);
  const auto header = read_header(in);  // version 2 repeats everything with 64-bit times
  if (!header || header->types == 0) return std::nullopt;

  const auto times = in.take(header->times * 8);
  const auto kinds = in.take(header->times);
  const auto types = in.take(header->types * 6);
  in.take(header->characters + header->leap * 12 + header->isstd + header->isutc);
  if (!in.ok()) return std::nullopt;

  const auto offset_of = [&](std::size_t type) { return Reader(types.substr(type * 6)).number(4); };
  Zone out;
  out.first_offset_ = offset_of(0);
  for (std::size_t i = 0; i < header->times; ++i) {
    const auto type = static_cast<unsigned char>(kinds[i]);
    if (type >= header->types) return std::nullopt;
    out.transitions_.push_back({Reader(times.substr(i * 8)).number(8), offset_of(type)});
  }
  if (!std::ranges::is_sorted(out.transitions_, {}, &Transition::at)) return std::nullopt;
  auto footer = in.rest();
  if (footer.starts_with('\n')) footer = footer.substr(1, footer.find('\n', 1) - 1);
  out.rule_ = ZoneRule::parse(footer);
  return out;
}

std::optional<std::int64_t> Zone::fixed_offset(std::string_view name) {
  if (name == "UTC" || name == "Z") return 0;
  const bool west = name.starts_with('-');
  if (west || name.starts_with('+')) name.remove_prefix(1);
  const auto colon = name.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 2 || name.size() - colon != 3)
    return std::nullopt;
  std::int64_t parts[2] = {0, 0};
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (i == colon) continue;
    if (name[i] < '0' || name[i] > '9') return std::nullopt;
    auto& part = parts[i < colon ? 0 : 1];
    part = part * 10 + (name[i] - '0');
  }
  if (parts[0] > 23 || parts[1] > 59) return std::nullopt;
  const std::int64_t seconds = parts[0] * 3600 + parts[1] * 60;
  return west ? -seconds : seconds;
}

std::expected<std::shared_ptr<const Zone>, std::string> Zone::load(std::string_view name) {
  if (const auto fixed = fixed_offset(name)) {
    auto zone = std::make_shared<Zone>();
    zone->first_offset_ = *fixed;
    return zone;
  }
  const std::string unknown = "unknown time zone '" + std::string(name.substr(0, 60)) + "'";
  if (!is_safe_name(name))
    return std::unexpected(unknown + "; write a name like 'Europe/Berlin' or '+02:00'");
  std::ifstream file(std::string(kDirectory) + std::string(name), std::ios::binary);
  if (!file) {
    return std::unexpected(unknown + "; it is not in " + std::string(kDirectory) +
                           " (install tzdata, or write '+02:00')");
  }
  std::string bytes(kMaxFileBytes, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  auto zone = parse(bytes);
  if (!zone) return std::unexpected(unknown + "; its file is not a zone file");
  return std::make_shared<Zone>(*std::move(zone));
}

std::int64_t Zone::offset_at(std::int64_t seconds) const {
  if (rule_ && (transitions_.empty() || seconds >= transitions_.back().at)) return rule_->offset_at(seconds);
  const auto after = std::ranges::upper_bound(transitions_, seconds, {}, &Transition::at);
  return after == transitions_.begin() ? first_offset_ : std::prev(after)->offset;
}

}  // namespace plimsoll::cel
