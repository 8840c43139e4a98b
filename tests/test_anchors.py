"""Witnesses cosign the log's checkpoints and refuse a log that was cut, copied back or rewritten; an authority stamps them."""
import http.server
import json
import os
import random
import shutil
import subprocess
import tempfile
import threading
import unittest

import harness
from harness import LOOPBACK, Evidence, Gateway, Process, eventually, request, run

AUTHORITY = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = Test authority
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[tsa]
extendedKeyUsage = critical, timeStamping
[tsa_config]
serial = serial
default_policy = 1.2.3.4
signer_digest = sha256
digests = sha256
tsa_name = yes
ess_cert_id_alg = sha256
"""


class Witness(Process):
    def __init__(self, name, log_keys, directory=None):
        super().__init__(directory)
        self.name, self.log_keys = name, log_keys
        self.start()

    def start(self):
        logs = [flag for key in self.log_keys for flag in ("--log", key)]
        self.spawn(["witness", "--data", self.path("state"), "--name", self.name, "--port", self.port, *logs])
        self.wait_until("/health")
        shown = run("witness", "--data", self.path("state"), "--show-key", *logs)
        assert shown.returncode == 0, shown.stderr
        self.vkey = shown.stdout.strip()


    @staticmethod
    def another_key(log):
        with tempfile.TemporaryDirectory() as folder:
            made = run("witness", "--data", folder, "--name", "other.example.org", "--show-key", "--log", log)
            assert made.returncode == 0, made.stderr
            return made.stdout.strip()


class Authority:
    """OpenSSL's own time stamp authority behind HTTP."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="plimsoll-test-")
        with open(os.path.join(self.folder, "tsa.cnf"), "w", encoding="utf-8") as file:
            file.write(AUTHORITY)
        for command in ("ecparam -name prime256v1 -genkey -noout -out ca.key",
                        "req -new -x509 -config tsa.cnf -extensions ca -key ca.key -days 30 -out ca.pem",
                        "ecparam -name prime256v1 -genkey -noout -out tsa.key",
                        "req -new -config tsa.cnf -key tsa.key -out tsa.csr",
                        "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile tsa.cnf "
                        "-extensions tsa -out tsa.pem"):
            self.openssl(*command.split())
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                assert self.headers["Content-Type"] == "application/timestamp-query"
                asked = self.rfile.read(int(self.headers["Content-Length"]))
                reply = authority.stamp(asked)
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer((LOOPBACK, 0), Handler)
        self.url = f"http://{LOOPBACK}:{self.server.server_port}/tsa"
        self.ca = os.path.join(self.folder, "ca.pem")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def openssl(self, *arguments):
        return subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def stamp(self, asked):
        with open(os.path.join(self.folder, "request"), "wb") as file:
            file.write(asked)
        self.openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa_config", "-queryfile", "request",
                     "-inkey", "tsa.key", "-signer", "tsa.pem", "-out", "response")
        with open(os.path.join(self.folder, "response"), "rb") as file:
            return file.read()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.folder)


def log_key(data):
    """The verifier key of the log in this storage."""
    with open(os.path.join(data, "log", "keys", "keys.json"), encoding="utf-8") as file:
        return json.load(file)["keys"][-1]["vkey"]


def config(witnesses, quorum=None, authority=None):
    lines = ["anchors:", "  witnesses:"]
    lines += [f"    - {{vkey: \"{w.vkey}\", url: \"{w.url}\"}}" for w in witnesses]
    if quorum:
        lines.append(f"  quorum: {quorum}")
    if authority:
        lines.append(f"  time_stamps: {{url: \"{authority.url}\", ca_file: \"{authority.ca}\", interval_s: 1}}")
    return "\n".join(lines) + "\n"


def cosigned(data):
    """Size and signatures' names of the latest cosigned checkpoint."""
    try:
        with open(os.path.join(data, "anchors", "cosigned"), encoding="utf-8") as file:
            text, _, signatures = file.read().partition("\n\n")
    except FileNotFoundError:
        return 0, []
    return int(text.split("\n")[1]), [line.split(" ")[1] for line in signatures.splitlines()]


def ask(gateway, times=1):
    for _ in range(times):
        reply = gateway.post("/filter/prompt", {"prompt": "hello there"})
        assert reply.status == 200, reply


