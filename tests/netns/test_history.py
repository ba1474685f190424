# SPDX-License-Identifier: ISC
"""discoverd-history beside real daemons: what it records of devices that come, move and go, and what it survives."""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess

import lab

PROGRAM = lab.BUILD / "discoverd-history"
SOCKET = "/run/discoverd-history/io.discoverd.History"  # /run is that of the test
HOOK = """#!/bin/sh
env >"{0}/$DISCOVERD_EVENT-$$.tmp" && ls -l /proc/self/fd >>"{0}/$DISCOVERD_EVENT-$$.tmp" && mv "{0}/$DISCOVERD_EVENT-$$.tmp" "{0}/$DISCOVERD_EVENT-$$.run"
"""


class History:
    """A discoverd-history for a daemon."""

    def __init__(self, daemon, config="", learn=0, name="history", state=None, env=None, wrap=(), ready=True):
        if not PROGRAM.exists():
            raise lab.Skip("discoverd-history is not built (libsqlite3-dev: scripts/setup build)")
        self.daemon = daemon
        self.folder = pathlib.Path(daemon.host.lab.folder, name)
        self.folder.mkdir(exist_ok=True)
        self.state = pathlib.Path(state or self.folder)
        self.runs = self.folder / "runs"
        self.runs.mkdir(exist_ok=True)
        hook = self.folder / "hook"
        hook.write_text(HOOK.format(self.runs))
        hook.chmod(0o755)
        self.conf = self.folder / "history.conf"
        self.conf.write_text(f"[New]\nlearn = {learn}\n[History]\nsave-interval = 10\n{config or f'[Hooks]{chr(10)}exec = {hook}{chr(10)}'}")
        self.env, self.wrap = env, wrap
        if ready:
            self.start()

    def start(self):
        self.process = self.daemon.host.start(*self.wrap, str(PROGRAM), "-c", str(self.conf), "-s", str(self.daemon.socket),
                                              "-d", str(self.state), env=self.env)
        lab.wait(lambda: " started with " in self.process.text(), lambda: f"it starts: {self.process.text()}")
        return self

    def stop(self):
        assert self.process.stop() == 0, self.process.text()

    def kill(self):
        self.process.signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, **parameters):
        """The devices that History returns, or the error."""
        return ask("History", **parameters)

    def device(self, **wanted):
        return next((d for d in self.ask() if all(d[k] == v for k, v in wanted.items())), None)

    def wait(self, **wanted):
        return lab.wait(lambda: self.device(**wanted), lambda: f"{wanted} in {self.ask()}\n{self.process.text()}")[0]

    def rows(self, sql):
        """What is in the file, as another program reads it."""
        with sqlite3.connect(f"file:{self.state}/history.db?mode=ro", uri=True) as tables:
            return tables.execute(sql).fetchall()

    def hooks(self, event):
        """The environments that the program was run with for this event."""
        return [dict(line.split("=", 1) for line in run.read_text().splitlines() if "=" in line)
                for run in sorted(self.runs.glob(f"{event}-*.run"), key=lambda run: run.stat().st_mtime_ns)]

    def wait_hook(self, event, **wanted):
        def run():
            return next((e for e in self.hooks(event) if all(e.get(f"DISCOVERD_{k}") == v for k, v in wanted.items())), None)
        return lab.wait(run, lambda: f"{event} {wanted} in {self.hooks(event)}\n{self.process.text()}")[0]


def ask(method, **parameters):
    """What a method returns; for History its devices; an error as its name."""
    import socket
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(SOCKET)
        call = {"method": f"io.discoverd.History.{method}", "parameters": parameters, "more": method == "History"}
        connection.sendall(json.dumps(call).encode() + b"\0")
        devices, received = [], b""
        while True:
            while b"\0" not in received:
                piece = connection.recv(65536)
                if not piece:
                    raise lab.Failure(f"{method}: the connection ends after {received[:100]}")
                received += piece
            reply, _, received = received.partition(b"\0")
            reply = json.loads(reply)
            if reply.get("error"):
                return reply["error"]
            devices += reply["parameters"].get("devices", [])
            if not reply.get("continues"):
                return devices if method == "History" else reply["parameters"]


def with_mac(host, mac):
    """As a card that a manufacturer made; those of the kernel are random."""
    host.run("ip", "link", "set", "eth0", "address", mac)
    return host


def readdress(host, old, new):
    host.run("ip", "addr", "del", f"{old}/24", "dev", "eth0")
    host.run("ip", "addr", "add", f"{new}/24", "brd", "+", "dev", "eth0")


def places(device):
    return [(p["address"], p["ended"] is None) for p in device["presences"]]


def kinds(device):
    return [(e["kind"], e["old"], e["new"]) for e in device["events"]]


def test_a_device_comes_moves_and_goes(here):
    a, b = here.host("a"), with_mac(here.host("b"), "00:16:3e:00:00:0b")
    daemon = a.discoverd()
    history = History(daemon)
    visitor = b.discoverd()
    device = history.wait(name="b", mac="00:16:3e:00:00:0b")
    assert device["present"] and not device["acknowledged"] and not device["random_mac"], device
    assert places(device) == [("10.99.0.2", True)], device
    told = history.wait_hook("new", NAME="b", ADDRESS="10.99.0.2", MAC="00:16:3e:00:00:0b", INTERFACE="eth0", RANDOM_MAC="no")
    assert told["DISCOVERD_ID"] == device["id"] and told["DISCOVERD_TIME"] == told["DISCOVERD_FIRST_SEEN"], told
    assert "new device: b (" in history.process.text()
    readdress(b, "10.99.0.2", "10.99.0.77")
    history.wait_hook("moved", NAME="b", OLD_ADDRESS="10.99.0.2", ADDRESS="10.99.0.77")
    assert places(history.wait(name="b")) == [("10.99.0.2", False), ("10.99.0.77", True)]
    visitor.stop()
    history.wait_hook("removed", NAME="b", ADDRESS="10.99.0.77")
    device = history.wait(name="b", present=False)
    assert places(device) == [("10.99.0.2", False), ("10.99.0.77", False)], device
    b.discoverd()
    history.wait_hook("added", NAME="b", ADDRESS="10.99.0.77")
    device = history.wait(name="b", present=True)
    assert places(device)[-1] == ("10.99.0.77", True) and len(history.ask()) == 1, history.ask()
    assert kinds(device) == [("new", None, "10.99.0.2"), ("moved", "10.99.0.2", "10.99.0.77"), ("removed", "10.99.0.77", None),
                             ("added", None, "10.99.0.77")], kinds(device)
    history.stop()
    assert history.rows("SELECT count(*) FROM presence WHERE ended IS NULL") == [(1,)]
