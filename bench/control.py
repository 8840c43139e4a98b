"""How many reported events a second the control plane takes, decided and on disk.

One line per figure. In the same run, as the baseline: the same requests answered by nginx, which reads and forgets them.
  control.py [--seconds S]
With a directory that holds months of decisions (made there by bench_store, unless it is there; it stays): what a control plane
costs that has them, its memory, its answers to whoever looks, with and without R events a second coming in, then at full load.
  control.py --directory DIR [--entries 10000000] [--rate R] [--seconds S]
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests"))
os.environ.setdefault("PLIMSOLL_BINARY", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "build/release/plimsoll"))
os.environ.setdefault("PLIMSOLL_PATIENCE", "300")
import harness  # noqa: E402  (it reads the environment)

WORDS = ("the harbour was quiet and the ledger showed what every vessel carried before the tide turned and the lamps were lit "
         "along the quay where the pilots waited for the evening boats to come in from the sea with grain and timber").split()

LUA = """
-- Each event once: an id of its own, and a prompt of about 300 bytes that no other has.
local words = {%(words)s}
local thread_number = 0
function setup(thread) thread:set("number", thread_number); thread_number = thread_number + 1 end
local n = 0
function event()
  n = n + 1
  local text = {}
  local seed = n * 2654435761 %% 4294967296 + number
  for i = 1, 55 do
    seed = (seed * 1103515245 + 12345) %% 2147483648
    text[i] = words[math.floor(seed / 65536) %% #words + 1]
  end
  return string.format('{"event_id":"%(run)s-%%d-%%d","user_id":"user-%%d","org_id":"acme","surface":"api","tier":"general","prompt":"%%s"}',
                       number, n, n %% 997, table.concat(text, " "))
end
function request()
  local events = {}
  for i = 1, %(batch)d do events[i] = event() end
  return wrk.format("POST", "/ingest", {["Content-Type"] = "application/json"}, '{"events":[' .. table.concat(events, ",") .. ']}')
end
"""


def in_ms(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": .001, "ms": 1, "s": 1000, "m": 60000}[unit]


def drive(name, port, folder, batch, connections, seconds, run):
    script = os.path.join(folder, f"{run}.lua")
    with open(script, "w", encoding="utf-8") as file:
        file.write(LUA % {"words": ",".join(f'"{w}"' for w in WORDS), "batch": batch, "run": run})
    found = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script, f"http://127.0.0.1:{port}/ingest"],
                           capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", found).group(1))
    p50, p99 = (in_ms(re.search(rf"{p}%\s+(\S+)", found).group(1)) for p in (50, 99))
    other = re.search(r"Non-2xx or 3xx responses: (\d+)", found)
    print(f"{name}, {connections} connections: {rate * batch:.0f} events/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms"
          + (f", refused {other.group(1)}" if other else ""), flush=True)


# What people look at all day, and what they ask for now and then.
DASHBOARD = {
    "totals": "/metrics",
    "hours of a day": "/hourly-stats?hours=24",
    "hours of 30 days": "/hourly-stats?hours=720",
    "newest 50 events": "/events?limit=50",
    "newest 50 blocked of an organisation": "/events?limit=50&action=block&org=org-3",
    "newest 50 of cbrn from 0.9 on": "/events?limit=50&category=cbrn&min_score=0.9",
    "review queue": "/review-queue",
    "event by id": "/events/{id}",
}


def memory_of(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        text = status.read()
    return tuple(int(re.search(rf"{name}:\s+(\d+)", text).group(1)) // 1024 for name in ("VmRSS", "VmHWM"))


def ask(control, path):
    begin = time.perf_counter()
    reply = control.get(path, timeout=60)
    if reply.status != 200:
        raise AssertionError(reply)
    return time.perf_counter() - begin, reply


def look(control, seconds):
    """Each thing for some seconds, and all of them together."""
    event = ask(control, "/events?limit=20")[1].json["events"][-1]["event_id"]
    everything = []
    for name, path in DASHBOARD.items():
        took, begin = [], time.monotonic()
        while time.monotonic() - begin < seconds:
            took.append(ask(control, path.format(id=event))[0] * 1e3)
        took.sort()
        everything += took
        print(f"  {name}: p50 {took[len(took) // 2]:.0f} ms, p95 {took[int(len(took) * .95)]:.0f} ms, at most {took[-1]:.0f} ms "
              f"of {len(took)}", flush=True)
    everything.sort()
    print(f"  all of them: p50 {everything[len(everything) // 2]:.0f} ms, p95 {everything[int(len(everything) * .95)]:.0f} ms", flush=True)


class Reporter(threading.Thread):
    """Reports so many events a second, 100 at a time."""

    def __init__(self, control, rate):
        super().__init__()
        self.control, self.rate, self.sent, self.over = control, rate, 0, False
        self.prompt = " ".join(WORDS)[:300]
        self.run_id = f"r{time.time_ns()}"

    def run(self):
        begin = time.monotonic()
        while not self.over:
            if (wait := begin + self.sent / self.rate - time.monotonic()) > 0:
                time.sleep(wait)
            events = [{"event_id": f"{self.run_id}-{self.sent + i}", "user_id": f"user-{i}", "org_id": "acme", "surface": "api",
                       "tier": "general", "prompt": f"{self.sent + i} {self.prompt}"} for i in range(100)]
            if self.control.post("/ingest", {"events": events}).status == 200:
                self.sent += 100
        self.seconds = time.monotonic() - begin

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.join()


class Lag(threading.Thread):
    """How far the store is behind, four times a second."""

    def __init__(self, control):
        super().__init__()
        self.control, self.seen, self.over = control, [], False

    def run(self):
        while not self.over:
            text = self.control.get("/metrics?format=prometheus", timeout=60).text
            self.seen.append(float(re.search(r"^plimsoll_store_lag_seconds (\S+)", text, re.M).group(1)))
            time.sleep(.25)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.join()
        ordered = sorted(self.seen)
        print(f"  store behind by {ordered[len(ordered) // 2]:.1f} s (median), {ordered[-1]:.1f} s at most, {self.seen[-1]:.1f} s at the end",
              flush=True)


def caught_up(control):
    harness.eventually(lambda: re.search(r"^plimsoll_store_lag_entries 0$", control.get("/metrics?format=prometheus").text, re.M),
                       "the store has caught up", seconds=120)


def filled(arguments):
    build = os.path.dirname(os.environ["PLIMSOLL_BINARY"])
    subprocess.run([os.path.join(build, "bench", "bench_store"), "--directory", arguments.directory, "--entries", str(arguments.entries)],
                   cwd=os.path.join(build, "..", ".."), check=True)
    begin = time.monotonic()
    with harness.Control(data=arguments.directory, ready=False) as control:
        control.wait_until("/readyz")
        print(f"ready after {time.monotonic() - begin:.1f} s; memory {memory_of(control.pid)[0]} MB", flush=True)
        for framework in ("iso-evidence", "nist-ai-rmf", "eu-ai-act"):
            took = [ask(control, f"/export/{framework}?days=30") for _ in range(3)]
            summary = took[0][1].json["summary"]
            print(f"/export/{framework} over {summary['total_events']} events: " + ", ".join(f"{t:.2f} s" for t, _ in took), flush=True)
        print("nothing coming in", flush=True)
        look(control, 2)
        print(f"while {arguments.rate} events a second come in", flush=True)
        with Reporter(control, arguments.rate) as reporter, Lag(control):
            look(control, 2)
            took = [ask(control, "/export/iso-evidence?days=30")[0] for _ in range(3)]
            print("  /export/iso-evidence: " + ", ".join(f"{t:.2f} s" for t in took), flush=True)
        print(f"  {reporter.sent / reporter.seconds:.0f} events/s came in", flush=True)
        caught_up(control)
        with tempfile.TemporaryDirectory() as folder, Lag(control):
            drive("ingest, durable, batches of 100", control.port, folder, 100, 8, arguments.seconds, f"f{time.time_ns()}")
        caught_up(control)
        print("memory {} MB, at most {} MB; DuckDB may have 160 MB of it".format(*memory_of(control.pid)), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--directory")
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--rate", type=int, default=2_000)
    parser.add_argument("--store-content", default="redacted")
    arguments = parser.parse_args()
    if arguments.directory:
        return filled(arguments)
    with tempfile.TemporaryDirectory() as folder:
        policy = os.path.join(folder, "policy.yaml")
        with open(harness.SHIPPED, encoding="utf-8") as shipped, open(policy, "w", encoding="utf-8") as file:
            file.write(shipped.read().replace("store_content: redacted", f"store_content: {arguments.store_content}"))
        nginx = os.path.join(folder, "nginx.conf")
        port = harness.free_port()
        with open(nginx, "w", encoding="utf-8") as file:
            file.write(f"daemon off; pid {folder}/pid; error_log {folder}/error; worker_processes 2; events {{}}\n"
                       f"http {{ access_log off; client_max_body_size 64m; client_body_buffer_size 1m; server {{ listen 127.0.0.1:{port};\n"
                       f" location / {{ proxy_pass http://127.0.0.1:{port}/sink; }} location /sink {{ return 200; }} }} }}\n")
        baseline = subprocess.Popen(["nginx", "-c", nginx, "-p", folder], stderr=subprocess.DEVNULL)
        try:
            for batch, connections in ((100, 8), (1, 16)):
                with harness.Control("--policy", policy) as control:
                    drive(f"nginx, read and forgotten, batches of {batch}", port, folder, batch, connections, 3, f"n{batch}")
                    with Lag(control):
                        drive(f"ingest, durable, batches of {batch}", control.port, folder, batch, connections, arguments.seconds, f"i{batch}")
                    memory = memory_of(control.pid)
                    caught_up(control)
                    total = control.get("/metrics").json["total_events"]
                    print("  memory {} MB, at most {} MB, ".format(*memory) + f"{total} events in the store", flush=True)
        finally:
            baseline.terminate()
            baseline.wait()


if __name__ == "__main__":
    main()
