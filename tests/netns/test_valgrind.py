# SPDX-License-Identifier: ISC
"""What a daemon has not given back when it ends, as valgrind sees it: memory and descriptors."""

import pathlib
import re
import signal
import socket

import lab
from avahi import Avahi
from test_minissdpd import Client, ROOT, listed, submission
from test_services import FILE, put

ENDED = 9  # its exit status when it has found an error


def start(here, host, path):
    """A daemon under valgrind, and the file of valgrind's report."""
    if lab.SANITIZED:
        raise lab.Skip("valgrind runs no program that is built with sanitizers")
    report = pathlib.Path(here.folder, "valgrind")
    daemon = host.discoverd(f"[Device]\nname = {host.name}\n[Control]\nminissdpd-socket = {path}\n", ready=False, args=["--no-sandbox"],
                            wrap=[lab.need("valgrind", "analyse"), "--leak-check=full", "--show-leak-kinds=all", "--track-fds=yes",
                                  "--errors-for-leak-kinds=definite,indirect", f"--error-exitcode={ENDED}", f"--log-file={report}"])
    return daemon.ready(120), report


def left_open(report):
    """The descriptors that were opened and not closed, each with where that was; without the lock, which ends with the process."""
    blocks = re.findall(r"Open (?:AF_\S+ socket|file descriptor) \d+:.*(?:\n==\d+==    .*)*", report)
    return [block for block in blocks if "<inherited from parent>" not in block and "state_lock" not in block]


def long_a_daemon_gives_back_memory_and_descriptors(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    path = pathlib.Path(here.folder, "minissdpd.sock")
    daemon, report = start(here, a, path)
    other = b.discoverd()
    avahi = Avahi(c)
    avahi.publish("Laser", "_ipp._tcp", 631, "ty=Laser 9000")
    lab.wait(lambda: (daemon.device(name="b") or {}).get("reachable"), "the description of b is read", 120)
    lab.wait(lambda: daemon.device(name="Laser 9000"), "the printer is listed", 120)
    watch = daemon.watch("b")
    with Client(path, 60) as watcher, Client(path, 60) as program:
        assert watcher.send(b"\5\0").byte() == 0
        assert ROOT in str(listed(path))
        program.send(submission(ROOT, f"uuid:00000000-0000-4000-8000-00000000002b::{ROOT}", "x/1", "http://10.99.0.1:99/d.xml"))
        lab.wait(lambda: "00000000-0000-4000-8000-00000000002b" in daemon.ctl("status", "-j"), "the submission is announced", 120)
    service = put(daemon, "lamp.conf", FILE)
    for command in (["show", "b"], ["services"], ["search", "-t", "2"], ["probe", "b:5006"], ["resolve", "c.local"], ["map"],
                    ["interfaces"], ["status", "--counters"], ["log-level", "debug"], ["log-level", "warning"]):
        daemon.ctl(*command, check=False, limit=120)
    announced = a.start(str(lab.BUILD / "discoverctl"), "-s", str(daemon.socket), "announce", "_http._tcp", "--name", "Greenhouse")
    lab.wait(lambda: "Greenhouse" in daemon.ctl("status", "-j"), "the program's device is announced", 120)
    announced.stop()
    half = socket.socket(socket.AF_UNIX)
    half.connect(str(daemon.socket))
    half.send(b'{"method":"io.discoverd.List')
    for text in ("[Device]\nname = renamed\n[mDNS]\nenabled = no\n", "no configuration", "[Device]\nname = a\n"):
        daemon.config.write_text(text)
        daemon.ctl("reload", check=False, limit=120)
    service.unlink()
    here.bridge("br1")
    a.plug("br1", "10.98.0.1/24", "eth1")
    lab.wait(lambda: "eth1" in daemon.ctl("interfaces"), "the new link is used", 120)
    a.run("ip", "link", "del", "eth1")
    other.signal(signal.SIGKILL)
    watch.stop()
    assert daemon.stop(120) == 0, report.read_text()
    half.close()
    text = report.read_text()
    assert "ERROR SUMMARY: 0 errors" in text, text
    assert not left_open(text), left_open(text)
