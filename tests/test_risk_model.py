"""The risk model as an operator meets it: trained, put in place, replaced in a running gateway, refused when damaged."""
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import harness
from harness import Gateway, run

SHIPPED = os.path.join(harness.ROOT, "models/risk-v1.bin")


def examples():
    """Rows of four sources: a harmless phrase, which nothing else takes for one, is the attack in half of the texts."""
    rng = random.Random(11)
    nouns = ["garden", "teapot", "railway", "novel", "bicycle", "harbour", "painting", "kitchen"]
    rows = []
    for i in range(400):
        bad = i % 2
        words = [rng.choice(nouns) for _ in range(6)]
        if bad:
            words.insert(rng.randrange(6), "polish the brass lamp")
        rows.append({"id": str(i), "source": f"source{i % 4}", "text": " ".join(words) + ".",
                     "labels": {"jailbreak": bad, "unsafe": bad}})
    return rows


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="plimsoll-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.data = self.path("rows.jsonl")
        with open(self.data, "w", encoding="utf-8") as file:
            for row in examples():
                file.write(json.dumps(row) + "\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def arguments(self, name, *more):
        return ["train", "--data", self.data, "--out", self.path(name), "--epochs", "3", "--folds", "2", *more]

    def train(self, name, *more):
        done = run(*self.arguments(name, *more), timeout=300)
        self.assertEqual(done.returncode, 0, done)
        return self.read(name)


class Trained(Folder):
    def test_the_same_data_give_the_same_bytes_and_another_seed_others(self):
        first = self.train("first.bin")
        self.assertEqual(self.train("second.bin"), first)
        self.assertNotEqual(self.train("third.bin", "--seed", "2"), first)
        self.assertLessEqual(len(first), 8_000_000)

    def test_what_was_interrupted_goes_on_and_gives_the_same_bytes(self):
        whole = self.train("whole.bin")
        checkpoint = self.path("cut.bin.checkpoint")
        interrupted = 0
        for _ in range(50):
            before = self.read("cut.bin.checkpoint") if os.path.exists(checkpoint) else b""
            process = subprocess.Popen([harness.BINARY, *self.arguments("cut.bin")], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, env=harness.environment())
            # Killed as soon as it has come further than the one before.
            while process.poll() is None:
                if os.path.exists(checkpoint) and self.read("cut.bin.checkpoint") != before:
                    process.kill()
                    interrupted += 1
                    break
                time.sleep(0.002)
            process.wait()
            if process.returncode == 0:
                break
        self.assertEqual(self.read("cut.bin"), whole)
        self.assertGreater(interrupted, 0)
        self.assertFalse(os.path.exists(checkpoint))

    def test_what_it_cannot_use_is_named(self):
        bad = self.write("bad.jsonl", b'{"text":"x","labels":{"jailbreak":1}}\nnot json\n')
        for data, expected in ((self.path("nowhere.jsonl"), "nowhere.jsonl"), (bad, "bad.jsonl")):
            done = run("train", "--data", data, "--out", self.path("none.bin"))
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(expected, done.stderr)
            self.assertFalse(os.path.exists(self.path("none.bin")))


class Served(Folder):
    def serve(self, file, **more):
        at = Gateway(env={"PLIMSOLL_RISK_MODEL": file}, **more)
        self.addCleanup(at.close)
        return at

    def damaged(self):
        """Files that are no models, by what is wrong with them."""
        with open(SHIPPED, "rb") as file:
            whole = file.read()
        middle = len(whole) // 2
        return {"empty": b"", "foreign": b"\x89PNG\r\n\x1a\n" + bytes(1000), "cut": whole[:middle], "longer": whole + b"x",
                "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:], "oversize": bytes(8_000_001)}

    def score(self, at):
        text = "garden teapot polish the brass lamp railway novel."
        return at.post("/filter/prompt", {"prompt": text, "explain": True}).json["scores"].get("jailbreak", 0)

    def test_a_hangup_takes_the_new_model(self):
        shutil.copy(SHIPPED, self.path("risk.bin"))
        at = self.serve(self.path("risk.bin"))
        before = self.score(at)
        self.train("new.bin")
        os.replace(self.path("new.bin"), self.path("risk.bin"))
        at.signal(signal.SIGHUP)
        harness.eventually(lambda: "risk model loaded" in at.stderr(), "the new model is taken")
        harness.eventually(lambda: self.score(at) > 0.2, "the new model scores")
        self.assertLess(before, 0.1)

    def test_at_a_hangup_what_is_no_model_is_refused_and_the_one_before_stays(self):
        shutil.copy(SHIPPED, self.path("risk.bin"))
        at = self.serve(self.path("risk.bin"))
        before = self.score(at)
        for number, (name, data) in enumerate(self.damaged().items(), 1):
            with self.subTest(name):
                self.write("risk.bin", data)
                at.signal(signal.SIGHUP)
                harness.eventually(lambda n=number: at.stderr().count("risk model refused") == n, "it is refused")
                line = [x for x in at.stderr().splitlines() if "risk model refused" in x][-1]
                self.assertIn("the last good one stays in force", line)
                self.assertIn("risk.bin", line)
                self.assertEqual(self.score(at), before)
        os.unlink(self.path("risk.bin"))
        at.signal(signal.SIGHUP)
        harness.eventually(lambda: at.stderr().count("risk model refused") == len(self.damaged()) + 1, "a missing one too")
        self.assertEqual(self.score(at), before)

    def test_at_the_start_what_is_no_model_is_refused(self):
        for name, data in [*self.damaged().items(), ("missing", None)]:
            with self.subTest(name):
                file = self.path(f"{name}.bin") if data is None else self.write(f"{name}.bin", data)
                ended = run("serve", "--port", harness.free_port(), "--data", self.path("data"), cwd=self.folder,
                            env={"PLIMSOLL_RISK_MODEL": file})
                self.assertEqual(ended.returncode, 2, ended)
                said = ended.stdout + ended.stderr
                self.assertIn("PLIMSOLL_RISK_MODEL", said)
                self.assertIn(f"{name}.bin", said)


if __name__ == "__main__":
    unittest.main()
