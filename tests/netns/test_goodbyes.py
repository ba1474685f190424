# SPDX-License-Identifier: ISC
"""Goodbyes that are forged in the name of fifty devices which are there, by each protocol that has them beside SSDP."""

import collections
import itertools
import socket
import struct
import threading
import time

import lab
from mdns_peer import A, PTR, RESPONSE, SRV, TXT, Record, pack
from mdns_responder import read_questions
from test_hostile import counted
from test_wsd_hostile import envelope, match

COUNT, SECONDS = 50, 20
IP_PKTINFO = 8  # the socket module has no name for it
CONFIG = "[Network]\nipv6 = no\n[Table]\nmax-devices-per-source = 200\n"

Protocol = collections.namedtuple("Protocol", "name port group answer goodbye")


def address(number):
    return f"10.99.1.{number + 1}"


def uuid(number):
    return f"00000000-0000-4000-8000-{number:012x}"


def answer_by_broadcast(number, message):
    return message.startswith(b"DISCOVER") and f"Hello from N{number}!\r\nUSN: uuid:{uuid(number)}\r\n\r\n".encode()


def leave_by_broadcast(number):
    return f"BYE from N{number}\r\nUSN: uuid:{uuid(number)}\r\n\r\n".encode()


def said_by_wsd(number):
    return match(f"urn:uuid:{uuid(number)}", scopes=f"onvif://www.onvif.org/name/N{number}")


def answer_by_wsd(number, message):
    return b"/Probe<" in message and b"2005/04" in message and \
        envelope(f"<d:ProbeMatches><d:ProbeMatch>{said_by_wsd(number)}</d:ProbeMatch></d:ProbeMatches>", "ProbeMatches")


def leave_by_wsd(number):
    return envelope(f"<d:Bye>{said_by_wsd(number)}</d:Bye>", "Bye")


def records(number, leaving=False):
    instance, host = f"N{number}._http._tcp.local", f"n{number}.local"
    return [Record(name, kind, data, 0 if leaving else 120, kind != PTR) for name, kind, data in (
        ("_http._tcp.local", PTR, instance), (instance, SRV, (0, 0, 80, host)), (instance, TXT, b"\3a=b"), (host, A, address(number)))]


def answer_by_mdns(number, message):
    asked = read_questions(message)
    return any((tuple(r.name.lower().split(".")), r.type) in asked for r in records(number)) and \
        pack((), records(number), flags=RESPONSE, ident=struct.unpack_from("!H", message)[0])


def leave_by_mdns(number):
    return pack((), records(number, leaving=True), flags=RESPONSE)


class Devices:
    """Fifty on one host; each answers what it is asked by unicast, and all answer what is asked by multicast or broadcast."""

    def __init__(self, host, protocol):
        self.protocol = protocol
        self.socket = lab.inside(host, self.open)
        threading.Thread(target=self.serve, daemon=True).start()

    def open(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        s.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        s.bind(("", self.protocol.port))
        if self.protocol.group:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                         socket.inet_aton(self.protocol.group) + socket.inet_aton("10.99.255.2"))
        return s

    def serve(self):
        while True:
            message, extra, _, peer = self.socket.recvmsg(9000, 256)
            if peer[0] != "10.99.255.1":
                continue
            to = next(socket.inet_ntoa(data[8:12]) for _, kind, data in extra if kind == IP_PKTINFO)
            for number in range(COUNT):
                if to in (address(number), self.protocol.group, "255.255.255.255") and (answer := self.protocol.answer(number, message)):
                    source = struct.pack("=i4s4s", 0, socket.inet_aton(address(number)), b"\0" * 4)
                    to_group = self.protocol.name == "mdns" and peer[1] == self.protocol.port
                    self.socket.sendmsg([answer], [(socket.IPPROTO_IP, IP_PKTINFO, source)], 0,
                                        (self.protocol.group, self.protocol.port) if to_group else peer)


def forge(host, protocol):
    """All goodbyes, from the addresses of the devices."""
    target = protocol.group or "255.255.255.255"
    with lab.inside(host, lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        for number in range(COUNT):
            udp = protocol.goodbye(number)
            udp = struct.pack("!4H", protocol.port, protocol.port, 8 + len(udp), 0) + udp
            raw.sendto(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 255, socket.IPPROTO_UDP, 0,
                                   socket.inet_aton(address(number)), socket.inet_aton(target)) + udp, (target, protocol.port))


def outlive_a_forger(here, protocol):
    a, b, c = (here.host(name) for name in "abc")
    for host, number in ((a, 1), (b, 2)):
        host.run("ip", "addr", "add", f"10.99.255.{number}/16", "dev", "eth0")
        host.run("ip", "addr", "del", f"{host.addresses[0]}/24", "dev", "eth0")
        host.run("ip", "route", "replace", "default", "dev", "eth0")
    for number in range(COUNT):
        b.run("ip", "addr", "add", f"{address(number)}/16", "dev", "eth0")
    Devices(b, protocol)
    daemon = a.discoverd(CONFIG)

    def listed():
        return {e["key"]: d["id"] for d in daemon.devices() for e in lab.endpoints(d, protocol=protocol.name) if e["services"] or e["name"]}
    lab.wait(lambda: len(listed()) == COUNT, lambda: f"{len(listed())} are listed", 60)
    before, asked, left = listed(), counted(daemon, protocol.name, "reconfirms"), counted(daemon, "table", "byes")
    missing, end = [], time.monotonic() + SECONDS
    for turn in itertools.count():
        if time.monotonic() > end:
            break
        if turn % 5 == 0:
            forge(c, protocol)
        now = listed()
        assert not [key for key in now if now[key] != before.get(key)], "an id has changed"
        missing.append(COUNT - len(now))
        time.sleep(0.1)
    asked = counted(daemon, protocol.name, "reconfirms") - asked
    print(f"{protocol.name}: at most {max(missing)} were missing, {sum(missing) / len(missing):.1f} on average; {asked} questions")
    assert counted(daemon, "table", "byes") - left >= COUNT, "they have said goodbye"
    lab.wait(lambda: listed() == before, "all are back")
    assert sum(missing) / len(missing) < COUNT / 2, missing
    # one a second of each, some of which are sent again
    assert asked < COUNT * SECONDS * 2, asked


def test_devices_that_answer_by_broadcast_outlive_a_forger(here):
    outlive_a_forger(here, Protocol("broadcast", 5005, None, answer_by_broadcast, leave_by_broadcast))


def test_devices_that_answer_by_ws_discovery_outlive_a_forger(here):
    outlive_a_forger(here, Protocol("wsd", 3702, "239.255.255.250", answer_by_wsd, leave_by_wsd))


def test_devices_that_answer_by_multicast_dns_outlive_a_forger(here):
    outlive_a_forger(here, Protocol("mdns", 5353, "224.0.0.251", answer_by_mdns, leave_by_mdns))
