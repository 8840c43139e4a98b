"""A schema-driven fuzzer, schemathesis, asks every listener all that its description allows, and what it does not."""
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
    """No 5xx, no status, no type and no shape of an answer that the description does not have."""

    def test_the_control_plane(self):
        with harness.Control() as control:
            for name in ("a", "b"):
                control.ingest({"event_id": name, "user_id": "u", "org_id": "o", "surface": "api", "tier": "enterprise",
                                "prompt": "hello", "risk_scores": {"cbrn": .5}})
            # No schema says all of what a query's parameters may be together, nor that ?partial=true takes bad events, too.
            self.fuzz(control, "positive_data_acceptance", "--exclude-path", "/ingest")
            self.fuzz(control, "positive_data_acceptance,negative_data_rejection", "--include-path", "/ingest")
            self.assertEqual(control.get("/readyz").json["status"], "ready")
            self.assertNotIn('"level":"error"', control.stderr())

    def test_the_evidence_service(self):
        with harness.Evidence() as evidence:
            # Keys are read in two spellings, and a measurement has bounds wherever it stands.
            self.fuzz(evidence, "positive_data_acceptance,negative_data_rejection")
            self.assertEqual(evidence.get("/readyz").status, 200)
            self.assertNotIn('"level":"error"', evidence.stderr())

    def test_the_gateway(self):
        with harness.Model() as model, harness.Gateway(upstream=model.url) as gateway:
            # The model APIs are their makers'; the description says what is read of them here.
            self.fuzz(gateway, "positive_data_acceptance,negative_data_rejection")
            self.assertEqual(gateway.get("/readyz").status, 200)
            self.assertNotIn('"level":"error"', gateway.stderr())

    def fuzz(self, server, without, *which):
        ran = subprocess.run([FUZZER, "run", f"{server.url}/openapi.json", "--phases", "coverage,fuzzing", "--checks", "all",
                              "--exclude-checks", without, "--max-examples", EXAMPLES, "--seed", "1", "--suppress-health-check", "all",
                              "--continue-on-failure", "--no-color", *which],
                             cwd=server.directory, capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout[-30000:] + ran.stderr[-2000:])


if __name__ == "__main__":
    unittest.main()
