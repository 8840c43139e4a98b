#include "anchor/anchors.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <mutex>
#include <thread>
#include <utility>

#include "anchor/timestamp.h"
#include "base/files.h"
#include "base/log.h"
#include "ledger/checkpoint.h"
#include "net/client.h"
#include "witness/witness.h"

namespace plimsoll::anchor {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, net::Executor>;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<net::Executor>{});
constexpr auto kComplainAgain = std::chrono::minutes(5);

// A checkpoint as the log signed it.
struct Shown {
  std::string text;  // the signed note
  ledger::Note note;
  ledger::Checkpoint checkpoint;
};

Result<Shown> read(std::string text) {
  auto note = ledger::parse_note(text);
  if (!note) return std::unexpected(std::move(note).error());
  auto checkpoint = ledger::parse_checkpoint(note->text);
  if (!checkpoint) return std::unexpected(std::move(checkpoint).error());
  return Shown{std::move(text), *std::move(note), *std::move(checkpoint)};
}

}  // namespace

std::vector<std::string> Options::problems() const {
  std::vector<std::string> all;
  for (const auto& w : witnesses) {
    if (w.key.type != ledger::KeyType::kCosignature)
      all.push_back("witness " + w.key.name +
                    ": this key signs no checkpoints of others (its type is 1, not 4)");
    if (const auto origin = net::parse_origin(w.url); !origin)
      all.push_back("witness " + w.key.name + ": " + origin.error().message);
  }
  if (!stamp_url.empty()) {
    if (const auto origin = net::parse_origin(stamp_url); !origin)
      all.push_back("time stamps: " + origin.error().message);
    if (stamp_ca_file.empty())
      all.emplace_back("time stamps: a file with the authority's certificates is missing");
    if (stamp_interval < std::chrono::seconds(1))
      all.emplace_back("time stamps: the interval is at least a second");
  }
  return all;
}

