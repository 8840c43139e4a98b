// Ed25519 (RFC 8032).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll::ledger::ed25519 {

using Seed = std::array<std::uint8_t, 32>;  // the private key
using PublicKey = std::array<std::uint8_t, 32>;

PublicKey public_key(const Seed& seed);
std::string sign(const Seed& seed, std::string_view message);  // 64 bytes
bool verify(const PublicKey& key, std::string_view message, std::string_view signature);

// Overwrites it, in a way that the compiler does not leave out.
void forget(Seed& seed);

}  // namespace plimsoll::ledger::ed25519
