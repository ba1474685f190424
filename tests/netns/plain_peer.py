# SPDX-License-Identifier: ISC
"""The plain broadcast program that discoverd meets in the field: asks every 5 s and answers every ask."""
import socket
import sys
import threading
import time

NAME, PORT = sys.argv[1], 5005


def answer():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("", PORT))
        while True:
            data, peer = s.recvfrom(1024)
            if "DISCOVER" in data.decode("utf-8"):
                s.sendto(f"Hello from {NAME}!".encode(), peer)


threading.Thread(target=answer, daemon=True).start()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
    ask.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    ask.settimeout(5)
    while True:
        ask.sendto(f"DISCOVER from {NAME}".encode(), ("255.255.255.255", PORT))
        end = time.monotonic() + 5
        while (left := end - time.monotonic()) > 0:
            ask.settimeout(left)
            try:
                data, peer = ask.recvfrom(1024)
                print(peer[0], data.decode("utf-8"))
            except socket.timeout:
                pass
