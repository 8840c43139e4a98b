"""Copies of protected works: the corpus on the command line, and what becomes of an answer that copies from it."""
import json
import os
import random
import signal
import tempfile
import unittest

import harness
from harness import say

CUT = "[verbatim text removed]"


def words(count, seed):
    """Of no language, so that no detector knows any."""
    chosen = random.Random(seed)
    return [chosen.choice("bdfgklmnprstvz") + chosen.choice("aeiou") + "z" + chosen.choice("bdgklmnprst") +
            chosen.choice("aeiou") + "x" + chosen.choice(["", "n", "r", "t"]) for _ in range(count)]


def prose(some):
    """Sentences of twelve words."""
    return " ".join(" ".join(some[k:k + 12]).capitalize() + "." for k in range(0, len(some), 12))


WORK, OTHER, OWN = words(3000, 1), words(2000, 2), words(3000, 3)


class Corpus:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.index = os.path.join(self.folder.name, "works.plc")
        self.write("the-whale.txt", prose(WORK))
        self.write("the-island.txt", prose(OTHER))

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def run(self, command, *arguments):
        return harness.run("corpus", command, *arguments, "--index", self.index)

    def add(self, *names):
        return self.run("add", *map(self.path, names))


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.corpus = Corpus()
        self.addCleanup(self.corpus.folder.cleanup)

    def test_works_are_added_listed_checked_and_removed(self):
        added = self.corpus.add("the-whale.txt", "the-island.txt")
        self.assertEqual(added.returncode, 0, added.stderr)
        self.assertIn("2 works added, 0 known already, 0 passed over", added.stdout)
        listed = self.corpus.run("list")
        self.assertEqual([line.split("  ")[3] for line in listed.stdout.splitlines()], ["the-whale", "the-island"])
        self.assertIn("3000 words", listed.stdout)
        text = self.corpus.write("text", prose(OWN[:100]) + " " + prose(WORK[600:700]).upper())
        checked = self.corpus.run("check", text)
        self.assertEqual(checked.returncode, 0)
        self.assertRegex(checked.stdout, r"verbatim ratio 0\.(49|50)\d\d \(\d+ of 200 words\)\n"
                                         r"bytes \d+-\d+  \d+ words  [0-9a-f]{12}  the-whale\n$")
        self.assertEqual(self.corpus.run("check", text, "--limit", "0.2").returncode, 1)
        found = json.loads(self.corpus.run("check", text, "--format", "json").stdout)
        self.assertAlmostEqual(found["verbatim_ratio"], 0.5, delta=0.02)
        self.assertEqual(found["matches"][0]["title"], "the-whale")
        removed = self.corpus.run("remove", listed.stdout[:12])
        self.assertIn("the-whale", removed.stdout)
        self.assertIn("verbatim ratio 0.0000", self.corpus.run("check", text).stdout)

    def test_a_work_that_is_there_is_not_added_again(self):
        self.corpus.add("the-whale.txt")
        again = self.corpus.add("the-whale.txt", "the-island.txt")
        self.assertIn("1 works added, 1 known already", again.stdout)
        self.assertIn("unchanged", self.corpus.add("the-whale.txt").stdout)

    def test_what_cannot_be_done_is_said(self):
        missing = self.corpus.run("check", self.corpus.path("the-whale.txt"))
        self.assertEqual(missing.returncode, 2)
        self.assertIn("plimsoll corpus add", missing.stderr)
        nowhere = self.corpus.add("nothing.txt")
        self.assertEqual(nowhere.returncode, 2)
        self.assertIn("neither a file nor a folder", nowhere.stderr)
        with open(self.corpus.index, "wb") as file:
            file.write(b"not an index" * 100)
        self.assertIn("no usable corpus index", self.corpus.run("list").stderr)
        started = harness.run("serve", "--port", harness.free_port(), env={"PLIMSOLL_CORPUS": self.corpus.index},
                              cwd=self.corpus.folder.name)
        self.assertEqual(started.returncode, 2)
        self.assertIn("PLIMSOLL_CORPUS (corpus)", started.stderr + started.stdout)
        config = self.corpus.write("plimsoll.yaml", f"corpus: {self.corpus.index}\n")
        self.assertIn("PLIMSOLL_CORPUS (corpus)", harness.run("config", "check", config).stderr)


