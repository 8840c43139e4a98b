// POST /proxy/completion and /proxy/completion/stream: the documents' own protocol, with its context.
#include "wire/completion.h"

#include "impl.h"

namespace plimsoll::gateway {

net::Task<> Gateway::Impl::completion(Passage& p) {
  const wire::Surface& api = *p.api;
  auto request = wire::decode_completion_request(p.request().body);
  std::optional<wire::BadBody> bad;
  if (!request) {
    bad = request.error();
  } else {
    auto context = policy::read_context(request->context);
    if (context)
      adopt(p, *std::move(context));
    else
      bad = wire::BadBody{.status = 422, .param = "context", .message = context.error().message};
  }
  if (bad) {
    auto problem = describe(*bad);
    co_await answer_problem(p, api, std::move(problem));
    co_return;
  }
  request->document.conversation().stream = p.request().path.ends_with("/stream");
  co_await pass(p, api, std::move(request->document));
}

}  // namespace plimsoll::gateway