class Anchors::Impl {
 public:
  Impl(Options options, const ledger::LogReader& log)
      : options_(std::move(options)),
        log_(log),
        client_(net::Client::create(loop_, client_options(options_))) {
    for (const auto& w : options_.witnesses) {
      targets_.push_back({.key = w.key, .origin = *net::parse_origin(w.url)});
      status_.witnesses.push_back({.name = w.key.name});
    }
  }
  ~Impl() {
    if (!thread_.joinable()) return;
    loop_.stop();
    thread_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> start() {
    if (auto made = make_directory(options_.folder + "/stamps"); !made) return made;
    const auto kept = read_file(options_.folder + "/cosigned", ledger::kMaxNoteBytes);
    if (kept) {
      // Of a log that was replaced it says nothing.
      auto shown = read(*kept);
      if (shown && shown->checkpoint.origin == log_.checkpoint().origin) {
        status_.cosigned_size = shown->checkpoint.size;
        cosigned_ = *kept;
      }
    }
    asio::co_spawn(loop_.get_executor(), watch(), asio::detached);
    thread_ = std::thread([this] { loop_.run(); });
    return {};
  }

  std::string cosigned() const {
    const std::lock_guard lock(mutex_);
    return cosigned_;
  }
  Status status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  struct Target {
    ledger::VerifierKey key;
    net::Origin origin;
    ledger::Index known = 0;  // size of the last checkpoint that it signed, as far as is known here
    Clock::time_point complained{};
  };

  static net::ClientOptions client_options(const Options& options) {
    net::ClientOptions client;
    client.connect_timeout = client.response_timeout = client.read_timeout = options.patience;
    client.ca_file = options.ca_file;
    return client;
  }

  net::Task<> watch() {
    Timer timer(loop_.get_executor());
    std::string last;
    auto next_stamp = Clock::now();
    ledger::Index stamped = 0;
    for (;;) {
      if (auto shown = read(log_.signed_checkpoint())) {
        if (!targets_.empty() && shown->text != last && co_await gather(*shown)) last = shown->text;
        if (!options_.stamp_url.empty() && Clock::now() >= next_stamp && shown->checkpoint.size != stamped) {
          const bool done = co_await stamp(*shown);
          if (done) stamped = shown->checkpoint.size;
          next_stamp =
              Clock::now() + (done ? options_.stamp_interval : std::min(options_.stamp_interval, kRetry));
        }
      }
      timer.expires_after(options_.interval);
      co_await timer.async_wait(kAwait);
    }
  }

  // Asks every witness about one checkpoint. Whether all that could sign it have.
  net::Task<bool> gather(const Shown& shown) {
    auto signatures = std::make_shared<std::vector<ledger::Signature>>();
    auto waiting = std::make_shared<std::size_t>(targets_.size());
    auto done = std::make_shared<Timer>(loop_.get_executor());
    done->expires_after(4 * options_.patience);
    for (std::size_t i = 0; i < targets_.size(); ++i)
      asio::co_spawn(
          loop_.get_executor(),
          [](Impl& self, std::size_t target, Shown asked, auto all, auto left, auto timer) -> net::Task<> {
            if (auto signature = co_await self.ask(target, asked)) all->push_back(*std::move(signature));
            if (--*left == 0) timer->cancel();
          }(*this, i, shown, signatures, waiting, done),
          asio::detached);
    co_await done->async_wait(kAwait);
    auto note = shown.note;
    std::vector<ledger::VerifierKey> keys;
    for (const auto& target : targets_) keys.push_back(target.key);
    note.signatures.insert(note.signatures.end(), signatures->begin(), signatures->end());
    const auto verified = ledger::verify_note(note, keys);
    const bool enough =
        verified && (options_.quorum ? options_.quorum(*verified) : verified->size() == targets_.size());
    if (enough) keep(ledger::to_text(note), shown.checkpoint.size);
    co_return signatures->size() == targets_.size();
  }

  void keep(std::string text, ledger::Index size) {
    if (auto kept = replace_file(options_.folder + "/cosigned", text); !kept)
      return log_error("anchors: a cosigned checkpoint cannot be kept", {{"error", kept.error().message}});
    const std::lock_guard lock(mutex_);
    cosigned_ = std::move(text);
    status_.cosigned_size = size;
  }

  // Its signature, which is right; or nothing.
  net::Task<std::optional<ledger::Signature>> ask(std::size_t i, const Shown& shown) {
    auto& target = targets_[i];
    for (int attempt = 0; attempt < 3; ++attempt) {
      if (target.known > shown.checkpoint.size) {
        refused(i, "it has signed size " + std::to_string(target.known) +
                       ", and the log is shorter: it was cut, or an old copy was restored");
        target.known = 0;
        break;
      }
      auto proof = target.known == 0 ? Result<ledger::Proof>(ledger::Proof())
                                     : log_.consistency(target.known, shown.checkpoint.size);
      if (!proof) {
        failed(i, proof.error().message);
        break;
      }
      auto answer = co_await post(
          target.origin, "/add-checkpoint", "text/plain; charset=utf-8",
          witness::to_text({.old_size = target.known, .proof = *std::move(proof), .note = shown.text}),
          witness::kMaxRequestBytes);
      if (!answer) {
        failed(i, answer.error().message);
        break;
      }
      if (answer->first == 409) {
        if (const auto size = to_size(answer->second); size && *size != target.known) {
          target.known = *size;
          continue;
        }
      }
      if (answer->first != 200) {
        const auto said = std::to_string(answer->first) + ": " + answer->second.substr(0, 200);
        answer->first == 422 ? refused(i, said) : failed(i, said);
        break;
      }
      auto signature = signature_of(target.key, shown, answer->second);
      if (!signature) {
        failed(i, signature.error().message);
        break;
      }
      target.known = shown.checkpoint.size;
      const std::lock_guard lock(mutex_);
      auto& status = status_.witnesses[i];
      ++status.signed_checkpoints;
      status.size = shown.checkpoint.size;
      co_return *std::move(signature);
    }
    co_return std::nullopt;
  }

  static std::optional<ledger::Index> to_size(std::string_view text) {
    ledger::Index size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    const bool whole = end == text.data() + text.size() || *end == '\n';
    return error == std::errc() && whole ? std::optional(size) : std::nullopt;
  }

  static Result<ledger::Signature> signature_of(const ledger::VerifierKey& key, const Shown& shown,
                                                std::string_view lines) {
    const auto note = ledger::parse_note(shown.note.text + "\n" + std::string(lines));
    if (!note) return std::unexpected(note.error());
    const auto verified = ledger::verify_note(*note, {&key, 1});
    if (!verified) return std::unexpected(verified.error());
    for (const auto& signature : note->signatures)
      if (!verified->empty() && signature.name == key.name && signature.id == key.id) return signature;
    return fail(Code::kInvalid, "the answer holds no signature by the witness's key");
  }

  net::Task<Result<std::pair<int, std::string>>> post(const net::Origin& origin, std::string_view path,
                                                      std::string_view type, std::string body,
                                                      std::size_t most) {
    net::Headers headers;
    headers.add("Content-Type", type);
    auto sent =
        co_await client_->send(origin, "POST", std::string(path), std::move(headers), std::move(body));
    if (!sent) co_return std::unexpected(std::move(sent).error());
    auto text = co_await (*sent)->read_all(most);
    if (!text) co_return std::unexpected(std::move(text).error());
    co_return std::pair((*sent)->status(), *std::move(text));
  }

  net::Task<bool> stamp(const Shown& shown) {
    const auto origin = *net::parse_origin(options_.stamp_url);
    const auto request = timestamp_request(shown.text);
    auto answer = co_await post(origin, origin.base_path.empty() ? "/" : "", "application/timestamp-query",
                                request, kMaxTimestampBytes);
    Result<Time> time = answer && answer->first == 200
                            ? check_timestamp(answer->second, shown.text, request, options_.stamp_ca_file)
                        : answer ? fail(Code::kUnavailable, "status " + std::to_string(answer->first))
                                 : Result<Time>(std::unexpected(answer.error()));
    const auto path = options_.folder + "/stamps/" + std::to_string(shown.checkpoint.size);
    auto kept =
        time ? replace_file(path + ".checkpoint", shown.text) : Result<void>(std::unexpected(time.error()));
    if (kept) kept = replace_file(path + ".tsr", answer->second);
    const std::lock_guard lock(mutex_);
    if (!kept) {
      ++status_.stamp_failures;
      log_warn("anchors: no time stamp", {{"error", kept.error().message}});
      co_return false;
    }
    ++status_.stamps;
    status_.stamped_size = shown.checkpoint.size;
    status_.stamped_at = *time;
    co_return true;
  }

  void failed(std::size_t i, const std::string& why) { complain(i, why, false); }
  void refused(std::size_t i, const std::string& why) { complain(i, why, true); }
  void complain(std::size_t i, const std::string& why, bool refusal) {
    {
      const std::lock_guard lock(mutex_);
      ++(refusal ? status_.witnesses[i].refusals : status_.witnesses[i].failures);
    }
    auto& last = targets_[i].complained;
    if (last != Clock::time_point() && Clock::now() - last < kComplainAgain) return;
    last = Clock::now();
    if (refusal)
      log_error("anchors: a witness refuses the log: it does not go on from what was signed",
                {{"witness", targets_[i].key.name}, {"why", why}});
    else
      log_warn("anchors: a witness does not sign", {{"witness", targets_[i].key.name}, {"why", why}});
  }

  static constexpr std::chrono::seconds kRetry{10};

  Options options_;
  const ledger::LogReader& log_;
  asio::io_context loop_{1};
  std::unique_ptr<net::Client> client_;
  std::vector<Target> targets_;  // the thread's own

  mutable std::mutex mutex_;
  std::string cosigned_;
  Status status_;

  std::thread thread_;
};

Anchors::Anchors(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Anchors::~Anchors() = default;

Result<std::unique_ptr<Anchors>> Anchors::open(Options options, const ledger::LogReader& log) {
  if (const auto problems = options.problems(); !problems.empty())
    return fail(Code::kInvalid, problems.front());
  auto impl = std::make_unique<Impl>(std::move(options), log);
  if (auto started = impl->start(); !started) return std::unexpected(std::move(started).error());
  return std::unique_ptr<Anchors>(new Anchors(std::move(impl)));
}

std::string Anchors::cosigned() const {
  return impl_->cosigned();
}

Anchors::Status Anchors::status() const {
  return impl_->status();
}

}  // namespace plimsoll::anchor
