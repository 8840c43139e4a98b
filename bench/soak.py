#!/usr/bin/env python3
"""Mixed traffic for a while, and what memory does: soak.py [seconds [requests a second]], 1800 and 200 unless said.

The first minute (or a fifth, of short runs) warms up and does not count. The rate is kept low so that the log, which
is on disk, stays small. Every kind of end is in the mix: answers, refusals, redactions, streams withheld, broken off by the
model and left by the client, requests that cannot be read.
"""
import collections
import http.client
import json
import os
import random
import sys
import threading
import time

from gateway import PROMPT, of_bytes, of_turns
from stage import GATEWAY, Stage, line, memory

THREADS = 8


def said(text):
    return [{"role": "user", "content": text}]


def body(messages, **more):
    return dict({"model": "m", "messages": messages}, **more)


CHAT, MESSAGES, RESPONSES = "/v1/chat/completions", "/v1/messages", "/v1/responses"
# name, path, body, how: whole, stream (read to its end), leave (after its first bytes), close (a connection of its own)
MIX = [
    ("chat", CHAT, body(of_bytes(1000)), "whole"),
    ("chat", CHAT, body(of_bytes(1000)), "close"),
    ("chat, 16 KB", CHAT, body(of_bytes(16 << 10)), "whole"),
    ("chat, 200 turns", CHAT, body(of_turns(200)), "whole"),
    ("chat, streamed", CHAT, body(said(PROMPT), stream=True), "stream"),
    ("chat, 64 KB streamed", CHAT, body(said("[[repeat: 4000]] Noted, thank you. [[chunks: 200]]"), stream=True), "stream"),
    ("chat, streamed, left", CHAT, body(said(PROMPT + "[[delay: 20ms]]"), stream=True), "leave"),
    ("chat, redacted", CHAT, body(said("[[canned: email]]")), "whole"),
    ("chat, redacted in the stream", CHAT, body(said("[[canned: email]][[chunks: 3]]"), stream=True), "stream"),
    ("chat, refused", CHAT, body(said("My card is 4111 1111 1111 1111, jane.roe@example.com")), "whole"),
    ("chat, a tool called", CHAT, body(said("call the tool"), stream=True, tools=[{"type": "function", "function": {
        "name": "look", "parameters": {"type": "object", "properties": {"what": {"type": "string"}}}}}]), "stream"),
    ("chat, the model refuses", CHAT, body(said("[[fault: 500]]")), "whole"),
    ("chat, broken off", CHAT, body(said(PROMPT + "[[fault: reset]]"), stream=True), "stream"),
    ("chat, cut short", CHAT, body(said(PROMPT + "[[fault: truncate]]")), "whole"),
    ("messages", MESSAGES, body(said(PROMPT), max_tokens=200), "whole"),
    ("messages, streamed", MESSAGES, body(said(PROMPT), max_tokens=200, stream=True), "stream"),
    ("responses", RESPONSES, {"model": "m", "input": PROMPT}, "whole"),
    ("responses, streamed", RESPONSES, {"model": "m", "input": PROMPT, "stream": True}, "stream"),
    ("embeddings", "/v1/embeddings", {"model": "m", "input": [PROMPT, "and another"]}, "whole"),
    ("completions", "/v1/completions", {"model": "m", "prompt": PROMPT}, "whole"),
    ("filter", "/filter/prompt", {"prompt": PROMPT}, "whole"),
    ("cannot be read", CHAT, '{"model": "m", "messages": [{"role"', "whole"),
]
MIX = [(name, path, (content if isinstance(content, str) else json.dumps(content)).encode(), how)
       for name, path, content, how in MIX]


class Traffic:
    def __init__(self, rate, until):
        self.pause, self.until = THREADS / rate, until
        self.counts = collections.Counter()
        self.lock = threading.Lock()

    def worker(self, seed):
        draw, connection, due = random.Random(seed), None, time.monotonic()
        while due < self.until:
            due = max(due + self.pause, time.monotonic() - 1)      # late by more than a second: not made up for
            time.sleep(max(0.0, due - time.monotonic()))
            name, path, content, how = draw.choice(MIX)
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", GATEWAY, timeout=30)
            try:
                ends = self.one(connection, path, content, how)
                said_so = str(ends)
            except (OSError, http.client.HTTPException) as error:
                ends, said_so = None, type(error).__name__
            if how in ("leave", "close") or ends is None:
                connection.close()
                connection = None
            with self.lock:
                self.counts[f"{name}: {said_so}"] += 1

    @staticmethod
    def one(connection, path, content, how):
        connection.request("POST", path, content, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        if how == "leave":
            reply.read1(100)
        else:
            reply.read()
        return reply.status


def slope(samples):
    """MB an hour, by least squares over (seconds, MB)."""
    mean_t = sum(t for t, _ in samples) / len(samples)
    mean_m = sum(m for _, m in samples) / len(samples)
    spread = sum((t - mean_t) ** 2 for t, _ in samples)
    return 3600 * sum((t - mean_t) * (m - mean_m) for t, m in samples) / spread if spread else 0.0


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1800
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else 200
    warm = min(60.0, seconds / 5)
    with Stage() as stage:
        stage.model()
        gateway = stage.gateway()
        begun = time.monotonic()
        traffic = Traffic(rate, begun + seconds)
        threads = [threading.Thread(target=traffic.worker, args=(k,), daemon=True) for k in range(THREADS)]
        for thread in threads:
            thread.start()
        time.sleep(warm)
        files, samples = open_files(gateway.pid), []
        while time.monotonic() < begun + seconds and gateway.poll() is None:
            samples.append((time.monotonic() - begun, memory(gateway.pid), memory(gateway.pid, "RssAnon")))
            time.sleep(min(5.0, seconds / 50))
        if gateway.poll() is not None:
            sys.exit(f"the gateway ended with {gateway.returncode} after {time.monotonic() - begun:.0f} s")
        for thread in threads:
            thread.join(60)
        for name, count in sorted(traffic.counts.items()):
            print(f"  {name:<56} {count:8}")
        done = sum(traffic.counts.values())
        line(f"soak, {seconds:.0f} s: requests", f"{done:8}   {done / (time.monotonic() - begun):6.0f} req/s")
        span = samples[-1][0] - samples[0][0]
        for k, what in ((1, "resident memory"), (2, "of that its own (anonymous)")):
            first, last = samples[0][k], samples[-1][k]
            half = [(s[0], s[k]) for s in samples]
            line(f"soak: {what}", f"{first:8.2f} MB after {warm:.0f} s, {last:8.2f} MB at the end: {(last - first) * 3600 / span:8.2f} MB/h"
                 f"   straight line {slope(half):8.2f} MB/h, over the second half {slope(half[len(half) // 2:]):8.2f} MB/h")
        line("soak: open files", f"{files:8} after {warm:.0f} s, {open_files(gateway.pid):6} at the end")


if __name__ == "__main__":
    main()
