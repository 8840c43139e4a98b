"""Who is let in, and who may do what."""
import base64
import concurrent.futures
import hashlib
import hmac
import json
import os
import re
import subprocess
import tempfile
import time
import unittest

import harness
from harness import eventually
from issuer import AUDIENCE, NAME, Issuer, Key, b64url, unsigned

SECRET = "0123456789abcdef0123456789abcdefXYZ"
ROLES = ["developer", "service", "reviewer", "compliance", "auditor", "admin"]
TABLE = json.loads(harness.run("roles", "--format", "json").stdout)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def token(**claims):
    given = {"sub": "u-1", "org": "acme", "exp": int(time.time()) + 600, **claims}
    return harness.token({name: value for name, value in given.items() if value is not None}, SECRET)


def auth(**more):
    return {"ENABLE_AUTH": "true", "JWT_SECRET_KEY": SECRET, **more}


class EveryRole(unittest.TestCase):
    """Generated from the table: every route, with every role, with none, and without a token."""

    @classmethod
    def setUpClass(cls):
        cls.server = harness.Control(role="all", env=auth())
        cls.addClassCleanup(cls.server.close)
        cls.ports = {"gateway": cls.server.gateway_port, "evidence": cls.server.evidence_port, "control": cls.server.port}
        eventually(lambda: harness.request(cls.ports["evidence"], "GET", "/readyz").status == 200, "evidence is ready")

    def ask(self, row, headers):
        path = row["path"].replace("{id}", "x")
        body = None if row["method"] in ("GET", "DELETE") else {}
        return harness.request(self.ports[row["listener"]], row["method"], path, body, headers)

    def test_may_do_what_the_table_says_and_nothing_else(self):
        self.assertGreater(len(TABLE), 60)
        for row in TABLE:
            for role in ROLES:
                with self.subTest(row=f"{row['listener']} {row['method']} {row['path']}", role=role):
                    reply = self.ask(row, bearer(token(roles=[role])))
                    if row["open"] or role in row["roles"]:
                        self.assertNotIn(reply.status, (401, 403), reply)
                    else:
                        self.assertEqual(reply.status, 403, reply)
                        self.assertIn(f'scope="plimsoll:{row["scope"]}"', reply.headers["www-authenticate"])

    def test_needs_a_token_where_a_route_is_not_open(self):
        for row in TABLE:
            with self.subTest(row=f"{row['listener']} {row['method']} {row['path']}"):
                reply = self.ask(row, {})
                if row["open"]:
                    self.assertNotIn(reply.status, (401, 403), reply)
                else:
                    self.assertEqual(reply.status, 401, reply)
                    self.assertEqual(reply.headers["www-authenticate"], "Bearer")

    def test_is_narrowed_by_a_scope(self):
        for row in TABLE:
            if row["open"]:
                continue
            with self.subTest(row=f"{row['listener']} {row['method']} {row['path']}"):
                self.assertNotIn(self.ask(row, bearer(token(roles="admin", scope=f"openid plimsoll:{row['scope']}"))).status,
                                 (401, 403))
                self.assertEqual(self.ask(row, bearer(token(roles="admin", scope="plimsoll:other"))).status, 403)

    def test_is_refused_in_the_shape_that_clients_expect(self):
        auditor = token(roles="auditor")
        chat = harness.request(self.ports["gateway"], "POST", "/v1/chat/completions", {}, bearer(auditor))
        self.assertEqual((chat.status, chat.json["error"]["code"]), (403, "insufficient_permissions"))
        messages = harness.request(self.ports["gateway"], "POST", "/v1/messages", {}, {"x-api-key": auditor})
        self.assertEqual((messages.status, messages.json["type"], messages.json["error"]["type"]),
                         (403, "error", "permission_error"))
        messages = harness.request(self.ports["gateway"], "POST", "/v1/messages", {}, {"x-api-key": "sk-ant-nothing"})
        self.assertEqual((messages.status, messages.json["error"]["type"]), (401, "authentication_error"))
        for listener, path in (("evidence", "/exports/audit"), ("control", "/events")):
            no = harness.request(self.ports[listener], "GET", path, headers=bearer(token(roles="service")))
            self.assertEqual((no.status, no.json["error"]["type"]), (403, "permission_error"))
            no = harness.request(self.ports[listener], "GET", path)
            self.assertEqual((no.status, no.json["error"]["type"]), (401, "authentication_error"))


