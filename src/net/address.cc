#include "net/address.h"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <cstdint>
#include <ranges>

namespace plimsoll::net {
namespace {

struct Block {
  std::uint32_t network;
  unsigned bits;
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c, unsigned d) {
  return a << 24U | b << 16U | c << 8U | d;
}

constexpr std::array kNotPublic = std::to_array<Block>({
    {v4(0, 0, 0, 0), 8},         // this network
    {v4(10, 0, 0, 0), 8},        // private
    {v4(100, 64, 0, 0), 10},     // shared; Alibaba's metadata
    {v4(127, 0, 0, 0), 8},       // loopback
    {v4(168, 63, 129, 16), 32},  // Azure's metadata
    {v4(169, 254, 0, 0), 16},    // link-local; the other clouds' metadata
    {v4(172, 16, 0, 0), 12},     // private
    {v4(192, 0, 0, 0), 24},      // protocol assignments
    {v4(192, 0, 2, 0), 24},      // documentation
    {v4(192, 88, 99, 0), 24},    // 6to4 relays
    {v4(192, 168, 0, 0), 16},    // private
    {v4(198, 18, 0, 0), 15},     // benchmarks
    {v4(198, 51, 100, 0), 24},   // documentation
    {v4(203, 0, 113, 0), 24},    // documentation
    {v4(224, 0, 0, 0), 4},       // multicast
    {v4(240, 0, 0, 0), 4},       // reserved, broadcast
});

bool is_public(std::uint32_t address) {
  return std::ranges::none_of(
      kNotPublic, [address](const Block& b) { return (address ^ b.network) >> (32 - b.bits) == 0; });
}

using Bytes = boost::asio::ip::address_v6::bytes_type;

std::uint32_t inner(const Bytes& bytes, std::size_t from) {
  return v4(bytes.at(from), bytes.at(from + 1), bytes.at(from + 2), bytes.at(from + 3));
}

template <std::size_t N>
bool begins(const Bytes& bytes, const std::array<unsigned char, N>& with) {
  return std::ranges::equal(std::views::take(bytes, N), with);
}

bool is_public(const Bytes& b) {
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  constexpr std::array<unsigned char, 12> kNat64 = {0, 0x64, 0xFF, 0x9B};
  if (begins(b, kMapped) || begins(b, kNat64)) return is_public(inner(b, 12));
  if (b[0] >> 5U != 1) return false;  // global unicast is 2000::/3
  if (begins(b, std::array<unsigned char, 2>{0x20, 0x02})) return is_public(inner(b, 2));  // 6to4
  if (begins(b, std::array<unsigned char, 2>{0x20, 0x01}) && b[2] < 0x02) return false;    // Teredo, …
  if (begins(b, std::array<unsigned char, 4>{0x20, 0x01, 0x0D, 0xB8})) return false;       // documentation
  return !(begins(b, std::array<unsigned char, 2>{0x3F, 0xFF}) && b[2] < 0x10);            // documentation
}

}  // namespace

bool is_public(const boost::asio::ip::address& address) {
  return address.is_v4() ? is_public(address.to_v4().to_uint()) : is_public(address.to_v6().to_bytes());
}

}  // namespace plimsoll::net
