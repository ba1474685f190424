# SPDX-License-Identifier: ISC
"""Announces devices and serves their descriptions, each in its own way; again when SIGUSR1 comes.

usage: device_pages.py JSON     a list of {"address", "port", "path", "udns": [announced], "named": [on the page], "way"},
                                and perhaps the "encoding" of its page, the "name" of its first device there,
                                and "searchable" where it answers searches;
                                one "asked ADDRESS WAY OPEN-CONNECTIONS" line for each request"""
import collections
import ctypes
import json
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n"
devices = json.loads(sys.argv[1])
lock = threading.Lock()
asked = collections.Counter()
connections = 0


def element(udn, inner="", name=None):
    return ("<device><deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>"
            f"<friendlyName>{name or f'name of {udn}'}</friendlyName><UDN>{udn}</UDN>{inner}</device>")


def page(device):
    udns = device.get("named", device["udns"])
    inner = "<deviceList>" + "".join(map(element, udns[1:])) + "</deviceList>" if udns[1:] else ""
    encoding = device.get("encoding", "utf-8")
    text = (f'<?xml version="1.0" encoding="{encoding}"?><root xmlns="urn:schemas-upnp-org:device-1-0">'
            f'{element(udns[0], inner, device.get("name"))}</root>').encode(encoding)
    return (HEAD % len(text)).encode() + text


def reset(client, device):
    """Half of the page, and then a reset."""
    client.sendall(page(device)[:-100])
    time.sleep(0.2)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


WAYS = {
    "good": lambda client, device: client.sendall(page(device)),
    "missing": lambda client, device: client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    "moved": lambda client, device: client.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n"),
    "no-xml": lambda client, device: client.sendall((HEAD % 9 + "status=ok").encode()),
    "endless": lambda client, device: [client.sendall(HEAD.encode() % 99999999), *(client.sendall(b"<a/>" * 9999) for _ in range(99))],
    "silent": lambda client, device: client.recv(1),
    "closed": lambda client, device: None,
    "empty": lambda client, device: client.sendall((HEAD % 0).encode()),
    "reset": reset,
}


def serve(client, places):
    global connections
    with lock:
        connections += 1
    try:
        path = client.recv(4096).decode("latin-1").split(" ")[1]
        device = places[path]
        with lock:
            key = device["address"], device["port"], path
            # "empty,good": the first time in one way, then in the other
            ways = device["way"].split(",")
            way = ways[min(asked[key], len(ways) - 1)]
            asked[key] += 1
            print("asked", device["address"], way, connections, flush=True)
        WAYS[way](client, device)
    except OSError:
        pass
    client.close()
    with lock:
        connections -= 1


def accept(listener, places):
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0], places), daemon=True).start()


def is_ipv6(device):
    return ":" in device["address"]


def sender(device):
    """A socket that sends from the address of the device, and the group that it announces to."""
    if is_ipv6(device):
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        link = socket.if_nametoindex("eth0")
        s.bind((device["address"], 0, 0, link))
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, link)
        return s, ("ff02::c", 1900, 0, link)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((device["address"], 0))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(device["address"]))
    return s, ("239.255.255.250", 1900)


def headers(device):
    host = f"[{device['address']}]" if is_ipv6(device) else device["address"]
    return f"CACHE-CONTROL: max-age=1800\r\nLOCATION: http://{host}:{device['port']}{device['path']}\r\nSERVER: x/1 UPnP/1.0 y/1\r\n"


def announce():
    for device in devices:
        s, group = sender(device)
        with s:
            for udn in device["udns"]:
                s.sendto(f"NOTIFY * HTTP/1.1\r\nHOST: {'[FF02::C]' if is_ipv6(device) else group[0]}:1900\r\n{headers(device)}"
                         f"NT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nUSN: {udn}::upnp:rootdevice\r\n\r\n".encode(), group)


def take_only_searches(s):
    """Has the kernel drop what does not begin with "M-SE": this program is no match for a flood of NOTIFYs."""
    program = struct.pack("=" + "HBBI" * 4, 0x20, 0, 0, 8, 0x15, 0, 1, 0x4d2d5345, 0x06, 0, 0, 0xffffffff, 0x06, 0, 0, 0)
    place = ctypes.create_string_buffer(program)
    SO_ATTACH_FILTER = 26
    s.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", 4, ctypes.addressof(place)))


def answer_searches(family, found):
    """By unicast to each search for root devices or for one of the devices, from the address of each. One that is searchable
    "apart" asks for the MAC of the searching host, as a host of its own does."""
    s = socket.socket(family, socket.SOCK_DGRAM)
    take_only_searches(s)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    link = socket.if_nametoindex("eth0")
    if family == socket.AF_INET6:
        s.bind(("::", 1900))
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(family, "ff02::c") + struct.pack("@I", link))
    else:
        s.bind(("", 1900))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("4s4si", socket.inet_aton("239.255.255.250"), b"", link))
    while True:
        search, asker = s.recvfrom(2000)
        for_all = b"upnp:rootdevice" in search or b"ssdp:all" in search
        for device in found:
            if not for_all and not any(udn.encode() in search for udn in device["udns"]):
                continue
            if device["searchable"] == "apart":
                subprocess.run(["ip", "neigh", "flush", "to", asker[0].partition("%")[0]])
            with sender(device)[0] as own:
                for udn in device["udns"]:
                    own.sendto(f"HTTP/1.1 200 OK\r\n{headers(device)}EXT:\r\nST: {'upnp:rootdevice' if for_all else udn}\r\nUSN: {udn}::upnp:rootdevice\r\n\r\n".encode(), asker)


def listen(door):
    address, port = door
    if ":" not in address:
        return socket.create_server(door, backlog=64)
    s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port, 0, socket.if_nametoindex("eth0")))
    s.listen(64)
    return s


doors = collections.defaultdict(dict)
for each in devices:
    if each["way"] != "refused":
        doors[each["address"], each["port"]][each["path"]] = each
for door, content in doors.items():
    threading.Thread(target=accept, args=(listen(door), content), daemon=True).start()
for kind in (socket.AF_INET, socket.AF_INET6):
    if searchable := [d for d in devices if d.get("searchable") and is_ipv6(d) == (kind == socket.AF_INET6)]:
        threading.Thread(target=answer_searches, args=(kind, searchable), daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
while True:
    announce()
    signal.sigwait([signal.SIGUSR1])
