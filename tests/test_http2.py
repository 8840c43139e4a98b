"""HTTP/2 on the gateway's listener, with clients that others wrote: curl (nghttp2) and Node.js."""
import gzip
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest

import harness

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


def setUpModule():
    global folder, certificate, key, model, gateway
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    certificate, key = (os.path.join(folder.name, name) for name in ("certificate.pem", "key.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    model = harness.Model()
    unittest.addModuleCleanup(model.close)
    gateway = harness.Gateway(upstream=model.url, policy=harness.patient_policy(folder.name))
    unittest.addModuleCleanup(gateway.close)


def curl(url, *arguments, body=None, version="--http2-prior-knowledge"):
    """(protocol version, status, headers, body)"""
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", "20", version, *arguments, url]
    if body is not None:
        command += ["--data-binary", "@-", "--header", "Content-Type: application/json", "--header", "Expect:"]
    ran = subprocess.run(command, input=body, capture_output=True, check=False, timeout=60)
    if ran.returncode != 0:
        raise AssertionError(f"curl: {ran.returncode}: {ran.stderr.decode()}")
    head, _, rest = ran.stdout.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    version, status = first.split(" ")[:2]
    return version, int(status), dict(line.split(": ", 1) for line in lines), rest


# What Node's client says about one script of requests. `port`, `session` and `say` are there; `ask` sends one
# request and gives {status, body, error} when it is over.
NODE = """
const http2 = require('node:http2');
const port = +process.argv[1];
const say = (value) => console.log(JSON.stringify(value));
const session = http2.connect(process.argv[2] || `http://127.0.0.1:${port}`, {rejectUnauthorized: false});
session.on('error', () => {});
const ask = (path, body, {onData} = {}) => new Promise((done) => {
  const stream = session.request({':method': body === undefined ? 'GET' : 'POST', ':path': path,
                                  'content-type': 'application/json'});
  const answer = {status: 0, body: '', error: null};
  stream.on('response', (headers) => { answer.status = headers[':status']; });
  stream.setEncoding('utf8');
  stream.on('data', (text) => { answer.body += text; if (onData) onData(stream, text); });
  stream.on('error', (error) => { answer.error = error.code; });
  stream.on('close', () => done(answer));
  stream.end(body === undefined ? undefined : JSON.stringify(body));
});
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
"""


def node(script, port=None, url="", process=None):
    """Runs a script of NODE's; the values that it said. With `process`: only starts it."""
    command = ["node", "-e", NODE + "(async () => {" + script + "})();", str(port or gateway.port), url]
    if process == "start":
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1)
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if ran.returncode != 0:
        raise AssertionError(ran.stderr[-3000:])
    return [json.loads(line) for line in ran.stdout.splitlines()]


class Curl(unittest.TestCase):
    def test_the_same_answer_as_over_http_1_1(self):
        for path, body in [("/health", None), ("/nowhere", None), ("/v1/chat/completions", CHAT),
                           ("/v1/chat/completions", {"messages": 1}),
                           ("/v1/chat/completions", {**CHAT, "messages": [{"role": "user", "content": harness.HARM}]}),
                           ("/filter/prompt", {"prompt": harness.EMAIL})]:
            sent = None if body is None else json.dumps(body).encode()
            two = curl(gateway.url + path, body=sent)
            one = curl(gateway.url + path, body=sent, version="--http1.1")
            with self.subTest(path=path, body=body):
                self.assertEqual((two[0], one[0]), ("HTTP/2", "HTTP/1.1"))
                self.assertEqual(two[1], one[1])
                self.assertEqual(set(two[2]), {name.lower() for name in one[2]})
                self.assertEqual(varying(two[3]), varying(one[3]))

    def test_streams_are_events(self):
        ask = {**CHAT, "stream": True}
        version, status, _, body = curl(gateway.url + "/v1/chat/completions", body=json.dumps(ask).encode())
        self.assertEqual((version, status), ("HTTP/2", 200))
        events = harness.read_events(body.decode())
        self.assertEqual(events[-1].data, "[DONE]")
        self.assertGreater(len(events), 3)

    def test_over_tls_by_agreement(self):
        with harness.Gateway(upstream=model.url, ready=False,
                             env={"TLS_CERT_FILE": certificate, "TLS_KEY_FILE": key}) as secure:
            url = f"https://{harness.LOOPBACK}:{secure.port}"
            trust = ["--cacert", certificate, "--retry", "50", "--retry-connrefused", "--retry-delay", "1"]
            body = json.dumps({"prompt": "x" * 1_000_000}).encode()
            self.assertEqual(curl(url + "/filter/prompt", *trust, body=body, version="--http2")[:2], ("HTTP/2", 200))
            self.assertEqual(curl(url + "/filter/prompt", *trust, body=body, version="--http1.1")[:2],
                             ("HTTP/1.1", 200))
            # Without agreement, the first bytes decide nothing.
            with self.assertRaises(AssertionError):
                curl(url + "/health", "--cacert", certificate, "--no-alpn")

    def test_upgrade_is_not_taken_up_but_answered(self):
        self.assertEqual(curl(gateway.url + "/health", version="--http2")[:2], ("HTTP/1.1", 200))

    def test_compressed_bodies_are_inspected(self):
        for text, action in [("hello", b'"allow"'), (harness.EMAIL, b'"block"')]:
            body = gzip.compress(json.dumps({"prompt": text}).encode())
            _, status, _, answer = curl(gateway.url + "/filter/prompt", "--header", "Content-Encoding: gzip", body=body)
            self.assertEqual(status, 200)
            self.assertIn(b'"action":' + action, answer)
        for coding, body, expected in [("gzip", b"nonsense", 400), ("gzip, gzip", b"", 415),
                                       ("gzip", gzip.compress(bytes(100 << 20)), 413)]:
            _, status, headers, answer = curl(gateway.url + "/v1/messages", "--header", f"Content-Encoding: {coding}",
                                              body=body)
            self.assertEqual((status, json.loads(answer)["type"]), (expected, "error"))
            self.assertEqual("accept-encoding" in headers, expected == 415)

    def test_limits(self):
        self.assertEqual(curl(gateway.url + "/health", "--header", "X-A: " + "a" * 20_000)[1], 431)
        self.assertEqual(curl(gateway.url + "/filter/prompt", body=b"a" * (9 << 20))[1], 413)
        text = "a" * ((8 << 20) - 100 - len(harness.EMAIL)) + " " + harness.EMAIL
        self.assertIn(b'"block"', curl(gateway.url + "/filter/prompt", body=json.dumps({"prompt": text}).encode())[3])

    def test_it_can_be_turned_off(self):
        with harness.Gateway(config="listen:\n  http2: false\n") as one:
            with self.assertRaises(AssertionError):
                curl(one.url + "/health")
            self.assertEqual(one.get("/health").status, 200)


def varying(body):
    """A body without what is another each time."""
    return re.sub(rb'"(id|decision_id|request_id)":"[^"]*"', b"", re.sub(rb'"[a-z_]*(ms|us)":[0-9.]+', b"", body))


class Node(unittest.TestCase):
    def test_many_requests_at_once_each_get_their_own_answer(self):
        said, = node("""
          const texts = Array.from({length: 90}, (_, i) => `text number ${i}.`);
          const answers = await Promise.all(texts.map((content, i) =>
              ask('/v1/chat/completions', {model: 'm', stream: i % 2 == 1, messages: [{role: 'user', content}]})));
          const read = (text) => text.startsWith('data:')
              ? text.split('\\n\\n').filter((e) => e.startsWith('data: {'))
                    .map((e) => JSON.parse(e.slice(6)).choices[0].delta.content || '').join('')
              : JSON.parse(text).choices[0].message.content;
          say(answers.map((a, i) => [a.status, read(a.body) == `You said: ${texts[i]}`]));
          session.close();
        """)
        self.assertEqual(said, [[200, True]] * 90)

    def test_a_slow_stream_does_not_hold_up_others(self):
        said, = node("""
          const slow = ask('/v1/chat/completions', {model: 'm', stream: true, messages: [
              {role: 'user', content: '[[delay: 200ms]] one two three four five six seven eight nine ten'}]});
          const begun = Date.now();
          const quick = await ask('/v1/chat/completions', {model: 'm', messages: [{role: 'user', content: 'hi'}]});
          const took = Date.now() - begun;
          const last = await slow;
          say([quick.status, took, last.status, last.body.endsWith('data: [DONE]\\n\\n'), Date.now() - begun]);
          session.close();
        """)
        self.assertEqual(said[0:1] + said[2:4], [200, 200, True])
        self.assertLess(said[1], said[4])

    def test_a_request_that_is_given_up_is_given_up_upstream(self):
        before = len(gateway.log())
        said, = node("""
          const answer = await ask('/v1/chat/completions', {model: 'm', stream: true, messages: [
              {role: 'user', content: '[[delay: 100ms]] ' + 'word '.repeat(600)}]},
              {onData: (stream) => stream.close(http2.constants.NGHTTP2_CANCEL)});
          const after = await ask('/health');
          say([answer.body.includes('[DONE]'), after.status]);
          session.close();
        """)
        self.assertEqual(said, [False, 200])
        # Both the prompt's and the broken answer's decisions are there long before the model would have finished.
        harness.eventually(lambda: len(gateway.log()) >= before + 2, "the answer that broke off is recorded", seconds=10)

    def test_what_is_under_way_is_answered_at_shutdown(self):
        with harness.Gateway(upstream=model.url) as leaving:
            client = node("""
              let told = false;
              session.on('goaway', () => { told = true; });
              const slow = ask('/v1/chat/completions', {model: 'm', stream: true, messages: [
                  {role: 'user', content: '[[delay: 200ms]] one two three four five six'}]},
                  {onData: () => { if (!told) say('begun'); }});
              const answer = await slow;
              say({told, status: answer.status, whole: answer.body.endsWith('data: [DONE]\\n\\n')});
            """, port=leaving.port, process="start")
            try:
                self.assertEqual(client.stdout.readline(), '"begun"\n')
                leaving.signal(signal.SIGTERM)
                said = [json.loads(line) for line in client.stdout]
            finally:
                client.stdout.close()
                client.wait(20)
            self.assertEqual(said[-1], {"told": True, "status": 200, "whole": True})
            self.assertEqual(leaving.wait(10), 0)

    def test_clients_that_do_not_read_cost_no_more_than_their_windows(self):
        def resident():
            with open(f"/proc/{gateway.pid}/status", encoding="ascii") as file:
                return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))
        before = resident()
        client = node("""
          for (let i = 0; i < 20; ++i) {
            const stream = session.request({':method': 'POST', ':path': '/v1/chat/completions'});
            stream.pause();  // reads nothing
            stream.end(JSON.stringify({model: 'm', stream: true, messages: [
                {role: 'user', content: '[[chunks: 1000]][[repeat: 100000]] some words that say nothing at all'}]}));
          }
          say('asked');
          await wait(20000);
        """, process="start")
        try:
            self.assertEqual(client.stdout.readline(), '"asked"\n')
            time.sleep(3)
            self.assertLess(resident() - before, 64 << 10)
        finally:
            client.kill()
            client.stdout.close()
            client.wait()
        self.assertEqual(gateway.get("/health").status, 200)


if __name__ == "__main__":
    unittest.main()