class Anchored(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway()
        self.addCleanup(self.gateway.close)
        eventually(lambda: os.path.exists(os.path.join(self.gateway.data, "log", "keys", "keys.json")), "keys")
        self.gateway.stop()
        self.key = log_key(self.gateway.data)

    def witness(self, name):
        witness = Witness(name, [self.key])
        self.addCleanup(witness.close)
        return witness

    def restart(self, text):
        path = self.gateway.write("plimsoll.yaml", text)
        self.gateway.stop()
        flags = [f for f in self.gateway.flags if f not in ("--config", path)]
        self.gateway.flags = [*flags, "--config", path]
        self.gateway.start()

    def test_witnesses_sign_what_goes_on_and_refuse_what_does_not(self):
        first, second = self.witness("first.example.org"), self.witness("second.example.org")
        text = config([first, second])
        self.restart(text)
        ask(self.gateway, 20)
        data = self.gateway.data
        eventually(lambda: cosigned(data)[0] >= 20, "20 entries are cosigned")
        self.assertEqual(sorted(cosigned(data)[1])[:2], ["first.example.org", "second.example.org"])

        # One that was away goes on from where it was.
        second.kill()
        ask(self.gateway, 5)
        second.start()
        eventually(lambda: cosigned(data)[0] >= 25, "25 entries are cosigned", seconds=60)

        # The operator restores yesterday's copy.
        self.gateway.stop()
        shutil.copytree(data, data + ".copy")
        self.gateway.start()
        ask(self.gateway, 10)
        eventually(lambda: cosigned(data)[0] >= 35, "35 entries are cosigned")
        before = cosigned(data)[0]
        self.gateway.stop()
        shutil.rmtree(data)
        os.rename(data + ".copy", data)
        self.gateway.start()
        ask(self.gateway, 20)
        eventually(lambda: "a witness refuses the log" in self.gateway.stderr(), "the witness refuses")
        self.assertLess(cosigned(data)[0], before)
        refused = eventually(lambda: {k: v for k, v in self.gateway.metrics().items()
                                      if k[0] == "plimsoll_witness_refusals" and v > 0}, "refusals are counted")
        self.assertEqual(len(refused), 2)

    def test_a_quorum_is_enough(self):
        first, second = self.witness("first.example.org"), self.witness("second.example.org")
        text = config([first, second], quorum=1)
        second.kill()
        self.restart(text)
        ask(self.gateway, 3)
        eventually(lambda: cosigned(self.gateway.data)[0] >= 3, "3 entries are cosigned")
        self.assertIn("first.example.org", cosigned(self.gateway.data)[1])

    def test_the_log_outlives_kill_9_and_its_witness_agrees(self):
        witness = self.witness("witness.example.org")
        self.restart(config([witness]))
        for _ in range(harness.number_from("PLIMSOLL_ANCHOR_KILLS", 5)):
            before = cosigned(self.gateway.data)[0]
            ask(self.gateway, 10)
            eventually(lambda: cosigned(self.gateway.data)[0] > before, "more is cosigned")
            threads = [threading.Thread(target=self.ask_until_it_dies) for _ in range(4)]
            for thread in threads:
                thread.start()
            self.gateway.kill()
            for thread in threads:
                thread.join()
            self.gateway.start()
        ask(self.gateway, 1)
        size = len(self.gateway.entries())
        eventually(lambda: cosigned(self.gateway.data)[0] >= size, "all of it is cosigned")
        self.assertNotIn("refuses", self.gateway.stderr())

    def ask_until_it_dies(self):
        try:
            while True:
                request(self.gateway.port, "POST", "/filter/prompt", {"prompt": "hello"}, timeout=5)
        except (OSError, harness.http.client.HTTPException):
            pass

    def test_an_authority_stamps_checkpoints(self):
        authority = Authority()
        self.addCleanup(authority.close)
        witness = self.witness("witness.example.org")
        self.restart(config([witness], authority=authority))
        ask(self.gateway, 3)
        stamps = os.path.join(self.gateway.data, "anchors", "stamps")
        stamped = eventually(lambda: [n for n in os.listdir(stamps) if n.endswith(".tsr") and n != "0.tsr"], "a stamp")
        self.gateway.stop()  # it would stamp again
        checkpoint = os.path.join(stamps, stamped[0].replace(".tsr", ".checkpoint"))
        verify = ["openssl", "ts", "-verify", "-data", checkpoint, "-in", os.path.join(stamps, stamped[0]),
                  "-CAfile", authority.ca]
        checked = subprocess.run(verify, capture_output=True, text=True, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        verified = run("ledger", "verify", os.path.join(self.gateway.data, "log"), "--stamps", stamps, "--authority", authority.ca)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        self.assertRegex(verified.stdout, r"ok +time stamp: [1-9]\d* checkpoints are stamped, from 20")
        self.assertRegex(verified.stdout, r"ok +consistency: the log goes on from each of [1-9]")
        with open(checkpoint, "a", encoding="utf-8") as file:
            file.write("altered")
        checked = subprocess.run(verify, capture_output=True, text=True, check=False)
        self.assertNotEqual(checked.returncode, 0)
        verified = run("ledger", "verify", os.path.join(self.gateway.data, "log"), "--stamps", stamps, "--authority", authority.ca)
        self.assertEqual(verified.returncode, 1, verified.stdout)
        self.assertIn(f"FAILED  time stamp: {stamped[0]}", verified.stdout)

    def test_what_cannot_be_is_told_at_the_start(self):
        path = self.gateway.write("plimsoll.yaml", f"anchors:\n  witnesses:\n    - {{vkey: \"{self.key}\", url: x}}\n")
        checked = run("config", "check", path)
        self.assertEqual(checked.returncode, 2)
        self.assertIn("signs no checkpoints of others", checked.stderr + checked.stdout)


class Received(unittest.TestCase):
    """Receipts: proof that a decision is in the log, under a checkpoint that witnesses signed."""

    def test_every_decision_has_one(self):
        with Evidence(with_gateway=True) as both:
            eventually(lambda: os.path.exists(os.path.join(both.data, "log", "keys", "keys.json")), "keys")
            both.stop()
            with Witness("witness.example.org", [log_key(both.data)]) as witness:
                both.flags += ["--config", both.write("plimsoll.yaml", config([witness]))]
                both.start()

                def decide():
                    reply = request(both.gateway_port, "POST", "/filter/prompt", {"prompt": "hello there"})
                    self.assertEqual(reply.status, 200)
                    return reply.headers["x-decision-id"]
                decisions = [decide() for _ in range(300)]
                # Under the cosigned checkpoint, once that covers them.
                eventually(lambda: cosigned(both.data)[0] >= len(harness.ledger(os.path.join(both.data, "log"))), "all of it is cosigned")
                entries = harness.ledger(os.path.join(both.data, "log"))
                for decision in random.sample(decisions, 20) + [decisions[0], decisions[-1]]:
                    receipt = both.get(f"/ledger/receipt/{decision}")
                    self.assertEqual(receipt.status, 200, receipt)
                    self.assertTrue(receipt.text.startswith("c2sp.org/tlog-proof@v1\n"))
                    index = int(receipt.text.split("\nindex ")[1].split("\n")[0])
                    self.assertEqual(entries[index]["decision_id"], decision)
                    self.assertIn("witness.example.org", receipt.text)
                self.assertIn("\u2014 witness.example.org ", both.get("/checkpoint").text)
                unknown = decisions[0][:-4] + "ffff"
                self.assertEqual(both.get(f"/ledger/receipt/{unknown}").status, 404)
                self.assertEqual(both.get("/ledger/receipt/nonsense").status, 422)

                # What an auditor is given: whom to trust, and where the log is.
                trust = both.write("trust.policy", f"log {log_key(both.data)}\nwitness w {witness.vkey}\nquorum w\n")
                verified = run("ledger", "verify", both.url, "--policy", trust)
                self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
                other = ["log", log_key(both.data), "\nwitness", "w", Witness.another_key(log_key(both.data)), "\nquorum", "w\n"]
                distrust = both.write("distrust.policy", " ".join(other).replace(" \n", "\n"))
                refused = run("ledger", "verify", both.url, "--policy", distrust)
                self.assertEqual(refused.returncode, 1, refused.stdout + refused.stderr)
                self.assertIn("witness", refused.stdout + refused.stderr)


if __name__ == "__main__":
    unittest.main()
