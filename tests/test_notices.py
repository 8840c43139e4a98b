"""Notices: what the log says reaches webhooks, Slack, PagerDuty and mail servers, signed, once per id, whatever happens."""
import base64
import datetime
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import os
import signal
import socketserver
import tempfile
import threading
import unittest

import harness
from harness import LOOPBACK, Control, Evidence, eventually, run

SECRET = "whsec_" + base64.b64encode(b"plimsoll-notices-test-key-0123456").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"the-key-before-the-present-one-00").decode()
ROUTING_KEY = "R0123456789ABCDEF0123456789ABCDE"
PLANTED = "planted-text-that-no-notice-may-say"


def event(**members):
    return {"user_id": "mallory@example.org", "org_id": "acme", "surface": "api", "tier": "general", "prompt": PLANTED, **members}


class Receiver:
    """An HTTP server that answers as it is told, and keeps what it got."""

    def __init__(self, answers=()):
        self.requests, self.answers, self.lock = [], list(answers), threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                with outer.lock:
                    answer = outer.answers.pop(0) if outer.answers else 200
                    outer.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body, answer))
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://{LOOPBACK}:{self.server.server_address[1]}"

    def bodies(self, taken=True):
        """Each notice that was taken, once (one whose answer was lost comes again, under its id); or all that came."""
        with self.lock:
            came = [json.loads(body) for _, _, body, answer in self.requests if not taken or answer == 200]
        return list({body["id"]: body for body in came}.values()) if taken else came

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class MailServer:
    """As much of RFC 5321 as a client can see; `refuse` maps a command's beginning to a reply, each once."""

    def __init__(self, refuse=()):
        self.messages, self.commands, self.refuse = [], [], list(refuse)
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 mail.test ESMTP\r\n")
                sender, recipients = None, []
                while line := self.rfile.readline():
                    command = line.decode().rstrip("\r\n")
                    outer.commands.append(command)
                    verb = command.split(" ")[0].upper()
                    said = next((r for r in outer.refuse if command.startswith(r[0])), None)
                    if said:
                        outer.refuse.remove(said)
                        self.wfile.write(said[1])
                    elif verb == "EHLO":
                        self.wfile.write(b"250-mail.test\r\n250-8BITMIME\r\n250 SIZE 1000000\r\n")
                    elif verb == "DATA":
                        self.wfile.write(b"354 go on\r\n")
                        data = b""
                        while (piece := self.rfile.readline()) != b".\r\n":
                            data += piece[1:] if piece.startswith(b".") else piece
                        outer.messages.append((sender, recipients, data))
                        self.wfile.write(b"250 queued\r\n")
                    elif verb == "QUIT":
                        self.wfile.write(b"221 bye\r\n")
                        return
                    else:
                        sender = command[11:-1] if verb == "MAIL" else sender
                        recipients = recipients + [command[9:-1]] if verb == "RCPT" else recipients
                        self.wfile.write(b"250 fine\r\n")

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer((LOOPBACK, 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server.server_address[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def verified(headers, body, secret):
    """As Standard Webhooks verifies: the id, a time of now, one of the signatures."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return expected in headers["webhook-signature"].split(" ")


def webhook(url, name="ops", **more):
    return {"name": name, "kind": "webhook", "url": url, "secret_env": "HOOK_SECRET", "allow_private": True, "every_s": 1, **more}


class Told:
    """A control plane whose notices go to these destinations."""

    def __init__(self, *destinations, role="control", env=None, kind=Control):
        self.folder = tempfile.TemporaryDirectory()
        config = written(self.folder.name, {"notices": destinations})
        secrets = {"HOOK_SECRET": SECRET, "PAGER_KEY": ROUTING_KEY, "SLACK_URL": "", **(env or {})}
        self.server = kind("--config", config, **({"role": role} if kind is Control else {}), env=secrets)

    def __enter__(self):
        return self.server

    def __exit__(self, *_):
        self.server.close()
        self.folder.cleanup()


def written(folder, configuration):
    path = os.path.join(folder, "plimsoll.yaml")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(configuration, file)
    return path


def notices(server):
    return [entry for entry in server.log() if entry.get("type") == "notice"]


class Delivered(unittest.TestCase):
    def test_a_webhook_is_signed_and_tells_no_text(self):
        with Receiver() as receiver, Told(webhook(receiver.url + "/hook?team=ai"), env={"HOOK_SECRET": f"{SECRET} {OLD_SECRET}"}) as control:
            control.ingest(event(event_id="grave", risk_scores={"cbrn": .9}))
            eventually(lambda: len(receiver.bodies()) >= 2, "both events arrive")
            by_event = {b["event"]: b for b in receiver.bodies()}
            self.assertEqual(set(by_event), {"risk_threshold_exceeded", "asl_trigger"})
            body = by_event["asl_trigger"]
            self.assertEqual((body["subject"], body["severity"], body["count"], body["data"]["tier"]), ("grave", "error", 1, "general"))
            self.assertEqual(body["data"]["scores"]["cbrn"], .9)
            entry = control.log()[body["log"]["index"]]
            self.assertEqual(entry["event_id"], "grave", "the entry it is about is where it says")
            for path, headers, raw, _ in receiver.requests:
                self.assertEqual(path, "/hook?team=ai")
                self.assertTrue(verified(headers, raw, SECRET))
                self.assertTrue(verified(headers, raw, OLD_SECRET), "two keys while they are exchanged")
                self.assertFalse(verified(headers, raw + b" ", SECRET))
                for secret in (PLANTED, "mallory", SECRET):
                    self.assertNotIn(secret.encode(), raw)
            recorded = eventually(lambda: len(n := notices(control)) == 2 and n, "what became of them is on record")
            self.assertEqual({(n["destination"], n["outcome"], n["status"], n["attempts"]) for n in recorded}, {("ops", "delivered", 200, 1)})
            self.assertEqual({n["notice_id"] for n in recorded}, {h["webhook-id"] for _, h, _, _ in receiver.requests})
            metrics = harness.read_metrics(control.get("/metrics?format=prometheus").text)
            self.assertEqual(metrics["plimsoll_notices", 'destination="ops",outcome="delivered"'], 2)

    def test_what_fails_is_tried_again_with_the_same_id(self):
        with Receiver([500, (429, {"Retry-After": "1"}), 200]) as receiver, \
                Told(webhook(receiver.url, events=["asl_trigger"])) as control:
            control.ingest(event(event_id="grave", risk_scores={"cbrn": .9}))
            entry = eventually(lambda: notices(control), "it is delivered")[0]
            self.assertEqual((entry["attempts"], entry["outcome"], entry["status"]), (3, "delivered", 200))
            self.assertEqual(len({h["webhook-id"] for _, h, _, _ in receiver.requests}), 1)

    def test_what_is_refused_is_not_tried_again_and_no_redirect_is_followed(self):
        with Receiver() as elsewhere, Receiver([(302, {"Location": elsewhere.url}), 404]) as receiver, \
                Told(webhook(receiver.url)) as control:
            control.ingest(event(event_id="grave", risk_scores={"cbrn": .9}))
            recorded = eventually(lambda: len(n := notices(control)) == 2 and n, "both are given up")
            self.assertEqual({(n["outcome"], n["status"], n["attempts"]) for n in recorded}, {("refused", 302, 1), ("refused", 404, 1)})
            self.assertEqual(elsewhere.requests, [])
            self.assertEqual(len(receiver.requests), 2)

    def test_a_storm_becomes_one_notice_with_a_count(self):
        with Receiver() as receiver, Told(webhook(receiver.url, events=["asl_trigger"], every_s=3600)) as control:
            control.ingest(event(event_id="first", risk_scores={"cbrn": .9}))
            eventually(receiver.bodies, "the first comes at once")
            for batch in range(5):
                control.ingest(*(event(event_id=f"{batch}-{n}", risk_scores={"cbrn": .9}) for n in range(1000)))
            eventually(lambda: self.position(control) >= 5001, "all of it was looked at")
            control.stop()
            self.assertEqual(len(receiver.bodies()), 1)
            folder = os.path.join(control.data, "notices")
            state = json.loads(open_text(os.path.join(folder, "state.json")))
            gathered = state["pending"][0]["notice"]
            self.assertEqual(gathered["count"], 5000)
            # An interval that is over, as the clock would have it.
            for quiet in state["quiet"]:
                quiet["until"] = "2020-01-01T00:00:00.000Z"
            with open(os.path.join(folder, "state.json"), "w", encoding="utf-8") as file:
                json.dump(state, file)
            control.start()
            eventually(lambda: len(receiver.bodies()) == 2, "what was gathered follows")
            second = receiver.bodies()[1]
            self.assertEqual((second["count"], len(set(second["subjects"]))), (5000, 10))

    @staticmethod
    def position(control):
        return harness.read_metrics(control.get("/metrics?format=prometheus").text)["plimsoll_notice_position", ""]

    def test_slack_pagerduty_and_mail_get_it_in_their_words(self):
        with Receiver() as slack, Receiver([202, 202, 202]) as pager, MailServer() as mail, Told(
                {"name": "chat", "kind": "slack", "url_env": "SLACK_URL", "allow_private": True, "events": ["asl_trigger"]},
                {"name": "pager", "kind": "pagerduty", "url": pager.url + "/v2/enqueue", "secret_env": "PAGER_KEY",
                 "allow_private": True, "events": ["asl_trigger"], "link_base": "https://control.example.org"},
                {"name": "mail", "kind": "email", "host": LOOPBACK, "port": mail.port, "from": "plimsoll@example.org",
                 "to": ["a@example.org", "b@example.org"], "events": ["asl_trigger"]},
                env={"SLACK_URL": slack.url + "/services/T/B/secretpath"}) as control:
            control.ingest(event(event_id="<!here> & .ünï`", risk_scores={"autonomous_research": .9}))
            eventually(lambda: slack.requests and pager.requests and mail.messages, "all three get it")
            chat = json.loads(slack.requests[0][2])
            self.assertEqual(slack.requests[0][0], "/services/T/B/secretpath")
            self.assertEqual([b["type"] for b in chat["blocks"]], ["header", "section", "context"])
            self.assertNotIn("<!here>", json.dumps(chat))
            self.assertIn("&lt;!here&gt; &amp;", chat["blocks"][1]["text"]["text"])
            page = json.loads(pager.requests[0][2])
            self.assertEqual((page["routing_key"], page["event_action"]), (ROUTING_KEY, "trigger"))
            self.assertEqual((page["payload"]["severity"], page["payload"]["class"]), ("critical", "asl_trigger"))
            self.assertTrue(page["client_url"].startswith("https://control.example.org/review/%3C%21here%3E"))
            sender, recipients, raw = mail.messages[0]
            self.assertEqual((sender, recipients), ("plimsoll@example.org", ["a@example.org", "b@example.org"]))
            self.assertTrue(all(len(line) <= 78 for line in raw.split(b"\r\n")))
            message = email.message_from_bytes(raw, policy=email.policy.default)
            self.assertEqual(message["To"], "a@example.org, b@example.org")
            self.assertIn("critical: ASL-4 trigger", message["Subject"])
            self.assertIn("subject: <!here> & .ünï`", message.get_content())
            self.assertEqual(message.defects, [])
            everything = raw + slack.requests[0][2] + pager.requests[0][2]
            for secret in (PLANTED, "mallory"):
                self.assertNotIn(secret.encode(), everything)
            eventually(lambda: len(notices(control)) == 3, "all on record")
            kept = harness.read_tree(control.data) + control.stderr().encode()
            for secret in ("secretpath", ROUTING_KEY, SECRET):
                self.assertNotIn(secret.encode(), kept)

    def test_mail_that_is_put_off_comes_later_and_mail_that_is_refused_does_not(self):
        with MailServer([("RCPT", b"451 later\r\n")]) as mail, Told(
                {"name": "mail", "kind": "email", "host": LOOPBACK, "port": mail.port, "from": "p@example.org", "to": ["a@example.org"],
                 "events": ["asl_trigger"], "every_s": 1}) as control:
            control.ingest(event(event_id="one", risk_scores={"cbrn": .9}))
            entry = eventually(lambda: notices(control), "the second attempt is taken")[0]
            self.assertEqual((entry["outcome"], entry["status"], entry["attempts"]), ("delivered", 250, 2))
            mail.refuse.append(("MAIL", b"550-no\r\n550 never\r\n"))
            control.ingest(event(event_id="two", risk_scores={"cbrn": .9}))
            entry = eventually(lambda: len(n := notices(control)) == 2 and n, "the third is refused")[1]
            self.assertEqual((entry["outcome"], entry["status"]), ("refused", 550))


class Survives(unittest.TestCase):
    def test_kill_9_loses_no_notice(self):
        rounds = 4
        with Receiver([503] * 6) as receiver, Told(webhook(receiver.url, events=["asl_trigger"])) as control:
            for number in range(rounds):
                control.ingest(event(event_id=f"k-{number}", risk_scores={"cbrn": .9}))
                threading.Event().wait(.1 * number)
                control.kill()
                control.start()
            wanted = {f"k-{number}" for number in range(rounds)}
            eventually(lambda: {s for b in receiver.bodies() for s in b["subjects"]} >= wanted, "every trigger is told", seconds=60)
            by_id = {}
            for body in receiver.bodies(taken=False):
                by_id.setdefault(body["id"], set()).add(json.dumps(body, sort_keys=True))
            self.assertEqual({len(bodies) for bodies in by_id.values()}, {1}, "the same id is the same notice")

    def test_a_slow_destination_holds_up_no_other_and_no_stop(self):
        class Slow(socketserver.BaseRequestHandler):
            def handle(self):
                threading.Event().wait(8)
        with socketserver.ThreadingTCPServer((LOOPBACK, 0), Slow) as slow, Receiver() as receiver:
            slow.daemon_threads = True
            threading.Thread(target=slow.serve_forever, daemon=True).start()
            with Told(webhook(f"http://{LOOPBACK}:{slow.server_address[1]}", name="slow"), webhook(receiver.url, name="fast")) as control:
                control.ingest(event(event_id="grave", risk_scores={"cbrn": .9}))
                eventually(lambda: len(receiver.bodies()) == 2, "the other has it", seconds=5)
                control.signal(signal.SIGTERM)
                self.assertEqual(control.wait(5), 0)
            slow.shutdown()

    def test_private_addresses_are_refused_unless_they_are_allowed(self):
        told = [dict(webhook("https://localhost:1", name="a"), allow_private=False), dict(webhook("https://[::ffff:169.254.169.254]/x", name="b"),
                                                                                          allow_private=False),
                dict(webhook("http://example.org", name="c"), allow_private=False)]
        with tempfile.TemporaryDirectory() as folder:
            for destination, word in zip(told, ("localhost", "169.254.169.254", "must be https")):
                config = written(folder, {"notices": [destination]})
                checked = run("config", "check", config, env={"HOOK_SECRET": SECRET}, cwd=folder)
                self.assertEqual(checked.returncode, 2, checked.stdout)
                self.assertIn(word, checked.stderr)
            # A name that only means something private once it is looked up.
            hidden = dict(webhook("https://ip6-localhost:1", name="d"), allow_private=False)
            config = written(folder, {"notices": [hidden]})
            sent = run("notices", "test", "d", "--config", config, env={"HOOK_SECRET": SECRET}, cwd=folder)
            self.assertEqual(sent.returncode, 1)
            self.assertRegex(sent.stderr, "no public address|looking up")


class Asked(unittest.TestCase):
    def test_a_test_notice_prints_what_the_other_side_said(self):
        with Receiver([200, 403]) as receiver, tempfile.TemporaryDirectory() as folder:
            config = written(folder, {"notices": [webhook(receiver.url)]})
            asked = [run("notices", "test", "ops", "--config", config, env={"HOOK_SECRET": SECRET}) for _ in range(2)]
            self.assertEqual([a.returncode for a in asked], [0, 1], asked)
            self.assertIn("delivered: 200 ok", asked[0].stdout)
            self.assertIn("403", asked[1].stderr)
            self.assertEqual(receiver.bodies(taken=False)[0]["event"], "test")
            missing = run("notices", "test", "nobody", "--config", config, env={"HOOK_SECRET": SECRET})
            self.assertEqual(missing.returncode, 2)
            self.assertIn("ops", missing.stderr)

    def test_what_is_wrong_is_told_at_once_and_no_secret_with_it(self):
        wrong = [{"name": "Ops", "kind": "webhook", "url": "https://example.org"},
                 {"name": "chat", "kind": "slack"},
                 {"name": "mail", "kind": "email", "host": "mail.example.org", "from": "a b@example.org", "to": ["x@y\r\nBcc: z@y"]},
                 {"name": "page", "kind": "pagerduty", "secret_env": "SHORT"},
                 {"name": "hook", "kind": "webhook", "url": "https://example.org", "secret_env": "PLAIN"}]
        with tempfile.TemporaryDirectory() as folder:
            config = written(folder, {"notices": wrong})
            checked = run("config", "check", config, env={"SHORT": "short-routing", "PLAIN": "plain-secret"},
                          cwd=folder)
            self.assertEqual(checked.returncode, 2)
            for word in ("'name' must", "'secret' is missing", "chat: 'url' must be set", "'from' must", "'to' has an item", "routing key",
                         "whsec_"):
                self.assertIn(word, checked.stderr)
            for secret in ("short-routing", "plain-secret"):
                self.assertNotIn(secret, checked.stderr + checked.stdout)
            config = written(folder, {"notices": [webhook("https://hooks.example.org/T/secretpath")]})
            shown = run("config", "show", config, env={"HOOK_SECRET": SECRET})
            self.assertIn("ops: webhook https://hooks.example.org, every event", shown.stdout)
            self.assertNotIn("secretpath", shown.stdout)
            self.assertNotIn(SECRET, shown.stdout)


class FromElsewhere(unittest.TestCase):
    def test_incidents_and_failed_merge_checks_are_told_and_incidents_resolved(self):
        with Receiver() as receiver, Receiver([202] * 9) as pager, Told(
                webhook(receiver.url),
                {"name": "pager", "kind": "pagerduty", "url": pager.url, "secret_env": "PAGER_KEY", "allow_private": True},
                kind=Evidence) as service:
            made = service.post("/incident", {"severity": "sev1", "description": PLANTED}).json
            service.submit(metadata={"status": "fail", "violations": ["pass_at_5"], "warnings": []})
            eventually(lambda: {b["event"] for b in receiver.bodies()} == {"incident_opened", "policy_fail"}, "both are told")
            opened = next(b for b in receiver.bodies() if b["event"] == "incident_opened")
            self.assertEqual((opened["subject"], opened["severity"], opened["path"]), (made["id"], "critical", "/incident/" + made["id"]))
            eventually(lambda: len(pager.requests) == 2, "the pager, too")
            for state in ("INVESTIGATING", "MITIGATED", "RESOLVED"):
                self.assertEqual(service.post("/incident/" + made["id"], {"status": state}).status, 200)
            eventually(lambda: len(pager.requests) == 3, "it is resolved there")
            pages = [json.loads(r[2]) for r in pager.requests]
            self.assertEqual(pages[-1]["event_action"], "resolve")
            self.assertIn(pages[-1]["dedup_key"], [p["dedup_key"] for p in pages[:2]])
            self.assertEqual(len(receiver.bodies()), 2, "others are told of what begins")
            for _, _, raw, _ in receiver.requests + pager.requests:
                self.assertNotIn(PLANTED.encode(), raw)


class Due(unittest.TestCase):
    """What nobody did in time. The clock is set back where something has to be old."""

    @staticmethod
    def long_ago(days):
        return {"LD_PRELOAD": os.environ["PLIMSOLL_OLD_CLOCK"], "OLD_CLOCK_DAYS": str(days)}

    def test_a_review_that_is_overdue_is_recorded_once_and_told(self):
        with Receiver() as receiver, Told(webhook(receiver.url, events=["review_overdue"]), env=self.long_ago(3)) as control:
            control.ingest(event(event_id="late", tier="enterprise", risk_scores={"cbrn": .19}),
                           event(event_id="decided", tier="enterprise", risk_scores={"cbrn": .19}))
            self.assertEqual(control.post("/review/decided", {"decision": "block"}).status, 200)
            control.stop()
            for name in self.long_ago(3):
                del control.env[name]
            for _ in range(2):
                control.start()
                eventually(lambda: receiver.bodies(), "it is told")
                eventually(lambda: harness.read_metrics(control.get("/metrics?format=prometheus").text)["plimsoll_reviews_overdue", ""] == 1,
                           "the gauge shows it")
                control.stop()
            entries = [e for e in control.log() if e.get("type") == "review_overdue"]
            self.assertEqual([(e["event_id"], e["tier"], e["category"], e["state"]) for e in entries], [("late", "enterprise", "cbrn", "open")])
            self.assertEqual([b["subject"] for b in receiver.bodies()], ["late"])
            self.assertNotIn("mallory", json.dumps(receiver.bodies()))

    def test_the_clocks_of_an_incident_run_are_told_and_are_met(self):
        with Receiver() as receiver, Told(webhook(receiver.url, events=["clock_due"]), kind=Evidence) as service:
            now = datetime.datetime.now(datetime.timezone.utc)
            aware = now - datetime.timedelta(hours=60)
            made = service.post("/incident", {"severity": "sev1", "description": PLANTED, "kinds": ["personal_data_breach", "death"],
                                              "aware_at": aware.isoformat()})
            self.assertEqual(made.status, 201, made)
            path = "/incident/" + made.json["id"]
            clocks = {c["id"]: c for c in service.get(path).json["clocks"]}
            self.assertEqual({i: c["state"] for i, c in clocks.items()},
                             {"review-24h": "overdue", "gdpr-33": "running", "eu-ai-act-73-10d": "running"})
            due = datetime.datetime.fromisoformat(clocks["gdpr-33"]["due"])
            self.assertLess(abs(due - aware - datetime.timedelta(hours=72)), datetime.timedelta(seconds=1))
            self.assertIn("2016/679", clocks["gdpr-33"]["source"])
            for body, status in (({"reported": "gdpr-33"}, 422), ({"reported": "nothing", "reference": "r"}, 422),
                                 ({"reported": "review-24h", "reference": "r"}, 422), ({"reported": "eu-ai-act-73-15d", "reference": "r"}, 422)):
                self.assertEqual(service.post(path, body).status, status, body)
            self.assertEqual(service.post("/incident", {"severity": "sev1", "description": "d", "aware_at": "2999-01-01T00:00:00Z"}).status, 422)
            service.stop()
            for _ in range(2):  # a look at each start
                service.start()
                eventually(lambda: sum(b["count"] for b in receiver.bodies()) == 2, "both are told")
                service.stop()
            service.start()
            entries = [(e["clock"], e["state"]) for e in service.log() if e.get("type") == "clock_due"]
            self.assertEqual(sorted(entries), [("gdpr-33", "approaching"), ("review-24h", "overdue")])
            done = service.post(path, {"reported": "gdpr-33", "reference": "DSB-2026/17"})
            self.assertEqual((done.status, done.json["state"], done.json["late"]), (200, "met", False), done)
            self.assertEqual(service.post(path, {"reported": "gdpr-33", "reference": "again"}).status, 409)
            self.assertEqual(service.post(path, {"status": "INVESTIGATING"}).status, 200)
            clocks = {c["id"]: c for c in service.get("/incident").json["items"][0]["clocks"]}
            self.assertEqual((clocks["gdpr-33"]["state"], clocks["gdpr-33"]["reference"]), ("met", "DSB-2026/17"))
            self.assertEqual((clocks["review-24h"]["state"], clocks["review-24h"]["late"]), ("met", True))
            service.stop()
            service.start()
            self.assertEqual({c["id"]: c["state"] for c in service.get(path).json["clocks"]},
                             {"gdpr-33": "met", "review-24h": "met", "eu-ai-act-73-10d": "running"}, "it outlives a restart")
            metrics = harness.read_metrics(service.get("/metrics").text)
            self.assertIn(("res_incident_clocks", 'state="running"'), metrics)
            self.assertNotIn(PLANTED, json.dumps(receiver.bodies()))


def open_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    unittest.main()
