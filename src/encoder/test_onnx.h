// A small ONNX model, written byte by byte (onnx.proto: the field numbers below are its).
//
// It looks up a row of numbers for each piece of the text and gives the highest of each column: the simplest thing that
// has an encoder's inputs and outputs.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::encoder {

class Proto {
 public:
  Proto& number(unsigned field, std::uint64_t value) {
    varint(field << 3U);
    varint(value);
    return *this;
  }
  Proto& bytes(unsigned field, std::string_view value) {
    varint(field << 3U | 2U);
    varint(value.size());
    out_ += value;
    return *this;
  }
  Proto& message(unsigned field, const Proto& value) { return bytes(field, value.out_); }
  const std::string& str() const { return out_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 128; value >>= 7U) out_ += static_cast<char>(value | 128U);
    out_ += static_cast<char>(value);
  }
  std::string out_;
};

// Of type int64 [1, "n"] or float [1, columns].
inline Proto value_info(std::string_view name, unsigned type, std::uint64_t columns) {
  Proto last;
  if (columns == 0)
    last.bytes(2, "n");
  else
    last.number(1, columns);
  const Proto shape = Proto().message(1, Proto().number(1, 1)).message(1, last);
  const Proto tensor = Proto().number(1, type).message(2, shape);
  return Proto().bytes(1, name).message(2, Proto().message(1, tensor));
}

// `rows`: by piece; each of as many columns. `inputs`: their names; the first is looked up, the others are not used.
inline std::string make_onnx(const std::vector<std::vector<float>>& rows,
                             const std::vector<std::string>& inputs = {"input_ids", "attention_mask"}) {
  constexpr unsigned kFloat = 1;
  constexpr unsigned kInt64 = 7;
  const std::size_t columns = rows.front().size();
  std::string raw;
  for (const auto& row : rows)
    for (const float x : row) {
      const auto bits = std::bit_cast<std::uint32_t>(x);
      for (unsigned i = 0; i < 4; ++i) raw += static_cast<char>(bits >> (8 * i) & 255U);
    }
  const Proto table =
      Proto().number(1, rows.size()).number(1, columns).number(2, kFloat).bytes(8, "table").bytes(9, raw);
  const Proto gather =
      Proto().bytes(1, "table").bytes(1, inputs.front()).bytes(2, "looked_up").bytes(4, "Gather");
  const Proto axes = Proto().bytes(1, "axes").number(8, 1).number(20, 7);
  const Proto keep = Proto().bytes(1, "keepdims").number(3, 0).number(20, 2);
  const Proto most = Proto()
                         .bytes(1, "looked_up")
                         .bytes(2, "logits")
                         .bytes(4, "ReduceMax")
                         .message(5, axes)
                         .message(5, keep);
  Proto graph;
  graph.message(1, gather).message(1, most).bytes(2, "test").message(5, table);
  for (const std::string& name : inputs) graph.message(11, value_info(name, kInt64, 0));
  graph.message(12, value_info("logits", kFloat, columns));
  const Proto opset = Proto().bytes(1, "").number(2, 13);
  return Proto().number(1, 8).message(7, graph).message(8, opset).str();
}

}  // namespace plimsoll::encoder
