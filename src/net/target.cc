#include "target.h"

#include <charconv>

namespace plimsoll::net {
namespace {

bool decode_path(std::string_view raw, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(raw[i]);
    if (c == '%') {
      unsigned int value = 0;
      if (i + 2 >= raw.size()) return false;
      const auto end = std::from_chars(raw.data() + i + 1, raw.data() + i + 3, value, 16).ptr;
      if (end != raw.data() + i + 3 || value == '/') return false;
      c = static_cast<unsigned char>(value);
      i += 2;
    }
    if (c < 0x20U || c == 0x7FU) return false;
    out += static_cast<char>(c);
  }
  return out.starts_with('/');
}

}  // namespace

bool is_host(std::string_view host) {
  return host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~:[]%") ==
         std::string_view::npos;
}

bool parse_target(std::string_view target, Request& request) {
  if (target.find('#') != std::string_view::npos) return false;
  const auto mark = target.find('?');
  request.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  return decode_path(target.substr(0, mark), request.path);
}

}  // namespace plimsoll::net
