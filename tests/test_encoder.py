"""Second opinions of an encoder that runs in the gateway: ONNX Runtime, loaded when it is configured.

The model here is made by the tests: it knows one bad word. Where the library is missing (scripts/setup test fetches
it), only what needs none is tested.
"""
import json
import os
import threading
import time
import unittest

import harness
from harness import Gateway, Model
from onnx_model import encoder

RUNTIME = os.path.join(harness.ROOT, "build/onnxruntime/libonnxruntime.so.1")
needs_runtime = unittest.skipUnless(os.path.exists(RUNTIME), "no ONNX Runtime: run scripts/setup test")


def setUpModule():
    global model
    model = Model()
    unittest.addModuleCleanup(model.close)


class Case(unittest.TestCase):
    def setUp(self):
        self.started = []
        self.addCleanup(self.stop_all)
        vocabulary, onnx = encoder({"hello": [4, -4], "xyzzy": [-4, 9]}, 2)
        self.settings = {"name": "inside", "kind": "onnx", "model": self.file("model.onnx", onnx),
                         "vocabulary": self.file("vocab.txt", vocabulary.encode()), "runtime": RUNTIME,
                         "labels": ["none", "exploitation"]}

    def stop_all(self):
        while self.started:
            self.started.pop().close()

    def file(self, name, data):
        path = model.path(f"{self.id()}.{name}")
        with open(path, "wb") as file:
            file.write(data)
        return path

    def policy(self, wish):
        with open(harness.SHIPPED, encoding="utf-8") as file:
            text = file.read()
        if wish:
            text += f"\nsecond_opinions:\n  - {{guard: inside, {wish}}}\n"
        return model.write(f"{self.id()}.yaml", text)

    def start(self, wish, **more):
        config = f"guards: [{json.dumps({**self.settings, **more})}]\n"
        at = Gateway(upstream=model.url, policy=self.policy(wish), config=config)
        self.started.append(at)
        return at

    def refusal(self, wish="ask: always", **more):
        """What `serve` says when it does not start."""
        config = model.write(f"{self.id()}.config.yaml", f"guards: [{json.dumps({**self.settings, **more})}]\n")
        ended = harness.run("serve", "--policy", self.policy(wish), "--config", config, "--port", harness.free_port(),
                            "--data", model.path("data"), cwd=model.directory)
        self.assertEqual(ended.returncode, 2, ended)
        return ended.stdout + ended.stderr

    def ask(self, at, text):
        reply = at.post("/filter/prompt", {"prompt": text})
        return reply.json, at.entry(reply.headers["x-decision-id"])


