# SPDX-License-Identifier: ISC
"""Two hosts on a veth, a program on one of them, the load on the other; and what the program pays for each datagram."""

import ipaddress
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "netns"))
import lab  # noqa: E402
import peers  # noqa: E402

OWN, SENDER = "10.0.0.2", "10.0.0.1"
SEARCHERS, SEARCHER_COUNT = ipaddress.IPv4Address("10.64.0.0"), 2048  # addresses that search; they are the sender's
DEVICES = ipaddress.IPv4Address("10.128.0.0")  # the first address of devices; each is a machine of its own
ROUNDS, NOISY = 5, 1.3
SEARCHER_PAUSE = 0.6  # seconds before an address searches again
PROMPT_QUIET = 5  # milliseconds
CPUS = sorted(os.sched_getaffinity(0))
# the sender takes what is sent to any MAC
TAKE_EACH = "add table netdev rig; add chain netdev rig take { type filter hook ingress device eth0 priority 0; }; " \
    "add rule netdev rig take meta pkttype set host"
LOAD_CPU, SUBJECT_CPU = CPUS[0], CPUS[-1]


class Mismatch(Exception):
    """The program did not do what it was measured for."""


class Load:
    """One datagram, in which load.c writes number and address, and what it shall cause."""

    def __init__(self, datagram, to=OWN, port=1900, source_port=0, devices=0, number=0, answers=0, bursts=(8, 128), quiet=5, new=False,
                 questions=False):
        self.datagram = datagram if isinstance(datagram, bytes) else datagram.replace("\n", "\r\n").encode()
        self.to, self.port, self.source_port = to, port, source_port
        self.devices, self.number = devices, number  # so many numbers, from this one on; 0 devices: it comes from searchers
        self.answers, self.bursts, self.quiet = answers, bursts, quiet
        self.new = new  # each number is sent once
        self.questions = questions  # the program may ask the sender something meanwhile


class Pair:
    """A host for the program and one that sends to it, on two ends of a veth. The neighbour table is one for all namespaces
    (gc_thresh3), and when it is full even multicasts are dropped; so all entries are permanent: those are not counted."""

    def __init__(self, here, devices, searchers):
        number = len(here.hosts)
        self.here = here
        self.own, self.sender = here.bare_host(f"s{number}"), here.bare_host(f"l{number}")
        here.ip("link", "add", "eth0", "netns", self.own.name, "type", "veth", "peer", "name", "eth0", "netns", self.sender.name)
        for host, address in (self.own, OWN), (self.sender, SENDER):
            host.addresses.append(address)
            host.run("sysctl", "-qw", "net.ipv6.conf.eth0.accept_dad=0", check=False)
            host.run("ip", "addr", "add", f"{address}/8", "brd", "+", "dev", "eth0")
            host.run("ip", "link", "set", "eth0", "up")
            host.run("ip", "route", "add", "default", "dev", "eth0")
        for first in SEARCHERS, DEVICES:
            self.sender.run("ip", "route", "add", "local", f"{first}/10", "dev", "lo")
        self.sender.run(lab.need("nft"), TAKE_EACH)
        for host in self.own, self.sender:
            self.neighbours([("239.255.255.250", "01:00:5e:7f:ff:fa"), ("224.0.0.251", "01:00:5e:00:00:fb")], host)
        self.neighbours([(OWN, self.mac(self.own))], self.sender)
        self.neighbours([(SENDER, self.mac(self.sender))])
        self.machines(SEARCHERS, searchers)
        self.machines(DEVICES, devices)

    @staticmethod
    def mac(host):
        return json.loads(host.run("ip", "-j", "link", "show", "eth0").stdout)[0]["address"]

    def machines(self, first, count):
        """Each address from `first` on has a MAC of its own: discoverd keeps no more than 32 devices of one."""
        kind = int(first) >> 16 & 255
        self.neighbours([(first + i, f"02:{kind:02x}:{i >> 24 & 255:02x}:{i >> 16 & 255:02x}:{i >> 8 & 255:02x}:{i & 255:02x}")
                         for i in range(count)])

    def serve(self, page):
        """Serves page(address) on port 49152 of each device, as bytes; the list of addresses that were asked for it. The devices have
        MACs of their own, for which the sender's interface is not: what comes for them is marked as if it were."""
        rules = pathlib.Path(self.here.folder, f"{self.sender.name}.nft")
        rules.write_text("table netdev bench {\nchain ingress {\ntype filter hook ingress device eth0 priority 0\n"
                         "meta pkttype other meta pkttype set unicast\n}\n}\n")
        self.sender.run(lab.need("nft", "bench"), "-f", str(rules))
        listener, asked = lab.inside(self.sender, lambda: socket.create_server(("", 49152), backlog=64)), []

        def answer():
            while True:
                connection, _ = listener.accept()
                with connection:
                    address = ipaddress.IPv4Address(connection.getsockname()[0])
                    connection.settimeout(5)
                    if connection.recv(4096).endswith(b"\r\n\r\n"):
                        text = page(address)
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                                           % (len(text), text))
                        asked.append(address)
        threading.Thread(target=answer, daemon=True).start()
        return asked

    def neighbours(self, rows, host=None):
        """What a host, the program's unless another one is named, knows of (address, MAC)."""
        host = host or self.own
        batch = pathlib.Path(self.here.folder, f"{host.name}-neighbours")
        batch.write_text("".join(f"neigh replace {address} lladdr {mac} dev eth0 nud permanent\n" for address, mac in rows))
        host.run("ip", "-batch", str(batch), limit=120)


