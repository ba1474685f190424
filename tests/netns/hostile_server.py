# SPDX-License-Identifier: ISC
"""Announces one device per trick, each from an address of its own, and serves a description that plays it.

usage: hostile_server.py PREFIX      one "TRICK ADDRESS" line each, and "served TRICK" after each request"""
import socket
import sys
import threading
import time

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
XML = b'<?xml version="1.0"?><root><device><UDN>%s</UDN><friendlyName>%s</friendlyName>'


def laughs():
    lines = [b'<!ENTITY l0 "' + b"ha" * 100 + b'">']
    lines += [b'<!ENTITY l%d "' % i + b"&l%d;" % (i - 1) * 10 + b'">' for i in range(1, 12)]
    return b"<!DOCTYPE r [" + b"".join(lines) + b"]><root>&l11;</root>"


def endless(send, part, pause=0.0):
    while True:
        send(part)
        time.sleep(pause)


TRICKS = {
    "drip": lambda send, name: [send(HEAD + b"\r\n"), endless(send, b"<", 0.1)],
    "drip-head": lambda send, name: [send(b"HTTP/1.1 200 OK\r\n"), endless(send, b"X", 0.1)],
    "silent": lambda send, name: time.sleep(60),
    "endless": lambda send, name: [send(HEAD + b"\r\n<root>"), endless(send, b"<device>" + b"x" * 60000)],
    "endless-head": lambda send, name: [send(HEAD), endless(send, b"X-Y: " + b"z" * 60000 + b"\r\n")],
    "endless-chunks": lambda send, name: [send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n"), endless(send, b"1\r\nx\r\n" * 1000)],
    "huge-chunk": lambda send, name: [send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n"), endless(send, b"x" * 60000)],
    "continue": lambda send, name: endless(send, b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "redirect": lambda send, name: send(b"HTTP/1.1 302 Found\r\nLocation: http://10.99.0.1:5006/description.xml\r\nContent-Length: 0\r\n\r\n"),
    "laughs": lambda send, name: send(HEAD + b"Content-Length: %d\r\n\r\n" % len(laughs()) + laughs()),
    "short": lambda send, name: send(HEAD + b"Content-Length: 90000000000000000000\r\n\r\n<root>"),
    "negative": lambda send, name: send(HEAD + b"Content-Length: -5\r\n\r\n<root></root>"),
    "deep": lambda send, name: send(HEAD + b"\r\n" + b"<a>" * 4000),
    "binary": lambda send, name: send(bytes(range(256)) * 50),
    "escapes": lambda send, name: send(HEAD + b"\r\n" + XML % (b"uuid:hostile-escapes", "\u202eevil\u2066&#x9b;31m".encode()) + b"</device></root>"),
}


def device(number, trick, address):
    listener = socket.create_server((address, 8080), backlog=64)
    print(trick, address, flush=True)

    def serve(client):
        try:
            client.recv(4096)
            print("served", trick, flush=True)
            TRICKS[trick](client.sendall, trick)
        except OSError:
            pass
        client.close()

    def accept():
        while True:
            threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((address, 0))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        s.sendto(f"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n"
                 f"LOCATION: http://{address}:8080/{trick}.xml\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nSERVER: x/1 UPnP/1.0 y/1\r\n"
                 f"USN: uuid:hostile-{trick}::upnp:rootdevice\r\n\r\n".encode(), ("239.255.255.250", 1900))


for at, word in enumerate(TRICKS):
    device(at, word, f"{sys.argv[1]}{at + 100}")
threading.Event().wait()
