"""A small ONNX model, written byte by byte: the highest row of a table, looked up by the pieces of a text.

The field numbers are those of onnx.proto.
"""
import struct

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def varint(value):
    out = b""
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def value_info(name, kind, columns):
    last = field(1, columns) if columns else field(2, "n")
    shape = field(1, field(1, 1)) + field(1, last)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def node(operator, inputs, output, *attributes):
    return (b"".join(field(1, name) for name in inputs) + field(2, output) + field(4, operator)
            + b"".join(field(5, a) for a in attributes))


def encoder(words, columns, inputs=("input_ids", "attention_mask"), depth=0):
    """(vocabulary, model): `words` maps a word to its numbers; every other piece has zeros. `depth`: how many times a
    product of matrices is made for nothing, so that it takes time."""
    vocabulary = SPECIAL + list(words)
    rows = [[0.0] * columns] * len(SPECIAL) + [list(words[word]) for word in words]
    raw = b"".join(struct.pack(f"<{columns}f", *row) for row in rows)
    table = field(1, len(rows)) + field(1, columns) + field(2, 1) + field(8, "table") + field(9, raw)
    nodes = [node("Gather", ["table", inputs[0]], "looked_up")]
    initializers = [table]
    last = "looked_up"
    if depth:
        size = 1024
        eye = b"".join(struct.pack("<f", 1.0 if i == j else 0.0) for i in range(size) for j in range(size))
        initializers.append(field(1, size) + field(1, size) + field(2, 1) + field(8, "square") + field(9, eye))
        nodes.append(node("ReduceMin", ["looked_up"], "least", field(1, "keepdims") + field(3, 0) + field(20, 2)))
        nodes.append(node("Add", ["square", "least"], "product0"))  # so that it cannot be computed beforehand
        for k in range(depth):
            nodes.append(node("MatMul", [f"product{k}", "square"], f"product{k + 1}"))
        nodes.append(node("ReduceMin", [f"product{depth}"], "nothing", field(1, "keepdims") + field(3, 0) + field(20, 2)))
        nodes.append(node("Add", ["looked_up", "nothing"], "delayed"))
        last = "delayed"
    nodes.append(node("ReduceMax", [last], "logits", field(1, "axes") + field(8, 1) + field(20, 7),
                      field(1, "keepdims") + field(3, 0) + field(20, 2)))
    graph = (b"".join(field(1, n) for n in nodes) + field(2, "test") + b"".join(field(5, t) for t in initializers)
             + b"".join(field(11, value_info(name, 7, 0)) for name in inputs)
             + field(12, value_info("logits", 1, columns)))
    model = field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))
    return "\n".join(vocabulary) + "\n", model
