# SPDX-License-Identifier: ISC
"""What really travels: captures the UDP and TCP packets of a bridge port, and reads them without any code of discoverd's."""

import select
import socket
import struct
import threading
import time

import lab

ALL = 0x0003  # ETH_P_ALL
NAMES = {6: "tcp", 17: "udp"}


def layout(frame):
    """Of an Ethernet frame: the address family, IP protocol, hop limit, addresses, and where the payload begins and ends; or None."""
    if frame[12:14] == b"\x08\x00":
        return (socket.AF_INET, frame[23], frame[22], frame[26:30], frame[30:34], 14 + (frame[14] & 15) * 4,
                14 + struct.unpack("!H", frame[16:18])[0])
    if frame[12:14] == b"\x86\xdd":
        return (socket.AF_INET6, frame[20], frame[21], frame[22:38], frame[38:54], 54, 54 + struct.unpack("!H", frame[18:20])[0])
    return None


class Packet:
    """One IP packet: when, protocol, source, sport, target, dport, ttl, flags (of TCP), bytes."""

    def __init__(self, when, frame):
        family, protocol, self.ttl, source, target, header, end = layout(frame)
        self.when, self.protocol = when, NAMES[protocol]
        self.source, self.target = socket.inet_ntop(family, source), socket.inet_ntop(family, target)
        self.sport, self.dport = struct.unpack("!HH", frame[header:header + 4])
        self.flags = frame[header + 13] if self.protocol == "tcp" else 0
        self.bytes = frame[header + 8:end]

    @property
    def first(self):
        return self.bytes.split(b"\r\n")[0].decode(errors="replace")

    @property
    def names(self):
        """The header names, in their order."""
        return [line.split(b":")[0].decode(errors="replace") for line in self.bytes.split(b"\r\n")[1:-2]]

    @property
    def headers(self):
        lines = (line.decode(errors="replace").partition(":") for line in self.bytes.split(b"\r\n")[1:-2])
        return {name: value.strip() for name, _, value in lines}

    def __repr__(self):
        return f"{self.when:.3f} {self.source}:{self.sport} > {self.target}:{self.dport} ttl {self.ttl} {self.bytes!r}"


class Capture:
    """All IPv4 (and where wanted IPv6) that passes this port of the switch, in both directions, from now on."""

    def __init__(self, interface, ipv6=False):
        self.families = {socket.AF_INET, socket.AF_INET6} if ipv6 else {socket.AF_INET}
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind((interface, 0))
        self.socket.setblocking(False)
        self.seen = []
        self.lock = threading.Lock()
        threading.Thread(target=self.follow, daemon=True).start()

    def follow(self):
        """Reads what comes at once: the kernel keeps a few hundred frames, and drops the rest without a word."""
        try:
            while True:
                select.select([self.socket], [], [])
                self.drain()
        except OSError:
            pass  # the port is gone

    def drain(self):
        with self.lock:
            while True:
                try:
                    frame = self.socket.recv(65535)
                except BlockingIOError:
                    return
                if (parts := layout(frame)) and parts[0] in self.families and parts[1] in NAMES:
                    self.seen.append(Packet(time.monotonic(), frame))

    def packets(self, **wanted):
        """What came so far with these members."""
        self.drain()
        return [p for p in list(self.seen) if all(getattr(p, k) == v for k, v in wanted.items())]

    def take(self):
        """All that came since the last time."""
        self.drain()
        with self.lock:
            taken, self.seen = self.seen, []
        return taken

    def ssdp(self, word, **wanted):
        """Those whose first line or NTS is this."""
        return [p for p in self.packets(protocol="udp", **wanted)
                if p.first.startswith(word) or p.headers.get("NTS") == word]

    def clear(self):
        self.take()


def port_of(host, interface="eth0", ipv6=False):
    return Capture(f"{host.name}.{interface}"[:15], ipv6)


def wait_for(capture, count, what, limit=30.0, **wanted):
    """At least so many packets; they are returned."""
    packets, _ = lab.wait(lambda: len(found := capture.packets(**wanted)) >= count and found, what, limit)
    return packets
