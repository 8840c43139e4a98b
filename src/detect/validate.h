// Whether a string of the right shape is the real thing.
#pragma once

#include <string_view>

namespace plimsoll::detect {

bool is_card_number(std::string_view text);  // an issuer's prefix and length, and Luhn's check digit
bool is_iban(std::string_view text);         // ISO 13616: the country's length, and mod 97
bool is_us_ssn(std::string_view text);       // ranges that were ever issued
bool is_us_itin(std::string_view text);
bool is_ipv4(std::string_view text);  // four bytes; not a version number of zeros
bool is_ipv6(std::string_view text);
bool is_phone(std::string_view text);            // as many digits as a number has, not all alike
bool is_nanp_phone(std::string_view text);       // area code and exchange that exist
bool is_mac_address(std::string_view text);      // one separator, not all zeros
bool is_bitcoin_address(std::string_view text);  // base58check
bool is_date(std::string_view text);             // a day of the last 120 years or so
bool is_aba_routing(std::string_view text);
bool is_nhs_number(std::string_view text);
bool is_vin(std::string_view text);

// Bits per character. A random base64 string of 32 has about 4.5, a word of English about 3.
double entropy(std::string_view text);
bool looks_random(std::string_view text);         // a key, not a word, a path or a placeholder
bool looks_like_password(std::string_view text);  // not a placeholder, a variable or a type
bool is_random_hex(std::string_view text);
bool is_github_token(std::string_view text);  // the CRC-32 at its end
bool is_jwt_header(std::string_view text);

}  // namespace plimsoll::detect
