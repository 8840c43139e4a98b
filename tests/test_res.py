"""The Risk & Evidence Service: what is submitted is stored for ever, word for word, and sums up to nothing more."""
import base64
import concurrent.futures
import hashlib
import http.client
import io
import json
import os
import random
import re
import socket
import struct
import tarfile
import unittest

import harness

ID = re.compile(r"[0-9a-f]{64}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def hash_of(body):
    return "sha256:" + hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def a_double(rng):
    """Any finite double, of any magnitude, or one of those that people write."""
    while True:
        kind = rng.random()
        if kind < 0.4:
            value = struct.unpack("<d", rng.randbytes(8))[0]
        elif kind < 0.7:
            value = round(rng.uniform(-1000, 1000), rng.randrange(6))
        else:
            value = rng.choice([0.0, -0.0, 1e16, 1e15, 9999999999999998.0, 1e-4, 1e-5, 5e-324, 1.7976931348623157e308,
                                0.1 + 0.2, 2.0 ** 53, 2.0 ** 63, 1e22, 123456789012345.6])
        if value == value and abs(value) != float("inf"):
            return value


def a_text(rng):
    points = (range(0x20), range(0x20, 0x7F), range(0x7F, 0x800), range(0x800, 0xD800), range(0xE000, 0x10000),
              range(0x10000, 0x110000))
    return "".join(chr(rng.choice(rng.choice(points))) for _ in range(rng.randrange(8)))


def a_value(rng, depth=0):
    kind = rng.randrange(8 if depth < 4 else 6)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind == 1:
        return rng.choice([rng.randrange(-2**63, 2**64), rng.randrange(-100, 100), 0])
    if kind in (2, 3):
        return a_double(rng)
    if kind in (4, 5):
        return a_text(rng)
    if kind == 6:
        return [a_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {a_text(rng): a_value(rng, depth + 1) for _ in range(rng.randrange(4))}


class Submitting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.res = harness.Evidence()
        cls.addClassCleanup(cls.res.close)

    def test_health_is_the_contracts(self):
        self.assertEqual(self.res.get("/health").json, {"status": "ok"})

    def test_the_answer_is_the_contracts(self):
        body = {"artifactType": "ci_evidence", "modelVersion": "m", "metadata": {"a": 1.0}, "contentRef": "s3://b/k"}
        reply = self.res.post("/evidence", body)
        self.assertEqual(reply.status, 201)
        self.assertEqual(set(reply.json), {"id", "evidence_hash", "stored_at"})
        self.assertTrue(ID.fullmatch(reply.json["id"]))
        self.assertTrue(TIME.fullmatch(reply.json["stored_at"]))
        self.assertEqual(reply.json["evidence_hash"], hash_of(body))
        entries = harness.ledger(os.path.join(self.res.data, "log"))
        self.assertEqual(entries[int(reply.headers["x-ledger-index"])]["evidence_hash"], hash_of(body))

    def test_the_id_is_the_leaf_hash_of_the_entry(self):
        stored = self.res.submit(metadata={"é": [1.0, "\U0001F600"]})
        shown = self.res.get("/evidence/" + stored["id"]).json
        self.assertEqual(hashlib.sha256(b"\0" + shown["entry"].encode()).hexdigest(), stored["id"])
        entry = json.loads(shown["entry"])
        self.assertEqual(json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False), shown["entry"])
        self.assertEqual("sha256:" + hashlib.sha256(entry["submitted"].encode()).hexdigest(), stored["evidence_hash"])

    def test_snake_case_is_read_and_hashed_as_it_came(self):
        body = {"artifact_type": "dpia", "model_version": "m", "content_ref": "r"}
        reply = self.res.post("/evidence", body)
        self.assertEqual(reply.json["evidence_hash"], hash_of(body))
        self.assertEqual(self.res.get("/evidence/" + reply.json["id"]).json["artifact_type"], "dpia")

    def test_python_reproduces_the_hash_of_any_submission(self):
        rng = random.Random(8080)
        connection = http.client.HTTPConnection(harness.LOOPBACK, self.res.port, timeout=harness.PATIENCE)
        self.addCleanup(connection.close)
        for number in range(1500):
            metadata = {"x" + a_text(rng): a_value(rng) for _ in range(rng.randrange(5))}
            body = {"artifactType": "a", "modelVersion": "m", "contentRef": "r", "metadata": metadata}
            items = list(body.items())
            rng.shuffle(items)
            sent = json.dumps(dict(items), ensure_ascii=rng.random() < 0.5,
                              indent=rng.choice([None, 2])).encode("utf-8")
            connection.request("POST", "/evidence", sent)
            reply = connection.getresponse()
            answer = reply.read()
            self.assertEqual(reply.status, 201, (number, sent, answer))
            self.assertEqual(json.loads(answer)["evidence_hash"], hash_of(json.loads(sent)), (number, sent))

    def test_numbers_as_other_programs_write_them(self):
        for number in ("1E5", "1e+5", "-0", "-0.0", "0.10", "1.0e-7", "100000000000000000000.0", "1e22", "18446744073709551615"):
            sent = '{"artifactType":"a","modelVersion":"m","contentRef":"r","metadata":{"n":%s}}' % number
            reply = self.res.post("/evidence", sent.encode())
            self.assertEqual(reply.json["evidence_hash"], hash_of(json.loads(sent)), number)


class Uploading(unittest.TestCase):
    """Artifacts too large for a submission."""

    @classmethod
    def setUpClass(cls):
        cls.res = harness.Evidence()
        cls.addClassCleanup(cls.res.close)

    def put(self, digest, body, headers=None):
        return harness.request(self.res.port, "PUT", "/artifacts/" + digest, body, headers, timeout=60)

    def stored(self):
        directory = os.path.join(self.res.data, "artifacts")
        return sorted(os.listdir(directory)) if os.path.isdir(directory) else []

    def peak(self):
        with open(f"/proc/{self.res.process.pid}/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1)) * 1024

    def test_an_artifact_is_given_back_as_it_came_and_evidence_refers_to_it(self):
        body = random.Random(1).randbytes(300_000)
        digest = hashlib.sha256(body).hexdigest()
        reply = self.put(digest, body)
        self.assertEqual((reply.status, reply.json), (201, {"contentRef": "sha256:" + digest, "bytes": len(body)}))
        self.assertEqual(self.put(digest, body).status, 200)
        reply = self.res.get("/artifacts/" + digest)
        self.assertEqual((reply.status, reply.body), (200, body))
        self.assertEqual(reply.headers["x-artifact-bytes"], str(len(body)))
        reply = harness.request(self.res.port, "HEAD", "/artifacts/" + digest)
        self.assertEqual((reply.status, reply.body), (200, b""))
        reply = self.res.post("/evidence", {"artifactType": "eval_pack", "modelVersion": "m",
                                            "contentRef": "sha256:" + digest})
        self.assertEqual(self.res.get("/evidence/" + reply.json["id"]).json["content_ref"], "sha256:" + digest)

    def test_a_body_without_a_length_is_taken_too(self):
        digest = hashlib.sha256(b"ab" * 5000).hexdigest()
        self.assertEqual(self.put(digest, iter([b"ab" * 2000, b"ab" * 3000])).status, 201)
        self.assertEqual(self.res.get("/artifacts/" + digest).body, b"ab" * 5000)

    def test_a_large_one_goes_through_without_being_held_in_memory(self):
        block = random.Random(2).randbytes(1 << 20)
        whole = hashlib.sha256()
        for _ in range(200):
            whole.update(block)
        self.res.get("/health")
        before = self.peak()
        reply = self.put(whole.hexdigest(), (block for _ in range(200)), {"Content-Length": str(200 << 20)})
        self.assertEqual(reply.status, 201, reply)
        connection = http.client.HTTPConnection(harness.LOOPBACK, self.res.port, timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", "/artifacts/" + whole.hexdigest())
        reply, back = connection.getresponse(), hashlib.sha256()
        while piece := reply.read(1 << 20):
            back.update(piece)
        self.assertEqual(back.hexdigest(), whole.hexdigest())
        self.assertLess(self.peak() - before, 32 << 20)

    def test_what_cannot_be_taken_leaves_nothing(self):
        before, digest = self.stored(), hashlib.sha256(b"right").hexdigest()
        reply = self.put(digest, b"wrong")
        self.assertEqual((reply.status, reply.json["error"]["param"]), (422, "path"))
        self.assertIn(hashlib.sha256(b"wrong").hexdigest(), reply.json["error"]["message"])
        self.assertEqual(self.put(digest, b"right", {"Content-Encoding": "gzip"}).status, 415)
        self.assertEqual(self.res.exchange((f"PUT /artifacts/{digest} HTTP/1.1\r\nHost: h\r\n"
                                            "Content-Length: 1000000001\r\n\r\n").encode())[0][9:12], b"413")
        for name in ("x", digest.upper(), digest + "/x", "..", "..%2f..%2flog"):
            self.assertIn(self.put(name, b"right").status, (400, 422), name)
        with socket.create_connection((harness.LOOPBACK, self.res.port)) as client:
            client.sendall(f"PUT /artifacts/{digest} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nrig".encode())
            harness.eventually(lambda: len(self.stored()) == len(before) + 1, "the upload to begin")
        harness.eventually(lambda: self.stored() == before, "the broken upload to be gone")
        self.assertEqual(self.res.get("/artifacts/" + digest).status, 404)

    def test_with_auth_nobody_uploads_without_a_token(self):
        secret = hashlib.sha256(b"uploads").hexdigest()
        with harness.Evidence(env={"ENABLE_AUTH": "true", "JWT_SECRET_KEY": secret}) as res:
            digest = hashlib.sha256(b"x").hexdigest()
            reply = harness.request(res.port, "PUT", "/artifacts/" + digest, b"x")
            self.assertEqual(reply.status, 401)
            self.assertEqual(reply.headers["www-authenticate"], "Bearer")
            self.assertEqual(res.get("/artifacts/" + digest).status, 401)
            self.assertFalse(os.path.exists(os.path.join(res.data, "artifacts")))


class Refusing(unittest.TestCase):
    GOOD = {"artifactType": "a", "modelVersion": "m", "contentRef": "r"}

    @classmethod
    def setUpClass(cls):
        cls.res = harness.Evidence()
        cls.addClassCleanup(cls.res.close)

    def refused(self, body, status, field):
        reply = self.res.post("/evidence", body)
        self.assertEqual(reply.status, status, reply)
        self.assertEqual(reply.json["error"]["param"], field, reply)
        if field:
            self.assertIn(field, reply.json["error"]["message"])

    def test_bad_input_names_the_field_and_stores_nothing(self):
        without = {key: {k: v for k, v in self.GOOD.items() if k != key} for key in self.GOOD}
        for key in self.GOOD:
            self.refused(without[key], 422, key)
            for wrong in (1, None, [], {}, "", "x" * 3000, "a\0b"):
                self.refused({**self.GOOD, key: wrong}, 422, key)
        self.refused({**self.GOOD, "metadata": []}, 422, "metadata")
        self.refused({**self.GOOD, "owner": "x"}, 422, "owner")
        self.refused({**self.GOOD, "artifact_type": "a"}, 422, "artifactType")
        self.refused({**self.GOOD, "artifactType": "../../etc/passwd"}, 422, "artifactType")
        self.refused({**self.GOOD, "metadata": {"quality": {"pass_at_5": "0.84"}}}, 422, "metadata.quality.pass_at_5")
        self.refused({**self.GOOD, "metadata": {"safety.harmful_rate": 1.5}}, 422, "metadata.safety.harmful_rate")
        self.refused({**self.GOOD, "metadata": {"drift": {"psi": -1}}}, 422, "metadata.drift.psi")
        self.refused(b"[]", 422, None)
        for broken in (b"", b"{", b"\xff\xfe", b'{"artifactType":"\xff"}', b'{"a":1,"a":2}', b"nul", b'{"a":NaN}',
                       b'{"a":"\\ud800"}', b'{"n":18446744073709551616}', b"[" * 5000):
            self.refused(broken, 400, None)
        self.refused(json.dumps({**self.GOOD, "metadata": {"x": "y" * 70000}}).encode(), 413, None)
        wide = json.dumps({**self.GOOD, "metadata": {"x": "ü" * 12000}}, ensure_ascii=False).encode()
        self.refused(wide, 413, "metadata")
        self.assertEqual(self.res.get("/evidence").json["total"], 0)
        self.assertEqual(self.res.log(), [])

    def test_ids_are_nothing_but_ids(self):
        for path in ("/evidence/x", "/evidence/..", "/evidence/%2e%2e", "/evidence/" + "A" * 64, "/evidence/" + "a" * 65,
                     "/evidence/a/b", "/incident/../evidence"):
            reply = self.res.get(path)
            self.assertEqual((reply.status, reply.json["error"]["param"]), (422, "id"), path)
        received, _ = self.res.exchange(b"GET /evidence/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(harness.statuses(received), [400])
        self.assertEqual(self.res.get("/evidence/" + "a" * 64).status, 404)

    def test_parameters_are_read_strictly(self):
        for query, field in (("limit=0", "limit"), ("limit=501", "limit"), ("limit=x", "limit"), ("cursor=-1", "cursor"),
                             ("from=yesterday", "from"), ("to=2026-02-30", "to"), ("order=up", "order"),
                             ("type=a&type=b", "type"), ("color=red", "color"), ("model=%ff", "model")):
            reply = self.res.get("/evidence?" + query)
            self.assertEqual((reply.status, reply.json["error"]["param"]), (422, field), query)

    def test_nothing_is_changed_or_removed(self):
        for method in ("PUT", "DELETE", "PATCH"):
            for path in ("/evidence", "/evidence/" + "a" * 64, "/incident", "/risk/snapshot"):
                reply = harness.request(self.res.port, method, path)
                self.assertEqual(reply.status, 405, (method, path))
                self.assertIn("GET", reply.headers["allow"])
        self.assertEqual(self.res.get("/nothing").status, 404)


class Keeping(unittest.TestCase):
    def test_identical_posts_are_records_of_their_own(self):
        count = harness.number_from("PLIMSOLL_IDENTICAL_POSTS", 5000)
        body = json.dumps({"artifactType": "eval_pack", "modelVersion": "m", "contentRef": "r"}).encode()
        with harness.Evidence() as res:
            def send(times):
                connection = http.client.HTTPConnection(harness.LOOPBACK, res.port, timeout=harness.PATIENCE)
                ids = []
                for _ in range(times):
                    connection.request("POST", "/evidence", body)
                    reply = connection.getresponse()
                    ids.append(json.loads(reply.read())["id"])
                connection.close()
                return ids
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                ids = [i for some in pool.map(send, [count // 8] * 8) for i in some]
            self.assertEqual(len(set(ids)), count)
            listed, cursor = [], ""
            while True:
                page = res.get("/evidence?limit=500" + cursor).json
                listed += [item["id"] for item in page["items"]]
                if page["next_cursor"] is None:
                    break
                cursor = "&cursor=" + page["next_cursor"]
            self.assertEqual(sorted(listed), sorted(ids))

    def test_filters_and_pages(self):
        with harness.Evidence() as res:
            made = [res.submit(kind="a" if n % 3 else "b", model=f"m{n % 2}")["id"] for n in range(30)]
            wanted = [made[n] for n in range(30) if n % 3 and n % 2]
            got, cursor = [], ""
            while True:
                page = res.get("/evidence?type=a&model=m1&order=asc&limit=3" + cursor).json
                got += [item["id"] for item in page["items"]]
                if not page["next_cursor"]:
                    break
                cursor = "&cursor=" + page["next_cursor"]
            self.assertEqual(got, wanted)
            self.assertEqual([i["id"] for i in res.get("/evidence?limit=500").json["items"]], made[::-1])
            self.assertEqual(res.get("/evidence?to=2020-01-01").json["items"], [])
            self.assertEqual(len(res.get("/evidence?from=2020-01-01&limit=500").json["items"]), 30)
            self.assertEqual(res.get("/evidence?type=none").json["items"], [])

    def test_everything_is_there_after_a_crash(self):
        res = harness.Evidence()
        self.addCleanup(res.close)
        ids = [res.submit(model=f"m{n % 3}", metadata={"psi": n / 100})["id"] for n in range(50)]
        opened = res.post("/incident", {"severity": "sev2", "description": "x"}).json
        res.post("/incident/" + opened["id"], {"status": "INVESTIGATING"})
        res.kill()
        res.start()
        self.assertEqual([i["id"] for i in res.get("/evidence?order=asc").json["items"]], ids)
        self.assertEqual(res.get("/risk/snapshot?model=m1").json["drift.psi"], 0.49)
        self.assertEqual(res.get("/incident/" + opened["id"]).json["status"], "INVESTIGATING")

    def test_records_are_found_among_a_gateways_decisions(self):
        with harness.Evidence(with_gateway=True) as both:
            ids = []
            for n in range(20):
                harness.request(both.gateway_port, "POST", "/filter/prompt", {"prompt": f"hello {n}"})
                ids.append(both.submit(metadata={"n": n})["id"])
            for n, one in enumerate(ids):
                self.assertEqual(both.get("/evidence/" + one).json["metadata"], {"n": n})
            both.stop()
            both.start()
            self.assertEqual(both.get("/evidence/" + ids[3]).json["metadata"], {"n": 3})


class Summing(unittest.TestCase):
    KEYS = {"model_version", "quality.pass_at_5", "fairness.subgroup_delta", "safety.harmful_rate", "privacy.reid_risk",
            "drift.psi", "eu_ai_act_tier", "timestamp", "evidence_hash", "sources"}

    def setUp(self):
        self.res = harness.Evidence()
        self.addCleanup(self.res.close)

    def test_nothing_is_invented(self):
        snapshot = self.res.get("/risk/snapshot").json
        self.assertEqual(set(snapshot), self.KEYS)
        self.assertEqual({snapshot[key] for key in self.KEYS - {"timestamp", "sources"}}, {None})
        unknown = self.res.get("/risk/snapshot?model=never%20seen").json
        self.assertEqual(unknown["model_version"], "never seen")
        self.assertIsNone(unknown["quality.pass_at_5"])

    def test_the_latest_value_of_each_counts_and_says_where_it_is_from(self):
        first = self.res.submit(metadata={"quality": {"pass_at_5": 0.5}, "drift": {"psi": 0.08}, "eu_ai_act_tier": "high"})
        second = self.res.submit(metadata={"quality.pass_at_5": 0.84})
        self.res.submit(model="other", metadata={"safety": {"harmful_rate": 0.002}})
        snapshot = self.res.get("/risk/snapshot?model=m-1").json
        self.assertEqual(snapshot["quality.pass_at_5"], 0.84)
        self.assertEqual(snapshot["drift.psi"], 0.08)
        self.assertIsNone(snapshot["safety.harmful_rate"])
        self.assertEqual(snapshot["eu_ai_act_tier"], "high")
        self.assertEqual(snapshot["evidence_hash"], second["evidence_hash"])
        self.assertEqual(snapshot["sources"], {"quality.pass_at_5": second["id"], "drift.psi": first["id"]})
        self.assertEqual(self.res.get("/risk/snapshot").json["model_version"], "other")


class Incidents(unittest.TestCase):
    def setUp(self):
        self.res = harness.Evidence()
        self.addCleanup(self.res.close)

    def test_an_incident_goes_through_its_states_one_by_one(self):
        opened = self.res.post("/incident", {"severity": "sev1", "description": "leak", "refs": ["decision:1"]})
        self.assertEqual(opened.status, 201)
        self.assertEqual(set(opened.json), {"id", "created_at", "link"})
        path = opened.json["link"]
        for wrong in ("OPEN", "MITIGATED", "RESOLVED"):
            reply = self.res.post(path, {"status": wrong})
            self.assertEqual((reply.status, reply.json["error"]["param"]), (409, "status"), wrong)
        for state in ("INVESTIGATING", "MITIGATED", "RESOLVED"):
            self.assertEqual(self.res.post(path, {"status": state, "note": state.lower()}).json["status"], state)
        self.assertEqual(self.res.post(path, {"status": "RESOLVED"}).status, 409)
        shown = self.res.get(path).json
        self.assertEqual(shown["status"], "RESOLVED")
        self.assertEqual([step["note"] for step in shown["history"]], ["investigating", "mitigated", "resolved"])
        self.assertEqual([entry["type"] for entry in self.res.log()], ["incident"] + ["incident_change"] * 3)

    def test_of_two_changes_at_once_one_is_made(self):
        path = self.res.post("/incident", {"severity": "sev3", "description": "x"}).json["link"]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _: self.res.post(path, {"status": "INVESTIGATING"}).status, range(8)))
        self.assertEqual(sorted(replies), [200] + [409] * 7)
        self.assertEqual(len(self.res.log()), 2)

    def test_bad_input_names_the_field(self):
        for body, field in (({"severity": "sev9", "description": "x"}, "severity"), ({"severity": "sev1"}, "description"),
                            ({"severity": "sev1", "description": 1}, "description"),
                            ({"severity": "sev1", "description": "x", "refs": [1]}, "refs"),
                            ({"severity": "sev1", "description": "x", "who": "me"}, "who")):
            reply = self.res.post("/incident", body)
            self.assertEqual((reply.status, reply.json["error"]["param"]), (422, field))
        self.assertEqual(self.res.log(), [])

    def test_filters(self):
        for n in range(9):
            self.res.post("/incident", {"severity": f"sev{n % 3 + 1}", "description": str(n)})
        found = self.res.get("/incident?severity=sev2").json["items"]
        self.assertEqual([i["description"] for i in found], ["7", "4", "1"])
        page = self.res.get("/incident?limit=4").json
        rest = self.res.get("/incident?limit=200&cursor=" + page["next_cursor"]).json
        self.assertEqual([i["description"] for i in page["items"] + rest["items"]], list("876543210"))


class Attesting(unittest.TestCase):
    REPORT = {"status": "pass", "violations": [], "rows": [{"name": "drift.psi"}], "policy_version": "ab" * 32}

    def setUp(self):
        self.res = harness.Evidence()
        self.addCleanup(self.res.close)

    def statement(self, stored, number=0):
        reply = self.res.get(f"/evidence/{stored['id']}/attestation?statement={number}")
        self.assertEqual(reply.status, 200, reply)
        return json.loads(base64.b64decode(reply.json["payload"]))

    def test_what_is_submitted_is_attested_before_and_after_a_restart(self):
        stored = self.res.submit(kind="eval_pack", metadata={"psi": 0.1})
        run = self.res.submit(metadata=self.REPORT)
        for _ in range(2):
            self.assertEqual(self.statement(stored)["predicate"]["measures"], {"drift.psi": 0.1})
            self.assertEqual(self.statement(run)["predicate"]["result"], "PASSED")
            self.assertEqual(self.statement(run, 1)["predicateType"], "https://in-toto.io/attestation/svr/v0.2")
            self.assertEqual(self.res.get(f"/evidence/{stored['id']}/attestation?statement=1").status, 404)
            self.res.stop()
            self.res.start()

    def test_the_bundles_proof_leads_to_the_signed_checkpoint(self):
        stored = self.res.submit()
        bundle = harness.eventually(lambda: (r := self.res.get(f"/evidence/{stored['id']}/bundle")).status == 200 and r.json,
                                    "a checkpoint covers it")
        entry = bundle["verificationMaterial"]["tlogEntries"][0]
        proof = entry["inclusionProof"]
        node = hashlib.sha256(b"\0" + base64.b64decode(entry["canonicalizedBody"])).digest()
        index, last = int(proof["logIndex"]), int(proof["treeSize"]) - 1
        for sibling in map(base64.b64decode, proof["hashes"]):
            if index & 1 or index == last:
                node = hashlib.sha256(b"\1" + sibling + node).digest()
                while not index & 1 and index:
                    index, last = index >> 1, last >> 1
            else:
                node = hashlib.sha256(b"\1" + node + sibling).digest()
            index, last = index >> 1, last >> 1
        self.assertEqual(base64.b64encode(node).decode(), proof["checkpoint"]["envelope"].split("\n")[2])

    def test_an_export_is_an_archive_whose_manifest_has_every_digest(self):
        inside = self.res.submit(metadata={"controls": [{"framework": "ISO/IEC 42001", "id": "A.6.2.4"}]})
        self.res.submit()
        self.res.post("/incident", {"severity": "sev4", "description": "x"})
        reply = self.res.get("/exports/audit?framework=iso-42001&from=2020-01-01")
        with tarfile.open(fileobj=io.BytesIO(reply.body)) as archive:
            files = {member.name: archive.extractfile(member).read() for member in archive}
        manifest = json.loads(files["manifest.json"])
        self.assertEqual(base64.b64decode(json.loads(files["manifest.dsse.json"])["payload"]), files["manifest.json"])
        for subject in manifest["subject"]:
            self.assertEqual(hashlib.sha256(files[subject["name"]]).hexdigest(), subject["digest"]["sha256"])
        self.assertEqual(manifest["predicate"]["evidenceForFramework"], [inside["id"]])
        lines = [json.loads(line) for name, text in files.items() if name.endswith(".jsonl") for line in text.splitlines()]
        self.assertEqual(len(lines), manifest["predicate"]["entries"])
        for line in lines:
            self.assertEqual(hashlib.sha256(b"\0" + line["entry"].encode()).hexdigest(), line["leaf_hash"])
        self.assertEqual(self.res.get("/exports/audit?framework=sox").status, 422)

    def test_metrics_show_what_was_submitted_and_nothing_else(self):
        self.res.submit(metadata={"pass_at_5": 0.84})
        metrics = harness.read_metrics(self.res.get("/metrics").text)
        self.assertEqual(metrics["llm_pass_at_5", 'model_version="m-1"'], 0.84)
        self.assertEqual(metrics["res_evidence_events_total", ""], 1)
        self.assertFalse([key for key in metrics if key[0] in ("drift_psi", "availability", "latency_p95_seconds")])

    def test_the_page_loads_nothing_and_runs_only_its_own_script(self):
        reply = self.res.get("/")
        script = reply.text.split("<script>")[1].split("</script>")[0]
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        self.assertIn(f"script-src 'sha256-{digest}'", reply.headers["content-security-policy"])
        self.assertIn("default-src 'none'", reply.headers["content-security-policy"])
        self.assertNotIn("http://", reply.text)
        self.assertNotIn("https://", reply.text)


class Cards(unittest.TestCase):
    def test_the_command_and_the_service_make_the_same_card(self):
        with harness.Evidence() as res:
            res.submit(kind="model_card", metadata={"name": "Harbour", "limitations": ["fog"], "owners": ["port"]})
            res.submit(kind="eval_pack", metadata={"quality": {"pass_at_5": {"value": 0.8, "ci": [0.7, 0.9], "n": 164}}})
            page = res.write("page.json", res.get("/evidence").text)
            for form in ("markdown", "html", "cyclonedx", "huggingface", "google"):
                served = res.get(f"/cards/model?model=m-1&format={form}").text
                for source in (("--from", page), ("--url", res.url, "--model", "m-1")):
                    made = harness.run("card", "model", *source, "--format", form)
                    self.assertEqual((made.returncode, made.stdout.strip()), (0, served.strip()), form)
            self.assertEqual(harness.run("card", "model", "--from", page, "--require", "limitations").returncode, 0)
            lacking = harness.run("card", "model", "--from", page, "--require", "limitations,datasets")
            self.assertEqual(lacking.returncode, 1)
            self.assertIn("datasets: required", lacking.stderr)
            self.assertEqual(harness.run("card", "model", "--from", page, "--require", "colour").returncode, 2)
            self.assertEqual(res.get("/cards/model?model=unknown").status, 404)


class Authenticated(unittest.TestCase):
    SECRET = "0123456789abcdef0123456789abcdefXYZ"

    def test_a_token_is_asked_for_and_its_user_stands_in_the_log_as_a_pseudonym(self):
        with harness.Evidence(env={"ENABLE_AUTH": "true", "JWT_SECRET_KEY": self.SECRET}) as res:
            self.assertEqual(res.get("/evidence").status, 401)
            self.assertEqual(res.post("/evidence", {}).status, 401)
            bearer = {"Authorization": "Bearer " + harness.token({"sub": "jane", "org": "acme", "exp": 4102444800}, self.SECRET)}
            stored = res.submit(headers=bearer)
            self.assertEqual(res.get("/evidence/" + stored["id"], headers=bearer).json["submitter"]["org"], "acme")
            res.stop()
            self.assertNotIn(b"jane", harness.read_tree(os.path.join(res.data, "log")))


if __name__ == "__main__":
    unittest.main()
