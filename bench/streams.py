#!/usr/bin/env python3
"""Streams through the gateway: what one event waits, what the hold-back window holds, a thousand at once, large answers.

Upstream is bench/stream_server.py, which notes when each event left it. Direct, through nginx and through the gateway
are measured in turn. Two times are told apart: how long an event is under way, from leaving upstream to the moment the
text that it set free arrives, and how long a text is, which includes waiting in the window for what follows it.

    streams.py [event] [first] [many] [large]      all of them, unless named
    BENCH_STREAMS, BENCH_STREAM_SECONDS            of `many`: 1000, 30
"""
import bisect
import itertools
import json
import os
import sys
import time
import urllib.request

from stage import (GATEWAY, HERE, MODEL, NGINX, ROUNDS, Stage, cpu_seconds, family, forget_peak, line, memory, percentile, wait)
from stream_client import Streams
from stream_server import CELLS, COUNT, INTERVAL, ROWS, WORDS, clock, pieces

PORTS = {"direct": MODEL, "nginx": NGINX, "plimsoll": GATEWAY}


class Run:
    """Some streams through one port, read to their end, and what came of them."""

    def __init__(self, cells, port, streams, count, interval_ms, words=1, stagger_s=0.0):
        tell(cells, count, interval_ms, words)
        self.count = count
        self.ends = list(itertools.accumulate(len(p) for p in pieces(count, words)))
        self.text = "".join(pieces(count, words)).encode()
        open_streams = Streams(port, streams, stagger_s)
        before, began = time.process_time(), time.monotonic()
        self.readers = open_streams.read(stagger_s + count * interval_ms / 1e3 + 60).readers
        self.reading = (time.process_time() - before) / (time.monotonic() - began)     # of one processor
        open_streams.close()
        self.sent = [list(cells[ROWS + k * (count + 1):ROWS + (k + 1) * (count + 1)]) for k in range(streams)]

    def missed(self):
        """Events whose text did not arrive, or not as it was sent, and streams without their end."""
        events = streams = 0
        for reader in self.readers:
            got = b"".join(reader.text)
            if got != self.text[:len(got)]:
                got = os.path.commonprefix([got, self.text])
            events += self.count - bisect.bisect_right(self.ends, len(got))
            streams += not (reader.ended and reader.over)
        return events, streams

    def demand(self):
        """Times of streams that were not whole would be times of something else."""
        if self.missed() != (0, 0):
            sys.exit("missed {} events, {} streams without their end; nothing was measured".format(*self.missed()))
        return self

    def freed_by(self):
        """For each event the one on whose coming its text was let go (of the first stream, which nothing must have crowded)."""
        reader, sent = self.readers[0], self.sent[0]
        return [max(0, bisect.bisect_right(sent, reader.times[bisect.bisect_left(reader.totals, end)]) - 1) for end in self.ends]

    def delays(self, freed_by=None):
        """Microseconds from each event (or from the one that sets it free) to its text's arrival."""
        out = []
        for reader, sent in zip(self.readers, self.sent):
            at = 0
            for k, end in enumerate(self.ends):
                while at < len(reader.totals) and reader.totals[at] < end:
                    at += 1
                if at == len(reader.totals):
                    break
                out.append((reader.times[at] - sent[min(freed_by[k], self.count) if freed_by else k]) / 1e3)
        return out

    def held(self, freed_by):
        """Bytes and events that had come and not left, after each event but the end."""
        held = [0] * self.count
        for k, by in enumerate(freed_by):
            for j in range(k, min(by, self.count)):
                held[j] += 1
        size = [self.ends[j] - (self.ends[j - n] if n <= j else 0) for j, n in enumerate(held)]
        return size, held


def tell(cells, count, interval_ms, words):
    cells[INTERVAL], cells[COUNT], cells[WORDS] = int(interval_ms * 1e6), count, words
    cells[ROWS:CELLS] = ZEROS


ZEROS = memoryview(bytes((CELLS - ROWS) * 8)).cast("Q")


def p(values):
    return f"p50 {percentile(values, 0.5):7.0f} us   p99 {percentile(values, 0.99):7.0f} us" if values else "nothing arrived"


def one_event(cells, *_):
    """One stream, an event every 2 ms."""
    moved = {name: [] for name in PORTS}
    for _ in range(ROUNDS):
        for name, port in PORTS.items():
            run = Run(cells, port, 1, 1000, 2).demand()
            freed_by = run.freed_by()
            moved[name] += run.delays(freed_by)
            if name == "plimsoll":
                waiting, (size, events) = run.delays(), run.held(freed_by)
    base = percentile(moved["direct"], 0.5)
    for name, values in moved.items():
        line(f"1 stream, an event under way: {name}", p(values) +
             ("" if name == "direct" else f"   added p50 {percentile(values, 0.5) - base:6.0f} us"))
    line("1 stream, a text under way, window included: plimsoll", p(waiting) + "   (an event every 2 ms)")
    line("held back by the window after an event", f"p50 {percentile(size, 0.5)} bytes, {percentile(events, 0.5)} events"
         f"   most {max(size)} bytes, {max(events)} events")


