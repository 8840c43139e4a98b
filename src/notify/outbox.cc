#include "outbox.h"

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "base/log.h"

namespace plimsoll::notify {
namespace {

constexpr std::size_t kMaxFileBytes = 64U << 10U;
constexpr std::string_view kEnding = ".json";

std::string to_text(const Item& item) {
  return to_json(json::object{{"attempts", item.attempts},
                              {"created", to_rfc3339_ms(item.created)},
                              {"next", to_rfc3339_ms(item.next)},
                              {"notice", to_object(item.notice)},
                              {"status", item.status},
                              {"v", 1}});
}

Result<Item> read_item(const std::string& destination, const std::string& id, const std::string& path) {
  const auto text = read_file(path, kMaxFileBytes);
  if (!text) return std::unexpected(text.error());
  const auto value = parse_json(*text);
  if (!value) return std::unexpected(value.error());
  const auto* inner = find(*value, "notice");
  auto notice = inner != nullptr ? read_notice(*inner) : fail(Code::kInvalid, "holds no notice");
  if (!notice) return std::unexpected(std::move(notice).error());
  const auto time = [&](std::string_view key) {
    const auto* found = find_string(*value, key);
    return found != nullptr ? from_rfc3339(*found) : std::nullopt;
  };
  const auto count = [&](std::string_view key) {
    const auto* found = find(*value, key);
    return found != nullptr && found->is_int64() ? found->get_int64() : 0;
  };
  const auto created = time("created"), next = time("next");
  if (!created || !next || notice->id != id || notice->subjects.empty())
    return fail(Code::kInvalid, "holds another notice, or no times");
  return Item{.destination = destination,
              .notice = *std::move(notice),
              .created = *created,
              .next = *next,
              .attempts = static_cast<unsigned>(std::clamp<std::int64_t>(count("attempts"), 0, 1'000'000)),
              .status = static_cast<int>(std::clamp<std::int64_t>(count("status"), 0, 999))};
}

}  // namespace

Result<void> Files::replace(const std::string& path, std::string_view bytes) {
  return replace_file(path, bytes);
}
void Files::remove(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

Result<Outbox> Outbox::open(std::string folder, Files& files, Limits limits) {
  if (auto made = make_directory(folder); !made) return std::unexpected(std::move(made).error());
  Outbox out(std::move(folder), files, limits);
  std::error_code failed;
  for (std::filesystem::directory_iterator at(out.folder_, failed), end; !failed && at != end;
       at.increment(failed)) {
    std::error_code ignored;
    if (at->is_directory(ignored)) out.read_lane(at->path().filename().string(), at->path());
  }
  if (failed) return fail(Code::kUnavailable, out.folder_ + " cannot be read: " + failed.message());
  return out;
}

void Outbox::read_lane(const std::string& name, const std::filesystem::path& directory) {
  std::error_code failed;
  Lane& lane = lanes_[name];
  for (std::filesystem::directory_iterator at(directory, failed), end; !failed && at != end;
       at.increment(failed)) {
    const auto file = at->path().filename().string();
    if (!file.ends_with(kEnding)) continue;
    const auto id = file.substr(0, file.size() - kEnding.size());
    auto item = read_item(name, id, at->path().string());
    if (!item) {
      log_error("notices: a file of the outbox cannot be read and is set aside",
                {{"file", at->path().string()}, {"error", item.error().message}});
      std::error_code ignored;
      std::filesystem::rename(at->path(), at->path().string() + ".bad", ignored);
      continue;
    }
    const auto bytes = to_text(*item).size();
    lane.items[id] = {.item = *std::move(item), .bytes = bytes};
    lane.bytes += bytes;
  }
}

std::string Outbox::path_of(const std::string& destination, const std::string& id) const {
  return folder_ + "/" + destination + "/" + id + std::string(kEnding);
}

Result<void> Outbox::write(Kept& kept) {
  const auto text = to_text(kept.item);
  kept.bytes = text.size();
  return files_->replace(path_of(kept.item.destination, kept.item.notice.id), text);
}

Result<void> Outbox::put(const Addressed& a, Time now) {
  const auto [lane_at, fresh] = lanes_.try_emplace(a.destination);
  Lane& lane = lane_at->second;
  if (lane.items.contains(a.notice.id)) return {};
  if (auto made = make_directory(folder_ + "/" + a.destination); !made) return made;
  Kept kept{.item = {.destination = a.destination, .notice = a.notice, .created = now, .next = now}};
  if (auto written = write(kept); !written) return written;
  lane.bytes += kept.bytes;
  lane.items.emplace(a.notice.id, std::move(kept));
  while (lane.items.size() > 1 && (lane.items.size() > limits_.notices || lane.bytes > limits_.bytes))
    dropped_.push_back(take(a.destination, lane.items.begin()->first));
  return {};
}

const Item* Outbox::next(const std::string& destination, Time now) const {
  const auto lane = lanes_.find(destination);
  if (lane == lanes_.end()) return nullptr;
  const Item* best = nullptr;
  for (const auto& [id, kept] : lane->second.items) {
    // A clock that was set back must not keep it for longer than any pause is.
    if (kept.item.next > now && kept.item.next - now <= std::chrono::hours(1)) continue;
    if (best == nullptr || kept.item.attempts < best->attempts) best = &kept.item;
  }
  return best;
}

bool Outbox::has(const std::string& destination, const std::string& id) const {
  const auto lane = lanes_.find(destination);
  return lane != lanes_.end() && lane->second.items.contains(id);
}

void Outbox::failed(const std::string& destination, const std::string& id, int status, Time next) {
  auto& lane = lanes_.at(destination);
  auto& kept = lane.items.at(id);
  ++kept.item.attempts;
  kept.item.status = status;
  kept.item.next = next;
  lane.bytes -= kept.bytes;
  // Where that cannot be written it is tried a little sooner after a restart.
  if (const auto written = write(kept); !written)
    log_warn("notices: an attempt cannot be noted", {{"error", written.error().message}});
  lane.bytes += kept.bytes;
}

Item Outbox::take(const std::string& destination, const std::string& id) {
  auto& lane = lanes_.at(destination);
  const auto at = lane.items.find(id);
  Item out = std::move(at->second.item);
  lane.bytes -= at->second.bytes;
  lane.items.erase(at);
  return out;
}

std::vector<Item> Outbox::dropped(std::span<const Destination> destinations) {
  for (auto& [name, lane] : lanes_) {
    if (std::ranges::find(destinations, name, &Destination::name) != destinations.end()) continue;
    while (!lane.items.empty()) dropped_.push_back(take(name, lane.items.begin()->first));
  }
  return std::exchange(dropped_, {});
}

std::size_t Outbox::size(const std::string& destination) const {
  const auto lane = lanes_.find(destination);
  return lane == lanes_.end() ? 0 : lane->second.items.size();
}

}  // namespace plimsoll::notify
