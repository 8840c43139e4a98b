#!/usr/bin/env python3
"""A model's server for measuring streams: python3 bench/stream_server.py PORT CLOCK

Answers any POST with OpenAI's chat.completion.chunk events (or one whole answer where the body does not ask for a
stream) and writes into CLOCK, a file it shares with the one who measures, when each event left: the events themselves
are prose and nothing else, so that detectors see what they would see. The request's "seed" says which row is its own.
One thread, epoll, chunked, keep-alive. It does what it is told and no more; it is not for anything else.
"""
import collections
import heapq
import json
import mmap
import random
import re
import select
import socket
import sys
import time

CELLS = 1 << 20                      # of 8 bytes
INTERVAL, COUNT, WORDS = 0, 1, 2     # nanoseconds between events; text events of an answer; words of an event
ROWS = 16                            # the first row begins here; a row has COUNT + 1 cells: the last is the end's

VOCABULARY = """time year people way day man thing woman life child world school state family student group country problem
hand part place case week company system program question work government number night point home water room mother area
money story fact month lot right study book eye job word business issue side kind head house service friend father power
hour game line end member law car city community name president team minute idea body information back parent face others
level office door health person art war history party result change morning reason research girl guy moment air teacher
force education about after again below could every first found great house large learn never other plant point right
small sound spell still study their there these thing think three water where which world would write""".split()


def pieces(count, words):
    """The texts of an answer's events: sentences of a few common words. Longer answers begin like shorter ones."""
    draw = random.Random(7)
    out, length = [], 0
    for _ in range(count):
        piece = ""
        for _ in range(words):
            word = draw.choice(VOCABULARY)
            length += 1
            if length > 6 and draw.random() < 0.2:
                word, length = word + ".", 0
            piece += word + " "
        out.append(piece)
    return out


def clock(path):
    with open(path, "r+b") as file:
        return memoryview(mmap.mmap(file.fileno(), CELLS * 8)).cast("Q")


def event(delta, finish):
    return b"data: " + json.dumps({"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1700000000, "model": "m",
                                   "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}).encode() + b"\n\n"


def framed(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


class Answers:
    """What is sent for the settings in force."""

    def __init__(self, count, words):
        texts = pieces(count, words)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n\r\n"
        # (nginx, the baseline, would gather otherwise)
        self.events = [framed(event({"content": text}, None)) for text in texts]
        self.events[0] = head + framed(event({"role": "assistant", "content": texts[0]}, None))
        self.events.append(framed(event({}, "stop") + b"data: [DONE]\n\n") + b"0\r\n\r\n")
        whole = json.dumps({"id": "chatcmpl-bench", "object": "chat.completion", "created": 1700000000, "model": "m", "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "".join(texts)}, "finish_reason": "stop"}]}).encode()
        self.whole = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(whole) + whole


class Stream:
    def __init__(self, connection):
        self.connection = connection
        self.received = b""
        self.unsent = b""
        self.row = self.next = 0
        self.answers = None          # while one is under way


class Server:
    def __init__(self, port, cells):
        self.cells = cells
        self.poll = select.epoll()
        self.streams = {}
        self.due = []                # (when, descriptor)
        self.known = {}
        self.at_once = collections.deque()
        self.listener = socket.create_server(("127.0.0.1", port), backlog=4096)
        self.listener.setblocking(False)
        self.poll.register(self.listener.fileno(), select.EPOLLIN)

    def answers(self):
        key = (self.cells[COUNT], self.cells[WORDS])
        if key not in self.known:
            self.known[key] = Answers(*key)
        return self.known[key]

    def run(self):
        while True:
            if self.at_once:
                pause = 0
            elif self.due:
                pause = max(0.0, (self.due[0][0] - time.monotonic_ns()) / 1e9)
            else:
                pause = 1.0
            for descriptor, what in self.poll.poll(pause):
                if descriptor == self.listener.fileno():
                    self.accept()
                elif descriptor in self.streams:
                    if what & select.EPOLLOUT:
                        self.flush(self.streams[descriptor])
                    if what & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                        self.read(descriptor)
            now = time.monotonic_ns()
            while self.due and self.due[0][0] <= now:
                when, descriptor = heapq.heappop(self.due)
                self.step(descriptor, when)
            for _ in range(len(self.at_once)):
                self.step(self.at_once.popleft(), 0)

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except BlockingIOError:
                return
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.streams[connection.fileno()] = Stream(connection)
            self.poll.register(connection.fileno(), select.EPOLLIN)

    def drop(self, descriptor):
        stream = self.streams.pop(descriptor)
        self.poll.unregister(descriptor)
        stream.connection.close()

    def read(self, descriptor):
        stream = self.streams[descriptor]
        try:
            data = stream.connection.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.drop(descriptor)
            return
        stream.received += data
        head, found, body = stream.received.partition(b"\r\n\r\n")
        if not found:
            return
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        if len(body) < int(length.group(1) if length else 0):
            return
        stream.received = b""
        stream.answers = self.answers()
        if re.search(rb'"stream": *true', body):
            seed = re.search(rb'"seed": *(\d+)', body)
            stream.row = ROWS + int(seed.group(1) if seed else 0) * (self.cells[COUNT] + 1)
            stream.next = 0
            self.step(descriptor, time.monotonic_ns())
        else:
            stream.next = self.cells[COUNT] + 1
            self.send(stream, stream.answers.whole)

    # One event, and when the next is due. An event that does not fit is finished before the next is looked at.
    def step(self, descriptor, when):
        stream = self.streams.get(descriptor)
        if stream is None or stream.answers is None or stream.unsent:
            return
        self.cells[stream.row + stream.next] = time.monotonic_ns()
        data = stream.answers.events[stream.next]
        stream.next += 1
        self.send(stream, data)
        if stream.answers is not None and not stream.unsent:
            self.plan(stream, when)

    def plan(self, stream, when):
        if self.cells[INTERVAL] == 0:
            self.at_once.append(stream.connection.fileno())
        else:
            heapq.heappush(self.due, (when + self.cells[INTERVAL], stream.connection.fileno()))

    def send(self, stream, data):
        try:
            sent = stream.connection.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            stream.answers = None    # its end will be read
            return
        if sent < len(data):
            stream.unsent = data[sent:]
            self.poll.modify(stream.connection.fileno(), select.EPOLLIN | select.EPOLLOUT)
        elif stream.next == len(stream.answers.events):
            stream.answers = None

    def flush(self, stream):
        data, stream.unsent = stream.unsent, b""
        self.send(stream, data)
        if stream.unsent:
            return
        self.poll.modify(stream.connection.fileno(), select.EPOLLIN)
        if stream.answers is not None:
            self.plan(stream, time.monotonic_ns())


def main():
    Server(int(sys.argv[1]), clock(sys.argv[2])).run()


if __name__ == "__main__":
    main()
