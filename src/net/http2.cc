#include "http2.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <new>
#include <utility>
#include <vector>

#include "target.h"

namespace plimsoll::net {
namespace {

using std::chrono::duration;
using namespace std::chrono_literals;

// Of a request's body, what may come before room is made for more.
constexpr std::size_t kMostWindow = 262'144;
constexpr std::size_t kLeastWindow = 65'535;  // what clients assume at first
// Given back at once: it is the streams' windows that wait.
constexpr std::int32_t kConnectionWindow = 4'194'304;
constexpr std::size_t kFieldOverhead = 32;  // RFC 9113 section 6.5.2
constexpr std::size_t kFrameHead = 9;
constexpr double kTokens = 1'000;
constexpr double kTokensPerSecond = 200;
constexpr double kTokensPerData = 2;  // a client may acknowledge each: on the stream and on the connection
constexpr auto kLinger = 5s;          // for the rest of a request that has been refused
constexpr auto kWindUp = 1s;          // for requests that were sent before the client heard of the end

constexpr Refusal kHeadersTooLarge{431, "headers too large", "headers_too_large"};
constexpr Refusal kBadHost{400, "the request needs exactly one valid host", "malformed_request"};
constexpr Refusal kBadTarget{400, "malformed request target", "malformed_request"};
constexpr Refusal kBadExpectation{417, "unknown expectation", "unknown_expectation"};
constexpr Refusal kTooManyBodies{429, "the bodies of this connection's requests are too large together",
                                 "too_many_bodies"};

std::string_view view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

std::string lower(std::string_view name) {
  std::string out(name);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && lower(a) == lower(b);
}

// What HTTP/1.1 says in headers and HTTP/2 in frames (section 8.2.2).
bool is_of_the_connection(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"connection",        "keep-alive", "proxy-connection",
                                                      "transfer-encoding", "upgrade",    "te"};
  return std::ranges::find(kNames, name) != kNames.end();
}

std::size_t stream_window(const ServerOptions& options) {
  return std::clamp(options.max_connection_body_bytes / options.max_concurrent_streams, kLeastWindow,
                    kMostWindow);
}

void check(int code) {
  if (code == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
}

}  // namespace

struct Http2::Stream {
  explicit Stream(Id i, const ServerOptions& options)
      : id(i), body({options.max_body_bytes, options.max_compression_ratio}) {}

  const Id id;
  // The request.
  Request request;
  std::string authority;
  BodyReader body;
  std::size_t header_bytes = 0;
  std::size_t hosts = 0;
  bool head_done = false;
  bool routed = false;
  bool handed_over = false;   // to whoever answers: what else comes of it is ignored
  bool received = false;      // the client has sent all of it
  std::size_t held = 0;       // of its body, in memory
  std::size_t discarded = 0;  // of what came after it had been refused
  std::size_t ungranted = 0;  // taken, and its window not given back
  Time head_at;
  Time arriving_at;  // when some of its body last came
  // The answer.
  std::string unsent;
  std::size_t sent = 0;  // of `unsent`
  bool head_only = false;
  bool begun = false;
  bool ended = false;
  bool deferred = false;               // nghttp2 waits for resume()
  Time progress;                       // when something was last sent, or began to wait
  std::optional<Time> answered_early;  // the answer is out, and the request still comes
  // Both.
  bool open = true;
  bool released = false;

  std::size_t waiting() const { return unsent.size() - sent; }
};

// nghttp2's C interface.
struct Http2::Callbacks {
  static Http2& self(void* user) { return *static_cast<Http2*>(user); }
  static Stream* stream(nghttp2_session* session, Id id) {
    return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
  }

  static ssize_t send(nghttp2_session* /*session*/, const std::uint8_t* data, std::size_t size, int /*flags*/,
                      void* user) {
    Http2& h = self(user);
    if (h.out_->size() >= h.out_most_) return NGHTTP2_ERR_WOULDBLOCK;
    h.out_->append(view(data, size));
    return static_cast<ssize_t>(size);
  }

  static ssize_t read_body(nghttp2_session* /*session*/, Id /*id*/, std::uint8_t* /*into*/, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source* source, void* /*user*/) {
    auto& stream = *static_cast<Stream*>(source->ptr);
    const std::size_t waiting = stream.waiting();
    if (waiting == 0 && !stream.ended) {
      stream.deferred = true;
      return NGHTTP2_ERR_DEFERRED;
    }
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (waiting <= size && stream.ended) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(std::min(size, waiting));
  }

