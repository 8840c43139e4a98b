// Reading a mapping member by member, so that what is read is also what is known.
//
//   Fields fields(node, "a rule", problems);
//   fields.read("id", rule.id);
//   fields.read("confidence", rule.confidence, {0, 1});
//   fields.finish();   // every member that nobody asked for is an unknown key
#pragma once

#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/action.h"
#include "model/category.h"
#include "yaml/yaml.h"

namespace plimsoll::yaml {

// The candidate that `word` is most likely a slip of, or empty.
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

// "; did you mean 'x'?" or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

// "'a', 'b' or 'c'"
std::string one_of(std::span<const std::string_view> names);

struct Range {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};

// One value each; nullopt with the problem added when it is of another type or out of range. `name` is what
// messages call it.
std::optional<std::string> read_text(const Node& node, std::string_view name, Problems& problems);
std::optional<bool> read_bool(const Node& node, std::string_view name, Problems& problems);
std::optional<double> read_number(const Node& node, std::string_view name, Range range, Problems& problems);
std::optional<std::uint64_t> read_count(const Node& node, std::string_view name, std::uint64_t least,
                                        std::uint64_t most, Problems& problems);
std::optional<Action> read_action(const Node& node, Problems& problems);
std::optional<Category> read_category(const std::string& name, const Mark& mark, Problems& problems);
std::optional<Categories> read_categories(const Node& node, std::string_view name, Problems& problems);
std::optional<std::vector<std::string>> read_texts(const Node& node, std::string_view name,
                                                   Problems& problems);

class Fields {
 public:
  // `what` names the mapping in messages ("a rule"). A node that is none is a problem, and has no members.
  Fields(const Node& node, std::string_view what, Problems& problems);

  // The member, or nullptr; from now on its key is known.
  const Node* get(std::string_view key);
  // The one of several spellings that is there; two of them at once are a problem.
  const Node* get(std::initializer_list<std::string_view> keys);

  // Each sets `out` where the member is there and right.
  void read(std::string_view key, std::string& out);
  void read(std::string_view key, bool& out);
  void read(std::string_view key, double& out, Range range);
  void read(std::string_view key, std::uint64_t& out, std::uint64_t least, std::uint64_t most);
  void read(std::string_view key, Action& out);
  void read(std::string_view key, Categories& out);
  void read(std::string_view key, std::vector<std::string>& out);
  template <class T>
  void choose(std::initializer_list<std::string_view> keys, T& out,
              std::initializer_list<std::pair<std::string_view, T>> names) {
    const Node* node = get(keys);
    if (node == nullptr) return;
    std::vector<std::string_view> known;
    for (const auto& [name, value] : names) {
      if (node->kind == Node::Kind::kScalar && node->text == name) {
        out = value;
        return;
      }
      known.push_back(name);
    }
    refuse_choice(*node, *keys.begin(), known);
  }

  // Adds a problem when the key is absent.
  void require(std::string_view key);

  void finish();

  const Node& node() const { return node_; }

 private:
  void refuse_choice(const Node& node, std::string_view key, std::span<const std::string_view> known);

  const Node& node_;
  std::string what_;
  Problems& problems_;
  std::vector<std::string_view> known_;
};

}  // namespace plimsoll::yaml
