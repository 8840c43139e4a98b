"""Reads many streams at once and says when how much of each one's text had come. One thread, epoll, bytes only."""
import array
import json
import random
import re
import select
import socket
import time

CONTENT = re.compile(rb'"content": ?"([^"]*)"')


class Reader:
    """One stream: undoes the chunked coding, takes the text out of whole events."""

    def __init__(self):
        self.raw = b""
        self.events = b""
        self.left = -1                       # of the chunk; -1: still in the headers
        self.text = []
        self.size = 0
        self.times = array.array("Q")        # when it grew ...
        self.totals = array.array("Q")       # ... to how many bytes
        self.asked = 0                       # when the request was sent
        self.over = False                    # the last chunk has come
        self.ended = False                   # the protocol's own end has come

    def feed(self, data, now):
        raw = self.raw + data if self.raw else data
        if self.left < 0:
            head, found, rest = raw.partition(b"\r\n\r\n")
            if not found:
                self.raw = raw
                return
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.split(b"\r\n")[0].decode() + " " + rest[:300].decode(errors="replace"))
            raw, self.left = rest, 0
        at, taken = 0, []
        while at < len(raw):
            if self.left == 0:
                line = raw.find(b"\r\n", at)
                if line < 0:
                    break
                size = int(raw[at:line], 16)
                at, self.left = line + 2, size + 2
                if size == 0:
                    self.over = True
                    break
            piece = raw[at:at + self.left]
            at += len(piece)
            self.left -= len(piece)
            if self.left < 2:                # the line end that closes it is no part of it
                piece = piece[:len(piece) - (2 - self.left)]
            taken.append(piece)
        self.raw = raw[at:]
        if taken:
            self.take(b"".join(taken), now)

    def take(self, data, now):
        whole, _, self.events = (self.events + data).rpartition(b"\n\n")
        if not whole:
            return
        grown = self.size
        for text in CONTENT.findall(whole):
            self.text.append(text)
            grown += len(text)
        if grown > self.size:
            self.size = grown
            self.times.append(now)
            self.totals.append(grown)
        self.ended = self.ended or b"[DONE]" in whole


class Streams:
    def __init__(self, port, count, stagger_s=0.0, receive_buffer=None):
        self.poll = select.epoll()
        self.open = {}
        self.readers = []
        self.port = port
        self.receive_buffer = receive_buffer
        self.begun = time.monotonic_ns()
        draw = random.Random(1)      # at random within that time, lest many events fall due together for ever
        self.starts = sorted(self.begun + int(draw.random() * stagger_s * 1e9) for _ in range(count))

    def start(self):
        row = len(self.readers)
        body = json.dumps({"model": "m", "stream": True, "seed": row,
                           "messages": [{"role": "user", "content": "Tell me a long story, please."}]}).encode()
        connection = socket.socket()
        if self.receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.connect(("127.0.0.1", self.port))
        reader = Reader()
        reader.asked = time.monotonic_ns()
        connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                           b"Content-Length: %d\r\n\r\n" % len(body) + body)
        connection.setblocking(False)
        self.readers.append(reader)
        self.open[connection.fileno()] = (connection, reader)
        self.poll.register(connection.fileno(), select.EPOLLIN)

    def start_all(self):
        while len(self.readers) < len(self.starts):
            self.start()

    def read(self, limit_s):
        """Until all are over, or for so long."""
        last = time.monotonic_ns() + int(limit_s * 1e9)
        while self.open or len(self.readers) < len(self.starts):
            now = time.monotonic_ns()
            if now > last:
                break
            if len(self.readers) < len(self.starts) and self.starts[len(self.readers)] <= now:
                self.start()
            pause = 0.001 if len(self.readers) < len(self.starts) else 1.0
            for descriptor, _ in self.poll.poll(pause):
                connection, reader = self.open[descriptor]
                try:
                    data = connection.recv(1 << 18)
                except BlockingIOError:
                    continue
                except ConnectionError:
                    data = b""
                if data:
                    reader.feed(data, time.monotonic_ns())
                if not data or reader.over:
                    self.poll.unregister(descriptor)
                    connection.close()
                    del self.open[descriptor]
        return self

    def close(self):
        for connection, _ in self.open.values():
            connection.close()
        self.open.clear()
        self.poll.close()
