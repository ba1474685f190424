# SPDX-License-Identifier: ISC
"""Sends many hostile messages to a daemon, no faster than it reads them, and measures the processor time that they cost it."""

import itertools
import pathlib
import random
import socket
import struct

import lab

FEW = 20  # whose cost is measured one by one
TOGETHER = 32 * 1024  # bytes that are sent before it has read those before; its buffer in the kernel is larger
MOST = 1e-3  # seconds of the processor for one message


class Target:
    """A daemon, and its sockets of one UDP port."""

    def __init__(self, daemon, port):
        self.daemon, self.port = daemon, port

    def waiting(self):
        """Bytes that the kernel keeps for it, and datagrams that it had to drop."""
        rows = [line.split() for line in pathlib.Path(f"/proc/{self.daemon.pid}/net/udp").read_text().splitlines()[1:]]
        own = [row for row in rows if int(row[1].split(":")[1], 16) == self.port]
        return sum(int(row[4].split(":")[1], 16) for row in own), sum(int(row[12]) for row in own)

    def is_idle(self):
        state = pathlib.Path(f"/proc/{self.daemon.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        return not self.daemon.running() or (state == "S" and self.waiting()[0] == 0)

    def spent(self):
        """Seconds of the processor; exact while it sleeps."""
        lab.wait(self.is_idle, "it has read all", step=0)
        assert self.daemon.running(), self.daemon.text()
        return int(pathlib.Path(f"/proc/{self.daemon.pid}/schedstat").read_text().split()[0]) / 1e9

    def flood(self, what, messages, send):
        """Sends them, prints what each costs, and has that within its limit."""
        begun, count, most, sent, drops = self.spent(), 0, 0, 0, self.waiting()[1]
        before = begun
        for message in messages:
            send(message)
            count += 1
            if count <= FEW:
                now = self.spent()
                most, before = max(most, now - before), now
            elif (sent := sent + 1024 + len(message)) > TOGETHER:
                sent = 0
                lab.wait(self.is_idle, "it has read all", step=0)
        each = (self.spent() - begun) / count
        print(f"{what:<40} {count:>6} messages, {each * 1e6:>5.0f} µs each, at most {most * 1e6:>5.0f} µs of {min(count, FEW)}")
        assert self.waiting()[1] == drops, "none was dropped"
        if not lab.SANITIZED:
            assert each < MOST, (what, each)
        return count


def present_device(daemon):
    """Memory in KiB."""
    status = pathlib.Path(f"/proc/{daemon.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def ends_well(daemon, before, most=32 * 1024):
    """Has its memory within a limit of KiB, and stops it; lab.py looks for reports of sanitizers."""
    more = present_device(daemon) - before
    print(f"its memory has grown by {more} KiB")
    if not lab.SANITIZED:  # freed memory is kept for a while there
        assert more < most, more
    assert daemon.stop() == 0, daemon.text()


def golden(pattern):
    """The messages of this kind that devices really send, and broken ones."""
    return [p.read_bytes() for p in sorted((lab.HERE.parent / "golden" / "packets").glob(pattern)) if p.stat().st_size]


def mutated(seeds, count, largest, seed=1):
    """Each is one of the seeds with some bytes changed, cut or repeated."""
    chance = random.Random(seed)
    for _ in range(count):
        message = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(message))
            message[at] = chance.choice([0, 1, 0x3F, 0x40, 0xC0, 0xFF, message[at] ^ 1 << chance.randrange(8)])
        if chance.random() < 0.3:
            del message[chance.randrange(len(message)):]
        if chance.random() < 0.2:
            message += message[12:] * chance.randint(1, 8)
        yield bytes(message[:largest])


class Forger:
    """Sends in the name of 250 other hosts by turns; what is longer than a frame it cannot."""

    def __init__(self, host):
        self.raw = lab.inside(host, lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW))
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.sources = itertools.cycle([f"10.99.0.{n}" for n in range(4, 254)])

    def send(self, message, target, port):
        udp = struct.pack("!4H", port, port, 8 + len(message), 0) + message
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 255, socket.IPPROTO_UDP, 0,
                           socket.inet_aton(next(self.sources)), socket.inet_aton(target))
        self.raw.sendto(head + udp, (target, port))
