# SPDX-License-Identifier: ISC
"""Asks by broadcast every two seconds and answers no one: fifty of them do not fill the kernel's neighbour table."""
import socket
import sys
import time

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    while True:
        try:
            s.sendto(f"DISCOVER from {sys.argv[1]}".encode(), ("255.255.255.255", 5005))
        except OSError:
            pass  # the cable is pulled out
        time.sleep(2)
