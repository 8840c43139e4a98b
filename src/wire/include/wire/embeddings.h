// OpenAI's embeddings (/v1/embeddings). Nothing is generated, so there is no stream and no safe mode; errors
// are text_completion_error()'s.
#pragma once

#include <string_view>

#include "wire/document.h"

namespace plimsoll::wire {

// A request body. `input` (a string, or an array of strings) and every other string are segments; inputs
// given as token ids cannot be read: they are attachments. `conversation().surface` is "embeddings".
Decoded<Document> decode_embedding_request(std::string_view body);

// An answer body: vectors, as numbers or as the base64 of finite 32-bit floats, and identifiers. Any other
// string in it is a segment, as if a model had written it.
Decoded<Document> decode_embedding_response(std::string_view body);

}  // namespace plimsoll::wire
