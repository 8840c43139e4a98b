// What a reviewer says.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "model/category.h"
#include "net/http.h"
#include "net/query.h"

namespace plimsoll::control {

struct Review {
  std::string decision, notes, assignee;
  std::string second;  // "confirm", "reject": what somebody else proposed
  bool update_policy = false;
  std::optional<Category> category;
  std::optional<double> new_threshold;
};

// Of a JSON body or the query; the body wins.
std::expected<Review, net::QueryProblem> read_review(const net::Request& request);

// The same from an entry `review_proposed`; nullopt for what is none.
std::optional<Review> read_proposal(std::string_view entry);

// The least a threshold may be set to by a person: below it everything would be withheld.
double floor_of(Category category);

}  // namespace plimsoll::control
