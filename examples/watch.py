#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Prints which devices come and go. After a restart of discoverd all that are there are printed again."""
import json, os, socket, time

SIGNS = {"added": "+", "removed": "-"}
call = {"method": "io.discoverd.Monitor", "parameters": {"snapshot": True}, "more": True}
while True:
    with socket.socket(socket.AF_UNIX) as connection:
        received = b""  # each message is a JSON object and a NUL byte
        if connection.connect_ex(os.environ.get("DISCOVERD_SOCKET", "/run/discoverd/io.discoverd")) == 0:
            connection.sendall(json.dumps(call).encode() + b"\0")
            while chunk := connection.recv(65536):
                *messages, received = (received + chunk).split(b"\0")
                for reply in (json.loads(message)["parameters"] for message in messages):
                    if sign := SIGNS.get(reply.get("event")):
                        print(sign, reply["device"]["name"], *(place["address"] for place in reply["device"]["addresses"]), flush=True)
    time.sleep(1)
