"""The policy from the command line and while it runs; the merge gate; configuration; who may ask."""
import json
import os
import re
import signal
import tempfile
import threading
import time
import unittest

import harness
from harness import EMAIL, Gateway, eventually, run

RULE = "rules:\n  - condition: prompt.contains_pii\n    action: block\n"
SECRET = "b7c1f09de4a25863" * 3

# A document, and what must be said about it: where, and in which words.
MISTAKES = [
    ("rulez: []\n" + RULE, "1:1: unknown key 'rulez' in the policy; did you mean 'rules'?"),
    (RULE + "    reasn: x\n", "4:5: unknown key 'reasn' in a rule; did you mean 'reason'?"),
    ("rules: 3\n", "1:8: 'rules' must be a list of rules; found a number"),
    ("thresholds: {a: {b: {target_max: high}}}\n", "1:34: 'target_max' must be a number; found 'high'"),
    (RULE + "    action: redact\n", "4:5: duplicate key 'action'"),
    ("rules:\n  - condition: prompt.jailbreak_score > > 1\n    action: block\n", "2:41: "),
    ("rules:\n  - condition: prompt.contains_pi\n    action: block\n",
     "2:23: 'Text' has no field 'contains_pi'; did you mean 'contains_pii'?"),
    ("rules:\n  - condition: promt.contains_pii\n    action: block\n", "2:16: "),
    ("rules:\n  - condition: prompt.contains_pii == 1\n    action: block\n",
     "2:36: '==' does not take (bool, int)"),
    ("rules:\n  - condition: prompt.jailbreak_score\n    action: block\n",
     "2:16: a condition must be true or false"),
    ("rules:\n  - condition: prompt.jailbreak_score > 80\n    action: block\n",
     "2:41: 'prompt.jailbreak_score' is from 0 to 1"),
    ("risk_thresholds: {cbrn: {general: 1.2}}\n", "1:35: 'cbrn.general' must be from 0 to 1; found '1.2'"),
    ("risk_thresholds: {cbrn: {general: 0.3, enterprise: 0.2}}\n",
     "1:52: cbrn: enterprise 0.2 is stricter than general"),
    ("thresholds: {a: {b: {target_max: 0.5, warn_at: 0.6}}}\n", "'warn_at' 0.6 is never reached"),
    ("rules:\n  - condition: 1 > 2\n    action: block\n",
     "2:16: the condition is never true, so the rule never fires"),
    ("rules:\n  - condition: prompt.contains_pii\n    action: blok\n",
     "3:13: unknown action 'blok'; did you mean 'block'?"),
    ("title: x\n", "1:1: the policy decides nothing"),
    ("rules: [\n", "not valid YAML"),
    ("", "1:1: "),
]


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="plimsoll-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def run_here(self, *arguments, **options):
        return run(*arguments, cwd=self.folder, **options)


