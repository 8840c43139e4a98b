// Identifiers that sort by the time they were made.
#pragma once

#include <string>

namespace plimsoll {

// A UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then random bits from the kernel's generator
// (buffered per thread). 36 characters, lower case. Unique across processes; unguessable beyond its time.
std::string new_id();

// `count` bytes from the operating system's cryptographic generator.
std::string random_bytes(std::size_t count);

}  // namespace plimsoll