def first_token(cells, *_):
    """20 tokens a second: time to the first text, and the same less the time the window waited for further events."""
    first = {name: [] for name in PORTS}
    rest = {name: [] for name in PORTS}
    waited = []
    for port in PORTS.values():
        Run(cells, port, 4, 40, 1)              # upstream makes its answers, connections are made
    for _ in range(ROUNDS):
        for name, port in PORTS.items():
            run = Run(cells, port, 4, 40, 50, stagger_s=0.2).demand()
            for reader, sent in zip(run.readers, run.sent):
                by = max(0, bisect.bisect_right(sent, reader.times[0]) - 1)
                first[name].append((reader.times[0] - reader.asked) / 1e6)
                rest[name].append(first[name][-1] - (sent[by] - sent[0]) / 1e6)
                if name == "plimsoll":
                    waited.append(by)
    for name in PORTS:
        line(f"first text at 20 tokens/s: {name}", f"p50 {percentile(first[name], 0.5):7.2f} ms" + (
            "" if name == "direct" else f"   grown by {percentile(first[name], 0.5) - percentile(first['direct'], 0.5):6.2f} ms, beyond"
            f" the window's wait by {percentile(rest[name], 0.5) - percentile(rest['direct'], 0.5):6.2f} ms"))
    line("events the window waited for before the first text", f"p50 {percentile(waited, 0.5)}   most {max(waited)}")


def many(cells, gateway, nginx):
    """A thousand streams, 20 events a second each."""
    streams, seconds = int(os.environ.get("BENCH_STREAMS", "1000")), int(os.environ.get("BENCH_STREAM_SECONDS", "30"))
    count = seconds * 20
    pids = {"direct": [], "nginx": family(nginx.pid), "plimsoll": family(gateway.pid)}
    for name, port in PORTS.items():
        freed_by = Run(cells, port, 1, count, 2).demand().freed_by()     # alone, to learn which event frees which
        before, began = sum(map(cpu_seconds, pids[name])), time.monotonic()
        run = Run(cells, port, streams, count, 50, stagger_s=2.0)
        took, used = time.monotonic() - began, sum(map(cpu_seconds, pids[name])) - before
        missed, unended = run.missed()
        line(f"{streams} streams x 20 events/s, {seconds} s: {name}",
             f"missed {missed} of {streams * count} events, {unended} streams without their end   {p(run.delays(freed_by))}" +
             ("" if not pids[name] else f"   CPU {used / took:5.0%} of one, {used * 1e6 / streams / count:4.0f} us an event")
             + f"   (its reader's {run.reading:4.0%})")
        if name == "plimsoll":
            line(f"{streams} streams, a text under way, window included", p(run.delays()))


def whole(port):
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Tell me a long story, please."}]}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/chat/completions", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return len(reply.read())


def large(cells, gateway, nginx):
    """Answers of 1 MB: memory while they pass, and while nobody reads them.

    A single answer's share is within what the allocator keeps anyway; what a stream can hold shows where many are stuck.
    """
    words, size = 40, 4400                                      # about 240 bytes an event
    processes = {"nginx": nginx, "plimsoll": gateway}

    def now(name, what="VmRSS"):
        return sum(memory(pid, what) for pid in family(processes[name].pid))

    # First, because what a whole answer leaves in the allocator would hide what these hold.
    streams = 64
    for name in processes:
        for _ in range(4):                                      # nor is what first requests cost theirs
            Run(cells, PORTS[name], 32, 50, 0, words)
        tell(cells, 2, 1000_000, words)                         # one event, then silence
        base = now(name)
        quiet = Streams(PORTS[name], streams, receive_buffer=4096)
        quiet.start_all()
        time.sleep(2)
        idle = now(name) - base
        quiet.close()
        time.sleep(1)

        count = CELLS // streams - 2
        tell(cells, count, 0, words)
        stuck = Streams(PORTS[name], streams, receive_buffer=4096)
        stuck.start_all()
        time.sleep(5)
        held = now(name) - base
        left = sum(1 for cell in cells[ROWS:ROWS + streams * (count + 1)] if cell) / streams
        each = len("".join(pieces(100, words))) / 100
        stuck.close()
        line(f"{streams} streams nobody reads: {name}", f"{held * 1024 / streams:6.1f} KB of memory each, "
             f"{idle * 1024 / streams:6.1f} KB where only one event came: {(held - idle) * 1024 / streams:5.1f} KB held; "
             f"upstream sent {left * each / 1024:.0f} KB of text of each, the kernel's buffers included")
        time.sleep(1)

    for name in processes:
        for shape in ("streamed", "whole"):
            grown = []
            for _ in range(4):
                tell(cells, size, 0, words)
                for pid in family(processes[name].pid):
                    forget_peak(pid)
                base = now(name)
                length = whole(PORTS[name]) if shape == "whole" else Run(cells, PORTS[name], 1, size, 0, words).readers[0].size
                grown.append((now(name, "VmHWM") - base) * 1024)
            line(f"1 MB answer, {shape}, {length >> 10} KB: {name}", f"peak memory above what it was: first {grown[0]:6.0f} KB, then "
                 + ", ".join(f"{g:.0f}" for g in grown[1:]) + " KB")


def main():
    parts = {"event": one_event, "first": first_token, "many": many, "large": large}
    for name in sys.argv[1:] or parts:
        with Stage() as stage:                  # each its own: what one leaves in memory is not the next one's
            path = os.path.join(stage.folder, "clock")
            with open(path, "wb") as out:
                out.truncate(CELLS * 8)
            cells = clock(path)
            tell(cells, 10, 0, 1)
            stage.start(sys.executable, os.path.join(HERE, "stream_server.py"), str(MODEL), path)
            wait(MODEL)
            parts[name](cells, stage.gateway(), stage.nginx())


if __name__ == "__main__":
    main()
