// Telephone numbers: how they are grouped where they are dialled, and which calling codes there are (ITU-T E.164;
// the national numbering plans that the ITU publishes, as of 2025).
#pragma once

#include <string_view>

namespace plimsoll::detect {

// With "+", "00" or "011" before it: a calling code that is given, and as many digits as numbers there have.
bool is_international_phone(std::string_view text);

// Grouped as a national plan groups its numbers, and beginning as they do, in one of some forty countries. Strong
// enough to stand without a word that says so, so it leaves out the plans whose groups are those of any number
// (Poland's three threes, Denmark's four pairs).
bool is_national_phone(std::string_view text);

// North American, in three groups: any area code, since invented and old numbers are personal data as well.
bool is_nanp_phone(std::string_view text);

// After a word that says a number follows: grouped as any plan does, or in one piece of a plausible length. Not a
// date, an amount in thousands, or an address of the Internet.
bool is_named_phone(std::string_view text);
// The same after a word that often means something else ("call", "reach"): grouped, or ten digits and more.
bool is_called_phone(std::string_view text);

}  // namespace plimsoll::detect
