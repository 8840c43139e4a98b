// What each listener serves, as OpenAPI 3.1: the files in specs/, part of the program.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::spec {

std::string_view gateway_openapi();
std::string_view evidence_openapi();
std::string_view control_openapi();

// A description as a page: a table of its paths.
std::string docs_page(std::string_view document);

}  // namespace plimsoll::spec
