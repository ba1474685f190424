# SPDX-License-Identifier: ISC
"""Messages on the port of multicast DNS that are made to harm their reader: the known attacks on other implementations."""

import struct
import time

import flood
import lab
from mdns_peer import A, ANY, PORT, PTR, RESPONSE, SRV, TRUNCATED, TXT, Peer, Question, Record, pack, pack_name

OWN = "_discoverd._tcp.local"
LARGEST = 9000
COUNT = 10_000


def head(*counts, flags=RESPONSE):
    return struct.pack("!6H", 0, flags, *counts)


def pointer(at):
    return struct.pack("!H", 0xC000 | at)


def record(name, kind, data, klass=0x8001, length=None):
    """Of which the data, its length and the name are as they are given."""
    return name + struct.pack("!HHIH", kind, klass, 120, len(data) if length is None else length) + data


def address_of(name):
    return record(name, A, b"\xC0\0\2\1")


def filled(entry, start=b"", size=LARGEST, flags=RESPONSE):
    """A message of as many answers as fit; entry gives the n-th."""
    count, message = 0, start
    while len(message) + len(more := entry(count)) <= size - 12:
        message, count = message + more, count + 1
    return head(0, count, 0, 0, flags=flags) + message


def chained_pointers(_):
    """4,000 pointers, each to the one before it, in the data of a record, and names that begin at the last of them."""
    data = b"\1a\0" + b"".join(pointer(23 + max(0, 2 * n + 1)) for n in range(4000))
    message = head(0, 0xFFFF, 0, 0) + record(b"\0", 10, data)
    while len(message) + 16 <= LARGEST:
        message += address_of(pointer(23 + len(data) - 2))
    return message


def pointer_loops(number):
    """A pointer to itself, two that point to each other, one forward, one into the header."""
    return [head(0, 1, 0, 0) + address_of(pointer(12)), head(0, 2, 0, 0) + address_of(pointer(14) + pointer(12)),
            head(0, 1, 0, 0) + address_of(pointer(40)), head(0, 1, 0, 0) + address_of(pointer(2))][number % 4]


def overlong_names(number):
    """256 bytes, 255, labels of 64 and of 63, and one that only its compression makes too long."""
    label = b"\x3f" + b"x" * 63
    names = [label * 4 + b"\0", label * 3 + b"\x3d" + b"x" * 61 + b"\0", b"\x40" + b"x" * 64 + b"\0", label * 100,
             label + pointer(12)]
    return filled(lambda n: address_of(names[number % len(names)]))


def many_hosts(number, size=LARGEST):
    """Instances, hosts and addresses that are never heard of again, with lifetimes of many years."""
    def entry(n):
        name = f"{number}-{n}"
        return Record("_http._tcp.local", PTR, f"{name}._http._tcp.local", ttl=0x7FFFFFFF).pack() + \
            address_of(pack_name(f"{name}.local"))
    message = filled(entry, size=size)
    return message[:6] + struct.pack("!H", 2 * struct.unpack("!H", message[6:8])[0]) + message[8:]


def hosts_of_each(number):
    """The same of many sources, one packet each."""
    return many_hosts(number, 1400)


def many_types(number):
    return filled(lambda n: Record("_services._dns-sd._udp.local", PTR, f"_t{number}-{n}._tcp.local", ttl=4500).pack())


def many_records(number):
    """More than are read, of one name."""
    return filled(lambda n: address_of(b"\1a\0" if n == 0 else pointer(12)))


def cname_loop(_):
    a, b = pack_name("a.local"), pack_name("b.local")
    return filled(lambda n: record(a, 5, b) + record(b, 5, a))


def cut_data(number):
    """Data that is shorter or longer than its type has it, or ends behind the message."""
    kind = (A, PTR, TXT, 28, SRV, 47)[number % 6]
    return head(0, 1, 0, 0) + record(pack_name("a.local"), kind, b"\1" * (number // 6 % 12), length=(0, 1, 3, 5, 17, 0xFFFF)[number // 72 % 6])


def many_questions(number):
    return pack([Question(OWN if n % 2 else f"{number}.local", ANY) for n in range(128)])


def all_counts(_):
    return head(0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, flags=0) + bytes(LARGEST - 12)


def fragment(number):
    """A question of which more known answers never come."""
    return pack([Question(OWN, PTR)], [Record(OWN, PTR, f"{number}.{OWN}", ttl=4500)], flags=TRUNCATED)


def part(number):
    """More known answers, to no question of this host."""
    return pack((), [Record(OWN, PTR, f"a.{OWN}", ttl=4500)], flags=TRUNCATED if number % 2 else 0)


ATTACKS = [chained_pointers, pointer_loops, overlong_names, many_hosts, many_types, many_records, cname_loop, cut_data, many_questions,
           all_counts, fragment]
EACH = 400


def answers(daemon_host, honest):
    """Seconds until an honest host has its answer. Answers are limited, so it may have to ask again."""
    def answered():
        since = time.time()
        honest.ask((OWN, PTR))
        try:
            return honest.wait(daemon_host.addresses[0], lambda m: m.answer(OWN, PTR), "an answer", since, limit=2)
        except lab.Failure:
            return None
    return lab.wait(answered, "an honest host is answered", 60)[1]


def test_ten_thousand_hostile_messages_leave_a_daemon_that_answers(here):
    host, attacker, honest = here.host("a"), Peer(here.host("b")), Peer(here.host("c"))
    daemon = host.discoverd()
    honest.wait(host.addresses[0], lambda m: m.answer(OWN, PTR), "it announces itself")
    target, before, waits = flood.Target(daemon, PORT), flood.present_device(daemon), []
    forger = flood.Forger(attacker.host)

    def send(message):
        attacker.socket.sendto(message, (attacker.group, PORT))

    def send_forged(message):
        forger.send(message, attacker.group, PORT)
    batches = [(attack.__name__, [attack(n) for n in range(EACH)], send) for attack in ATTACKS]
    for attack, count in (fragment, EACH), (part, EACH), (hosts_of_each, 9 * 250):  # as much as each source may have in the cache
        batches.append((f"{attack.__name__}, forged", [attack(n) for n in range(count)], send_forged))
    rest = COUNT - sum(len(messages) for _, messages, _ in batches)
    batches.append(("mutated", flood.mutated([m for m in flood.golden("dns-*.packet") if len(m) > 12], rest, LARGEST), send))
    for what, messages, how in batches:
        target.flood(what, messages, how)
        waits.append(answers(host, honest))
    print(f"an honest host is answered after at most {max(waits):.1f} s, {daemon.status()['counters']['mdns']}")
    assert len(daemon.devices()) < 300, len(daemon.devices())
    flood.ends_well(daemon, before)
