# SPDX-License-Identifier: ISC
"""The control socket while other users of the host ask for all that they can get."""

import os
import statistics
import subprocess
import sys

import lab

ROUNDS = 20
LIMIT = 1.0  # seconds; the attackers have the processors, too
VICTIM = 3000


def crowd(here, count=1000):
    """A daemon that knows so many devices, and whose socket every user reaches."""
    if os.geteuid() != 0:
        raise lab.Skip("needs root and more users than one")
    a, b = here.host("a"), here.host("b")
    a.run("ip", "addr", "add", "10.100.255.254/16", "dev", "eth0")
    b.give_addresses(count)
    daemon = a.discoverd("[Network]\nipv6 = no\n[HTTP]\nfetch = no\n")
    for folder in (here.folder, daemon.folder):
        os.chmod(folder, 0o755)
    b.python("ssdp_flood.py", "apart", str(count)).wait()
    lab.wait(lambda: daemon.status()["devices"] >= count, "they are known")
    return daemon


def attack(daemon, uid, kind):
    started = daemon.host.start(sys.executable, str(lab.HERE / "local_attacker.py"), str(daemon.socket), str(uid), kind)
    lab.wait(lambda: "ready" in started.text(), f"{kind} of user {uid}")
    return started


def waits_of(daemon, count=ROUNDS):
    """Seconds that another user waits for each of so many answers."""
    program = ("import json, os, socket, sys, time\nos.setgroups([]); os.setgid(%d); os.setuid(%d)\n"
               "for _ in range(%d):\n"
               "    t = time.monotonic()\n"
               "    s = socket.socket(socket.AF_UNIX); s.settimeout(30); s.connect(sys.argv[1])\n"
               "    s.sendall(b'{\"method\":\"io.discoverd.Status\"}\\0')\n"
               "    answer = b''\n"
               "    while not answer.endswith(b'\\0'):\n"
               "        more = s.recv(65536)\n"
               "        assert more, 'closed'\n"
               "        answer += more\n"
               "    print(time.monotonic() - t)\n" % (VICTIM, VICTIM, count))
    done = subprocess.run([sys.executable, "-c", program, str(daemon.socket)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [float(line) for line in done.stdout.split()]


def limits(daemon, kinds, users=3):
    attackers = [attack(daemon, 2000 + i, kind) for i, kind in enumerate(kinds * users)]
    waits = waits_of(daemon)
    print(f"{' '.join(kinds)}: median {statistics.median(waits):.4f} s, longest {max(waits):.4f} s")
    assert all(a.running() for a in attackers), [a.text() for a in attackers]
    assert max(waits) < LIMIT, waits
    return attackers


def test_users_who_ask_without_end_keep_no_other_waiting(here):
    limits(crowd(here), ["pipeline"])


def test_a_costly_filter_keeps_no_other_waiting(here):
    limits(crowd(here), ["filter"])


def test_users_who_connect_without_end_keep_no_other_out(here):
    limits(crowd(here, 10), ["storm"], users=2)


def test_users_who_hold_all_connections_keep_no_other_out(here):
    daemon = crowd(here, 10)
    limits(daemon, ["idle"], users=5)
    assert daemon.status()["counters"]["clients"]["displaced"] > 0


def test_users_who_watch_by_all_connections_keep_no_other_out(here):
    daemon = crowd(here)
    for _ in range(3):
        attackers = limits(daemon, ["monitors"], users=5)
        assert daemon.status()["counters"]["clients"]["displaced"] > 0
        for attacker in attackers:
            attacker.stop()
