"""The control plane: reported events, the store, the review queue, exports."""
import gzip
import itertools
import json
import os
import random
import tempfile
import threading
import time
import unittest

import harness
from harness import Control, eventually, request, run

TIERS = ("general", "enterprise", "research_sandbox")
# The contract's tables, section 3.
THRESHOLDS = {"cbrn": (.15, .18, .25), "self_harm": (.30, .50, .80), "jailbreak": (.30, .45, .60), "exploitation": (.30, .45, .60)}
TRIGGERS = {"cbrn": (.20, 3), "exploitation": (.50, 3), "cyber_offense": (.50, 3), "jailbreak": (.50, 3), "deception": (.50, 3),
            "autonomous_replication": (.50, 3), "autonomous_research": (.80, 4), "scientific_automation": (.70, 4),
            "social_engineering": (.80, 4)}
STRICT = ["allow", "log_only", "safe_mode", "summarize", "redact", "escalate", "block"]


def event(**members):
    return {"user_id": "u", "org_id": "acme", "surface": "api", "tier": "general", "prompt": "Where do herons nest?", **members}


def expected(category, score, tier):
    """(action, ASL level, review) as the tables say."""
    actions, level = ["allow"], 0
    at = TIERS.index(tier)
    if category in THRESHOLDS and score >= THRESHOLDS[category][at]:
        if category in ("jailbreak", "exploitation") and score < .5:
            actions.append("redact")
        else:
            actions.append(("block", "escalate", "redact")[at])
    if category in TRIGGERS and score >= TRIGGERS[category][0]:
        level = TRIGGERS[category][1]
        actions.append(("block", "escalate", "allow")[at])
    action = max(actions, key=STRICT.index)
    return action, level, level > 0 or action == "escalate"