class Served(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.corpus = Corpus()
        cls.addClassCleanup(cls.corpus.folder.cleanup)
        added = cls.corpus.add("the-whale.txt")
        assert added.returncode == 0, added.stderr
        cls.model = cls.enterClassContext(harness.Model())
        cls.gateway = cls.enterClassContext(
            harness.Gateway(upstream=cls.model.url, env={"PLIMSOLL_CORPUS": cls.corpus.index}))

    def output(self, text, **more):
        reply = self.gateway.post("/filter/output", {"output": text, **more})
        self.assertEqual(reply.status, 200, reply)
        return reply

    def answer(self, text, **more):
        return self.gateway.post("/v1/chat/completions",
                                 {"model": "m", "messages": [{"role": "user", "content": say(text)}], **more})

    def streamed(self, text, more=""):
        body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": say(text) + more}]}
        events = [event.data for event in self.gateway.open("/v1/chat/completions", body).events()]
        self.assertEqual(events[-1], "[DONE]")
        choices = [json.loads(data)["choices"] for data in events[:-1]]
        said = "".join(c[0]["delta"].get("content") or "" for c in choices if c)
        return said, [c[0]["finish_reason"] for c in choices if c][-1]

    def test_an_answer_that_copies_is_to_be_summarized(self):
        copied = prose(OWN[:200]) + " " + prose(WORK[100:200])
        self.assertEqual(self.output(copied).body,
                         b'{"allowed":true,"action":"summarize","reasons":["verbatim over limit"]}')

    def test_an_answer_that_quotes_within_the_limit_is_allowed(self):
        quoted = prose(OWN[:200]) + " " + prose(WORK[100:140])
        self.assertEqual(self.output(quoted).body, b'{"allowed":true,"action":"allow","reasons":[]}')

    def test_an_answer_that_copies_nothing_is_allowed(self):
        self.assertEqual(self.output(prose(OWN)).json["action"], "allow")
        self.assertEqual(self.output(prose(OTHER)).json["action"], "allow")

    def test_edits_do_not_hide_it(self):
        edited = [w if k % 10 else OWN[k] for k, w in enumerate(WORK[300:500])]
        self.assertEqual(self.output(prose(edited).upper()).json["action"], "summarize")

    def test_explained_it_names_the_work_and_the_place(self):
        own = prose(OWN[:60])
        reply = self.output(own + " " + prose(WORK[120:240]), explain=True).json
        finding = next(f for f in reply["findings"] if f["category"] == "verbatim")
        self.assertEqual(finding["entity"], "the-whale")
        self.assertRegex(finding["detector"], r"^verbatim\.[0-9a-f]{12}$")
        self.assertAlmostEqual(reply["scores"]["verbatim"], 2 / 3, delta=0.03)

    def test_a_prompt_may_copy(self):
        reply = self.gateway.post("/filter/prompt", {"prompt": prose(WORK[:300])})
        self.assertEqual(reply.json["action"], "allow")

    def test_an_answer_on_the_way_loses_what_is_copied(self):
        own = prose(OWN[:120])
        said = self.answer(own + " " + prose(WORK[120:240])).json["choices"][0]["message"]["content"]
        self.assertNotIn(" ".join(WORK[150:153]), said)
        self.assertEqual(self.answer(own).json["choices"][0]["message"]["content"], own)

    def test_a_streamed_answer_loses_it_too_and_keeps_the_rest(self):
        before, copied, after = prose(OWN[:120]), prose(WORK[120:240]), prose(OWN[240:360])
        for chunks in ("", "[[chunks: 3]]", "[[chunks: 700]]", "[[chunks: 100000]]"):
            with self.subTest(chunks=chunks):
                said, reason = self.streamed(f"{before} {copied} {after}", chunks)
                self.assertEqual(reason, "stop")
                self.assertTrue(said.startswith(before[:-20]), said)
                self.assertTrue(said.endswith(after[20:]), said)
                self.assertEqual(said.count(CUT), 1)
                for k in range(120, 240):
                    self.assertNotIn(" ".join(WORK[k:k + 2]), said)
        entry = harness.eventually(
            lambda: next((e for e in self.gateway.log()[::-1] if e["action"] == "summarize"), None), "what was cut is recorded")
        self.assertEqual(entry["direction"], "output")
        self.assertRegex(entry["detectors"], r"\+corpus-[0-9a-f]{12}$")

    def test_a_streamed_answer_within_the_limit_passes_as_it_is(self):
        for text in (prose(OWN[:240]), prose(OWN[:120]) + " " + prose(WORK[120:144]) + " " + prose(OWN[144:240]), "Hi."):
            said, reason = self.streamed(text)
            self.assertEqual((said, reason), (text, "stop"))

    def test_zz_a_changed_corpus_is_taken_at_a_hangup_and_a_damaged_one_is_not(self):
        text = prose(OTHER[:200])
        self.assertEqual(self.output(text).json["action"], "allow")
        self.assertEqual(self.corpus.add("the-island.txt").returncode, 0)
        self.gateway.signal(signal.SIGHUP)
        harness.eventually(lambda: self.output(text).json["action"] == "summarize", "the new work is known")
        fresh = self.corpus.write("damaged", "nothing")
        os.rename(fresh, self.corpus.index)
        self.gateway.signal(signal.SIGHUP)
        harness.eventually(lambda: "corpus refused" in self.gateway.stderr(), "the damaged corpus is refused")
        self.assertEqual(self.output(text).json["action"], "summarize")


if __name__ == "__main__":
    unittest.main()
