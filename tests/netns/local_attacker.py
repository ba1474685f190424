# SPDX-License-Identifier: ISC
"""A local user who takes what the control socket gives: local_attacker.py SOCKET UID ATTACK.

pipeline   16 connections that ask ahead without end, and read what they get
filter     the same with the filter that costs most
storm      connects and goes, again and again
idle       16 connections that say nothing
monitors   16 connections with a Monitor each, which are made again when they are closed"""

import json
import os
import selectors
import socket
import sys
import time

CONNECTIONS = 16
ROUNDS = 20
MONITOR = b'{"method":"io.discoverd.Monitor","more":true,"parameters":{"snapshot":true}}\0'
COSTLY = "*" + "[" + "b" * 20 + "a]*" * 30


def connect(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.connect(path)
    s.setblocking(False)
    return s


def call(method, **parameters):
    return json.dumps({"method": method, "parameters": parameters}).encode() + b"\0"


def requests(costly):
    if costly:
        return call("io.discoverd.List", filter={"name": COSTLY[:128], "type": COSTLY[:128]})
    return (call("org.varlink.service.GetInterfaceDescription", interface="io.discoverd") + call("io.discoverd.Interfaces") +
            call("io.discoverd.Get", id="10.100") + call("io.discoverd.Status") * 7 + call("io.discoverd.List"))


def ask_ahead(path, costly):
    ahead = requests(costly) * ROUNDS
    selector = selectors.DefaultSelector()
    for _ in range(CONNECTIONS):
        selector.register(connect(path), selectors.EVENT_READ | selectors.EVENT_WRITE, bytearray(ahead))
    print("ready", flush=True)
    while True:
        for key, events in selector.select():
            if events & selectors.EVENT_WRITE:
                del key.data[:key.fileobj.send(key.data)]
                if not key.data:
                    key.data.extend(ahead)
            if events & selectors.EVENT_READ and not key.fileobj.recv(1 << 20):
                raise SystemExit("closed")


def storm(path):
    print("ready", flush=True)
    while True:
        try:
            connect(path).close()
        except BlockingIOError:
            pass


def idle(path):
    held = [connect(path) for _ in range(CONNECTIONS)]
    print("ready", flush=True)
    while held:
        sys.stdin.read(1)


def monitors(path):
    held = []
    print("ready", flush=True)
    while True:
        try:
            while len(held) < CONNECTIONS:
                held.append(connect(path))
                held[-1].send(MONITOR)
        except OSError:
            pass
        for s in list(held):
            try:
                if s.recv(1 << 20):
                    continue
            except BlockingIOError:
                continue
            except OSError:
                pass
            held.remove(s)
        time.sleep(0.05)


def main():
    path, uid, attack = sys.argv[1:]
    os.nice(19)
    os.setgroups([])
    os.setgid(int(uid))
    os.setuid(int(uid))
    {"pipeline": lambda: ask_ahead(path, False), "filter": lambda: ask_ahead(path, True),
     "storm": lambda: storm(path), "idle": lambda: idle(path), "monitors": lambda: monitors(path)}[attack]()


main()
