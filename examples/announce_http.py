#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Serves a page over HTTP and has discoverd announce it until Ctrl-C; needs the standard library only."""

import http.server
import json
import os
import socket
import sys

SOCKET = os.environ.get("DISCOVERD_SOCKET", "/run/discoverd/io.discoverd")
PAGE = b"Hello from a program that discoverd announces.\n"


class Page(http.server.BaseHTTPRequestHandler):
    """Answers every GET with the same text."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)


def announce(device):
    """Announces a device. Returns its id and the connection: the device is withdrawn when the connection ends."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(SOCKET)
    request = {"method": "io.discoverd.Announce", "parameters": {"device": device}}
    connection.sendall(json.dumps(request).encode() + b"\0")
    received = b""
    while not received.endswith(b"\0"):
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError("discoverd closed the connection")
        received += chunk
    reply = json.loads(received[:-1])
    if "error" in reply:
        raise RuntimeError(f"{reply['error']} {reply.get('parameters', {})}")
    return reply["parameters"]["id"], connection


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else "Example page"
    with http.server.ThreadingHTTPServer(("", 0), Page) as server:  # port 0: the kernel chooses one
        service = {"type": "urn:example-org:service:Page:1", "types": {"mdns": "_http._tcp"}, "port": server.server_port, "path": "/"}
        identity, connection = announce({"name": name, "services": [service]})
        with connection:
            print(f"{identity} port {server.server_port}", flush=True)
            server.serve_forever()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
    except (OSError, RuntimeError) as error:
        sys.exit(f"announce_http.py: {SOCKET}: {error}")
