// Hashes and proofs of RFC 6962 (section 2.1; the checks are those of RFC 9162, 2.1.3.2 and 2.1.4.2).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "ledger/ledger.h"

namespace plimsoll::ledger {

Digest leaf_hash(std::string_view entry);                   // SHA-256(0x00 || entry)
Digest node_hash(const Digest& left, const Digest& right);  // SHA-256(0x01 || left || right)
Digest empty_root();                                        // SHA-256("")
Digest subtree_hash(std::span<const Digest> hashes);        // of 1, 2, 4, … 256
Digest root_of(std::span<const Digest> hashes);             // of at least one, however many

// Hashes, from the bottom up.
using Proof = std::vector<Digest>;

// Where the hashes of a tree are.
class TileSource {
 public:
  virtual ~TileSource() = default;
  // The first `width` hashes of a tile. kNotFound, kInvalid (other than that many) or as the file system says.
  virtual Result<std::vector<Digest>> tile(unsigned level, Index index, unsigned width) const = 0;
};

// That the entry `index` is in the tree of the first `size` entries. kInvalid unless index < size.
Result<Proof> inclusion_proof(const TileSource& tiles, Index index, Index size);
// That the tree of the first `size` entries begins with the tree of the first `old_size`. kInvalid unless
// old_size <= size.
Result<Proof> consistency_proof(const TileSource& tiles, Index old_size, Index size);
// The root of the tree of the first `size` entries.
Result<Digest> root_at(const TileSource& tiles, Index size);

bool verify_inclusion(const Digest& leaf, Index index, Index size, std::span<const Digest> proof,
                      const Digest& root);
bool verify_consistency(Index old_size, const Digest& old_root, Index size, const Digest& root,
                        std::span<const Digest> proof);

// A proof that stands alone (C2SP tlog-proof): it holds the checkpoint it leads to.
struct ProofFile {
  Index index = 0;
  Proof proof;
  std::string checkpoint;  // the signed note, byte for byte
};
inline constexpr std::size_t kMaxProofFileBytes = 64U << 10U;
std::string to_text(const ProofFile& file);
// kInvalid, with what is wrong. The "extra" line is skipped. The checkpoint is not looked into.
Result<ProofFile> parse_proof_file(std::string_view text);

}  // namespace plimsoll::ledger
