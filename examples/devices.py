#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Lists the devices that discoverd knows, or follows them with --watch; needs the standard library only."""

import json
import os
import socket
import sys

SOCKET = os.environ.get("DISCOVERD_SOCKET", "/run/discoverd/io.discoverd")


def call(method, parameters, more=False):
    """Calls a method of io.discoverd and yields the parameters of each reply. A message is a JSON object and a NUL byte."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(SOCKET)
        request = {"method": f"io.discoverd.{method}", "parameters": parameters, "more": more}
        connection.sendall(json.dumps(request).encode() + b"\0")
        received = b""
        while True:
            while b"\0" not in received:
                chunk = connection.recv(65536)
                if not chunk:
                    raise ConnectionError("discoverd closed the connection")
                received += chunk
            message, received = received.split(b"\0", 1)
            reply = json.loads(message)
            if "error" in reply:
                raise RuntimeError(f"{reply['error']} {reply.get('parameters', {})}")
            yield reply.get("parameters", {})
            if not reply.get("continues"):
                return


def line(device):
    """A device as one line: its name, its addresses and what it offers."""
    addresses = " ".join(place["address"] for place in device["addresses"])
    services = {service["type"] for endpoint in device["endpoints"] for service in endpoint["services"]}
    return f"{device['name']}  {addresses}  {' '.join(sorted(services))}".rstrip()


def list_devices():
    """With "more", the devices come in batches, so that neither side keeps a long reply in memory."""
    for reply in call("List", {}, more=True):
        for device in reply["devices"]:
            print(line(device))


def watch_devices():
    """The snapshot comes first, each device as "added"; the reply with a null event says that it is complete."""
    for reply in call("Monitor", {"snapshot": True}, more=True):
        event, device = reply["event"], reply["device"]
        if event is None:
            print("-- all devices are listed; changes follow", flush=True)
        elif event == "resync":
            print("-- events were lost: forget everything; all devices follow again", flush=True)
        else:
            changed = ", ".join(reply.get("changed") or [])
            print(f"{event}  {line(device)}" + (f"  ({changed})" if changed else ""), flush=True)


if __name__ == "__main__":
    try:
        watch_devices() if "--watch" in sys.argv[1:] else list_devices()
    except KeyboardInterrupt:
        pass
    except (OSError, RuntimeError) as error:
        sys.exit(f"devices.py: {SOCKET}: {error}")
