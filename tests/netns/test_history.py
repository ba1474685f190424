# SPDX-License-Identifier: ISC
"""discoverd-history beside real daemons: what it records of devices that come, move and go, and what it survives."""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import tempfile

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


def ctl(daemon, *args, status=0, env=None, user=None):
    """discoverctl's standard output, or its error where it has to end with another status."""
    argv = [str(lab.BUILD / "discoverctl"), "-s", str(daemon.socket), *args]
    if user:
        argv = ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups", *argv]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, env={**os.environ, **(env or {})})
    assert done.returncode == status, (args, done)
    return done.stderr if status else done.stdout


def test_what_may_be_out_of_date_is_marked(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    history = History(daemon)
    b.discoverd()
    history.wait(name="b")

    def mistrusted():
        done = subprocess.run([str(lab.BUILD / "discoverctl"), "history", "b"], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL)
        assert done.returncode == 0 and "b " in done.stdout, done
        return "may be out of date" in done.stderr
    assert not mistrusted()
    daemon.stop()
    lab.wait(mistrusted, "it is marked")


def test_devices_are_listed_acknowledged_and_named(here):
    a, b, c = here.host("a"), with_mac(here.host("b"), "00:16:3e:00:00:0b"), with_mac(here.host("c"), "00:16:3e:00:00:0c")
    daemon = a.discoverd()
    history = History(daemon)
    b.discoverd()
    c.discoverd()
    for name in "bc":
        history.wait_hook("new", NAME=name)
    table = ctl(daemon, "history")
    assert "NAME" in table and "10.99.0.2" in table and "10.99.0.3" in table and "here" in table and "2 devices" in table, table
    assert [d["name"] for d in json.loads(ctl(daemon, "-j", "history", "--new", "--sort", "name"))] == ["b", "c"]
    assert ctl(daemon, "history", "b", "-o", "csv", "--no-legend", "--columns", "mac,acknowledged") == "00:16:3e:00:00:0b,false\n"
    ctl(daemon, "acknowledge", "10.99.0.2")
    assert [d["name"] for d in json.loads(ctl(daemon, "-j", "history", "--new"))] == ["c"]
    assert "no device" in ctl(daemon, "acknowledge", "b", "nothing", status=4)
    ctl(daemon, "name", "00:16:3e:00:00:0c", "Living-room lamp")
    assert json.loads(ctl(daemon, "-j", "history", "--new")) == []
    assert history.rows("SELECT alias, acknowledged FROM device WHERE mac LIKE '%c'") == [("Living-room lamp", 1)]
    for words in (["list"], ["list", "living"], ["show", "living"], ["map"], ["services"], ["list", "--name", "living*"], ["list", "--name", "c"],
                  ["history", "living-room lamp"], ["history", "living"]):
        assert "Living-room lamp" in ctl(daemon, *words), (words, ctl(daemon, *words))
    shown = json.loads(ctl(daemon, "-j", "show", "Living-room lamp"))
    assert (shown["name"], shown["alias"]) == ("Living-room lamp", "Living-room lamp"), shown
    watch = daemon.watch("c")
    assert "Living-room lamp" in watch.text(), watch.text()
    assert "accepts visible text" in ctl(daemon, "name", "b", "x" * 65, status=2)
    assert "no device" in ctl(daemon, "name", "00:16:3e:00:00:0", "x", status=4)
    ctl(daemon, "name", "Living-room lamp", "")
    assert "Living-room lamp" not in ctl(daemon, "list") + ctl(daemon, "history")
    assert "is a time like" in ctl(daemon, "history", "--since", "yesterday", status=2)
    assert json.loads(ctl(daemon, "-j", "history", "--since", "1h")) and json.loads(ctl(daemon, "-j", "history", "--since", "2099-01-01"))
    # others may read only
    for words in (["acknowledge", "b"], ["name", "b", "x"]):
        assert "not allowed" in ctl(daemon, *words, status=5, user=12345), words
    assert "10.99.0.2" in ctl(daemon, "history", user=12345)


def test_two_devices_of_one_name_are_told_apart_by_their_ids(here):
    a, b, c = here.host("a"), with_mac(here.host("b"), "00:16:3e:00:00:0b"), with_mac(here.host("c"), "00:16:3e:00:00:0c")
    daemon = a.discoverd()
    history = History(daemon)
    b.discoverd("[Device]\nname = twin\n")
    c.discoverd("[Device]\nname = twin\n")
    lab.wait(lambda: len(history.ask(device="twin")) == 2, lambda: history.ask())
    error = ctl(daemon, "acknowledge", "twin", status=1)
    assert "could be any of these" in error and all(d["id"] in error for d in history.ask()), error
    assert len(json.loads(ctl(daemon, "-j", "history", "--new"))) == 2
    typed = "discoverctl acknowledge $(discoverctl history --new -o csv --no-legend --columns id)"
    assert typed in (lab.HERE.parents[1] / "man" / "discoverctl.1").read_text()
    subprocess.run(typed, shell=True, check=True, env={**os.environ, "PATH": f"{lab.BUILD}:{os.environ['PATH']}"})
    assert json.loads(ctl(daemon, "-j", "history", "--new")) == []


def test_a_list_does_not_wait_for_a_history(here):
    a, b = here.host("a"), here.host("b")
    b.discoverd()
    daemon = a.discoverd()
    lab.wait(lambda: daemon.device(name="b"), "the daemon hears b")
    assert "cannot reach discoverd-history" in ctl(daemon, "history", status=3)
    history = History(daemon)
    history.wait(name="b")
    ctl(daemon, "name", "b", "lamp")
    assert daemon.device(name="lamp")
    history.process.signal(signal.SIGSTOP)
    assert daemon.device(name="b") and not daemon.device(name="lamp")
    assert "did not answer in time" in ctl(daemon, "-t", "0.2", "history", status=6)
    history.process.signal(signal.SIGCONT)
    assert daemon.device(name="lamp")


HOSTILE = "$(touch /run/pwned) `touch /run/pwned`; \"'|& \\ %s <b> =x"


def test_a_hostile_name_stays_text(here):
    a, b = here.host("a"), with_mac(here.host("b"), "00:16:3e:00:00:0b")
    daemon = a.discoverd()
    history = History(daemon)
    b.discoverd(f"[Device]\nname = {HOSTILE}\nmodel = $IFS\n")
    told = history.wait_hook("new", NAME=HOSTILE)
    wanted = {"PATH", "LANG", *(f"DISCOVERD_{k}" for k in ("EVENT", "NAME", "ID", "TYPE", "MANUFACTURER", "MODEL", "MAC", "VENDOR", "INTERFACE",
                                                           "ADDRESS", "RANDOM_MAC", "OLD_ADDRESS", "TIME", "FIRST_SEEN"))}
    assert set(told) - {"PWD", "OLDPWD", "SHLVL", "_"} == wanted, told  # those four are the shell's own
    run = next(history.runs.glob("new-*.run")).read_text()
    assert "history.db" not in run and "socket:" not in run and "/dev/null" in run, run
    assert not pathlib.Path("/run/pwned").exists()
    assert history.wait(name=HOSTILE)["events"][0]["kind"] == "new"
    assert HOSTILE.replace("\\", "\\\\") in ctl(daemon, "history", "-o", "kv", "--columns", "name")


def test_a_program_that_hangs_is_ended_and_not_run_without_end(here):
    a = here.host("a")
    hang = pathlib.Path(here.folder, "hang")
    hang.write_text(f"#!/bin/sh\necho begun >>{here.folder}/begun\nsleep 1000 &\nsleep 1000\n")
    hang.chmod(0o755)
    daemon = a.discoverd()
    history = History(daemon, f"[New]\nrandom-macs = yes\n[Hooks]\nexec = {hang}\nevents = new\ntimeout = 1\nmax-per-hour = 3\n")
    b = here.host("b")
    b.give_addresses(8)
    a.run("ip", "addr", "add", "10.100.255.1/16", "dev", "eth0")
    b.python("ssdp_crowd.py", "8", "1800")
    lab.wait(lambda: history.process.text().count("new device:") >= 8, lambda: history.process.text(), 60)
    lab.wait(lambda: "it is run 3 times an hour at most" in history.process.text(), history.process.text)
    lab.wait(lambda: history.process.text().count("because it took too long") == 3, history.process.text)
    assert pathlib.Path(here.folder, "begun").read_text() == "begun\n" * 3
    lab.wait(lambda: "sleep 1000" not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout, "no sleeper is left")


def test_a_random_mac_is_silent_until_it_is_acknowledged(here):
    a, b = here.host("a"), here.host("b")  # the kernel gave it a random MAC
    daemon = a.discoverd()
    history = History(daemon)
    visitor = b.discoverd()
    device = history.wait(name="b")
    assert device["random_mac"] and not device["acknowledged"], device
    lab.wait(lambda: kinds(history.wait(name="b")) == [("added", None, "10.99.0.2")], lambda: kinds(history.wait(name="b")))
    assert history.ask(new=True) == [] and "new device" not in history.process.text()
    ctl(daemon, "acknowledge", "b")
    visitor.stop()
    history.wait_hook("removed", NAME="b")
    assert not history.hooks("new") and not history.hooks("added")


def test_what_comes_while_it_learns_is_known(here):
    a, b = here.host("a"), with_mac(here.host("b"), "00:16:3e:00:00:0b")
    daemon = a.discoverd()
    history = History(daemon, learn=3600)
    b.discoverd()
    history.wait(name="b", acknowledged=True)
    lab.wait(lambda: kinds(history.wait(name="b")) == [("added", None, "10.99.0.2")], lambda: kinds(history.wait(name="b")))
    assert not history.hooks("new") and history.ask(new=True) == []


def test_restarts_neither_add_nor_remove(here):
    a, b, c = here.host("a"), with_mac(here.host("b"), "00:16:3e:00:00:0b"), with_mac(here.host("c"), "00:16:3e:00:00:0c")
    daemon = a.discoverd()
    history = History(daemon)
    b.discoverd()
    c.discoverd()
    for name in "bc":
        history.wait_hook("new", NAME=name)
    before = {d["id"]: (kinds(d), places(d)) for d in history.ask()}
    daemon.stop()
    lab.wait(lambda: "trying again" in history.process.text(), "it has lost discoverd")
    daemon = a.discoverd()
    lab.wait(lambda: "connected" in history.process.text(), history.process.text)
    history.daemon = daemon
    history.stop()
    history.start()
    lab.wait(lambda: len([d for d in daemon.devices() if d["name"] in "bc"]) == 2, "the daemon knows both")
    lab.never(lambda: {d["id"]: (kinds(d), places(d)) for d in history.ask()} != before, lambda: history.ask(), 12)


def test_a_kill_loses_no_identity(here):
    a, b = here.host("a"), here.host("b")
    b.give_addresses(40)
    a.run("ip", "addr", "add", "10.100.255.1/16", "dev", "eth0")
    daemon = a.discoverd("[Device]\nname = a\n[Table]\nmax-devices-per-source = 4096\nmemory-per-source = 8M\n")
    history = History(daemon, "[New]\nrandom-macs = yes\n")
    reported = set()
    for count in range(5, 41, 5):
        crowd = b.python("ssdp_crowd.py", str(count), "1800")
        lab.wait(lambda: history.process.text().count("new device:") >= 2, lambda: f"new devices of {count}: {history.process.text()}", 60)
        history.kill()
        crowd.stop()
        reported |= {line.split("(")[1].split(")")[0] for line in history.process.text().splitlines() if "new device:" in line}
        assert history.rows("PRAGMA integrity_check") == [("ok",)]
        known = [row[0] for row in history.rows("SELECT id FROM device")]
        assert len(known) == len(set(known)) and reported <= set(known), reported - set(known)
        history.start()
    history.stop()
    assert history.rows("SELECT count(*) FROM (SELECT key FROM presence WHERE ended IS NULL GROUP BY key HAVING count(*) > 1)") == [(0,)]


def small_disk(here, size, options=""):
    folder = pathlib.Path(here.folder, "disk")
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}{options}", "tmpfs", folder], check=True)
    return folder


