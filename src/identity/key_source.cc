#include "identity/key_source.h"

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <thread>

#include "base/files.h"
#include "base/log.h"
#include "base/snapshot.h"
#include "net/client.h"
#include "net/wait.h"

namespace plimsoll::identity {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, net::Executor>;
constexpr std::chrono::milliseconds kFileLook{1'000};

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

net::ClientOptions client_options(const KeySourceOptions& options) {
  net::ClientOptions out;
  out.connect_timeout = std::chrono::seconds(5);
  out.response_timeout = std::chrono::seconds(10);
  out.read_timeout = std::chrono::seconds(10);
  out.max_idle_per_origin = 0;
  out.ca_file = options.ca_file;
  return out;
}

}  // namespace

std::vector<std::string> KeySourceOptions::problems() const {
  std::vector<std::string> all;
  if (!url.empty() && !file.empty()) all.emplace_back("a URL and a file of keys: keep one of them");
  if (url.empty()) return all;
  const auto origin = net::parse_origin(url);
  if (!origin)
    all.push_back(origin.error().message);
  else if (!origin->tls && !is_loopback(origin->host))
    all.emplace_back(
        "keys are fetched over https only, but from loopback: who can change them on the way is anybody");
  return all;
}

struct KeySource::Impl {
  explicit Impl(KeySourceOptions o) : options(std::move(o)) {}

  Result<KeySet> read_file() const {
    const auto text = plimsoll::read_file(options.file, kMaxKeySetBytes);
    if (!text) return std::unexpected(text.error());
    auto set = KeySet::parse(*text);
    if (!set) return std::unexpected(std::move(set).error().in(options.file));
    return set;
  }

  void take(KeySet set) {
    const std::lock_guard guard(mutex);
    last_good = Clock::now();
    const bool first = snapshot.get() == nullptr;
    const auto size = set.size();
    // A set as it was keeps what was verified under it.
    snapshot.replace(std::make_shared<const KeySet>(std::move(set)));
    if (first) log_info("keys of the token issuer loaded", {{"keys", size}});
  }

  net::Task<> fetch() {
    const auto origin = net::parse_origin(options.url);
    net::Headers headers;
    headers.add("Accept", "application/jwk-set+json, application/json");
    const std::string path = origin->base_path.empty() ? "/" : "";
    auto answer = co_await client->send(*origin, "GET", path, std::move(headers), {});
    Result<std::string> body = fail(Code::kUnavailable, "no answer");
    if (!answer)
      body = std::unexpected(answer.error());
    else if ((*answer)->status() != 200)
      body = fail(Code::kUnavailable, "status " + std::to_string((*answer)->status()));
    else
      body = co_await (*answer)->read_all(kMaxKeySetBytes);
    auto set = body ? KeySet::parse(*body) : Result<KeySet>(std::unexpected(body.error()));
    ++looks;
    const bool good = set.has_value();
    if (good && *body != last_text) {
      last_text = *body;
      take(*std::move(set));
    } else if (good) {
      const std::lock_guard guard(mutex);
      last_good = Clock::now();
    } else {
      ++failures;
      log_warn("the keys of the token issuer cannot be fetched; the last good ones stay in force",
               {{"error", set.error().message}});
    }
    const std::lock_guard guard(mutex);
    last_look = Clock::now();
    looking = false;
    next = *last_look + (good ? options.refresh : options.least_interval);
  }

  net::Task<> follow_url() {
    Timer timer(loop.get_executor());
    for (;;) {
      co_await fetch();
      for (;;) {
        Clock::time_point until;
        {
          const std::lock_guard guard(mutex);
          until = looking ? Clock::now() : next;
          if (until <= Clock::now()) {
            looking = true;
            break;
          }
        }
        wake = [&timer] { timer.cancel(); };
        timer.expires_at(until);
        co_await timer.async_wait(net::kAwait);
        wake = {};
      }
    }
  }

  net::Task<> follow_file() {
    Timer timer(loop.get_executor());
    auto known = plimsoll::read_file(options.file, kMaxKeySetBytes).value_or(std::string());
    for (;;) {
      timer.expires_after(kFileLook);
      co_await timer.async_wait(net::kAwait);
      auto text = plimsoll::read_file(options.file, kMaxKeySetBytes);
      if (text && *text == known) continue;
      ++looks;
      auto set = text ? KeySet::parse(*text) : Result<KeySet>(std::unexpected(text.error()));
      const auto now = text ? *text : std::string();
      if (set) {
        take(*std::move(set));
      } else if (now != known) {
        ++failures;
        log_error("keys of the token issuer refused; the last good ones stay in force",
                  {{"problem", set.error().message}});
      }
      known = now;
    }
  }

  const KeySourceOptions options;
  asio::io_context loop{1};
  std::unique_ptr<net::Client> client = net::Client::create(loop, client_options(options));
  Snapshot<KeySet> snapshot;
  std::atomic<std::uint64_t> looks{0}, failures{0};
  std::string last_text;       // the loop's
  std::function<void()> wake;  // the loop's
  mutable std::mutex mutex;    // of what follows
  bool looking = true;
  std::optional<Clock::time_point> last_look;
  Clock::time_point last_good = Clock::now(), next;
  std::thread thread;
};

KeySource::KeySource(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

KeySource::~KeySource() {
  impl_->loop.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

Result<std::unique_ptr<KeySource>> KeySource::open(KeySourceOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  Impl& self = *impl;
  const bool file = !self.options.file.empty();
  if (file) {
    auto set = self.read_file();
    if (!set) return std::unexpected(std::move(set).error());
    self.take(*std::move(set));
  }
  asio::co_spawn(self.loop, file ? self.follow_file() : self.follow_url(), asio::detached);
  self.thread = std::thread([&self] { self.loop.run(); });
  return std::unique_ptr<KeySource>(new KeySource(std::move(impl)));
}

std::shared_ptr<const KeySet> KeySource::keys() const {
  return impl_->snapshot.get();
}

bool KeySource::look_again() {
  Impl& self = *impl_;
  if (self.options.url.empty()) return false;
  const std::lock_guard guard(self.mutex);
  if (self.looking) return true;
  if (self.last_look && Clock::now() - *self.last_look < self.options.least_interval) return false;
  self.looking = true;
  asio::post(self.loop, [&self] {
    if (self.wake) self.wake();
  });
  return true;
}

KeySource::Status KeySource::status() const {
  const auto keys = impl_->snapshot.get();
  const std::lock_guard guard(impl_->mutex);
  return {.keys = keys ? keys->size() : 0,
          .looks = impl_->looks,
          .failures = impl_->failures,
          .age_seconds = std::chrono::duration<double>(Clock::now() - impl_->last_good).count()};
}

}  // namespace plimsoll::identity
