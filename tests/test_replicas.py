"""Two control planes, each with a log of its own, on one PostgreSQL: one queue, one decision."""
import threading
import unittest

import harness


def event(name, **more):
    return {"event_id": name, "user_id": "u", "org_id": "o", "surface": "api", "tier": "enterprise", "prompt": "hello",
            "risk_scores": {"cbrn": .5}, **more}


@unittest.skipUnless(harness.Postgres.PROGRAMS, "PostgreSQL is not installed: run scripts/setup test")
class Replicas(unittest.TestCase):
    def setUp(self):
        self.postgres = self.enterContext(harness.Postgres())
        env = {"DATABASE_URL": self.postgres.url}
        self.a = self.enterContext(harness.Control(env=env))
        self.b = self.enterContext(harness.Control(env=env))

    def queue(self, replica, state=None):
        path = "/review-queue?limit=1000" + (f"&state={state}" if state else "")
        reply = replica.get(path)  # 503 for a moment, when the database comes back
        return sorted(item["event_id"] for item in reply.json["items"]) if reply.status == 200 else None

    def test_one_queue(self):
        self.a.ingest(event("from-a"))
        self.b.ingest(event("from-b"))
        for replica in self.a, self.b:
            harness.eventually(lambda replica=replica: self.queue(replica) == ["from-a", "from-b"], "both are in the queue")
            self.assertEqual(replica.get("/metrics").json["total_events"], 2)
        # What A's traffic asks is decided at B, and assigned there.
        self.assertEqual(self.b.post("/review/from-a", {"assignee": "kim"}).status, 200)
        harness.eventually(lambda: self.a.get("/review/from-a").json["assignee"] == "kim", "A sees who has it")
        self.assertEqual(self.b.post("/review/from-a", {"decision": "block", "notes": "no"}).status, 200)
        harness.eventually(lambda: self.queue(self.a) == ["from-b"], "A sees that it is decided")
        self.assertEqual(self.a.get("/review/from-a").json["decision"], "block")
        self.assertEqual(self.a.post("/review/from-a", {"decision": "allow"}).status, 409)

    def test_each_review_is_decided_once(self):
        names = [f"e{i}" for i in range(30)]
        self.a.ingest(*(event(name) for name in names))
        harness.eventually(lambda: len(self.queue(self.b) or []) == len(names), "B has them, too")
        outcomes = {name: [] for name in names}

        def decide(replica, decision):
            for name in names:
                outcomes[name].append((replica.post(f"/review/{name}", {"decision": decision}).status, decision))

        threads = [threading.Thread(target=decide, args=who) for who in
                   ((self.a, "allow"), (self.b, "block"), (self.a, "redact"), (self.b, "allow"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name, all_of_it in outcomes.items():
            accepted = [decision for status, decision in all_of_it if status == 200]
            self.assertEqual(len(accepted), 1, all_of_it)
            self.assertTrue(all(status in (200, 409) for status, _ in all_of_it), all_of_it)
            for replica in self.a, self.b:
                harness.eventually(lambda r=replica, n=name: r.get(f"/review/{n}").json["state"] == "decided", "it is decided")
                self.assertEqual(replica.get(f"/review/{name}").json["decision"], accepted[0])
        # Each decision stands in one of the two logs, once.
        decided = [entry["event_id"] for replica in (self.a, self.b) for entry in replica.log()
                   if entry.get("type") == "review_decided"]
        self.assertEqual(sorted(decided), sorted(names))

    def test_an_event_that_comes_to_both_is_processed_once(self):
        self.assertEqual(self.a.ingest(event("twice"))["processed"], 1)
        harness.eventually(lambda: self.b.get("/events/twice").status == 200, "the store has it")
        again = self.b.ingest(event("twice"), event("new"))
        self.assertEqual((again["processed"], again["duplicates"]), (1, 1))

    def test_nothing_is_lost_while_the_database_is_away(self):
        self.a.ingest(event("before"))
        harness.eventually(lambda: self.b.get("/events/before").status == 200, "the store has it")
        self.postgres.stop()
        reply = self.a.get("/review-queue")
        self.assertEqual(reply.status, 503)
        self.assertIn("retry-after", {name.lower() for name, _ in reply.headers.items()})
        refused = self.a.post("/ingest", {"events": [event("meanwhile")]})
        self.assertEqual(refused.status, 503, "whether another has it cannot be told")
        self.postgres.start()
        harness.eventually(lambda: self.a.post("/ingest", {"events": [event("meanwhile")]}).status == 200, "it is taken then")
        for replica in self.a, self.b:
            harness.eventually(lambda r=replica: self.queue(r) == ["before", "meanwhile"], "both are in the queue")


if __name__ == "__main__":
    unittest.main()
