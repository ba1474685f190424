# SPDX-License-Identifier: ISC
"""System calls that fail or are slow, clocks that jump, and netlink messages that are lost: the daemon says so where a user can do
something, keeps what it has, and goes on."""

import pathlib
import subprocess
import time

import lab

SAVING = "[Device]\nname = a\n[Table]\nsave-interval = 1\n"


def injecting(*rules, calls):
    """Options of a daemon whose system calls fail as these rules of strace(1) say."""
    inject = [word for rule in rules for word in ("-e", f"inject={rule}")]
    return {"wrap": [lab.need("strace"), "-D", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}", *inject]}


def two_hosts(here):
    a, b = here.host("a"), here.host("b")
    return a, b, b.discoverd()


def counter(daemon, group, name):
    return daemon.status()["counters"][group][name]


def state_of(daemon, name):
    return daemon.folder / "state" / name


def test_a_disk_with_errors_costs_a_warning_and_keeps_the_former_file(here):
    a, _, _ = two_hosts(here)
    daemon = a.discoverd(SAVING)
    lab.wait(lambda: state_of(daemon, "devices").exists(), "it is written")
    uuid = daemon.status()["uuid"]
    assert daemon.stop() == 0
    for call, error in (("fsync", "EIO"), ("renameat", "EIO"), ("ftruncate", "ENOSPC"), ("fchmod", "EIO")):
        before = state_of(daemon, "devices").read_bytes()
        daemon = a.discoverd(SAVING, **injecting(f"{call}:error={error}", calls=call))
        # another device, which is to be written
        here.host(call).discoverd()
        lab.wait(lambda: counter(daemon, "saver", "failed") > 1, lambda: f"{call}: it was tried twice")  # noqa: B023
        assert daemon.text().count("cannot keep the ") == 1, daemon.text()
        assert daemon.device(name=call) and daemon.status()["uuid"] == uuid
        assert daemon.stop() == 0, daemon.text()
        assert state_of(daemon, "devices").read_bytes() == before, call
    daemon = a.discoverd(SAVING)
    assert daemon.status()["uuid"] == uuid and daemon.device(name="b"), daemon.text()


def test_a_slow_disk_does_not_hold_the_loop(here):
    a, b, _ = two_hosts(here)
    daemon = a.discoverd(SAVING)
    assert daemon.stop() == 0
    # two seconds for each fsync, in the thread that writes
    daemon = a.discoverd(SAVING, ready=False, **injecting("fsync:delay_enter=2000000", calls="fsync"))
    daemon.ready()
    lab.wait(lambda: daemon.device(name="b"), "b is known")
    longest, end = 0, time.monotonic() + 3  # longer than one fsync
    while time.monotonic() < end:
        begun = time.monotonic()
        daemon.status()
        longest = max(longest, time.monotonic() - begun)
    print(f"the longest call took {longest * 1000:.0f} ms")
    assert longest < 1.5
    sockets = {k: v for k, v in daemon.status()["counters"].items() if "kernel-drops" in v}
    assert sockets and not any(v["kernel-drops"] for v in sockets.values()), sockets
    daemon.stop(60)


def test_messages_that_cannot_be_sent_or_received_are_counted_and_later_ones_pass(here):
    for number, (rule, calls) in enumerate((("sendmmsg:error=EPERM:when=1..40", "sendmmsg"), ("sendmmsg:error=ENOBUFS:when=1..40", "sendmmsg"),
                                            ("sendmmsg:error=ENETDOWN:when=1..40", "sendmmsg"),
                                            ("recvmmsg:error=ENETDOWN:when=30..50", "recvmmsg"))):
        a, b = here.host(f"a{number}"), here.host(f"b{number}")
        daemon = a.discoverd(**injecting(rule, calls=calls))
        failed = "send-errors" if calls == "sendmmsg" else "receive-errors"
        lab.wait(lambda: calls == "recvmmsg" or any(v.get(failed) for v in daemon.status()["counters"].values()),  # noqa: B023
                 "they are counted")
        other = b.discoverd()
        lab.wait(lambda: daemon.device(name=b.name) and other.device(name=a.name), f"both see each other: {rule}", 60)  # noqa: B023
        assert daemon.stop() == 0, daemon.text()
        other.stop()


def test_what_cannot_be_had_at_the_start_is_named(here):
    a = here.host("a")
    for number, (call, error, when, word) in enumerate((("socket", "EMFILE", "1+", "Too many open files"), ("socket", "ENFILE", "4+", "Too many open files"),
                                                        ("bind", "ENOMEM", "2+", "Cannot allocate memory"),
                                                        ("timerfd_create", "EMFILE", "1", "out of memory"))):
        daemon = a.discoverd(ready=False, name=f"d{number}", **injecting(f"{call}:error={error}:when={when}", calls=call))
        assert daemon.wait() == 1 and word in daemon.text(), (call, error, daemon.popen.returncode, daemon.text())


def test_connections_that_cannot_be_accepted_are_accepted_later(here):
    a = here.host("a")
    for number, error in enumerate(("EMFILE", "ENFILE", "ENOMEM")):
        daemon = a.discoverd(name=f"d{number}", **injecting(f"accept4:error={error}:when=1..3", f"accept:error={error}:when=1..3",
                                                            calls="accept,accept4"))
        assert daemon.ctl("version", limit=60)
        assert daemon.stop() == 0


def test_a_kernel_without_ipv6_is_enough(here):
    a, b, other = two_hosts(here)
    for host in (a, b):
        host.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", check=False)
    daemon = a.discoverd()
    lab.wait(lambda: daemon.device(name="b") and other.device(name="a"), "both see each other")
    daemon.stop()


def test_a_kernel_that_was_built_without_ipv6_is_enough(here):
    a, _, other = two_hosts(here)
    if lab.SANITIZED:
        raise lab.Skip("the sanitizers have to be loaded before any other library")
    daemon = a.discoverd(wrap=["env", f"LD_PRELOAD={here.library('no_ipv6.c')}"])
    lab.wait(lambda: daemon.device(name="b") and other.device(name="a"), "both see each other")
    assert not any(":" in address["address"] for device in daemon.devices() for address in device["addresses"])
    assert daemon.stop() == 0, daemon.text()


def test_a_wall_clock_that_jumps_by_years_changes_no_lifetime(here):
    a, _, _ = two_hosts(here)
    faketime = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if lab.SANITIZED or not faketime:
        raise lab.Skip("the sanitizers have to be loaded before any other library" if faketime else "faketime is not installed")
    clock = pathlib.Path(here.folder, "clock")
    clock.write_text("+0d")
    # the sandbox would not let the library read the file
    daemon = a.discoverd(SAVING, args=["--no-sandbox"], wrap=["env", f"LD_PRELOAD={faketime}", "DONT_FAKE_MONOTONIC=1",
                                                              "FAKETIME_NO_CACHE=1", f"FAKETIME_TIMESTAMP_FILE={clock}"])
    first = lab.wait(lambda: (d := daemon.device(name="b")) and d["expires_in"] > 1800 and d, "b is known by mDNS")[0]
    for number, jump in enumerate(("+3650d", "-3650d", "+0d")):
        clock.write_text(jump)
        year = int(daemon.device(name="b")["last_seen"][:4]) - int(first["last_seen"][:4])
        assert abs(year - int(jump[:-1]) / 365) <= 1, (jump, year)
        here.host(f"c{number}").discoverd()
        lab.wait(lambda: daemon.device(name=f"c{number}"), "newcomers are found")  # noqa: B023
        assert abs(daemon.device(name="b")["expires_in"] - first["expires_in"]) < 1000, (jump, first, daemon.device(name="b"))
    assert len(daemon.devices()) == 4 and daemon.stop() == 0, daemon.text()


def test_a_burst_of_netlink_messages_that_is_lost_causes_another_reading(here):
    a, _, _ = two_hosts(here)
    daemon = a.discoverd()
    lab.wait(lambda: daemon.device(name="b"), "b is known")
    batch = pathlib.Path(here.folder, "batch")
    batch.write_text("".join(f"addr {'add' if n % 2 == 0 else 'del'} 10.77.{n // 2 >> 8}.{n // 2 & 255}/32 dev eth0\n" for n in range(5000))
                     + "addr add 10.78.0.1/24 brd + dev eth0\n")
    daemon.signal(19)
    a.run("ip", "-batch", str(batch), limit=60)
    daemon.signal(18)
    lab.wait(lambda: "10.78.0.1" in daemon.ctl("interfaces") and "10.77." not in daemon.ctl("interfaces"), "the set is the kernel's")
    assert counter(daemon, "netlink", "overruns") > 0, daemon.status()["counters"]["netlink"]
    assert daemon.device(name="b")


def test_a_machine_that_slept_for_a_day_forgets_what_ended_meanwhile(here):
    """CLOCK_BOOTTIME goes on while the machine sleeps; here it begins a day later."""
    a, _, other = two_hosts(here)
    daemon = a.discoverd(SAVING)
    lab.wait(lambda: daemon.device(name="b"), "b is known")
    daemon.stop()
    other.signal(19)
    unshare = ["unshare", "-T", "--boottime", "86400", "--fork", "--kill-child"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode:
        raise lab.Skip("no time namespaces")
    daemon = a.discoverd(SAVING, ready=False, wrap=unshare)
    daemon.ready()
    assert not daemon.device(name="b"), daemon.devices()
    other.signal(18)