  static int send_body(nghttp2_session* /*session*/, nghttp2_frame* /*frame*/, const std::uint8_t* head,
                       std::size_t size, nghttp2_data_source* source, void* user) {
    Http2& h = self(user);
    if (h.out_->size() >= h.out_most_) return NGHTTP2_ERR_WOULDBLOCK;
    auto& stream = *static_cast<Stream*>(source->ptr);
    h.out_->append(view(head, kFrameHead)).append(stream.unsent, stream.sent, size);
    const bool was_ahead = stream.waiting() > kSendAhead;
    stream.sent += size;
    stream.progress = h.now_;
    if (stream.waiting() == 0) {
      stream.unsent.clear();
      if (stream.unsent.capacity() > kSendAhead) stream.unsent.shrink_to_fit();
      stream.sent = 0;
    }
    h.earn(kTokensPerData);
    if (was_ahead && stream.waiting() <= kSendAhead) h.events_.on_drained(stream.id);
    return 0;
  }

  static int on_begin_frame(nghttp2_session* /*session*/, const nghttp2_frame_hd* head, void* user) {
    const bool carries = head->type == NGHTTP2_HEADERS || head->type == NGHTTP2_CONTINUATION ||
                         (head->type == NGHTTP2_DATA && head->length > 0);
    const bool acknowledges = (head->type == NGHTTP2_SETTINGS || head->type == NGHTTP2_PING) &&
                              (head->flags & NGHTTP2_FLAG_ACK) != 0;
    const bool ends = head->type == NGHTTP2_DATA && (head->flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (!carries && !acknowledges && !ends) self(user).spend_token();
    return 0;
  }

  static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    Http2& h = self(user);
    h.head_since_ = h.now_;
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    const Id id = frame->hd.stream_id;
    // Streams that were given up while somebody works for them count as well, with some leeway.
    if (h.streams_.size() >= 2 * h.options_.max_concurrent_streams) {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
      h.spend_token();
      return 0;
    }
    auto& slot = h.streams_[id];
    slot = std::make_unique<Stream>(id, h.options_);
    slot->head_at = slot->progress = h.now_;
    nghttp2_session_set_stream_user_data(session, id, slot.get());
    return 0;
  }

  static int on_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t /*flags*/, void* user) {
    Stream* const s = stream(session, frame->hd.stream_id);
    // Trailers are no headers.
    if (s != nullptr && !s->head_done)
      self(user).take_header(*s, view(name, name_size), view(value, value_size));
    return 0;
  }

  // A name or a value that no header can have: nghttp2 would only leave it out.
  static int on_invalid_header(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/,
                               const std::uint8_t* /*name*/, std::size_t /*name_size*/,
                               const std::uint8_t* /*value*/, std::size_t /*value_size*/,
                               std::uint8_t /*flags*/, void* user) {
    self(user).head_since_.reset();
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int on_invalid_frame(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/, int /*error*/,
                              void* user) {
    self(user).head_since_.reset();
    return 0;
  }

  static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    Http2& h = self(user);
    if (frame->hd.type == NGHTTP2_SETTINGS || frame->hd.type == NGHTTP2_HEADERS) h.head_since_.reset();
    if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) h.end_winding();
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    Stream* const s = stream(session, frame->hd.stream_id);
    if (s == nullptr) return 0;
    const bool last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    s->received = s->received || last;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) h.finish_head(*s);
    if (last) h.finish_body(*s);
    return 0;
  }

  static int on_data(nghttp2_session* session, std::uint8_t /*flags*/, Id id, const std::uint8_t* data,
                     std::size_t size, void* user) {
    nghttp2_session_consume_connection(session, size);
    Stream* const s = stream(session, id);
    if (s != nullptr) self(user).take_body(*s, view(data, size));
    return 0;
  }

  static int on_sent(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_RST_STREAM && frame->rst_stream.error_code != NGHTTP2_NO_ERROR &&
        frame->rst_stream.error_code != NGHTTP2_REFUSED_STREAM)
      self(user).spend_token();  // making us reset streams is a way to have requests that do not count
    const bool last = (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
                      (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    Stream* const s = last ? stream(session, frame->hd.stream_id) : nullptr;
    if (s != nullptr && !s->received) s->answered_early = self(user).now_;
    return 0;
  }

  static int on_close(nghttp2_session* session, Id id, std::uint32_t error, void* user) {
    Http2& h = self(user);
    Stream* const s = stream(session, id);
    if (s == nullptr) return 0;
    const bool whole = error == NGHTTP2_NO_ERROR && s->ended && s->waiting() == 0;
    s->open = false;
    s->unsent = {};
    s->sent = 0;
    if (s->handed_over)
      h.events_.on_closed(id, whole);
    else
      s->released = true;
    if (Stream* const left = h.find(id); left != nullptr) h.erase_if_done(*left);
    return 0;
  }
};