def fill(folder):
    with open(folder / "ballast", "wb", buffering=0) as ballast:
        for size in (4096, 1):  # to the last page
            try:
                while True:
                    ballast.write(b"x" * size)
            except OSError:
                pass


def test_a_full_disk_is_waited_for(here):
    a, b, c = here.host("a"), with_mac(here.host("b"), "00:16:3e:00:00:0b"), with_mac(here.host("c"), "00:16:3e:00:00:0c")
    disk = small_disk(here, "1M")
    daemon = a.discoverd()
    history = History(daemon, state=disk)
    b.discoverd()
    history.wait_hook("new", NAME="b")
    fill(disk)
    c.discoverd()
    history.wait_hook("new", NAME="c")
    lab.wait(lambda: "what is to be written waits in memory" in history.process.text(), history.process.text, 60)
    assert {d["name"] for d in history.ask()} == {"b", "c"}  # of which one is not on the disk
    assert history.rows("SELECT name FROM device") == [("b",)]
    assert "not written" in ctl(daemon, "name", "c", "lamp", status=1)
    assert history.process.text().count("waits in memory") == 1
    (disk / "ballast").unlink()
    lab.wait(lambda: "is written again" in history.process.text(), history.process.text, 60)
    assert history.rows("SELECT coalesce(alias, name) FROM device ORDER BY key") == [("b",), ("lamp",)]
    assert history.rows("PRAGMA integrity_check") == [("ok",)]
    history.stop()


