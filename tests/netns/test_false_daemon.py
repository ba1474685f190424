# SPDX-License-Identifier: ISC
"""discoverctl in front of something that only claims to be discoverd, and of terminals and disks that do not take it."""

import csv
import html
import io
import json
import os
import pathlib
import re
import resource
import socket
import subprocess
import threading
import unicodedata

import lab

DEVICE = {"id": "uuid:1", "name": "lamp", "kind": "device", "protocols": ["ssdp"], "reachable": True,
          "addresses": [{"address": "10.99.0.2", "interface": "eth0", "mac": "02:00:00:00:00:01"}]}


class FalseDaemon:
    """Answers every question with the same bytes; hangs up at once where they are no whole message."""

    def __init__(self, folder, say):
        self.path = str(pathlib.Path(folder, "false"))
        pathlib.Path(self.path).unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.say = say
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                whole = isinstance(self.say, bytes) and self.say.endswith(b"\0")
                try:
                    while client.recv(8192):
                        for part in [self.say] if isinstance(self.say, bytes) else self.say:
                            client.sendall(part)
                        if not whole:
                            break
                except OSError:
                    pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def reply(parameters, **more):
    return json.dumps({"parameters": parameters, **more}).encode() + b"\0"


def ask(here, say, *args, limit=15, env=None, **options):
    daemon = FalseDaemon(here.folder, say)
    try:
        return subprocess.run([str(lab.BUILD / "discoverctl"), "-s", daemon.path, *args], stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, timeout=limit, env={**os.environ, **(env or {})},
                              **{"stdout": subprocess.PIPE, **options})
    finally:
        daemon.close()


COMMANDS = (["list"], ["-j", "list"], ["-o", "csv", "list"], ["-o", "kv", "list"], ["-o", "jsonl", "list"],
            ["-o", "table", "--columns", "all", "list"], ["show", "x"], ["-j", "show", "x"], ["watch"], ["search"], ["status"],
            ["-o", "csv", "status"], ["interfaces", "--sort", "name"], ["log-level"], ["reload"],
            ["services"], ["services", "-o", "csv"], ["list", "--by", "interface", "-o", "csv"], ["map"], ["map", "-o", "dot"])


def test_replies_that_make_no_sense_end_with_a_message(here):
    wrong = [1, -1, 1e300, True, None, "text", [], {}, [[]], [None], [1], [{}], {"a": {"b": []}}]
    keys = ["id", "name", "kind", "addresses", "protocols", "endpoints", "reachable", "first_seen", "last_seen", "expires_in",
            "attached_to", "ids", "type", "flags"]
    strange = [dict(DEVICE, **{k: w}) for k in keys for w in wrong] + [dict(DEVICE, addresses=[dict(address=w)]) for w in wrong]
    strange += [dict(DEVICE, endpoints=[w]) for w in wrong] + wrong
    strange += [dict(DEVICE, endpoints=[{k: w, "services": [{k: w}]}]) for k in ("services", "txt", "icons", "addresses", "name") for w in wrong]
    says = [b"", b"\0", b"{", b"{}\0", b"[]\0", b"null\0", b'"x"\0', b"\xff\xfe\0", b"{\"parameters\":1}\0", b"hello\r\n\0",
            reply({}), reply({"devices": strange}), reply({"device": None}), reply({"devices": {}}), reply({"devices": "x"}),
            *(reply({"device": d, "event": "added"}) for d in strange[::7]), reply({"event": 1, "device": []}),
            *(reply(dict.fromkeys(("version", "uuid", "name", "devices", "counters", "interfaces", "since", "warning", "links",
                                   "vendor", "product", "url"), w)) for w in wrong),
            b'{"error":5}\0', b'{"error":"io.discoverd.NotFound"}\0', b'{"error":"x\\u001b[31m\\u202e","parameters":{"id":[]}}\0',
            json.dumps({"error": "io.discoverd.Ambiguous", "parameters": {"id": {}, "candidates": wrong}}).encode() + b"\0",
            b'{"parameters":' * 5000 + b"{}" + b"}" * 5000 + b"\0", b'{"error":"' + b"x" * 100000 + b'"}\0']
    for command in COMMANDS:
        for say in says:
            done = ask(here, say, *command)
            what = (command, say[:100], done)
            assert 0 <= done.returncode < 64 and done.returncode not in (2, 5), what
            assert done.returncode == 0 or done.stderr.startswith(b"discoverctl: "), what
            assert b"Sanitizer" not in done.stderr and b"runtime error" not in done.stderr, what
            assert b"\x1b" not in done.stdout + done.stderr, what
        assert ask(here, b"", *command).returncode == 3, (command, ask(here, b"", *command))
        assert ask(here, b"hello\0", *command).returncode == 1, (command, ask(here, b"hello\0", *command))


