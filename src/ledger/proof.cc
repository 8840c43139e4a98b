#include "ledger/proof.h"

#include <array>
#include <bit>
#include <cassert>
#include <charconv>
#include <cstring>

#include "ledger/tiles.h"

namespace plimsoll::ledger {
namespace {

constexpr std::string_view kMagicLine = "c2sp.org/tlog-proof@v1";
constexpr std::size_t kMaxProofHashes = 64;

// The tree of the first `size` entries, computed from its tiles. Keeps the tiles it has read.
class TiledTree {
 public:
  TiledTree(const TileSource& source, Index size) : source_(source), size_(size) {}

  // MTH(D[begin:end]): a whole subtree, or one that ends where the tree does.
  Result<Digest> hash(Index begin, Index end) {
    const auto count = end - begin;
    if (std::has_single_bit(count)) return subtree(begin, static_cast<unsigned>(std::countr_zero(count)));
    const auto middle = begin + std::bit_floor(count - 1);
    const auto left = hash(begin, middle);
    if (!left) return left;
    const auto right = hash(middle, end);
    if (!right) return right;
    return node_hash(*left, *right);
  }

 private:
  struct Held {
    unsigned level;
    Index index;
    std::vector<Digest> hashes;
  };

  // Of 2^height leaves. Inside of one tile, because its hashes are a power of two and aligned.
  Result<Digest> subtree(Index begin, unsigned height) {
    const auto level = height / kTileBits;
    const auto first = begin >> (kTileBits * level);
    const auto tile = read(level, first >> kTileBits);
    if (!tile) return std::unexpected(tile.error());
    return subtree_hash(std::span(**tile).subspan(first % kTileWidth, std::size_t{1} << height % kTileBits));
  }

  Result<const std::vector<Digest>*> read(unsigned level, Index index) {
    for (const auto& held : held_)
      if (held.level == level && held.index == index) return &held.hashes;
    const auto width = tile_width(size_, level, index);
    auto hashes = source_.tile(level, index, width);
    if (!hashes) return std::unexpected(std::move(hashes).error());
    if (hashes->size() != width)
      return fail(Code::kInvalid, to_path({.level = level, .index = index}) + ": too few hashes");
    return &held_.emplace_back(level, index, *std::move(hashes)).hashes;
  }

