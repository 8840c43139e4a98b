"""A schema-driven fuzzer, schemathesis, asks the control plane everything that its description allows, and what it does not."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests"))
os.environ.setdefault("PLIMSOLL_BINARY",
                      os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "release", "plimsoll"))
import harness  # noqa: E402  (it reads the environment)

SECONDS = os.environ.get("PLIMSOLL_FUZZ_SECONDS", "15")
FUZZER = os.path.join(os.path.dirname(sys.executable), "schemathesis")


class Described(unittest.TestCase):
    def test_answers_only_what_is_described(self):
        with harness.Control() as control:
            for name in ("a", "b"):
                control.ingest({"event_id": name, "user_id": "u", "org_id": "o", "surface": "api", "tier": "enterprise",
                                "prompt": "hello", "risk_scores": {"cbrn": .5}})
            # That a review's members go together no schema says; neither does one that the network was asked in vain.
            ran = subprocess.run([FUZZER, "run", f"{control.url}/openapi.json", "--phases", "coverage,fuzzing", "--checks", "all",
                                  "--exclude-checks", "positive_data_acceptance", "--max-time", SECONDS, "--seed", "1",
                                  "--suppress-health-check", "all", "--continue-on-failure", "--no-color"],
                                 cwd=control.directory, capture_output=True, text=True, check=False)
            self.assertEqual(ran.returncode, 0, ran.stdout[-8000:] + ran.stderr[-2000:])
            self.assertEqual(control.get("/readyz").json["status"], "ready")
            self.assertNotIn('"level":"error"', control.stderr())


if __name__ == "__main__":
    unittest.main()
