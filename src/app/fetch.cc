#include "fetch.h"

#include "http_caller.h"
#include "ledger/tiles.h"

namespace plimsoll::app {

Result<ledger::Fetch> fetch_from(const std::string& url) {
  auto caller = HttpCaller::to(url);
  if (!caller) return std::unexpected(std::move(caller).error());
  auto remote = std::make_shared<HttpCaller>(*std::move(caller));
  return [remote](const std::string& path) -> Result<std::string> {
    auto answer = remote->call("GET", "/" + path, {}, {}, ledger::kMaxBundleBytes);
    if (!answer) return std::unexpected(std::move(answer).error());
    if (answer->status == 404) return fail(Code::kNotFound, path + ": not there (404)");
    if (answer->status != 200)
      return fail(Code::kUnavailable, path + ": status " + std::to_string(answer->status));
    return std::move(answer->body);
  };
}

}  // namespace plimsoll::app
