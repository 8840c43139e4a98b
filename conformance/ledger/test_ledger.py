"""A log that the running program wrote, verified by other people's software: Go's sumdb/note and tlog, and OpenSSL.

Debian: golang-go, golang-golang-x-mod-dev, openssl. Skipped where they are not installed.
"""
import base64
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tests"))

import harness  # noqa: E402
from harness import Gateway, eventually, run  # noqa: E402

GOPATH = "/usr/share/gocode"
GO = next((go for go in ("/usr/lib/go/bin/go", shutil.which("go")) if go and os.path.exists(go)), None)
ED25519_DER = bytes.fromhex("302a300506032b6570032100")  # what stands before the key in a SubjectPublicKeyInfo
ED25519_SECRET_DER = bytes.fromhex("302e020100300506032b657004220420")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def pem(kind, der):
    return f"-----BEGIN {kind}-----\n{base64.b64encode(der).decode()}\n-----END {kind}-----\n".encode()


def entries_of(bundle):
    entries = []
    while bundle:
        size = struct.unpack(">H", bundle[:2])[0]
        entries.append(bundle[2:2 + size])
        bundle = bundle[2 + size:]
    return entries


def bundle_of(entries):
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def write_log(data, prompts, keep=None):
    """Runs the gateway; the checkpoint that covers the first `keep` entries."""
    kept = None
    with Gateway(data=data) as gateway:
        checkpoint = os.path.join(data, "log", "checkpoint")
        covered = lambda: int(read(checkpoint).split(b"\n")[1])  # noqa: E731
        for number, prompt in enumerate(prompts, 1):
            gateway.post("/filter/prompt", {"prompt": prompt})
            if number == keep:
                eventually(lambda: covered() >= keep, "a checkpoint for the first entries")
                kept = read(checkpoint)
        eventually(lambda: covered() >= len(prompts), "a checkpoint for all entries")
    return kept


@unittest.skipUnless(GO and os.path.isdir(GOPATH + "/src/golang.org/x/mod/sumdb/tlog"),
                     "needs golang-go and golang-golang-x-mod-dev: scripts/setup test")
