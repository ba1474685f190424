# SPDX-License-Identifier: ISC
"""A small responder for multicast DNS: announces the services of one host twice, answers every query for them, and says goodbye.
It neither probes nor suppresses known answers; enough for a scene."""
import socket
import struct
import threading
import time

GROUP, PORT = "224.0.0.251", 5353
A, PTR, TXT, SRV, ANY = 1, 12, 16, 33, 255
CLASS_IN, FLUSH = 1, 0x8000
HOST_TTL, OTHER_TTL, LEGACY_TTL = 120, 4500, 10
ENUMERATION = ("_services", "_dns-sd", "_udp", "local")


def encode_name(labels):
    return b"".join(bytes([len(raw)]) + raw for raw in (label.encode() for label in labels)) + b"\0"


def read_name(message, at):
    """The labels of the name there and the offset behind it; compression pointers lead backward (RFC 1035, 4.1.4)."""
    labels, end = [], None
    while message[at]:
        if message[at] >= 0xC0:
            end = end or at + 2
            target = struct.unpack_from(">H", message, at)[0] & 0x3FFF
            if target >= at:
                raise ValueError("a pointer that does not lead backward")
            at = target
            continue
        labels.append(message[at + 1:at + 1 + message[at]].decode(errors="replace"))
        at += 1 + message[at]
    return tuple(labels), end or at + 1


def read_questions(message):
    """The names and types that a query asks for; none of a response."""
    _, flags, count = struct.unpack_from(">3H", message)
    at, questions = 12, []
    for _ in range(0 if flags & 0x8000 else count):
        name, at = read_name(message, at)
        questions.append((tuple(label.lower() for label in name), struct.unpack_from(">H", message, at)[0]))
        at += 4
    return questions


class Record:
    def __init__(self, name, kind, data, ttl=OTHER_TTL, unique=True):
        self.name, self.kind, self.data, self.ttl, self.unique = name, kind, data, ttl, unique

    def answers(self, questions):
        return (tuple(label.lower() for label in self.name), self.kind) in questions or \
            (tuple(label.lower() for label in self.name), ANY) in questions

    def encode(self, ttl=None, flush=True):
        ttl = self.ttl if ttl is None else min(ttl, self.ttl)
        return encode_name(self.name) + struct.pack(">HHIH", self.kind, CLASS_IN | (FLUSH if flush and self.unique else 0), ttl,
                                                    len(self.data)) + self.data


def records_of(host, address, services):
    """Of a host and its services: (instance, type, port, TXT pairs)."""
    name = (host, "local")
    records = [Record(name, A, socket.inet_aton(address), HOST_TTL)]
    for instance, kind, port, txt in services:
        kind = (*kind.split("."), "local")
        pairs = b"".join(bytes([len(raw)]) + raw for raw in (f"{key}={value}".encode() for key, value in txt.items())) or b"\0"
        records += [
            Record(ENUMERATION, PTR, encode_name(kind), unique=False),
            Record(kind, PTR, encode_name((instance, *kind)), unique=False),
            Record((instance, *kind), SRV, struct.pack(">3H", 0, 0, port) + encode_name(name), HOST_TTL),
            Record((instance, *kind), TXT, pairs),
        ]
    return records


def response(answers, more=(), number=0, questions=b"", question_count=0, **how):
    return struct.pack(">6H", number, 0x8400, question_count, len(answers), 0, len(more)) + questions + \
        b"".join(record.encode(**how) for record in [*answers, *more])


class Responder:
    def __init__(self, host, address, services):
        self.records = records_of(host, address, services)
        self.socket = s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + socket.inet_aton(address))
        s.bind(("", PORT))

    def send(self, message):
        self.socket.sendto(message, (GROUP, PORT))

    def announce(self):
        for _ in range(2):
            self.send(response(self.records))
            time.sleep(1)

    def answer(self, query, peer):
        questions = read_questions(query)
        answers = [record for record in self.records if record.answers(questions)]
        if not answers:
            return
        more = [record for record in self.records if record not in answers]
        if peer[1] == PORT:
            self.send(response(answers, more))
            return
        # a program that is no responder: by unicast, with its id and question (RFC 6762, 6.7)
        number, _, count = struct.unpack_from(">3H", query)
        at = 12
        for _ in range(count):
            at = read_name(query, at)[1] + 4
        self.socket.sendto(response(answers, more, number, query[12:at], count, ttl=LEGACY_TTL, flush=False), peer)

    def serve(self):
        while True:
            query, peer = self.socket.recvfrom(9000)
            try:
                self.answer(query, peer)
            except (ValueError, IndexError, struct.error):
                pass  # no message of DNS

    def start(self):
        threading.Thread(target=self.serve, daemon=True).start()
        threading.Thread(target=self.announce, daemon=True).start()

    def goodbye(self):
        self.send(response(self.records, ttl=0))