class Tokens(unittest.TestCase):
    """Of an issuer whose keys are public."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.keys = {alg: Key(cls.folder, f"k-{alg}", alg) for alg in ("RS256", "ES256", "EdDSA")}
        cls.issuer = Issuer(*cls.keys.values())
        cls.addClassCleanup(cls.issuer.close)
        cls.config = "auth: {jwks_refresh_s: 600, jwks_least_interval_s: 2}\n"
        cls.gateway = harness.Gateway(config=cls.config, env=cls.environment())
        cls.addClassCleanup(cls.gateway.close)
        eventually(lambda: cls.ask_at(cls.gateway, cls.keys["EdDSA"].token()).status == 200, "the keys are fetched")

    @classmethod
    def environment(cls, **more):
        return {"ENABLE_AUTH": "true", "JWT_JWKS_URL": cls.issuer.url, "JWT_ISSUER": NAME, "JWT_AUDIENCE": AUDIENCE, **more}

    @staticmethod
    def ask_at(gateway, shown, **body):
        return gateway.post("/filter/prompt", {"prompt": "hello", **body}, bearer(shown))

    def ask(self, shown):
        return self.ask_at(self.gateway, shown)

    def refused(self, shown, why):
        reply = self.ask(shown)
        self.assertEqual(reply.status, 401, why)
        self.assertEqual(reply.json["error"]["code"], "invalid_api_key")
        self.assertNotIn(shown.split(".")[0], reply.text)

    def test_of_each_algorithm_are_let_in(self):
        for alg, key in self.keys.items():
            with self.subTest(alg):
                reply = self.ask(key.token(org="acme", tier="enterprise"))
                self.assertEqual(reply.status, 200, reply)
                caller = self.gateway.entry(reply.headers["x-decision-id"])["caller"]
                self.assertEqual((caller["org"], caller["tier"], caller["authenticated"]), ("acme", "enterprise", True))

    def test_that_are_wrong_are_refused(self):
        now = int(time.time())
        for alg, key in self.keys.items():
            stranger = Key(self.folder, key.kid + ".stranger", alg)
            stranger.kid = key.kid
            with self.subTest(alg):
                self.refused(key.token(exp=now - 60), "expired")
                self.refused(key.token(exp=None), "never expires")
                self.refused(key.token(nbf=now + 600), "not yet")
                self.refused(key.token(iat=now + 600), "of the future")
                self.refused(key.token(aud="another"), "audience")
                self.refused(key.token(aud=None), "no audience")
                self.refused(key.token(iss=NAME + ".evil"), "issuer")
                self.refused(key.token(iss=None), "no issuer")
                self.refused(stranger.token(), "a swapped key")
                self.refused(stranger.token({"jwk": stranger.jwk()}), "a key of its own")
                self.refused(stranger.token({"jku": "http://127.0.0.1:9/", "x5u": "http://127.0.0.1:9/"}), "a key elsewhere")
                self.refused(key.token({"crit": ["exp"]}), "an extension")
                head, claims, signature = key.token().split(".")
                self.refused(f"{head}.{claims}.", "unsigned")
                other = b64url(json.dumps({"iss": NAME, "aud": AUDIENCE, "sub": "u-2", "exp": now + 600}).encode())
                self.refused(f"{head}.{other}.{signature}", "changed")
                for none in ("none", "None", "NONE"):
                    text = unsigned({"alg": none, "kid": key.kid}, {"iss": NAME, "aud": AUDIENCE, "exp": now + 600})
                    self.refused(text + ".", none)
                    self.refused(f"{text}.{signature}", none)
                # HS256 under what everybody knows.
                text = unsigned({"alg": "HS256", "kid": key.kid}, {"iss": NAME, "aud": AUDIENCE, "exp": now + 600})
                for public in (key.pem, key.pem.strip(), json.dumps(key.jwk()), ""):
                    mac = hmac.new(public.encode(), text.encode(), hashlib.sha256).digest()
                    self.refused(f"{text}.{b64url(mac)}", "HS256 with a public key")
                for wrong in set(self.keys) - {alg}:
                    self.refused(self.keys[wrong].token({"kid": key.kid, "alg": alg}), "another's key")

    def test_name_roles_and_narrow_them(self):
        key = self.keys["EdDSA"]
        self.assertEqual(self.ask(key.token(roles=["auditor"])).status, 403)
        self.assertEqual(self.ask(key.token(roles=["auditor", "service"])).status, 200)
        self.assertEqual(self.ask(key.token(roles=["unheard-of"])).status, 200, "a developer's")
        self.assertEqual(self.ask(key.token(scope="plimsoll:models")).status, 403)

    def test_with_an_unknown_key_have_the_keys_fetched_but_not_again_and_again(self):
        time.sleep(2.1)
        unknown = Key(self.folder, "unheard-of", "ES256")
        asked = self.issuer.asked
        first = self.ask(unknown.token())
        self.assertEqual((first.status, first.headers["retry-after"]), (503, "1"))
        eventually(lambda: self.ask(unknown.token()).status == 401, "there is no such key")
        for _ in range(5):
            self.ask(unknown.token({"kid": os.urandom(4).hex()}))
        self.assertLessEqual(self.issuer.asked, asked + 2)

    def test_of_an_issuer_who_rotates_or_is_down(self):
        old, new = Key(self.folder, "old", "ES256"), Key(self.folder, "new", "ES256")
        with Issuer(old) as issuer:
            with harness.Gateway(config="auth: {jwks_refresh_s: 600, jwks_least_interval_s: 1}\n",
                                 env=self.environment(JWT_JWKS_URL=issuer.url)) as gateway:
                eventually(lambda: self.ask_at(gateway, old.token()).status == 200, "the old key is known")
                kept = old.token(jti="kept")
                self.assertEqual(self.ask_at(gateway, kept).status, 200)
                issuer.keys = [old, new]
                eventually(lambda: self.ask_at(gateway, new.token()).status == 200, "the new key is known")
                self.assertEqual(self.ask_at(gateway, kept).status, 200)
                # Down, or talking nonsense: what was good stays.
                for issuer.answer, issuer.body in ((500, None), (200, b"{"), (200, b'{"keys":[]}'), (200, b"x" * 300_000),
                                                   (200, json.dumps({"keys": [old.jwk(d="AQAB")]}).encode())):
                    time.sleep(1.1)
                    asked = issuer.asked
                    self.ask_at(gateway, Key(self.folder, "nobody", "ES256").token())
                    eventually(lambda: issuer.asked > asked, "it is asked")
                    for shown in (old.token(), new.token(), kept):
                        self.assertEqual(self.ask_at(gateway, shown).status, 200)
                self.assertGreaterEqual(gateway.metrics()["plimsoll_jwks_failures", ""], 4)
                # The old one is gone: also for tokens that were verified before.
                issuer.answer, issuer.body, issuer.keys = 200, None, [new]
                time.sleep(1.1)
                self.ask_at(gateway, Key(self.folder, "nobody2", "ES256").token())
                eventually(lambda: self.ask_at(gateway, kept).status in (401, 503), "the old key is gone")
                eventually(lambda: self.ask_at(gateway, kept).status == 401, "the old key is gone")
                self.assertEqual(self.ask_at(gateway, new.token()).status, 200)

    def test_before_the_keys_are_there_nobody_can_tell(self):
        with Issuer() as issuer:
            issuer.answer = 500
            with harness.Gateway(config="auth: {jwks_least_interval_s: 1}\n",
                                 env=self.environment(JWT_JWKS_URL=issuer.url)) as gateway:
                reply = self.ask_at(gateway, self.keys["RS256"].token())
                self.assertIn(reply.status, (401, 503))
                issuer.keys, issuer.answer = [self.keys["RS256"]], 200
                eventually(lambda: self.ask_at(gateway, self.keys["RS256"].token()).status == 200, "the keys are there")

    def test_of_keys_in_a_file_that_changes(self):
        one, two = Key(self.folder, "one", "EdDSA"), Key(self.folder, "two", "EdDSA")
        path = os.path.join(self.folder, "keys.json")

        def publish(*keys):
            with open(path + ".new", "w", encoding="utf-8") as file:
                json.dump({"keys": [key.jwk() for key in keys]}, file)
            os.replace(path + ".new", path)
        publish(one)
        env = self.environment(JWT_JWKS_FILE=path)
        del env["JWT_JWKS_URL"]
        with harness.Gateway(env=env) as gateway:
            self.assertEqual(self.ask_at(gateway, one.token()).status, 200)
            self.assertEqual(self.ask_at(gateway, two.token()).status, 401)
            publish(two)
            eventually(lambda: self.ask_at(gateway, two.token()).status == 200, "the file is read again")
            self.assertEqual(self.ask_at(gateway, one.token()).status, 401)

    def test_that_are_used_once(self):
        with harness.Evidence(env=self.environment(JWT_SINGLE_USE="true")) as evidence:
            key = self.keys["EdDSA"]
            eventually(lambda: evidence.get("/models", headers=bearer(key.token(jti=os.urandom(8).hex()))).status == 200,
                       "the keys are there")
            shown = key.token(jti="once")
            self.assertEqual(evidence.get("/models", headers=bearer(shown)).status, 200)
            replayed = evidence.get("/models", headers=bearer(shown))
            self.assertEqual((replayed.status, replayed.json["error"]["message"]), (401, "the token was used before"))
            self.assertEqual(evidence.get("/models", headers=bearer(key.token(jti="once"))).status, 401, "the id counts")
            self.assertEqual(evidence.get("/models", headers=bearer(key.token())).status, 401, "no id")
            data = b"an artifact"
            path = "/artifacts/" + hashlib.sha256(data).hexdigest()
            shown = key.token(jti="upload")
            self.assertEqual(harness.request(evidence.port, "PUT", path, data, bearer(shown)).status, 201)
            self.assertEqual(harness.request(evidence.port, "PUT", path, data, bearer(shown)).status, 401)

    def test_are_configured_with_care(self):
        for env, named in (({"JWT_JWKS_URL": "http://issuer.example/keys"}, "https"),
                           ({"JWT_JWKS_URL": "https://issuer.example/keys", "JWT_AUDIENCE": ""}, "JWT_AUDIENCE"),
                           ({"JWT_JWKS_URL": "https://u:p@issuer.example/keys"}, "credentials"),
                           ({"JWT_JWKS_FILE": "/nowhere"}, "keep one"),
                           ({"JWT_JWKS_URL": "", "JWT_JWKS_FILE": ""}, "JWT_SECRET_KEY")):
            with self.subTest(named), tempfile.TemporaryDirectory() as folder:
                done = harness.run("serve", "--role", "gateway", "--data", folder, env=self.environment(**env))
                self.assertEqual(done.returncode, 2)
                self.assertIn(named, done.stderr)


class Keys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Control(role="all", env=auth())
        cls.addClassCleanup(cls.server.close)
        cls.admin = bearer(token(sub="root-user", roles="admin"))

    def create(self, **what):
        reply = self.server.post("/keys", {"roles": ["service"], **what}, self.admin)
        self.assertEqual(reply.status, 201, reply)
        self.assertEqual(reply.headers["cache-control"], "no-store")
        return reply.json

    def filter(self, key, prompt="hello", **context):
        body = {"prompt": prompt, **({"context": context} if context else {})}
        return harness.request(self.server.gateway_port, "POST", "/filter/prompt", body, bearer(key))

    def acts(self, act):
        return harness.acts(self.server.log(), act)

    def test_open_what_their_roles_and_scopes_open(self):
        made = self.create(org="acme", tier="enterprise", lawful_basis="contract", scopes=["filter"], expires="1d", name="bot")
        self.assertRegex(made["key"], r"^plk_[0-9A-Za-z]{49}$")
        reply = self.filter(made["key"], "Write to jane.doe@example.com", tier="general", user_id="x", org_id="y",
                            lawful_basis=False)
        self.assertEqual((reply.status, reply.json["action"]), (200, "allow"))
        entry = eventually(lambda: next((e for e in harness.decisions(self.server.log())
                                         if e["decision_id"] == reply.headers["x-decision-id"]), None), "it is in the log")
        self.assertEqual(entry["caller"], {"authenticated": True, "lawful_basis": True, "org": "acme", "tier": "enterprise",
                                           "user": None})
        by_header = harness.request(self.server.gateway_port, "POST", "/filter/prompt", {"prompt": "x"},
                                    {"x-api-key": made["key"]})
        self.assertEqual(by_header.status, 200)
        for port, path in ((self.server.gateway_port, "/v1/chat/completions"), (self.server.port, "/ingest"),
                           (self.server.port, "/keys")):
            self.assertEqual(harness.request(port, "POST", path, {}, bearer(made["key"])).status, 403)

    def test_are_shown_once_listed_and_called_back(self):
        made = self.create(org="listed")
        mine = lambda: next(k for k in self.server.get("/keys", headers=self.admin).json["keys"] if k["id"] == made["id"])
        self.assertNotIn(made["key"], self.server.get("/keys", headers=self.admin).text)
        self.assertNotIn("hash", mine())
        self.assertIsNone(mine()["last_used"])
        self.assertEqual(self.filter(made["key"]).status, 200)
        self.assertIsNotNone(mine()["last_used"])
        gone = harness.request(self.server.port, "DELETE", "/keys/" + made["id"], headers=self.admin)
        self.assertEqual(gone.status, 200)
        self.assertIsNotNone(gone.json["revoked"])
        self.assertEqual(self.filter(made["key"]).status, 401, "at once")
        self.assertEqual(harness.request(self.server.port, "DELETE", "/keys/key-0", headers=self.admin).status, 404)
        created = [e for e in self.acts("api_key_created") if e["key_id"] == made["id"]]
        revoked = eventually(lambda: [e for e in self.acts("api_key_revoked") if e["key_id"] == made["id"]], "it is on record")
        self.assertEqual((len(created), len(revoked)), (1, 1))
        self.assertEqual(created[0]["actor"], revoked[0]["actor"])
        self.assertRegex(created[0]["actor"], r"^[0-9a-f]{64}$")

    def test_expire(self):
        self.assertEqual(self.server.post("/keys", {"roles": ["service"], "expires": "2001-01-01"}, self.admin).status, 422)
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
        made = self.create(expires=soon)
        self.assertEqual(self.filter(made["key"]).status, 200)
        eventually(lambda: self.filter(made["key"]).status == 401, "it expires")

    def test_that_nobody_made_are_refused(self):
        made = self.create()["key"]
        for wrong in (made[:-1] + ("a" if made[-1] != "a" else "b"), made[:10] + ("a" if made[10] != "a" else "b") + made[11:],
                      made.lower(), made + "a", "plk_", "plk_" + "a" * 49):
            reply = self.filter(wrong)
            self.assertEqual((reply.status, reply.json["error"]["code"]), (401, "invalid_api_key"))
        twice = harness.exchange(self.server.gateway_port, (
            "POST /filter/prompt HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {made}\r\nAuthorization: Bearer other\r\nContent-Length: 14\r\n\r\n"
            '{"prompt":"x"}').encode())[0]
        self.assertEqual(harness.statuses(twice), [401])

    def test_of_bad_wishes_are_not_made(self):
        for body, named in (({}, "roles"), ({"roles": ["root"]}, "roles"), ({"roles": ["service"], "tier": "gold"}, "tier"),
                            ({"roles": ["service"], "scopes": ["all"]}, "scopes"), ({"roles": ["service"], "x": 1}, "member"),
                            ({"roles": ["service"], "lawful_basis": "mine"}, "lawful_basis")):
            reply = self.server.post("/keys", body, self.admin)
            self.assertEqual(reply.status, 422)
            self.assertIn(named, reply.json["error"]["message"])
        self.assertEqual(self.server.post("/keys", b"{", self.admin).status, 422)

    def test_are_made_on_the_command_line_beside_the_server_and_by_other_servers(self):
        shared = os.path.join(self.server.data, "keys", "api-keys.json")
        with harness.Gateway(env=auth(API_KEYS_FILE=shared)) as other:
            done = harness.run("api-key", "create", "--role", "service", "--org", "cli", "--data", self.server.data, "--json",
                               env=auth())
            self.assertEqual(done.returncode, 0, done.stderr)
            made = json.loads(done.stdout)
            ask = lambda: other.post("/filter/prompt", {"prompt": "x"}, bearer(made["key"])).status
            eventually(lambda: self.filter(made["key"]).status == 200, "the server sees it")
            eventually(lambda: ask() == 200, "the other server sees it, too")
            listed = harness.run("api-key", "list", "--data", self.server.data, env=auth()).stdout
            self.assertIn(made["id"], listed)
            self.assertNotIn(made["key"], listed)
            done = harness.run("api-key", "revoke", made["id"], "--data", self.server.data, env=auth())
            self.assertEqual(done.returncode, 0, done.stderr)
            eventually(lambda: self.filter(made["key"]).status == 401, "the server sees it")
            eventually(lambda: ask() == 401, "the other server sees it, too")
            acts = [e["act"] for e in harness.acts(self.server.log() + other.entries()) if e.get("key_id") == made["id"]]
            self.assertEqual(sorted(acts), ["api_key_created", "api_key_revoked"], "once, wherever")

    def test_name_who_acts_in_the_log(self):
        reviewer = self.create(roles=["reviewer"])
        reporter = self.create(report_for=["elsewhere"])
        event = {"event_id": "to-review", "user_id": "u", "org_id": "elsewhere", "surface": "api", "tier": "enterprise",
                 "prompt": "hello", "risk_scores": {"cbrn": .5}}
        self.assertEqual(self.server.post("/ingest", {"events": [event]}, bearer(reporter["key"])).status, 200)
        decided = self.server.post("/review/to-review", {"decision": "block", "update_policy": True, "category": "cbrn",
                                                         "new_threshold": .22}, bearer(reviewer["key"]))
        self.assertEqual(decided.status, 200, decided)
        log = self.server.log()
        self.assertEqual([e["actor"] for e in log if e["type"] in ("review_decided", "policy")], [reviewer["id"]] * 2)
        self.assertEqual([e["reporter"] for e in harness.decisions(log) if e.get("event_id") == "to-review"], [reporter["id"]])
        incident = harness.request(self.server.evidence_port, "POST", "/incident", {"severity": "sev4", "description": "x"},
                                   bearer(reviewer["key"]))
        self.assertEqual(incident.status, 201)
        self.assertIn(reviewer["id"], [e["submitter"]["user"] for e in self.server.log() if e["type"] == "incident"])
        auditor = self.create(roles=["auditor"])
        self.assertEqual(self.server.get("/export/iso-evidence", headers=bearer(auditor["key"])).status, 200)
        eventually(lambda: [e for e in self.acts("export") if e["actor"] == auditor["id"]
                            and e["route"] == "/export/iso-evidence"], "the export is on record")

    def test_report_for_whom_they_may(self):
        def report(key, *orgs, path="/ingest"):
            events = [{"user_id": "u", "org_id": org, "surface": "api", "tier": "general", "prompt": "hello"} for org in orgs]
            return self.server.post(path, {"events": events}, bearer(key))
        own, two, anybody = (self.create(org="one")["key"], self.create(org="one", report_for=["two"])["key"],
                             self.create(report_for=["*"])["key"])
        nobody = self.create()["key"]
        self.assertEqual([report(key, "one").status for key in (own, two, anybody, nobody)], [200, 200, 200, 403])
        self.assertEqual([report(key, "two").status for key in (own, two, anybody, nobody)], [403, 200, 200, 403])
        mixed = report(own, "one", "two")
        self.assertEqual((mixed.status, mixed.json["error"]["index"], mixed.json["error"]["field"]), (403, 1, "org_id"))
        partly = report(own, "two", "one", path="/ingest?partial=true")
        self.assertEqual((partly.status, partly.json["processed"], partly.json["rejected"][0]["index"]), (200, 1, 0))
        admin = self.server.post("/ingest", {"events": [{"user_id": "u", "org_id": "any", "surface": "api", "tier": "general",
                                                         "prompt": "hello"}]}, self.admin)
        self.assertEqual(admin.status, 200)

    def test_what_the_server_does_is_on_record(self):
        started = self.acts("server_started")
        self.assertEqual(len(started), 1)
        self.assertRegex(started[0]["configuration"], r"^[0-9a-f]{64}$")
        self.assertIs(started[0]["authentication"], True)

    def test_refused_callers_are_counted(self):
        before = harness.read_metrics(harness.request(self.server.gateway_port, "GET", "/metrics").text)
        for _ in range(30):
            self.filter("plk_nonsense")
        after = harness.read_metrics(harness.request(self.server.gateway_port, "GET", "/metrics").text)
        name = ("plimsoll_auth_refused_total", 'reason="unknown_key"')
        self.assertGreaterEqual(after[name] - before[name], 30)
        lines = [line for line in self.server.stderr().splitlines() if '"a caller was refused"' in line]
        self.assertLessEqual(len(lines), 80)
        self.assertTrue(lines)


class OnlyKeys(unittest.TestCase):
    def test_a_server_needs_no_secret_where_there_are_keys(self):
        with tempfile.TemporaryDirectory() as data:
            env = {"ENABLE_AUTH": "true"}
            self.assertEqual(harness.run("serve", "--role", "gateway", "--data", data, env=env).returncode, 2)
            done = harness.run("api-key", "create", "--role", "developer", "--data", data)
            self.assertEqual(done.returncode, 0, done.stderr)
            with harness.Gateway(data=data, env=env) as gateway:
                ask = lambda shown: gateway.post("/filter/prompt", {"prompt": "x"}, bearer(shown)).status
                self.assertEqual(ask(done.stdout.strip()), 200)
                self.assertEqual(ask(token()), 401)


class PolicyOfLimits:
    """The shipped policy with other limits."""

    @staticmethod
    def text(requests, tokens):
        with open(harness.SHIPPED, encoding="utf-8") as file:
            text = file.read()
        changed = re.sub(r"rate_limits: \{ requests_per_hour: 100, tokens_per_day: 50000 \}",
                         f"rate_limits: {{ requests_per_hour: {requests}, tokens_per_day: {tokens} }}", text)
        assert changed != text
        return changed


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = harness.Model()
        cls.addClassCleanup(cls.model.close)
        if time.time() % 3600 > 3540:
            time.sleep(61)  # counts begin again with the hour

    def gateway(self, requests, tokens, data=None):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "policy.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(PolicyOfLimits.text(requests, tokens))
        gateway = harness.Gateway(upstream=self.model.url, policy=path, env=auth(), data=data)
        self.addCleanup(gateway.close)
        return gateway

    def chat(self, gateway, shown, prompt="Hello.", path="/v1/chat/completions", **more):
        return gateway.post(path, {"model": "m", "max_tokens": 50, "messages": [{"role": "user", "content": prompt}], **more},
                            bearer(shown))

    def test_of_requests_are_exact_and_told(self):
        gateway = self.gateway(requests=5, tokens=0)
        mine = token(tier="general", sub="one")
        left = []
        for _ in range(5):
            reply = self.chat(gateway, mine)
            self.assertEqual(reply.status, 200, reply)
            left.append(reply.headers["x-ratelimit-remaining-requests"])
        self.assertEqual(left, ["4", "3", "2", "1", "0"])
        self.assertEqual(reply.headers["x-ratelimit-limit-requests"], "5")
        self.assertEqual(reply.headers["ratelimit-policy"], '"requests";q=5;w=3600')
        self.assertRegex(reply.headers["ratelimit"], r'^"requests";r=0;t=\d+$')
        self.assertRegex(reply.headers["x-ratelimit-reset-requests"], r"^(\d+m)?\d+s$")
        over = self.chat(gateway, mine)
        self.assertEqual((over.status, over.json["error"]["type"], over.json["error"]["code"]),
                         (429, "rate_limit_error", "rate_limit_exceeded"))
        self.assertLessEqual(int(over.headers["retry-after"]), 3600)
        filtered = gateway.post("/filter/prompt", {"prompt": "x"}, bearer(mine))
        self.assertEqual(filtered.status, 429, "all of it counts together")
        self.assertEqual(gateway.get("/rules", headers=bearer(mine)).status, 200, "but for what is none of it")
        self.assertEqual(self.chat(gateway, token(tier="general", sub="two")).status, 200, "each for himself")
        self.assertEqual(self.chat(gateway, token(tier="enterprise", sub="one")).status, 200, "another tier has another limit")
        anthropic = self.chat(gateway, mine, path="/v1/messages")
        self.assertEqual((anthropic.status, anthropic.json["error"]["type"]), (429, "rate_limit_error"))
        self.assertEqual(anthropic.headers["anthropic-ratelimit-requests-remaining"], "0")
        self.assertNotIn("ratelimit", self.chat(gateway, token(sub="three")).headers, "no tier, no limit")
        self.assertEqual(gateway.metrics()["plimsoll_rate_limited_total", 'tier="general",limit="requests"'], 3)

    def test_hold_for_requests_at_once_on_all_threads(self):
        gateway = self.gateway(requests=20, tokens=0)
        mine = token(tier="general", sub="many")
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(lambda _: gateway.post("/filter/prompt", {"prompt": "x"}, bearer(mine)).status, range(60)))
        self.assertEqual((statuses.count(200), statuses.count(429)), (20, 40))

    def test_of_tokens_are_charged_as_the_model_says(self):
        for path in ("/v1/chat/completions", "/v1/messages"):
            for stream in (False, True):
                with self.subTest(path=path, stream=stream):
                    gateway = self.gateway(requests=0, tokens=40)
                    mine = token(tier="general", sub=f"{path}{stream}")
                    more = {"stream": True, **({"stream_options": {"include_usage": True}} if "chat" in path else {})}
                    left, said = 40, " ".join(["word"] * 12)
                    for _ in range(4):
                        reply = self.chat(gateway, mine, said, path, **(more if stream else {}))
                        name = "x-ratelimit-remaining-tokens" if "chat" in path else "anthropic-ratelimit-tokens-remaining"
                        self.assertEqual(int(reply.headers[name]), max(left, 0))
                        if reply.status == 429:
                            break
                        self.assertEqual(reply.status, 200)
                        used = self.used(reply.text)
                        self.assertGreater(used, 12)
                        left -= used
                    self.assertEqual(reply.status, 429)

    @staticmethod
    def used(text):
        """Of all that stands there about usage, the highest of each."""
        most = {}
        for found in re.findall(r'"usage":(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})', text):
            for name, value in json.loads(found).items():
                if isinstance(value, int):
                    most[name] = max(most.get(name, 0), value)
        return most.get("total_tokens") or most["input_tokens"] + most["output_tokens"]

    def test_of_tokens_are_estimated_where_nothing_is_said(self):
        gateway = self.gateway(requests=0, tokens=1_000)
        mine = token(tier="general", sub="estimated")
        first = self.chat(gateway, mine, "x" * 400, stream=True)
        self.assertNotIn('"usage"', first.text)
        second = self.chat(gateway, mine, "y", stream=True)
        charged = 1_000 - int(second.headers["x-ratelimit-remaining-tokens"])
        self.assertGreaterEqual(charged, 100)
        self.assertLessEqual(charged, 300)

    def test_outlive_a_restart(self):
        gateway = self.gateway(requests=3, tokens=0)
        mine = token(tier="general", sub="again-and-again")
        for _ in range(2):
            self.assertEqual(self.chat(gateway, mine).status, 200)
        gateway.stop()
        self.assertNotIn(b"again-and-again", harness.read_tree(gateway.data))
        gateway.start()
        self.assertEqual(self.chat(gateway, mine).headers["x-ratelimit-remaining-requests"], "0")
        self.assertEqual(self.chat(gateway, mine).status, 429)


class PlantedSecrets(unittest.TestCase):
    """Secrets are planted everywhere, a great deal is asked, right and wrong: none of them may turn up anywhere else."""

    # Where a secret lives; nothing else may hold it. Commitment and master key, signing keys: not planted, but theirs.
    HOLDERS = ("keys/commitment.key", "keys/master.key", "keys/attestation.pem", "log/keys")

    def test_turn_up_nowhere(self):
        chance = lambda n=32: os.urandom(n).hex()
        jwt_secret, upstream_key = chance(), "up" + chance()
        vault_key = base64.b64encode(os.urandom(32)).decode()
        cookie, password = "c" + chance(), "p" + chance()
        with harness.Model() as model:
            env = {"ENABLE_AUTH": "true", "JWT_SECRET_KEY": jwt_secret, "PAC_UPSTREAM_API_KEY": upstream_key,
                   "PLIMSOLL_MASTER_KEY": vault_key, "LOG_LEVEL": "debug"}
            server = harness.Control(role="all", upstream=model.url, env=env)
            with server:
                made = lambda **c: harness.token({"sub": "s-1", "exp": int(time.time()) + 600, **c}, jwt_secret)
                admin, wrong = made(roles="admin", tier="enterprise"), harness.token({"exp": 4102444800}, chance())
                created = server.post("/keys", {"roles": ["admin"], "org": "acme", "tier": "general"}, bearer(admin)).json
                api_key = created["key"]
                unknown = "plk_" + chance()[:49]
                seen = []  # (what was sent, the answer)

                def ask(port, method, path, body=None, given=None):
                    sent = repr((method, path, body, given))
                    seen.append((sent, harness.request(port, method, path, body, given)))
                headers = [bearer(shown) for shown in (admin, api_key, wrong, unknown)]
                headers += [{"x-api-key": shown} for shown in (api_key, unknown, wrong)]
                headers += [{"Cookie": cookie}, {"Authorization": "Basic " + base64.b64encode(f"u:{password}".encode()).decode()},
                            {"Authorization": f"Bearer {api_key} {password}"}]
                bodies = [{}, {"prompt": "hello"}, {"model": "m", "messages": [{"role": "user", "content": "hi"}]}, b"{", b"\xff",
                          {"prompt": f"my password is {password}", "context": {"api_key": api_key}},
                          {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": f"the key is {api_key}"}]}]
                for row in TABLE:
                    if (row["method"], row["path"]) == ("POST", "/keys"):
                        continue
                    port = {"gateway": server.gateway_port, "evidence": server.evidence_port, "control": server.port}[row["listener"]]
                    path = row["path"].replace("{id}", "x")
                    for number, given in enumerate(headers):
                        body = None if row["method"] in ("GET", "DELETE") else bodies[number % len(bodies)]
                        ask(port, row["method"], path, body, given)
                for path in (f"/{password}", f"/events?api_key={api_key}&x={password}", f"/review/{api_key}",
                             f"/keys/{api_key}?token={admin}"):
                    for port in (server.port, server.gateway_port, server.evidence_port):
                        for method in ("GET", "DELETE", "PATCH"):
                            ask(port, method, path, given=bearer(admin))
                ask(server.port, "POST", "/keys", {"roles": ["admin"], "name": "n", "secret": password}, bearer(admin))
                with_url = harness.run("config", "show", env={**env, "JWT_JWKS_URL": f"https://u:{password}@issuer.example/k",
                                                              "PAC_UPSTREAM_URL": f"https://u:{password}@model.example",
                                                              "DATABASE_URL": f"postgresql://u:{password}@db.example/p"})
                checked = harness.run("config", "check", env={**env, "JWT_JWKS_URL": f"https://u:{password}@issuer.example/k",
                                                              "JWT_ISSUER": "i", "JWT_AUDIENCE": "a"})
                time.sleep(1)
                ask(server.gateway_port, "GET", "/metrics")
                ask(server.port, "GET", "/metrics?format=prometheus")
                for path in ("/events?limit=100", "/review-queue", "/keys"):
                    ask(server.port, "GET", path, given=bearer(made(sub="another", roles="admin")))
                model_saw = model.last_text()
                server.stop()
                planted = {"the token secret": jwt_secret, "the upstream's key": upstream_key, "the master key": vault_key,
                           "an API key": api_key, "a good token": admin, "its signature": admin.rsplit(".", 1)[1],
                           "a bad token": wrong, "an unknown key": unknown, "a cookie": cookie, "a password": password}
                places = {"standard error": server.stderr().encode(), "config show": with_url.stdout.encode() + with_url.stderr.encode(),
                          "config check": checked.stdout.encode() + checked.stderr.encode()}
                answers = [(sent, reply.body + repr(reply.headers).encode()) for sent, reply in seen]
                for folder, _, names in os.walk(server.data):
                    for name in names:
                        path = os.path.join(folder, name)
                        short = os.path.relpath(path, server.data)
                        with open(path, "rb") as file:
                            places[short] = file.read()
                        if "keys" in short.split(os.sep) or name.endswith((".key", ".pem")):
                            self.assertEqual(os.stat(path).st_mode & 0o077, 0, f"{short} is for its owner only")
                self.assertIn(b"\"keys\"", places["keys/api-keys.json"])
                for what, secret in planted.items():
                    for where, content in places.items():
                        if where in self.HOLDERS:
                            continue
                        self.assertNotIn(secret.encode(), content, f"{what} in {where}")
                    for sent, content in answers:  # who sent it may be sent it back: what a prompt says, a model may repeat
                        if secret not in sent:
                            self.assertNotIn(secret.encode(), content, f"{what} in the answer to {sent}")
                self.assertNotIn(api_key, model_saw, "a key of ours in a prompt is redacted like any other secret")
                self.assertNotIn(admin, model_saw)


if __name__ == "__main__":
    unittest.main()
