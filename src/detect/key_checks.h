// Whether what is shaped like a key or a password is one: checksums where the issuer put any, randomness, and a stop
// list of what people write in its place.
#pragma once

#include <string_view>

namespace plimsoll::detect {

// Bits per character. A random base64 string of 32 has about 4.5, a word of English about 3.
double entropy(std::string_view text);

// "your-key-here", "${TOKEN}", "xxxxxxxx", "<secret>", an alphabet in its order.
bool is_placeholder(std::string_view text);

bool is_varied(std::string_view text);       // not a placeholder of a few characters repeated
bool looks_random(std::string_view text);    // a key, not words and not a placeholder
bool looks_assigned(std::string_view text);  // the same, stricter: nothing but a name says that it is a key
bool looks_sent(
    std::string_view text);  // the value of a header that is for keys: letters, digits, no placeholder
bool looks_like_password(std::string_view text);  // not a word, a placeholder or a variable
bool is_random_hex(std::string_view text);
bool is_random_letters(std::string_view text);     // as Hugging Face's, of letters alone
bool is_jwt(std::string_view text);                // begins with a JOSE header: JSON with "alg"
bool is_basic_credentials(std::string_view text);  // base64 of "user:password"

// GitHub's, npm's and this program's own keys end in a CRC-32 of what follows the prefix, in base 62.
bool has_crc32_suffix(std::string_view text);

// What the pattern matched before the value, the name it is assigned to, does not speak of something public.
bool is_secret_name(std::string_view before, std::string_view after);
// The value is not the beginning of an expression: `password = form.get(`.
bool is_value(std::string_view before, std::string_view after);
// Nothing joins it to something longer.
bool is_whole_token(std::string_view before, std::string_view after);

}  // namespace plimsoll::detect
