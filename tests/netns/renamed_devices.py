# SPDX-License-Identifier: ISC
"""Many devices, each at an address of its own from 10.100.0.1 on, announce themselves once by broadcast with the names of this round.

usage: renamed_devices.py COUNT ROUND"""
import ipaddress
import socket
import sys
import time

count, number_of_round = int(sys.argv[1]), sys.argv[2]
for number in range(count):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        s.bind((str(ipaddress.IPv4Address("10.100.0.1") + number), 0))
        s.sendto(f"DISCOVER from Device {number}.{number_of_round}\r\nUSN: uuid:00000000-0000-4000-8000-{number:012x}\r\n"
                 "CACHE-CONTROL: max-age=1800\r\n".encode(), ("10.100.255.255", 5005))
    if number % 20 == 19:
        time.sleep(0.01)
