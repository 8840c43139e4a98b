#include "sampling.h"

#include <string_view>

#include "base/json.h"

namespace plimsoll::wire {
namespace {

// Absent means the protocols' default, 1.
void limit(json::object& body, std::string_view member, double most) {
  const auto* set = body.if_contains(member);
  const bool number = set != nullptr && set->is_number();
  const double asked = number ? set->to_number<double>() : 1;
  if (asked > most) {
    body[member] = most;
  } else if (set != nullptr && !number) {
    body[member] = asked;
  }
}

}  // namespace

void tighten_sampling(json::object& body, double max_temperature) {
  for (const char* member :
       {"tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "web_search_options"})
    if (auto* const found = body.find(member); found != body.end()) body.stable_erase(found);
  limit(body, "temperature", max_temperature);
  if (body.contains("top_p")) limit(body, "top_p", 1);
  if (body.contains("n")) body["n"] = 1;
}

}  // namespace plimsoll::wire
