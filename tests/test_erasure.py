"""Texts are kept sealed, and a person can be erased without breaking what the log proves."""
import json
import os
import tempfile
import time
import unittest

import harness
from harness import EMAIL, SHIPPED, Gateway, Model, eventually, run

TEXT = "the heron stood by the quiet lake"


def setUpModule():
    global model
    model = Model()


def tearDownModule():
    model.close()


def policy(kept):
    with open(SHIPPED, encoding="utf-8") as file:
        text = file.read()
    assert "store_content: redacted" in text
    return text.replace("store_content: redacted", f"store_content: {kept}")


def filtered(gateway, text, user=None, **context):
    body = {"prompt": text, "context": {**({"user_id": user} if user else {}), "lawful_basis": "consent", **context}}
    reply = gateway.post("/filter/prompt", body)
    assert reply.status == 200, reply
    return reply.headers["x-decision-id"]


def texts(gateway, decision):
    """What is kept of a decision: (exit status, the texts by segment)."""
    shown = run("texts", decision, "--data", gateway.data)
    kept = {}
    for line in shown.stdout.splitlines():
        part = json.loads(line)
        kept[part["segment"]] = kept.get(part["segment"], "") + part["text"]
    return shown.returncode, kept


def kept_once_there(gateway, decision):
    gateway.entry(decision)
    return eventually(lambda: (found := texts(gateway, decision))[0] == 0 and found[1], "the texts are on disk")


class Kept(unittest.TestCase):
    def test_without_personal_data_unless_the_policy_says_otherwise(self):
        with Gateway(upstream=model.url) as gateway:
            decision = filtered(gateway, f"{TEXT}; write to {EMAIL}", "jane")
            kept = kept_once_there(gateway, decision)
            self.assertIn(TEXT, kept[0])
            self.assertNotIn(EMAIL, kept[0])
            self.assertEqual(gateway.entry(decision)["content"]["kept"], "redacted")
            disk = harness.read_tree(gateway.data) + gateway.stderr().encode()
            for secret in (TEXT, EMAIL, "jane"):
                self.assertNotIn(secret.encode(), disk, secret)

    def test_whole_or_not_at_all_by_tier(self):
        with tempfile.TemporaryDirectory() as folder:
            by_tier = os.path.join(folder, "by_tier.yaml")
            with open(by_tier, "w", encoding="utf-8") as file:
                file.write(policy("{default: none, enterprise: full}"))
            with Gateway(upstream=model.url, policy=by_tier) as gateway:
                decision = filtered(gateway, f"{TEXT}; write to {EMAIL}", "jane", tier="enterprise")
                self.assertIn(EMAIL, kept_once_there(gateway, decision)[0])
                none = filtered(gateway, TEXT, "jane")
                self.assertNotIn("content", gateway.entry(none))
                self.assertEqual(texts(gateway, none)[0], 1)

    def test_of_streamed_answers_too(self):
        with Gateway(upstream=model.url) as gateway:
            said = f"{TEXT} " * 2000 + f"and {EMAIL} "
            body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": harness.say(said)}]}
            with gateway.open("/v1/chat/completions", body) as stream:
                stream.read()
            entry = eventually(lambda: next((e for e in gateway.log() if e.get("direction") == "output"), None), "output")
            kept = kept_once_there(gateway, entry["decision_id"])
            self.assertGreater(len(entry["content"]["parts"]), 2)
            self.assertTrue(entry["content"]["complete"])
            self.assertEqual(kept[0].count(TEXT), 2000)
            self.assertNotIn(EMAIL, kept[0])


class Old(unittest.TestCase):
    def test_texts_are_deleted_and_the_log_says_so(self):
        with Gateway(upstream=model.url) as gateway:
            old = filtered(gateway, TEXT, "jane")
            kept_once_there(gateway, old)
            gateway.stop()
            vault = os.path.join(gateway.data, "vault")
            for name in os.listdir(vault):
                if name.endswith(".sealed"):
                    os.utime(os.path.join(vault, name), (0, time.time() - 91 * 86400))
            gateway.start()
            eventually(lambda: [e for e in gateway.entries() if e["type"] == "prune"], "the log says that texts were deleted")
            self.assertEqual(texts(gateway, old)[0], 1)
            fresh = filtered(gateway, TEXT, "jane")
            self.assertIn(TEXT, kept_once_there(gateway, fresh)[0])


class Erased(unittest.TestCase):
    def check(self, gateway, jane, joe, erased):
        self.assertEqual(erased.returncode, 0, erased.stderr)
        self.assertIn("erased", erased.stdout)
        self.assertEqual(texts(gateway, jane)[0], 1)
        self.assertIn(TEXT, texts(gateway, joe)[1][0])
        erasures = [e for e in gateway.entries() if e["type"] == "erasure"]
        self.assertEqual([e["records"] for e in erasures], [1])
        verified = run("ledger", "verify", os.path.join(gateway.data, "log"))
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)

    def test_while_the_server_runs(self):
        with Gateway(upstream=model.url) as gateway:
            jane, joe = filtered(gateway, TEXT, "jane"), filtered(gateway, TEXT, "joe")
            pseudonym = gateway.entry(jane)["caller"]["user"]
            for decision in (jane, joe):
                kept_once_there(gateway, decision)
            self.check(gateway, jane, joe, run("erase", "--subject", "jane", "--data", gateway.data))
            # Who comes back is somebody else to the log.
            again = filtered(gateway, TEXT, "jane")
            self.assertNotEqual(gateway.entry(again)["caller"]["user"], pseudonym)
            self.assertIn(TEXT, kept_once_there(gateway, again)[0])
            self.assertEqual(os.listdir(os.path.join(gateway.data, "erasures")), [])

    def test_while_it_does_not(self):
        with Gateway(upstream=model.url) as gateway:
            jane, joe = filtered(gateway, TEXT, "jane"), filtered(gateway, TEXT, "joe")
            for decision in (jane, joe):
                kept_once_there(gateway, decision)
            gateway.stop()
            self.check(gateway, jane, joe, run("erase", "--subject", "jane", "--data", gateway.data))
            gateway.start()
            self.assertIn(TEXT, texts(gateway, joe)[1][0])

    def test_whom_nobody_knows(self):
        with Gateway(upstream=model.url) as gateway:
            erased = run("erase", "--subject", "nobody", "--data", gateway.data)
            self.assertEqual(erased.returncode, 1, erased.stderr)
            self.assertEqual(run("erase", "--data", gateway.data).returncode, 2)
            self.assertEqual(run("erase", "--subject", "x", "--data", gateway.path("nowhere")).returncode, 2)

    def test_nothing_starts_with_another_master_key(self):
        with Gateway(upstream=model.url) as gateway:
            gateway.stop()
            gateway.env = {"PLIMSOLL_MASTER_KEY": harness.b64("k" * 32)}
            gateway.start(ready=False)
            self.assertEqual(gateway.wait(), 2)
            self.assertIn("master key", gateway.stderr())
            self.assertNotIn(harness.b64("k" * 32), gateway.stderr())


if __name__ == "__main__":
    unittest.main()
