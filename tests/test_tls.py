"""The gateway over TLS: its own listener, and an upstream whose certificate is verified."""
import http.client
import json
import os
import socket
import ssl
import subprocess
import tempfile
import unittest

import harness


def setUpModule():
    global folder, certificate, key, model
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    certificate, key = (os.path.join(folder.name, name) for name in ("certificate.pem", "key.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    model = harness.Model()
    unittest.addModuleCleanup(model.close)


def serving(**settings):
    """A gateway that speaks TLS; it is ready once it takes connections."""
    gateway = harness.Gateway(upstream=settings.pop("upstream", model.url), ready=False,
                              env={"TLS_CERT_FILE": certificate, "TLS_KEY_FILE": key, **settings})
    harness.eventually(lambda: connects(gateway.port), "the gateway listens")
    return gateway


def connects(port):
    with socket.socket() as probe:
        return probe.connect_ex((harness.LOOPBACK, port)) == 0


def trusting(**settings):
    context = ssl.create_default_context(cafile=certificate)
    for name, value in settings.items():
        setattr(context, name, value)
    return context


class Listener(unittest.TestCase):
    def test_whole_and_streamed_answers(self):
        with serving() as gateway:
            client = http.client.HTTPSConnection(harness.LOOPBACK, gateway.port, context=trusting(), timeout=20)
            for stream in (False, True):
                body = {"model": "m", "stream": stream, "messages": [{"role": "user", "content": "x" * 100_000}]}
                client.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
                answer = client.getresponse()
                text = answer.read().decode()
                self.assertEqual(answer.status, 200, text[:200])
                self.assertGreater(len(text), 100_000)
            client.close()

    def test_old_versions_and_plain_text_are_refused(self):
        with serving() as gateway:
            old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
            with socket.create_connection((harness.LOOPBACK, gateway.port), timeout=10) as raw:
                with self.assertRaises((ssl.SSLError, ConnectionError)):
                    old.wrap_socket(raw)
            received, closed = gateway.exchange(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(closed)
            self.assertNotIn(b"200", received)

    def test_http_2_is_agreed_on_where_the_client_offers_it(self):
        with serving() as gateway:
            for offered, agreed in [(["h2", "http/1.1"], "h2"), (["http/1.1", "h2"], "h2"),
                                    (["http/1.1"], "http/1.1"), ([], None)]:
                context = trusting()
                if offered:
                    context.set_alpn_protocols(offered)
                with socket.create_connection((harness.LOOPBACK, gateway.port), timeout=10) as raw, \
                        context.wrap_socket(raw, server_hostname=harness.LOOPBACK) as tls:
                    self.assertEqual(tls.selected_alpn_protocol(), agreed)
            context = trusting()
            context.set_alpn_protocols(["spdy/3"])
            with socket.create_connection((harness.LOOPBACK, gateway.port), timeout=10) as raw:
                with self.assertRaises(ssl.SSLError):
                    context.wrap_socket(raw, server_hostname=harness.LOOPBACK)


class Settings(unittest.TestCase):
    def test_one_file_without_the_other_or_unusable_is_an_error_that_says_so(self):
        for environment, said in [({"TLS_CERT_FILE": certificate}, "set both"),
                                  ({"TLS_CERT_FILE": certificate, "TLS_KEY_FILE": "/nowhere"}, "cannot be read"),
                                  ({"TLS_CERT_FILE": key, "TLS_KEY_FILE": key}, "no usable certificate chain"),
                                  ({"TLS_CERT_FILE": certificate, "TLS_KEY_FILE": certificate}, "no private key")]:
            with self.subTest(said):
                ran = harness.run("serve", "--port", harness.free_port(), "--data",
                                  os.path.join(folder.name, "data"), env=environment)
                self.assertEqual(ran.returncode, 2)
                self.assertIn(said, ran.stderr + ran.stdout)


class Upstream(unittest.TestCase):
    def test_a_certificate_nobody_vouches_for_is_not_believed(self):
        with serving() as upstream:
            url = f"https://{harness.LOOPBACK}:{upstream.port}"
            ask = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
            with harness.Gateway(upstream=url) as gateway:
                self.assertEqual(gateway.post("/v1/chat/completions", ask).status, 502)
            with harness.Gateway(upstream=url, env={"PAC_UPSTREAM_CA_FILE": certificate}) as gateway:
                reply = gateway.post("/v1/chat/completions", ask)
                self.assertEqual(reply.status, 200, reply)


if __name__ == "__main__":
    unittest.main()
