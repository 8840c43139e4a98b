#!/usr/bin/env python3
"""Throughput, added latency, memory and start-up time of the running gateway.

Load comes from wrk on the same machine. Direct, through nginx and through the gateway are measured in turn,
several rounds, and medians over the rounds are printed: "added" is one median less the other, nothing else.
"""
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

BINARY = os.path.abspath(os.environ.get("PLIMSOLL_BINARY", "build/release/plimsoll"))
MODEL, GATEWAY, NGINX, STATIC = 18000, 18001, 18002, 18003
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))

NGINX_CONF = f"""
worker_processes 2; daemon off; pid nginx.pid; error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  upstream model {{ server 127.0.0.1:{MODEL}; keepalive 64; }}
  server {{ listen 127.0.0.1:{NGINX}; location / {{
    proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection ""; }} }}
  server {{ listen 127.0.0.1:{STATIC}; location / {{ return 200 '{{"allowed":true,"action":"allow","reasons":[]}}'; }} }}
}}
"""

PROMPT = ("Please summarise the attached meeting notes for the quarterly planning session and list the open questions "
          "for the team, in the order in which they were raised. ")


def script(folder, name, body):
    path = os.path.join(folder, name + ".lua")
    with open(path, "w", encoding="utf-8") as out:
        out.write('wrk.method="POST"\nwrk.headers["Content-Type"]="application/json"\n')
        out.write("wrk.body=[==[" + json.dumps(body) + "]==]\n")
    return path


def wrk(url, lua, connections, threads=1, seconds=SECONDS):
    out = subprocess.run(["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", lua, url],
                         check=True, capture_output=True, text=True).stdout
    unit = {"us": 1.0, "ms": 1e3, "s": 1e6}

    def percentile(p):
        value, suffix = re.search(rf"\s{p}%\s+([\d.]+)(us|ms|s)", out).groups()
        return float(value) * unit[suffix]
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    if bad:
        sys.exit(f"{url}: {bad.group(1)} answers were errors; nothing was measured")
    return {"rps": float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), "p50": percentile(50), "p99": percentile(99)}


def wait(port, path="/"):
    for _ in range(20000):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1).read()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.0005)
    sys.exit(f"port {port} never answered")


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


def line(name, text):
    print(f"{name:<58} {text}", flush=True)


def main():
    folder = tempfile.mkdtemp(prefix="plimsoll-bench-")
    children = []

    def start(*command, **more):
        children.append(subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more))
        return children[-1]

    try:
        start(BINARY, "sample-model", "--port", str(MODEL))
        wait(MODEL, "/health")
        with open(os.path.join(folder, "nginx.conf"), "w", encoding="utf-8") as out:
            out.write(NGINX_CONF)
        start("nginx", "-p", folder, "-c", "nginx.conf")
        wait(STATIC)

        environment = dict(os.environ, PAC_UPSTREAM_URL=f"http://127.0.0.1:{MODEL}", METRICS_ENABLED="false", LOG_LEVEL="warn")
        ready = []
        for _ in range(5):
            began = time.perf_counter()
            gateway = start(BINARY, "serve", "--port", str(GATEWAY), env=environment)
            wait(GATEWAY, "/readyz")
            ready.append((time.perf_counter() - began) * 1e3)
            time.sleep(0.5)
            memory = resident(gateway.pid)
            if len(ready) < 5:
                gateway.send_signal(signal.SIGTERM)
                gateway.wait()
        line("start to ready (median of 5)", f"{statistics.median(ready):8.0f} ms")
        line("idle resident memory", f"{memory:8.1f} MB")

        short = script(folder, "filter", {"prompt": PROMPT})
        rows = {"plimsoll /filter/prompt": f"http://127.0.0.1:{GATEWAY}/filter/prompt",
                "baseline: nginx, a fixed answer": f"http://127.0.0.1:{STATIC}/"}
        for name, url in rows.items():
            best = [wrk(url, short, 64, threads=1) for _ in range(ROUNDS)]
            line(name + ", 64 connections", f"{statistics.median(r['rps'] for r in best):8.0f} req/s   "
                 f"p50 {statistics.median(r['p50'] for r in best):6.0f} us   p99 {statistics.median(r['p99'] for r in best):6.0f} us")

        text = (PROMPT * 10)[:900]
        chat = script(folder, "chat", {"model": "m", "messages": [{"role": "user", "content": text + " [[say: Noted.]]"}]})
        ports = {"direct": MODEL, "nginx": NGINX, "plimsoll": GATEWAY}
        for connections in (1, 32):
            seen = {name: [] for name in ports}
            for _ in range(ROUNDS):
                for name, port in ports.items():
                    seen[name].append(wrk(f"http://127.0.0.1:{port}/v1/chat/completions", chat, connections))
            middle = {name: {key: statistics.median(r[key] for r in runs) for key in ("rps", "p50", "p99")} for name, runs in seen.items()}
            for name in ports:
                m = middle[name]
                added = "" if name == "direct" else (f"   added p50 {m['p50'] - middle['direct']['p50']:6.0f} us"
                                                     f"   added p99 {m['p99'] - middle['direct']['p99']:6.0f} us")
                line(f"chat, 1 KB, {connections} connection{'s' if connections > 1 else ''}: {name}",
                     f"{m['rps']:8.0f} req/s   p50 {m['p50']:6.0f} us   p99 {m['p99']:6.0f} us" + added)
        line("resident memory after the load", f"{resident(gateway.pid):8.1f} MB")
    finally:
        for child in children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
        shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([os.path.join(os.path.dirname(BINARY), "bench", "bench_inside")], check=True)


if __name__ == "__main__":
    main()
