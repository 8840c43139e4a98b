// The store's rows as the control plane shows them, and its query strings as filters.
#pragma once

#include <boost/json/object.hpp>
#include <expected>

#include "net/query.h"
#include "store/queries.h"

namespace plimsoll::control {

namespace json = boost::json;

json::object to_object(const store::EventRow& event);
json::object to_object(const store::ReviewItem& item, Time now);
json::object to_object(const store::ActRow& act);

struct EventQuery {
  store::EventFilter filter;
  std::size_t limit = 50;
  std::string cursor;
};
std::expected<EventQuery, net::QueryProblem> read_event_query(const net::Parameters& parameters);

}  // namespace plimsoll::control