  const TileSource& source_;
  const Index size_;
  std::vector<Held> held_;
};

// PATH(m, D[begin:end]) of RFC 6962, 2.1.1.
Result<void> path(TiledTree& tree, Index m, Index begin, Index end, Proof& proof) {
  if (end - begin == 1) return {};
  const auto middle = begin + std::bit_floor(end - begin - 1);
  const bool left = m < middle;
  auto below = left ? path(tree, m, begin, middle, proof) : path(tree, m, middle, end, proof);
  if (!below) return below;
  const auto other = left ? tree.hash(middle, end) : tree.hash(begin, middle);
  if (!other) return std::unexpected(other.error());
  proof.push_back(*other);
  return {};
}

// SUBPROOF(m - begin, D[begin:end], whole) of RFC 6962, 2.1.2.
Result<void> subproof(TiledTree& tree, Index m, Index begin, Index end, bool whole, Proof& proof) {
  if (m == end) {
    if (whole) return {};
    const auto hash = tree.hash(begin, end);
    if (!hash) return std::unexpected(hash.error());
    proof.push_back(*hash);
    return {};
  }
  const auto middle = begin + std::bit_floor(end - begin - 1);
  const bool left = m <= middle;
  auto below =
      left ? subproof(tree, m, begin, middle, whole, proof) : subproof(tree, m, middle, end, false, proof);
  if (!below) return below;
  const auto other = left ? tree.hash(middle, end) : tree.hash(begin, middle);
  if (!other) return std::unexpected(other.error());
  proof.push_back(*other);
  return {};
}

std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

Digest leaf_hash(std::string_view entry) {
  const std::string_view pieces[] = {std::string_view("\0", 1), entry};
  return sha256(pieces);
}

Digest node_hash(const Digest& left, const Digest& right) {
  std::array<char, 65> bytes;
  bytes[0] = 1;
  std::memcpy(bytes.data() + 1, left.data(), left.size());
  std::memcpy(bytes.data() + 33, right.data(), right.size());
  return sha256(std::string_view(bytes.data(), bytes.size()));
}

Digest empty_root() {
  return sha256(std::string_view());
}

Digest subtree_hash(std::span<const Digest> hashes) {
  assert(std::has_single_bit(hashes.size()) && hashes.size() <= kTileWidth);
  if (hashes.size() == 1) return hashes.front();
  std::array<Digest, kTileWidth / 2> above;
  auto count = hashes.size() / 2;
  for (std::size_t i = 0; i < count; ++i) above[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
  for (; count > 1; count /= 2)
    for (std::size_t i = 0; i < count / 2; ++i) above[i] = node_hash(above[2 * i], above[2 * i + 1]);
  return above.front();
}

Digest root_of(std::span<const Digest> hashes) {
  assert(!hashes.empty());
  if (hashes.size() == 1) return hashes.front();
  const auto middle = std::bit_floor(hashes.size() - 1);
  return node_hash(root_of(hashes.first(middle)), root_of(hashes.subspan(middle)));
}

Result<Proof> inclusion_proof(const TileSource& tiles, Index index, Index size) {
  if (index >= size)
    return fail(Code::kInvalid, "entry " + std::to_string(index) + " is not in a tree of " +
                                    std::to_string(size) + " entries");
  TiledTree tree(tiles, size);
  Proof proof;
  if (auto made = path(tree, index, 0, size, proof); !made) return std::unexpected(std::move(made).error());
  return proof;
}

Result<Proof> consistency_proof(const TileSource& tiles, Index old_size, Index size) {
  if (old_size > size)
    return fail(Code::kInvalid, "a tree of " + std::to_string(size) + " entries cannot begin with one of " +
                                    std::to_string(old_size));
  Proof proof;
  if (old_size == 0 || old_size == size) return proof;
  TiledTree tree(tiles, size);
  if (auto made = subproof(tree, old_size, 0, size, true, proof); !made)
    return std::unexpected(std::move(made).error());
  return proof;
}

Result<Digest> root_at(const TileSource& tiles, Index size) {
  if (size == 0) return empty_root();
  return TiledTree(tiles, size).hash(0, size);
}

bool verify_inclusion(const Digest& leaf, Index index, Index size, std::span<const Digest> proof,
                      const Digest& root) {
  if (index >= size) return false;
  auto fn = index;
  auto sn = size - 1;
  auto hash = leaf;
  for (const auto& other : proof) {
    if (sn == 0) return false;
    if ((fn & 1U) != 0 || fn == sn) {
      hash = node_hash(other, hash);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      hash = node_hash(hash, other);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && hash == root;
}

bool verify_consistency(Index old_size, const Digest& old_root, Index size, const Digest& root,
                        std::span<const Digest> proof) {
  if (old_size > size) return false;
  if (old_size == size) return proof.empty() && old_root == root;
  if (old_size == 0) return proof.empty() && old_root == empty_root();
  if (proof.empty() && !std::has_single_bit(old_size)) return false;

  auto fn = old_size - 1;
  auto sn = size - 1;
  for (; (fn & 1U) != 0; fn >>= 1U) sn >>= 1U;
  // Where the old tree is a whole subtree of the new one, its root is not repeated in the proof.
  const bool known = std::has_single_bit(old_size);
  if (!known && proof.empty()) return false;
  auto old_hash = known ? old_root : proof.front();
  auto hash = old_hash;
  for (const auto& other : proof.subspan(known ? 0 : 1)) {
    if (sn == 0) return false;
    if ((fn & 1U) != 0 || fn == sn) {
      old_hash = node_hash(other, old_hash);
      hash = node_hash(other, hash);
      while ((fn & 1U) == 0 && fn != 0) {
        fn >>= 1U;
        sn >>= 1U;
      }
    } else {
      hash = node_hash(hash, other);
    }
    fn >>= 1U;
    sn >>= 1U;
  }
  return sn == 0 && old_hash == old_root && hash == root;
}

std::string to_text(const ProofFile& file) {
  auto text = std::string(kMagicLine) + "\nindex " + std::to_string(file.index) + "\n";
  for (const auto& hash : file.proof) text.append(to_base64(bytes_of(hash))).append("\n");
  return text.append("\n").append(file.checkpoint);
}

Result<ProofFile> parse_proof_file(std::string_view text) {
  const auto invalid = [](std::string_view what) {
    return fail(Code::kInvalid, "proof file: " + std::string(what));
  };
  if (text.size() > kMaxProofFileBytes) return invalid("larger than 64 KiB");
  if (take_line(text) != kMagicLine) return invalid("the first line is not c2sp.org/tlog-proof@v1");
  auto line = take_line(text);
  if (line && line->starts_with("extra ")) {
    if (!from_base64(line->substr(6))) return invalid("the extra line is not base64");
    line = take_line(text);
  }
  ProofFile file;
  if (!line || !line->starts_with("index ")) return invalid("the index line is missing");
  line->remove_prefix(6);
  const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), file.index);
  if (error != std::errc() || end != line->data() + line->size() || std::to_string(file.index) != *line)
    return invalid("the index is not a number");
  for (line = take_line(text); line && !line->empty(); line = take_line(text)) {
    const auto bytes = from_base64(*line);
    if (!bytes || bytes->size() != sizeof(Digest)) return invalid("a hash is not 32 bytes in base64");
    if (file.proof.size() == kMaxProofHashes) return invalid("more than 64 hashes");
    std::memcpy(file.proof.emplace_back().data(), bytes->data(), sizeof(Digest));
  }
  if (!line) return invalid("the empty line before the checkpoint is missing");
  file.checkpoint = text;
  return file;
}

}  // namespace plimsoll::ledger