class Ingested(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.control = Control()

    @classmethod
    def tearDownClass(cls):
        cls.control.close()

    def refused(self, body, status=422, headers=None):
        reply = self.control.post("/ingest", body, headers=headers)
        self.assertEqual(reply.status, status, reply)
        return reply.json["error"]

    def test_the_answer_is_the_contracts(self):
        answer = self.control.ingest(event(), event(tier="enterprise", risk_scores={"cbrn": .9}), event(risk_scores={"jailbreak": .4}))
        self.assertEqual(answer, {"processed": 3, "actions": {"allow": 1, "block": 0, "redact": 1, "escalate": 1}, "asl_triggers": 1})
        self.assertEqual(self.control.ingest(), {"processed": 0, "actions": {"allow": 0, "block": 0, "redact": 0, "escalate": 0},
                                                 "asl_triggers": 0})

    def test_every_cell_of_the_tier_table(self):
        cases = []
        for category in {*THRESHOLDS, *TRIGGERS}:
            limits = {*THRESHOLDS.get(category, ()), .5, TRIGGERS.get(category, (.5, 0))[0]}
            scores = {round(limit + step, 4) for limit in limits for step in (-.001, 0, .001)}
            cases += itertools.product([category], sorted(scores), TIERS)
        # Each of another user: what one user's messages add up to is another table's (tests/test_watch.py).
        events = [event(event_id=f"cell-{n}", user_id=f"cell-{n}", tier=tier, risk_scores={category: score})
                  for n, (category, score, tier) in enumerate(cases)]
        self.control.ingest(*events)
        wrong = []
        stored = {e["event_id"]: e for e in self.pages("limit=1000")}
        for n, (category, score, tier) in enumerate(cases):
            found = stored[f"cell-{n}"]
            got = found["action"], found["asl_level"], found["requires_human_review"]
            if got != expected(category, score, tier):
                wrong.append((category, score, tier, got, expected(category, score, tier)))
        self.assertEqual(wrong, [])
        self.assertGreater(len(cases), 150)

    def pages(self, query):
        cursor = ""
        while True:
            page = self.control.get(f"/events?{query}{cursor}").json
            yield from page["events"]
            if page["next_cursor"] is None:
                return
            cursor = f"&cursor={page['next_cursor']}"

    def test_the_same_id_is_processed_once_also_after_a_start(self):
        one = event(event_id="only-once")
        self.assertEqual(self.control.ingest(one, one)["processed"], 1)
        again = self.control.ingest(one)
        self.assertEqual((again["processed"], again["duplicates"]), (0, 1))
        self.control.stop()
        self.control.start()
        self.assertEqual(self.control.ingest(one)["processed"], 0)
        self.assertEqual(sum(e.get("event_id") == "only-once" for e in self.control.log()), 1)

    def test_one_bad_event_refuses_all_of_them(self):
        before = self.control.get("/metrics").json["total_events"]
        error = self.refused({"events": [event(), event(tier="gold")]})
        self.assertEqual((error["index"], error["field"], error["param"]), (1, "tier", "events[1].tier"))
        self.assertNotIn("gold", json.dumps(error))
        self.assertEqual(self.control.get("/metrics").json["total_events"], before)
        partly = self.control.post("/ingest?partial=true", {"events": [event(), event(tier="gold")]}).json
        self.assertEqual((partly["processed"], partly["rejected"][0]["index"]), (1, 1))

    def test_bad_input_is_refused_with_what_is_wrong(self):
        self.assertIn("must be a list", self.refused({"events": {}})["message"])
        self.assertIn("byte", self.refused(b'{"events":[{"a"')["message"])
        self.refused(b"\xff\xfe")
        self.assertEqual(self.refused({"events": [event(event_id="")]})["field"], "event_id")
        self.assertEqual(self.control.post("/ingest?partly=true", {"events": []}).status, 422)
        self.assertEqual(self.control.get("/ingest").status, 405)
        self.assertEqual(self.control.get("/v1/models").status, 404)
        self.assertIn("PAC_UPSTREAM_URL", self.control.post("/v1/chat/completions", {}).json["error"]["message"])

    def test_compressed_and_by_the_line(self):
        body = gzip.compress(json.dumps({"events": [event()]}).encode())
        self.assertEqual(self.control.post("/ingest", body, headers={"Content-Encoding": "gzip"}).json["processed"], 1)
        lines = "\n".join(json.dumps(event()) for _ in range(3)).encode()
        reply = self.control.post("/ingest", lines, headers={"Content-Type": "application/x-ndjson"})
        self.assertEqual(reply.json["processed"], 3)

    def test_texts_are_inspected_and_not_recorded(self):
        mail = "jane.roe@example.com"
        answer = self.control.ingest(event(event_id="with-mail", prompt=f"write to {mail}", completion="sure", user_id="jane"))
        self.assertEqual(answer["actions"]["block"], 1)
        entry = next(e for e in self.control.log() if e.get("event_id") == "with-mail")
        self.assertEqual(entry["direction"], "exchange")
        self.assertEqual([s["role"] for s in entry["segments"]], ["user", "assistant"])
        self.assertNotIn(mail.encode(), harness.read_tree(os.path.join(self.control.data, "log")))
        self.assertNotIn("jane", json.dumps(entry))
        found = self.control.get("/events/with-mail").json
        self.assertEqual(found["entities"], ["EMAIL_ADDRESS"])
        self.assertEqual(self.control.ingest(event(event_id=mail))["processed"], 1)
        self.assertNotIn(mail.encode(), harness.read_tree(os.path.join(self.control.data, "log")))

    def test_metrics_are_json_here_and_text_where_asked(self):
        self.control.ingest(event(surface="claude_web", timestamp="2026-01-31T12:00:00Z"))
        found = self.control.get("/metrics").json
        self.assertEqual(set(found), {"total_events", "events_by_surface", "events_by_tier", "risk_detections", "actions_taken",
                                      "asl_triggers", "timestamp"})
        self.assertLessEqual({"claude_web", "api", "aws_bedrock", "app"}, set(found["events_by_surface"]))
        self.assertLessEqual(set(TIERS), set(found["events_by_tier"]))
        self.assertEqual(found["total_events"], sum(found["actions_taken"].values()))
        text = self.control.get("/metrics?format=prometheus").text
        harness.read_metrics(text)
        self.assertRegex(text, r'plimsoll_ingest_batches_total{outcome="accepted"} [1-9]')
        self.assertIn("# TYPE", request(self.control.port, "GET", "/metrics", headers={"Accept": "text/plain"}).text)
        stats = self.control.get("/hourly-stats?hours=3").json
        self.assertEqual({len(stats[k]) for k in stats}, {3})

    def test_exports_say_what_is_there_and_never_that_somebody_complies(self):
        self.control.ingest(event(), event(risk_scores={"cbrn": .5}))
        for path in ("iso-evidence", "nist-ai-rmf", "eu-ai-act"):
            reply = self.control.get(f"/export/{path}?days=7")
            report = reply.json
            self.assertRegex(report["summary"]["compliance_rate"], r"^\d+\.\d\d%$")
            self.assertNotIn('"compliant"', reply.text)
            for control in report["controls"]:
                self.assertEqual(set(control), {"control_id", "control_name", "iso_clause", "evidence_count", "sample_events",
                                                "last_updated", "compliance_status"})
                self.assertLessEqual(len(control["sample_events"]), 5)
                self.assertIn(control["compliance_status"], ("supported by live evidence", "partly", "organisational only"))
        iso = {c["control_id"]: c for c in self.control.get("/export/iso-evidence?days=30").json["controls"]}
        total = self.control.get("/metrics").json["total_events"]
        self.assertGreaterEqual(iso["iso_9.2.1"]["evidence_count"], 2)
        self.assertLessEqual(iso["iso_9.2.1"]["evidence_count"], 2 * total)
        self.assertEqual(self.control.get("/export/iso-evidence?days=0").status, 422)

    def test_the_description_names_every_path(self):
        paths = self.control.get("/openapi.json").json["paths"]
        root = self.control.get("/").json
        for path in root["endpoints"]:
            self.assertIn(path.replace("{id}", "{event_id}"), paths)
        self.assertIn("/export/iso-evidence", self.control.get("/docs").text)
        self.assertEqual(self.control.get("/health").json["status"], "healthy")


class Reviewed(unittest.TestCase):
    def test_an_item_is_found_assigned_and_decided_once(self):
        with Control() as control:
            control.ingest(event(event_id="late", tier="enterprise", risk_scores={"cbrn": .19}),
                           event(event_id="grave", tier="enterprise", risk_scores={"autonomous_research": .9}))
            queue = control.get("/review-queue?limit=50").json
            self.assertEqual([i["event_id"] for i in queue["items"]], ["grave", "late"], "the graver first")
            self.assertEqual(control.post("/review/late", {"assignee": "ai-safety"}).json["status"], "assigned")
            self.assertEqual(control.get("/review-queue?state=assigned").json["items"][0]["assignee"], "ai-safety")
            self.assertEqual(control.post("/review/late", {"decision": "maybe"}).status, 422)
            self.assertEqual(control.post("/review/nowhere", {"decision": "block"}).status, 404)
            replies = []
            threads = [threading.Thread(target=lambda: replies.append(control.post("/review/late?decision=block", {"decision": "allow"})))
                       for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sorted(r.status for r in replies), [200, 409, 409, 409])
            self.assertEqual(next(r.json for r in replies if r.status == 200)["decision"], "allow", "the body wins")
            item = control.get("/review/late").json
            self.assertEqual((item["state"], item["decision"]), ("decided", "allow"))
            self.assertEqual([act["type"] for act in item["trail"]], ["review_assigned", "review_decided"])
            control.stop()
            control.start()
            self.assertEqual(control.get("/review/late").json["state"], "decided", "it outlives a restart")

    def test_a_threshold_changes_with_a_decision_and_stays(self):
        with Control() as control:
            control.ingest(event(event_id="a", tier="enterprise", risk_scores={"cbrn": .19}))
            before = control.get("/thresholds").json
            for value, category in ((.09, "cbrn"), (.19, "jailbreak")):
                low = control.post("/review/a", {"decision": "allow", "update_policy": True, "category": category, "new_threshold": value})
                self.assertEqual(low.status, 422)
                self.assertIn("floor", low.json["error"]["message"])
            self.assertEqual(control.post("/review/a", {"decision": "allow", "update_policy": True}).status, 422)
            done = control.post("/review/a", {"decision": "allow", "update_policy": True, "category": "cbrn", "new_threshold": .22,
                                              "notes": "a chemistry course"})
            self.assertEqual(done.status, 200, done)
            self.assertEqual((done.json["old_threshold"], done.json["new_threshold"], done.json["tier"]), (.18, .22, "enterprise"))
            now = control.get("/thresholds").json
            self.assertEqual(now["risk_thresholds"]["cbrn"], {**before["risk_thresholds"]["cbrn"], "enterprise": .22})
            self.assertEqual(now["policy_version"], done.json["policy_version"])
            self.assertNotEqual(now["policy_version"], before["policy_version"])
            self.assertEqual(control.ingest(event(tier="enterprise", risk_scores={"cbrn": .19}))["actions"]["allow"], 1)
            change = next(e for e in control.log() if e.get("type") == "policy")
            self.assertEqual((change["old_threshold"], change["new_threshold"], change["event_id"]), (.18, .22, "a"))
            control.stop()
            control.start()
            self.assertEqual(control.get("/thresholds").json["policy_version"], now["policy_version"])
            listed = control.get("/thresholds/history").json["changes"]
            self.assertEqual([(c["old_threshold"], c["new_threshold"], c["tier"], c["rolls_back"]) for c in listed], [(.18, .22, "enterprise", None)])
            self.assertEqual(control.post("/thresholds/rollback", {"change": 10 ** 6}).status, 404)
            back = control.post("/thresholds/rollback", {"change": listed[0]["index"]})
            self.assertEqual((back.status, back.json["old_threshold"], back.json["new_threshold"]), (200, .22, .18))
            self.assertEqual(control.get("/thresholds").json["risk_thresholds"], before["risk_thresholds"])
            self.assertEqual(control.post("/thresholds/rollback", {"change": listed[0]["index"]}).status, 409, "it is undone")
            self.assertEqual(control.post("/thresholds/rollback", b"").json["new_threshold"], .22, "what was undone can be, too")
            changes = control.get("/thresholds/history").json["changes"]
            self.assertEqual([c["rolls_back"] for c in changes], [changes[1]["index"], listed[0]["index"], None])


class TwoReviewers(unittest.TestCase):
    SECRET = "7c1d0f6a4be94c0f8d2b6a17e35f9c84aa10b7d2"

    def setUp(self):
        with open(harness.SHIPPED, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("second_reviewer: never", text)
        policy = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), "policy.yaml")
        with open(policy, "w", encoding="utf-8") as file:
            file.write(text.replace("second_reviewer: never", "second_reviewer: threshold_changes"))
        self.control = self.enterContext(Control(env={"ENABLE_AUTH": "true", "JWT_SECRET_KEY": self.SECRET, "PAC_CONFIG": policy}))
        self.control.ingest(*(event(event_id=name, tier="enterprise", risk_scores={"cbrn": .19}) for name in "abc"), headers=self.of("app", "service"))

    def of(self, user, role="reviewer"):
        claims = {"sub": user, "org": "acme", "roles": [role], "exp": time.time() + 600}
        return {"Authorization": "Bearer " + harness.token(claims, self.SECRET)}

    def say(self, who, name, **body):
        return self.control.post(f"/review/{name}", body, self.of(who))

    CHANGE = {"decision": "allow", "update_policy": True, "category": "cbrn", "new_threshold": .22, "notes": "a chemistry course"}

    def threshold(self):
        return self.control.get("/thresholds", headers=self.of("ann")).json["risk_thresholds"]["cbrn"]["enterprise"]

    def test_a_threshold_changes_when_somebody_else_confirms(self):
        proposed = self.say("ann", "a", **self.CHANGE)
        self.assertEqual((proposed.status, proposed.json["status"], proposed.json["policy_updated"]), (202, "proposed", False))
        self.assertEqual(self.threshold(), .18)
        shown = self.control.get("/review/a", headers=self.of("ann")).json
        self.assertEqual((shown["state"], shown["proposal"]["new_threshold"], shown["proposal"]["decision"]), ("open", .22, "allow"))
        self.assertEqual(self.say("bob", "a", **self.CHANGE).status, 409, "one proposal at a time")
        self.assertEqual(self.say("ann", "a", second="confirm").status, 403, "nobody confirms what is his own")
        self.assertEqual(self.say("bob", "a", second="confirm", notes="x", decision="block").status, 422, "it is confirmed as it is")
        done = self.say("bob", "a", second="confirm")
        self.assertEqual((done.status, done.json["status"], done.json["new_threshold"]), (200, "reviewed", .22))
        self.assertEqual(self.threshold(), .22)
        decided, changed = (next(e for e in self.control.log() if e.get("type") == kind) for kind in ("review_decided", "policy"))
        for entry in decided, changed:
            self.assertTrue(entry["seconded_by"] and entry["actor"] and entry["seconded_by"] != entry["actor"])
        self.assertEqual(self.say("cy", "a", second="confirm").status, 409)

    def test_it_can_be_rejected_and_what_changes_nothing_needs_one_person(self):
        self.assertEqual(self.say("ann", "b", **self.CHANGE).status, 202)
        self.assertEqual(self.say("bob", "b", second="reject").json["status"], "rejected")
        self.assertEqual(self.say("bob", "b", second="confirm").status, 409, "there is nothing left")
        self.assertEqual(self.threshold(), .18)
        self.assertEqual(self.say("bob", "b", decision="block").json["status"], "reviewed")


