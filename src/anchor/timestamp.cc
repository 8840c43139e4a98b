#include "anchor/timestamp.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/ts.h>

#include <ctime>
#include <memory>
#include <new>

#include "base/hash.h"
#include "base/id.h"

namespace plimsoll::anchor {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* t) const {
    Free(t);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freed<Free>>;

using Request = Owned<TS_REQ, TS_REQ_free>;
using Response = Owned<TS_RESP, TS_RESP_free>;
using Checks = Owned<TS_VERIFY_CTX, TS_VERIFY_CTX_free>;

template <class T>
T* made(T* t) {
  if (t == nullptr) throw std::bad_alloc();
  return t;
}

std::string why() {
  std::string text;
  while (const auto error = ERR_get_error()) {
    char line[256];
    ERR_error_string_n(error, line, sizeof line);
    const std::string_view all = line;
    text.append(text.empty() ? "" : "; ").append(all.substr(all.rfind(':') + 1));
  }
  return text.empty() ? "unknown" : text;
}

const unsigned char* in(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// All of `bytes`, and nothing more.
template <class T, class Read>
T* read_der(std::string_view bytes, Read read) {
  const auto* at = in(bytes);
  T* value = read(nullptr, &at, static_cast<long>(bytes.size()));
  if (value != nullptr && at == in(bytes) + bytes.size()) return value;
  return nullptr;
}

}  // namespace

std::string timestamp_request(std::string_view data) {
  const Request request(made(TS_REQ_new()));
  const Owned<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> imprint(made(TS_MSG_IMPRINT_new()));
  const Owned<X509_ALGOR, X509_ALGOR_free> algorithm(made(X509_ALGOR_new()));
  const Owned<ASN1_INTEGER, ASN1_INTEGER_free> nonce(made(ASN1_INTEGER_new()));
  auto digest = sha256(data);
  auto random = random_bytes(8);
  random.front() = static_cast<char>((random.front() & 0x7F) | 1);  // positive, and no leading zero
  ASN1_STRING_set(nonce.get(), random.data(), static_cast<int>(random.size()));
  X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
  TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get());
  TS_MSG_IMPRINT_set_msg(imprint.get(), digest.data(), static_cast<int>(digest.size()));
  TS_REQ_set_version(request.get(), 1);
  TS_REQ_set_msg_imprint(request.get(), imprint.get());
  TS_REQ_set_nonce(request.get(), nonce.get());
  TS_REQ_set_cert_req(request.get(), 1);
  unsigned char* bytes = nullptr;
  const int size = i2d_TS_REQ(request.get(), &bytes);
  if (size <= 0) throw std::bad_alloc();
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

Result<Time> check_timestamp(std::string_view response, std::string_view data, std::string_view request,
                             const std::string& ca_file) {
  if (response.size() > kMaxTimestampBytes) return fail(Code::kTooLarge, "time stamp: larger than 64 KiB");
  ERR_clear_error();
  const Response reply(read_der<TS_RESP>(response, d2i_TS_RESP));
  if (!reply) return fail(Code::kInvalid, "time stamp: not a response of RFC 3161");
  const Owned<X509_STORE, X509_STORE_free> trusted(made(X509_STORE_new()));
  if (X509_STORE_load_file(trusted.get(), ca_file.c_str()) != 1)
    return fail(Code::kInvalid, "time stamp: " + ca_file + " holds no certificates: " + why());

  Checks checks;
  unsigned flags = TS_VFY_VERSION | TS_VFY_SIGNER | TS_VFY_SIGNATURE | TS_VFY_DATA;
  if (!request.empty()) {
    const Request asked(read_der<TS_REQ>(request, d2i_TS_REQ));
    if (!asked) return fail(Code::kInvalid, "time stamp: the request is none");
    checks.reset(TS_REQ_to_TS_VERIFY_CTX(asked.get(), nullptr));
    if (checks) flags |= TS_VFY_NONCE | TS_VFY_POLICY;
  } else {
    checks.reset(TS_VERIFY_CTX_new());
  }
  if (!checks) return fail(Code::kInvalid, "time stamp: " + why());
  if (!request.empty() &&
      TS_REQ_get_policy_id(Request(read_der<TS_REQ>(request, d2i_TS_REQ)).get()) == nullptr)
    flags &= ~TS_VFY_POLICY;
  TS_VERIFY_CTX_set_flags(checks.get(), static_cast<int>(flags));
  TS_VERIFY_CTX_set_data(checks.get(), BIO_new_mem_buf(data.data(), static_cast<int>(data.size())));
  X509_STORE_up_ref(trusted.get());
  TS_VERIFY_CTX_set_store(checks.get(), trusted.get());
  if (TS_RESP_verify_response(checks.get(), reply.get()) != 1)
    return fail(Code::kInvalid, "time stamp: " + why());

  const TS_TST_INFO* info = TS_RESP_get_tst_info(reply.get());
  std::tm broken{};
  if (info == nullptr || ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &broken) != 1)
    return fail(Code::kInvalid, "time stamp: no time in it");
  return std::chrono::system_clock::from_time_t(::timegm(&broken));
}

}  // namespace plimsoll::anchor
