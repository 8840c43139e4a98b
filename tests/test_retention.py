"""Entries of the log go when their time is over; what they leave still proves that they were there."""
import os
import unittest

import harness
from harness import SHIPPED, Evidence, eventually, request, run

def days_ago(days):
    return {"LD_PRELOAD": os.environ["PLIMSOLL_OLD_CLOCK"], "OLD_CLOCK_DAYS": str(days)}


class Retained(unittest.TestCase):
    def ask(self, both, number):
        ids = [request(both.gateway_port, "POST", "/filter/prompt", {"prompt": "hello"}).headers["x-decision-id"]
               for _ in range(number)]
        eventually(lambda: ids[-1] in [e.get("decision_id") for e in both.log()], "the last is in the log")
        return ids

    def test_decisions_go_after_their_time_and_evidence_stays(self):
        with Evidence(with_gateway=True, env=days_ago(200)) as both:
            log = os.path.join(both.data, "log")
            old = self.ask(both, 20)
            artifact = both.submit("dpia")["id"]
            before = both.get("/checkpoint").body
            both.stop()
            both.env = {}
            both.start()
            eventually(lambda: any(e.get("type") == "prune" for e in both.log()), "the prune record")
            new = self.ask(both, 5)

            record = next(e for e in both.log() if e.get("type") == "prune")
            self.assertEqual(record["removed"], {"decision": 20, "tally": 2})
            eventually(lambda: old[0].encode() not in harness.read_tree(log), "the entries are gone from the disk")
            self.assertEqual([e["decision_id"] for e in harness.decisions(both.log())], new)
            self.assertEqual(both.get(f"/evidence/{artifact}").status, 200)
            self.assertEqual(both.get(f"/ledger/receipt/{old[0]}").status, 404)

            kept = both.write("before", before.decode())
            for place in (log, both.url):
                verified = eventually(
                    lambda place=place: (v := run("ledger", "verify", place, "--against", kept)).returncode == 0 and v,
                    "the log verifies")
                self.assertIn("22 entries are removed, their hashes kept; 1 prune records speak of 22", verified.stdout)
            both.stop()
            counted = run("ledger", "reconcile", log)
            self.assertEqual(counted.returncode, 0, counted.stdout + counted.stderr)
            shown = run("ledger", "show", log)
            self.assertEqual(shown.stdout.count('"entry":null'), 22)

    def test_a_person_can_do_it_by_hand_and_a_policy_can_keep_everything(self):
        with Evidence(with_gateway=True, env=days_ago(200)) as both:
            self.ask(both, 3)
            both.stop()
            with open(SHIPPED, encoding="utf-8") as shipped:
                text = shipped.read()
            for_ever = both.write("for_ever.yaml", text.replace("decisions: 6 months", "decisions: for ever")
                                  .replace("counts: 6 months", "counts: 10 years"))
            config = both.write("plimsoll.yaml", f"policy: {for_ever}\n")
            kept = run("ledger", "prune", "--data", both.data, "--config", config)
            self.assertEqual((kept.returncode, kept.stdout), (0, "0 entries were removed\n"), kept.stderr)
            pruned = run("ledger", "prune", "--data", both.data)
            self.assertEqual(pruned.returncode, 0, pruned.stderr)
            self.assertRegex(pruned.stdout, r"5 entries were removed; entry \d+ says which\n")


if __name__ == "__main__":
    unittest.main()
