// The client's side of HTTP/2 by hand, for tests: frames of any kind, good or bad.
#pragma once

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::net {

using Fields = std::vector<std::pair<std::string, std::string>>;

inline std::string big_endian(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>((value >> (8 * i)) & 0xFFU);
  return out;
}

inline std::string frame(int type, int flags, std::int32_t stream, std::string_view payload) {
  std::string out = big_endian(static_cast<std::uint32_t>(payload.size()), 3);
  out.append({static_cast<char>(type), static_cast<char>(flags)});
  return out.append(big_endian(static_cast<std::uint32_t>(stream), 4)).append(payload);
}

// Literals without indexing, RFC 7541 section 6.2.2.
inline std::string header_block(const Fields& fields) {
  std::string out;
  const auto text = [&out](std::string_view s) {
    if (s.size() < 127) {
      out += static_cast<char>(s.size());
    } else {
      out += '\x7f';
      std::size_t rest = s.size() - 127;
      for (; rest >= 128; rest /= 128) out += static_cast<char>(128 + rest % 128);
      out += static_cast<char>(rest);
    }
    out += s;
  };
  for (const auto& [name, value] : fields) {
    out += '\0';
    text(name);
    text(value);
  }
  return out;
}

inline Fields get_fields(const std::string& path) {
  return {{":method", "GET"}, {":scheme", "http"}, {":authority", "h"}, {":path", path}};
}
inline Fields post_fields(const std::string& path) {
  return {{":method", "POST"}, {":scheme", "http"}, {":authority", "h"}, {":path", path}};
}
inline Fields operator+(Fields a, const Fields& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

constexpr int kEnd = NGHTTP2_FLAG_END_STREAM;
inline std::string headers(std::int32_t stream, const Fields& fields, int flags = 0) {
  return frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | flags, stream, header_block(fields));
}
inline std::string data(std::int32_t stream, std::string_view bytes, int flags = 0) {
  return frame(NGHTTP2_DATA, flags, stream, bytes);
}
inline std::string rst(std::int32_t stream) {
  return frame(NGHTTP2_RST_STREAM, 0, stream, big_endian(NGHTTP2_CANCEL, 4));
}
inline std::string window_update(std::int32_t stream, std::uint32_t by) {
  return frame(NGHTTP2_WINDOW_UPDATE, 0, stream, big_endian(by, 4));
}
inline std::string hello(const std::string& settings = {}) {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(NGHTTP2_SETTINGS, 0, 0, settings);
}

struct Frame {
  int type = 0;
  int flags = 0;
  std::int32_t stream = 0;
  std::string payload;

  std::uint32_t number(std::size_t at) const {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < 4 && at + i < payload.size(); ++i)
      out = out << 8U | static_cast<unsigned char>(payload[at + i]);
    return out;
  }
};

// What a server has said, read strictly.
class Heard {
 public:
  Heard() { EXPECT_EQ(nghttp2_hd_inflate_new(&inflater_), 0); }
  Heard(const Heard&) = delete;
  Heard& operator=(const Heard&) = delete;
  ~Heard() { nghttp2_hd_inflate_del(inflater_); }

  void add(std::string_view bytes) {
    rest_ += bytes;
    for (;;) {
      if (rest_.size() < 9) return;
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest_[i]); };
      const std::size_t size = byte(0) * 65'536U + byte(1) * 256U + byte(2);
      if (rest_.size() < 9 + size) return;
      Frame f{.type = byte(3),
              .flags = byte(4),
              .stream = byte(7) * 256 + byte(8),
              .payload = rest_.substr(9, size)};
      rest_.erase(0, 9 + size);
      if (f.type == NGHTTP2_HEADERS) decode(f);
      if (f.type == NGHTTP2_DATA) body_bytes += f.payload.size();
      frames.push_back(std::move(f));
    }
  }

  int status(std::int32_t stream) const {
    for (const auto& [id, fields] : answers)
      if (id == stream && fields.front().second != "100") return std::stoi(fields.front().second);
    return 0;
  }
  std::string field(std::int32_t stream, std::string_view name) const {
    for (const auto& [id, fields] : answers)
      for (const auto& [key, value] : fields)
        if (id == stream && key == name) return value;
    return {};
  }
  std::string body(std::int32_t stream) const {
    std::string out;
    for (const Frame& f : frames)
      if (f.type == NGHTTP2_DATA && f.stream == stream) out += f.payload;
    return out;
  }
  bool ended(std::int32_t stream) const {
    return std::ranges::any_of(frames, [&](const Frame& f) {
      return f.stream == stream && (f.type == NGHTTP2_DATA || f.type == NGHTTP2_HEADERS) &&
             (f.flags & kEnd) != 0;
    });
  }
  // The code of RST_STREAM, or -1.
  int reset(std::int32_t stream) const {
    for (const Frame& f : frames)
      if (f.type == NGHTTP2_RST_STREAM && f.stream == stream) return static_cast<int>(f.number(0));
    return -1;
  }
  // The code of the last GOAWAY, or -1.
  int goaway() const {
    int code = -1;
    for (const Frame& f : frames)
      if (f.type == NGHTTP2_GOAWAY) code = static_cast<int>(f.number(4));
    return code;
  }
  std::size_t count(int type) const {
    return static_cast<std::size_t>(std::ranges::count(frames, type, &Frame::type));
  }

  std::vector<Frame> frames;
  std::vector<std::pair<std::int32_t, Fields>> answers;
  std::size_t body_bytes = 0;

 private:
  void decode(const Frame& f) {
    Fields fields;
    const auto* in = reinterpret_cast<const std::uint8_t*>(f.payload.data());
    std::size_t size = f.payload.size();
    for (;;) {
      nghttp2_nv field;
      int flags = 0;
      const auto used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, in, size, 1);
      ASSERT_GE(used, 0);
      in += used;
      size -= static_cast<std::size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0)
        fields.emplace_back(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                            std::string(reinterpret_cast<char*>(field.value), field.valuelen));
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
      ASSERT_TRUE(used > 0 || (flags & NGHTTP2_HD_INFLATE_EMIT) != 0);
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    answers.emplace_back(f.stream, std::move(fields));
  }

  nghttp2_hd_inflater* inflater_ = nullptr;
  std::string rest_;
};

}  // namespace plimsoll::net
