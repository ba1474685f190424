# SPDX-License-Identifier: ISC
"""Sends NOTIFYs from sources that do not exist, each with a MAC of its own that answers no ARP and no neighbour solicitation.

usage: forged_sources.py FAMILIES RATE SECONDS COUNT [FIRST]     FAMILIES is "4", "6" or "46"; COUNT sources are taken in turn: of
                                                                 IPv4 10.99.64.0/18, of IPv6 link-local ones, from the FIRST on;
                                                                 it prints how many were sent in how long"""
import ipaddress
import socket
import struct
import sys
import time

GROUPS = {4: ("239.255.255.250", "01005e7ffffa"), 6: ("ff02::c", "33330000000c")}


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff or 0xffff


def notify(number, family, host):
    group = "[FF02::C]" if family == 6 else GROUPS[4][0]
    uuid = f"uuid:f0f0f0f0-0000-4000-8000-{number:012x}"
    return (f"NOTIFY * HTTP/1.1\r\nHOST: {group}:1900\r\nCACHE-CONTROL: max-age=86400\r\nLOCATION: http://{host}:8080/{number}.xml\r\n"
            f"NT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nSERVER: x/1 UPnP/1.0 y/1\r\nUSN: {uuid}::upnp:rootdevice\r\n\r\n").encode()


def frame(number, family):
    """Ethernet, IP and UDP with their checksums."""
    group, group_mac = GROUPS[family]
    source = ipaddress.ip_address("10.99.64.0") + number + 1 if family == 4 else ipaddress.ip_address("fe80::f:0:0") + number
    text = notify(number, family, f"[{source}]" if family == 6 else source)
    target = ipaddress.ip_address(group).packed
    udp = struct.pack("!HHHH", 1900, 1900, 8 + len(text), 0) + text
    pseudo = source.packed + target + struct.pack("!II" if family == 6 else "!HH", *((len(udp), 17) if family == 6 else (17, len(udp))))
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp)) + udp[8:]
    if family == 6:
        ip = struct.pack("!IHBB", 6 << 28, len(udp), 17, 2) + source.packed + target
    else:
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 2, 17, 0) + source.packed + target
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    mac = b"\x02\xf0" + struct.pack("!I", number)
    return bytes.fromhex(group_mac) + mac + struct.pack("!H", 0x86dd if family == 6 else 0x0800) + ip + udp


def main():
    families, rate, seconds, count = [int(f) for f in sys.argv[1]], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
    first = int(sys.argv[5]) if len(sys.argv) > 5 else 0
    frames = [frame(n, families[n % len(families)]) for n in range(first, first + count)]
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind(("eth0", 0))
    print("begins", flush=True)
    start, sent = time.monotonic(), 0
    while (now := time.monotonic() - start) < seconds:
        while sent < now * rate:
            wire.send(frames[sent % count])
            sent += 1
        time.sleep(min(0.001, 1 / rate))
    print("sent", sent, "in", time.monotonic() - start, flush=True)


main()
