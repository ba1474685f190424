# SPDX-License-Identifier: ISC
"""Messages on the ports of beacons that are made to harm their reader."""

import functools
import random
import socket
import struct

import beacon_sender
import flood
import lab

COUNT, LARGEST = 10_000, 4000
ID = "d073d501{:04x}"
SEEDS = {"tuya-encrypted": "beacon-tuya*", "tuya-sealed": "beacon-tuya*", "wiz-beacon": "beacon-wiz*", "plex-player": "beacon-plex*"}


def json_attacks(number, size=LARGEST):
    """Nested, with a key many times, with strings and numbers of many digits, with escapes that are none; cut at this size."""
    return [b'{"a":' * size, b"[" * size, b'{"mac":"' + b"a" * size, b'{' + b'"mac":"a8bb50123456",' * 180 + b"}",
            b'{"method":"registration","result":{"mac":"' + b"\\ud800\\u0000" * 300 + b'"}}',
            b'{"a":' + b"9" * (size - 6) + b"}", b'{"a":1e' + b"9" * 300 + b"}"][number % 7][:size]


def line_attacks(number):
    """Lines that do not end, many, and folded ones."""
    return [b"HELLO * HTTP/1.0\r\n" + b"Name: " + b"x" * 3900, b"HELLO * HTTP/1.0\r\n" + b"Name: x\r\n" * 400,
            b"HELLO * HTTP/1.0\r\nName: x\r\n" + b" x\r\n" * 900, b"\r\n" * 1900, b"HELLO * HTTP/1.0\r\n" * 210][number % 5]


@functools.cache
def hidden(number):
    return beacon_sender.encrypt(beacon_sender.TUYA_KEY, json_attacks(number, 320))


@functools.cache
def sealed(number):
    return beacon_sender.tuya_sealed_frame(json_attacks(number, 320))


def attack(vendor, number):
    """What is in the format of this vendor, as far as that goes."""
    body = json_attacks(number)
    if vendor == "kasa":
        return beacon_sender.hide(body)
    if vendor == "tuya":
        return beacon_sender.tuya_frame(body) if number % 2 else struct.pack(">4I", 0x55AA, 0, 0, 0xFFFFFFF0 + number % 16) + body
    if vendor == "tuya-encrypted":  # whole blocks, and such as are not whole
        return beacon_sender.tuya_frame(hidden(number % 7) if number % 3 else body[:1600 + number % 2], command=19)
    if vendor == "tuya-sealed":  # whole, with another tag, cut
        return [sealed(number % 7), sealed(number % 7)[:-5] + b"\0\0\0\x99\x66", sealed(number % 7)[:number % 60]][number % 3]
    if vendor == "tplink":
        return struct.pack(">BBHHBBII", 2, 0, 1, 0, 0, 0, 0, 0x463CB5D3) + body
    if vendor == "lifx":  # its length as it is, too long, too short
        message = beacon_sender.lifx_message(number % 256, b"x" * (number % 100), ID.format(number))
        return struct.pack("<H", (len(message), 0xFFFF, 0)[number % 3]) + message[2:]
    return line_attacks(number) if vendor in ("yeelight", "plex", "plex-player") else body


def test_ten_thousand_hostile_beacons_leave_a_daemon_that_lists_others(here):
    host, attacker, honest = here.host("a"), here.host("b"), here.host("c")
    daemon = host.discoverd()
    before, waits = flood.present_device(daemon), []

    def opened():
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        return made
    sender, other, forger = lab.inside(attacker, opened), lab.inside(honest, opened), flood.Forger(attacker)
    each = COUNT // len(beacon_sender.VENDORS) // 3 + 1
    for vendor, (port, to, beacon, _) in beacon_sender.VENDORS.items():
        target, device_id = flood.Target(daemon, port), ID.format
        devices = [beacon("x", device_id(n)) for n in range(each)]
        seeds = flood.golden(SEEDS.get(vendor, f"beacon-{vendor}*")) + devices[:4]
        target.flood(f"{vendor}, crafted", [attack(vendor, n) for n in range(each)], lambda m: sender.sendto(m, (to, port)))
        target.flood(f"{vendor}, mutated", flood.mutated(seeds, each, LARGEST), lambda m: sender.sendto(m, (to, port)))
        target.flood(f"{vendor}, many devices, forged", devices, lambda m: forger.send(m, to, port))
        to, port = beacon_sender.VENDORS["lifx"][1::-1]
        name = f"Lamp of {vendor}"
        other.sendto(beacon_sender.lifx(name, f"{random.getrandbits(48):012x}"), (to, port))
        waits.append(lab.wait(lambda: daemon.endpoint("beacon", name=name), f"{name} is listed")[1])
    print(f"an honest host is listed after at most {max(waits):.1f} s, {daemon.status()['counters']['beacon']}")
    flood.ends_well(daemon, before)
