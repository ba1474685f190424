# SPDX-License-Identifier: ISC
"""Publishes as discoverd-mqtt does, for many boards at once: a client of MQTT 5 with QoS 0 (OASIS MQTT 5.0), and the documents of
boards that are not there. As a program: mqtt_publisher.py PORT BOARDS DEVICES publishes a fleet on this machine and ends."""

import json
import socket
import struct
import sys
import time

EXPIRY = 48 * 3600  # seconds that a document lasts


def number(value):
    """A variable byte integer."""
    out = bytearray()
    while True:
        value, low = divmod(value, 128)
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def text(value):
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("!H", len(data)) + data


class Publisher:
    """A connection to a broker."""

    def __init__(self, port, host="127.0.0.1", username=None, password=None, wrap=lambda connection: connection):
        self.socket = wrap(socket.create_connection((host, port)))
        flags = 2 | (0x80 if username else 0) | (0x40 if password else 0)  # a clean start
        body = text("MQTT") + bytes((5, flags)) + struct.pack("!H", 0) + b"\0" + text("")
        body += (text(username) if username else b"") + (text(password) if password else b"")
        self.waiting = bytearray()
        self.packet(0x10, body)
        if self.receive(0x20)[1]:
            raise ConnectionError("refused by the broker")

    def packet(self, kind, body):
        self.waiting += bytes((kind,)) + number(len(body)) + body
        if len(self.waiting) > 60000:
            self.flush()

    def flush(self):
        self.socket.sendall(self.waiting)
        self.waiting.clear()

    def exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionError("closed by the broker")
            data += more
        return data

    def receive(self, kind):
        """The body of the next packet, which is of this kind."""
        self.flush()
        got, shift, length = self.exactly(1)[0], 0, 0
        while True:
            byte = self.exactly(1)[0]
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        body = self.exactly(length)
        if got != kind:
            raise ConnectionError(f"packet {got:#x} in place of {kind:#x}")
        return body

    def publish(self, topic, payload=b"", retain=True, expiry=EXPIRY):
        properties = b"\x02" + struct.pack("!I", expiry) if expiry and payload else b""
        body = text(topic) + number(len(properties)) + properties
        self.packet(0x30 | retain, body + (payload.encode() if isinstance(payload, str) else payload))

    def sync(self):
        """Returns when the broker has taken all that was published."""
        self.packet(0xc0, b"")
        self.receive(0xd0)


def level(value):
    """A text as one level of a topic."""
    return "".join(c if 32 < ord(c) < 127 and c not in "%/+#" else "".join(f"%{b:02X}" for b in c.encode()) for c in value)


def link(gateway_mac="02:ff:00:00:00:01", address="192.168.1.2", name="eth0", network="192.168.1.0", gateway="192.168.1.1"):
    """A link of a board, as in its `info`."""
    return {"name": name, "kind": "ethernet", "segment": gateway_mac, "gateway": gateway,
            "addresses": [{"address": address, "prefix": 24, "network": network}]}


def device(id, address, mac, name=None, interface="eth0", ids=(), flags=(), first_seen="2026-01-02T03:04:05Z", **more):
    """The document of a device with one endpoint."""
    places = [{"address": address, "interface": interface, "mac": mac, "vendor": None, "random_mac": False}]
    return {"id": id, "ids": list(ids), "name": name or address, "type": "urn:schemas-upnp-org:device:MediaServer:1",
            "manufacturer": "Example", "model": "Box", "model_number": None, "serial": None, "presentation_url": None,
            "icon_url": None, "kind": "device", "protocols": ["ssdp"], "addresses": places, "host_names": [],
            "attached_to": interface, "reachable": None, "first_seen": first_seen, "flags": list(flags), "endpoints": [
                {"protocol": "ssdp", "key": id, "kind": "device", "name": name or address,
                 "type": "urn:schemas-upnp-org:device:MediaServer:1", "manufacturer": "Example", "model": "Box",
                 "model_number": None, "model_description": None, "serial": None, "server": "Linux/6 UPnP/1.0 box/1",
                 "url": f"http://{address}:8080/description.xml", "presentation_url": None, "icons": [], "parent": None,
                 "addresses": places, "epoch": None, "revision": None, "verified": True, "first_seen": first_seen,
                 "services": [{"key": "urn:upnp-org:serviceId:ContentDirectory", "name": None, "port": None, "path": None,
                               "type": "urn:schemas-upnp-org:service:ContentDirectory:1", "url": None, "txt": {},
                               "scpd_url": f"http://{address}:8080/cd.xml", "control_url": f"http://{address}:8080/cd/control",
                               "event_url": f"http://{address}:8080/cd/event"}]}], **more}


class Board:
    """A board that publishes what it is given."""

    def __init__(self, publisher, site, board, links, name=None, devices=()):
        self.publisher = publisher
        self.root = f"discoverd/v1/{level(site)}/{level(board)}"
        self.info = {"version": "0.2.0", "name": name or board, "links": links}
        self.ids = set()
        self.state(True)
        for each in devices:
            self.device(each)
        self.count()

    def state(self, online):
        self.publisher.publish(f"{self.root}/state", json.dumps({"online": online, "session": 1}), expiry=0)

    def count(self, devices=None):
        """Publishes how many devices there are, or that there are so many."""
        self.publisher.publish(
            f"{self.root}/info", json.dumps({**self.info, "devices": len(self.ids) if devices is None else devices}), expiry=0)

    def device(self, document, **how):
        self.ids.add(document["id"])
        self.publisher.publish(f"{self.root}/device/{level(document['id'])}", json.dumps(document), **how)

    def gone(self, id):
        self.ids.discard(id)
        self.publisher.publish(f"{self.root}/device/{level(id)}")


def fleet(publisher, boards, devices):
    """Boards in sites of ten, each in a network of its own, where all have the same private addresses."""
    for i in range(boards):
        gateway = f"02:ff:00:00:{i >> 8:02x}:{i & 255:02x}"
        Board(publisher, f"site{i // 10}", f"00000000-0000-4000-8000-{i:012x}", [link(gateway)], f"board{i}",
              [device(f"uuid:10000000-0000-4000-8000-{i * 1000 + k:012x}", f"192.168.1.{k + 10}",
                      f"02:00:{i >> 8:02x}:{i & 255:02x}:{k >> 8:02x}:{k & 255:02x}", f"Box {i}.{k}") for k in range(devices)])
    publisher.sync()


if __name__ == "__main__":
    started = time.monotonic()
    fleet(Publisher(int(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3]))
    print(f"published in {time.monotonic() - started:.1f} s")
