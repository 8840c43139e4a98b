#!/usr/bin/env python3
"""Portkey's npm gateway, without guardrails, in front of the same model: throughput and added latency in the same run.

Installed once, pinned, into bench/.cache, as its makers publish it; one Node.js process, its production mode.
"""
import os
import subprocess
import sys

from gateway import chat, of_bytes
from stage import GATEWAY, HERE, MODEL, NGINX, OTHER, Stage, compare, line, script, wait

VERSION = "1.15.2"
WHERE = os.path.join(HERE, ".cache", f"portkey-{VERSION}")
SERVER = os.path.join(WHERE, "node_modules/@portkey-ai/gateway/build/start-server.js")


def install():
    if os.path.exists(SERVER):
        return
    os.makedirs(WHERE, exist_ok=True)
    with open(os.path.join(WHERE, "package.json"), "w", encoding="utf-8") as out:
        out.write("{}\n")
    done = subprocess.run(["npm", "install", "--no-fund", "--no-audit", "--ignore-scripts", "--omit=dev", "--loglevel=error",
                           f"@portkey-ai/gateway@{VERSION}"], cwd=WHERE, check=False)
    if done.returncode != 0:
        sys.exit(f"npm could not install @portkey-ai/gateway {VERSION}")


def main():
    install()
    with Stage() as stage:
        stage.model()
        stage.nginx()
        stage.gateway()
        stage.start("node", SERVER, f"--port={OTHER}", "--headless", env=dict(os.environ, NODE_ENV="production"))
        wait(OTHER)
        messages = of_bytes(1000)
        plain = chat(stage.folder, "chat", messages)
        portkey = script(stage.folder, "portkey", {"model": "m", "messages": messages},
                         {"Authorization": "Bearer none", "x-portkey-provider": "openai",
                          "x-portkey-custom-host": f"http://127.0.0.1:{MODEL}/v1"})
        ports = {"direct": MODEL, "nginx": NGINX, "plimsoll": GATEWAY, f"Portkey {VERSION}": (OTHER, portkey)}
        for connections in (1, 32):
            middle = compare(ports, plain, connections)
            for name, m in middle.items():
                line(f"peers, chat, 1 KB, {connections} connection{'s' if connections > 1 else ''}: {name}",
                     f"{m['rps']:8.0f} req/s   p50 {m['p50']:6.0f} us   p99 {m['p99']:6.0f} us"
                     f"   added p50 {m['p50'] - middle['direct']['p50']:6.0f} us")
            line(f"plimsoll's throughput over Portkey's, {connections} connection{'s' if connections > 1 else ''}",
                 f"{middle['plimsoll']['rps'] / middle[f'Portkey {VERSION}']['rps']:8.1f} times")


if __name__ == "__main__":
    main()
