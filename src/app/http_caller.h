// One request after another to one server, waiting for each: for commands, not for servers.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "net/http.h"

namespace plimsoll::app {

class HttpCaller {
 public:
  struct Answer {
    int status = 0;
    std::string body;
  };

  // kInvalid for what is no http(s) URL.
  static Result<HttpCaller> to(const std::string& url);
  ~HttpCaller();
  HttpCaller(HttpCaller&&) noexcept;
  HttpCaller& operator=(HttpCaller&&) noexcept;

  // `path` begins with a slash and goes behind the URL's own. kTooLarge beyond `max_bytes` of the answer.
  Result<Answer> call(const std::string& method, const std::string& path, std::string body = {},
                      net::Headers headers = {}, std::size_t max_bytes = 64U << 20U);

 private:
  struct State;
  explicit HttpCaller(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::app
