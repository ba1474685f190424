# SPDX-License-Identifier: ISC
"""A control socket with devices that a test makes up, also such that no discoverd would report; for programs around discoverd."""

import json
import os
import socket
import threading

SEEN = "2026-01-02T03:04:05Z"
NAMED = ("type", "manufacturer", "model", "model_number", "serial", "presentation_url", "icon_url", "attached_to", "reachable")


def address(text, interface="eth0", mac=None, vendor=None):
    return {"address": text, "interface": interface, "mac": mac, "vendor": vendor, "random_mac": None}


def make_device(identity, name, *addresses, **facts):
    """A Device of io.discoverd with one endpoint, which has the same facts."""
    places = [place if isinstance(place, dict) else address(place) for place in addresses]
    services = facts.pop("services", [])
    shared = {"kind": "device", "first_seen": SEEN, "last_seen": SEEN, "expires_in": 1800, "addresses": places}
    endpoint = {"protocol": "ssdp", "key": identity, "name": name, "url": None, "presentation_url": None, "icons": [], "parent": None, "verified": True,
                **shared, "services": services, **{key: value for key, value in facts.items() if key in NAMED[:6]}}
    return {"id": identity, "ids": [], "name": name, **dict.fromkeys(NAMED), "protocols": ["ssdp"], "host_names": [], "flags": [], **shared,
            "endpoints": [endpoint], **facts}


def make_interface(name, kind="ethernet", *networks, **facts):
    """An Interface; a network is (its address of ours, the length of the prefix, the first address of the network)."""
    addresses = [{"address": own, "prefix": prefix, "network": first, "peer": None, "gateway": None} for own, prefix, first in networks]
    return {"index": 1, "name": name, "kind": kind, "mac": None, "up": True, "used": True, "addresses": addresses, "gateway": None, "master": None,
            "bridge_ports": [], "peer": None, "groups": [], "received": 0, "sent": 0, "dropped": 0, **facts}


class FalseDiscoverd:
    """Answers Monitor, List, Get, Interfaces and Status."""

    def __init__(self, path, devices=(), interfaces=()):
        self.path = str(path)
        self.devices = {device["id"]: device for device in devices}
        self.interfaces = list(interfaces)
        self.lock = threading.Lock()
        self.open()

    def open(self):
        """Listens, again after close()."""
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.watchers, self.clients = [], []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()
        return self

    def close(self):
        """Ends all connections, as a daemon that stops."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            for client in self.clients:
                try:
                    client.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it has ended itself

    def accept(self, listener):
        while True:
            try:
                client = listener.accept()[0]
            except OSError:
                return
            with self.lock:
                self.clients.append(client)
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        rest = b""
        with client:
            while True:
                try:
                    chunk = client.recv(65536)
                except OSError:
                    return
                if not chunk:
                    return
                *calls, rest = (rest + chunk).split(b"\0")
                for call in map(json.loads, calls):
                    self.answer(client, call["method"].rpartition(".")[2], call.get("parameters") or {})

    def answer(self, client, method, parameters):
        with self.lock:
            if method == "Monitor":
                for device in self.devices.values():
                    send(client, {"event": "added", "device": device}, continues=True)
                send(client, {}, continues=True)
                self.watchers.append(client)
            elif method == "Get" and parameters["id"] not in self.devices:
                send(client, {"id": parameters["id"]}, error="io.discoverd.NotFound")
            else:
                send(client, {"Get": lambda: {"device": self.devices[parameters["id"]]}, "List": lambda: {"devices": list(self.devices.values())},
                              "Interfaces": lambda: {"interfaces": self.interfaces},
                              "Status": lambda: {"name": "board", "devices": len(self.devices)}}[method]())

    def tell(self, event, device, **more):
        for client in self.watchers:
            try:
                send(client, {"event": event, "device": device, **more}, continues=True)
            except OSError:
                pass  # it has ended

    def put(self, device):
        """A device comes, or changes."""
        with self.lock:
            known = self.devices.get(device["id"])
            self.devices[device["id"]] = device
            changed = [key for key in device if known and known.get(key) != device[key]]
            self.tell("updated" if known else "added", device, **({"changed": changed} if known else {}))

    def remove(self, identity):
        with self.lock:
            self.tell("removed", self.devices.pop(identity))


def send(client, parameters, **more):
    client.sendall(json.dumps({"parameters": parameters, **more}).encode() + b"\0")
