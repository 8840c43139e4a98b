"""Runs the real program in temporary directories and talks to it. Standard library only.

    with harness.Model() as model, harness.Gateway(upstream=model.url) as gateway:
        reply = gateway.post("/filter/prompt", {"prompt": "hello"})

PLIMSOLL_BINARY names the program; the default is build/release/plimsoll.
"""
import base64
import glob
import hashlib
import hmac
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.path.abspath(os.environ.get("PLIMSOLL_BINARY", os.path.join(ROOT, "build/release/plimsoll")))
POLICIES = os.path.join(ROOT, "policies")
SHIPPED = os.path.join(POLICIES, "adr-006.embedded-governance.yaml")
REDACTING = os.path.join(POLICIES, "redact-personal-data.yaml")
LOOPBACK = "127.0.0.1"
PATIENCE = float(os.environ.get("PLIMSOLL_PATIENCE", "20"))

# Put together here so that no scanner of source code takes it for real.
AWS_KEY = "AKIA" + "Z7QW3N5RTK2LMB4D"
EMAIL = "jane.doe@example.com"
CARD = "4111 1111" + " 1111 1111"
HARM = "Nobody will miss you. Go kill yourself, you worthless idiot."


def number_from(name, default):
    return int(os.environ.get(name, default))


reserved = []  # sockets that hold the ports given out, until this process ends


def free_port():
    """A port of this process alone, below the range that the kernel hands to clients.

    Tests run beside one another, and a gateway that starts anew is for a moment not there: a socket that is bound but
    does not listen keeps its port from other tests, and lets our own servers have it.
    """
    for _ in range(200):
        port = random.SystemRandom().randrange(20000, 32000)
        holder = socket.socket()
        try:
            holder.bind((LOOPBACK, port))
        except OSError:
            holder.close()
            continue
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            holder.setsockopt(socket.SOL_SOCKET, option, 1)
        reserved.append(holder)
        return port
    raise RuntimeError("no free port")


def eventually(check, what, seconds=PATIENCE, pause=0.01):
    """Asks until the answer is true, and returns it."""
    end = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(pause)


def environment(extra=None):
    """What a program is started with: nothing of this machine's own settings."""
    kept = {name: value for name, value in os.environ.items()
            if name in ("PATH", "HOME", "TMPDIR") or name.endswith("SAN_OPTIONS") or name == "LLVM_PROFILE_FILE"}
    return {**kept, "METRICS_ENABLED": "false", **(extra or {})}


def run(*arguments, env=None, cwd=None, timeout=60):
    """Runs the program to its end: returncode, stdout and stderr as text."""
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8",
                          env=environment(env), cwd=cwd, timeout=timeout, check=False)


def ledger(directory, start=0):
    """The entries of a decision log from this index on, but for those that were removed."""
    shown = run("ledger", "show", directory, "--from", start)
    if shown.returncode != 0:
        raise AssertionError(f"ledger show: {shown.returncode}: {shown.stderr}")
    entries = [json.loads(line)["entry"] for line in shown.stdout.splitlines()]
    return [entry for entry in entries if entry is not None]


def patient_policy(directory):
    """The shipped policy, but for a deadline that a busy machine keeps, too."""
    path = os.path.join(directory, "patient.yaml")
    with open(SHIPPED, encoding="utf-8") as shipped, open(path, "w", encoding="utf-8") as patient:
        patient.write(shipped.read() + "\ninspection: {deadline_ms: 60000}\n")
    return path


def acts(entries, act=None):
    """Those about administrative acts."""
    return [entry for entry in entries if entry.get("type") == "admin" and act in (None, entry["act"])]


def decisions(entries):
    """Those about decisions."""
    return [entry for entry in entries if entry.get("type") == "decision"]


def read_tree(directory):
    """Every byte of every file below a directory."""
    found = []
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    found.append(file.read())
            except FileNotFoundError:
                pass  # a temporary one, renamed meanwhile
    return b"\n".join(found)


def b64(text):
    return base64.b64encode(text.encode()).decode()


