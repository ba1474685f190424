# SPDX-License-Identifier: ISC
"""Many devices, each at an address of its own from 10.100.0.1 on: they announce themselves, answer searches and serve their
descriptions. Those whose numbers follow are silent.

usage: ssdp_crowd.py COUNT MAX-AGE [NUMBER]..."""
import asyncio
import ipaddress
import re
import socket
import struct
import sys

COUNT, MAX_AGE = int(sys.argv[1]), int(sys.argv[2])
FIRST = int(ipaddress.IPv4Address("10.100.0.1"))
TYPE = "urn:schemas-upnp-org:device:Basic:1"
GROUP = "239.255.255.250"
IP_PKTINFO = 8  # the socket module has no name for it
silent = {int(number) for number in sys.argv[3:]}


def address_of(number):
    return str(ipaddress.IPv4Address(FIRST + number))


def udn_of(number):
    return f"uuid:00000000-0000-4000-8000-{number:012x}"


def body(number, target):
    usn = udn_of(number) + ("" if target.startswith("uuid:") else f"::{target}")
    return (f"CACHE-CONTROL: max-age={MAX_AGE}\r\nLOCATION: http://{address_of(number)}:8080/{number}.xml\r\n"
            f"SERVER: x/1 UPnP/1.1 y/1\r\nBOOTID.UPNP.ORG: 7\r\nCONFIGID.UPNP.ORG: 1\r\nUSN: {usn}\r\n")


def send(number, text, to):
    """From the address of the device."""
    source = struct.pack("=i4s4s", 0, socket.inet_aton(address_of(number)), b"\0" * 4)
    listener.sendmsg([text.encode()], [(socket.IPPROTO_IP, IP_PKTINFO, source)], 0, to)


def answer(number, target, to):
    if number not in silent:
        send(number, f"HTTP/1.1 200 OK\r\nEXT:\r\nST: {target}\r\n{body(number, target)}\r\n", to)


async def answer_all(to):
    for number in range(COUNT):
        answer(number, "upnp:rootdevice", to)
        if number % 20 == 0:
            await asyncio.sleep(0.02)


async def announce():
    for number in range(COUNT):
        if number not in silent:
            send(number, f"NOTIFY * HTTP/1.1\r\nHOST: {GROUP}:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n"
                         f"{body(number, 'upnp:rootdevice')}\r\n", (GROUP, 1900))
        if number % 20 == 0:
            await asyncio.sleep(0.02)


def receive():
    data, extra, _, peer = listener.recvmsg(2048, 256)
    target = re.search(rb"\r\nST: ?(.*?)\r\n", data)
    if not data.startswith(b"M-SEARCH") or not target:
        return
    target = target[1].decode()
    to = int(ipaddress.IPv4Address(next(struct.unpack("=i4s4s", c[2][:12])[2] for c in extra if c[1] == IP_PKTINFO)))
    if 0 <= to - FIRST < COUNT:
        known = ("ssdp:all", "upnp:rootdevice", udn_of(to - FIRST))
        if target in known:
            answer(to - FIRST, "upnp:rootdevice" if target == "ssdp:all" else target, peer)
        print(f"asked {to - FIRST} for {target}", flush=True)
    elif target in ("ssdp:all", "upnp:rootdevice"):
        asyncio.ensure_future(answer_all(peer))


async def serve(reader, writer):
    head = await reader.readuntil(b"\r\n\r\n")
    number = int(re.match(rb"GET /(\d+)\.xml", head)[1])
    page = (f'<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0" configId="1"><specVersion><major>1</major>'
            f"<minor>1</minor></specVersion><device><deviceType>{TYPE}</deviceType><friendlyName>Device {number}</friendlyName>"
            f"<manufacturer>Maker</manufacturer><modelName>Model</modelName><UDN>{udn_of(number)}</UDN></device></root>").encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(page) + page)
    print(f"served {number}", flush=True)
    await writer.drain()
    writer.close()


async def main():
    await asyncio.start_server(serve, "0.0.0.0", 8080, backlog=1024)
    asyncio.get_running_loop().add_reader(listener, receive)
    print("ready", flush=True)
    await announce()
    await asyncio.Event().wait()


listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
listener.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.100.0.1"))
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
listener.bind(("", 1900))
listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + socket.inet_aton("10.100.0.1"))
asyncio.run(main())
