"""The synthetic world, the demonstration of it, and the check of a running system."""
import json
import os
import unittest

import harness
from harness import Control, Evidence, run


def urls(control):
    return ["--gateway", f"http://{harness.LOOPBACK}:{control.gateway_port}", "--evidence",
            f"http://{harness.LOOPBACK}:{control.evidence_port}", "--control", control.url]


class Demonstrated(unittest.TestCase):
    def test_production_is_what_the_listeners_answer(self):
        with Control(role="all") as control:
            shown = run("demo", "production", "--events", 600, *urls(control), cwd=control.directory)
            self.assertEqual(shown.returncode, 0, shown.stdout + shown.stderr)
            self.assertIn("600 synthetic events of 90 days reported", shown.stdout)
            for tier, action in (("general", "block"), ("enterprise", "escalate"), ("research_sandbox", "redact")):
                self.assertRegex(shown.stdout, rf"{tier} +{action} ")
            found = control.get("/metrics").json
            self.assertEqual(found["total_events"], 603)
            self.assertGreater(min(found["events_by_surface"][s] for s in ("claude_web", "api", "aws_bedrock", "app")), 0)
            self.assertGreater(found["actions_taken"]["block"], 0)
            self.assertEqual(control.get("/review-queue?state=decided").json["decided"], 12)
            self.assertEqual({e["status"] for e in harness.request(control.evidence_port, "GET", "/incident").json["items"]}, {"RESOLVED"})
            again = run("demo", "--events", 600, *urls(control), cwd=control.directory)
            self.assertIn("(600 were known from before)", again.stdout)

            checked = run("verify", *urls(control))
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
            self.assertNotIn("FAILED", checked.stdout)

    def test_what_does_not_run_fails_the_check(self):
        with Evidence() as evidence:
            checked = run("verify", "--gateway", "http://127.0.0.1:9", "--evidence", evidence.url, "--control", "http://127.0.0.1:9")
            self.assertEqual(checked.returncode, 1)
            self.assertIn("ok      evidence service answers", checked.stdout)
            self.assertIn("FAILED  gateway answers", checked.stdout)

    def test_a_seed_is_a_world(self):
        def world(*flags):
            made = [json.loads(line) for line in run("synth", "--events", 300, *flags).stdout.splitlines()]
            for event in made:
                del event["timestamp"]
            return made
        self.assertEqual(world(), world())
        self.assertNotEqual(world(), world("--seed", 2))
        self.assertEqual(len({e["org_id"] for e in world()}), 8)

    def test_reset_deletes_what_a_stopped_server_kept(self):
        with Control() as control:
            self.assertEqual(run("reset", "--data", control.data).returncode, 2)
            running = run("reset", "--data", control.data, "--yes")
            self.assertEqual(running.returncode, 2)
            self.assertIn("stop the server first", running.stderr)
            control.stop()
            self.assertEqual(run("reset", "--data", control.data, "--yes").returncode, 0)
            self.assertEqual(os.listdir(control.data), [])


if __name__ == "__main__":
    unittest.main()
