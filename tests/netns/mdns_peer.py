# SPDX-License-Identifier: ISC
"""A host that speaks multicast DNS packet by packet, as a test tells it; its messages are read and written without any code of
discoverd's. Names are text without escapes: no label here has a dot."""

import select
import socket
import struct
import threading

import lab
import wire

PORT = 5353
GROUPS = {socket.AF_INET: "224.0.0.251", socket.AF_INET6: "ff02::fb"}
A, PTR, TXT, AAAA, SRV, NSEC, ANY = 1, 12, 16, 28, 33, 47, 255
RESPONSE, AUTHORITATIVE, TRUNCATED = 0x8000, 0x0400, 0x0200
FLUSH = 0x8000  # of a record's class; of a question's it asks for a unicast response
TIMESTAMPNS = 35  # SO_TIMESTAMPNS, which the socket module has no name for


def same(a, b):
    return a.lower() == b.lower()


def pack_name(name):
    """Without compression."""
    labels = [label.encode() for label in name.split(".")] if name else []
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def pack_pairs(*pairs):
    """The data of a TXT record."""
    return b"".join(bytes([len(pair)]) + pair.encode() for pair in pairs) or b"\0"


class Record:
    """One record. `data` is a name of PTR, (priority, weight, port, target) of SRV, text of A and AAAA, (next name, set of types)
    of NSEC, and bytes of all others."""

    def __init__(self, name, kind, data, ttl=120, flush=False):
        self.name, self.type, self.data, self.ttl, self.flush = name, kind, data, ttl, flush

    def pack(self):
        data = self.data
        if self.type == PTR:
            data = pack_name(data)
        elif self.type == SRV:
            data = struct.pack("!3H", *data[:3]) + pack_name(data[3])
        elif self.type in (A, AAAA):
            data = socket.inet_pton(socket.AF_INET if self.type == A else socket.AF_INET6, data)
        return pack_name(self.name) + struct.pack("!HHIH", self.type, 1 | self.flush * FLUSH, self.ttl, len(data)) + data

    def is_of(self, name, kind):
        return self.type == kind and same(self.name, name)

    def __repr__(self):
        return f"<{self.name} {self.type} ttl {self.ttl}{' flush' * self.flush} {self.data!r}>"


class Question:
    def __init__(self, name, kind, unicast=False):
        self.name, self.type, self.unicast = name, kind, unicast

    def pack(self):
        return pack_name(self.name) + struct.pack("!HH", self.type, 1 | self.unicast * FLUSH)

    def is_of(self, name, kind):
        return self.type == kind and same(self.name, name)

    def __repr__(self):
        return f"<{self.name} {self.type}{' unicast' * self.unicast}?>"


def pack(questions=(), answers=(), authority=(), additional=(), flags=0, ident=0):
    sections = [questions, answers, authority, additional]
    head = struct.pack("!6H", ident, flags, *map(len, sections))
    return head + b"".join(entry.pack() for section in sections for entry in section)