class Released(unittest.TestCase):
    def test_what_is_withheld_is_let_go_or_kept_by_the_decision(self):
        with Control() as control:
            words = "My address is jo@example.com. What about it?"
            control.ingest(*(event(event_id=name, tier="enterprise", prompt=words, lawful_basis="consent", risk_scores={"cbrn": .19})
                             for name in ("let-go", "kept", "open")))
            seen = control.get("/review/let-go/content")
            self.assertEqual(seen.status, 200, seen)
            self.assertEqual(seen.json["texts"], [{"segment": 0, "text": words.replace("jo@example.com", "[REDACTED:EMAIL_ADDRESS]")}])
            self.assertEqual(sum(e.get("type") == "content_read" for e in control.log()), 1, "who reads it is on record")
            waiting = control.get("/review/let-go/released").json
            self.assertEqual((waiting["released"], waiting["state"]), (False, "open"))
            self.assertNotIn("texts", waiting)
            for name, decision in (("let-go", "allow"), ("kept", "block")):
                self.assertEqual(control.post(f"/review/{name}", {"decision": decision}).status, 200)
            after = control.get("/review/let-go/released").json
            self.assertEqual((after["released"], after["decision"], len(after["texts"])), (True, "allow", 1))
            self.assertEqual(control.get("/review/kept/released").json["released"], False)
            self.assertEqual(control.get("/review/nowhere/released").status, 404)
            self.assertEqual(control.get("/review/nowhere/content").status, 404)


