# SPDX-License-Identifier: ISC
"""One device of a home, which speaks the protocols of such a device.

usage: home_device.py KIND ADDRESS      KIND is a key of DEVICES"""
import http.server
import re
import signal
import socket
import sys
import threading
import time
import uuid

import beacon_sender
from mdns_responder import Responder

UPNP_GROUP, UPNP_PORT, PAGE_PORT = "239.255.255.250", 1900, 8200
WSD_PORT = 3702

DEVICES = {
    "printer": {
        "mdns": ("BRW1234", [
            ("Brother HL-L2350DW", "_ipp._tcp", 631, {
                "txtvers": "1", "rp": "ipp/print", "ty": "Brother HL-L2350DW", "note": "Office printer", "usb_MFG": "Brother",
                "usb_MDL": "HL-L2350DW", "adminurl": "http://BRW1234.local./", "UUID": "e3248000-80ce-11db-8000-0022580a1b2c"}),
            ("Brother HL-L2350DW", "_pdl-datastream._tcp", 9100, {"txtvers": "1", "ty": "Brother HL-L2350DW"}),
        ]),
    },
    "speaker": {
        "mdns": ("Kitchen-speaker", [
            ("Kitchen-speaker-0a1b2c", "_googlecast._tcp", 8009, {
                "id": "6fa1b2c3d4e5f60718293a4b5c6d7e8f", "md": "Nest Audio", "fn": "Kitchen speaker", "ve": "05"}),
            ("0011220A1B2C@Kitchen speaker", "_raop._tcp", 7000, {"am": "Nest Audio", "tp": "UDP"}),
        ]),
        "upnp": {"name": "Kitchen speaker", "type": "MediaRenderer", "manufacturer": "Google", "model": "Nest Audio"},
    },
    "camera": {
        "mdns": ("axis-accc8e010203", [
            ("Front door", "_axis-video._tcp", 80, {"macaddress": "ACCC8E010203"}),
            ("Front door", "_rtsp._tcp", 554, {"path": "axis-media/media.amp"}),
        ]),
        "wsd": {"types": "dn:NetworkVideoTransmitter tds:Device", "scopes": [
            "onvif://www.onvif.org/type/video_encoder", "onvif://www.onvif.org/name/Front%20door",
            "onvif://www.onvif.org/hardware/M3046-V", "onvif://www.onvif.org/location/garden"]},
    },
    "board": {
        "mdns": ("greenhouse", [
            ("greenhouse", "_esphomelib._tcp", 6053, {
                "friendly_name": "Greenhouse", "version": "2024.6.0", "mac": "a0b765010203", "platform": "ESP32", "board": "esp32dev",
                "network": "wifi", "project_name": "example.sensor"}),
        ]),
    },
    "nas": {
        "mdns": ("DiskStation", [
            ("DiskStation", "_http._tcp", 5000, {"vendor": "Synology", "model": "DS920+", "serial": "2040XXX",
                                                  "mac_address": "00:11:32:0a:1b:2c", "version_major": "7"}),
            ("DiskStation", "_smb._tcp", 445, {}),
            ("DiskStation", "_device-info._tcp", 0, {"model": "Xserve"}),
        ]),
        "upnp": {"name": "DiskStation", "type": "MediaServer", "manufacturer": "Synology", "model": "DS920+"},
        "beacon": ("plex", "DiskStation", "23f2d6867befb9c26f7b5f366d4dd84e9b2294c9"),
    },
    "phone": {
        "mdns": ("Annas-phone", [
            ("Anna's phone", "_http._tcp", 8080, {"app": "file sharing"}),
        ]),
        "searches": "urn:dial-multiscreen-org:service:dial:1",
    },
}


def multicast_socket(group, port, address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + socket.inet_aton(address))
    s.bind(("", port))
    return s


def in_background(function, *args):
    threading.Thread(target=function, args=args, daemon=True).start()


def page_server(address, page):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *args):
            pass

    return http.server.ThreadingHTTPServer((address, PAGE_PORT), Handler)


