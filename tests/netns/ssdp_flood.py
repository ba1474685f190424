# SPDX-License-Identifier: ISC
"""Announces many devices of one host or of as many addresses, has hosts come and go, or sends broken datagrams.

usage: ssdp_flood.py devices ADDRESS COUNT | apart COUNT | visitors COUNT ROUNDS | garbage SEED COUNT"""
import ipaddress
import random
import socket
import sys
import time

GROUP, BROADCAST = ("239.255.255.250", 1900), ("255.255.255.255", 5005)


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


def address_of(number):
    return str(ipaddress.IPv4Address("10.100.0.1") + number)


def socket_at(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    if address:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        s.bind((address, 0))
    return s


def send(s, bytes_, *targets):
    for target in targets:
        s.sendto(bytes_, target)
    send.count += 1
    if send.count % 20 == 0:
        time.sleep(0.005)  # slower than the receiver, so that nothing is lost on the way


send.count = 0
mode, *words = sys.argv[1:]
if mode == "devices":
    with socket_at(None) as s:
        for number in range(int(words[1])):
            send(s, notify(number, words[0]), GROUP)
elif mode == "garbage":
    chance = random.Random(words[0])
    with socket_at(None) as s:
        for number in range(int(words[1])):
            send(s, garbage(chance), GROUP, BROADCAST)
elif mode == "apart":  # each from an address of its own
    for number in range(int(words[0])):
        with socket_at(address_of(number)) as s:
            send(s, notify(number, address_of(number)), GROUP)
elif mode == "visitors":  # after the last round they stay
    sockets = [socket_at(address_of(number)) for number in range(int(words[0]))]
    for left in reversed(range(int(words[1]))):
        for s in sockets:
            send(s, b"Hello from visitor!", BROADCAST)
        time.sleep(0.4)  # what has no MAC is listed after 300 ms
        for s in sockets if left else []:
            send(s, b"BYE from visitor", BROADCAST)