def test_a_directory_that_cannot_be_written_is_waited_for(here):
    a, b = here.host("a"), with_mac(here.host("b"), "00:16:3e:00:00:0b")
    disk = small_disk(here, "8M", ",ro")
    daemon = a.discoverd()
    history = History(daemon, state=disk)
    assert "the history is kept in memory meanwhile" in history.process.text()
    b.discoverd()
    history.wait(name="b", present=True)
    # `ip netns exec` gave the program mounts of its own
    for enter in ([], ["nsenter", "-m", "-t", str(history.process.pid)]):
        subprocess.run([*enter, "mount", "-o", "remount,rw", disk], check=True)
    lab.wait(lambda: "is written again" in history.process.text(), history.process.text, 60)
    lab.wait(lambda: history.rows("SELECT name FROM device") == [("b",)], lambda: history.ask())
    history.stop()


def test_a_corrupt_file_is_set_aside(here):
    a, b = here.host("a"), with_mac(here.host("b"), "00:16:3e:00:00:0b")
    daemon = a.discoverd()
    history = History(daemon, ready=False)
    for number, damage in enumerate(("text", "page", "cut")):
        db = history.state / "history.db"
        if damage == "text":
            db.write_text("no database\n" * 1000)
        elif damage == "page":
            with open(db, "r+b") as file:
                file.seek(2 * 4096)  # the second one only says where others are
                file.write(b"\xff" * 3000)
        else:
            os.truncate(db, 5000)
        history.start()
        assert "is corrupt; it is kept as" in history.process.text(), (damage, history.process.text())
        kept = [p for p in history.state.glob("history.db.corrupt-*") if not p.name.endswith(("-wal", "-shm"))]
        if number == 0:
            b.discoverd()
        history.wait(name="b", present=True)
        history.stop()
        assert history.rows("PRAGMA integrity_check") == [("ok",)] and history.rows("SELECT name FROM device") == [("b",)]
        assert kept
        for path in kept:
            path.unlink()


