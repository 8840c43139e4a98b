"""Tessera's fsck derives the root of a log that the running program serves, from every tile and entry, over HTTP.

Apart from the test suite, because it needs Go 1.24 or later and fetches github.com/transparency-dev/tessera:

    python3 -B conformance/ledger/fsck.py
"""
import os
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
from harness import Evidence, eventually, request, run

TESSERA = "github.com/transparency-dev/tessera/cmd/fsck@v1.0.2"
TOOLS = os.path.join(ROOT, "build", "conformance", "go")
ENTRIES = 700


def setUpModule():
    subprocess.run(["go", "install", TESSERA], env={**os.environ, "GOBIN": TOOLS}, check=True)


def fsck(url, key, timeout=120):
    return subprocess.run([os.path.join(TOOLS, "fsck"), f"--storage_url={url}/", f"--public_key={key}", "--ui=false"],
                          capture_output=True, text=True, check=False, timeout=timeout)


class Checked(unittest.TestCase):
    def test_by_a_tool_of_others(self):
        with Evidence(with_gateway=True) as both:
            for _ in range(ENTRIES):
                request(both.gateway_port, "POST", "/filter/prompt", {"prompt": "hello there"})
            eventually(lambda: int(both.get("/checkpoint").text.split("\n")[1]) >= ENTRIES, "all of it is published")
            key = both.write("vkey", both.get("/ledger/vkey").text)
            checked = fsck(both.url, key)
            self.assertEqual(checked.returncode, 0, checked.stderr)
            self.assertIn("Successfully", checked.stderr)

            # The exported copy, and the same with one entry altered: there it goes on looking for what is not there.
            copy = both.path("copy")
            self.assertEqual(run("ledger", "export", copy, os.path.join(both.data, "log")).returncode, 0)
            self.assertIn("Successfully", fsck(f"file://{copy}", key).stderr)
            with open(os.path.join(copy, "tile", "entries", "001"), "r+b") as file:
                at = file.read().index(b'"allow"')
                file.seek(at)
                file.write(b'"block"')
            try:
                self.assertNotIn("Successfully", fsck(f"file://{copy}", key, timeout=10).stderr)
            except subprocess.TimeoutExpired as late:
                self.assertNotIn(b"Successfully", late.stderr or b"")


if __name__ == "__main__":
    unittest.main()
