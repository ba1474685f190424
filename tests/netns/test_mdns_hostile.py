# SPDX-License-Identifier: ISC
"""Messages on the port of multicast DNS that are made to harm their reader."""

import random
import struct
import time

import lab
from mdns_peer import PTR, RESPONSE, Peer, Record, pack_name

PACKETS = lab.HERE.parent / "golden" / "packets"
OWN = "_discoverd._tcp.local"
COUNT, LARGEST = 10_000, 9000


def head(*counts, flags=RESPONSE):
    return struct.pack("!6H", 0, flags, *counts)


def pointer(at):
    return struct.pack("!H", 0xC000 | at)


def address_of(name):
    return name + struct.pack("!HHIH4s", 1, 0x8001, 120, 4, b"\xC0\0\2\1")


def chained_pointers():
    """4,000 pointers, each to the one before it, in the data of a record, and names that begin at the last of them."""
    data = b"\1a\0" + b"".join(pointer(23 + max(0, 2 * n + 1)) for n in range(4000))
    message = head(0, 0xFFFF, 0, 0) + b"\0" + struct.pack("!HHIH", 10, 1, 0, len(data)) + data
    while len(message) + 16 <= LARGEST:
        message += address_of(pointer(23 + len(data) - 2))
    return message


def cname_loop():
    a, b = pack_name("a.local"), pack_name("b.local")
    loop = b"".join(name + struct.pack("!HHIH", 5, 0x8001, 120, len(other)) + other for name, other in ((a, b), (b, a)))
    return head(0, 200, 0, 0) + loop * 100


def fragment(number):
    """A question of which more known answers never come."""
    return head(1, 1, 0, 0, flags=0x0200) + pack_name(OWN) + struct.pack("!HH", PTR, 1) + \
        Record(OWN, PTR, f"{number}.{OWN}", ttl=4500).pack()


def many_hosts(number):
    """Instances, hosts and addresses that are never heard of again, with lifetimes of many years."""
    message, count = b"", 0
    while len(message) < LARGEST - 100:
        message += Record("_http._tcp.local", PTR, f"{number}-{count}._http._tcp.local", ttl=0x7FFFFFFF).pack()
        message += address_of(pack_name(f"{number}-{count}.local"))
        count += 2
    return head(0, count, 0, 0) + message


def mutated(chance, seeds):
    """One of the golden packets with some bytes changed, cut or repeated."""
    message = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(message))
        message[at] = chance.choice([0, 1, 0x3F, 0x40, 0xC0, 0xFF, message[at] ^ 1 << chance.randrange(8)])
    if chance.random() < 0.3:
        del message[chance.randrange(len(message)):]
    if chance.random() < 0.2:
        message += message[12:] * chance.randint(1, 8)
    return bytes(message[:LARGEST])


def hostile(chance, seeds):
    """The messages; a tenth of them each is one of the known attacks."""
    attacks = [lambda n: chained_pointers(), lambda n: cname_loop(), fragment, many_hosts,
               lambda n: head(0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, flags=0) + bytes(LARGEST - 12)]
    for number in range(COUNT):
        yield chance.choice(attacks)(number) if chance.random() < 0.1 else mutated(chance, seeds)


def resident(daemon):
    """Memory in KiB."""
    with open(f"/proc/{daemon.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def test_ten_thousand_hostile_messages_leave_a_daemon_that_answers(here):
    host, peer = here.host("a"), Peer(here.host("b"))
    daemon = host.discoverd()
    lab.wait(lambda: any(m.answer(OWN, PTR) for m in peer.messages(host.addresses[0])), "it announces itself", 60)
    seeds = [p.read_bytes() for p in sorted(PACKETS.glob("dns-*.packet"))]
    seeds = [seed for seed in seeds if len(seed) > 12]
    assert len(seeds) > 40, seeds
    before = resident(daemon)

    def heard():
        return daemon.status()["counters"]["mdns"]["received"]
    begun = heard()
    for number, message in enumerate(hostile(random.Random(5353), seeds)):
        peer.socket.sendto(message, ("224.0.0.251", 5353))
        if number % 200 == 199:  # so that they are read, and not dropped before
            lab.wait(lambda: heard() - begun >= number * 0.9, "it reads on", 60)

    # Questions may be among the messages, and answers to one source are limited for a while.
    def answers():
        since = time.time()
        peer.ask((OWN, PTR))
        try:
            peer.wait(host.addresses[0], lambda m: m.answer(OWN, PTR), "an answer", since, limit=3)
            return True
        except lab.Failure:
            return False
    lab.wait(answers, "it answers", 90)
    assert daemon.running() and len(daemon.devices()) < 300, len(daemon.devices())
    assert resident(daemon) < before + 64 * 1024, (before, resident(daemon))
    daemon.stop()
    assert daemon.popen.returncode == 0, daemon.popen.returncode
