// The vectors are those of AWS's Signature Version 4 test suite, by their names there.
#include "sigv4.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace plimsoll::route {
namespace {

const AwsCredentials kExample = {.region = "us-east-1",
                                 .access_key_id = "AKIDEXAMPLE",
                                 .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                 .session_token = {}};

net::Headers sign(std::string_view method, std::string_view path, std::string_view body = {},
                  std::initializer_list<std::pair<std::string, std::string>> more = {},
                  const AwsCredentials& credentials = kExample) {
  ToSign request{.method = method, .path = path, .headers = {}, .body = body, .service = "service"};
  request.headers.add("Host", "example.amazonaws.com");
  for (const auto& [name, value] : more) request.headers.add(name, value);
  return signature(request, credentials, *from_rfc3339("2015-08-30T12:36:00Z"));
}

std::string expected(std::string_view names, std::string_view signature) {
  return "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=" +
         std::string(names) + ", Signature=" + std::string(signature);
}

TEST(SigV4, GetVanilla) {
  const auto added = sign("GET", "/");
  EXPECT_EQ(added.get("x-amz-date"), "20150830T123600Z");
  EXPECT_FALSE(added.has("x-amz-security-token"));
  EXPECT_EQ(added.get("authorization"),
            expected("host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"));
}

TEST(SigV4, PostVanilla) {
  EXPECT_EQ(sign("POST", "/").get("authorization"),
            expected("host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"));
}

TEST(SigV4, PostWithABody) {
  EXPECT_EQ(sign("POST", "/", "Param1=value1", {{"Content-Type", "application/x-www-form-urlencoded"}})
                .get("authorization"),
            expected("content-type;host;x-amz-date",
                     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"));
}

TEST(SigV4, PostStsHeaderBefore) {
  AwsCredentials temporary = kExample;
  temporary.session_token =
      "AQoDYXdzEPT//////////"
      "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTfl"
      "fKD8YUuwthAx7mSEI/qkPpKPi/"
      "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvl"
      "Rd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+"
      "scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rv"
      "x3iSIlTJabIQwj2ICCR/oLxBA==";
  const auto added = sign("POST", "/", {}, {}, temporary);
  EXPECT_EQ(added.get("x-amz-security-token"), temporary.session_token);
  EXPECT_EQ(added.get("authorization"),
            expected("host;x-amz-date;x-amz-security-token",
                     "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"));
}

TEST(SigV4, GetHeaderValueTrim) {
  EXPECT_EQ(sign("GET", "/", {}, {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}})
                .get("authorization"),
            expected("host;my-header1;my-header2;x-amz-date",
                     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"));
}

TEST(SigV4, PathsAreEncoded) {
  const std::pair<std::string_view, std::string_view> suite[] = {
      {"/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
       "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
      {"/ሴ", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
      {"/example space/", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"}};
  for (const auto& [path, hex] : suite)
    EXPECT_EQ(sign("GET", path).get("authorization"), expected("host;x-amz-date", hex)) << path;
}

TEST(SigV4, WhatIsEncodedOnTheWireIsEncodedTwiceInTheSignature) {
  EXPECT_EQ(uri_encode("us.anthropic.claude:0", false), "us.anthropic.claude%3A0");
  EXPECT_EQ(uri_encode("a/b", false), "a%2Fb");
  EXPECT_EQ(uri_encode("/model/a%3A0/invoke", true), "/model/a%253A0/invoke");
}

}  // namespace
}  // namespace plimsoll::route