class Replayed(unittest.TestCase):
    def test_what_another_policy_would_have_decided(self):
        with Control(role="all") as control:
            for body in ({"prompt": "hello"}, {"prompt": "mail me at jo@example.com"}, {"prompt": "x", "context": {"jailbreak_score": .80000001}},
                         {"prompt": "mail me at jo@example.com", "context": {"lawful_basis": "contract", "tier": "enterprise"}}):
                request(control.gateway_port, "POST", "/filter/prompt", body)
            request(control.gateway_port, "POST", "/filter/output", {"output": "jo@example.com", "context": {"verbatim_ratio": .5}})
            control.ingest(*(event(event_id=f"{c}-{s}-{t}", tier=t, risk_scores={c: s}, timestamp="2026-03-01T12:00:00Z",
                                   **({"completion": "Their mail is jo@example.com"} if s > .2 else {}))
                             for c in ("cbrn", "jailbreak", "deception") for s in (.1, .16, .3, .6) for t in TIERS))
            same = control.post("/replay?days=3660", b"")
            self.assertEqual(same.status, 200, same)
            self.assertEqual((same.json["decisions"], same.json["changed"], same.json["not_replayed"]), (41, 0, {}))
            with open(harness.SHIPPED, encoding="utf-8") as file:
                laxer = file.read().replace("    general: 0.15\n", "    general: 0.17\n")
            path = control.write("laxer.yaml", laxer)
            yaml = {"Content-Type": "application/yaml"}
            there = control.post("/replay?from=2026-03-01&to=2026-03-02", laxer.encode(), yaml).json
            self.assertEqual((there["decisions"], there["changed"]), (36, 1))
            self.assertEqual(there["actions"], [{"from": "block", "to": "allow", "decisions": 1}])
            self.assertEqual(there["samples"][0]["event_id"], "cbrn-0.16-general")
            self.assertEqual(control.post("/replay?from=2026-03-02&to=2026-03-03", laxer.encode(), yaml).json["decisions"], 0)
            wrong = control.post("/replay", laxer.replace("action: block", "action: shrug").encode(), yaml)
            self.assertEqual(wrong.status, 422)
            self.assertIn("action", wrong.json["error"]["problems"][0])
            self.assertEqual(control.post("/replay?days=3&from=2026-03-01", b"").status, 422)
            told = run("policy", "replay", path, "--log", os.path.join(control.data, "log"), "--from", "2026-03-01", "--to", "2026-03-02",
                       "--format", "json")
            self.assertEqual(told.returncode, 1, "something would have been different")
            self.assertEqual({k: v for k, v in json.loads(told.stdout).items()},
                             {k: v for k, v in there.items() if k not in ("from", "to", "complete")})