class Log(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="plimsoll-conformance-ledger-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.check = os.path.join(cls.folder, "check")
        subprocess.run([GO, "build", "-o", cls.check, os.path.join(HERE, "check.go")], check=True,
                       env={**os.environ, "GO111MODULE": "off", "GOPATH": GOPATH, "GOFLAGS": "",
                            "GOCACHE": os.path.join(cls.folder, "go-cache")})
        cls.data = os.path.join(cls.folder, "data")
        cls.log = os.path.join(cls.data, "log")
        cls.old = os.path.join(cls.folder, "old-checkpoint")
        write(cls.old, write_log(cls.data, [f"prompt number {n}" for n in range(560)], keep=113))
        cls.copy = os.path.join(cls.folder, "copy")
        exported = run("ledger", "export", cls.copy, cls.log)
        assert exported.returncode == 0, exported.stderr
        cls.vkey = os.path.join(cls.copy, "vkey")
        cls.size = int(read(os.path.join(cls.copy, "checkpoint")).split(b"\n")[1])

    def go(self, copy, old=None, proofs=(), vkey=None):
        return subprocess.run([self.check, vkey or self.vkey, old or self.old, os.path.join(copy, "checkpoint"), copy,
                               *proofs], capture_output=True, text=True, check=False, timeout=60)

    def ours(self, place, *arguments):
        policy = os.path.join(self.folder, "policy")
        write(policy, b"log " + read(self.vkey) + b"quorum none\n")
        return run("ledger", "verify", place, "--policy", policy, "--against", self.old, *arguments)

    def altered(self, change, path="tile/entries/001"):
        """A copy with one file changed, or removed where `change` gives None."""
        folder = tempfile.mkdtemp(dir=self.folder)
        copy = os.path.join(folder, "copy")
        shutil.copytree(self.copy, copy)
        name = os.path.join(copy, path)
        data = change(read(name))
        if data is None:
            os.remove(name)
        else:
            write(name, data)
        return copy

    def assert_refused(self, copy, by_go, by_us):
        theirs, ours = self.go(copy), self.ours(copy)
        self.assertEqual(theirs.returncode, 1, theirs.stdout)
        self.assertRegex(theirs.stdout, by_go)
        self.assertEqual(ours.returncode, 1, ours.stdout)
        self.assertRegex(ours.stdout, by_us)

    def test_go_verifies_key_checkpoint_entries_consistency_and_inclusion(self):
        proofs = []
        for index in (0, 1, 255, 256, 417, self.size - 1):
            proof = run("ledger", "prove", index, self.log)
            self.assertEqual((proof.returncode, proof.stderr), (0, ""))
            proofs.append(os.path.join(self.folder, f"{index}.tlog-proof"))
            write(proofs[-1], proof.stdout.encode())
        verified = self.go(self.copy, proofs=proofs)
        old = int(read(self.old).split(b"\n")[1])
        self.assertTrue(113 <= old < self.size)
        self.assertEqual(verified.stdout.strip(),
                         f"verified: {self.size} entries, consistent with {old}, 6 inclusion proofs")
        for place in (self.log, self.copy):
            ours = self.ours(place)
            self.assertEqual((ours.returncode, ours.stderr), (0, ""), ours.stdout)

    def test_openssl_verifies_a_checkpoint_signature(self):
        text, _, signatures = read(os.path.join(self.copy, "checkpoint")).partition(b"\n\n")
        key = base64.b64decode(read(self.vkey).strip().split(b"+", 2)[2])[1:]
        names = {name: os.path.join(self.folder, name) for name in ("text", "signature", "public.pem")}
        write(names["text"], text + b"\n")
        write(names["signature"], base64.b64decode(signatures.split()[2])[4:])
        write(names["public.pem"], pem("PUBLIC KEY", ED25519_DER + key))
        verify = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", names["public.pem"], "-sigfile",
                  names["signature"], "-in", names["text"]]
        self.assertEqual(subprocess.run(verify, capture_output=True, check=False).returncode, 0)
        write(names["text"], text + b"\n\n")
        self.assertNotEqual(subprocess.run(verify, capture_output=True, check=False).returncode, 0)

    def test_an_edited_entry_is_refused(self):
        copy = self.altered(lambda data: data.replace(b'"allow"', b'"block"', 1))
        self.assert_refused(copy, "FAILED tiles: entry 256", "FAILED  tiles: entry 256 was edited")

    def test_entries_in_another_order_are_refused(self):
        def swap(data):
            entries = entries_of(data)
            entries[3], entries[9] = entries[9], entries[3]
            return bundle_of(entries)
        self.assert_refused(self.altered(swap), "FAILED tiles: entry 259",
                            "FAILED  tiles: entries were reordered: 259, 265")

    def test_a_deleted_entry_is_refused(self):
        def drop(data):
            entries = entries_of(data)
            return bundle_of(entries[:7] + entries[8:])
        self.assert_refused(self.altered(drop), "FAILED", "FAILED  entries: tile/entries/001: .*256 entries")

    def test_a_truncated_log_is_refused(self):
        width = self.size - 512
        copy = self.altered(lambda _: None, f"tile/entries/002.p/{width}")
        self.assert_refused(copy, "FAILED read", "FAILED  size: .*truncated")

    def test_a_checkpoint_signed_with_another_key_is_refused(self):
        seed = os.urandom(32)
        names = {name: os.path.join(self.folder, "re-" + name) for name in ("text", "signature", "secret.pem")}

        def sign(data):
            text, _, signatures = data.partition(b"\n\n")
            write(names["text"], text + b"\n")
            write(names["secret.pem"], pem("PRIVATE KEY", ED25519_SECRET_DER + seed))
            subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", names["secret.pem"], "-in",
                            names["text"], "-out", names["signature"]], check=True)
            dash, name, true = signatures.split()
            forged = base64.b64encode(base64.b64decode(true)[:4] + read(names["signature"]))
            return text + b"\n\n" + b" ".join([dash, name, forged]) + b"\n"
        self.assert_refused(self.altered(sign, "checkpoint"), "FAILED signature of checkpoint",
                            "FAILED  signature: .*is wrong")

    def test_a_fork_by_the_operator_himself_is_refused_with_an_older_checkpoint(self):
        data = os.path.join(self.folder, "fork")
        os.makedirs(os.path.join(data, "log"), mode=0o700)
        shutil.copytree(os.path.join(self.log, "keys"), os.path.join(data, "log", "keys"))
        write_log(data, [f"another story {n}" for n in range(200)])
        copy = os.path.join(data, "copy")
        self.assertEqual(run("ledger", "export", copy, os.path.join(data, "log")).returncode, 0)
        self.assert_refused(copy, "FAILED consistency", "FAILED  consistency: .*forked")


if __name__ == "__main__":
    unittest.main(verbosity=2)