Http2::Http2(const ServerOptions& options, Events& events, Time now)
    : options_(options),
      events_(events),
      now_(now),
      idle_since_(now),
      head_since_(now),
      tokens_(kTokens),
      tokens_at_(now) {
  nghttp2_session_callbacks* callbacks = nullptr;
  check(nghttp2_session_callbacks_new(&callbacks));
  nghttp2_session_callbacks_set_send_callback(callbacks, &Callbacks::send);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, &Callbacks::send_body);
  nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, &Callbacks::on_begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, &Callbacks::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, &Callbacks::on_header);
  nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, &Callbacks::on_invalid_header);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, &Callbacks::on_invalid_frame);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &Callbacks::on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &Callbacks::on_data);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, &Callbacks::on_sent);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &Callbacks::on_close);
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_max_outbound_ack(option, 200);
  const int made =
      option == nullptr ? NGHTTP2_ERR_NOMEM : nghttp2_session_server_new2(&session_, callbacks, this, option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  check(made);

  const std::array<nghttp2_settings_entry, 4> settings = {
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<std::uint32_t>(options.max_concurrent_streams)},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(stream_window(options))},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(options.max_header_bytes)},
       {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}}};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Http2::~Http2() {
  nghttp2_session_del(session_);
}

bool Http2::feed(std::string_view bytes, Time now) {
  now_ = now;
  const auto taken =
      nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken == NGHTTP2_ERR_FLOODED) nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
  return taken >= 0 && nghttp2_session_want_read(session_) != 0;
}

void Http2::produce(std::string& out, std::size_t most, Time now) {
  now_ = now;
  out_ = &out;
  out_most_ = most;
  check(nghttp2_session_send(session_));
  out_ = nullptr;
}

bool Http2::is_over() const {
  return nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
}

void Http2::expire(Time now) {
  now_ = now;
  if (winding_ == Winding::kAnnounced && now - winding_since_ >= kWindUp) end_winding();
  if ((head_since_ && now - *head_since_ >= options_.header_timeout) ||
      (streams_.empty() && now - idle_since_ >= options_.idle_timeout)) {
    nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR);
    return;
  }
  for (const auto& [id, stream] : streams_) {
    const bool has_sink = stream->body.has_sink();
    const bool arriving = stream->open && !stream->handed_over;
    const bool slow_body =
        arriving && (now - stream->head_at >= (has_sink ? options_.sink_timeout : options_.body_timeout) ||
                     (has_sink && now - stream->arriving_at >= options_.body_timeout));
    const bool slow_reader =
        stream->open && stream->waiting() > 0 && now - stream->progress >= options_.write_timeout;
    if (slow_body || slow_reader) nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    const bool lingers = stream->open && stream->answered_early.has_value();
    if (lingers && now - *stream->answered_early >= kLinger) stop_receiving(*stream);
  }
}

