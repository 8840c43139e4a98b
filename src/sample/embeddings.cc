#include <algorithm>
#include <bit>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/hash.h"
#include "base/json.h"
#include "replies.h"

namespace plimsoll::sample {
namespace {

// Every word adds to one place of the vector and takes from another; the length is 1.
std::vector<float> embed(std::string_view text, std::size_t dimensions) {
  std::vector<float> vector(dimensions);
  for (const auto& word : pieces(text, 0)) {
    const auto digest =
        sha256(std::string_view(word).substr(std::min(word.find_first_not_of(" \n\t\r"), word.size())));
    vector[(digest[0] * 256U + digest[1]) % dimensions] += 1;
    vector[(digest[2] * 256U + digest[3]) % dimensions] -= 0.5F;
  }
  float square = 0;
  for (const float x : vector) square += x * x;
  if (square == 0) vector[0] = square = 1;
  for (float& x : vector) x /= std::sqrt(square);
  return vector;
}

json::value encode(const std::vector<float>& vector, bool base64) {
  if (!base64) return json::array(vector.begin(), vector.end());
  std::string bytes;
  for (const float x : vector) {
    auto bits = std::bit_cast<std::uint32_t>(x);
    for (int i = 0; i < 4; ++i, bits >>= 8U) bytes += static_cast<char>(bits & 255U);
  }
  return json::value(to_base64(bytes));
}

}  // namespace

std::string make_embeddings(const json::value& request, std::string_view model) {
  const auto* input = find(request, "input");
  const auto* named = find_string(request, "model");
  const auto* format = find_string(request, "encoding_format");
  const auto* asked = find(request, "dimensions");
  const bool sensible = asked != nullptr && asked->is_int64() && asked->get_int64() > 0;
  const auto dimensions = sensible ? std::min<std::int64_t>(asked->get_int64(), 4'096) : 64;

  std::vector<std::string> texts;
  const auto* list = input != nullptr ? input->if_array() : nullptr;
  if (list != nullptr && !list->empty() && !list->front().is_number()) {
    for (const auto& item : *list)
      texts.push_back(item.is_string() ? std::string(item.get_string()) : to_json(item));
  } else if (input != nullptr) {
    texts.push_back(input->is_string() ? std::string(input->get_string()) : to_json(*input));
  }

  json::array data;
  std::size_t words = 0;
  for (const auto& text : texts) {
    words += count_words(text);
    const auto vector = embed(text, static_cast<std::size_t>(dimensions));
    data.push_back(json::object{{"object", "embedding"},
                                {"index", data.size()},
                                {"embedding", encode(vector, format != nullptr && *format == "base64")}});
  }
  return to_json(json::object{{"object", "list"},
                              {"data", std::move(data)},
                              {"model", named != nullptr ? std::string_view(*named) : model},
                              {"usage", json::object{{"prompt_tokens", words}, {"total_tokens", words}}}});
}

}  // namespace plimsoll::sample
