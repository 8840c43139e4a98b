// Settings of a request that safe mode changes.
#pragma once

#include <boost/json/object.hpp>

namespace plimsoll::wire {

// No tools, temperature at most `max_temperature`, top_p at most 1, one choice.
void tighten_sampling(boost::json::object& body, double max_temperature);

}  // namespace plimsoll::wire
