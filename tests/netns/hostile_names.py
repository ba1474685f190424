# SPDX-License-Identifier: ISC
"""A host whose id and services have names that no topic may hold: a wildcard, a slash, a percent sign, quotes, markup, bytes beyond
ASCII. Announces itself a few times by mDNS."""
import socket
import struct
import time

NAME = ["Küche +#/%41 \"<script>\" \u202e\\".encode()]
HOST = [b"a+b#c/d%e\"f\\\xc3\xbc", b"local"]


def labels(*parts):
    return b"".join(bytes([len(p)]) + p for p in parts) + b"\0"


def record(name, kind, data, flush=True):
    return name + struct.pack("!HHIH", kind, 0x8001 if flush else 1, 120, len(data)) + data


service = (b"_http", b"_tcp", b"local")
instance = labels(*NAME, *service)
host = labels(*HOST)
records = [record(labels(*service), 12, instance, False), record(instance, 33, struct.pack("!HHH", 0, 0, 80) + host),
           record(instance, 16, b"\x0bfn=\xc3\xbc+#/\x01x"), record(host, 1, socket.inet_aton("10.99.0.2"))]
message = struct.pack("!HHHHHH", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.99.0.2"))
    s.bind(("10.99.0.2", 5353))
    for _ in range(5):
        s.sendto(message, ("224.0.0.251", 5353))
        time.sleep(0.3)
