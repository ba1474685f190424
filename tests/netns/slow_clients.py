# SPDX-License-Identifier: ISC
"""Holds connections, four from each of its addresses, and opens others for those that end. They never finish their request
("half"), ask again and again and read no answer ("unread"), or read it byte by byte ("reader").

usage: slow_clients.py HOST PORT half|unread|reader ADDRESS..."""

import select
import socket
import sys
import time

EACH = 4
host, port, kind, *addresses = sys.argv[1:]
name = f"[{host}]" if ":" in host else host
REQUEST = "GET /" if kind == "half" else f"GET /description.xml HTTP/1.1\r\nHost: {name}:{port}\r\n\r\n"


def place(address, number=0):
    """Of a link-local address with the interface."""
    return (address, number, 0, socket.if_nametoindex("eth0")) if ":" in address else (address, number)


def connect(address):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    s.settimeout(10)
    s.bind(place(address))
    s.connect(place(host, int(port)))
    s.send(REQUEST.encode())
    s.setblocking(False)
    return s


def is_over(s):
    try:
        return kind != "unread" and not s.recv(1)
    except BlockingIOError:
        return False
    except OSError:
        return True


held = {connect(address): address for address in addresses for _ in range(EACH)}
print("holds", flush=True)
while True:
    events = select.poll()
    for s in held:
        events.register(s, select.POLLHUP if kind == "unread" else select.POLLIN)
    ready = {number for number, _ in events.poll(50)}
    for s in [s for s in held if s.fileno() in ready]:
        if kind != "unread" and not is_over(s):
            continue
        address = held.pop(s)
        s.close()
        held[connect(address)] = address
    if kind == "reader":
        time.sleep(0.02)