@needs_runtime
class Asked(Case):
    def test_what_it_says_counts_and_is_recorded(self):
        at = self.start("ask: always")
        verdict, entry = self.ask(at, "hello xyzzy")
        self.assertFalse(verdict["allowed"], verdict)
        opinion = entry["opinions"][0]
        self.assertEqual((opinion["guard"], opinion["outcome"]), ("inside", "answered"))
        self.assertGreater(opinion["scores"]["exploitation"], 0.99)
        self.assertGreater(opinion["micros"], 0)
        verdict, entry = self.ask(at, "hello there")
        self.assertEqual((verdict["action"], entry["opinions"][0]["outcome"]), ("allow", "answered"))

    def test_it_is_not_asked_outside_of_its_band(self):
        at = self.start("bands: {exploitation: [0.5, 0.6]}")
        verdict, entry = self.ask(at, "hello xyzzy")
        self.assertEqual(verdict["action"], "allow")
        self.assertNotIn("opinions", entry)

    def test_the_end_of_a_long_text_is_read(self):
        at = self.start("ask: always", max_tokens=32)
        self.assertTrue(self.ask(at, "hello " * 4000)[0]["allowed"])
        self.assertFalse(self.ask(at, "hello " * 4000 + "xyzzy")[0]["allowed"])

    def test_a_text_that_is_too_long_is_not_read_at_all(self):
        at = self.start("ask: always, on_error: closed", max_text_bytes=256)
        verdict, entry = self.ask(at, "hello " * 100)
        self.assertEqual((verdict["action"], entry["opinions"][0]["outcome"]), ("error_block", "too_long"))

    def test_answers_of_the_model_too(self):
        at = self.start("ask: always, when: output")
        fine = at.post("/filter/output", {"output": "hello"}).json
        bad = at.post("/filter/output", {"output": "hello xyzzy"}).json
        self.assertEqual((fine["allowed"], bad["allowed"]), (True, False))

    def test_many_at_once(self):
        at = self.start("ask: always", threads=2)
        verdicts = {}

        def ask(k):
            text = "hello xyzzy" if k % 2 else "hello"
            verdicts[k] = at.post("/filter/prompt", {"prompt": text}).json["allowed"]

        threads = [threading.Thread(target=ask, args=(k,)) for k in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(verdicts, {k: k % 2 == 0 for k in range(32)})


@needs_runtime
class Slow(Case):
    def setUp(self):
        super().setUp()
        # Each product of these matrices is two thousand million operations.
        self.settings["model"] = self.file("slow.onnx", encoder({"hello": [4, -4], "xyzzy": [-4, 9]}, 2, depth=4)[1])
        self.settings["max_tokens"] = 8

    def test_a_late_answer_is_none(self):
        for on_error, action in (("closed", "error_block"), ("open", "allow")):
            with self.subTest(on_error=on_error):
                at = self.start(f"ask: always, on_error: {on_error}", deadline_ms=10)
                begin = time.monotonic()
                verdict, entry = self.ask(at, "hello xyzzy")
                self.assertLess(time.monotonic() - begin, 10)
                self.assertEqual((verdict["action"], entry["opinions"][0]["outcome"]), (action, "late"))
                self.assertEqual([rule["state"] for rule in entry["rules"]], ["failed"])
                self.stop_all()

    def test_one_that_is_always_late_is_left_alone(self):
        at = self.start("ask: always, on_error: open", deadline_ms=10)
        outcomes = [self.ask(at, "hello")[1]["opinions"][0]["outcome"] for _ in range(16)]
        self.assertIn("resting", outcomes)

    def test_more_than_may_wait_are_turned_away(self):
        at = self.start("ask: always, on_error: open", max_waiting=1, deadline_ms=60000)
        threads = [threading.Thread(target=at.post, args=("/filter/prompt", {"prompt": "hello"}),
                                    kwargs={"timeout": 60}) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        outcomes = {entry["opinions"][0]["outcome"] for entry in at.log()}
        self.assertEqual(outcomes, {"answered", "busy"})

    def test_a_stop_in_the_midst_of_it_is_an_orderly_one(self):
        at = self.start("ask: always, on_error: open", deadline_ms=50)
        self.ask(at, "hello")
        self.assertEqual(at.stop(), 0)


@needs_runtime
class Refused(Case):
    def test_files_that_are_no_models(self):
        with open(self.settings["model"], "rb") as file:
            whole = file.read()
        for name, data in {"empty": b"", "foreign": b"\x89PNG\r\n\x1a\n" * 9, "cut": whole[:len(whole) // 2]}.items():
            with self.subTest(name):
                self.assertIn(f"{name}: not a model that can be used",
                              self.refusal(model=self.file(name, data)))

    def test_a_model_of_another_shape(self):
        other = self.file("shape.onnx", encoder({"hello": [1, 2, 3], "xyzzy": [1, 2, 3]}, 3)[1])
        self.assertIn("has 3 outputs, and 'labels' names 2", self.refusal(model=other))
        self.assertIn("wants the input 'pixels'",
                      self.refusal(model=self.file("input.onnx", encoder({"hello": [1, 2]}, 2, inputs=("pixels",))[1])))

    def test_a_vocabulary_that_is_none_or_belongs_to_another_model(self):
        self.assertIn("[CLS]", self.refusal(vocabulary=self.file("none.txt", b"a\nb\n")))
        larger = encoder({str(k): [0, 0] for k in range(99)}, 2)[0]
        self.assertIn("cannot score", self.refusal(vocabulary=self.file("larger.txt", larger.encode())))


class WithoutALibrary(Case):
    def test_the_program_starts_and_only_policies_that_ask_are_refused(self):
        nowhere = model.path("nowhere.so")
        at = self.start("", runtime=nowhere)
        self.assertTrue(at.post("/filter/prompt", {"prompt": "hello xyzzy"}).json["allowed"])
        self.assertIn("nowhere.so", at.stderr())
        said = self.refusal(runtime=nowhere)
        self.assertIn("the policy asks the guard 'inside'", said)
        self.assertIn("nowhere.so: there is no such file", said)

    def test_a_policy_that_comes_to_ask_it_is_refused_and_the_one_before_stays(self):
        at = self.start("", runtime=model.path("nowhere.so"))
        before = at.post("/filter/prompt", {"prompt": "hello"}).headers["x-policy-version"]
        self.policy("ask: always")
        harness.eventually(lambda: "the policy asks the guard 'inside'" in at.stderr(), "the refusal is logged")
        reply = at.post("/filter/prompt", {"prompt": "hello"})
        self.assertEqual((reply.headers["x-policy-version"], reply.json["action"]), (before, "allow"))

    def test_a_file_that_is_no_onnx_runtime(self):
        self.assertIn("not a library that can be loaded", self.refusal(runtime=self.file("text.so", b"text")))


class Configured(Case):
    def test_what_is_wrong_is_named(self):
        for change, expected in [({"labels": ["none"]}, "'labels' must name the category"),
                                 ({"labels": ["none", "jailbrake"]}, "jailbrake"),
                                 ({"max_tokens": 4}, "max_tokens"), ({"url": "http://x"}, "url"),
                                 ({"scores": "logits"}, "softmax"), ({"threads": 0}, "threads")]:
            with self.subTest(change):
                self.assertIn(expected, self.refusal(**change))


if __name__ == "__main__":
    unittest.main()
