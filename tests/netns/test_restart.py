# SPDX-License-Identifier: ISC
"""Restarts: what was known is known again, and nothing is told twice."""

import datetime
import os
import pathlib
import random
import signal
import subprocess
import time

import lab

BOOT_ID = "/proc/sys/kernel/random/boot_id"
CONFIG = "[Device]\nname = a\n[Table]\nmax-devices-per-source = 4096\nmemory-per-source = 8M\n"
SAVING = CONFIG + "save-interval = 1\n"


def file_of(daemon, name="devices"):
    return daemon.folder / "state" / name


def two_hosts(here, count):
    """A host for a daemon, and one for many devices, which know each other's MAC: the kernel has one table for all of them."""
    a, b = here.host("a"), here.host("b")
    b.give_addresses(count)
    a.run("ip", "addr", "add", "10.100.255.1/16", "dev", "eth0")
    batch = pathlib.Path(here.folder, "neighbours")
    batch.write_text("".join(f"neigh replace 10.100.{n >> 8}.{n & 255} lladdr {b.mac()} dev eth0 nud permanent\n"
                             for n in range(1, count + 1)))
    a.run("ip", "-batch", str(batch))
    b.run("ip", "neigh", "replace", "10.100.255.1", "lladdr", a.mac(), "dev", "eth0", "nud", "permanent")
    return a, b


def crowd(b, count, max_age=1800, silent=()):
    process = b.python("ssdp_crowd.py", str(count), str(max_age), *map(str, silent))
    lab.wait(lambda: "ready" in process.text(), "the devices are there")
    return process


def know_all(daemon, count):
    """Waits until all are known, with their descriptions; what a restart must not change, by id."""
    def described():
        return sum(d["manufacturer"] == "Maker" for d in daemon.devices())
    lab.wait(lambda: described() == count, lambda: f"{described()} of {count} are described", 300, 0.5)
    return facts(daemon)


def facts(daemon):
    return {d["id"]: (d["name"], [a["address"] for a in d["addresses"]], d["first_seen"]) for d in daemon.devices()}


def seconds(moment):
    return datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def assert_same(after, before):
    """The wall clock is read anew each time, so that a second may be another one."""
    assert after.keys() == before.keys(), (after.keys() ^ before.keys(), len(after), len(before))
    for key, (*facts_before, seen) in before.items():
        *facts_after, seen_after = after[key]
        assert facts_after == facts_before and abs(seconds(seen_after) - seconds(seen)) <= 1, (after[key], before[key])


def test_a_thousand_devices_are_listed_when_the_socket_first_answers(here):
    count = 1000
    a, b = two_hosts(here, count)
    devices = crowd(b, count)
    daemon = a.discoverd(CONFIG)
    before = know_all(daemon, count)
    assert daemon.stop() == 0
    served = devices.text().count("served")
    begun = time.monotonic()
    daemon = a.discoverd(CONFIG, ready=False)
    lab.wait(lambda: daemon.ctl("version", check=False).stdout.count("discoverd ") == 1, "the socket answers", step=0.002)
    ready = time.monotonic() - begun
    assert_same(facts(daemon), before)
    assert daemon.status()["restored"] == count
    print(f"{file_of(daemon).stat().st_size} bytes, the socket answers after {ready * 1000:.0f} ms")
    lab.wait(lambda: daemon.status()["unconfirmed"] == 0, lambda: f"{daemon.status()['unconfirmed']} are unconfirmed", 60)
    assert_same(facts(daemon), before)
    assert not any(d["flags"] for d in daemon.devices())
    again = devices.text().count("served") - served
    assert again == 0, f"{again} descriptions are read again"


def test_each_is_asked_once_more_and_those_that_are_gone_end_with_their_lifetime(here):
    count, silent = 60, range(40, 60)
    a, b = two_hosts(here, count)
    devices = crowd(b, count, max_age=40)
    daemon = a.discoverd(CONFIG)
    before = know_all(daemon, count)
    daemon.stop()
    stopped = time.monotonic()
    devices.stop()
    devices = crowd(b, count, 1800, silent)
    daemon = a.discoverd(CONFIG)
    assert_same(facts(daemon), before)
    lab.wait(lambda: daemon.status()["unconfirmed"] == len(silent), lambda: f"{daemon.status()['unconfirmed']} are unconfirmed")
    lab.wait(lambda: all(f"asked {n} for uuid:" in devices.text() for n in silent), "each that is silent is asked")
    flagged = {d["name"] for d in daemon.devices() if "restored" in d["flags"]}
    assert flagged == {f"Device {n}" for n in silent}, flagged
    lab.wait(lambda: len(daemon.devices()) < count, "one ends", 60)
    assert time.monotonic() - stopped > 20, "they do not end at once"
    lab.wait(lambda: len(daemon.devices()) == count - len(silent), lambda: f"{len(daemon.devices())} are left", 60)
    assert daemon.status()["unconfirmed"] == 0


