# SPDX-License-Identifier: ISC
"""What is no price of a datagram: memory, sizes, times. A row is a function of the lab; it returns a list of results with a value and
its unit."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import time

import rig  # first: it knows where the others are
import lab
from rig import Load, Sender, Subject
from rows import GROUP, NOTIFY, NT, UNFETCHED, UUID, discoverd, limit, listed, mdns_response, multicast, peer, renderer, unicast

ROUNDS = rig.ROUNDS
SMALL, LARGE = 5000, 25000  # sizes of a table, for slopes
DISCOVERD_CTL = str(lab.BUILD / "discoverctl")


def figure(name, values, unit, wanted=None):
    """The median of what each round gave; a value alone where it was measured once. `wanted`: a bound that must be kept, and one that
    is aimed at."""
    values = values if isinstance(values, list) else [values]
    return {"name": name, "value": statistics.median(values), "unit": unit, "range": [min(values), max(values)], "wanted": wanted,
            "strict": True}


def filled(here, count, text=NOTIFY, **options):
    """A daemon that knows so many devices; each sends a message for each of the types."""
    subject = discoverd(here, config=UNFETCHED, devices=count, **options)
    Sender(subject, Load(text, to=GROUP, devices=count)).fill(count)
    subject.rest(0.5)  # a device is listed 300 ms after it was heard
    listed(count)(subject)
    return subject


def refilled(subject, first, count, text):
    load = Load(text, to=GROUP, devices=first + count, number=first)
    Sender(subject, load).fill(count)


def bytes_a_device(here, repeats):
    """Anonymous memory of two tables, by the difference of their sizes: with one target, and with three services."""
    results = []
    service = "urn:schemas-upnp-org:service:Example{}:1"
    services = [NOTIFY.replace(NT, service.format(number)) for number in range(3)]
    for name, texts, wanted in ("discoverd", [NOTIFY], (400, 256)), ("discoverd, 3 services", [NOTIFY, *services], (800, 512)):
        subject = discoverd(here, name, config=UNFETCHED, devices=LARGE)
        used = []
        for first, last in (0, SMALL), (SMALL, LARGE):
            for text in texts:
                refilled(subject, first, last - first, text)
            subject.rest(0.5)
            used.append(subject.memory())
        listed(LARGE)(subject)
        results.append(figure(name, (used[1] - used[0]) / (LARGE - SMALL), "bytes", wanted))
    subject = peer(here, "minissdpd", rig.start_minissdpd(), devices=LARGE)
    if subject:
        refilled(subject, 0, SMALL, NOTIFY)
        before = subject.memory()
        refilled(subject, SMALL, LARGE - SMALL, NOTIFY)
        results.append(figure("minissdpd", (subject.memory() - before) / (LARGE - SMALL), "bytes"))
    return results


def list_call(subject):
    """Bytes of the reply to List, and nanoseconds of CPU time for it."""
    before, size = subject.cpu(), 0
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(subject.path)
        client.sendall(b'{"method":"io.discoverd.List"}\0')
        while data := client.recv(1 << 20):
            size += len(data)
            if data.endswith(b"\0"):
                break
    subject.rest(0.05)
    return size, subject.cpu() - before


def list_devices(here, repeats, devices=10000):
    """CPU time of List beside that of a dump of as many bytes."""
    subject = filled(here, devices)
    subject.path = str(subject.process.socket)
    size, _ = list_call(subject)
    path = f"{here.folder}/dump"

    def start(host):
        process = host.start(str(lab.BUILD / "tests/bench/limit"), "dump", str(size), path)
        lab.wait(lambda: "ready" in process.text(), "the limit is ready")
        return process
    dump = Subject(here, "limit", start)
    dump.path = path
    costs = [(list_call(dump), list_call(subject)) for _ in range(ROUNDS * repeats)]
    if any(call[0] != size for both in costs for call in both):
        raise rig.Mismatch("List has another length each time")
    times = {dump: [both[0][1] / 1e6 for both in costs], subject: [both[1][1] / 1e6 for both in costs]}
    return [figure("limit", times[dump], "ms"), figure("List", times[subject], "ms"),
            figure("discoverd", [own / least for least, own in zip(times[dump], times[subject])], "x", (5, 3))]


def discoverctl_list(here, repeats, devices=10000):
    """`discoverctl list`: seconds, and its largest memory while it prints. ru_maxrss would be that of this process at least, which it
    has been before it was discoverctl."""
    subject = filled(here, devices)
    seconds, memory = [], []
    for _ in range(ROUNDS):
        begun, lines, most = time.monotonic(), 0, 0
        child = subprocess.Popen([DISCOVERD_CTL, "-s", str(subject.process.socket), "list"], stdout=subprocess.PIPE)
        while part := os.read(child.stdout.fileno(), 1 << 16):
            lines += part.count(b"\n")
            found = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{child.pid}/status").read_text())
            most = max(most, int(found[1]) if found else 0)
        seconds.append(time.monotonic() - begun)
        memory.append(most / 1024)
        if child.wait() or lines < devices:
            raise rig.Mismatch(f"{lines} lines for {devices} devices")
    return [figure("discoverd", seconds, "s", (0.2, 0.2)), figure("largest memory", memory, "MB", (10, 10))]


def kept(here, repeats, count=10000):
    """A burst comes while the program runs: how many datagrams find room in its queue, by the kernel's count of drops."""
    subjects = [limit(here, 0, devices=count), discoverd(here, config=UNFETCHED, devices=count),
                peer(here, "minissdpd", rig.start_minissdpd(), devices=count)]
    results = []
    for subject in filter(None, subjects):
        sender = Sender(subject, Load(NOTIFY, to=GROUP, devices=count))
        drops = [sender.send(count, 0, 50, stop=0)[2] for _ in range(ROUNDS)]
        if subject.name == "discoverd" and rig.counters(subject)["notifies"] != ROUNDS * count - sum(drops):
            raise rig.Mismatch(f"{drops} were dropped, {rig.counters(subject)} counted")
        results.append(figure(subject.name, [100 * (count - drop) / count for drop in drops], "%",
                              (99, 100) if subject.name == "discoverd" else None))
    return results


