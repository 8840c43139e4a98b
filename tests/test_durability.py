"""What was acknowledged is in the log, whatever happens to the process or the disk.

PLIMSOLL_ROUNDS: rounds of kill -9 (default 50). PLIMSOLL_SEED: repeats a run.
"""
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import harness
from harness import EMAIL, Gateway, Model, eventually, run

ROUNDS = harness.number_from("PLIMSOLL_ROUNDS", 50)
SEED = harness.number_from("PLIMSOLL_SEED", random.SystemRandom().randrange(1 << 32))


class Client(threading.Thread):
    """Asks on one connection until the server is gone; remembers what was acknowledged."""

    def __init__(self, port, path, body, refused):
        super().__init__(daemon=True)
        self.port, self.path, self.body, self.refused = port, path, json.dumps(body), refused
        self.acknowledged = []
        self.wrong = []

    def run(self):
        connection = http.client.HTTPConnection(harness.LOOPBACK, self.port, timeout=harness.PATIENCE)
        try:
            while True:
                connection.request("POST", self.path, self.body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                decision = response.headers["x-decision-id"]
                body = response.read()
                if self.refused(response.status, body):
                    self.acknowledged.append(decision)
                else:
                    self.wrong.append((response.status, body))
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()


def blocked(status, body):
    return status == 200 and b'"action":"block"' in body


def refused_with(expected):
    return lambda status, _: status == expected


class Reconciled(unittest.TestCase):
    def reconcile(self, gateway):
        return run("ledger", "reconcile", os.path.join(gateway.data, "log"))

    def test_every_decision_that_was_made_is_in_the_log(self):
        with Gateway() as gateway:
            for _ in range(2):
                threads = [threading.Thread(target=lambda: [gateway.post("/filter/prompt", {"prompt": "hello"})
                                                            for _ in range(25)]) for _ in range(4)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                gateway.stop()
                gateway.start()
            gateway.stop()
            found = self.reconcile(gateway)
            self.assertEqual(found.returncode, 0, found.stdout + found.stderr)
            self.assertEqual(found.stdout.count("100 decisions made, 100 in the log"), 2)
            self.assertIn("complete", found.stdout)

    def test_one_that_is_not_is_told(self):
        with Gateway(env={"PLIMSOLL_FAULTS": "log-refuses"}) as gateway:
            self.assertEqual(gateway.post("/filter/prompt", {"prompt": "hello"}).json["action"], "error_block")
            gateway.stop()
            found = self.reconcile(gateway)
            self.assertEqual(found.returncode, 1, found.stdout)
            self.assertIn("missing: 1, the first is number 1", found.stdout)


class Killed(unittest.TestCase):
    def test_every_acknowledged_refusal_outlives_kill_9(self):
        random.seed(SEED)
        data = tempfile.mkdtemp(prefix="plimsoll-test-data-")
        self.addCleanup(shutil.rmtree, data, True)
        log = os.path.join(data, "log")
        acknowledged, read, seen, known = 0, 0, [], {}  # refusals; entries read, those of decisions, their actions by id
        with Gateway(data=data) as gateway:  # its directory and port outlive every kill
            for number in range(ROUNDS):
                about = f"round {number + 1} of {ROUNDS}, PLIMSOLL_SEED={SEED}"
                chat = {"model": "m", "messages": [{"role": "user", "content": EMAIL}]}
                refused = [Client(gateway.port, "/filter/prompt", {"prompt": EMAIL}, blocked),
                           Client(gateway.port, "/filter/prompt", {"prompt": EMAIL}, blocked),
                           Client(gateway.port, "/v1/chat/completions", chat, refused_with(400)),
                           Client(gateway.port, "/proxy/completion", {"prompt": EMAIL}, refused_with(403))]
                allowed = Client(gateway.port, "/filter/prompt", {"prompt": "hello"}, lambda *_: False)
                for client in [*refused, allowed]:
                    client.start()
                time.sleep(random.uniform(0.01, 0.2))  # the moment of death: anything will do
                gateway.kill()
                for client in [*refused, allowed]:
                    client.join()
                gateway.start()

                verified = run("ledger", "verify", log)
                self.assertEqual((verified.returncode, verified.stderr), (0, ""), about)
                entries = harness.ledger(log, read)
                read += len(entries)
                fresh = [(e["decision_id"], e["action"]) for e in harness.decisions(entries)]
                seen += fresh
                known.update(fresh)
                self.assertEqual(len(known), len(seen), f"{about}: an entry is there twice")
                for client in refused:
                    self.assertEqual(client.wrong, [], about)
                    lost = [d for d in client.acknowledged if known.get(d) != "block"]
                    self.assertEqual(lost, [], f"{about}: acknowledged and not in the log")
                    acknowledged += len(client.acknowledged)
        self.assertEqual([(e["decision_id"], e["action"]) for e in harness.decisions(harness.ledger(log))], seen, "history changed")
        self.assertGreater(acknowledged, ROUNDS)

    def test_a_torn_tail_is_cut_and_a_damaged_middle_is_refused(self):
        with Gateway() as gateway:
            ids = [gateway.post("/filter/prompt", {"prompt": EMAIL}).headers["x-decision-id"] for _ in range(20)]
            gateway.kill()
            log = os.path.join(gateway.data, "log")
            segment = max((os.path.join(log, n) for n in os.listdir(log) if n != "LOCK"), key=os.path.getsize)
            with open(segment, "rb") as file:
                good = file.read()
            at = good.rindex(ids[-1].encode())

            def damage(place):
                with open(segment, "r+b") as file:
                    file.seek(place)
                    file.write(bytes([good[place] ^ 1]))

            damage(at)  # the last entry, as a crash could leave it
            gateway.start()
            self.assertEqual([e["decision_id"] for e in gateway.log()], ids[:-1])
            gateway.kill()
        with Gateway() as gateway:
            ids = [gateway.post("/filter/prompt", {"prompt": EMAIL}).headers["x-decision-id"] for _ in range(20)]
            gateway.kill()
            log = os.path.join(gateway.data, "log")
            segment = max((os.path.join(log, n) for n in os.listdir(log) if n != "LOCK"), key=os.path.getsize)
            with open(segment, "rb") as file:
                good = file.read()
            damage(good.index(ids[3].encode()))
            self.assertNotEqual(run("ledger", "verify", log).returncode, 0)
            done = run("serve", "--port", gateway.port, "--data", gateway.data)
            self.assertEqual(done.returncode, 2, "a log that has lost entries must not be served")
            self.assertIn(log, done.stderr)


class Stopped(unittest.TestCase):
    def test_a_stop_drains_a_running_stream_to_its_end_and_takes_nothing_new(self):
        with Model() as model, Gateway(upstream=model.url) as gateway:
            text = "word " * 60
            streams = [gateway.open("/v1/chat/completions", {"model": "m", "stream": True, "messages": [
                           {"role": "user", "content": f"{harness.say(text)}[[chunks: 5]][[delay: 25ms]]"}]}),
                       gateway.open("/proxy/completion/stream",
                                    {"prompt": f"{harness.say(text)}[[chunks: 5]][[delay: 25ms]]"})]
            idle = http.client.HTTPConnection(harness.LOOPBACK, gateway.port, timeout=5)
            idle.request("GET", "/health")
            idle.getresponse().read()
            gateway.signal(signal.SIGTERM)
            eventually(lambda: self.refuses(gateway), "new connections are refused")
            chat, plain = [stream.events() for stream in streams]
            self.assertEqual(chat[-1].data, "[DONE]")
            said = "".join(c["delta"].get("content") or "" for e in chat[:-1] for c in json.loads(e.data)["choices"])
            self.assertEqual(said, text)
            self.assertEqual("".join(e.data for e in plain if e.data != "[DONE]"), text)
            self.assertEqual(gateway.wait(), 0)
            idle.close()
            self.assertEqual(len(gateway.log()), 4)
            self.assertEqual(run("ledger", "verify", os.path.join(gateway.data, "log")).returncode, 0)

    @staticmethod
    def refuses(gateway):
        try:
            return gateway.get("/health", timeout=1).status != 200
        except OSError:
            return True

    def test_an_idle_gateway_stops_at_once_and_keeps_what_rode_the_next_batch(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with Gateway() as gateway:
                reply = gateway.post("/filter/prompt", {"prompt": "hello"})
                begun = time.monotonic()
                gateway.signal(number)
                self.assertEqual(gateway.wait(), 0)
                self.assertLess(time.monotonic() - begun, 5)
                self.assertEqual([e["decision_id"] for e in gateway.log()], [reply.headers["x-decision-id"]])


class FullDisk(unittest.TestCase):
    SEGMENT = 128 << 10

    def setUp(self):
        self.disk = tempfile.mkdtemp(prefix="plimsoll-test-disk-")
        self.addCleanup(os.rmdir, self.disk)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", self.disk], capture_output=True,
                                 check=False)
        if mounted.returncode != 0:
            self.skipTest("a small file system cannot be mounted here: needs root")
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=True)

    def fill(self):
        """Takes all the space that is left. The file to remove when there is to be space again."""
        path = os.path.join(self.disk, "ballast")
        with open(path, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                return path

    def test_a_full_disk_refuses_everything_and_recovers_by_itself(self):
        data = os.path.join(self.disk, "data")
        config = f"storage:\n  segment_bytes: {self.SEGMENT}\n"
        chat = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
        with Model() as model, Gateway(upstream=model.url, data=data, config=config) as gateway:
            acknowledged = []

            def withheld():
                reply = gateway.post("/filter/prompt", {"prompt": EMAIL})
                self.assertEqual(reply.status, 200)
                self.assertIs(reply.json["allowed"], False, "withheld traffic must never pass")
                if reply.json["action"] == "block":
                    acknowledged.append(reply.headers["x-decision-id"])
                return reply.json["action"]

            self.assertEqual(withheld(), "block")
            ballast = self.fill()
            eventually(lambda: withheld() == "error_block", "the log has no room left", pause=0)
            eventually(lambda: gateway.get("/readyz").status == 503, "/readyz says so")
            self.assertEqual(gateway.get("/readyz").json["log"], "not writable")
            self.assertEqual(gateway.get("/livez").status, 200)
            self.assertEqual(gateway.metrics()["plimsoll_log_writable", ""], 0)
            before = model.last_text()
            for _ in range(20):
                self.assertEqual(withheld(), "error_block")
                reply = gateway.post("/filter/prompt", {"prompt": "hello"})
                self.assertEqual((reply.json["allowed"], reply.json["action"]), (False, "error_block"))
                reply = gateway.post("/v1/chat/completions", chat)
                self.assertEqual((reply.status, reply.json["error"]["code"]), (503, "error_block"))
                self.assertEqual(gateway.post("/v1/chat/completions", {**chat, "stream": True}).status, 503)
                self.assertEqual(gateway.post("/proxy/completion", {"prompt": "hello"}).status, 503)
                self.assertEqual(gateway.post("/proxy/completion/stream", {"prompt": "hello"}).status, 503)
            self.assertEqual(model.last_text(), before)
            self.assertGreater(gateway.metrics()["plimsoll_unrecorded_total", ""], 0)

            os.remove(ballast)
            gateway.wait_until("/readyz")
            self.assertEqual(withheld(), "block")
            self.assertEqual(gateway.post("/v1/chat/completions", chat).status, 200)
            self.assertEqual(gateway.stop(), 0)
            known = {entry["decision_id"]: entry["action"] for entry in gateway.log()}
            self.assertEqual([d for d in acknowledged if known.get(d) != "block"], [])
            self.assertEqual(run("ledger", "verify", os.path.join(data, "log")).returncode, 0)


if __name__ == "__main__":
    unittest.main()
