# SPDX-License-Identifier: ISC
"""A device that announces nothing and answers one search target alone.

usage: quiet_device.py ADDRESS TARGET response|notify|byebye UUID"""
import re
import socket
import sys

ADDRESS, TARGET, HOW, UUID = sys.argv[1:5]
BODY = f"LOCATION: http://{ADDRESS}:80/d.xml\r\nUSN: uuid:{UUID}::{TARGET}\r\n\r\n"
ANSWERS = {
    "response": f"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\nST: {TARGET}\r\n" + BODY,
    "notify": f"NOTIFY * HTTP/1.1\r\nCACHE-CONTROL: max-age=1800\r\nNT: {TARGET}\r\nNTS: ssdp:alive\r\n" + BODY,
    "byebye": f"NOTIFY * HTTP/1.1\r\nNT: {TARGET}\r\nNTS: ssdp:byebye\r\n" + BODY,
}

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 1900))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.255.255.250") + socket.inet_aton(ADDRESS))
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.bind((ADDRESS, 0))
print("listens", flush=True)
while True:
    data, peer = s.recvfrom(2048)
    asked = re.search(rb"\r\nST: ?(.*?)\r\n", data)
    if data.startswith(b"M-SEARCH") and asked and asked[1] == TARGET.encode():
        out.sendto(ANSWERS[HOW].encode(), peer)
        print("answered", flush=True)
