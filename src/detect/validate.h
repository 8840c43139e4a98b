// Whether a string of the right shape is the real thing. Each takes exactly what its rule's pattern matched.
#pragma once

#include <string_view>

namespace plimsoll::detect {

bool is_card_number(std::string_view text);      // an issuer's prefix and length, and Luhn's check digit
bool is_iban(std::string_view text);             // ISO 13616: the country's length, and mod 97
bool is_us_ssn(std::string_view text);           // ranges that were ever issued
bool is_us_itin(std::string_view text);          // the tax office's numbers for those without one
bool is_ipv4(std::string_view text);             // four bytes of a host's address, not a version number
bool is_ipv6(std::string_view text);             // eight groups, or at least three around one gap
bool is_national_phone(std::string_view text);   // with a leading zero: nine to eleven digits
bool is_mac_address(std::string_view text);      // one separator, not all zeros
bool is_phone(std::string_view text);            // as many digits as a number has, and not a date
bool is_bitcoin_address(std::string_view text);  // base58check
bool is_date(std::string_view text);             // three numbers, or the name of a month and two
bool is_aba_routing(std::string_view text);      // the check digit of US routing numbers
bool is_nhs_number(std::string_view text);       // mod 11
bool has_digits(std::string_view text);          // at least four

// Bits per character. A random base64 string of 32 has about 4.5, a word of English about 3.
double entropy(std::string_view text);
bool is_varied(std::string_view text);            // not a placeholder of a few characters repeated
bool looks_random(std::string_view text);         // a key, not a word or a placeholder
bool looks_like_password(std::string_view text);  // not a word, a placeholder or a variable
bool is_random_hex(std::string_view text);
bool is_jwt_head(std::string_view text);

}  // namespace plimsoll::detect
