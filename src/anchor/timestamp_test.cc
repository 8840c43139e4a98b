#include "anchor/timestamp.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/files.h"

namespace plimsoll::anchor {
namespace {

// An authority of OpenSSL's own, made here.
class AnAuthority : public testing::Test {
 protected:
  AnAuthority()
      : folder_((std::filesystem::temp_directory_path() / ("timestamp_test." + std::to_string(::getpid())))
                    .string()) {
    std::filesystem::create_directories(folder_);
    EXPECT_TRUE(replace_file(folder_ + "/tsa.cnf", R"([req]
distinguished_name = dn
prompt = no
[dn]
CN = Test authority
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[tsa]
extendedKeyUsage = critical, timeStamping
[tsa_config]
serial = serial
default_policy = 1.2.3.4
signer_digest = sha256
digests = sha256
tsa_name = yes
ess_cert_id_alg = sha256
)"));
    run("openssl ecparam -name prime256v1 -genkey -noout -out ca.key");
    run("openssl req -new -x509 -config tsa.cnf -extensions ca -key ca.key -days 30 -out ca.pem");
    run("openssl ecparam -name prime256v1 -genkey -noout -out tsa.key");
    run("openssl req -new -config tsa.cnf -key tsa.key -out tsa.csr");
    run("openssl x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile tsa.cnf "
        "-extensions tsa -out tsa.pem");
  }
  ~AnAuthority() override { std::filesystem::remove_all(folder_); }

  void run(const std::string& command) const {
    ASSERT_EQ(std::system(("cd " + folder_ + " && " + command + " >log 2>&1").c_str()), 0)
        << *read_file(folder_ + "/log", 1U << 20U);
  }
  std::string stamped(const std::string& request) const {
    EXPECT_TRUE(replace_file(folder_ + "/request", request));
    run("openssl ts -reply -config tsa.cnf -section tsa_config -queryfile request -inkey tsa.key -signer "
        "tsa.pem "
        "-out response");
    return *read_file(folder_ + "/response", kMaxTimestampBytes);
  }
  std::string ca() const { return folder_ + "/ca.pem"; }

  std::string folder_;
};

TEST_F(AnAuthority, StampsWhatWasAskedFor) {
  const std::string data = "log.example.org\n7\nroot\n";
  const auto request = timestamp_request(data);
  EXPECT_NE(request, timestamp_request(data));  // the nonce
  const auto response = stamped(request);
  const auto time = check_timestamp(response, data, request, ca());
  ASSERT_TRUE(time) << time.error().message;
  EXPECT_LT(std::chrono::abs(std::chrono::system_clock::now() - *time), std::chrono::minutes(5));
  EXPECT_TRUE(check_timestamp(response, data, "", ca()));

  // As others check it.
  ASSERT_TRUE(replace_file(folder_ + "/data", data));
  run("openssl ts -verify -data data -in response -CAfile ca.pem");
}

TEST_F(AnAuthority, OfOthersOrOverOtherThingsIsRefused) {
  const std::string data = "data";
  const auto request = timestamp_request(data);
  const auto response = stamped(request);
  EXPECT_FALSE(check_timestamp(response, "other data", request, ca()));
  EXPECT_FALSE(check_timestamp(response, data, timestamp_request(data), ca()));
  EXPECT_FALSE(check_timestamp(response, "other data", "", ca()));
  EXPECT_FALSE(check_timestamp(response, data, "", folder_ + "/tsa.pem"));
  EXPECT_FALSE(check_timestamp(response, data, "", folder_ + "/none.pem"));
  EXPECT_FALSE(check_timestamp("", data, "", ca()));
  for (std::size_t i = 0; i < response.size(); i += 7) {
    auto altered = response;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    const auto checked = check_timestamp(altered, data, request, ca());
    // What is outside of the signature may be altered, but never the time.
    if (checked) EXPECT_EQ(*checked, *check_timestamp(response, data, request, ca()));
  }
}

}  // namespace
}  // namespace plimsoll::anchor
