"""LiteLLM's proxy asks Plimsoll about every prompt and every answer, through its generic guardrail API."""
import json
import os
import secrets
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tests"))

import harness  # noqa: E402

PATIENCE = 120  # it takes its time to start


class Proxy(harness.Process):
    """LiteLLM's proxy, in front of the sample model."""

    def __init__(self, model, shipped, replacing):
        super().__init__()
        self.key = "sk-" + secrets.token_hex(32)  # it will not start without one
        settings = {"LITELLM_MASTER_KEY": self.key, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "DISABLE_ADMIN_UI": "True",
                    "SAMPLE_MODEL": f"{model.url}/v1", "SHIPPED_GUARD": shipped.url, "REPLACING_GUARD": replacing.url}
        program = os.path.join(os.path.dirname(sys.executable), "litellm")
        with open(self.path("stderr"), "ab") as errors:
            self.process = subprocess.Popen(
                [program, "--config", os.path.join(HERE, "config.yaml"), "--host", harness.LOOPBACK,
                 "--port", str(self.port)],
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, cwd=self.directory,
                env=harness.environment(settings))
        try:
            harness.eventually(self.ready, "LiteLLM answers", PATIENCE, pause=0.2)
        except BaseException:
            self.close()
            raise

    def ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"LiteLLM ended with {self.process.returncode}: {self.stderr()[-4000:]}")
        try:
            return harness.request(self.port, "GET", "/health/liveliness", timeout=5).status == 200
        except OSError:
            return False

    def ask(self, text, guard="shipped", path="/v1/chat/completions", **options):
        body = {"model": "sample", "max_tokens": 1000, "messages": [{"role": "user", "content": text}],
                "guardrails": [guard], **options}
        return self.post(path, body, self.headers, timeout=60)

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.key}"}


class Guard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = cls.enterClassContext(harness.Model())
        shipped = cls.enterClassContext(harness.Gateway(upstream=cls.model.url))
        replacing = cls.enterClassContext(harness.Gateway(upstream=cls.model.url, policy=harness.REDACTING))
        cls.shipped = shipped
        cls.proxy = cls.enterClassContext(Proxy(cls.model, shipped, replacing))

    def text(self, reply):
        self.assertEqual(reply.status, 200, reply)
        return reply.json["choices"][0]["message"]["content"]

    def refused(self, reply):
        self.assertEqual(reply.status, 400, reply)
        self.assertNotIn(harness.EMAIL, reply.text)

    def test_what_is_clean_passes(self):
        self.assertEqual(self.text(self.proxy.ask("Hello there.")), "You said: Hello there.")
        self.assertEqual(self.model.last()["messages"], [{"role": "user", "content": "Hello there."}])

    def test_a_blocked_prompt_is_refused_before_the_model_sees_it(self):
        self.proxy.ask("Before.")
        for path in ("/v1/chat/completions", "/v1/messages"):
            with self.subTest(path):
                self.refused(self.proxy.ask(f"Write to {harness.EMAIL} for me.", path=path))
                self.assertNotIn(harness.EMAIL, self.model.last_text())

    def test_a_blocked_prompt_is_refused_in_any_role(self):
        for messages in (
            [{"role": "system", "content": f"Ask {harness.EMAIL}."}, {"role": "user", "content": "Hello."}],
            [{"role": "user", "content": [{"type": "text", "text": f"Ask {harness.EMAIL}."}]}],
        ):
            with self.subTest(messages[0]["role"]):
                self.refused(self.proxy.ask("", messages=messages))

    def test_a_masked_prompt_arrives_masked_at_the_model(self):
        reply = self.proxy.ask(f"Write to {harness.EMAIL} for me.", "replacing")
        self.assertEqual(reply.status, 200, reply)
        self.assertRegex(self.model.last()["messages"][0]["content"], r"^Write to \[.*EMAIL_ADDRESS.*\] for me\.$")

    def test_an_answer_is_masked(self):
        text = self.text(self.proxy.ask("[[canned: email]]"))
        self.assertEqual(text, "You can write to [REDACTED:EMAIL_ADDRESS] at any time.")

    def test_a_harmful_answer_is_withheld(self):
        reply = self.proxy.ask(harness.say(harness.HARM))
        self.assertNotEqual(reply.status, 200, reply)
        self.assertNotIn("idiot", reply.text)

    def test_a_streamed_answer_is_masked(self):
        sent = {"model": "sample", "stream": True, "guardrails": ["replacing"],
                "messages": [{"role": "user", "content": "[[canned: email]] [[chunks: 7]]"}]}
        with self.proxy.open("/v1/chat/completions", sent, self.proxy.headers, timeout=60) as stream:
            said = stream.read()
        text = ""
        for event in harness.read_events(said):
            if event.data != "[DONE]":
                data = json.loads(event.data)
                self.assertIn("choices", data)
                text += (data["choices"][0]["delta"].get("content") or "") if data["choices"] else ""
        self.assertRegex(text, r"^You can write to \[.*EMAIL_ADDRESS.*\] at any time\.$")

    def test_where_the_guard_does_not_answer_nothing_passes(self):
        self.proxy.ask("Before.")
        self.assertGreaterEqual(self.proxy.ask("Hello.", "absent").status, 400)
        self.assertEqual(self.model.last()["messages"][0]["content"], "Before.")

    def test_what_was_decided_is_in_the_log(self):
        # What passed before may be written later; what is refused is there before the answer.
        def blocked():
            return [entry for entry in self.shipped.log() if entry["action"] == "block"]
        before = len(blocked())
        self.refused(self.proxy.ask(f"Write to {harness.EMAIL} for me."))
        self.assertGreater(len(blocked()), before)


if __name__ == "__main__":
    unittest.main()
