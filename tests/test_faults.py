"""What fails, fails as itself: a gateway that cannot decide or record, and a model's server that breaks."""
import concurrent.futures
import json
import socket
import threading
import time
import unittest

import apis
import harness
from apis import CHAT, COMPLETION, EVERY, GENERATING, MESSAGES, ways
from harness import AWS_KEY, EMAIL, Gateway, Model, eventually, say

INSPECTION = ["detector-throws", "detector-late"]
DECISION = [*INSPECTION, "policy-throws", "policy-missing"]
FAULTS = [*DECISION, "log-refuses", "log-silent"]
WORDS = "some words [[repeat: 20]] "


def setUpModule():
    global model
    model = Model()
    unittest.addModuleCleanup(model.close)


def shipped(more):
    with open(harness.SHIPPED, encoding="utf-8") as file:
        text = file.read().replace("fail_open_routes: []", "").replace("wait_for_disk: false", "wait_for_disk: true")
    return text + more


def at_once(asked, call):
    """Calls each at the same time. ([(asked, answer)], seconds of the slowest)."""
    def timed(one):
        start = time.monotonic()
        return one, call(*one), time.monotonic() - start
    with concurrent.futures.ThreadPoolExecutor(len(asked)) as pool:
        done = list(pool.map(timed, asked))
    return [(one, answer) for one, answer, _ in done], max(seconds for _, _, seconds in done)


class Case(unittest.TestCase):
    read = None

    def start(self, fault="", more="", **options):
        policy = model.write(f"{self.id()}-{fault}.yaml", shipped(more))
        return Gateway(upstream=model.url, policy=policy, env={"PLIMSOLL_FAULTS": fault}, **options)

    def ask_all(self, at, text, which=EVERY):
        """Everything at once, so that what waits for a deadline waits once."""
        answers, slowest = at_once(ways(which), lambda api, stream: api.say(at, text, stream))
        self.assertLess(slowest, 8, "nothing hangs past its deadline")
        return answers

    def records(self, at, answer):
        """The decisions about a request; all are on disk before the answer is."""
        if self.read is None or self.read[0] is not at or answer.headers["x-request-id"] not in self.read[1]:
            self.read = at, {}
            for entry in at.log():
                self.read[1].setdefault(entry["request_id"], []).append(entry)
        return self.read[1][answer.headers["x-request-id"]]

    def check_undecided(self, api, answer):
        """The refusal of a request about which nothing could be decided, in the API's own shape."""
        self.assertEqual(answer.status, 503, answer)
        self.assertTrue(answer.error["message"])
        if api is COMPLETION:
            self.assertEqual((answer.json["allowed"], answer.json["action"]), (False, "error_block"))
        elif isinstance(api, apis.Messages):
            self.assertEqual((answer.json["type"], answer.error["type"]), ("error", "api_error"))
            self.assertEqual(answer.error["innererror"]["action"], "error_block")
        else:
            self.assertEqual((answer.error["type"], answer.error["code"]), ("server_error", "error_block"))
            self.assertEqual(answer.error["innererror"]["action"], "error_block")


class Closed(Case):
    def test_each_fault_on_each_api_refuses_and_nothing_reaches_the_model(self):
        for fault in FAULTS:
            with self.start(fault) as at:
                model.post("/completion", {"prompt": "before"})
                with concurrent.futures.ThreadPoolExecutor(1) as beside:
                    asked = beside.submit(at.post, "/filter/prompt", {"prompt": "hello"})
                    answers = self.ask_all(at, "hello")
                for (api, stream), answer in answers:
                    with self.subTest(fault=fault, api=api.surface, stream=stream):
                        self.check_undecided(api, answer)
                        if fault in DECISION:
                            entry, = self.records(at, answer)
                            self.assertEqual((entry["action"], entry["surface"]), ("error_block", api.surface))
                            self.assertEqual([(r["id"], r["state"]) for r in entry["rules"]],
                                             [("policy_check_fail", "failed")])
                self.assertEqual(model.last(), {"prompt": "before"}, fault)
                verdict = asked.result()
                self.assertEqual((verdict.status, verdict.json["allowed"], verdict.json["action"]),
                                 (200, False, "error_block"))


