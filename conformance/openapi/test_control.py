"""A schema-driven fuzzer, schemathesis, asks the control plane everything that its description allows, and what it does not."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests"))
os.environ.setdefault("PLIMSOLL_BINARY",
                      os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "release", "plimsoll"))
import harness  # noqa: E402  (it reads the environment)

EXAMPLES = os.environ.get("PLIMSOLL_FUZZ_EXAMPLES", "30")  # of each operation
FUZZER = os.path.join(os.path.dirname(sys.executable), "schemathesis")


class Described(unittest.TestCase):
    def test_answers_only_what_is_described(self):
        with harness.Control() as control:
            for name in ("a", "b"):
                control.ingest({"event_id": name, "user_id": "u", "org_id": "o", "surface": "api", "tier": "enterprise",
                                "prompt": "hello", "risk_scores": {"cbrn": .5}})
            # No schema says all of what a query's parameters may be together, nor that ?partial=true takes bad events, too.
            self.fuzz(control, "positive_data_acceptance", "--exclude-path", "/ingest")
            self.fuzz(control, "positive_data_acceptance,negative_data_rejection", "--include-path", "/ingest")
            self.assertEqual(control.get("/readyz").json["status"], "ready")
            self.assertNotIn('"level":"error"', control.stderr())

    def fuzz(self, control, without, *which):
        ran = subprocess.run([FUZZER, "run", f"{control.url}/openapi.json", "--phases", "coverage,fuzzing", "--checks", "all",
                              "--exclude-checks", without, "--max-examples", EXAMPLES, "--seed", "1", "--suppress-health-check", "all",
                              "--continue-on-failure", "--no-color", *which],
                             cwd=control.directory, capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout[-8000:] + ran.stderr[-2000:])


if __name__ == "__main__":
    unittest.main()
