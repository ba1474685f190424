# SPDX-License-Identifier: ISC
"""A program around discoverd, tests/follower, which prints what it is called for: it finds the daemon when that comes, keeps what it
knows through restarts and lost events, and follows signals."""

import pathlib
import shutil
import signal
import subprocess
import sys

import lab
from test_allocations import NEVER, SEEN, Plan, build

FOLLOWER = str(lab.BUILD / "tests" / "follower" / "follower")
WORDS = ("open", "added", "updated", "removed", "synced", "lost", "later", "answer", "close")


class Follower:
    """A follower in a host; its lines are those on standard output."""

    def __init__(self, host, socket, config="", wrap=()):
        self.folder = pathlib.Path(host.lab.folder, f"{host.name}-follower")
        self.folder.mkdir(exist_ok=True)
        self.config = self.folder / "follower.conf"
        self.config.write_text(f"[Follower]\n{config}")
        self.process = host.start(*wrap, FOLLOWER, "-c", str(self.config), "-s", str(socket), "-d", str(self.folder))

    def lines(self):
        return [line for line in self.process.text().splitlines() if line.split(" ")[0] in WORDS]

    def count(self, beginning):
        return sum(line.startswith(beginning) for line in self.lines())

    def wait(self, beginning, count=1):
        lab.wait(lambda: self.count(beginning) >= count, lambda: f"{beginning!r} {count} times in {self.lines()[-20:]}")

    def known(self):
        """The ids of what came and did not go."""
        ids = set()
        for line in self.lines():
            word, *rest = line.split(" ")
            if word in ("added", "updated"):
                ids.add(rest[0])
            elif word == "removed":
                ids.remove(rest[0])
            elif word == "open":
                ids = set()
        return ids

    def logs(self, text):
        return self.process.text().count(text)


def ids(daemon):
    return {device["id"] for device in daemon.devices()}


def knows_all(follower, daemon):
    lab.wait(lambda: follower.known() == ids(daemon), lambda: f"{follower.known() ^ ids(daemon)} are the same")


def test_it_waits_for_a_daemon_that_starts_later(here):
    a, b = here.host("a"), here.host("b")
    b.discoverd()
    follower = Follower(a, pathlib.Path(here.folder, "a-d", "io.discoverd"), "word = first\n")
    follower.wait(f"open first {follower.folder}")
    lab.wait(lambda: follower.logs("No such file or directory; trying again"), "it says why it waits")
    daemon = a.discoverd()
    follower.wait("synced")
    lab.wait(lambda: daemon.device(name="b"), "the daemon hears b")
    knows_all(follower, daemon)
    assert follower.logs("trying again") == 1 and follower.logs("connected") == 1, follower.process.text()
    assert follower.process.stop() == 0 and follower.lines()[-1] == "close", follower.lines()


