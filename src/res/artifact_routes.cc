// Artifacts too large for a submission: uploaded by their digest, streamed to disk and back.
#include <algorithm>
#include <charconv>
#include <utility>

#include "artifact_store.h"
#include "base/json.h"
#include "base/log.h"
#include "impl.h"

namespace plimsoll::res {
namespace {

constexpr std::size_t kReadBytes = 256U << 10U;
constexpr std::string_view kPath = "/artifacts/";
constexpr std::ptrdiff_t kMostUploads = 8;

constexpr net::Refusal kNoDigest{
    422, "path: expected /artifacts/ and a SHA-256, 64 lower-case hexadecimal digits", "bad_digest"};
constexpr net::Refusal kUnknownCaller{401, "the request needs a bearer token", "authentication_error"};
constexpr net::Refusal kTooMany{503, "too many uploads at once; try again in a while", "too_many_uploads"};
constexpr net::Refusal kNoRoom{507, "the disk has no room for this artifact", "insufficient_storage"};
constexpr net::Refusal kDiskFails{503, "the artifact cannot be written; the server's log says more",
                                  "artifact_not_written"};

std::uint64_t announced_bytes(const net::Request& head) {
  std::uint64_t bytes = 0;
  const auto text = head.headers.get("content-length");
  std::from_chars(text.data(), text.data() + text.size(), bytes);
  return std::min(bytes, kMaxArtifactBytes);
}

}  // namespace

std::expected<std::shared_ptr<net::BodySink>, net::Refusal> Service::open_sink(const net::Request& head) {
  Impl& self = *impl_;
  if (head.method != "PUT" || !head.path.starts_with(kPath)) return nullptr;
  const auto digest = std::string_view(head.path).substr(kPath.size());
  if (self.options.authenticator != nullptr) {
    static const auto* const kPermission =
        identity::find_permission(identity::Listener::kEvidence, "PUT", "/artifacts/{id}");
    // handle() is asked again, says why, and in what words.
    if (!self.options.authenticator->admit(head.headers, kPermission, std::chrono::system_clock::now(), true))
      return std::unexpected(kUnknownCaller);
  }
  if (!is_artifact_digest(digest)) return std::unexpected(kNoDigest);
  std::erase_if(self.uploads, [](const auto& upload) { return upload.expired(); });
  if (std::ssize(self.uploads) >= kMostUploads) return std::unexpected(kTooMany);
  auto upload = self.artifacts.begin(digest, announced_bytes(head));
  if (!upload) {
    log_error("an artifact cannot be taken", {{"error", upload.error().message}});
    return std::unexpected(upload.error().code == Code::kTooLarge ? kNoRoom : kDiskFails);
  }
  self.uploads.push_back(*upload);
  return *std::move(upload);
}

net::Task<> Service::Impl::put_artifact(Passage& p) {
  auto upload = std::dynamic_pointer_cast<Upload>(std::exchange(p.request().sink, nullptr));
  if (!upload) {
    auto no = problem_response(422, kNoDigest.why, "path");
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  std::function<Result<bool>()> work = [upload] { return upload->keep(); };
  const auto kept = co_await run_on(pool, std::move(work));
  if (!kept || !*kept) {
    const bool mismatch = kept && kept->error().code == Code::kInvalid;
    const Error failed = kept ? kept->error() : Error{Code::kInternal, "writing an artifact failed"};
    auto no = mismatch ? problem_response(422, failed.message, "path") : to_response(failed);
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  auto yes =
      net::json_response(**kept ? 201 : 200,
                         to_json(json::object{{"contentRef", "sha256:" + p.id}, {"bytes", upload->bytes()}}));
  yes.headers.add("Location", p.request().path);
  co_await p.exchange.respond(std::move(yes));
}

net::Task<Result<std::string>> Service::Impl::read_piece(std::shared_ptr<StoredArtifact> artifact,
                                                         std::uint64_t from) {
  std::function<Result<std::string>()> work = [file = std::move(artifact), from] {
    return file->read(from, kReadBytes);
  };
  auto piece = co_await run_on(pool, std::move(work));
  if (!piece) co_return fail(Code::kInternal, "reading an artifact failed");
  co_return *std::move(piece);
}

net::Task<> Service::Impl::get_artifact(Passage& p) {
  auto found = artifacts.open(is_artifact_digest(p.id) ? p.id : std::string(64, '-'));
  if (!found) {
    auto no = to_response(found.error());
    co_await p.exchange.respond(std::move(no));
    co_return;
  }
  const std::shared_ptr<StoredArtifact> artifact = *std::move(found);
  net::Headers headers;
  headers.add("Content-Type", "application/octet-stream");
  headers.add("Content-Disposition",
              "attachment; filename=\"" + p.id + "\"");  // never shown as a page of ours
  headers.add("X-Content-Type-Options", "nosniff");
  headers.add("Cache-Control", "private, immutable, max-age=31536000");
  headers.add("ETag", "\"" + p.id + "\"");
  headers.add("X-Artifact-Bytes", std::to_string(artifact->bytes()));
  auto begun = co_await p.exchange.begin_stream(200, std::move(headers));
  if (!begun) co_return;
  std::uint64_t left = p.request().method == "HEAD" ? 0 : artifact->bytes();
  while (left > 0) {
    auto piece = co_await read_piece(artifact, artifact->bytes() - left);
    if (!piece || piece->empty()) co_return;  // a stream that is not ended does not look whole
    left -= std::min<std::uint64_t>(left, piece->size());
    auto written = co_await p.exchange.write(*piece);
    if (!written) co_return;
  }
  co_await p.exchange.end_stream();
}

}  // namespace plimsoll::res
