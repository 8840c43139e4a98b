#!/usr/bin/env python3
"""Memory of connections that are kept open and say nothing: idle.py [connections], 10,000 unless said.

Each has made one request, then one more (a chat) before it falls silent again, and a tenth of them a large one at last.
Beside nginx with the same.
"""
import json
import resource
import socket
import sys
import time

from gateway import of_bytes
from stage import GATEWAY, NGINX, Stage, family, line, memory


def get():
    return b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def chat(size=1000):
    body = json.dumps({"model": "m", "messages": of_bytes(size)}).encode()
    return (b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            % len(body) + body)


def connect(port, k):
    connection = socket.socket()
    connection.bind((f"127.0.0.{2 + k // 5000}", 0))     # an address has ports for some 28,000
    connection.settimeout(30)
    connection.connect(("127.0.0.1", port))
    return connection


def ask(connection, request):
    connection.sendall(request)
    reply = b""
    while True:
        data = connection.recv(65536)
        if not data:
            raise RuntimeError("the connection was closed")
        reply += data
        head, found, body = reply.partition(b"\r\n\r\n")
        if found and (body.endswith(b"0\r\n\r\n") or f"content-length: {len(body)}\r\n".encode() in head.lower() + b"\r\n"):
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.split(b"\r\n")[0].decode())
            return


def is_open(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def total(child):
    return sum(memory(pid) for pid in family(child.pid))


def measure(name, child, port, count):
    for _ in range(200):                                  # what the first requests cost is not the connections'
        with connect(port, 0) as connection:
            ask(connection, get())
            ask(connection, chat())
    time.sleep(1)
    base = total(child)
    connections = []
    for k in range(count):
        connections.append(connect(port, k))
        ask(connections[-1], get())
    time.sleep(1)
    quiet = total(child) - base
    line(f"{count} idle connections after a small request: {name}", f"{quiet:7.1f} MB more, {quiet * 1024 / count:6.2f} KB each")
    request = chat()
    for connection in connections:
        ask(connection, request)
    time.sleep(1)
    used = total(child) - base
    request, few = chat(64 << 10), max(1, count // 10)
    for connection in connections[:few]:
        ask(connection, request)
    time.sleep(1)
    large = total(child) - base - used
    kept = sum(map(is_open, connections))
    for connection in connections:
        connection.close()
    time.sleep(2)
    line(f"{count} idle connections after a chat of 1 KB: {name}", f"{used:7.1f} MB more, {used * 1024 / count:6.2f} KB each")
    line(f"{few} of them after a chat of 64 KB: {name}", f"{large:7.1f} MB more, {large * 1024 / few:6.2f} KB each; {kept} still open;"
         f" {total(child) - base:.1f} MB more once all are closed")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with Stage() as stage:
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200
        if count > most:
            print(f"  {most} connections instead of {count}: that is how many open files a process may have here")
            count = most
        stage.model()
        measure("nginx", stage.nginx(), NGINX, count)
        measure("plimsoll", stage.gateway(), GATEWAY, count)


if __name__ == "__main__":
    main()
