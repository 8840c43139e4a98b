"""How many reported events a second the control plane takes, decided and on disk.

One line per figure. In the same run, as the baseline: the same requests answered by nginx, which reads and forgets them.
  control.py [--seconds S] [--baseline PORT]
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests"))
os.environ.setdefault("PLIMSOLL_BINARY", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "build/release/plimsoll"))
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--store-content", default="redacted")
    arguments = parser.parse_args()
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
                    drive(f"ingest, durable, batches of {batch}", control.port, folder, batch, connections, arguments.seconds, f"i{batch}")
                    text = control.get("/metrics?format=prometheus").text
                    lag = re.search(r"^plimsoll_store_lag_seconds (\S+)", text, re.M).group(1)
                    with open(f"/proc/{control.pid}/status", encoding="utf-8") as status:
                        memory = re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)
                    harness.eventually(lambda: re.search(r"^plimsoll_store_lag_entries 0$", control.get("/metrics?format=prometheus").text, re.M),
                                       "the store has caught up", seconds=120)
                    total = control.get("/metrics").json["total_events"]
                    print(f"  store behind by {lag} s at the end, memory {int(memory) // 1024} MB, {total} events in the store", flush=True)
        finally:
            baseline.terminate()
            baseline.wait()


if __name__ == "__main__":
    main()