def test_a_restart_removes_only_what_does_not_come_back(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    b.discoverd()
    gone = c.discoverd()
    daemon = a.discoverd()
    lab.wait(lambda: daemon.device(name="b") and daemon.device(name="c"), "both are heard")
    follower = Follower(a, daemon.socket)
    knows_all(follower, daemon)
    stays, goes = (daemon.device(name=name)["id"] for name in "bc")
    daemon.stop()
    follower.wait("lost")
    daemon = a.discoverd()
    follower.wait("synced", 2)
    lab.wait(lambda: follower.count(f"updated {stays}"), "b is there again")
    # killed, and nothing is left of what it knew
    daemon.signal(signal.SIGKILL)
    daemon.wait()
    shutil.rmtree(daemon.folder / "state")
    gone.signal(signal.SIGKILL)
    gone.wait()
    follower.wait("lost", 2)
    assert not follower.count("removed"), follower.lines()
    daemon = a.discoverd()
    follower.wait("synced", 3)
    follower.wait(f"removed {goes}")
    lab.wait(lambda: daemon.device(name="b"), "b is heard again")
    knows_all(follower, daemon)
    assert follower.count("removed") == 1 and follower.count(f"added {stays}") == 1, follower.lines()


def test_events_that_it_was_too_slow_for_come_as_a_new_snapshot(here):
    a, b = here.host("a"), here.host("b")
    a.run("ip", "addr", "add", "10.100.255.1/16", "dev", "eth0")
    b.give_addresses(200)
    daemon = a.discoverd("[Device]\nname = a\n[Table]\nmax-devices = 200\nmax-devices-per-source = 4000\nmemory-per-source = 8M\n[HTTP]\nfetch = no\n")
    follower = Follower(a, daemon.socket)
    follower.wait("synced")
    follower.process.signal(signal.SIGSTOP)

    def added():
        return daemon.status()["counters"]["table"]["added"]
    b.python("ssdp_flood.py", "visitors", "200", "15").wait(60)
    lab.wait(lambda: added() > 1000 and len({added() for _ in range(5)}) == 1, "the flood was taken in")
    follower.process.signal(signal.SIGCONT)
    follower.wait("synced", 2)
    knows_all(follower, daemon)
    assert not follower.count("lost"), follower.lines()


def test_a_daemon_that_does_not_answer_holds_nothing_up(here):
    a = here.host("a")
    daemon = a.discoverd()
    follower = Follower(a, daemon.socket, "ask = io.discoverd.Status\n")
    follower.wait("answer - with parameters")
    daemon.signal(signal.SIGSTOP)
    follower.process.signal(signal.SIGHUP)
    follower.wait("close")
    follower.wait("open", 2)
    lab.wait(lambda: follower.logs("no answer; waiting"), "it says what it waits for")
    follower.process.signal(signal.SIGHUP)
    follower.wait("open", 3)
    daemon.signal(signal.SIGCONT)
    follower.wait("synced", 2)
    follower.wait("answer - with parameters", 2)
    daemon.signal(signal.SIGSTOP)
    assert follower.process.stop() == 0
    daemon.signal(signal.SIGCONT)


def test_an_answer_may_be_an_error(here):
    a = here.host("a")
    follower = Follower(a, a.discoverd().socket, "ask = io.discoverd.Nothing\n")
    follower.wait("answer org.varlink.service.MethodNotFound with parameters")


def test_sighup_reads_the_configuration_again(here):
    a, b = here.host("a"), here.host("b")
    b.discoverd()
    daemon = a.discoverd()
    follower = Follower(a, daemon.socket, "later = 1\n")
    follower.wait("later")
    knows_all(follower, daemon)
    follower.config.write_text("[Follower]\nword = second\n")
    follower.process.signal(signal.SIGHUP)
    follower.wait("open second")
    follower.wait("synced", 2)
    knows_all(follower, daemon)
    for text, why in (("[Follower]\nwrong = 1\n", "follower.conf:2: unknown key"), ("[Follower]\nrefuse = yes\nlater = 1\n", "follower.conf: refuse and later")):
        before = follower.logs("stays as it was")
        follower.config.write_text(text)
        follower.process.signal(signal.SIGHUP)
        lab.wait(lambda: follower.logs("stays as it was") > before, "it is refused")  # noqa: B023
        assert why in follower.process.text(), follower.process.text()
    assert follower.count("open") == 2 and follower.count("close") == 1, follower.lines()
    follower.config.write_text("[Follower]\nrefuse = yes\n")
    for number in (1, 2):  # it cannot begin with this one, and goes back each time
        follower.process.signal(signal.SIGHUP)
        follower.wait("open second", 1 + number)
        follower.wait("synced", 2 + number)
        knows_all(follower, daemon)
        assert follower.logs("it refuses") == number == follower.logs("the former configuration is in effect again"), follower.process.text()
    follower.config.write_text("[Follower]\nword = third\n")
    follower.process.signal(signal.SIGHUP)
    follower.wait("open third")
    assert follower.process.stop() == 0 and follower.count("open") == follower.count("close"), follower.lines()


def test_signals_that_come_together_are_all_followed(here):
    a = here.host("a")
    daemon = a.discoverd()
    for signals in ((signal.SIGHUP, signal.SIGTERM), (signal.SIGINT, signal.SIGHUP)):
        follower = Follower(a, daemon.socket)
        follower.wait("synced")
        follower.process.signal(signal.SIGSTOP)
        for number in (*signals, signal.SIGCONT):
            follower.process.signal(number)
        assert follower.process.wait() == 0, follower.process.text()
        assert follower.count("open") == 1 == follower.count("close"), follower.lines()
    follower = Follower(a, daemon.socket)
    follower.wait("synced")
    for _ in range(300):
        follower.process.signal(signal.SIGHUP)
    lab.wait(lambda: follower.lines()[-1] == "synced", "it follows after many")
    assert follower.process.stop() == 0, follower.process.text()


def test_exit_statuses(here):
    a = here.host("a")
    good, bad = (pathlib.Path(here.folder, name) for name in ("good.conf", "bad.conf"))
    good.write_text("[Follower]\nword = drop\n")
    bad.write_text("[Follower]\nword\nlater = -1\n")
    parts = pathlib.Path(here.folder, "good.conf.d")
    parts.mkdir()
    (parts / "b.conf").write_text("[Follower]\nword = dropped in\n")
    (parts / "a.conf").write_text("[Follower]\nword = earlier\nlater = 5\n")
    (parts / "other").write_text("no configuration")

    def exits(status, *args, out="", error=""):
        done = a.run(FOLLOWER, *args, check=False)
        assert done.returncode == status and out in done.stdout and error in done.stderr, (args, done)
        return done
    exits(0, "--help", out="Usage: follower [OPTION]...\nPrints what discoverd reports.\n")
    exits(0, "--version", out="follower 0.")
    exits(2, "--nothing", error="Try 'follower --help'")
    exits(2, "more", error="unexpected argument 'more'")
    exits(0, "-C", out='[Follower]\nword = hello\n# ask =\nrefuse = no\nlater = 0\n')
    exits(0, "-C", "-c", str(good), out="word = dropped in\n# ask =\nrefuse = no\nlater = 5\n")
    exits(1, "-C", "-c", str(bad), error="bad.conf:2: ")
    exits(78, "-c", str(bad), error="bad.conf:3: ")
    exits(78, "-c", "/nonexistent/x.conf", error="/nonexistent/x.conf: No such file or directory")
    (parts / "c.conf").write_text("[Follower]\nrefuse = yes\n")
    exits(78, "-c", str(good), error="good.conf: refuse and later")
    (parts / "a.conf").unlink()
    exits(1, "-c", str(good), error="it refuses")
    with open("/dev/full", "wb") as full:
        assert subprocess.run([FOLLOWER, "-C"], stdout=full, stderr=subprocess.DEVNULL, check=False).returncode == 1


def test_no_failed_allocation_ends_it_in_disorder(here):
    a, b = here.host("a"), here.host("b")
    b.discoverd()
    daemon = a.discoverd()
    lab.wait(lambda: daemon.device(name="b"), "b is heard")
    plan = Plan(here, build(here), "plan")
    plan.arm(NEVER)
    follower = Follower(a, daemon.socket, "ask = io.discoverd.Status\n", plan.wrap)
    follower.wait("answer")
    total = plan[SEEN]
    assert follower.process.stop() == 0
    refused = 0
    for number in range(0, total, max(1, total // 100)):
        plan.arm(number)
        follower = Follower(a, daemon.socket, "ask = io.discoverd.Status\n", plan.wrap)
        lab.wait(lambda: not follower.process.running() or follower.count("synced"), "it follows, or not")  # noqa: B023
        plan.disarm()
        if follower.process.running():
            assert follower.process.stop() == 0, (number, follower.process.text())
        else:
            refused += 1
            assert follower.process.wait() in (1, 127), (number, follower.process.popen.returncode, follower.process.text())
    print(f"{refused} of {total} refused", file=sys.stderr)
    # all of them for a while, while it runs
    follower = Follower(a, daemon.socket, "", plan.wrap)
    follower.wait("synced")
    plan.arm(0, NEVER)
    daemon.stop()
    follower.wait("lost")
    daemon = a.discoverd()
    lab.wait(lambda: plan[SEEN] > 5, "it tries in vain")
    plan.disarm()
    follower.wait("synced", 2)
    knows_all(follower, daemon)
    assert follower.process.stop() == 0
