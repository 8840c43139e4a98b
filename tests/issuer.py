"""Issues JSON Web Tokens and publishes the keys they are signed with. Needs the openssl command."""
import base64
import http.server
import json
import os
import subprocess
import threading
import time

NAME = "https://issuer.example"
AUDIENCE = "plimsoll"


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(header, claims):
    return b64url(json.dumps(header).encode()) + "." + b64url(json.dumps(claims).encode())


class Key:
    """One key pair. `alg`: RS256, ES256 or EdDSA."""

    def __init__(self, folder, kid, alg):
        self.kid, self.alg = kid, alg
        self.path = os.path.join(folder, f"{kid}.{alg}.pem")
        kind = {"RS256": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "ES256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
                "EdDSA": ["ED25519"]}[alg]
        self.openssl("genpkey", "-algorithm", *kind, "-out", self.path)
        self.der = self.openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER")
        self.pem = self.openssl("pkey", "-in", self.path, "-pubout").decode()

    @staticmethod
    def openssl(*arguments, data=None):
        return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout

    def jwk(self, **more):
        key = {"kid": self.kid, "use": "sig", "alg": self.alg}
        if self.alg == "EdDSA":
            key |= {"kty": "OKP", "crv": "Ed25519", "x": b64url(self.der[-32:])}
        elif self.alg == "ES256":
            key |= {"kty": "EC", "crv": "P-256", "x": b64url(self.der[-64:-32]), "y": b64url(self.der[-32:])}
        else:
            modulus = self.openssl("rsa", "-in", self.path, "-noout", "-modulus").decode().strip().split("=")[1]
            key |= {"kty": "RSA", "n": b64url(bytes.fromhex(modulus)), "e": "AQAB"}
        return {**key, **more}

    def sign(self, text):
        if self.alg == "EdDSA":
            path = self.path + ".text"
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            return self.openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.path, "-in", path)
        signature = self.openssl("dgst", "-sha256", "-sign", self.path, data=text.encode())
        return signature if self.alg == "RS256" else self.plain(signature)

    @staticmethod
    def plain(der):
        """The two numbers of a DER signature, 32 bytes each."""
        out, at = b"", 2
        for _ in range(2):
            size = der[at + 1]
            out += der[at + 2:at + 2 + size].lstrip(b"\0").rjust(32, b"\0")
            at += 2 + size
        return out

    def token(self, header=None, **claims):
        """None leaves a claim out."""
        given = {"iss": NAME, "aud": AUDIENCE, "sub": "u-1", "org": "acme", "exp": int(time.time()) + 600, **claims}
        text = unsigned({"alg": self.alg, "typ": "JWT", "kid": self.kid, **(header or {})},
                        {name: value for name, value in given.items() if value is not None})
        return text + "." + b64url(self.sign(text))


class Issuer:
    """Serves /keys. `answer`: a status, to fail with; `body`: in place of the keys."""

    def __init__(self, *keys):
        self.keys, self.answer, self.body, self.asked = list(keys), 200, None, 0
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.asked += 1
                body = issuer.body or json.dumps({"keys": [key.jwk() for key in issuer.keys]}).encode()
                self.send_response(issuer.answer if self.path == "/keys" else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/keys"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