class Reader:
    """Reads the entries of a message; raises IndexError, struct.error or ValueError where it is broken."""

    def __init__(self, data):
        self.data, self.at = data, 12

    def name(self):
        labels, at, end = [], self.at, None
        while self.data[at]:
            length = self.data[at]
            if length >= 0xC0:
                end = end or at + 2
                to = (length & 0x3F) << 8 | self.data[at + 1]
                if to >= at:
                    raise ValueError("a pointer forward")
                at = to
                continue
            labels.append(self.data[at + 1:at + 1 + length].decode(errors="replace"))
            at += 1 + length
        self.at = end or at + 1
        return ".".join(labels)

    def take(self, form):
        values = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return values

    def question(self):
        name, (kind, klass) = self.name(), self.take("!HH")
        return Question(name, kind, bool(klass & FLUSH))

    def record(self):
        name, (kind, klass, ttl, length) = self.name(), self.take("!HHIH")
        end = self.at + length
        raw = data = self.data[self.at:end]
        if kind == PTR:
            data = self.name()
        elif kind == SRV:
            data = (*self.take("!3H"), self.name())
        elif kind in (A, AAAA):
            data = socket.inet_ntop(socket.AF_INET if kind == A else socket.AF_INET6, data)
        elif kind == NSEC:
            data = (self.name(), {bit for bit in range(256) if self.data[self.at + 2:end][bit // 8:bit // 8 + 1]
                                  and self.data[self.at + 2 + bit // 8] & 0x80 >> bit % 8})
        self.at = end
        record = Record(name, kind, data, ttl, bool(klass & FLUSH))
        record.raw = raw
        return record


class Message:
    """A datagram as the kernel of the switch saw it: when (seconds), source, sport, target, dport, ttl (of IP), and its entries."""

    def __init__(self, when, frame):
        packet = wire.Packet(when, frame)
        self.when, self.ttl, self.bytes = when, packet.ttl, packet.bytes
        self.source, self.sport, self.target, self.dport = packet.source, packet.sport, packet.target, packet.dport
        self.ident, self.flags, *counts = struct.unpack("!6H", self.bytes[:12])
        reader = Reader(self.bytes)
        self.questions = [reader.question() for _ in range(counts[0])]
        self.answers, self.authority, self.additional = ([reader.record() for _ in range(count)] for count in counts[1:])

    @property
    def response(self):
        return bool(self.flags & RESPONSE)

    @property
    def records(self):
        """Of a response: those that it gives."""
        return self.answers + self.additional

    def asks(self, name, kind):
        return not self.response and any(q.is_of(name, kind) for q in self.questions)

    def answer(self, name, kind):
        """The first answer of this name and type, or None; not an additional record."""
        return next((r for r in self.answers if self.response and r.is_of(name, kind)), None)

    def proposes(self, name):
        """True for a probe (RFC 6762 8.1)."""
        return self.asks(name, ANY) and any(same(r.name, name) for r in self.authority)

    def __repr__(self):
        return (f"{self.when:.3f} {self.source}:{self.sport} > {self.target}:{self.dport} id {self.ident} flags {self.flags:04x} "
                f"{self.questions} {self.answers} {self.authority} {self.additional}")


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Peer:
    """Sends from port 5353 of a host, by the family of this address of it, and hears what passes the host's port of the switch."""

    def __init__(self, host, address=None):
        self.host, self.address = host, address or host.addresses[0]
        self.family = family_of(self.address)
        self.group = GROUPS[self.family]
        self.frames, self.read, self.lock = {}, {}, threading.Lock()
        self.socket = self.open(self.address, PORT)
        # Without a member of the group the switch would still flood, but the kernel of the host would complain about the port.
        self.member = lab.inside(host, self.join)
        self.tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(wire.ALL))
        self.tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.tap.setsockopt(socket.SOL_SOCKET, TIMESTAMPNS, 1)
        self.tap.bind((f"{host.name}.eth0"[:15], 0))
        threading.Thread(target=self.follow, daemon=True).start()

    def bound(self, address, port):
        made = socket.socket(self.family, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port) if self.family == socket.AF_INET else (address, port, 0, socket.if_nametoindex("eth0")))
        return made

    def join(self):
        member = self.bound(self.group, PORT)
        group = socket.inet_pton(self.family, self.group)
        if self.family == socket.AF_INET:
            member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group + socket.inet_aton(self.address))
        else:
            member.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + struct.pack("@i", socket.if_nametoindex("eth0")))
        return member

    def open(self, address, port):
        """A socket of the host that multicasts from this address, which may be one that the link does not know."""
        def make():
            made = self.bound(address, port)
            if self.family == socket.AF_INET:
                made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
                made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                                struct.pack("4s4si", b"\0" * 4, socket.inet_aton(address), socket.if_nametoindex("eth0")))
            else:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex("eth0"))
            return made
        return lab.inside(self.host, make)

    def follow(self):
        try:
            while select.select([self.tap], [], []):
                frame, extra, _, _ = self.tap.recvmsg(65535, 256)
                self.keep(frame, extra)
        except OSError:
            pass  # the port is gone

    def keep(self, frame, extra):
        parts = wire.layout(frame)
        if not parts or parts[1] != socket.IPPROTO_UDP or parts[3] == socket.inet_pton(self.family, self.address):
            return  # what it sends itself may be broken, or in fragments
        if PORT not in struct.unpack_from("!HH", frame, parts[5]):
            return
        seconds, nanoseconds = struct.unpack("@ll", extra[0][2][:struct.calcsize("@ll")])
        with self.lock:
            self.frames.setdefault(socket.inet_ntop(parts[0], parts[3]), []).append((seconds + nanoseconds / 1e9, frame))

    def messages(self, source, since=0):
        """What this address has sent, by when the kernel saw it. Of other addresses nothing is read: it may be broken."""
        with self.lock:
            read = self.read.setdefault(source, [])
            read += [Message(when, frame) for when, frame in self.frames.get(source, [])[len(read):]]
            return [m for m in read if m.when > since]

    def send(self, *args, through=None, **options):
        """To the group."""
        (through or self.socket).sendto(pack(*args, **options), (self.group, PORT))

    def ask(self, *questions, known=(), **options):
        """Questions are (name, type) or Question."""
        self.send([q if isinstance(q, Question) else Question(*q) for q in questions], known, **options)

    def respond(self, *answers, **options):
        self.send((), answers, flags=RESPONSE | AUTHORITATIVE, **options)

    def wait(self, source, matches, what, since=0, limit=60):
        """The first message from this address since then for which `matches` is true."""
        found, _ = lab.wait(lambda: next((m for m in self.messages(source, since) if matches(m)), None),
                            lambda: f"{what}; heard {self.messages(source, since)[-5:]}", limit)
        return found


class Repeated:
    """Does something again and again until the end of the block, such as what a host does that probes or defends a name."""

    def __init__(self, act, pause=0.03):
        self.act, self.pause, self.ended = act, pause, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.ended.is_set():
            self.act()
            self.ended.wait(self.pause)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
