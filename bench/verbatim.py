#!/usr/bin/env python3
"""Verbatim copying: what is found in edited copies, what is wrongly found, and the index of 10,000 works.

    bench/verbatim.py [--edits] [--size]      both without either; --size takes some 3 GB under the working folder

The texts come from Debian packages (fetched with `apt-get download`, unpacked, not installed): Jane Austen's novels and
the King James Bible, in the public domain, and the documentation of Python and Linux, whose licences allow this use.
One line per figure; build/release/bench/bench_verbatim does the measuring.
"""
import argparse
import glob
import gzip
import os
import re
import subprocess
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "../build/release/bench/bench_verbatim")
PACKAGES = ["r-cran-janeaustenr", "python3.11-doc", "linux-doc-6.1"]
LEAST = 200_000  # bytes of a work


def unpack(folder):
    os.makedirs(folder, exist_ok=True)
    for package in PACKAGES:
        if glob.glob(os.path.join(folder, package + "_*.deb")):
            continue
        subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=True, stderr=subprocess.DEVNULL)
        subprocess.run(["dpkg-deb", "-x", glob.glob(os.path.join(folder, package + "_*.deb"))[0], folder + "/x"], check=True)


def novels(folder):
    """The strings of R's lazy-load database: zlib streams behind four bytes of length, strings behind their own."""
    data = open(glob.glob(folder + "/x/usr/lib/R/site-library/janeaustenr/data/Rdata.rdb")[0], "rb").read()
    at = 0
    while at < len(data):
        stream = zlib.decompressobj()
        raw = stream.decompress(data[at + 4:])
        at = len(data) - len(stream.unused_data)
        lines, place = [], raw.find(b"\x00\x04\x00\x09")
        while place >= 0:
            size = int.from_bytes(raw[place + 4:place + 8], "big")
            lines.append(raw[place + 8:place + 8 + size].decode("utf-8", "replace") if size < 10_000 else "")
            place = raw.find(b"\x00\x04\x00\x09", place + 8 + (size if size < 10_000 else 0))
        yield "austen-" + lines[0].lower().replace(" ", "-"), "\n".join(lines)


def documentation(folder):
    """Each folder of a manual is a work. Translations are left out: their examples are those of the original."""
    works, seen = {}, set()
    for path in sorted(glob.glob(folder + "/x/usr/share/doc/**/*.txt*", recursive=True)):
        found = re.search(r"/(python|linux)[^/]*/html/_sources/([^/]+)/", path)
        if not found or found.group(2) == "translations" or os.path.realpath(path) in seen:
            continue
        seen.add(os.path.realpath(path))
        opened = gzip.open if path.endswith(".gz") else open
        with opened(path, "rt", encoding="utf-8", errors="replace") as file:
            works.setdefault("-".join(found.groups()), []).append(file.read())
    for name, parts in works.items():
        yield name, "\n\n".join(parts)


def bible(folder):
    """In a format of its own, which the program reads: only where the package bible-kjv is installed."""
    try:
        out = subprocess.run(["bible", "-f", "gen1:1-rev22:21"], capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        return
    yield "king-james-bible", re.sub(r"(?m)^\w+:\d+ ", "", out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", default="/tmp/plimsoll-verbatim", help="working folder")
    parser.add_argument("--edits", action="store_true")
    parser.add_argument("--size", action="store_true")
    args = parser.parse_args()
    texts = os.path.join(args.work, "texts")
    if not os.path.isdir(texts):
        unpack(args.work + "/packages")
        os.makedirs(texts + ".new", exist_ok=True)
        for source in (novels, bible, documentation):
            for name, text in source(args.work + "/packages"):
                if len(text) >= LEAST:
                    with open(os.path.join(texts + ".new", name + ".txt"), "w", encoding="utf-8") as file:
                        file.write(text)
        os.rename(texts + ".new", texts)
    both = args.edits == args.size
    if args.edits or both:
        subprocess.run([PROGRAM, "edits", texts, args.work], check=True)
    if args.size or both:
        subprocess.run([PROGRAM, "size", texts, args.work], check=True)


if __name__ == "__main__":
    main()