def first_answer(here, repeats):
    """Milliseconds from the start of the program to its first answer; a search is sent every half millisecond."""
    pair = rig.Pair(here, 0, 16)
    target = "upnp:rootdevice"
    programs = {
        "limit": lambda host: host.start(str(lab.BUILD / "tests/bench/limit"), "answer", "1", GROUP, "1900"),
        "discoverd": lambda host: host.start(str(lab.BUILD / "discoverd"), "-s", f"{here.folder}/first", "-d", f"{here.folder}/state",
                                             "-c", "/dev/null"),
        "minissdpd": rig.start_minissdpd([(target, f"{UUID.format(1)}::{target}")]),
    }
    times = {name: [] for name in programs}
    for name, start in [*programs.items()] * ROUNDS:
        if name == "minissdpd" and not shutil.which("minissdpd", path="/usr/sbin:/usr/bin"):
            continue
        shutil.rmtree(f"{here.folder}/{pair.own.name}-minissdpd", ignore_errors=True)
        asker = lab.inside(pair.sender, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        asker.settimeout(0.0005)
        begun = time.monotonic()
        process = start(pair.own)
        while time.monotonic() - begun < 10:
            asker.sendto(unicast(target).replace("\n", "\r\n").encode(), (rig.OWN, 1900))
            try:
                if asker.recv(2000):
                    times[name].append((time.monotonic() - begun) * 1e3)
                    break
            except (TimeoutError, ConnectionRefusedError):
                pass
        os.kill(process.pid, signal.SIGTERM)
        lab.wait(lambda: not pathlib.Path(f"/proc/{process.pid}/fd/0").exists(), f"{name} ends", step=0.001)
    if any(0 < len(row) < ROUNDS for row in times.values()) or not times["discoverd"]:
        raise rig.Mismatch(f"not each start led to an answer: {times}")
    results = [figure(name, row, "ms") for name, row in times.items() if row]
    return [*results, figure("discoverd by limit", [own / least for own, least in zip(times["discoverd"], times["limit"])], "x", (4, 2))]


def at_rest(here, repeats):
    """Private dirty memory of a program that has just started, in kB as smaps counts: of one that was just linked, and is not on the
    disk yet, that would be the program, too."""
    with open(lab.BUILD / "discoverd", "rb") as program:
        os.fsync(program.fileno())
    subjects = [limit(here, 0, searchers=0), discoverd(here, searchers=0), peer(here, "minissdpd", rig.start_minissdpd(), searchers=0),
                peer(here, "gmediarender", renderer, searchers=0)]
    return [figure(subject.name, subject.memory("Private_Dirty") / 1024, "kB", (400, 300) if subject.name == "discoverd" else None)
            for subject in filter(None, subjects)]


def stripped(here, repeats):
    """The program without its symbols."""
    copy = pathlib.Path(here.folder, "stripped")
    subprocess.run(["strip", "-o", str(copy), str(lab.BUILD / "discoverd")], check=True)
    return [figure("discoverd", copy.stat().st_size / 1000, "kB", (350, 350))]


def neighbour_learnt(here, repeats, devices=100000):
    """The kernel learns one MAC more: CPU time of the daemon until it rests."""
    subject = filled(here, devices)
    times = []
    for number in range(3 * ROUNDS):
        before = subject.rest(0.5)
        subject.pair.neighbours([(rig.SEARCHERS + 70000 + number, f"02:aa:00:00:00:{number:02x}")])
        times.append((subject.rest(0.5) - before) / 1e3)
    return [figure("discoverd", times, "us", (20, 20))]


def call(subject):
    """Seconds until a program has the reply to a method that does nothing."""
    begun = time.monotonic()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(subject.process.socket))
        client.sendall(b'{"method":"org.varlink.service.GetInfo"}\0')
        while not client.recv(65536).endswith(b"\0"):
            pass
    return time.monotonic() - begun


