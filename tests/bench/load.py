# SPDX-License-Identifier: ISC
"""The load: so many SSDP datagrams, paced so that no receive buffer overflows.

usage: load.py notify|garbage|search DEVICES COUNT"""

import random
import socket
import sys
import time

GROUP = ("239.255.255.250", 1900)
KIND, DEVICES, COUNT = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
address = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
address.connect(GROUP)
ADDRESS = address.getsockname()[0]
chance = random.Random(1)


def notify(number):
    nt = "urn:schemas-upnp-org:device:Example:1"
    return (f"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n"
            f"LOCATION: http://{ADDRESS}:9/d{number}.xml\r\nNT: {nt}\r\nNTS: ssdp:alive\r\nSERVER: x/1 UPnP/1.0 y/1\r\n"
            f"USN: uuid:00000000-0000-4000-8000-{number:012x}::{nt}\r\n\r\n").encode()


def garbage():
    bytes_ = bytearray(notify(chance.randrange(100)))
    for _ in range(20):
        bytes_[chance.randrange(len(bytes_))] = chance.randrange(256)
    return bytes(bytes_)


SEARCH = b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n'
s = None
for number in range(COUNT):
    if s is None or KIND == "search":  # each search from a port of its own, so that each is a new question
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.sendto(SEARCH if KIND == "search" else garbage() if KIND == "garbage" else notify(number % DEVICES), GROUP)
    if number % 20 == 19:
        time.sleep(0.004)
if KIND == "search":
    time.sleep(1.5)  # MX is over: all answers are out
