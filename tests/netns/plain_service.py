# SPDX-License-Identifier: ISC
"""A TCP service that greets each client, or says nothing.

usage: plain_service.py PORT [GREETING]"""
import socket
import sys

server = socket.create_server(("", int(sys.argv[1])), backlog=64)
print("listens", flush=True)
while True:
    client, _ = server.accept()
    with client:
        if sys.argv[2:]:
            client.sendall(sys.argv[2].encode() + b"\r\n")
