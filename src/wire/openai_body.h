// What the bodies of OpenAI's smaller APIs have in common.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "collector.h"

namespace plimsoll::wire {

inline constexpr std::size_t kMaxInputs = 2'048;  // OpenAI's own limit

// A body that must be a JSON object. An answer's may be larger, and its refusal is the upstream's fault: 502.
Decoded<boost::json::value> read_request_object(std::string_view body);
Decoded<boost::json::value> read_answer_object(std::string_view body);
std::unexpected<BadBody> bad_answer(const BadBody& problem);

// A text, a list of texts, a text as token ids, or a list of those. What is given as token ids cannot be
// read, so it is an attachment.
bool collect_inputs(Collector& into, const boost::json::value& inputs);

// "model" and "stream", which the conversation remembers.
bool read_model(Collector& into, const boost::json::value& model);
bool read_stream(Collector& into, const boost::json::value& stream);

// Members of a request that name its sender or a setting; a short identifier in them is no text.
bool is_request_label(std::string_view member);
// Likewise of an answer, or of a chunk of one.
bool is_answer_label(std::string_view member);

// Appends an answer's members that identify it; what is no identifier in their place is left out.
void copy_labels(const boost::json::value& answer, boost::json::object& into);

}  // namespace plimsoll::wire
