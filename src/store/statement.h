// Puts a SELECT together: words of ours, and parameters for whatever comes from outside.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "connection.h"
#include "schema.h"

namespace plimsoll::store {

class Statement {
 public:
  explicit Statement(std::string words) : sql_(std::move(words)) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& add(std::string_view words) {
    sql_ += words;
    return *this;
  }
  // WHERE or AND, words, and a parameter: where("time >= ", value).
  Statement& where(std::string_view words, Value value, std::string_view after = {}) {
    condition();
    add(words).parameter(value).add(after);
    return *this;
  }
  Statement& where_text(std::string_view words, const std::string& text, std::string_view after = {}) {
    return where(words, std::string_view(texts_.emplace_back(text)), after);
  }
  // A condition that is complete.
  Statement& where(std::string_view words) {
    condition();
    return add(words);
  }
  // One parameter for all of them: to plan a statement with a thousand takes longer than to answer it.
  Statement& where_any_of(const std::string& column, const std::vector<std::int64_t>& numbers) {
    std::string list;
    for (const auto number : numbers) list.append(list.empty() ? "" : ",").append(std::to_string(number));
    return where_text(column + " IN (SELECT CAST(unnest(string_to_array(", list, ", ',')) AS BIGINT))");
  }
  Statement& parameter(Value value) {
    values_.push_back(value);
    return add("$" + std::to_string(values_.size()));
  }
  Statement& limit(std::size_t rows) { return add(" LIMIT ").parameter(static_cast<std::int64_t>(rows)); }
  Statement& window(const Window& window, const std::string& column) {
    if (window.from) where(column + " >= ", to_ms(*window.from));
    if (window.until) where(column + " < ", to_ms(*window.until));
    return *this;
  }

  Result<Table> ask(Connection& connection) const { return connection.query(sql_, values_); }

 private:
  void condition() {
    add(conditions_ ? " AND " : " WHERE ");
    conditions_ = true;
  }
  std::string sql_;
  std::vector<Value> values_;
  std::deque<std::string> texts_;  // of parameters
  bool conditions_ = false;
};

// Runs `work` with the reader's connection, all of it as of one moment.
template <class Work>
auto read(Reader& reader, Work work) -> decltype(work(std::declval<Connection&>())) {
  const auto connection = reader.connection();
  if (!connection) return std::unexpected(connection.error());
  return transact(**connection, true, [&] { return work(**connection); });
}

}  // namespace plimsoll::store