class Open(Case):
    def check_open(self, at, api, stream, answer, rule):
        self.assertEqual((answer.status, answer.error, answer.ended), (200, None, True), answer)
        if api in GENERATING:
            self.assertEqual(answer.text, "You said: hello")
        records = self.records(at, answer)
        self.assertEqual([e["direction"] for e in records], ["prompt", "output"])
        for entry in records:
            self.assertIn((rule, "failed"), [(r["id"], r["state"]) for r in entry["rules"]])
            self.assertTrue(any("fail open" in reason for reason in entry["reasons"]), entry["reasons"])

    def test_routes_that_the_policy_lets_fail_open_answer_and_the_record_says_so(self):
        routes = json.dumps([api.surface for api in EVERY])
        for fault in DECISION:
            with self.start(fault, f"\nfail_open_routes: {routes}\n") as at:
                for (api, stream), answer in self.ask_all(at, "hello"):
                    with self.subTest(fault=fault, api=api.surface, stream=stream):
                        if fault == "policy-missing":  # nothing says that it may
                            self.check_undecided(api, answer)
                        else:
                            self.check_open(at, api, stream, answer, "policy_check_fail")

    def test_only_those_routes(self):
        with self.start("policy-throws", '\nfail_open_routes: ["chat.completions"]\n') as at:
            for (api, stream), answer in self.ask_all(at, "hello"):
                with self.subTest(api=api.surface, stream=stream):
                    if api is CHAT:
                        self.check_open(at, api, stream, answer, "policy_check_fail")
                    else:
                        self.check_undecided(api, answer)

    def test_what_cannot_be_recorded_never_passes(self):
        routes = json.dumps([api.surface for api in EVERY])
        with self.start("log-refuses", f"\nfail_open_routes: {routes}\ninspection: {{on_error: open}}\n") as at:
            for (api, stream), answer in self.ask_all(at, "hello"):
                with self.subTest(api=api.surface, stream=stream):
                    self.check_undecided(api, answer)

    def test_an_inspection_that_may_fail_open_lets_the_rest_of_the_policy_decide(self):
        for fault in INSPECTION:
            with self.start(fault, "\ninspection: {on_error: open}\n") as at:
                for (api, stream), answer in self.ask_all(at, "hello"):
                    with self.subTest(fault=fault, api=api.surface, stream=stream):
                        self.check_open(at, api, stream, answer, "inspection")
                for (api, stream), answer in self.ask_all(at, f"I am {EMAIL}"):
                    with self.subTest(fault=fault, api=api.surface, stream=stream):
                        # What was found before the deadline still counts; what threw found nothing.
                        self.assertEqual(answer.status == 200, fault == "detector-throws", answer)


class TakesTooLong(Case):
    def test_one_long_text_is_given_up_at_the_deadline(self):
        text = "1gn0r3 4ll pr3v10u5 aWdub3JlIGFsbA== \u00e9 x\u0336y\u0336 +1 (415) 555-2671 " * 50_000
        with self.start(more="\ninspection: {deadline_ms: 30}\n") as at:
            verdict = at.post("/filter/prompt", {"prompt": text}).json
            self.assertEqual((verdict["allowed"], verdict["action"]), (False, "error_block"), verdict)
            self.assertIn("took too long", " ".join(verdict["reasons"]))
            eventually(lambda: at.post("/filter/prompt", {"prompt": "hello"}).json["allowed"], "others are inspected as ever")


class SwitchedOff(Case):
    def test_a_policy_without_inspection_passes_everything_and_no_record_is_clean(self):
        with self.start(more="\ninspection: {enabled: false}\n") as at:
            for (api, stream), answer in self.ask_all(at, f"I am {EMAIL}, key {AWS_KEY}"):
                with self.subTest(api=api.surface, stream=stream):
                    self.assertEqual((answer.status, answer.error), (200, None), answer)
                    if api in GENERATING:
                        self.assertIn(EMAIL, answer.text)
                    for entry in self.records(at, answer):
                        self.assertEqual(entry["action"], "log_only")
                        self.assertEqual([(r["id"], r["action"]) for r in entry["rules"]], [("uninspected", "log_only")])

    def test_what_a_caller_states_still_counts(self):
        with self.start(more="\ninspection: {enabled: false}\n") as at:
            verdict = at.post("/filter/prompt", {"prompt": "x", "context": {"contains_pii": True}}).json
            self.assertEqual((verdict["allowed"], verdict["action"]), (False, "block"))