def sealed(text):
    """As the sample model's directives take texts that nobody should read in the prompt."""
    return base64.b64encode(bytes(byte ^ 0x80 for byte in text.encode())).decode()


def say(text):
    """Makes the sample model answer exactly this, without the text standing in the prompt."""
    return f"[[say64: {sealed(text)}]]"


def canonical(value):
    """RFC 8785, as far as the values in these tests go."""
    def number(match):
        return repr(int(float(match))) if float(match).is_integer() else match
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return re.sub(r'(?<=[:,\[])-?\d+\.\d+(?=[,\]}])', lambda m: number(m.group()), text).encode()


def token(claims, secret, alg="HS256", **header):
    """A JSON Web Token signed with HMAC-SHA-256."""
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")
    head = part(json.dumps({"alg": alg, "typ": "JWT", **header}).encode())
    signed = head + b"." + part(json.dumps(claims).encode())
    return (signed + b"." + part(hmac.new(secret.encode(), signed, hashlib.sha256).digest())).decode()


class Reply:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


class Event:
    def __init__(self, data, name):
        self.data = data
        self.name = name

    def __repr__(self):
        return f"<{self.name or 'data'}: {self.data!r}>"


def read_events(text):
    """Reads an event stream strictly: `event:` and `data:` lines, then a blank one. Anything else is an error."""
    if text and not text.endswith("\n\n"):
        raise AssertionError(f"an unfinished event: …{text[-200:]!r}")
    events = []
    for block in text.split("\n\n")[:-1]:
        name, data = "", []
        for line in block.split("\n"):
            if line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif line.startswith("event: "):
                name = line[7:]
            else:
                raise AssertionError(f"not a line of an event: {line!r}")
        events.append(Event("\n".join(data), name))
    return events


class Stream:
    """An answer read while it comes."""

    def __init__(self, connection):
        self.connection = connection
        self.response = connection.getresponse()
        self.status = self.response.status
        self.headers = {name.lower(): value for name, value in self.response.getheaders()}

    def read_some(self):
        return self.response.read1(65536)

    def read(self):
        """All of it; the server must end it."""
        with self:
            return self.response.read().decode()

    def events(self):
        return read_events(self.read())

    def close(self):
        self.response.close()
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def encode(body):
    return body if isinstance(body, (bytes, type(None))) or hasattr(body, "__next__") else json.dumps(body).encode()


