"""compliance-trestle reads the exported OSCAL documents, and finds its own rules kept."""
import argparse
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests"))
os.environ.setdefault("PLIMSOLL_BINARY",
                      os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "release", "plimsoll"))
import harness  # noqa: E402  (it reads the environment)
from trestle.core.validator_factory import validator_factory  # noqa: E402
from trestle.oscal import assessment_results, component, poam  # noqa: E402

DOCUMENTS = {"assessment-results": assessment_results.AssessmentResults,
             "component-definition": component.ComponentDefinition,
             "plan-of-action-and-milestones": poam.PlanOfActionAndMilestones}
FRAMEWORKS = ("iso42001", "nist-ai-rmf", "eu-ai-act", "soc2", "hipaa")


class Trestle(unittest.TestCase):
    def test_accepts_every_document(self):
        with harness.Control() as control:
            control.ingest({"event_id": "a", "user_id": "u", "org_id": "o", "surface": "api", "tier": "enterprise", "prompt": "hello",
                            "risk_scores": {"cbrn": .5}})
            folder = pathlib.Path(control.path("oscal"))
            for framework in FRAMEWORKS:
                made = harness.run("export", "--framework", framework, "--format", "oscal", "--out", folder, "--control", control.url,
                                   "--evidence", "https://res.example.org")
                self.assertEqual(made.returncode, 0, made.stderr)
                for name, kind in DOCUMENTS.items():
                    model = kind.oscal_read(folder / f"{framework}.{name}.json")
                    self.assertIsInstance(model, kind)
                    for mode in ("duplicates", "refs", "links"):
                        validator = validator_factory.get(argparse.Namespace(mode=mode, quiet=True))
                        self.assertTrue(validator.model_is_valid(model, True, folder), (framework, name, mode))
            # What is not as it should be is seen.
            broken = folder / "iso42001.assessment-results.json"
            broken.write_text(broken.read_text().replace('"title"', '"tilte"', 1))
            with self.assertRaises(Exception):
                assessment_results.AssessmentResults.oscal_read(broken)


if __name__ == "__main__":
    unittest.main()
