# SPDX-License-Identifier: ISC
"""Searches for root devices over IPv6 from one address and prints each LOCATION once.

usage: ipv6_searcher.py INTERFACE SOURCE GROUP-OR-ADDRESS"""
import socket
import sys
import time

INTERFACE, SOURCE, TARGET = sys.argv[1:]
index = socket.if_nametoindex(INTERFACE)
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 2)
s.bind((SOURCE, 0, 0, index if SOURCE.startswith("fe80") else 0))
mx = "MX: 1\r\n" if TARGET.startswith("ff") else ""
text = f'M-SEARCH * HTTP/1.1\r\nHOST: [{TARGET}]:1900\r\nMAN: "ssdp:discover"\r\n{mx}ST: upnp:rootdevice\r\n\r\n'
s.sendto(text.encode(), (TARGET, 1900, 0, index))
seen, end = [], time.monotonic() + 1.5
while (left := end - time.monotonic()) > 0:
    s.settimeout(left)
    try:
        data = s.recv(1500).decode()
    except socket.timeout:
        break
    location = next(line.split(" ", 1)[1] for line in data.split("\r\n") if line.upper().startswith("LOCATION:"))
    if location not in seen:
        seen.append(location)
        print(location, flush=True)