def test_a_file_of_a_newer_version_is_left_alone(here):
    daemon = here.host("a").discoverd()
    history = History(daemon)
    history.stop()
    with sqlite3.connect(history.state / "history.db") as tables:
        tables.execute("PRAGMA user_version = 99")
    process = daemon.host.start(str(PROGRAM), "-c", str(history.conf), "-s", str(daemon.socket), "-d", str(history.state))
    assert process.wait() == 1 and "is of version 99" in process.text(), process.text()
    assert history.rows("PRAGMA user_version") == [(99,)]


def test_a_second_program_does_not_get_the_directory(here):
    daemon = here.host("a").discoverd()
    history = History(daemon)
    process = daemon.host.start(str(PROGRAM), "-c", str(history.conf), "-s", str(daemon.socket), "-d", str(history.state))
    assert process.wait() == 1 and "another discoverd-history has" in process.text(), process.text()


def test_a_mistake_in_the_configuration(here):
    daemon = here.host("a").discoverd()
    conf = pathlib.Path(here.folder, "wrong.conf")
    conf.write_text("[Hooks]\nevents = new gone\n")
    process = daemon.host.start(str(PROGRAM), "-c", str(conf), "-s", str(daemon.socket), "-d", here.folder)
    assert process.wait() == 78 and '"gone" in [Hooks] events must be' in process.text(), process.text()


def test_the_socket_answers_as_varlink_does(here):
    daemon = here.host("a").discoverd()
    History(daemon)
    import socket

    def call(method, **message):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(SOCKET)
            connection.sendall(json.dumps({"method": method, **message}).encode() + b"\0")
            received = b""
            while not received.endswith(b"\0"):
                received += connection.recv(65536)
            return json.loads(received[:-1])
    info = call("org.varlink.service.GetInfo")["parameters"]
    assert info["product"] == "discoverd-history" and info["interfaces"] == ["io.discoverd.History", "org.varlink.service"], info
    text = call("org.varlink.service.GetInterfaceDescription", parameters={"interface": "io.discoverd.History"})["parameters"]["description"]
    assert "method Acknowledge" in text
    assert call("io.discoverd.History.History")["error"] == "org.varlink.service.ExpectedMore"
    for parameters, name in (({"device": 5}, "device"), ({"since": "then"}, "since"), ({"x": 1}, "x")):
        reply = call("io.discoverd.History.History", more=True, parameters=parameters)
        assert reply == {"error": "org.varlink.service.InvalidParameter", "parameters": {"parameter": name}}, reply
    assert call("io.discoverd.History.Nothing")["error"] == "org.varlink.service.MethodNotFound"
    assert call("io.discoverd.List")["error"] == "org.varlink.service.InterfaceNotFound"
    assert ask("Name", device="x", alias=None) == "io.discoverd.History.NotFound"
    assert ask("Acknowledge", devices=[5]) == "org.varlink.service.InvalidParameter"
    for message in (b"\0", b"{}\0", b"x" * 9000, b'{"method":5}\0'):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(SOCKET)
            connection.sendall(message)
            assert connection.recv(100) == b"", message


