# SPDX-License-Identifier: ISC
"""Holds connections that never finish their request, four from each of its addresses, and opens others for those that end.

usage: slow_clients.py HOST PORT ADDRESS..."""

import select
import socket
import sys

EACH = 4
host, port, *addresses = sys.argv[1:]


def connect(address):
    s = socket.create_connection((host, int(port)), 10, (address, 0))
    s.setblocking(False)
    s.send(b"GET /")
    return s


held = {connect(address): address for address in addresses for _ in range(EACH)}
print("holds", flush=True)
while True:
    for s in select.select(held, [], [])[0]:
        address = held.pop(s)
        s.close()
        held[connect(address)] = address
