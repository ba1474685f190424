# SPDX-License-Identifier: ISC
"""Messages on the ports of SSDP and of the broadcast form that are made to harm their reader."""

import socket

import flood
import lab

GROUP, BROADCAST = ("239.255.255.250", 1900), ("10.99.0.255", 5005)
COUNT, EACH, LARGEST = 10_000, 300, 4000
NT = "urn:schemas-upnp-org:device:Basic:1"


def notify(number=0, nts="ssdp:alive", **others):
    """A NOTIFY with these headers in place of the usual ones; None leaves one out."""
    headers = {"HOST": "239.255.255.250:1900", "CACHE_CONTROL": "max-age=1800", "NTS": nts, "NT": NT,
               "USN": f"uuid:00000000-0000-4000-8000-{number:012x}::{NT}", "LOCATION": f"http://10.99.0.2:9/{number}.xml",
               "SERVER": "x/1 UPnP/1.0 y/1", "BOOTID.UPNP.ORG": 1, **others}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join(["NOTIFY * HTTP/1.1", *lines, "", ""]).encode(errors="surrogateescape")


def search(target, mx=1):
    return f'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: {mx}\r\nST: {target}\r\n\r\n'.encode()


def lines(number):
    """Lines that do not end, many, folded, empty, with no colon, and with nothing but one."""
    return [b"NOTIFY * HTTP/1.1\r\nNT: " + b"x" * 1400, b"NOTIFY * HTTP/1.1\r\n" + b"a:b\r\n" * 270,
            b"NOTIFY * HTTP/1.1\r\nNT: x\r\n" + b" x\r\n" * 350, b"\r\n" * 700, b"NOTIFY * HTTP/1.1\r\n" * 70,
            b"NOTIFY * HTTP/1.1\r\n" + b":\r\n" * 450, notify(X=" " * 1200), b"\0" * 1400][number % 8]


def ids(number):
    """USNs that are too long, no UUIDs, made of colons, of bytes that are no text."""
    return notify(USN=["uuid:" + "a" * 700, "::" * 300, "uuid:" * 200, "\udcff\udcfe" * 300, "uuid:\u202e\u2066" * 40, "", "uuid:::",
                       f"uuid:{number}"][number % 8])


def locations(number):
    return notify(number, LOCATION=["http://" + "a" * 1000, "http://[::1%eth0]/", "http://10.99.0.2:99999999999/", "http://10.99.0.9/",
                                    "http://user:pw@10.99.0.2/", "http://%00/", "file:///etc/passwd", "//10.99.0.2/",
                                    "http://10.99.0.2/" + "%2e%2e/" * 150, "http://0x0a630002/"][number % 10])


def numbers(number):
    return notify(number, CACHE_CONTROL=["max-age=" + "9" * 500, "max-age=-1", "max-age=1e9", "max-age", "=" * 500][number % 5],
                  **{"BOOTID.UPNP.ORG": ["9" * 400, "-1", "0x1", "\udc80", ""][number % 5],
                     "NEXTBOOTID.UPNP.ORG": "9" * 300, "CONFIGID.UPNP.ORG": "1" * 300})


def epochs(number):
    """One device that starts anew with each message."""
    return notify(1, nts=["ssdp:alive", "ssdp:update", "ssdp:byebye"][number % 3],
                  **{"BOOTID.UPNP.ORG": number, "NEXTBOOTID.UPNP.ORG": number * 7})


def searches(number):
    return search(["ssdp:all", "upnp:rootdevice", "uuid:" + "x" * 900, f"urn:a:device:b:{'9' * 300}", "*" * 500, ""][number % 6],
                  ["1", "9" * 300, "-1", ""][number % 4])


def cut(number):
    return notify()[:number % 330]


def many_devices(number):
    return notify(1000 + number)


def many_byebyes(number):
    return notify(1000 + number, nts="ssdp:byebye", LOCATION=None, CACHE_CONTROL=None)


def many_services(number):
    nt = f"urn:a-b:service:{'x' * 200}{number}:1"
    return notify(NT=nt, USN=f"uuid:00000000-0000-4000-8000-000000000001::{nt}")


def greetings(number):
    return [b"DISCOVER from " + b"\xff" * 900, b"DISCOVER" * 100, b"Hello from " + b"x" * 900 + b"!", b"BYE from \0\0\0\r\n\r\n",
            b"DISCOVER from a\r\nUSN: " + b"u" * 900, b"Hello from a!\r\nCACHE-CONTROL: max-age=0\r\nUSN: uuid:1\r\n\r\n",
            b"DISCOVER from \xe2\x80\xae\x1b[2J"][number % 7]


ATTACKS = [lines, ids, locations, numbers, epochs, searches, cut, many_devices, many_services]
FORGED = [many_devices, many_byebyes, many_services, epochs, searches]


def test_ten_thousand_hostile_messages_of_ssdp_leave_a_daemon_that_lists_others(here, count=COUNT):
    host, attacker, honest = here.host("a"), here.host("b"), here.host("c")
    daemon = host.discoverd()
    before, waits = flood.present_device(daemon), []

    def opened():
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        return made
    sender, other, forger = lab.inside(attacker, opened), lab.inside(honest, opened), flood.Forger(attacker)
    each = EACH * count // COUNT
    batches = [(attack.__name__, [attack(n) for n in range(each)], lambda m: sender.sendto(m, GROUP), GROUP) for attack in ATTACKS]
    batches += [(f"{attack.__name__}, forged", [attack(n) for n in range(each)], lambda m: forger.send(m, *GROUP), GROUP)
                for attack in FORGED]
    batches.append(("broadcast, crafted", [greetings(n) for n in range(each)], lambda m: sender.sendto(m, BROADCAST), BROADCAST))
    left = count - each * len(batches)
    batches.append(("broadcast, mutated", flood.mutated(flood.golden("broadcast-*.packet"), left // 2, LARGEST),
                    lambda m: sender.sendto(m, BROADCAST), BROADCAST))
    batches.append(("mutated", flood.mutated(flood.golden("ssdp-*.packet"), left // 2, LARGEST), lambda m: sender.sendto(m, GROUP), GROUP))
    for number, (what, messages, send, to) in enumerate(batches):
        flood.Target(daemon, to[1]).flood(what, messages, send)
        name = f"Honest {number}"
        other.sendto(f"Hello from {name}!".encode(), BROADCAST)
        waits.append(lab.wait(lambda: daemon.endpoint("broadcast", name=name), f"{name} is listed")[1])
    print(f"an honest host is listed after at most {max(waits):.1f} s, {daemon.status()['counters']['ssdp']}")
    flood.ends_well(daemon, before)


def long_hundred_thousand_hostile_messages_of_ssdp(here):
    test_ten_thousand_hostile_messages_of_ssdp_leave_a_daemon_that_lists_others(here, 100_000)
