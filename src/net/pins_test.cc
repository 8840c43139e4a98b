#include "pins.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <thread>

#include "base/hash.h"
#include "net/client.h"

namespace plimsoll::net {
namespace {

using tcp = asio::ip::tcp;

// A key and a certificate for 127.0.0.1 that it signed itself.
struct Identity {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();

  Identity() {
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3'600);
    X509_set_version(certificate, X509_VERSION_3);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1,
                               -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate, key, EVP_sha256());
  }
  ~Identity() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  std::string write(const std::string& name) const {
    std::string path = testing::TempDir() + name;
    std::FILE* file = std::fopen(path.c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    return path;
  }
  // As an operator would compute it: SHA-256 of the key's DER form.
  std::string pin() const {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    std::string hash(bytes_of(sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)})));
    OPENSSL_free(der);
    return hash;
  }
};

// Answers one connection at a time.
class TlsServer {
 public:
  explicit TlsServer(const Identity& identity) {
    SSL_CTX_use_certificate(tls_.native_handle(), identity.certificate);
    SSL_CTX_use_PrivateKey(tls_.native_handle(), identity.key);
    thread_ = std::thread([this] {
      for (;;) {
        boost::system::error_code error;
        asio::ssl::stream<tcp::socket> stream(loop_, tls_);
        acceptor_.accept(stream.next_layer(), error);
        if (stopping_) return;
        stream.handshake(asio::ssl::stream_base::server, error);
        std::string request;
        if (!error) asio::read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", error);
        if (!error)
          asio::write(stream, asio::buffer(std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")),
                      error);
      }
    });
  }
  ~TlsServer() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket(loop_).connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }

 private:
  asio::io_context loop_{1};
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  tcp::acceptor acceptor_{loop_, {asio::ip::make_address("127.0.0.1"), 0}};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

Task<int> status_of(Client& client, Origin origin) {
  auto answer = co_await client.send(origin, "GET", "/", {}, {});
  co_return answer ? (*answer)->status() : 0;
}

class PinsTest : public testing::Test {
 protected:
  int ask(const std::string& ca_file, std::vector<std::string> pins) const {
    ClientOptions options;
    options.ca_file = ca_file;
    options.pins = std::move(pins);
    asio::io_context loop{1};
    const auto client = Client::create(loop, std::move(options));
    auto asked = asio::co_spawn(loop, status_of(*client, *parse_origin(server.url())), asio::use_future);
    while (asked.wait_for(std::chrono::seconds(0)) != std::future_status::ready) loop.run_one();
    return asked.get();
  }
  Identity identity;
  Identity stranger;
  TlsServer server{identity};
  std::string trusted = identity.write("plimsoll-pins-test-" + std::to_string(::getpid()) + ".pem");
};

TEST_F(PinsTest, AVerifiedCertificateIsEnoughWithoutPins) {
  EXPECT_EQ(ask(trusted, {}), 200);
}

TEST_F(PinsTest, TheRightKeyPasses) {
  EXPECT_EQ(ask(trusted, {stranger.pin(), identity.pin()}), 200);
}

TEST_F(PinsTest, AnotherKeyDoesNotThoughItsCertificateVerifies) {
  EXPECT_EQ(ask(trusted, {stranger.pin()}), 0);
}

TEST_F(PinsTest, TheRightKeyDoesNotMakeUpForACertificateThatDoesNotVerify) {
  EXPECT_EQ(ask(stranger.write("plimsoll-pins-test-stranger.pem"), {identity.pin()}), 0);
}

TEST(Pin, ReadsTheUsualForm) {
  const std::string hash(32, '\x5a');
  EXPECT_EQ(*parse_pin("sha256/" + to_base64(hash)), hash);
  EXPECT_EQ(*parse_pin(to_base64(hash)), hash);
  for (const auto& bad :
       {std::string("sha256/"), to_base64("short"), "sha1/" + to_base64(hash), std::string("?")})
    EXPECT_FALSE(parse_pin(bad)) << bad;
}

}  // namespace
}  // namespace plimsoll::net