Http2::Stream* Http2::find(Id id) const {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

// The request.

void Http2::take_header(Stream& stream, std::string_view name, std::string_view value) {
  stream.header_bytes += name.size() + value.size() + kFieldOverhead;
  if (stream.header_bytes > options_.max_header_bytes) return;
  if (name == ":method") {
    stream.request.method = value;
  } else if (name == ":path") {
    stream.request.query = value;  // both, until the head is whole
  } else if (name == ":authority") {
    stream.authority = value;
  } else if (name == "host") {
    ++stream.hosts;
    stream.request.headers.add("host", value);
  } else if (name == "cookie" && stream.request.headers.has("cookie")) {  // section 8.2.3
    stream.request.headers.set("cookie",
                               std::string(stream.request.headers.get("cookie")) + "; " + std::string(value));
  } else if (!name.starts_with(':') && name != "te") {
    stream.request.headers.add(name, value);
  }
}

void Http2::finish_head(Stream& stream) {
  stream.head_done = true;
  stream.head_at = stream.arriving_at = now_;
  Request& request = stream.request;
  if (stream.header_bytes > options_.max_header_bytes) return hand_over(stream, kHeadersTooLarge);
  if (stream.hosts == 0) request.headers.add("host", stream.authority);
  const auto host = request.headers.get("host");
  if (stream.hosts > 1 || host.empty() || !is_host(host) ||
      (!stream.authority.empty() && !same(host, stream.authority)))
    return hand_over(stream, kBadHost);
  const std::string target = std::move(request.query);
  if (!parse_target(target, request)) return hand_over(stream, kBadTarget);
  const auto expect = request.headers.get("expect");
  if (!expect.empty() && !same(expect, "100-continue")) return hand_over(stream, kBadExpectation);
  stream.routed = true;

  std::optional<std::uint64_t> length;  // a number: nghttp2 has seen to it
  if (const auto given = request.headers.get("content-length"); !given.empty()) {
    length.emplace(std::numeric_limits<std::uint64_t>::max());
    std::from_chars(given.data(), given.data() + given.size(), *length);
  }
  const bool expected = !expect.empty();
  if (!stream.body.begin(request, length, options_.open_sink))
    return hand_over(stream, stream.body.refusal());
  if (expected && !stream.received) {
    const std::array<std::uint8_t, 7> name = {':', 's', 't', 'a', 't', 'u', 's'};
    const std::array<std::uint8_t, 3> value = {'1', '0', '0'};
    const nghttp2_nv status{const_cast<std::uint8_t*>(name.data()), const_cast<std::uint8_t*>(value.data()),
                            name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
    nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream.id, nullptr, &status, 1, nullptr);
  }
}

void Http2::take_body(Stream& stream, std::string_view bytes) {
  if (stream.handed_over) {
    // Refused before all of it came. Many clients read the answer only once they have sent the rest, so that is
    // let in for a while.
    stream.discarded += bytes.size();
    if (stream.discarded <= options_.max_body_bytes)
      nghttp2_session_consume_stream(session_, stream.id, bytes.size());
    else if (stream.answered_early)
      stop_receiving(stream);
    return;
  }
  stream.arriving_at = now_;
  if (!stream.body.feed(bytes)) {
    stream.ungranted += bytes.size();
    return hand_over(stream, stream.body.refusal());
  }
  bodies_held_ += stream.body.size() - stream.held;
  stream.held = stream.body.size();
  stream.ungranted += bytes.size();
  const std::size_t budget = options_.max_connection_body_bytes;
  if (bodies_held_ <= budget || oldest_unfinished() == &stream) {
    nghttp2_session_consume_stream(session_, stream.id, std::exchange(stream.ungranted, 0));
    return;
  }
  // Beyond what the windows that are out let in: compressed bodies that grow.
  const std::size_t windows = options_.max_concurrent_streams * stream_window(options_);
  if (bodies_held_ > budget + std::max(budget, windows)) hand_over(stream, kTooManyBodies);
}

void Http2::finish_body(Stream& stream) {
  if (stream.handed_over) return;
  if (!stream.body.end()) return hand_over(stream, stream.body.refusal());
  stream.request.body = stream.body.take();
  hand_over(stream, std::nullopt);
  grant_windows();
}

void Http2::hand_over(Stream& stream, std::optional<Refusal> refused) {
  stream.handed_over = true;
  stream.head_only = stream.request.method == "HEAD";
  stream.request.arrived = now_;
  if (refused) {
    bodies_held_ -= stream.held;
    stream.held = 0;
    stream.request.body.clear();
    stream.request.sink = nullptr;
    static_cast<void>(stream.body.take());
    nghttp2_session_consume_stream(session_, stream.id, std::exchange(stream.ungranted, 0));
    grant_windows();
  }
  events_.on_request(stream.id, std::move(stream.request), refused, stream.routed);
}

// The rest of a request that is answered already is not wanted (section 8.1).
void Http2::stop_receiving(const Stream& stream) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_NO_ERROR);
}

const Http2::Stream* Http2::oldest_unfinished() const {
  for (const auto& [id, stream] : streams_)
    if (stream->open && stream->head_done && !stream->handed_over) return stream.get();
  return nullptr;
}

// Bodies go on as there is room for them; the oldest always does, so that all of them come to an end.
void Http2::grant_windows() {
  const Stream* const oldest = oldest_unfinished();
  for (const auto& [id, stream] : streams_) {
    if (stream->ungranted == 0 || !stream->open || stream->handed_over) continue;
    if (bodies_held_ > options_.max_connection_body_bytes && stream.get() != oldest) continue;
    nghttp2_session_consume_stream(session_, id, std::exchange(stream->ungranted, 0));
  }
}

void Http2::earn(double tokens) {
  tokens_ = std::min(kTokens, tokens_ + tokens);
}

