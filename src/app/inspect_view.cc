#include "inspect_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace plimsoll::app {
namespace {

constexpr std::size_t kAround = 160;  // bytes shown on either side of a finding in a long text
constexpr std::size_t kBarWidth = 40;
constexpr std::string_view kPlain = "\x1b[0m";

std::string_view colour_of(Category category) {
  switch (category) {
    case Category::kPii:
      return "\x1b[34m";  // blue
    case Category::kSecret:
      return "\x1b[31m";  // red
    case Category::kJailbreak:
      return "\x1b[35m";  // magenta
    case Category::kSelfHarm:
      return "\x1b[36m";  // cyan
    case Category::kToxicity:
      return "\x1b[33m";  // yellow
    case Category::kDisguise:
    case Category::kVerbatim:
      return "\x1b[32m";  // green
    default:
      return "\x1b[91m";  // bright red
  }
}

std::string coloured(std::string_view text, Category category, InspectStyle style) {
  if (!style.colour) return std::string(text);
  return std::string(colour_of(category)).append(text).append(kPlain);
}

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};

// The character at the head of valid UTF-8.
Character head_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  char32_t code = first & (bytes == 1 ? 0x7FU : 0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes && i < text.size(); ++i) code = code << 6U | (byte(i) & 0x3FU);
  return {code, std::min(bytes, text.size())};
}

struct Range {
  char32_t first, last;
};
// Controls, and format characters that hide, join or turn text round (Unicode 15, category Cf and their like).
constexpr Range kUnseen[] = {{0x00, 0x08},     {0x0B, 0x1F},      {0x7F, 0x9F},     {0xAD, 0xAD},
                             {0x34F, 0x34F},   {0x61C, 0x61C},    {0x115F, 0x1160}, {0x17B4, 0x17B5},
                             {0x180B, 0x180F}, {0x200B, 0x200F},  {0x2028, 0x202E}, {0x2060, 0x206F},
                             {0x3164, 0x3164}, {0xFE00, 0xFE0E},  {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0},
                             {0xFFF0, 0xFFFB}, {0xE0000, 0xE0FFF}};

bool is_unseen(char32_t code) {
  return std::ranges::any_of(kUnseen, [&](const Range& r) { return code >= r.first && code <= r.last; });
}

std::string decimals(double value) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.2f", value);
  return buffer.data();
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

// Which parts of a long text to show.
std::vector<Span> excerpts(std::string_view text, const std::vector<Finding>& findings) {
  if (text.size() <= kShownWhole) return {{0, text.size()}};
  const auto boundary = [&](std::size_t at) {
    while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
    return std::min(at, text.size());
  };
  std::vector<Span> parts;
  if (findings.empty()) parts.push_back({0, boundary(kAround * 2)});
  for (const auto& finding : findings) {
    const Span part{boundary(finding.span.begin - std::min(finding.span.begin, kAround)),
                    boundary(finding.span.end + kAround)};
    if (!parts.empty() && part.begin <= parts.back().end)
      parts.back().end = std::max(parts.back().end, part.end);
    else
      parts.push_back(part);
  }
  return parts;
}

// Where the marking changes: offsets at which a finding begins or ends.
std::vector<std::size_t> edges(const Span& part, const std::vector<Finding>& findings) {
  std::vector<std::size_t> at = {part.begin, part.end};
  for (const auto& finding : findings)
    for (const auto edge : {finding.span.begin, finding.span.end})
      if (edge > part.begin && edge < part.end) at.push_back(edge);
  std::ranges::sort(at);
  const auto rest = std::ranges::unique(at);
  at.erase(rest.begin(), rest.end());
  return at;
}

std::string underlined(std::string_view text, const Span& part, const std::vector<Finding>& findings) {
  std::string out;
  const auto at = edges(part, findings);
  for (std::size_t i = 0; i + 1 < at.size(); ++i) {
    const auto piece = printable(text.substr(at[i], at[i + 1] - at[i]));
    const auto over = std::ranges::find_if(
        findings, [&](const Finding& f) { return f.span.begin <= at[i] && at[i] < f.span.end; });
    if (over == findings.end())
      out += piece;
    else
      out.append("\x1b[4m").append(colour_of(over->category)).append(piece).append(kPlain);
  }
  return out;
}

std::string bracketed(std::string_view text, const Span& part, const std::vector<Finding>& findings) {
  std::string out;
  const auto at = edges(part, findings);
  for (std::size_t i = 0; i < at.size(); ++i) {
    for (std::size_t f = findings.size(); f-- > 0;)
      if (findings[f].span.end == at[i]) out += ":" + std::to_string(f + 1) + "]";
    for (std::size_t f = 0; f < findings.size(); ++f)
      if (findings[f].span.begin == at[i]) out += "[" + std::to_string(f + 1) + ":";
    if (i + 1 < at.size()) out += printable(text.substr(at[i], at[i + 1] - at[i]));
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto [code, bytes] = head_of(text);
    if (is_unseen(code)) {
      std::array<char, 16> buffer{};
      std::snprintf(buffer.data(), buffer.size(), "\\u{%x}", static_cast<unsigned>(code));
      out += buffer.data();
    } else {
      out += text.substr(0, bytes);
    }
    text.remove_prefix(bytes);
  }
  return out;
}

std::string show_text(std::string_view text, const std::vector<Finding>& findings, InspectStyle style) {
  std::string out;
  std::size_t shown = 0;
  for (const auto& part : excerpts(text, findings)) {
    if (part.begin > shown) out += "…";
    out += style.colour ? underlined(text, part, findings) : bracketed(text, part, findings);
    shown = part.end;
  }
  if (shown < text.size()) out += "…";
  if (!out.ends_with('\n')) out += '\n';
  return out;
}

std::string show_findings(const std::vector<Finding>& findings, InspectStyle style) {
  std::size_t category = 0, entity = 0, detector = 0;
  for (const auto& f : findings) {
    category = std::max(category, to_string(f.category).size());
    entity = std::max(entity, f.entity.size());
    detector = std::max(detector, f.detector.size());
  }
  std::string out;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const auto& f = findings[i];
    const auto name = coloured(padded(std::string(to_string(f.category)), category), f.category, style);
    out += "  " + padded(std::to_string(i + 1), 3) + name + "  " + padded(std::string(f.entity), entity) +
           "  " + padded(std::string(f.detector), detector) + "  " + decimals(f.confidence) + "  bytes " +
           std::to_string(f.span.begin) + "-" + std::to_string(f.span.end) + "\n";
  }
  return out;
}

std::string show_scores(const std::vector<ScoreLine>& lines, InspectStyle style) {
  std::size_t width = 0;
  for (const auto& line : lines) width = std::max(width, to_string(line.category).size());
  std::string out;
  for (const auto& line : lines) {
    const auto cell = [](double share) {
      return static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * kBarWidth));
    };
    const auto filled = cell(line.score);
    const auto limit = line.limit < 0 ? kBarWidth + 1 : std::min(cell(line.limit), kBarWidth - 1);
    std::string full, empty;
    for (std::size_t i = 0; i < kBarWidth; ++i) {
      auto& part = i < filled ? full : empty;
      part += i == limit ? "|" : i < filled ? "█" : "·";
    }
    const bool reached = line.limit >= 0 && line.score >= line.limit;
    out += "  " + padded(std::string(to_string(line.category)), width) + "  " + decimals(line.score) + "  " +
           coloured(full, line.category, style) + empty;
    if (line.limit >= 0) out += "  " + std::string(reached ? "reaches " : "below ") + decimals(line.limit);
    out += "\n";
  }
  return out;
}

}  // namespace plimsoll::app