def all_due(here, repeats, devices=100000):
    """All devices expire while the daemon is stopped. Its longest silence then, and what memory it has at the start and after it."""
    subject = discoverd(here, config=UNFETCHED, devices=devices)
    start = subject.memory()
    load = Load(NOTIFY.replace("86400", "30"), to=GROUP, devices=devices)
    begun = time.monotonic()
    Sender(subject, load).fill(devices)
    subject.rest(0.5)
    if time.monotonic() - begun > 25:
        raise rig.Mismatch("this machine is too slow: the first devices have expired")
    listed(devices)(subject)
    full = subject.memory()
    os.kill(subject.process.pid, signal.SIGSTOP)
    time.sleep(40)  # the daemon's clock is not ours: its devices expire by the clock of the machine
    os.kill(subject.process.pid, signal.SIGCONT)
    longest = call(subject)
    while subject.process.status()["devices"]:
        longest = max(longest, call(subject))
    subject.rest(1)
    after = subject.memory()
    return [figure("discoverd", longest * 1e3, "ms", (10, 2)), figure("memory at the start", start / 1e6, "MB"),
            figure("memory of the full table", full / 1e6, "MB"), figure("memory after it", after / 1e6, "MB"),
            figure("after it by the start", after / start, "x", (1.2, 1))]


def idle(here, repeats, count=50, span=60):
    """Daemons on one bridge that have nothing to do: datagrams of all, and CPU time of one."""
    hosts = [here.host(f"h{number}") for number in range(count)]
    daemons = [host.discoverd(ready=False) for host in hosts]
    for daemon in daemons:
        daemon.ready(120)

    def sent():
        links = json.loads(here.ip("-j", "-s", "link", "show", "master", "br0"))
        return sum(link["stats64"]["rx"]["packets"] for link in links)

    def spent():
        return statistics.median(time.clock_gettime_ns(~daemon.pid << 3 | 2) for daemon in daemons)
    lab.wait(lambda: all(daemon.status()["devices"] >= count - 1 for daemon in daemons), "all know each other", 180, step=5)
    time.sleep(span)  # what belongs to the start is over
    before = sent(), spent()
    time.sleep(span)
    after = sent(), spent()
    return [figure("discoverd", (after[0] - before[0]) / span, "/s", (5, 2)),
            figure("one of them", (after[1] - before[1]) / 1e3 / span, "us/s", (50, 50))]


