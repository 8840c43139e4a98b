#include "wire/translate.h"
namespace plimsoll::wire {
bool can_translate(Protocol, Protocol) { return false; }
Decoded<boost::json::value> translate_request(const boost::json::value& b, Protocol, Protocol) { return b; }
Decoded<boost::json::value> translate_response(const boost::json::value& b, Protocol, Protocol, const boost::json::value&) { return b; }
std::unique_ptr<StreamTranslator> translate_stream(Protocol, Protocol, const boost::json::value&) { return nullptr; }
}