def bad_characters(text):
    return [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def test_hostile_names_reach_no_terminal(here):
    evil = ["\x1b[2J\x1b]0;title\x07", "\u202eexe.gnp", "\u2066x\u2069", "a\nb\rc\td", "\x00nul", "\x7f\x9b31m", "\u2028line", "\ufeffbom",
            "x" * 10000, "\u0301" * 3000, "👩‍👩‍👧" * 200, "界" * 500, "\u200b" * 100]
    devices = [dict(DEVICE, id=e, name=e, type=e, kind=e, manufacturer=e, model=e, first_seen=e, last_seen=e, flags=[e],
                    protocols=[e], addresses=[{"address": e, "interface": e, "mac": e}], attached_to=e,
                    endpoints=[{"protocol": e, "key": e, "name": e, "url": e, "server": e, "icons": [{"url": e, "mimetype": e}],
                                "services": [{"type": e, "name": e, "key": e, "path": e, "txt": {e: e}, "control_url": e}]}]) for e in evil]
    for args in (["list"], ["--columns", "all", "list"], ["-o", "csv", "list"], ["-o", "kv", "list"], ["-o", "json", "list"],
                 ["-o", "jsonl", "list"]):
        for columns in ("1", "20", "80"):
            done = ask(here, reply({"devices": devices}), *args, env={"COLUMNS": columns})
            assert done.returncode == 0, done
            # a name that was stored with joiners or combining marks keeps them in what machines read
            assert not [c for c in bad_characters(done.stdout.decode()) if c not in "\u200d"], (args, bad_characters(done.stdout.decode()))
    for e in evil:
        for say, args in ((reply({"device": devices[evil.index(e)]}), ["show", "x"]),
                          (reply({"event": e, "device": devices[evil.index(e)]}), ["watch"]),
                          (reply({"device": devices[evil.index(e)]}), ["search"]),
                          (reply({"version": e, "name": e, "uuid": e, "warning": e, "counters": {e: {e: 1}}, "since": e}), ["status"]),
                          (reply({"counters": {e: {e: 1}}}), ["-o", "csv", "status"]),
                          (reply({"counters": {e: {e: 1}}}), ["-o", "kv", "status"]),
                          (reply({"interfaces": [{"name": e, "addresses": [e]}]}), ["interfaces"]),
                          *((reply({"name": e, "devices": devices, "interfaces": [{"name": e, "kind": e, "mac": e, "peer": {"name": e}}]}), args)
                            for args in (["map"], ["map", "-o", "dot"], ["map", "-j"], ["services"],
                                         ["list", "--by", "interface", "-o", "kv"])),
                          (reply({"device": devices[0], "devices": devices, "interfaces": [{"name": e, "addresses": [e]}]}), ["show", "x"]),
                          (json.dumps({"error": e}).encode() + b"\0", ["list"]),
                          (json.dumps({"error": "io.discoverd.Ambiguous", "parameters": {"id": e, "candidates": [{"id": e, "name": e, "address": e}]}}).encode() + b"\0", ["list"])):
            done = ask(here, say, *args)
            text = (done.stdout + done.stderr).decode()
            assert not [c for c in bad_characters(text) if c not in "\u200d"], (args, e[:20], text[:300])


def test_what_machines_read_parses_back(here):
    names = ['a,b', 'say "hi"', "it's", "semi;colon", "tab\there", "two\nlines", "back\\slash", "=1+1", " spaces ", "ü界", "", "#x", "$(x)"]
    devices = [dict(DEVICE, id=f"uuid:{i}", name=n) for i, n in enumerate(names)]
    say = reply({"devices": devices})
    as_json = json.loads(ask(here, say, "-j", "list").stdout)
    assert {d["id"]: d["name"] for d in as_json} == {d["id"]: d["name"] for d in devices}
    as_lines = [json.loads(line) for line in ask(here, say, "-o", "jsonl", "list").stdout.splitlines()]
    assert sorted(as_lines, key=str) == sorted(as_json, key=str)
    text = ask(here, say, "-o", "csv", "--columns", "id,name", "list").stdout.decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == len(names) + 1 and {len(r) for r in rows} == {2}, rows
    got = dict(rows[1:])
    for i, name in enumerate(names):
        if not bad_characters(name) and "\n" not in name:
            assert got[f"uuid:{i}"] == name.replace("\\", "\\\\") or got[f"uuid:{i}"] == name, (name, got[f"uuid:{i}"])


def test_a_picture_of_any_names_is_one_that_graphviz_takes(here):
    names = ['say "hi"', "back\\slash", "\\N \\G \\n", "<b>html</b>", "&lt;&amp;", "a -- b; c", "{x|y}", "]", "\\", '\\"', "\x1b[31m", "n\nl", "日本", "#"]
    devices = [dict(DEVICE, id=f"uuid:{i}", name=n, addresses=[dict(address=f"10.99.0.{i}", interface=n)]) for i, n in enumerate(names)]
    done = ask(here, reply({"name": '"', "devices": devices, "interfaces": []}), "map", "-o", "dot")
    assert done.returncode == 0, done
    labels = dot_labels(done.stdout.decode())
    escaped = [n.replace("\\", "\\\\").replace("\x1b", "\\x1b").replace("\n", "\\x0a") for n in names]
    assert set(escaped) <= {part for label in labels for part in label}, (escaped, labels)
    plain = subprocess.run([lab.need("dot"), "-Tplain"], input=done.stdout, capture_output=True, check=True)
    assert not plain.stderr and plain.stdout.count(b"\nnode ") == len(labels) == 1 + 2 * len(names), plain


def dot_labels(text):
    """The lines of each label, read as the DOT language has them; fails where anything else stands between."""
    head, *lines, tail = text.splitlines()
    assert head == "graph discoverd {" and tail == "}", text
    labels = []
    for line in lines[1:]:
        if re.fullmatch(r"    n\d+ -- n\d+;", line):
            continue
        quoted = re.fullmatch(r'    n\d+ \[shape=\w+, label="((?:[^"\\]|\\.)*)"\];', line)
        assert quoted, line
        parts = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], quoted[1]).split("\n")
        labels.append([html.unescape(part) for part in parts])
    return labels


def test_a_reply_without_end_is_given_up(here):
    def endless():
        while True:
            yield b'{"parameters":"' + b"x" * (1 << 20)
    cap = 1 << 30
    done = ask(here, endless(), "-t", "60", "list", limit=30)
    assert done.returncode == 1 and b"too l" in done.stderr.lower(), done
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 < cap


def test_output_that_cannot_be_written_is_an_error(here):
    say = reply({"devices": [DEVICE] * 500})
    for args in (["list"], ["-j", "list"], ["-o", "csv", "list"], ["help"], ["--version"]):
        with open("/dev/full", "wb") as full:
            done = ask(here, say, *args, stdout=full)
        assert done.returncode == 1 and b"cannot write: No space left" in done.stderr, (args, done)
        closed = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", str(lab.BUILD / "discoverctl"), "-s", "/nonexistent", "help"],
                                stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        assert closed.returncode == 1 and b"cannot write" in closed.stderr, closed
