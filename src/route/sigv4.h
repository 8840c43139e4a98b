// AWS Signature Version 4, by headers:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "net/http.h"
#include "route/upstream.h"

namespace plimsoll::route {

// Percent-encodes everything but letters, digits and "-._~"; `keep_slash` for whole paths.
std::string uri_encode(std::string_view text, bool keep_slash);

struct ToSign {
  std::string_view method;
  std::string_view
      path;  // as it is sent, without a query: it is encoded once more, as all services but S3 want
  net::Headers headers;  // those to be signed, Host among them; names distinct
  std::string_view body;
  std::string_view service;  // "bedrock"
};

// What to add to the request: X-Amz-Date, X-Amz-Security-Token (with temporary credentials), Authorization.
net::Headers signature(const ToSign& request, const AwsCredentials& credentials,
                       std::chrono::system_clock::time_point now);

}  // namespace plimsoll::route
