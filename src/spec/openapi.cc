#include "spec/openapi.h"

#include <algorithm>

#include "base/json.h"

extern "C" {
extern const char plimsoll_gateway_openapi[];       // NOLINT: these are defined by texts.S
extern const char plimsoll_gateway_openapi_end[];   // NOLINT
extern const char plimsoll_evidence_openapi[];      // NOLINT
extern const char plimsoll_evidence_openapi_end[];  // NOLINT
extern const char plimsoll_control_openapi[];       // NOLINT
extern const char plimsoll_control_openapi_end[];   // NOLINT
}

namespace plimsoll::spec {

std::string_view gateway_openapi() {
  return {plimsoll_gateway_openapi, plimsoll_gateway_openapi_end};
}

std::string_view evidence_openapi() {
  return {plimsoll_evidence_openapi, plimsoll_evidence_openapi_end};
}

std::string_view control_openapi() {
  return {plimsoll_control_openapi, plimsoll_control_openapi_end};
}

std::string docs_page(std::string_view text) {
  const auto document = parse_json(text, {.max_bytes = text.size()});
  const auto* info = document ? find_object(*document, "info") : nullptr;
  const auto* paths = document ? find_object(*document, "paths") : nullptr;
  const auto* title = info != nullptr ? info->if_contains("title") : nullptr;
  const std::string name(title != nullptr && title->is_string() ? std::string_view(title->get_string())
                                                                : "Plimsoll");
  std::string page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>" + name +
                     "</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem "
                     "auto;padding:0 1rem}"
                     "td{padding:.3rem .8rem;border-bottom:1px solid "
                     "#ddd;vertical-align:top}code{white-space:nowrap}</style><h1>" +
                     name +
                     "</h1><p>Described in full by <a href=\"/openapi.json\">/openapi.json</a>.</p><table>";
  if (paths != nullptr)
    for (const auto& [path, methods] : *paths)
      for (const auto& [method, operation] : methods.get_object()) {
        std::string upper(method);
        std::ranges::transform(upper, upper.begin(),
                               [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
        const auto* summary = find_string(operation, "summary");
        page.append("<tr><td><code>").append(upper).append(" ").append(path).append("</code><td>");
        if (summary != nullptr) page += *summary;
      }
  return page + "</table></html>\n";
}

}  // namespace plimsoll::spec
