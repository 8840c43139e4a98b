"""Malformed, oversized, slow and ambiguous requests: refused and closed, so that nothing rides behind them."""
import gzip
import json
import os
import socket
import threading
import time
import unittest
import zlib

import harness

BODY = b'{"prompt":"hello"}'
LENGTH = b"Content-Length: %d\r\n" % len(BODY)


def setUpModule():
    global gateway
    gateway = harness.Gateway()
    unittest.addModuleCleanup(gateway.close)


def post(*lines, body=BODY, version=b"HTTP/1.1", target=b"/filter/prompt", host=b"Host: x\r\n"):
    """A POST with these header lines (each with its own line end)."""
    return b"POST " + target + b" " + version + b"\r\n" + host + b"".join(lines) + b"\r\n" + body


CHUNKED = b"Transfer-Encoding: chunked\r\n"
GOOD_CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)

# Every one must be answered with 4xx and the connection closed; what follows it must not be read as a request.
MALFORMED = {
    "no Host": post(LENGTH, host=b""),
    "two Hosts": post(b"Host: y\r\n", LENGTH),
    "two equal Hosts": post(b"Host: x\r\n", LENGTH),
    "two lengths that differ": post(LENGTH, b"Content-Length: 5\r\n"),
    "two equal lengths": post(LENGTH, LENGTH),
    "two lengths in one line": post(b"Content-Length: 18, 5\r\n"),
    "two equal lengths in one line": post(b"Content-Length: 18, 18\r\n"),
    "a length and chunks": post(LENGTH, CHUNKED, body=GOOD_CHUNKS),
    "chunks and a length": post(CHUNKED, LENGTH, body=GOOD_CHUNKS),
    "a negative length": post(b"Content-Length: -1\r\n"),
    "a signed length": post(b"Content-Length: +18\r\n"),
    "a hexadecimal length": post(b"Content-Length: 0x12\r\n"),
    "a length that is no number": post(b"Content-Length: abc\r\n"),
    "a length with a space in it": post(b"Content-Length: 1 8\r\n"),
    "an empty length": post(b"Content-Length: \r\n"),
    "a length beyond 64 bits": post(b"Content-Length: 99999999999999999999999\r\n"),
    "chunked twice": post(b"Transfer-Encoding: chunked, chunked\r\n", body=GOOD_CHUNKS),
    "two encodings in two lines": post(CHUNKED, CHUNKED, body=GOOD_CHUNKS),
    "chunked not last": post(b"Transfer-Encoding: chunked, gzip\r\n", body=GOOD_CHUNKS),
    "gzip, then chunked": post(b"Transfer-Encoding: gzip, chunked\r\n", body=GOOD_CHUNKS),
    "identity": post(b"Transfer-Encoding: identity\r\n", LENGTH),
    "an unknown encoding": post(b"Transfer-Encoding: xchunked\r\n", body=GOOD_CHUNKS),
    "a disguised encoding": post(b"Transfer-Encoding: \x0bchunked\r\n", body=GOOD_CHUNKS),
    "a space before the colon": post(b"Transfer-Encoding : chunked\r\n", body=GOOD_CHUNKS),
    "a space before the length's colon": post(b"Content-Length : 18\r\n"),
    "a folded header": post(b"X-A: b\r\n c\r\n", LENGTH),
    "a folded encoding": post(b"Transfer-Encoding:\r\n chunked\r\n", body=GOOD_CHUNKS),
    "a folded header with a tab": post(b"X-A: b\r\n\tc\r\n", LENGTH),
    "a header that begins with a space": post(b" X-A: b\r\n", LENGTH),
    "a header without a colon": post(b"X-A\r\n", LENGTH),
    "a header without a name": post(b": b\r\n", LENGTH),
    "a NUL in a header": post(b"X-A: b\0c\r\n", LENGTH),
    "a CR alone in a header": post(b"X-A: b\rX-B: c\r\n", LENGTH),
    "a control character in a name": post(b"X\x01A: b\r\n", LENGTH),
    "a space in a name": post(b"X A: b\r\n", LENGTH),
    "chunks in HTTP/1.0": post(CHUNKED, version=b"HTTP/1.0", body=GOOD_CHUNKS),
    "HTTP/2.0": post(LENGTH, version=b"HTTP/2.0"),
    "HTTP/1.2": post(LENGTH, version=b"HTTP/1.2"),
    "HTTP/0.9": b"GET /health\r\n\r\n",
    "no version number": post(LENGTH, version=b"HTTP"),
    "two spaces after the method": b"GET  /health HTTP/1.1\r\nHost: x\r\n\r\n",
    "a tab after the method": b"GET\t/health HTTP/1.1\r\nHost: x\r\n\r\n",
    "no method": b" /health HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method with a colon": b"GE:T /health HTTP/1.1\r\nHost: x\r\n\r\n",
    "a space in the target": b"GET /hea lth HTTP/1.1\r\nHost: x\r\n\r\n",
    "a NUL in the target": b"GET /hea\0lth HTTP/1.1\r\nHost: x\r\n\r\n",
    "an escaped NUL in the target": b"GET /health%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a broken escape in the target": b"GET /health%z1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "half an escape in the target": b"GET /health%4 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target without a slash": b"GET health HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target of another scheme": b"GET ftp://x/health HTTP/1.1\r\nHost: x\r\n\r\n",
    "a Host with a space in it": post(LENGTH, host=b"Host: a b\r\n"),
    "a Host with a slash in it": post(LENGTH, host=b"Host: a/health\r\n"),
    "nearly the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n",
    "the preface of HTTP/2 behind a line": b"\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n",
    "binary": bytes(range(256)) + b"\r\n\r\n",
    "a chunk size that is no number": post(CHUNKED, body=b"zz\r\nhello\r\n0\r\n\r\n"),
    "a chunk size with a prefix": post(CHUNKED, body=b"0x5\r\nhello\r\n0\r\n\r\n"),
    "a negative chunk size": post(CHUNKED, body=b"-5\r\nhello\r\n0\r\n\r\n"),
    "a chunk size beyond 64 bits": post(CHUNKED, body=b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
    "a chunk longer than its size": post(CHUNKED, body=b"3\r\nhello\r\n0\r\n\r\n"),
    "a chunk that ends without a line end": post(CHUNKED, body=b"5\r\nhelloXX0\r\n\r\n"),
}

def cut_at_lines(sent):
    """Pieces that end within line ends: where a parser that goes by what it has got can be led astray."""
    places = [0, *(i + 1 for i in range(len(sent)) if sent[i:i + 1] in b"\r\n"), len(sent)]
    return [sent[a:b] for a, b in zip(places, places[1:]) if a < b]


# Behind each of them: a request that must not be answered.
SMUGGLED = b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-Id: smuggled\r\n\r\n"


class Malformed(unittest.TestCase):
    def test_each_is_answered_4xx_closed_and_nothing_behind_it_is_served(self):
        self.assertGreaterEqual(len(MALFORMED), 30)
        for name, sent in MALFORMED.items():
            with self.subTest(name):
                received, closed = gateway.exchange(sent + SMUGGLED, timeout=2)
                self.assertTrue(closed, f"still open after {received[:200]!r}")
                self.assertEqual([code // 100 for code in harness.statuses(received)], [4], received[:400])
                self.assertNotIn(b"smuggled", received)
        self.assertEqual(gateway.get("/health").status, 200)

    def test_each_is_refused_however_it_is_cut_into_packets(self):
        for name, sent in MALFORMED.items():
            with (self.subTest(name),
                  socket.create_connection((harness.LOOPBACK, gateway.port), timeout=2) as client):
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                received = b""
                try:
                    for part in cut_at_lines(sent + SMUGGLED):
                        client.sendall(part)
                        time.sleep(0.001)  # each in a packet of its own, most of the time
                except OSError:
                    pass
                try:
                    while piece := client.recv(65536):
                        received += piece
                except ConnectionResetError:
                    pass
                except TimeoutError:
                    self.fail(f"still open after {received[:200]!r}")
                self.assertEqual([code // 100 for code in harness.statuses(received)], [4], received[:400])
                self.assertNotIn(b"smuggled", received)

    def test_refusals_are_json_in_the_shape_of_all_errors_and_say_that_the_connection_closes(self):
        received, _ = gateway.exchange(MALFORMED["two Hosts"])
        head, _, body = received.partition(b"\r\n\r\n")
        self.assertEqual(json.loads(body)["error"]["type"], "invalid_request_error")
        self.assertIn(b"connection: close", head.lower())

    def test_line_feeds_alone_end_no_headers(self):
        received, closed = gateway.exchange(b"GET /health HTTP/1.1\nHost: x\n\n" + b"\r\n\r\n", timeout=5)
        self.assertTrue(closed)
        self.assertEqual([code // 100 for code in harness.statuses(received)], [4], received[:400])

    def test_a_url_as_target_is_refused_or_read_as_its_path(self):
        received, _ = gateway.exchange(b"GET http://x/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertIn(harness.statuses(received), ([200], [400]))
        received, _ = gateway.exchange(b"CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\nConnection: close\r\n\r\n")
        self.assertEqual([code // 100 for code in harness.statuses(received)], [4])


class WellFormed(unittest.TestCase):
    def served(self, sent, expected=(200,)):
        received, closed = gateway.exchange(sent)
        self.assertTrue(closed)
        self.assertEqual(tuple(harness.statuses(received)), expected, received[:400])
        return received

    def test_chunks_are_read_in_any_legal_form(self):
        close = b"Connection: close\r\n"
        half = len(BODY) // 2
        two = b"%x\r\n%s\r\n%X;name=value\r\n%s\r\n0\r\n\r\n" % (half, BODY[:half], len(BODY) - half, BODY[half:])
        for body in [GOOD_CHUNKS, two, GOOD_CHUNKS.replace(b"0\r\n\r\n", b"0\r\nX-Trailer: a\r\n\r\n")]:
            with self.subTest(body=body):
                received = self.served(post(CHUNKED, close, body=body))
                self.assertIn(b'"action":"allow"', received)
        self.served(post(b"transfer-encoding: CHUNKED\r\n", close, body=GOOD_CHUNKS))

    def test_a_trailer_cannot_become_a_header(self):
        body = GOOD_CHUNKS.replace(b"0\r\n\r\n", b"0\r\nX-Request-Id: from-the-trailer\r\n\r\n")
        received = self.served(post(CHUNKED, b"Connection: close\r\n", body=body))
        self.assertNotIn(b"from-the-trailer", received)

    def test_pipelined_requests_are_answered_in_order(self):
        count = 50
        one = [b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-Id: n%d\r\n\r\n" % i if i % 2 else
               post(LENGTH, b"X-Request-Id: n%d\r\n" % i) for i in range(count)]
        last = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        received = self.served(b"".join(one) + last, (200,) * (count + 1))
        places = [received.index(b"X-Request-Id: n%d\r\n" % i) for i in range(count)]
        self.assertEqual(places, sorted(places))

    def test_a_request_that_comes_byte_by_byte_is_served(self):
        with socket.create_connection((harness.LOOPBACK, gateway.port), timeout=10) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in post(LENGTH, b"Connection: close\r\n"):
                client.send(bytes([byte]))
            received = b""
            while piece := client.recv(65536):
                received += piece
        self.assertEqual(harness.statuses(received), [200])

    def test_expect_100_is_continued(self):
        with socket.create_connection((harness.LOOPBACK, gateway.port), timeout=10) as client:
            client.sendall(post(LENGTH, b"Expect: 100-continue\r\n", b"Connection: close\r\n", body=b""))
            self.assertEqual(client.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
            client.sendall(BODY)
            self.assertTrue(client.recv(65536).startswith(b"HTTP/1.1 200 "))

    def test_http_1_0_is_answered_and_closed(self):
        self.served(b"GET /health HTTP/1.0\r\n\r\n")

    def test_connections_are_kept_and_closed_as_asked(self):
        with socket.create_connection((harness.LOOPBACK, gateway.port), timeout=10) as client:
            for _ in range(3):
                client.sendall(post(LENGTH))
                self.assertTrue(client.recv(65536).startswith(b"HTTP/1.1 200 "))
            client.sendall(post(LENGTH, b"Connection: close\r\n"))
            received = b""
            while piece := client.recv(65536):
                received += piece
            self.assertIn(b"Connection: close", received)

    def test_many_connections_at_once_are_all_served(self):
        clients = [socket.create_connection((harness.LOOPBACK, gateway.port), timeout=20) for _ in range(300)]
        try:
            for client in clients:
                client.sendall(post(LENGTH))
            for client in clients:
                self.assertTrue(client.recv(65536).startswith(b"HTTP/1.1 200 "))
        finally:
            for client in clients:
                client.close()


class Limits(unittest.TestCase):
    def refused(self, sent, status):
        received, closed = gateway.exchange(sent, timeout=15)
        self.assertTrue(closed)
        self.assertEqual(harness.statuses(received), [status], received[:300])

    def test_headers_that_are_too_large_are_431(self):
        self.refused(post(b"X-A: " + b"a" * 20_000 + b"\r\n", LENGTH), 431)
        self.refused(post(*[b"X-%d: a\r\n" % i for i in range(6_000)], LENGTH), 431)
        self.refused(b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431)
        self.refused(b"A" * 40_000, 431)

    def test_a_body_that_is_too_large_is_413_before_it_is_read(self):
        self.refused(post(b"Content-Length: %d\r\n" % (9 << 20), body=b""), 413)
        self.refused(post(b"Content-Length: 9223372036854775807\r\n", body=b""), 413)

    def test_chunks_that_grow_too_large_are_413(self):
        chunk = b"%x\r\n%s\r\n" % (1 << 20, b"a" * (1 << 20))
        self.refused(post(CHUNKED, body=chunk * 10), 413)

    def test_a_body_of_eight_megabytes_less_one_is_inspected_whole(self):
        text = "a" * ((8 << 20) - 100 - len(harness.EMAIL)) + " " + harness.EMAIL
        with harness.Gateway(policy=harness.patient_policy(gateway.directory)) as other:
            reply = other.post("/filter/prompt", {"prompt": text}, timeout=60)
        self.assertEqual((reply.status, reply.json["action"]), (200, "block"))

    def test_json_that_is_too_deep_is_400(self):
        for deep in [b"[" * 100_000, b'{"a":' * 100_000,
                     b'{"prompt":"x","context":{"a":' + b"[" * 1000 + b"]" * 1000 + b"}}"]:
            self.assertEqual(gateway.post("/filter/prompt", deep).status, 400)

    def test_keys_given_twice_are_400_wherever_they_are(self):
        for path, body in [
            ("/filter/prompt", b'{"prompt":"x","prompt":"y"}'),
            ("/filter/prompt", b'{"prompt":"x","\\u0070rompt":"y"}'),
            ("/filter/prompt", b'{"prompt":"x","context":{"a":1,"a":2}}'),
            ("/v1/chat/completions", b'{"messages":[{"role":"user","content":"x","content":"y"}]}'),
            ("/v1/chat/completions", b'{"messages":[{"role":"user","content":"x"}],"messages":[]}'),
            ("/proxy/completion", b'{"prompt":"x","prompt":"y"}'),
            ("/ci/check", b'{"quality":{"pass_at_5":1,"pass_at_5":0}}'),
        ]:
            with self.subTest(path=path, body=body):
                self.assertEqual(gateway.post(path, body).status, 400)


def resident_kilobytes(process):
    """(now, at most until now)"""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        lines = dict(line.split(":", 1) for line in file)
    return int(lines["VmRSS"].split()[0]), int(lines["VmHWM"].split()[0])


class Compressed(unittest.TestCase):
    def send(self, encoded, coding, path="/filter/prompt", **headers):
        return gateway.post(path, encoded, {"Content-Encoding": coding, **headers})

    def test_what_is_inspected_is_the_text_itself(self):
        for text, action in [("hello", "allow"), ("mail " + harness.EMAIL, "block")]:
            body = json.dumps({"prompt": text}).encode()
            for coding, encoded in [("gzip", gzip.compress(body)), ("GZIP", gzip.compress(body)),
                                    ("x-gzip", gzip.compress(body)), ("deflate", zlib.compress(body)),
                                    ("identity", body), ("", body),
                                    ("gzip", gzip.compress(body[:9]) + gzip.compress(body[9:]))]:
                with self.subTest(text=text, coding=coding):
                    reply = self.send(encoded, coding)
                    self.assertEqual((reply.status, reply.json["action"]), (200, action), reply)

    def test_chunks_and_packets_of_a_compressed_body_are_one_body(self):
        body = gzip.compress(json.dumps({"prompt": "mail " + harness.EMAIL}).encode())
        chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
        received, _ = gateway.exchange(post(CHUNKED, b"Content-Encoding: gzip\r\nConnection: close\r\n", body=chunks))
        self.assertEqual(harness.statuses(received), [200])
        self.assertIn(b'"action":"block"', received)

    def test_what_is_forwarded_is_the_text_itself_too(self):
        with harness.Model() as model, harness.Gateway(upstream=model.url) as proxy:
            ask = {"model": "m", "messages": [{"role": "user", "content": "hello there"}]}
            reply = proxy.post("/v1/chat/completions", gzip.compress(json.dumps(ask).encode()),
                               {"Content-Encoding": "gzip"})
            self.assertEqual(reply.status, 200, reply)
            self.assertEqual(model.last()["messages"], ask["messages"])

    def test_unknown_and_stacked_codings_are_415_and_say_what_is_accepted(self):
        body = gzip.compress(gzip.compress(b"{}"))
        for coding in ["gzip, gzip", "gzip,deflate", "compress", "gzip;q=1", "identity, gzip", "none"]:
            with self.subTest(coding):
                reply = self.send(body, coding)
                self.assertEqual(reply.status, 415, reply)
                self.assertEqual(reply.headers["accept-encoding"], "gzip, deflate, br, zstd")
                self.assertEqual(reply.headers["connection"], "close")
        twice = post(b"Content-Encoding: gzip\r\n" * 2, b"Content-Length: %d\r\n" % len(body), body=body)
        received, closed = gateway.exchange(twice)
        self.assertEqual((harness.statuses(received), closed), ([415], True))

    def test_broken_bodies_are_400_in_the_shape_of_the_surface(self):
        sound = gzip.compress(json.dumps({"prompt": "hello"}).encode())
        broken = {"truncated": sound[:-1], "cut in the middle": sound[:len(sound) // 2], "trailing": sound + b"x",
                  "corrupt": sound[:12] + bytes([sound[12] ^ 0x55]) + sound[13:], "plain": BODY,
                  "the checksum": sound[:-8] + b"\0\0\0\0" + sound[-4:]}
        for name, body in broken.items():
            for path in ["/filter/prompt", "/v1/chat/completions", "/v1/messages"]:
                with self.subTest(name, path=path):
                    reply = self.send(body, "gzip", path)
                    self.assertEqual(reply.status, 400, reply)
                    self.assertEqual(reply.json["error"]["type"], "invalid_request_error")
                    self.assertEqual(reply.json.get("type"), "error" if path == "/v1/messages" else None)
                    self.assertIn("x-request-id", reply.headers)
        raw = zlib.compressobj(wbits=-15)
        self.assertEqual(self.send(raw.compress(BODY) + raw.flush(), "deflate").status, 400)

    def test_a_refused_body_does_not_hide_another_request(self):
        body = gzip.compress(BODY) + b"x"
        sent = post(b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(body), body=body)
        received, closed = gateway.exchange(sent + b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual((harness.statuses(received), closed), ([400], True))

    def test_bombs_are_413_and_cost_next_to_nothing(self):
        packed = zlib.compressobj(9, wbits=31)
        bomb = b"".join(packed.compress(bytes(1 << 20)) for _ in range(1024)) + packed.flush()  # 1 GB in 1 MB
        for _ in range(3):
            self.assertEqual(self.send(bomb, "gzip").status, 413)
        _, before = resident_kilobytes(gateway)
        replies = []

        def throw():
            reply = self.send(bomb, "gzip", "/v1/messages")
            replies.append((reply.status, reply.json["type"]))

        throwers = [threading.Thread(target=throw) for _ in range(20)]
        for thrower in throwers:
            thrower.start()
        for thrower in throwers:
            thrower.join()
        _, after = resident_kilobytes(gateway)
        self.assertEqual(replies, [(413, "error")] * 20)
        self.assertLess(after - before, 40 << 10, "twenty bombs of a gigabyte each")

    def test_a_body_may_be_as_large_as_an_uncompressed_one_but_no_larger(self):
        def body(size):
            text = os.urandom(size * 3 // 8).hex()  # compresses to about half
            return json.dumps({"prompt": (text + " x" * size)[:size]}).encode()
        reply = self.send(gzip.compress(body((8 << 20) - 100), 1), "gzip")
        self.assertIn(reply.status, (200, 413), reply)
        self.assertEqual(reply.status, 200, reply)
        self.assertEqual(self.send(gzip.compress(body((8 << 20) + 100), 1), "gzip").status, 413)


class Slow(unittest.TestCase):
    def test_a_head_that_never_ends_is_cut_off_although_bytes_keep_coming(self):
        with socket.create_connection((harness.LOOPBACK, gateway.port), timeout=30) as client:
            begun = time.monotonic()
            stopped = threading.Event()

            def trickle():
                try:
                    client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n")
                    while not stopped.wait(0.5):
                        client.sendall(b"X: y\r\n")
                except OSError:
                    pass

            writer = threading.Thread(target=trickle)
            writer.start()
            try:
                received = client.recv(1000)
            except ConnectionResetError:
                received = b""
            took = time.monotonic() - begun
            stopped.set()
            writer.join()
        self.assertFalse(received.startswith(b"HTTP/1.1 2"), received)
        self.assertGreater(took, 5)
        self.assertLess(took, 15)

    def test_clients_that_say_nothing_do_not_keep_others_out(self):
        silent = [socket.create_connection((harness.LOOPBACK, gateway.port)) for _ in range(200)]
        try:
            for client in silent[::2]:
                client.sendall(b"POST /filter/prompt HTTP/1.1\r\n")
            self.assertEqual(gateway.post("/filter/prompt", {"prompt": "hello"}).status, 200)
        finally:
            for client in silent:
                client.close()


if __name__ == "__main__":
    unittest.main()