def request(port, method, path, body=None, headers=None, timeout=PATIENCE):
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout)
    try:
        connection.request(method, path, encode(body), {"Content-Type": "application/json", **(headers or {})})
        response = connection.getresponse()
        return Reply(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


def exchange(port, sent, timeout=PATIENCE):
    """Sends bytes as they are and reads until the server closes. (bytes, True when it closed in time)."""
    with socket.create_connection((LOOPBACK, port), timeout=timeout) as client:
        try:
            client.sendall(sent)
        except OSError:
            pass  # it may have closed already; what it said is still there to be read
        received = b""
        try:
            while piece := client.recv(65536):
                received += piece
        except TimeoutError:
            return received, False
        except ConnectionResetError:
            pass
        return received, True


def statuses(received):
    """The status of every answer in what came back on one connection."""
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


class Process:
    """One started program with a directory of its own; stopped and cleaned up at the end of `with`."""

    def __init__(self, directory=None):
        self.owned = directory is None
        self.directory = directory or tempfile.mkdtemp(prefix="plimsoll-test-")
        self.port = free_port()
        self.process = None

    def spawn(self, arguments, env=None):
        with open(self.path("stderr"), "ab") as errors:
            self.process = subprocess.Popen([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL,
                                            stdout=errors, stderr=errors, cwd=self.directory,
                                            env=environment(env))

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        """Replaces a file at once, as an editor or a ConfigMap does."""
        fresh = self.path(name + ".new")
        with open(fresh, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(fresh, self.path(name))
        return self.path(name)

    @property
    def url(self):
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    def stderr(self):
        with open(self.path("stderr"), "rb") as file:
            return file.read().decode(errors="replace")

    def wait_until(self, path, status=200):
        def answers():
            if self.process.poll() is not None:
                raise AssertionError(f"the program ended with {self.process.returncode}: {self.stderr()}")
            try:
                return request(self.port, "GET", path, timeout=5).status == status
            except OSError:
                return False
        eventually(answers, f"{path} answers {status}; {self.stderr()[-2000:]}", pause=0.005)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=PATIENCE):
        return self.process.wait(timeout)

    def stop(self):
        """Stops it as an operator would. Its exit status."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise
        return self.process.returncode if self.process else None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process and self.process.poll() is None:
            # In order, so that a sanitizer has its say.
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
        said = self.stderr()
        if "Sanitizer" in said or "runtime error:" in said:
            raise AssertionError(said[-4000:])
        if self.owned:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def get(self, path, **options):
        return request(self.port, "GET", path, **options)

    def post(self, path, body, headers=None, **options):
        return request(self.port, "POST", path, body, headers, **options)

    def open(self, path, body, headers=None, timeout=PATIENCE):
        """A request whose answer is read while it comes."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=timeout)
        connection.request("POST", path, encode(body), {"Content-Type": "application/json", **(headers or {})})
        return Stream(connection)

    def exchange(self, sent, **options):
        return exchange(self.port, sent, **options)


class Model(Process):
    """`plimsoll sample-model`; its directives are in src/sample/include/sample/sample_model.h."""

    def __init__(self):
        super().__init__()
        self.spawn(["sample-model", "--port", self.port])
        self.wait_until("/health")

    def last(self):
        """The body of the last request it received."""
        return self.get("/_last").json

    def last_text(self):
        return self.get("/_last").text


class Gateway(Process):
    def __init__(self, *flags, upstream=None, policy=None, data=None, env=None, directory=None, config=None,
                 provider=None, ready=True):
        super().__init__(directory)
        self.data = data or self.path("data")
        self.flags = ["serve", "--role", "gateway", "--port", self.port, "--data", self.data, "--workers", 2, *flags]
        # Port 9 (discard) of this machine: nobody listens there.
        self.flags += ["--upstream", self.url if upstream == "itself" else upstream or f"http://{LOOPBACK}:9"]
        if policy:
            self.flags += ["--policy", policy]
        if provider:
            self.flags += ["--provider", provider]
        if config:
            self.flags += ["--config", self.write("plimsoll.yaml", config)]
        self.env = env
        try:
            self.start(ready)
        except BaseException:
            self.close()
            raise

    def start(self, ready=True):
        self.spawn(self.flags, self.env)
        if ready:
            self.wait_until("/readyz")

    def entries(self):
        return ledger(os.path.join(self.data, "log"))

    def log(self):
        """The log's entries about decisions."""
        return decisions(self.entries())

    def entry(self, decision_id):
        """The log's entry about a decision, once it is there."""
        return eventually(lambda: next((e for e in self.log() if e["decision_id"] == decision_id), None),
                          f"decision {decision_id} is in the log")

    def version(self):
        return self.get("/readyz").json["policy"]

    def metrics(self):
        return read_metrics(self.get("/metrics").text)


class Evidence(Process):
    """The Risk & Evidence Service alone. `with_gateway`: both listeners in one process, the other on gateway_port."""

    def __init__(self, *flags, data=None, env=None, directory=None, with_gateway=False, ready=True):
        super().__init__(directory)
        self.data = data or self.path("data")
        self.gateway_port = free_port()
        self.flags = ["serve", "--role", "all" if with_gateway else "evidence", "--evidence-port", self.port, "--port",
                      self.gateway_port, "--control-port", free_port(), "--data", self.data, "--workers", 2, "--upstream",
                      f"http://{LOOPBACK}:9", *flags]
        self.env = env
        try:
            self.start(ready)
        except BaseException:
            self.close()
            raise

    def start(self, ready=True):
        self.spawn(self.flags, self.env)
        if ready:
            self.wait_until("/readyz")

    def log(self):
        """The log's entries, but for administrative acts."""
        return [entry for entry in ledger(os.path.join(self.data, "log")) if entry.get("type") != "admin"]

    def submit(self, kind="ci_evidence", model="m-1", metadata=None, **options):
        body = {"artifactType": kind, "modelVersion": model, "contentRef": "s3://bucket/key", "metadata": metadata or {}}
        reply = self.post("/evidence", body, **options)
        if reply.status != 201:
            raise AssertionError(reply)
        return reply.json


class Control(Process):
    """The control plane alone, or with the other listeners (`role="all"`: gateway_port, evidence_port)."""

    def __init__(self, *flags, role="control", upstream=None, data=None, env=None, ready=True):
        super().__init__()
        self.data = data or self.path("data")
        self.gateway_port, self.evidence_port = free_port(), free_port()
        self.flags = ["serve", "--role", role, "--control-port", self.port, "--port", self.gateway_port, "--evidence-port",
                      self.evidence_port, "--data", self.data, "--workers", 2, "--upstream",
                      upstream or f"http://{LOOPBACK}:9", *flags]
        self.env = env
        try:
            self.start(ready)
        except BaseException:
            self.close()
            raise

    def start(self, ready=True):
        self.spawn(self.flags, self.env)
        if ready:
            self.wait_until("/readyz")

    def log(self):
        return ledger(os.path.join(self.data, "log"))

    def ingest(self, *events, **options):
        reply = self.post("/ingest", {"events": list(events)}, **options)
        if reply.status != 200:
            raise AssertionError(reply)
        return reply.json


class Postgres:
    """A server of the test's own, on a socket in a folder of its own; not run by root."""

    PROGRAMS = max(glob.glob("/usr/lib/postgresql/*/bin"), default=None)

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="plimsoll-postgres-")
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres")
        self.run("initdb", "--no-sync", "-A", "trust", "-U", "plimsoll", "-E", "UTF8", "--locale=C", "-D", self.data)
        self.start()
        self.url = f"postgresql:///postgres?user=plimsoll&host={self.directory}"

    @property
    def data(self):
        return os.path.join(self.directory, "data")

    def run(self, program, *arguments):
        become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        subprocess.run([*become, os.path.join(self.PROGRAMS, program), *arguments], cwd="/", check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        self.run("pg_ctl", "-w", "-t", "60", "-D", self.data, "-l", os.path.join(self.directory, "log"), "-o",
                 f"-k {self.directory} -c listen_addresses='' -c fsync=off -c shared_buffers=32MB", "start")

    def stop(self):
        self.run("pg_ctl", "-m", "immediate", "-D", self.data, "stop")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        except subprocess.CalledProcessError:
            pass  # it was stopped already
        shutil.rmtree(self.directory, ignore_errors=True)


SERIES = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)')


def read_metrics(text):
    """Reads the Prometheus text format strictly: {(name, labels): value}."""
    series, types = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            if name in types:
                raise AssertionError(f"family {name} is declared twice")
            types[name] = kind
            continue
        if line.startswith("# HELP "):
            continue
        match = SERIES.fullmatch(line)
        if not match:
            raise AssertionError(f"not a line of metrics: {line!r}")
        name, labels, value = match.groups()
        family = re.sub(r"_(bucket|sum|count)$", "", name)
        if name not in types and types.get(family) != "histogram":
            raise AssertionError(f"{name} has no type")
        if (name, labels or "") in series:
            raise AssertionError(f"{line} is there twice")
        series[name, labels or ""] = float(value)
    return series


def policy_with(rules, base=SHIPPED):
    """The text of a policy with other rules: a list of (id, when, condition, action, reason)."""
    with open(base, encoding="utf-8") as file:
        text = file.read()
    head, _, rest = text.partition("\nrules:\n")
    tail = rest[re.search(r"^\S", rest, re.M).start():]
    lines = [f"  - id: {i}\n    when: {w}\n    condition: {json.dumps(c)}\n    action: {a}\n    reason: {r}\n"
             for i, w, c, a, r in rules]
    return head + "\nrules:\n" + "".join(lines) + tail
