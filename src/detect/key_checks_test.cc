#include "key_checks.h"

#include <gtest/gtest.h>

#include <string>

#include "detect/detector.h"

namespace plimsoll::detect {
namespace {

std::vector<std::string> entities(std::string_view text) {
  static const auto detector = *Detector::create();
  static const auto scratch = detector->make_scratch();
  std::vector<std::string> all;
  for (const auto& finding : detector->inspect(text, *scratch).findings)
    if (finding.category == Category::kSecret) all.emplace_back(finding.entity);
  return all;
}

TEST(KeyChecks, KnowPlaceholders) {
  for (const auto* const text : {"xxxxxxxxxxxxxxxx",
                                 "your-api-key",
                                 "YOUR_API_KEY_HERE",
                                 "<your-key>",
                                 "${API_KEY}",
                                 "{{ token }}",
                                 "$(cat key)",
                                 "changeme",
                                 "change-me-now",
                                 "example-key-123",
                                 "AKIAIOSFODNN7EXAMPLE",
                                 "abcdefghijklmnop",
                                 "aaaaaaaaaaaaaaaa",
                                 "0123456789abcdef",
                                 "********",
                                 "my-secret-value",
                                 "placeholder123",
                                 "insert-token",
                                 "REPLACE_WITH_KEY",
                                 "dummy-token-1",
                                 "redacted",
                                 "TODO-key",
                                 "....",
                                 "%(password)s",
                                 "sk-xxxxxxxxxxxxxxxxxxxx"})
    EXPECT_TRUE(is_placeholder(text)) << text;
  for (const auto* const text : {"q9Ns0WE7Xp3Jo1Zv1MgiQk4R", "3f9a1c7e5b2d8046e1f7a9c3b5d03f9a",
                                 "Tr0ub4dor&3", "hunter42", "wJalrXUtnFEMIK7MDENG", "b2x9Kq81LmZt0Pw4",
                                 "deadbeefcafe4242", "5eb4223e-5008-46e5-be67-c7b8f2732305"})
    EXPECT_FALSE(is_placeholder(text)) << text;
}

TEST(KeyChecks, TellPasswordsFromWordsAndCode) {
  for (const auto* const text :
       {"Tr0ub4dor&3",  "hunter42",     "P@ssw0rd!",  "s3cr3t#42",         "Winter2024!",
        "qwerty12",     "84629173",     "pQ9wTxu4Fg", "d2LkV78zLx!t",      "h0pk1ns~21s",
        "blue-Horse-7", "G7h2Kq9w",     "admin#2023", "yqDVtkqPECriaLRi7", "zX9!mK2@",
        "Pa55phrase",   "k4tz3nfutt3r", "M0n@ten99",  "iloveyou99",        "letmein!1"})
    EXPECT_TRUE(looks_like_password(text)) << text;
  for (const auto* const text : {"required",    "correct.",    "password",       "password123", "os.environ",
                                 "process.env", "getPassword", "form.cleaned",   "null",        "None",
                                 "********",    "xxxxxxxx",    "${DB_PASS}",     "$PASSWORD",   "%PASS%",
                                 "&lt;pass",    "string",      "your_password1", "self.pass1",  "12345678",
                                 "aaaaaa1111",  "config.pw1",  "request.x1",     "jdbc.url.x",  "changeme1"})
    EXPECT_FALSE(looks_like_password(text)) << text;
}

TEST(KeyChecks, CountWhatGitHubAndNpmCount) {
  const std::string body = "q7Zk2Lw9Xv4Tb8Np1Rd6Ys3Mf5Hc0J2rlMCg",
                    other = "Yb3kD8sQ1zLw6VtN0xRe5HgM2cUf9P1gNNiv";
  for (const auto& token : {body, other})
    for (const auto* const prefix : {"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "npm_"}) {
      EXPECT_TRUE(has_crc32_suffix(prefix + token));
      for (std::size_t i = 0; i < token.size(); i += 3) {
        auto wrong = token;
        wrong[i] = wrong[i] == 'x' ? 'y' : 'x';
        EXPECT_FALSE(has_crc32_suffix(prefix + wrong)) << i;
      }
    }
  EXPECT_FALSE(has_crc32_suffix("npm_short"));
}

// {"alg":"HS256","typ":"JWT"}, {"typ":"JWT","alg":"RS256","kid":"1"}: and the same shapes of other JSON.
TEST(KeyChecks, TakeAJoseHeaderForAJwtAndNoOtherJson) {
  for (const auto* const head : {"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
                                 "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ", "eyJhbGciOiJub25lIn0"})
    EXPECT_TRUE(is_jwt(std::string(head) + ".eyJz"));
  for (const auto* const other :
       {"eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IngifQ.abcd",  // a payload
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",             // nothing after it
        "eyJuYW1lIjoieCIsImFnZSI6M30.abcd", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVC.abcd", "eyJ!!!.abcd",
        "eyJpdGVtcyI6WzEsMiwzXX0.abcd"})
    EXPECT_FALSE(is_jwt(other)) << other;
}

TEST(KeyChecks, ReadCredentialsOfBasicAuthentication) {
  for (const auto* const text : {"YW5uOlRyMHViNGRvciYz", "YXBpOmtleS0xMjM0NTY3ODkw", "Ym9iOmh1bnRlcjQy"})
    EXPECT_TRUE(is_basic_credentials(text)) << text;
  for (const auto* const text : {"realmrealmrealm", "dXNlcm5hbWU=", "eW91cjpleGFtcGxl"})
    EXPECT_FALSE(is_basic_credentials(text)) << text;
}

TEST(Secrets, AreFoundUnderTheirNames) {
  for (const auto* const text : {"password = \"Tr0ub4dor&3\"",
                                 "DB_PASSWORD=Winter2024!",
                                 "the password is hunter42",
                                 "PASSWORD: 's3cr3t#42'",
                                 R"({"password":"G7h2Kq9w"})",
                                 R"({\"pwd\": \"k4tz3nfutt3r\"})",
                                 "passwd: pQ9wTxu4Fg",
                                 "mysql --user root:zX9!mK2@",
                                 "Passwort: blaue7Katze",
                                 "contraseña: gato!Azul9",
                                 "mot de passe : chat9Bleu!",
                                 "passphrase=correct7horse!battery",
                                 "Server=db;User=sa;Password=Zx81!spectrum;",
                                 "api_key: q9Ns0WE7Xp3Jo1Zv1MgiQk4R",
                                 "apiKey=\"3f9a1c7e5b2d8046e1f7a9c3b5d03f9a\"",
                                 "client_secret => 'q9Ns0WE7Xp3Jo1Zv1MgiQk4R'",
                                 "access token: q9Ns0WE7Xp3Jo1Zv1MgiQk4R",
                                 "AUTH_TOKEN := \"q9Ns0WE7Xp3Jo1Zv1MgiQk4R\"",
                                 "secret: 5eb4223e-5008-46e5-be67-c7b8f2732305",
                                 "curl -u elastic:pQ9wTxu4Fg https://a.example",
                                 "postgres://app:hunter42@db.internal/main",
                                 "mongodb+srv://svc:Tr0ub4dor3@c.example.net/x",
                                 "amqp://u:pQ9wTxu4Fg@mq:5672",
                                 "Authorization: Basic YW5uOlRyMHViNGRvciYz"})
    EXPECT_FALSE(entities(text).empty()) << text;
}

TEST(Secrets, AreNotWhatOnlyHasTheirNames) {
  for (const auto* const text : {"password = os.environ['DB_PASSWORD']",
                                 "password: required",
                                 "password=${DB_PASSWORD}",
                                 "password = form.get('password')",
                                 "the password is correct.",
                                 "the password is incorrect, try again",
                                 "password = \"********\"",
                                 "PASSWORD=<your-password>",
                                 "password: string;",
                                 "def check(password: str) -> bool:",
                                 "if password == confirm_password:",
                                 "pwd = $(pwd)",
                                 "api_key = \"YOUR_API_KEY\"",
                                 "api_key=xxxxxxxxxxxxxxxxxxxxxxxx",
                                 "token = get_token_from_header(request)",
                                 "const token = jwt.sign(payload)",
                                 "max_tokens = 4096",
                                 "csrf-token=Mj2qykJO5rELyHgezQ69nzUX0i3OH67V7",
                                 "secret_name: nexus-gpt4-api-key",
                                 "next_page_token=q9Ns0WE7Xp3Jo1Zv1MgiQk4R",
                                 "public_key = \"9Cnzj4p4WGeKLs1Pt8QuKUpR\"",
                                 "token: 12345678901234567890",
                                 "io.jsonwebtoken:jjwt-jackson-0.11.2",
                                 "access_key_id: my-key-name-in-vault",
                                 "https://user@example.com/path",
                                 "curl -u user https://a.example",
                                 "curl -u ${USER}:${PASS} https://a.example",
                                 "postgres://user:${PASS}@db/main",
                                 "Authorization: Bearer <token>",
                                 "bearer of bad news, as always",
                                 "sha256: 3f9a1c7e5b2d8046e1f7a9c3b5d03f9a",
                                 "password field must have 8 characters",
                                 "Password: ",
                                 "secret santa: everyone brings a present"})
    EXPECT_TRUE(entities(text).empty()) << text << ": " << entities(text).front();
}

}  // namespace
}  // namespace plimsoll::detect