class Check(Folder):
    def test_each_kind_of_mistake_exits_2_with_its_position_and_a_sentence(self):
        for text, expected in MISTAKES:
            with self.subTest(text=text):
                done = self.run_here("policy", "check", self.file("policy.yaml", text))
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                first, last = done.stderr.splitlines()[0], done.stderr.splitlines()[-1]
                self.assertRegex(first, r"^.*policy\.yaml:\d+:\d+: \S")
                self.assertIn(expected, first)
                self.assertRegex(last, r"^\d+ problems?$")

    def test_all_mistakes_are_told_at_once(self):
        text = "rules:\n  - {condition: nobody, action: blok}\nthresholds: 1\nextra: 2\n"
        done = self.run_here("policy", "check", self.file("policy.yaml", text))
        self.assertEqual(re.findall(r"policy\.yaml:(\d+:\d+):", done.stderr), ["2:17", "2:33", "3:13", "4:1"])
        self.assertIn("4 problems", done.stderr)

    def test_the_shipped_policies_are_valid_and_the_built_in_one_is_the_file(self):
        versions = []
        for arguments in [(), (harness.SHIPPED,), (harness.REDACTING,)]:
            done = self.run_here("policy", "check", *arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            versions.append(re.search(r"version ([0-9a-f]{64})\n", done.stdout).group(1))
        self.assertEqual(versions[0], versions[1])
        self.assertNotEqual(versions[1], versions[2])

    def test_show_prints_the_shipped_policy_to_start_from(self):
        with open(harness.SHIPPED, encoding="utf-8") as file:
            self.assertEqual(self.run_here("policy", "show").stdout, file.read())

    def test_rules_lists_what_a_policy_may_disable(self):
        shipped = json.loads(run("policy", "rules", "--format", "json").stdout)
        self.assertGreater(len(shipped), 100)
        self.assertEqual(len({rule["id"] for rule in shipped}), len(shipped))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "policy.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(RULE + "detection: { rules: { disable: [pii.email], weights: { jailbreak.fiction: 0.07 } } }\n")
            rows = {row.split()[0]: row for row in run("policy", "rules", path).stdout.splitlines()}
        self.assertEqual(len(rows), len(shipped))
        self.assertIn("EMAIL_ADDRESS  (disabled)", rows["pii.email"])
        self.assertIn(" 0.07 ", rows["jailbreak.fiction"])

    def test_a_missing_file_is_a_mistake_too(self):
        done = self.run_here("policy", "check", "nowhere.yaml")
        self.assertEqual((done.returncode, done.stderr), (2, "nowhere.yaml:1:1: no such file\n1 problem\n"))

    def test_rules_of_the_documents_with_spelled_operators_load_unchanged(self):
        for condition in ["prompt.contains_pii == true and lawful_basis == false",
                          "prompt.contains_pii == true AND NOT lawful_basis", "NOT (lawful_basis or contains_secrets)"]:
            text = f"rules:\n  - id: pii\n    condition: {condition}\n    action: block\n"
            done = self.run_here("policy", "check", self.file("policy.yaml", text))
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_shipped_cases_pass_and_a_wrong_expectation_fails(self):
        for policy in (harness.SHIPPED, harness.REDACTING):
            done = self.run_here("policy", "test", policy,
                                 os.path.join(harness.POLICIES, "cases", os.path.basename(policy)))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stdout, r"\d+ cases passed")
        cases = self.file("cases.yaml", "cases:\n  - name: wrong\n    prompt: x\n    expect: {action: block}\n")
        done = self.run_here("policy", "test", harness.SHIPPED, cases)
        self.assertEqual(done.returncode, 1)
        self.assertIn("wrong", done.stdout)
        done = self.run_here("policy", "test", harness.SHIPPED, self.file("cases.yaml", "casez: []\n"))
        self.assertEqual(done.returncode, 2)

    def test_explain_says_which_rule_fired_and_what_it_saw(self):
        facts = self.file("facts.json", {"prompt": "x", "context": {"contains_pii": True}})
        done = self.run_here("policy", "explain", harness.SHIPPED, "--facts", facts)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith("block (withheld)  prompt, untiered\n"
                                               "  because: PII without lawful basis\n"), done.stdout)
        self.assertIn("* personal-data-in-prompt: true -> block", done.stdout)
        done = self.run_here("policy", "explain", harness.SHIPPED, "--facts", facts, "--format", "json")
        explained = json.loads(done.stdout)
        self.assertEqual(explained["verdict"]["reasons"], ["PII without lawful basis"])
        fired = [rule for rule in explained["rules"] if rule["result"] == "true"]
        self.assertEqual([(r["id"], r["variables"]) for r in fired],
                         [("personal-data-in-prompt", {"prompt.contains_pii": "true", "lawful_basis": "false"})])
        self.assertEqual(self.run_here("policy", "explain", harness.SHIPPED, "--facts", "nowhere.json").returncode, 2)