class Sender:
    """load.c with one kind of datagram, beside one process."""

    def __init__(self, subject, load):
        self.subject, self.load, self.next = subject, load, load.number
        host = subject.pair.sender
        host.count += 1
        file = pathlib.Path(host.lab.folder, f"{host.name}-{host.count}.datagram")
        file.write_bytes(load.datagram)
        first = DEVICES if load.devices else SEARCHERS
        self.popen = subprocess.Popen(
            [*host.prefix, "taskset", "-c", str(LOAD_CPU), str(lab.BUILD / "tests/bench/load"), str(subject.process.pid), "eth0",
             str(first), str(load.source_port), load.to, str(load.port), str(file)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        host.lab.processes.append(self)

    def running(self):
        return self.popen.poll() is None

    def signal(self, number):
        self.popen.send_signal(number)

    def text(self):
        return ""

    def send(self, count, wanted, quiet, limit=20000, stop=1):
        """Nanoseconds of CPU time, answers, datagrams dropped by the kernel, and whether the limit in milliseconds was reached.
        With stop=0 the process runs while they come."""
        modulo = self.load.devices or SEARCHER_COUNT
        if not self.load.devices and self.next + count > modulo:
            time.sleep(SEARCHER_PAUSE)  # a search that comes again soon is not answered
            self.next = 0
        self.popen.stdin.write(f"{count} {self.next} {modulo} {wanted} {quiet} {limit} {stop}\n")
        self.popen.stdin.flush()
        self.next += count
        if self.load.devices:
            self.next %= modulo
        words = self.popen.stdout.readline().split()
        if len(words) != 4:
            raise Mismatch(f"it has ended: {self.subject.process.text()[-500:]}")
        self.subject.sent += count
        return tuple(map(int, words))

    def burst(self, count, quiet=None):
        """Nanoseconds of CPU time for so many datagrams; raises where answers or datagrams are missing."""
        wanted = self.subject.answers * count
        if quiet is None:
            quiet = PROMPT_QUIET if self.subject.prompt else self.load.quiet
        cpu, got, dropped, late = self.send(count, wanted, quiet)
        if (got != wanted and not self.load.questions) or dropped:
            raise Mismatch(f"{got} of {wanted} answers, {dropped} of {count} datagrams dropped by the kernel")
        if late:
            raise Mismatch("it does not come to rest")
        return cpu

    def count_answers(self):
        """How many answers one datagram draws, where that is not known beforehand."""
        _, self.subject.answers, _, _ = self.send(1, 1 << 30, 0, 2500)
        if not self.subject.answers:
            raise Mismatch("no answer")

    def fill(self, count):
        """Sends so many, and waits until they are read."""
        step = self.load.bursts[1]
        for done in range(0, count, step):
            self.burst(min(step, count - done), quiet=2)

    def warm(self):
        """All is known that is sent from now on: each datagram was heard twice."""
        for _ in range(2):
            self.fill(self.load.devices or SEARCHER_COUNT)


class Subject:
    """A program that is measured. `answers` is how many it sends to one datagram, None: as many as it sends to the first; `strict`
    means that the run fails where it does not. `settle` is called when the memory is warm and the table full, `check` at the end. A
    `prompt` one has nothing to do later."""

    def __init__(self, here, name, start, answers=0, strict=False, devices=0, searchers=SEARCHER_COUNT, settle=None, check=None,
                 prompt=False):
        self.name, self.answers, self.strict, self.settle, self.check, self.prompt = name, answers, strict, settle, check, prompt
        self.load, self.sent = None, 0
        self.pair = Pair(here, devices, 0 if devices else searchers)
        self.process = start(self.pair.own)
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            os.sched_setaffinity(int(task), {SUBJECT_CPU})
        self.mismatch = None

    def cpu(self):
        """Nanoseconds of CPU time of all threads so far, by the process's CPU clock (clock_getcpuclockid(3))."""
        return time.clock_gettime_ns(~self.process.pid << 3 | 2)

    def asleep(self):
        """None of its threads runs, or waits for a CPU."""
        stats = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/stat")
        try:
            return all(stat.read_text().rpartition(")")[2].split()[0] == "S" for stat in stats)
        except OSError:
            return False  # a thread has just ended

    def rest(self, span, limit=30):
        """Waits until it has slept for so many seconds; the CPU time that it has used in all."""
        last = [self.cpu(), time.monotonic()]

        def rests():
            if self.cpu() != last[0] or not self.asleep():
                last[:] = [self.cpu(), time.monotonic()]
            return time.monotonic() - last[1] > span
        lab.wait(rests, f"{self.name} is idle", limit, step=span / 20)
        return last[0]

    def memory(self, what="Anonymous"):
        """Bytes of anonymous memory, or of another kind that smaps_rollup has."""
        text = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return int(next(line for line in text.splitlines() if line.startswith(what + ":")).split()[1]) * 1024


def middle(costs):
    """The mean of the middle half: what else the machine does makes some bursts longer."""
    quarter = len(costs) // 4
    return statistics.mean(sorted(costs)[quarter:len(costs) - quarter])


def slope(bursts):
    """Nanoseconds per datagram, of a list of costs for each length of a burst: what more datagrams cost, so that waking up and being
    stopped cancel out."""
    (small, few), (large, many) = sorted(bursts.items())
    return (middle(many) - middle(few)) / (large - small)


def attempt(subject, action):
    """What the action returns; None where the subject did not do what it should."""
    if subject.mismatch:
        return None
    try:
        return action()
    except (Mismatch, lab.Failure) as mismatch:
        subject.mismatch = str(mismatch)
        return None


def prepare(subject, sender):
    """Memory is warm, and a table is full."""
    if subject.answers is None:
        attempt(subject, sender.count_answers)
    attempt(subject, lambda: sender.fill(2 * sender.load.bursts[1]) if sender.load.new else sender.warm())
    if subject.settle:
        attempt(subject, lambda: subject.settle(subject))


def play_round(order, senders, repeats):
    """What a datagram costs each of them, None where it did not do what it should. They take turns with each burst, so that what else
    the machine does meets all of them."""
    bursts = {subject: {count: [] for count in senders[subject].load.bursts} for subject in order}
    for _ in range(repeats):
        for subject in order:
            for count, costs in bursts[subject].items():
                costs.append(attempt(subject, lambda: senders[subject].burst(count)))
    return {subject: None if subject.mismatch else slope(bursts[subject]) for subject in order}


def measure(limit, subjects, load, repeats):
    """Alternates between limit and subjects; one whose `load` is set has another. A dictionary for each
    subject: microseconds, and ratios to the limit of the same round."""
    everyone = [limit, *subjects]
    senders = {subject: Sender(subject, subject.load or load) for subject in everyone}
    for subject, sender in senders.items():
        prepare(subject, sender)
    rounds = [play_round(everyone[number % len(everyone):] + everyone[:number % len(everyone)], senders, repeats)
              for number in range(ROUNDS)]
    for subject in everyone:
        if subject.check:
            attempt(subject, lambda: subject.check(subject))
    for sender in senders.values():
        sender.popen.stdin.close()
        sender.popen.wait(10)
    return [result(subject, limit, *([costs[it] for costs in rounds] for it in (subject, limit))) for subject in everyone]


def result(subject, limit, costs, limits):
    if subject.mismatch or None in limits:
        return {"name": subject.name, "mismatch": subject.mismatch or "no limit", "strict": subject.strict}
    costs = [cost / (subject.answers or 1) for cost in costs]
    limits = [cost / (limit.answers or 1) for cost in limits]
    ratios = sorted(cost / limit for cost, limit in zip(costs, limits))
    return {"name": subject.name, "us": statistics.median(costs) / 1e3, "ratio": statistics.median(ratios),
            "range": [ratios[0], ratios[-1]], "spread": max(costs) / min(costs) if min(costs) > 0 else 1e9, "strict": subject.strict}


def start_limit(answers, group="239.255.255.250", port=1900):
    def start(host):
        process = host.start(str(lab.BUILD / "tests/bench/limit"), "answer", str(answers), group, str(port))
        lab.wait(lambda: "ready" in process.text(), "the limit is ready")
        return process
    return start


CONFIG = """[Device]
name = bench
[SSDP]
answer-limit = no
[Table]
max-devices = 1000000
memory = 1G
"""


def start_discoverd(config="", files=None, **options):
    """discoverd with all on; files are those of services.d."""
    def start(host):
        folder = pathlib.Path(host.lab.folder, f"{host.name}-d", "services.d")
        folder.mkdir(parents=True)
        for name, text in (files or {}).items():
            (folder / name).write_text(text)
        return host.discoverd(CONFIG + config, **options)
    return start


class Background:
    """A process that went to the background; of lab.Process, what this needs."""

    def __init__(self, pid, path):
        self.pid, self.path = pid, path

    def text(self):
        return ""


def ask_minissdpd(path, kind, *texts):
    """What minissdpd answers on its socket to a request of this kind with these texts."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(bytes([kind]) + b"".join(bytes([len(text)]) + text.encode() for text in texts))
        client.shutdown(socket.SHUT_WR)
        return client.recv(65536)


def start_minissdpd(targets=()):
    """minissdpd as it runs at home, without the log of "-d", with these submitted to it as (type, USN)."""
    def start(host):
        home = peers.folder(host, "minissdpd")
        host.run(lab.need("minissdpd"), "-i", "eth0", "-s", f"{home}/socket", "-p", f"{home}/pid")
        lab.wait(lambda: (home / "socket").exists() and (home / "pid").exists() and (home / "pid").read_text().strip(),
                 "minissdpd is ready", step=0.001)
        for target, usn in targets:
            ask_minissdpd(home / "socket", 4, target, usn, "x/1 UPnP/1.1 y/1", f"http://{OWN}:5555/d.xml")
        return Background(int((home / "pid").read_text()), home / "socket")
    return start


def counters(subject, group="ssdp"):
    return subject.process.status()["counters"][group]
