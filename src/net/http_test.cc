#include "net/http.h"

#include <gtest/gtest.h>

#include "net/client.h"

namespace plimsoll::net {
namespace {

TEST(Headers, CompareNamesWithoutCase) {
  Headers headers;
  headers.add("Content-Type", "a");
  headers.add("content-type", "b");
  EXPECT_EQ(headers.get("CONTENT-TYPE"), "a");
  headers.set("Content-type", "c");
  EXPECT_EQ(headers.size(), 1U);
  EXPECT_FALSE(headers.has("Content"));
}

TEST(Origin, IsReadFromAUrl) {
  const auto origin = parse_origin("https://api.example.com/v1/");
  ASSERT_TRUE(origin);
  EXPECT_TRUE(origin->tls);
  EXPECT_EQ(origin->host, "api.example.com");
  EXPECT_EQ(origin->port, 443);
  EXPECT_EQ(origin->base_path, "/v1");
  EXPECT_EQ(parse_origin("http://[::1]:8000")->host, "::1");
  EXPECT_EQ(parse_origin("http://localhost:8000")->port, 8000);
}

TEST(Origin, OfAnythingElseIsRefusedWithoutQuotingIt) {
  for (const char* url : {"", "localhost:8000", "ftp://h", "http://", "http://h:0", "http://h:99999",
                          "http://u:hunter2@h", "http://h/?q=1", "http://h/#f"}) {
    const auto origin = parse_origin(url);
    ASSERT_FALSE(origin) << url;
    EXPECT_EQ(origin.error().message.find("hunter2"), std::string::npos);
  }
}

}  // namespace
}  // namespace plimsoll::net