class MergeGate(Folder):
    GOOD = {"quality": {"pass_at_5": 0.84}, "fairness": {"subgroup_delta": 0.03}, "safety": {"harmful_rate": 0.002},
            "drift": {"psi": 0.08}}

    def artifacts(self, **changes):
        for name, content in {**self.GOOD, **changes}.items():
            if content is not None:
                self.file(f"artifacts/eval_{name}.json", content)

    def gate(self, *arguments, **options):
        done = self.run_here("ci-check", *arguments, **options)
        return done.returncode, done.stdout, done.stderr

    def test_good_results_pass_with_exit_0(self):
        self.artifacts()
        self.assertEqual(self.gate(), (0, "✅ Governance Gate PASSED\n"
                                          "- quality.pass_at_5 0.84 >= min 0.82\n"
                                          "- fairness.subgroup_delta 0.03 <= max 0.05\n"
                                          "- safety.harmful_rate 0.002 <= max 0.005\n"
                                          "- drift.psi 0.08 <= max 0.2\n", ""))

    def test_a_violation_exits_1_in_the_documents_words(self):
        self.artifacts(fairness={"subgroup_delta": 0.08})
        self.assertEqual(self.gate(), (1, "❌ Governance Gate FAILED\n- fairness.subgroup_delta 0.08 > max 0.05\n"
                                          "Fix required before merge\n", ""))

    def test_a_missing_metric_is_a_violation(self):
        self.artifacts(drift=None)
        self.assertEqual(self.gate(), (1, "❌ Governance Gate FAILED\n- drift.psi missing (required)\n"
                                          "Fix required before merge\n", ""))

    def test_a_warning_passes_and_says_so(self):
        self.artifacts(drift={"psi": 0.15})
        status, out, _ = self.gate()
        self.assertEqual(status, 0)
        self.assertIn("PASSED with warnings", out)
        self.assertIn("- drift.psi 0.15 > warn 0.1 (warning)\n", out)

    def test_input_that_cannot_be_judged_exits_2(self):
        self.assertEqual(self.gate()[0], 2)
        for name, content in [("drift", {"psi": "low"}), ("drift", "not json"), ("quality", {"pass_at_5": None}),
                              ("quality", "[1]")]:
            with self.subTest(content=content):
                self.artifacts(**{name: content})
                status, out, err = self.gate()
                self.assertEqual((status, out), (2, ""))
                self.assertIn(name, err)
        self.artifacts()
        self.assertEqual(self.gate("--policy", self.file("bad.yaml", "rulez: 1"))[0], 2)
        self.assertEqual(self.gate("--format", "xml")[0], 2)
        self.assertEqual(self.gate("--no-such-flag")[0], 2)

    def test_results_are_read_from_one_file_or_from_a_file_each(self):
        whole = self.file("all.json", self.GOOD)
        self.assertEqual(self.gate("--artifacts", whole)[0], 0)
        flags = []
        for flag, name in [("--eval", "quality"), ("--fairness", "fairness"), ("--safety", "safety"),
                           ("--drift", "drift")]:
            flags += [flag, self.file(name + ".json", self.GOOD[name])]
        self.assertEqual(self.gate(*flags)[0], 0)
        flags[1] = self.file("worse.json", {"pass_at_5": 0.5})
        self.assertEqual(self.gate(*flags)[0], 1)

    def test_json_output_names_status_and_violations(self):
        self.artifacts(quality={"pass_at_5": 0.5})
        status, out, _ = self.gate("--format", "json")
        report = json.loads(out)
        self.assertEqual((status, report["status"], report["violations"]), (1, "fail", ["quality.pass_at_5"]))

    def test_the_policy_named_by_the_environment_is_the_one_that_judges(self):
        self.artifacts()
        strict = self.file("strict.yaml", "thresholds: {quality: {pass_at_5: {target_min: 0.99}}}\n")
        self.assertEqual(self.gate(env={"PAC_CONFIG": strict})[0], 1)