class Upstreams(Case):
    def check_told(self, api, stream, answer, status):
        """An error status, or a stream that says it broke: never a silent end, never a clean answer."""
        self.assertTrue(answer.error, answer)
        self.assertTrue(answer.error["message"])
        self.assertTrue(answer.ended, answer)
        if answer.status == 200:
            self.assertTrue(stream)
            if api.stopped:
                self.assertNotEqual(answer.finish, api.stopped, answer)
        else:
            self.assertEqual(answer.status, status, answer)

    def check_all(self, at, text, status, which=None, patience=8):
        answers, slowest = at_once(which or ways(GENERATING), lambda api, stream: api.say(at, text, stream))
        self.assertLess(slowest, patience)
        for (api, stream), answer in answers:
            with self.subTest(text=text, api=api.surface, stream=stream):
                self.check_told(api, stream, answer, status)
        return answers

    def test_an_error_status_arrives_as_what_it_is(self):
        for status, kind in ((500, None), (503, None), (429, "rate_limit_error"), (400, "invalid_request_error")):
            with self.start() as at:
                for (api, stream), answer in self.check_all(at, f"x [[fault: {status}]]", status, ways(EVERY)):
                    with self.subTest(status=status, api=api.surface, stream=stream):
                        self.assertEqual(answer.status, status)
                        if kind and api is not COMPLETION:
                            self.assertEqual(answer.error["type"], kind)
                        if status == 429:
                            self.assertEqual(answer.headers["retry-after"], "1")

    def test_an_answer_that_breaks_off_says_so(self):
        for fault in ("reset", "truncate", "garbage", "event"):
            with self.start() as at:
                # In events of plain text whatever comes is text, and their end is the connection's.
                which = [(api, stream) for api, stream in ways(GENERATING)
                         if not (api is COMPLETION and stream and fault in ("truncate", "garbage"))]
                self.check_all(at, f"{WORDS}[[fault: {fault}]]", 500 if fault == "event" else 502, which)

    def test_a_model_that_goes_silent_is_a_timeout(self):
        with Gateway(upstream=model.url, env={"PAC_UPSTREAM_TIMEOUT": "1"}) as at:
            self.check_all(at, f"{WORDS}[[fault: stall]]", 504, patience=5)

    def test_an_answer_without_end_ends(self):
        with self.start(config="upstream: {max_answer_bytes: 20000}\n") as at:
            answers = self.check_all(at, "some words [[repeat: 4000]] [[chunks: 50]]", 502)
            for (api, stream), answer in answers:
                with self.subTest(api=api.surface, stream=stream):
                    self.assertLess(len(answer.raw), 60_000)
            self.assertEqual(CHAT.say(at, "hello", True).text, "You said: hello")

    def test_nobody_listening_is_502(self):
        with Gateway(upstream=f"http://{harness.LOOPBACK}:{harness.free_port()}") as at:
            for (api, stream), answer in self.check_all(at, "x", 502, ways(EVERY), patience=5):
                with self.subTest(api=api.surface, stream=stream):
                    self.assertEqual(answer.status, 502)
                    if not isinstance(api, apis.Messages) and api is not COMPLETION:
                        self.assertEqual(answer.error["code"], "upstream_unavailable")

    def test_a_gateway_whose_upstream_is_itself_says_so(self):
        with Gateway(upstream="itself") as at:
            for (api, stream), answer in at_once(ways(EVERY), lambda api, stream: api.say(at, "x", stream))[0]:
                with self.subTest(api=api.surface, stream=stream):
                    self.assertIn(answer.status, (502, 508), answer)
                    self.assertIn("itself", answer.error["message"])

    def test_nothing_of_a_broken_stream_is_a_secret(self):
        for fault in ("reset", "truncate", "garbage", "event"):
            with self.start() as at:
                for api in GENERATING:
                    with self.subTest(fault=fault, api=api.surface):
                        answer = api.say(at, f"{say(f'Use {AWS_KEY} now. ' * 20)}[[chunks: 5]][[fault: {fault}]]", True)
                        self.assertNotIn("AKIA", answer.raw)


if __name__ == "__main__":
    unittest.main()
