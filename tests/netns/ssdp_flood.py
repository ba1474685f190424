# SPDX-License-Identifier: ISC
"""Announces many devices, or sends broken datagrams.

usage: ssdp_flood.py devices ADDRESS COUNT | ssdp_flood.py garbage SEED COUNT"""
import random
import socket
import sys
import time

GROUP = ("239.255.255.250", 1900)


def notify(number, address):
    udn = f"uuid:00000000-0000-4000-8000-{number:012x}"
    nt = f"urn:schemas-upnp-org:device:Example:1"
    return (f"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n"
            f"LOCATION: http://{address}:9/d{number}.xml\r\nNT: {nt}\r\nNTS: ssdp:alive\r\nSERVER: x/1 UPnP/1.0 y/1\r\n"
            f"USN: {udn}::{nt}\r\n\r\n").encode()


def garbage(chance):
    good = bytearray(notify(chance.randrange(4), "10.99.0.2"))
    what = chance.randrange(8)
    if what == 0:
        return b""
    if what == 1:
        return chance.randbytes(chance.randrange(1, 1500))
    if what == 2:
        return bytes(good[:chance.randrange(len(good))])
    if what == 3:
        return bytes(good[:-2]) + b"X-LONG: " + b"a" * chance.randrange(1, 3000) + b"\r\n\r\n"
    if what == 4:
        return bytes(good[:-2]) + b"X: y\r\n" * chance.randrange(1, 200) + b"\r\n"
    if what == 5:
        return "NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive\r\nNT: \u202e\r\nUSN: \r\n\r\n".encode("utf-16")
    if what == 6:
        return b"DISCOVER from " + chance.randbytes(chance.randrange(1, 1400))
    for _ in range(chance.randrange(1, 20)):
        good[chance.randrange(len(good))] = chance.randrange(256)
    return bytes(good)


s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
count = int(sys.argv[3])
chance = random.Random(sys.argv[2])
for number in range(count):
    if sys.argv[1] == "devices":
        s.sendto(notify(number, sys.argv[2]), GROUP)
    else:
        bytes_ = garbage(chance)
        for target in (GROUP, ("255.255.255.255", 5005)):
            s.sendto(bytes_, target)
    if number % 20 == 19:
        time.sleep(0.005)  # slower than the receiver, so that nothing is lost on the way