def instructions(here, repeats):
    """Instructions of the daemon for a datagram, as callgrind counts them: the same on a busy machine, for one compiler."""
    devices, count = 1000, 128
    report = pathlib.Path(here.folder, "callgrind")
    prefix = f"--vgdb-prefix={here.folder}/vgdb"  # its pipes are named by the pid, which other namespaces have, too
    options = {"args": ["--no-sandbox"], "ready": False,
               "wrap": [lab.need("valgrind", "bench"), "--tool=callgrind", prefix, f"--callgrind-out-file={report}"]}
    subject = Subject(here, "discoverd", lambda host: rig.start_discoverd(UNFETCHED, **options)(host).ready(120), devices=devices)
    subject.pair.machines(rig.SEARCHERS, rig.SEARCHER_COUNT)
    subject.rest(2, 120)

    def counted(action):
        subprocess.run(["callgrind_control", prefix, "--zero", str(subject.process.pid)], check=True, capture_output=True)
        action()
        files = set(report.parent.glob("callgrind.*"))
        subprocess.run(["callgrind_control", prefix, "--dump", str(subject.process.pid)], check=True, capture_output=True)
        new, _ = lab.wait(lambda: set(report.parent.glob("callgrind.*")) - files, "callgrind has written")
        total, _ = lab.wait(lambda: re.search(r"^(?:summary|totals): (\d+)", min(new).read_text(), re.M), "it has written all")
        return int(total[1])
    results = []
    for name, load, answers in (("unicast search", Load(unicast("upnp:rootdevice")), 1),
                                ("search not for us", Load(multicast("urn:schemas-upnp-org:device:Another:1"), to=GROUP), 0),
                                ("NOTIFY of a new device", Load(NOTIFY, to=GROUP, devices=devices, quiet=1000), 0),
                                ("NOTIFY refreshed", Load(NOTIFY, to=GROUP, devices=devices), 0),
                                ("mDNS refreshed", Load(mdns_response(), to="224.0.0.251", port=5353, source_port=5353, devices=1,
                                                        questions=True), 0)):
        sender, subject.answers = Sender(subject, load), answers
        if "new" not in name:
            sender.warm()
            subject.rest(1)
        small, large = (counted(lambda: [sender.burst(count) for _ in range(bursts)]) for bursts in (1, 6))
        results.append(figure(name, (large - small) / (5 * count), "instr"))
    got = sum(rig.counters(subject, group)["received"] for group in ("ssdp", "mdns"))
    if got < subject.sent:
        raise rig.Mismatch(f"{got} of {subject.sent} datagrams received")
    subject.path = str(subject.process.socket)
    small, large = (counted(lambda: [list_call(subject) for _ in range(calls)]) for calls in (1, 4))
    return [*results, figure("List, a device", (large - small) / 3 / subject.process.status()["devices"], "instr")]


# name, function, 0: only in the long run
FIGURES = [
    ("bytes a device", bytes_a_device, 1),
    ("List of 10,000, CPU by a bare dump", list_devices, 1),
    ("discoverctl list of 10,000", discoverctl_list, 1),
    ("burst of 10,000 NOTIFYs kept", kept, 1),
    ("start to first answer", first_answer, 1),
    ("private dirty at rest", at_rest, 1),
    ("instructions for a datagram, by callgrind", instructions, 1),
    ("stripped binary", stripped, 1),
    ("a neighbour learnt, 100,000 devices", neighbour_learnt, 0),
    ("100,000 due at one moment, longest pause", all_due, 0),
    ("50 idle daemons on a bridge, datagrams", idle, 0),
]
