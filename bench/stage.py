"""What the measurements share: ports, starting and ending what is measured, load from wrk, reading a process's memory.

Ports are five in a row from BENCH_PORT on (18000). Whoever prints a figure prints its baseline in the same run.
"""
import json
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
BINARY = os.path.abspath(os.environ.get("PLIMSOLL_BINARY", os.path.join(HERE, "..", "build/release/plimsoll")))
MODEL, GATEWAY, NGINX, STATIC, OTHER = (int(os.environ.get("BENCH_PORT", "18000")) + k for k in range(5))
SECONDS = int(os.environ.get("BENCH_SECONDS", "4"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))

NGINX_CONF = f"""
worker_processes 2; daemon off; pid nginx.pid; error_log stderr error; worker_rlimit_nofile 20000;
events {{ worker_connections 12000; }}
http {{
  access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  client_max_body_size 8m; client_body_buffer_size 1m; keepalive_timeout 600s; keepalive_requests 1000000000;
  upstream model {{ server 127.0.0.1:{MODEL}; keepalive 64; keepalive_requests 1000000000; }}
  server {{ listen 127.0.0.1:{NGINX}; location / {{
    proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection ""; }} }}
  server {{ listen 127.0.0.1:{STATIC}; location / {{ return 200 '{{"allowed":true,"action":"allow","reasons":[]}}'; }} }}
}}
"""

# Decodes, decides, records and forwards; looks at no text.
OFF = """
id: bench-inspection-off
inspection: { enabled: false }
thresholds: { latency: { p95_seconds: { target_max: 60, block_above: true } } }
rules: []
"""


class Stage:
    """A folder and the processes in it; both are gone when it ends."""

    def __enter__(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.folder = tempfile.mkdtemp(prefix="plimsoll-bench-")
        self.children = []
        return self

    def __exit__(self, *unused):
        for child in self.children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in self.children:
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *command, **more):
        self.children.append(subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more))
        return self.children[-1]

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def model(self):
        child = self.start(BINARY, "sample-model", "--port", str(MODEL))
        wait(MODEL, "/health")
        return child

    def nginx(self):
        self.write("nginx.conf", NGINX_CONF)
        child = self.start("nginx", "-p", self.folder, "-c", "nginx.conf")
        wait(STATIC)
        return child

    def gateway(self, port=GATEWAY, *arguments):
        environment = dict(os.environ, PAC_UPSTREAM_URL=f"http://127.0.0.1:{MODEL}", METRICS_ENABLED="false",
                           LOG_LEVEL="warn", STORAGE_PATH=os.path.join(self.folder, f"data-{port}"))
        child = self.start(BINARY, "serve", "--role", "gateway", "--port", str(port), *arguments, env=environment)
        wait(port, "/readyz")
        return child


def script(folder, name, body, headers=None):
    path = os.path.join(folder, name + ".lua")
    with open(path, "w", encoding="utf-8") as out:
        out.write('wrk.method="POST"\nwrk.headers["Content-Type"]="application/json"\n')
        for key, value in (headers or {}).items():
            out.write(f'wrk.headers["{key}"]="{value}"\n')
        out.write("wrk.body=[==[" + json.dumps(body) + "]==]\n")
    return path


def wrk(url, lua, connections, threads=1, seconds=None):
    out = subprocess.run(["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds or SECONDS}s", "--latency", "-s", lua, url],
                         check=True, capture_output=True, text=True).stdout
    unit = {"us": 1.0, "ms": 1e3, "s": 1e6, "m": 6e7}

    def percentile(p):
        value, suffix = re.search(rf"\s{p}%\s+([\d.]+)(us|ms|s|m)", out).groups()
        return float(value) * unit[suffix]
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", out)
    if bad:
        sys.exit(f"{url}: {bad.group(0)}; nothing was measured")
    return {"rps": float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), "p50": percentile(50), "p99": percentile(99)}


def compare(ports, lua, connections):
    """Each in turn, several rounds: the medians over the rounds, by name. A port may come with its own script."""
    seen = {name: [] for name in ports}
    for _ in range(ROUNDS):
        for name, port in ports.items():
            own = lua
            if isinstance(port, tuple):
                port, own = port
            seen[name].append(wrk(f"http://127.0.0.1:{port}/v1/chat/completions", own, connections))
    return {name: {key: statistics.median(r[key] for r in runs) for key in ("rps", "p50", "p99")} for name, runs in seen.items()}


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


def memory(pid, name="VmRSS"):
    """In MB. VmRSS, VmHWM (see forget_peak), RssAnon."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return int(re.search(rf"{name}:\s+(\d+)", status.read()).group(1)) / 1024


def resident(pid):
    return memory(pid)


def family(pid):
    """A process and its children."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as children:
        return [pid] + [int(word) for word in children.read().split()]


def forget_peak(pid):
    """From here on VmHWM is the peak since now."""
    with open(f"/proc/{pid}/clear_refs", "w", encoding="utf-8") as out:
        out.write("5")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def line(name, text):
    print(f"{name:<58} {text}", flush=True)