class Whole(unittest.TestCase):
    def test_gateway_traffic_lands_in_the_same_place(self):
        with Control(role="all") as control:
            decision = request(control.gateway_port, "POST", "/filter/prompt", {"prompt": "hello"}).headers["x-decision-id"]
            eventually(lambda: control.get(f"/events/{decision}").status == 200, "the gateway's decision is in the store")
            self.assertEqual(control.get("/metrics").json["total_events"], 1)

    def test_a_gateway_answers_while_the_store_cannot_be_opened(self):
        with Control(role="all", env={"DATABASE_PATH": "/dev/null/store"}, ready=False) as control:
            eventually(lambda: "ready" in control.stderr(), "it started")
            eventually(lambda: request(control.gateway_port, "POST", "/filter/prompt", {"prompt": "hello"}).status == 200, "it answers")
            self.assertIn("the control plane does not run", control.stderr())

    def test_every_acknowledged_event_is_there_once_after_kill_9(self):
        rounds = int(os.environ.get("PLIMSOLL_CONTROL_KILLS", "3"))
        chance = random.Random(1)
        with Control() as control:
            acknowledged, number = set(), itertools.count()
            for _ in range(rounds):
                stop = threading.Event()

                def report():
                    while not stop.is_set():
                        ids = [f"k-{next(number)}" for _ in range(chance.randrange(1, 40))]
                        try:
                            if request(control.port, "POST", "/ingest", {"events": [event(event_id=i) for i in ids]}, timeout=5).status == 200:
                                acknowledged.update(ids)
                        except (OSError, harness.http.client.HTTPException):
                            return

                threads = [threading.Thread(target=report) for _ in range(3)]
                for thread in threads:
                    thread.start()
                stop.wait(chance.uniform(.2, .8))
                control.kill()
                stop.set()
                for thread in threads:
                    thread.join()
                control.start()
            logged = [e["event_id"] for e in harness.decisions(control.log())]
            self.assertEqual(len(logged), len(set(logged)))
            self.assertLessEqual(acknowledged, set(logged))
            total = eventually(lambda: (t := control.get("/metrics").json["total_events"]) >= len(logged) and t, "the store has them")
            self.assertEqual(total, len(logged))
            control.stop()
            log, store = os.path.join(control.data, "log"), os.path.join(control.data, "store.duckdb")
            verified = run("ledger", "verify", log)
            self.assertEqual(verified.returncode, 0, verified.stdout)
            control.start()
            time.sleep(2)  # what the start has written is under a checkpoint then
            eventually(lambda: harness.read_metrics(control.get("/metrics?format=prometheus").text)["plimsoll_store_lag_entries", ""] == 0,
                       "the store has all of it")
            control.kill()
            before = run("store", "status", "--log", log, "--database", store, "--digests")
            rebuilt = run("store", "rebuild", "--log", log, "--database", store)
            self.assertEqual(rebuilt.returncode, 0, rebuilt.stderr)
            after = run("store", "status", "--log", log, "--database", store, "--digests")
            self.assertEqual((before.returncode, after.returncode), (0, 0), before.stderr + after.stderr)
            self.assertIn("events", before.stdout)
            self.assertEqual(before.stdout, after.stdout, "the rebuilt store equals the old one")


if __name__ == "__main__":
    unittest.main()