def test_a_watch_hears_of_a_confirmed_device_as_updated_and_the_id_stays(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(CONFIG), b.discoverd()
    lab.wait(lambda: daemon.device(name="b", protocols=["ssdp", "mdns", "broadcast"]), "b is known by all protocols")
    before = daemon.device(name="b")
    daemon.stop()
    other.signal(signal.SIGSTOP)
    daemon = a.discoverd(CONFIG)
    restored = daemon.device(name="b")
    assert restored["flags"] == ["restored"] and restored["id"] == before["id"]
    assert sorted(restored["protocols"]) == sorted(before["protocols"])
    services = lambda d: sorted((s["type"], s["port"], str(s["txt"])) for s in lab.all_services(d))  # noqa: E731
    assert services(restored) == services(before)
    watch = daemon.watch("b")
    other.signal(signal.SIGCONT)
    lab.wait(lambda: lab.events(watch), "the watch hears of it")
    lab.wait(lambda: daemon.device(name="b", flags=[]), "it is confirmed")
    events = [(e["event"], e["device"]["id"]) for e in lab.events(watch)]
    assert set(events) == {("updated", before["id"])}, events
    assert " added: \"b\"" not in daemon.text() and " removed: \"b\"" not in daemon.text()


def test_after_another_boot_devices_end_within_five_minutes_and_keep_when_they_were_first_seen(here):
    a, b = two_hosts(here, 3)
    devices = crowd(b, 3)
    daemon = a.discoverd(CONFIG)
    before = know_all(daemon, 3)
    daemon.stop()
    devices.stop()
    other_boot = pathlib.Path(here.folder, "boot_id")
    other_boot.write_text("00000000-1111-4222-8333-444444444444\n")
    subprocess.run(["mount", "--bind", str(other_boot), BOOT_ID], check=True)
    daemon = a.discoverd(CONFIG)
    assert_same(facts(daemon), before)
    assert all(0 < d["expires_in"] <= 300 for d in daemon.devices())


def test_a_device_keeps_its_id_when_the_interface_was_changed(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(CONFIG), b.discoverd()
    lab.wait(lambda: daemon.device(name="b", protocols=["ssdp", "broadcast"]), "b is known")
    before = daemon.device(name="b")
    daemon.stop()
    other.signal(signal.SIGSTOP)
    a.run("ip", "link", "set", "eth0", "address", "02:00:00:00:99:99")
    daemon = a.discoverd(CONFIG)
    assert daemon.devices() == []
    other.signal(signal.SIGCONT)
    lab.wait(lambda: daemon.device(name="b"), "b is found")
    after = daemon.device(name="b")
    assert after["id"] == before["id"] and abs(seconds(after["first_seen"]) - seconds(before["first_seen"])) <= 1


def spoil(path, how):
    text = path.read_bytes()
    path.unlink()
    if how == "torn":
        path.write_bytes(text[:len(text) // 2])
    elif how == "random":
        path.write_bytes(random.Random(1).randbytes(100000))
    elif how == "of another host":
        path.write_bytes(text.replace(b'"host":"uuid:', b'"host":"uuid:0'))
    elif how == "a pipe":
        os.mkfifo(path)
    elif how == "a link":
        path.symlink_to("/etc/passwd")
    elif how == "a directory":
        path.mkdir()


def test_a_file_that_cannot_be_used_is_set_aside_with_one_line(here):
    a, b = here.host("a"), here.host("b")
    b.discoverd()
    daemon = a.discoverd(CONFIG)
    lab.wait(lambda: daemon.device(name="b"), "b is known")
    for how in ("torn", "random", "of another host", "a pipe", "a link", "a directory"):
        daemon.stop()
        spoil(file_of(daemon), how)
        daemon = a.discoverd(CONFIG)
        lines = [line for line in daemon.text().splitlines() if "devices" in line]
        assert len(lines) == 1 and "renamed to devices.bad" in lines[0], (how, lines)
        assert os.path.lexists(file_of(daemon, "devices.bad")), how
        assert daemon.status()["restored"] is None, how
        lab.wait(lambda: daemon.device(name="b"), "b is found again")
        bad = file_of(daemon, "devices.bad")
        bad.rmdir() if bad.is_dir() and not bad.is_symlink() else bad.unlink()


def complaints(daemon):
    return [line for line in daemon.text().splitlines() if "cannot keep the" in line]


def count_of(daemon, name):
    return daemon.status()["counters"]["saver"][name]


def test_a_pipe_in_the_place_of_the_new_file_costs_one_warning_and_is_removed(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    b.discoverd()
    daemon = a.discoverd(SAVING)
    lab.wait(lambda: file_of(daemon).exists(), "the devices are written")
    os.mkfifo(file_of(daemon, "devices.new"))
    c.discoverd()
    lab.wait(lambda: complaints(daemon), "the pipe is reported")
    lab.wait(lambda: b'"name":"c"' in file_of(daemon).read_bytes(), "the next try succeeds")
    assert len(complaints(daemon)) == 1 and count_of(daemon, "failed") == 1
    assert daemon.stop() == 0


def test_a_disk_that_is_full_or_read_only_costs_one_warning(here):
    a, b = here.host("a"), here.host("b")
    b.discoverd()
    for name, options in (("full", "size=8k"), ("read-only", "ro")):
        folder = pathlib.Path(here.folder, f"a-{name}", "state")
        folder.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
        if name == "full":
            (folder / "full").write_bytes(b"x" * 4096)
        daemon = a.discoverd(SAVING, name)
        lab.wait(lambda: count_of(daemon, "failed") > 1, "it was tried twice")
        assert len(complaints(daemon)) == 1, daemon.text()
        assert daemon.device(name="b")
        assert daemon.stop() == 0
        assert len(complaints(daemon)) == 1, daemon.text()


def test_a_slow_disk_holds_up_neither_the_daemon_nor_its_stop(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    b.discoverd()
    new = pathlib.Path(here.folder, "a-d/state/devices.new")
    daemon = a.discoverd(SAVING, wrap=[lab.need("strace"), "-D", "-f", "-qq", "-o", "/dev/null", "-P", str(new), "-e", "trace=fsync",
                                       "-e", "inject=fsync:delay_enter=20s"])
    lab.wait(new.exists, "it is being written")
    slowest = 0
    for _ in range(20):
        begun = time.monotonic()
        daemon.status()
        slowest = max(slowest, time.monotonic() - begun)
    assert slowest < 5, slowest
    assert not file_of(daemon).exists()
    c.discoverd()
    lab.wait(lambda: daemon.device(name="c"), "others are found meanwhile", 10)
    begun = time.monotonic()
    daemon.signal(signal.SIGTERM)
    lab.wait(lambda: "the disk is slow" in daemon.text(), "the stop does not wait for the disk", 10)
    assert time.monotonic() - begun < 15, "before the disk is done"


def rounds_of_kills(here, rounds):
    """Killed while it writes, again and again: each start finds a whole file, and the same identity."""
    count = 200
    a, b = two_hosts(here, count)
    crowd(b, count)
    new = pathlib.Path(here.folder, "a-d/state/devices.new")
    slow = [lab.need("strace"), "-D", "-f", "-qq", "-o", "/dev/null", "-P", str(new), "-e", "trace=write,fsync",
            "-e", "inject=write,fsync:delay_enter=50ms"]
    daemon = a.discoverd(SAVING, wrap=slow)
    know_all(daemon, count)
    uuid = daemon.status()["uuid"]
    lab.wait(lambda: file_of(daemon).exists(), "it is written for the first time")
    chance, torn = random.Random(7), 0
    for number in range(rounds):
        # a stop writes at once, to a disk that is slow: the kill comes before, in or after a step of that
        daemon.signal(signal.SIGTERM)
        lab.wait(lambda: new.exists() or not daemon.running(), "it writes", step=0.001)
        time.sleep(chance.random() * 0.15)
        daemon.signal(signal.SIGKILL)
        daemon.wait()
        torn += new.exists()
        daemon = a.discoverd(SAVING, wrap=slow)
        status = daemon.status()
        assert status["uuid"] == uuid and status["restored"] == count, (number, status["restored"])
        assert not file_of(daemon, "devices.bad").exists(), daemon.text()
        # so that the next stop has something to write
        lab.wait(lambda: daemon.status()["unconfirmed"] == 0, "all are confirmed", 60)
    assert torn > rounds / 5, f"{torn} of {rounds} kills left a part of the new file"


def test_a_daemon_that_is_killed_while_it_writes_leaves_a_whole_file(here):
    rounds_of_kills(here, 10)


def long_a_daemon_that_is_killed_a_hundred_times_while_it_writes_leaves_a_whole_file(here):
    rounds_of_kills(here, 100)
