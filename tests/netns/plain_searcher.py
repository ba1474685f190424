# SPDX-License-Identifier: ISC
"""A plain SSDP searcher: asks for a target (ssdp:all) and prints address, ST, USN and LOCATION of what answers. It ends when
nothing has come for SECONDS; for the first answer it waits ten times as long, so that a busy machine is not taken for silence.

usage: plain_searcher.py [TARGET [SECONDS [ADDRESS[:PORT]]]]     with an ADDRESS the search is unicast and has no MX"""
import socket
import sys

TARGET = sys.argv[1] if len(sys.argv) > 1 else "ssdp:all"
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 3
GROUP, _, PORT = (sys.argv[3] if len(sys.argv) > 3 else "239.255.255.250").partition(":")
PORT = int(PORT or 1900)
mx = "" if len(sys.argv) > 3 else "MX: 1\r\n"
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(f'M-SEARCH * HTTP/1.1\r\nHOST: {GROUP}:{PORT}\r\nMAN: "ssdp:discover"\r\n{mx}ST: {TARGET}\r\n\r\n'.encode(), (GROUP, PORT))
s.settimeout(10 * SECONDS)
while True:
    try:
        data, peer = s.recvfrom(1500)
    except socket.timeout:
        break
    s.settimeout(SECONDS)
    lines = (line.partition(":") for line in data.decode(errors="replace").split("\r\n")[1:])
    headers = {name.upper(): value.strip() for name, colon, value in lines if colon}
    print(peer[0], *(headers.get(h, "-") for h in ("ST", "USN", "LOCATION")), flush=True)
