#include "spec/openapi.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace plimsoll::spec {
namespace {

TEST(Openapi, EveryListenerIsDescribed) {
  for (const auto text : {gateway_openapi(), evidence_openapi(), control_openapi()}) {
    const auto document = parse_json(text, {.max_bytes = text.size()});
    ASSERT_TRUE(document) << document.error().message;
    const auto* paths = find_object(*document, "paths");
    ASSERT_NE(paths, nullptr);
    const auto page = docs_page(text);
    for (const auto& [path, methods] : *paths) {
      EXPECT_NE(page.find(std::string(path)), std::string::npos) << path;
      for (const auto& [method, operation] : methods.get_object()) {
        EXPECT_NE(find_string(operation, "summary"), nullptr) << method << " " << path;
        EXPECT_NE(find_object(operation, "responses"), nullptr) << method << " " << path;
      }
    }
  }
}

}  // namespace
}  // namespace plimsoll::spec
