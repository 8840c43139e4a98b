// Whether a string of the right shape is the real thing. Each takes exactly what its rule's pattern matched.
// Numbers that states give are in national_ids.h, telephone numbers in phone_plans.h, keys in key_checks.h.
#pragma once

#include <string_view>

namespace plimsoll::detect {

bool is_card_number(std::string_view text);  // an issuer's prefix and length, and Luhn's check digit
bool is_iban(std::string_view text);         // ISO 13616: the country's length, and mod 97
bool is_bic(std::string_view text);          // ISO 9362: a country in its place, and no word
bool is_ipv4(std::string_view text);         // four bytes of a host's address
bool is_ipv6(std::string_view text);         // eight groups, or at least three around one gap
bool is_mac_address(std::string_view text);  // one separator, not all zeros, not broadcast
bool is_email(std::string_view text);        // no dot at an end or beside another, and not a file's name
bool is_date(std::string_view text);         // a day there can be: digits, or the name of a month and digits
bool is_date_and_time(std::string_view text);    // of any year from 1800 on, with the time or without
bool is_aba_routing(std::string_view text);      // the check digit of US routing numbers, and a bank's prefix
bool is_account_number(std::string_view text);   // not a date, not one digit repeated
bool is_vin(std::string_view text);              // ISO 3779 with the North American check digit
bool is_imei(std::string_view text);             // Luhn
bool is_coordinates(std::string_view text);      // latitude and longitude within their ranges, as decimals
bool is_document_number(std::string_view text);  // at least five digits, no date
bool has_digits(std::string_view text);          // at least four

// Addresses of crypto currencies, by the checksum within them.
bool is_base58_address(std::string_view text);    // Bitcoin, Litecoin, Dogecoin, Dash, Tron
bool is_bech32_address(std::string_view text);    // BIP 173 and 350
bool is_ethereum_address(std::string_view text);  // EIP-55, where capitals are mixed
bool is_wallet_key(std::string_view text);        // Bitcoin's wallet import format

// Where a number stands by itself: no letter, digit or sign joins it to something longer, such as a version, a sum of
// money, a path or another number.
bool stands_alone(std::string_view before, std::string_view after);
bool is_whole_domain(std::string_view before,
                     std::string_view after);  // and no name of code: java.net.Socket
// The same, and no word before it that says it is a version or a section.
bool is_not_a_version(std::string_view before, std::string_view after);
// Where an address of colons stands by itself.
bool is_not_in_hex(std::string_view before, std::string_view after);

}  // namespace plimsoll::detect