class Configuration(Folder):
    def test_check_shows_what_would_be_served(self):
        done = self.run_here("config", "check")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.startswith("the configuration can be served\nlisten.host: 127.0.0.1\n"))

    def test_every_bad_value_of_the_environment_is_named_at_start_and_by_check(self):
        bad = {"API_PORT": "zero", "GATEWAY_PORT": "70000", "API_WORKERS": "-1", "DASHBOARD_PORT": "",
               "ENABLE_AUTH": "maybe", "PROMETHEUS_PORT": "9090x", "METRICS_ENABLED": "perhaps", 
               "DATABASE_BACKUP_ENABLED": "2"}
        for command in (["config", "check"], ["serve"]):
            done = self.run_here(*command, env=bad)
            self.assertEqual(done.returncode, 2)
            for name in bad:
                self.assertRegex(done.stderr, rf"(?m)^{name}: expected ")
        for name, value in [("LOG_LEVEL", "loud"), ("PAC_LLM_PROVIDER", "nobody"),
                            ("PAC_UPSTREAM_URL", "ftp://x"), ("PAC_UPSTREAM_URL", "nonsense"),
                            ("PAC_CONFIG", "/nonexistent.yaml"), ("STORAGE_PATH", "")]:
            with self.subTest(name=name, value=value):
                for command in (["config", "check"], ["serve"]):
                    done = self.run_here(*command, env={name: value})
                    self.assertEqual(done.returncode, 2)
                    self.assertIn(name, done.stderr)

    def test_a_wide_bind_without_authentication_is_refused_unless_insecure(self):
        for host in ("0.0.0.0", "::", "192.0.2.1"):
            done = self.run_here("serve", "--port", harness.free_port(), env={"API_HOST": host})
            self.assertEqual(done.returncode, 2)
            self.assertIn("--insecure", done.stderr)
        with Gateway("--insecure", env={"API_HOST": "0.0.0.0"}) as gateway:
            self.assertEqual(gateway.get("/health").status, 200)

    def test_a_short_or_placeholder_secret_is_refused_and_never_shown(self):
        for secret in ["", "short", "x" * 64, "your-secret-key-change-in-production-please", "changeme" * 8]:
            with self.subTest(secret=secret):
                done = self.run_here("serve", env={"ENABLE_AUTH": "true", "JWT_SECRET_KEY": secret})
                self.assertEqual(done.returncode, 2)
                self.assertIn("JWT_SECRET_KEY", done.stderr)
                if secret:
                    self.assertNotIn(secret, done.stdout + done.stderr)
        shown = self.run_here("config", "show", env={"JWT_SECRET_KEY": SECRET, "PAC_UPSTREAM_API_KEY": SECRET})
        self.assertIn("auth.jwt_secret: (set)", shown.stdout)
        self.assertNotIn(SECRET, shown.stdout)

    def test_a_port_in_use_and_data_in_use_are_clear_errors(self):
        with Gateway() as gateway:
            done = self.run_here("serve", "--port", gateway.port)
            self.assertEqual(done.returncode, 2)
            self.assertIn(str(gateway.port), done.stderr)
            done = self.run_here("serve", "--port", harness.free_port(), "--data", gateway.data)
            self.assertEqual(done.returncode, 2)
            self.assertIn(gateway.data, done.stderr)

    def test_a_policy_with_a_mistake_does_not_start_and_says_where(self):
        done = self.run_here("serve", "--policy", self.file("policy.yaml", "rulez: 1\n"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("policy.yaml:1:1: unknown key 'rulez'", done.stderr)

    def test_a_configuration_file_sets_what_flags_and_environment_do_not(self):
        file = self.file("plimsoll.yaml", "storage:\n  path: ./elsewhere\n  segment_bytes: 131072\n"
                                          "upstream:\n  timeout_s: 7\n")
        shown = self.run_here("config", "show", file)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        for line in ("storage.path: ./elsewhere", "storage.segment_bytes: 131072", "upstream.timeout_s: 7"):
            self.assertIn(line + "\n", shown.stdout)
        shown = self.run_here("config", "show", file, env={"STORAGE_PATH": "/from/the/environment"})
        self.assertIn("storage.path: /from/the/environment\n", shown.stdout)
        wrong = self.file("wrong.yaml", "storage:\n  pth: x\n  segment_bytes: many\n")
        done = self.run_here("config", "check", wrong)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"wrong\.yaml:2:\d+: .*pth")
        self.assertRegex(done.stderr, r"wrong\.yaml:3:\d+: .*segment_bytes")


def policy_number(n):
    """A policy that differs from its neighbours in its version and in the reason that it gives."""
    return harness.policy_with([("numbered", "prompt", "prompt.contains_pii", "block", f"number {n}")])


class Reload(Folder):
    def setUp(self):
        super().setUp()
        self.policy = self.file("policy.yaml", policy_number(0))
        self.gateway = Gateway(policy=self.policy)
        self.addCleanup(self.gateway.close)

    def replace(self, text):
        os.replace(self.file("fresh", text), self.policy)

    def ask(self):
        reply = self.gateway.post("/filter/prompt", {"prompt": EMAIL})
        self.assertEqual(reply.status, 200)
        return reply

    def reason(self):
        return self.ask().json["reasons"][0]

    def reloads(self, outcome):
        return self.gateway.metrics()["plimsoll_policy_reloads", f'outcome="{outcome}"']

    def test_a_changed_file_is_taken_by_itself(self):
        self.assertEqual(self.reason(), "number 0")
        self.replace(policy_number(1))
        eventually(lambda: self.reason() == "number 1", "the new policy is in force", 5)
        with open(self.policy, "w", encoding="utf-8") as file:  # in place, as some editors do
            file.write(policy_number(2))
        eventually(lambda: self.reason() == "number 2", "the new policy is in force", 5)

    def test_a_hangup_takes_it_at_once(self):
        before = self.reloads("unchanged")
        self.gateway.signal(signal.SIGHUP)
        eventually(lambda: self.reloads("unchanged") > before, "the reload is counted")
        self.replace(policy_number(1))
        self.gateway.signal(signal.SIGHUP)
        eventually(lambda: self.reason() == "number 1", "the new policy is in force", 5)

    def test_a_bad_file_keeps_the_last_good_policy_and_a_good_one_heals(self):
        version = self.gateway.version()
        for bad in [text for text, _ in MISTAKES] + ["\0\1\2", "a: &a [*a, *a]\n"]:
            refused = self.reloads("refused")
            self.replace(bad)
            self.gateway.signal(signal.SIGHUP)
            eventually(lambda: self.reloads("refused") > refused, "the file is refused")
            self.assertEqual((self.gateway.version(), self.reason()), (version, "number 0"))
        os.remove(self.policy)
        refused = self.reloads("refused")
        self.gateway.signal(signal.SIGHUP)
        eventually(lambda: self.reloads("refused") > refused, "a missing file is refused")
        self.assertEqual(self.gateway.get("/readyz").status, 200)
        self.assertEqual(self.reason(), "number 0")
        self.assertIn("the last good one stays in force", self.gateway.stderr())
        self.replace(policy_number(1))
        eventually(lambda: self.reason() == "number 1", "the good policy is in force", 5)

    def test_a_hundred_reloads_under_load_fail_no_request_and_each_decision_has_one_version(self):
        replies, stop, failures = [], threading.Event(), []

        def load():
            try:
                while not stop.is_set():
                    replies.append(self.ask())
            except Exception as error:  # noqa: BLE001 - whatever it is, the test must say it
                failures.append(error)

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        reasons = {}  # of each version that has been in force
        try:
            reasons[self.gateway.version()] = "number 0"
            for n in range(1, harness.number_from("PLIMSOLL_RELOADS", 100) + 1):
                self.replace(policy_number(n))
                self.gateway.signal(signal.SIGHUP)
                version = eventually(lambda: next((v for v in [self.gateway.version()] if v not in reasons), None),
                                     f"policy {n} is in force", pause=0.001)
                reasons[version] = f"number {n}"
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])
        self.assertGreater(len(replies), len(reasons))
        self.assertGreater(len({r.headers["x-policy-version"] for r in replies}), 10)
        logged = {entry["decision_id"]: entry for entry in self.gateway.log()}
        for reply in replies:
            version = reply.headers["x-policy-version"]
            entry = logged[reply.headers["x-decision-id"]]
            self.assertEqual(entry["policy"], version)
            self.assertEqual((reply.json["reasons"], entry["reasons"]), ([reasons[version]], [reasons[version]]))


