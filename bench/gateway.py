#!/usr/bin/env python3
"""Throughput, added latency, memory and start-up time of the running gateway.

Load comes from wrk on the same machine. Direct, through nginx and through the gateway are measured in turn,
several rounds, and medians over the rounds are printed: "added" is one median less the other, nothing else.
"""
import json
import os
import signal
import statistics
import subprocess
import time

from stage import (BINARY, GATEWAY, MODEL, NGINX, OFF, OTHER, ROUNDS, STATIC, Stage, compare, line, resident, script, wait,
                   wrk)

PROMPT = ("Please summarise the attached meeting notes for the quarterly planning session and list the open questions "
          "for the team, in the order in which they were raised. ")
END = " [[say: Noted.]]"  # what the sample model answers, whatever the length of the prompt


def of_bytes(count):
    return [{"role": "user", "content": (PROMPT * (count // len(PROMPT) + 1))[:count - 100] + END}]


def of_turns(count):
    turns = [{"role": ("user", "assistant")[k % 2], "content": PROMPT[k % 40:]} for k in range(count - 1)]
    return turns + [{"role": "user", "content": "And the last of them?" + END}]


def chat(folder, name, messages):
    return script(folder, name, {"model": "m", "messages": messages})


def start_up(stage):
    ready = []
    for _ in range(5):
        began = time.perf_counter()
        gateway = stage.gateway()
        ready.append((time.perf_counter() - began) * 1e3)
        time.sleep(0.5)
        idle = resident(gateway.pid)
        if len(ready) < 5:
            gateway.send_signal(signal.SIGTERM)
            gateway.wait()
    line("start to ready (median of 5)", f"{statistics.median(ready):8.0f} ms")
    line("idle resident memory", f"{idle:8.1f} MB")
    return gateway


def filters(stage):
    short = script(stage.folder, "filter", {"prompt": PROMPT})
    rows = {"plimsoll /filter/prompt": f"http://127.0.0.1:{GATEWAY}/filter/prompt",
            "baseline: nginx, a fixed answer": f"http://127.0.0.1:{STATIC}/"}
    for name, url in rows.items():
        runs = [wrk(url, short, 64, threads=1) for _ in range(ROUNDS)]
        line(name + ", 64 connections", f"{statistics.median(r['rps'] for r in runs):8.0f} req/s   "
             f"p50 {statistics.median(r['p50'] for r in runs):6.0f} us   p99 {statistics.median(r['p99'] for r in runs):6.0f} us")


def chats(stage, what, messages, connections, ports):
    middle = compare(ports, chat(stage.folder, "chat", messages), connections)
    direct, nginx = middle["direct"], middle["nginx"]
    for name, m in middle.items():
        added = "" if name == "direct" else (f"   added p50 {m['p50'] - direct['p50']:6.0f} us"
                                             f"   added p99 {m['p99'] - direct['p99']:6.0f} us")
        if name.startswith("plimsoll"):
            added += f"   {m['rps'] / nginx['rps']:5.0%} of nginx"
        line(f"chat, {what}, {connections} connection{'s' if connections > 1 else ''}: {name}",
             f"{m['rps']:8.0f} req/s   p50 {m['p50']:6.0f} us   p99 {m['p99']:6.0f} us" + added)


def variants():
    """The shipped policy with rules, model or both switched off."""
    def ask(*what):
        return subprocess.run([BINARY, "policy", *what], check=True, capture_output=True, text=True).stdout

    rules = [rule["id"] for rule in json.loads(ask("rules", "--format", "json"))]
    yield "rules off", ask("show") + f"\ndetection: {{ rules: {{ disable: {json.dumps(rules)} }} }}\n"
    yield "model off", ask("show") + "\ndetection: { model: false }\n"
    yield "both off", OFF


def main():
    with Stage() as stage:
        stage.model()
        stage.nginx()
        gateway = start_up(stage)
        filters(stage)
        ports = {"direct": MODEL, "nginx": NGINX, "plimsoll": GATEWAY}
        chats(stage, "1 KB", of_bytes(1000), 1, ports)
        for what, messages in (("16 KB", of_bytes(16 << 10)), ("256 KB", of_bytes(256 << 10)), ("200 turns", of_turns(200))):
            chats(stage, what, messages, 1, ports)
        for what, policy in variants():
            other = stage.gateway(OTHER, "--policy", stage.write("other.yaml", policy))
            chats(stage, "1 KB", of_bytes(1000), 32, dict(ports, **{"plimsoll, " + what: OTHER}))
            other.send_signal(signal.SIGTERM)
            other.wait()
        line("resident memory after the load", f"{resident(gateway.pid):8.1f} MB")
    inside = os.path.join(os.path.dirname(BINARY), "bench", "bench_inside")
    if os.path.exists(inside):
        subprocess.run([inside], check=True)


if __name__ == "__main__":
    main()
