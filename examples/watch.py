#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Prints which devices come and go, also when discoverd is restarted meanwhile; needs the standard library only."""

import json
import os
import socket
import sys
import time

SOCKET = os.environ.get("DISCOVERD_SOCKET", "/run/discoverd/io.discoverd")
MONITOR = {"method": "io.discoverd.Monitor", "parameters": {"snapshot": True}, "more": True}
known = {}  # a line about each device that is there, by its id


def follow():
    """Yields the parameters of each reply, until the connection ends. A message is a JSON object and a NUL byte."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(SOCKET)
        connection.sendall(json.dumps(MONITOR).encode() + b"\0")
        received = b""
        while chunk := connection.recv(65536):
            *messages, received = (received + chunk).split(b"\0")
            for reply in map(json.loads, messages):
                if "error" in reply:
                    raise ConnectionError(reply["error"])
                yield reply["parameters"]


def take(seen, event, device):
    """Prints what one reply changes. `seen` holds the ids of the snapshot that is read or was read last."""
    if event == "resync":  # events were lost; another snapshot follows
        seen.clear()
    elif event is None:  # the snapshot is complete: what it lacks is gone
        for lost in known.keys() - seen:
            print(f"- {known.pop(lost)}", flush=True)
    elif event == "removed":
        print(f"- {known.pop(device['id'], device['name'])}", flush=True)
    else:
        line = " ".join([device["name"], *(place["address"] for place in device["addresses"])])
        if device["id"] not in known:
            print(f"+ {line}", flush=True)
        known[device["id"]] = line
        seen.add(device["id"])


def main():
    while True:
        try:
            seen = set()
            for reply in follow():
                take(seen, reply.get("event"), reply.get("device"))
        except OSError as error:
            print(f"watch.py: {SOCKET}: {error}", file=sys.stderr)
        time.sleep(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
