# SPDX-License-Identifier: ISC
"""Sends a multicast to the group and port of SSDP, then a broadcast, again and again.

usage: multicast_sender.py ADDRESS BROADCAST"""

import socket
import sys
import time

address, broadcast = sys.argv[1:]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
udp.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
while True:
    udp.sendto(b"NOTIFY * HTTP/1.1\r\n\r\n", ("239.255.255.250", 1900))
    udp.sendto(b"Hello from sender!", (broadcast, 5005))
    time.sleep(0.2)