class Upnp:
    """A root device with its description (UPnP Device Architecture 2.0, parts 1 and 2)."""

    def __init__(self, address, name, type, manufacturer, model):
        self.udn = f"uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"
        self.url = f"http://{address}:{PAGE_PORT}/description.xml"
        kind = f"urn:schemas-upnp-org:device:{type}:1"
        self.targets = {"upnp:rootdevice": f"{self.udn}::upnp:rootdevice", self.udn: self.udn, kind: f"{self.udn}::{kind}"}
        page = (f'<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major>'
                f"<minor>0</minor></specVersion><device><deviceType>{kind}</deviceType><friendlyName>{name}</friendlyName>"
                f"<manufacturer>{manufacturer}</manufacturer><modelName>{model}</modelName><UDN>{self.udn}</UDN></device></root>"
                ).encode()
        self.server = page_server(address, page)  # from here on it accepts, before the device is announced
        self.socket = multicast_socket(UPNP_GROUP, UPNP_PORT, address)

    def message(self, first, target, usn, word):
        return (f"{first}\r\nHOST: {UPNP_GROUP}:{UPNP_PORT}\r\nCACHE-CONTROL: max-age=1800\r\nLOCATION: {self.url}\r\n"
                f"SERVER: Linux/5.10 UPnP/1.0 example/1\r\n{word}: {target}\r\nUSN: {usn}\r\n"
                + ("NTS: ssdp:alive\r\n" if word == "NT" else "EXT:\r\n") + "\r\n").encode()

    def announce(self):
        for _ in range(2):
            for target, usn in self.targets.items():
                self.socket.sendto(self.message("NOTIFY * HTTP/1.1", target, usn, "NT"), (UPNP_GROUP, UPNP_PORT))
            time.sleep(0.5)

    def listen(self):
        while True:
            data, peer = self.socket.recvfrom(4096)
            asked = re.search(rb"\r\nST: *(.*?) *\r\n", data, re.I)
            for target, usn in self.targets.items() if data.startswith(b"M-SEARCH") and asked else ():
                if asked[1].decode() in (target, "ssdp:all"):
                    self.socket.sendto(self.message("HTTP/1.1 200 OK", target, usn, "ST"), peer)

    def start(self):
        in_background(self.server.serve_forever)
        in_background(self.listen)
        in_background(self.announce)


class Camera:
    """A target of WS-Discovery, in the dialect of 2005/04, which ONVIF uses: Hello, and ProbeMatches for each Probe."""

    ENVELOPE = ('<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" '
                'xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
                'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" '
                'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><e:Header><w:MessageID>uuid:{number}</w:MessageID>{relates}'
                '<w:To>{to}</w:To><w:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/{action}</w:Action>'
                '<d:AppSequence InstanceId="{instance}" MessageNumber="{count}"/></e:Header><e:Body>{body}</e:Body></e:Envelope>')
    TO_ALL = "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
    ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"

    def __init__(self, address, types, scopes):
        self.described = (f"<w:EndpointReference><w:Address>urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, types)}</w:Address>"
                          f"</w:EndpointReference><d:Types>{types}</d:Types><d:Scopes>{' '.join(scopes)}</d:Scopes>"
                          f"<d:XAddrs>http://{address}/onvif/device_service</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>")
        self.socket = multicast_socket(UPNP_GROUP, WSD_PORT, address)
        self.instance, self.count = int(time.time()), 0

    def message(self, action, body, to, relates=""):
        self.count += 1
        return self.ENVELOPE.format(number=uuid.uuid4(), relates=relates, to=to, action=action, instance=self.instance,
                                    count=self.count, body=body).encode()

    def announce(self):
        self.socket.sendto(self.message("Hello", f"<d:Hello>{self.described}</d:Hello>", self.TO_ALL), (UPNP_GROUP, WSD_PORT))

    def listen(self):
        while True:
            data, peer = self.socket.recvfrom(9000)
            number = re.search(rb"MessageID[^>]*>([^<]*)<", data)
            if b"/2005/04/discovery/Probe<" in data and number:
                relates = f"<w:RelatesTo>{number[1].decode()}</w:RelatesTo>"
                body = f"<d:ProbeMatches><d:ProbeMatch>{self.described}</d:ProbeMatch></d:ProbeMatches>"
                self.socket.sendto(self.message("ProbeMatches", body, self.ANONYMOUS, relates), peer)

    def start(self):
        in_background(self.listen)
        in_background(self.announce)


def search(target, address):
    """A control point: asks by SSDP every few seconds."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 0))
    while True:
        s.sendto(f'M-SEARCH * HTTP/1.1\r\nHOST: {UPNP_GROUP}:{UPNP_PORT}\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: {target}\r\n\r\n'
                 .encode(), (UPNP_GROUP, UPNP_PORT))
        time.sleep(5)


def main():
    kind, address = sys.argv[1:3]
    device = DEVICES[kind]
    responder = Responder(device["mdns"][0], address, device["mdns"][1]) if "mdns" in device else None
    if responder:
        responder.start()
    if "upnp" in device:
        Upnp(address, **device["upnp"]).start()
    if "wsd" in device:
        Camera(address, **device["wsd"]).start()
    if "beacon" in device:
        in_background(beacon_sender.run, "answer", *device["beacon"])
    if "searches" in device:
        in_background(search, device["searches"], address)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("ready", flush=True)
    try:
        signal.pause()
    finally:
        if responder:
            responder.goodbye()


if __name__ == "__main__":
    main()
