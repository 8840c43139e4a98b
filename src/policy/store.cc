#include "policy/store.h"

#include <sys/stat.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <filesystem>

#include "base/files.h"
#include "base/json.h"
#include "policy/shipped.h"

namespace plimsoll::policy {

namespace {

constexpr std::size_t kMaxAmendmentBytes = 1U << 20U;

std::vector<Problem> problem_of(std::string file, std::string message) {
  return {Problem{.file = std::move(file), .message = std::move(message)}};
}

std::string_view column_of(std::optional<Tier> tier) {
  return tier ? to_string(*tier) : std::string_view("untiered");
}

std::string to_text(const std::vector<Store::Amendment>& amendments) {
  json::array list;
  for (const auto& a : amendments)
    list.emplace_back(json::object{
        {"category", to_string(a.category)}, {"tier", column_of(a.tier)}, {"threshold", a.value}});
  return to_json(json::object{{"risk_thresholds", std::move(list)}}) + "\n";
}

// The cell of the document, or nullptr where the policy has none.
json::value* cell_of(json::value& document, const Store::Amendment& amendment) {
  auto* table = document.is_object() ? document.get_object().if_contains("risk_thresholds") : nullptr;
  auto* row = table != nullptr && table->is_object()
                  ? table->get_object().if_contains(to_string(amendment.category))
                  : nullptr;
  auto* cell =
      row != nullptr && row->is_object() ? row->get_object().if_contains(column_of(amendment.tier)) : nullptr;
  return cell != nullptr && cell->is_number() ? cell : nullptr;
}

}  // namespace

std::expected<std::unique_ptr<Store>, std::vector<Problem>> Store::open(std::string path,
                                                                        std::string amendments) {
  std::unique_ptr<Store> store(new Store(std::move(path), std::move(amendments)));
  const std::lock_guard lock(store->mutex_);
  auto known = store->read_amendments();
  if (!known) return std::unexpected(problem_of(store->amendments_file_, known.error().message));
  store->amendments_ = *std::move(known);
  if (auto problems = store->reload_locked(); !problems.empty()) return std::unexpected(std::move(problems));
  store->counts_ = {};
  return store;
}

Store::Stamp Store::stamp_of(const std::string& path) {
  struct stat s{};
  if (::stat(path.c_str(), &s) != 0) return {};
  return {s.st_dev,         s.st_ino,          static_cast<std::uint64_t>(s.st_size),
          s.st_ctim.tv_sec, s.st_ctim.tv_nsec, true};
}

std::vector<Problem> Store::reload() {
  const std::lock_guard lock(mutex_);
  return reload_locked();
}

std::optional<std::vector<Problem>> Store::reload_if_changed() {
  if (path_.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (stamp_of(path_) == stamp_) return std::nullopt;
  return reload_locked();
}

// The stamp is taken before the file is read: a change in between is seen at the next look, not lost.
std::vector<Problem> Store::reload_locked() {
  const Stamp stamp = path_.empty() ? Stamp{} : stamp_of(path_);
  auto policy = load(amendments_);
  stamp_ = stamp;
  if (!policy) {
    ++counts_.refused;
    problems_ = std::move(policy).error();
    return problems_;
  }
  problems_.clear();
  const auto current = snapshot_.get();
  if (current && current->version() == (*policy)->version()) {
    ++counts_.unchanged;
  } else {
    ++counts_.replaced;
    snapshot_.replace(*std::move(policy));
  }
  return {};
}

// An amendment whose cell the file no longer has is left out: there is nothing to change.
Store::Loaded Store::load(const std::vector<Amendment>& amendments) const {
  auto base = path_.empty() ? Policy::parse(shipped_yaml(), std::string(kShippedName)) : Policy::load(path_);
  if (!base || amendments.empty()) return base;
  json::value document = (*base)->document();
  for (const auto& amendment : amendments)
    if (auto* cell = cell_of(document, amendment)) *cell = amendment.value;
  std::optional<std::string> directory;
  if (!path_.empty()) directory = std::filesystem::path(path_).parent_path().string();
  return Policy::parse(to_json(document), path_.empty() ? std::string(kShippedName) : path_, directory);
}

Result<std::vector<Store::Amendment>> Store::read_amendments() const {
  std::vector<Amendment> out;
  if (amendments_file_.empty()) return out;
  const auto text = read_file(amendments_file_, kMaxAmendmentBytes);
  if (!text && text.error().code == Code::kNotFound) return out;
  if (!text) return std::unexpected(text.error());
  const auto value = parse_json(*text);
  const auto* list = value ? find_array(*value, "risk_thresholds") : nullptr;
  if (list == nullptr) return fail(Code::kInvalid, "this file of amendments is damaged");
  for (const auto& one : *list) {
    const auto* category = find_string(one, "category");
    const auto* tier = find_string(one, "tier");
    const auto* threshold = find(one, "threshold");
    const auto known = category != nullptr ? parse_category(*category) : std::nullopt;
    const auto column = tier != nullptr ? parse_tier(*tier) : std::nullopt;
    if (!known || tier == nullptr || (!column && *tier != "untiered") || threshold == nullptr ||
        !threshold->is_number())
      return fail(Code::kInvalid, "this file of amendments is damaged");
    out.push_back({*known, column, threshold->to_number<double>()});
  }
  return out;
}

Result<Store::Amended> Store::amend(const Amendment& amendment,
                                    const std::function<Result<void>(const Amended&)>& agree) {
  if (amendments_file_.empty()) return fail(Code::kInvalid, "this policy cannot be amended");
  const std::lock_guard one_at_a_time(amending_);
  const auto before = current();
  json::value document = before->document();
  const auto* cell = cell_of(document, amendment);
  if (cell == nullptr)
    return fail(Code::kInvalid, "the policy has no threshold for " +
                                    std::string(to_string(amendment.category)) + " and " +
                                    std::string(column_of(amendment.tier)));
  Amended outcome{.from_version = before->version(), .version = {}, .old_value = cell->to_number<double>()};
  std::vector<Amendment> all;
  {
    const std::lock_guard lock(mutex_);
    all = amendments_;
  }
  std::erase_if(
      all, [&](const Amendment& a) { return a.category == amendment.category && a.tier == amendment.tier; });
  all.push_back(amendment);
  const auto changed = load(all);
  if (!changed)
    return fail(Code::kInvalid, "the policy would not be good: " + to_string(changed.error().front()));
  outcome.version = (*changed)->version();
  if (auto agreed = agree(outcome); !agreed) return std::unexpected(std::move(agreed).error());
  const auto folder = std::filesystem::path(amendments_file_).parent_path().string();
  if (auto made = make_directory(folder); !made) return std::unexpected(std::move(made).error());
  if (auto kept = replace_file(amendments_file_, to_text(all)); !kept)
    return std::unexpected(std::move(kept).error());
  const std::lock_guard lock(mutex_);
  amendments_ = std::move(all);
  if (auto problems = reload_locked(); !problems.empty())
    return fail(Code::kUnavailable, "the policy cannot be read again: " + to_string(problems.front()));
  return outcome;
}

std::vector<Problem> Store::last_problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

Store::Counts Store::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace plimsoll::policy