def test_the_examples_of_the_manual(here):
    """Its configuration and its script are used as they stand there, but for the places of program and result."""
    from test_examples import blocks
    option, script, typed = blocks("discoverd-history.8")
    program = pathlib.Path(here.folder, "new-device")
    assert "exec = /usr/local/bin/new-device" in option and "logger -n loghost " in script, (option, script)
    program.write_text(script.replace("logger -n loghost ", "printf '%s\\n' ").rstrip() + f" >>{here.folder}/sent\n")
    program.chmod(0o755)
    a, b = here.host("a"), with_mac(here.host("b"), "00:16:3e:00:00:0b")
    daemon = a.discoverd(args=["-s", "/run/discoverd/io.discoverd"])
    daemon.socket = pathlib.Path("/run/discoverd/io.discoverd")
    history = History(daemon, "[New]\n", ready=False)
    history.conf.with_suffix(".conf.d").mkdir()
    (history.conf.with_suffix(".conf.d") / "alert.conf").write_text(option.replace("/usr/local/bin", here.folder))
    history.start()
    b.discoverd()
    sent = pathlib.Path(here.folder, "sent")
    lab.wait(lambda: sent.exists() and sent.read_text() == "new: b 00:16:3e:00:00:0b 10.99.0.2\n", history.process.text)
    commands = [line.replace("192.168.1.23", "10.99.0.2").split() for line in typed.splitlines()]
    assert [words[:2] for words in commands] == [["discoverctl", "history"], ["discoverctl", "acknowledge"]], commands
    assert "10.99.0.2" in ctl(daemon, *commands[0][1:])
    assert ctl(daemon, *commands[1][1:]) == ""
    assert "10.99.0.2" not in ctl(daemon, *commands[0][1:])


def written(process, which="wchar"):
    """Bytes that the program has had written: by write(2), which is all but the 32 KiB that are shared with readers; or "write_bytes", those
    of the pages that a disk gets."""
    counts = pathlib.Path(f"/proc/{process.pid}/io").read_text().split()
    return int(counts[counts.index(f"{which}:") + 1])


def memory(process):
    """Private dirty memory in kB."""
    rollup = pathlib.Path(f"/proc/{process.pid}/smaps_rollup").read_text().split()
    return int(rollup[rollup.index("Private_Dirty:") + 1])


def processor(process):
    """Seconds of the processor, exactly: stat(5) has hundredths."""
    return sum(int(task.read_text().split()[0]) for task in pathlib.Path(f"/proc/{process.pid}/task").glob("*/schedstat")) / 1e9


def forty_devices(here, state):
    a, b = here.host("a"), here.host("b")
    b.give_addresses(40)
    a.run("ip", "addr", "add", "10.100.255.1/16", "dev", "eth0")
    daemon = a.discoverd("[Device]\nname = a\n[Table]\nmax-devices-per-source = 4096\nmemory-per-source = 8M\n")
    history = History(daemon, "[New]\nrandom-macs = yes\n", state=state)
    b.python("ssdp_crowd.py", "40", "1800")
    lab.wait(lambda: len(history.ask()) == 40 and all(d["events"] for d in history.ask()), lambda: len(history.ask()), 90, 0.5)
    return history


def long_an_idle_day_of_forty_devices_writes_little(here):
    """Twelve writings in place of the 96 of a day, each 10 s after the other, on a disk of this machine."""
    with tempfile.TemporaryDirectory(prefix="discoverd-history-", dir="/var/tmp") as state:
        history = forty_devices(here, state)
        count = 12
        begun, on_disk, used = written(history.process), written(history.process, "write_bytes"), processor(history.process)
        seen = history.ask()[0]["last_seen"]
        lab.never(lambda: not history.process.running(), "it ends", 10 * count)
        day = (written(history.process) - begun) / count * 96
        on_disk = (written(history.process, "write_bytes") - on_disk) / count * 96
        assert history.ask()[0]["last_seen"] > seen
        print(f"{day / 1e6:.2f} MB a day, {on_disk / 1e6:.2f} MB in pages of the disk, {memory(history.process)} kB private dirty, "
              f"{(processor(history.process) - used) / count * 1000:.1f} ms of the processor for each writing")
        assert day < 10e6 and on_disk < 10e6, (day, on_disk)
        history.stop()