class Authentication(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = harness.Model()
        cls.addClassCleanup(cls.model.close)
        cls.gateway = Gateway(upstream=cls.model.url, env={"ENABLE_AUTH": "true", "JWT_SECRET_KEY": SECRET})
        cls.addClassCleanup(cls.gateway.close)

    def token(self, secret=SECRET, alg="HS256", header=None, **claims):
        base = {"sub": "user-1", "org": "acme", "exp": int(time.time()) + 600}
        given = {name: value for name, value in {**base, **claims}.items() if value is not None}
        return harness.token(given, secret, alg, **(header or {}))

    def ask(self, token, prompt="hello", context=None, path="/filter/prompt"):
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return self.gateway.post(path, {"prompt": prompt, **({"context": context} if context else {})}, headers)

    def test_a_good_token_is_let_in(self):
        reply = self.ask(self.token())
        self.assertEqual((reply.status, reply.json["action"]), (200, "allow"))
        caller = self.gateway.entry(reply.headers["x-decision-id"])["caller"]
        self.assertIs(caller["authenticated"], True)
        self.assertEqual(caller["org"], "acme")
        self.assertNotIn("user-1", caller["user"])

    def test_the_scheme_is_read_without_case(self):
        reply = self.gateway.post("/filter/prompt", {"prompt": "x"}, {"Authorization": f"bEARER {self.token()}"})
        self.assertEqual(reply.status, 200)

    def test_everything_else_is_401_and_quotes_nothing_of_the_token(self):
        now = int(time.time())
        good = self.token()
        head, claims, signature = good.split(".")
        bad = {
            "none": None, "empty": "", "no token": "abc", "another secret": self.token("z" * 48),
            "expired": self.token(exp=now - 60), "no expiry": self.token(exp=None),
            "not yet": self.token(nbf=now + 600), "HS512": self.token(alg="HS512"), "alg none": self.token(alg="none"),
            "unsigned": f"{head}.{claims}.", "cut": good[:-4],
            "other claims": f"{head}.{claims[:-2]}AA.{signature}", "four parts": good + ".x",
            "crit": self.token(header={"crit": ["b64"]}),
            "an unknown tier": self.token(tier="gold"), "long": "a" * 9000,
            "expiry as text": self.token(exp="tomorrow"),
        }
        for name, token in bad.items():
            with self.subTest(name):
                reply = self.ask(token)
                self.assertEqual(reply.status, 401)
                self.assertEqual(reply.headers["www-authenticate"], "Bearer")
                self.assertEqual(reply.json["error"]["code"], "invalid_api_key")
                self.assertEqual(reply.json["error"]["type"], "invalid_request_error")
                if token:
                    self.assertNotIn(token[:20], reply.text)
        basic = {"Authorization": f"Basic {good}"}
        self.assertEqual(self.gateway.post("/filter/prompt", {"prompt": "x"}, basic).status, 401)

    def test_every_route_but_health_and_metrics_wants_a_token(self):
        for path in ("/filter/prompt", "/filter/output", "/proxy/completion", "/proxy/completion/stream",
                     "/v1/chat/completions", "/ci/check"):
            self.assertEqual(self.gateway.post(path, {"prompt": "x"}).status, 401, path)
        self.assertEqual(self.gateway.get("/rules").status, 401)
        for path in ("/health", "/livez", "/readyz", "/metrics"):
            self.assertEqual(self.gateway.get(path).status, 200, path)

    def test_the_tier_comes_from_the_token_and_not_from_the_request(self):
        for tier in ("general", "enterprise", "research_sandbox", None):
            stated = {"tier": "research_sandbox", "user_id": "x", "org_id": "y"}
            reply = self.ask(self.token(tier=tier), context=stated)
            self.assertEqual(reply.status, 200)
            caller = self.gateway.entry(reply.headers["x-decision-id"])["caller"]
            self.assertEqual((caller["tier"], caller["org"]), (tier, "acme"))

    def test_the_lawful_basis_comes_from_the_token_and_not_from_the_request(self):
        prompt = f"Write to {EMAIL}"
        for claim, action in [(None, "block"), (False, "block"), ("", "block"), ("because", "block"), (True, "allow"),
                              ("consent", "allow")]:
            with self.subTest(claim=claim):
                for context in [None, {"lawful_basis": True}, {"lawful_basis": "consent"}, {"lawful_basis": False}]:
                    reply = self.ask(self.token(lawful_basis=claim), prompt, context)
                    self.assertEqual((reply.status, reply.json["action"]), (200, action), context)

    def test_a_score_of_the_request_still_raises(self):
        self.assertEqual(self.ask(self.token(), "test", {"jailbreak_score": 0.9}).json["action"], "safe_mode")

    def test_our_token_is_not_shown_to_the_model(self):
        reply = self.ask(self.token(), "hello", path="/proxy/completion")
        self.assertEqual((reply.status, reply.json["content"]), (200, "You said: hello"))

    def test_binding_wide_is_allowed_with_authentication(self):
        with Gateway(env={"ENABLE_AUTH": "1", "JWT_SECRET_KEY": SECRET, "API_HOST": "0.0.0.0"}) as gateway:
            self.assertEqual(gateway.get("/health").status, 200)


if __name__ == "__main__":
    unittest.main()