void Http2::spend_token() {
  earn(kTokensPerSecond * duration<double>(now_ - std::exchange(tokens_at_, now_)).count());
  tokens_ -= 1;
  if (tokens_ < 0) nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
}

// The answer.

void Http2::submit(Stream& stream, int status, const Headers& headers, std::optional<std::size_t> length) {
  std::vector<std::string> names;
  names.reserve(headers.size());
  std::vector<nghttp2_nv> fields;
  fields.reserve(headers.size() + 2);
  const auto add = [&](std::string_view name, std::string_view value) {
    fields.push_back({reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                      reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(),
                      value.size(), NGHTTP2_NV_FLAG_NONE});
  };
  const std::string code = std::to_string(status);
  add(":status", code);
  for (const auto& [name, value] : headers) {
    std::string lowered = lower(name);
    if (is_of_the_connection(lowered)) continue;
    add(names.emplace_back(std::move(lowered)), value);
  }
  const std::string size = length ? std::to_string(*length) : std::string();
  if (length) add("content-length", size);

  const bool bodyless = stream.head_only || (stream.ended && stream.waiting() == 0);
  stream.begun = true;
  stream.progress = now_;
  const nghttp2_data_provider provider{.source = {.ptr = &stream}, .read_callback = &Callbacks::read_body};
  nghttp2_submit_response(session_, stream.id, fields.data(), fields.size(), bodyless ? nullptr : &provider);
  const nghttp2_extpri fair{.urgency = NGHTTP2_EXTPRI_DEFAULT_URGENCY, .inc = 1};
  nghttp2_session_change_extpri_stream_priority(session_, stream.id, &fair, 1);
}

void Http2::respond(Id id, const Response& response, std::string body, Time now) {
  now_ = now;
  Stream* const stream = find(id);
  if (stream == nullptr || !stream->open || stream->begun) return;
  const bool sized = response.status >= 200 && response.status != 204 && response.status != 304;
  stream->ended = true;
  const std::size_t size = body.size();
  if (!stream->head_only && sized) stream->unsent = std::move(body);
  submit(*stream, response.status, response.headers, sized ? std::optional(size) : std::nullopt);
}

void Http2::begin(Id id, int status, const Headers& headers) {
  Stream* const stream = find(id);
  if (stream != nullptr && stream->open && !stream->begun) submit(*stream, status, headers, std::nullopt);
}

void Http2::write(Id id, std::string_view bytes, Time now) {
  Stream* const stream = find(id);
  if (stream == nullptr || !stream->open || stream->ended || stream->head_only) return;
  if (stream->waiting() == 0) stream->progress = now;
  if (stream->sent > kSendAhead) {
    stream->unsent.erase(0, stream->sent);
    stream->sent = 0;
  }
  stream->unsent.append(bytes);
  resume(*stream);
}

void Http2::end(Id id) {
  Stream* const stream = find(id);
  if (stream == nullptr || !stream->open) return;
  stream->ended = true;
  resume(*stream);
}

void Http2::resume(Stream& stream) {
  if (!std::exchange(stream.deferred, false)) return;
  nghttp2_session_resume_data(session_, stream.id);
}

void Http2::reset(Id id) {
  const Stream* const stream = find(id);
  if (stream != nullptr && stream->open)
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_INTERNAL_ERROR);
}

void Http2::release(Id id) {
  Stream* const stream = find(id);
  if (stream == nullptr) return;
  stream->released = true;
  bodies_held_ -= std::exchange(stream->held, 0);
  erase_if_done(*stream);
  grant_windows();
}

void Http2::erase_if_done(Stream& stream) {
  if (stream.open || !stream.released) return;
  bodies_held_ -= stream.held;
  streams_.erase(stream.id);
  if (streams_.empty()) idle_since_ = now_;
}

std::size_t Http2::unsent(Id id) const {
  const Stream* const stream = find(id);
  return stream == nullptr ? 0 : stream->waiting();
}

// The end. First a notice; once the client must have read it (it answers the PING behind it), the last word.

void Http2::wind_up(Time now) {
  now_ = now;
  if (winding_ != Winding::kNo) return;
  winding_ = Winding::kAnnounced;
  winding_since_ = now;
  nghttp2_submit_shutdown_notice(session_);
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
}

void Http2::end_winding() {
  if (winding_ != Winding::kAnnounced) return;
  winding_ = Winding::kEnding;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_),
                        NGHTTP2_NO_ERROR, nullptr, 0);
}

}  // namespace plimsoll::net
