#include "gate/artifacts.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/json.h"

namespace plimsoll::gate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = 1U << 20U;

Result<json::value> read_json(const std::string& path) {
  std::error_code ec;
  if (fs::is_directory(path, ec))
    return fail(Code::kInvalid, path + ": is a directory; expected a JSON file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Code::kNotFound, path + ": cannot be opened; expected a JSON file of metrics");
  std::string text(kMaxBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fail(Code::kUnavailable, path + ": cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxBytes) return fail(Code::kTooLarge, path + ": larger than 1 MiB");
  auto value = parse_json(text);
  if (!value) return std::unexpected(std::move(value).error().in(path));
  if (!value->is_object())
    return fail(Code::kInvalid, path + ": expected an object of metrics, like {\"pass_at_5\": 0.84}");
  return value;
}

// {"pass_at_5": 0.84}, or the same inside {"quality": …}.
Result<json::value> read_category(const std::string& category, const std::string& path) {
  auto value = read_json(path);
  if (!value) return value;
  if (const auto* inner = find_object(*value, category)) return json::value(*inner);
  for (const auto& member : value->get_object())
    if (member.value().is_structured())
      return fail(Code::kInvalid, path + ": '" + std::string(member.key()) +
                                      "' must be a number; expected the " + category +
                                      " metrics, like {\"metric\": 0.1}");
  return value;
}

Result<json::value> read_directory(const std::string& directory) {
  constexpr std::string_view kPrefix = "eval_", kSuffix = ".json";
  std::vector<std::string> categories;
  std::error_code ec;
  for (fs::directory_iterator it(directory, ec), end; !ec && it != end; it.increment(ec)) {
    const auto name = it->path().filename().string();
    if (name.size() > kPrefix.size() + kSuffix.size() && name.starts_with(kPrefix) && name.ends_with(kSuffix))
      categories.push_back(name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size()));
  }
  if (ec) return fail(Code::kUnavailable, directory + ": cannot be listed: " + ec.message());
  if (categories.empty())
    return fail(Code::kNotFound,
                directory +
                    ": no evaluation results; expected eval_quality.json, eval_fairness.json, "
                    "eval_safety.json and eval_drift.json");
  std::ranges::sort(categories);
  json::object out;
  for (const auto& category : categories) {
    auto value = read_category(category, (fs::path(directory) / ("eval_" + category + ".json")).string());
    if (!value) return value;
    out[category] = *std::move(value);
  }
  return json::value(std::move(out));
}

}  // namespace

Result<boost::json::value> read_artifacts(const Sources& sources) {
  json::value out = json::object();
  if (!sources.artifacts.empty()) {
    std::error_code ec;
    if (!fs::exists(sources.artifacts, ec))
      return fail(Code::kNotFound,
                  sources.artifacts +
                      ": does not exist; expected a directory with eval_quality.json and the "
                      "like, or a JSON file");
    auto read = fs::is_directory(sources.artifacts, ec) ? read_directory(sources.artifacts)
                                                        : read_json(sources.artifacts);
    if (!read) return read;
    out = *std::move(read);
  }
  for (const auto& [category, path] : sources.files) {
    auto read = read_category(category, path);
    if (!read) return read;
    out.get_object()[category] = *std::move(read);
  }
  return out;
}

}  // namespace plimsoll::gate
