# SPDX-License-Identifier: ISC
"""A device of WS-Discovery: a camera as ONVIF has it, or a printer. It says Hello, answers Probe, Resolve and Get, and says Bye.

usage: wsd_device.py ADDRESS camera|printer UUID NAME [SILENT-ABOUT-XADDRS]"""

import http.server
import re
import signal
import socket
import struct
import sys
import threading
import uuid

ADDRESS, KIND, UUID, NAME = sys.argv[1:5]
WITHOUT_XADDRS = len(sys.argv) > 5
GROUP, PORT, HTTP_PORT = "239.255.255.250", 3702, 5357
SOAP = "http://www.w3.org/2003/05/soap-envelope"
# of the two dialects: discovery, addressing, devices profile
DIALECTS = {
    "2005": ("http://schemas.xmlsoap.org/ws/2005/04/discovery", "http://schemas.xmlsoap.org/ws/2004/08/addressing",
             "http://schemas.xmlsoap.org/ws/2006/02/devprof"),
    "1.1": ("http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01", "http://www.w3.org/2005/08/addressing",
            "http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01"),
}
# a camera speaks the old dialect, this printer the new one
DISCOVERY, ADDRESSING, PROFILE = DIALECTS["2005" if KIND == "camera" else "1.1"]
TYPES = {
    "camera": "dn:NetworkVideoTransmitter tds:Device",
    "printer": "wsdp:Device wprt:PrintDeviceType wscn:ScanDeviceType",
}[KIND]
SCOPES = "" if KIND == "printer" else ("onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/hardware/M3045 "
                                       f"onvif://www.onvif.org/name/{NAME.replace(' ', '%20')} onvif://www.onvif.org/location/hall")
PATH = "/onvif/device_service" if KIND == "camera" else f"/{UUID}"


def envelope(action, body, relates=None):
    related = f"<wsa:RelatesTo>{relates}</wsa:RelatesTo>" if relates else ""
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP}" xmlns:wsa="{ADDRESSING}" xmlns:d="{DISCOVERY}" '
            f'xmlns:wsdp="{PROFILE}" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
            'xmlns:wprt="http://schemas.microsoft.com/windows/2006/08/wdp/print" '
            'xmlns:wscn="http://schemas.microsoft.com/windows/2006/08/wdp/scan"><SOAP-ENV:Header>'
            f'<wsa:MessageID>urn:uuid:{uuid.uuid4()}</wsa:MessageID>{related}<wsa:Action>{action}</wsa:Action>'
            f'<d:AppSequence InstanceId="1" MessageNumber="1"/></SOAP-ENV:Header><SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>').encode()


REFERENCE = f"<wsa:EndpointReference><wsa:Address>urn:uuid:{UUID}</wsa:Address></wsa:EndpointReference>"


def match(resolved=False):
    xaddrs = "" if WITHOUT_XADDRS and not resolved else f"<d:XAddrs>http://{ADDRESS}:{HTTP_PORT}{PATH}</d:XAddrs>"
    scopes = f"<d:Scopes>{SCOPES}</d:Scopes>" if SCOPES else ""
    return f"{REFERENCE}<d:Types>{TYPES}</d:Types>{scopes}{xaddrs}<d:MetadataVersion>1</d:MetadataVersion>"


def metadata(relates):
    mex = "http://schemas.xmlsoap.org/ws/2004/09/mex"
    sections = (
        ("ThisDevice", f"<wsdp:ThisDevice><wsdp:FriendlyName>{NAME} office</wsdp:FriendlyName><wsdp:SerialNumber>CN12</wsdp:SerialNumber></wsdp:ThisDevice>"),
        ("ThisModel", "<wsdp:ThisModel><wsdp:Manufacturer>Paper Inc</wsdp:Manufacturer><wsdp:ModelName>LaserJet 9</wsdp:ModelName>"
                      "<wsdp:ModelNumber>9</wsdp:ModelNumber><wsdp:PresentationUrl>/index.html</wsdp:PresentationUrl></wsdp:ThisModel>"),
        ("Relationship", f'<wsdp:Relationship Type="{PROFILE}/host"><wsdp:Host>{REFERENCE}<wsdp:Types>{TYPES}</wsdp:Types></wsdp:Host></wsdp:Relationship>'),
    )
    body = "".join(f'<mex:MetadataSection Dialect="{PROFILE}/{name}">{text}</mex:MetadataSection>' for name, text in sections)
    return envelope("http://schemas.xmlsoap.org/ws/2004/09/transfer/GetResponse", f'<mex:Metadata xmlns:mex="{mex}">{body}</mex:Metadata>', relates)


def field(name, text):
    found = re.search(rf"<(?:\w+:)?{name}[^>]*>\s*([^<]*?)\s*<", text)
    return found and found[1]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = self.rfile.read(int(self.headers["Content-Length"])).decode()
        print("POST", self.path, self.headers["Content-Type"], request, flush=True)
        good = KIND == "printer" and self.path == PATH and field("To", request) == f"urn:uuid:{UUID}" and "/transfer/Get<" in request \
            and f'"{ADDRESSING}"' in request
        answer = metadata(field("MessageID", request)) if good else b"<fault/>"
        self.send_response(200 if good else 400)
        self.send_header("Content-Type", "application/soap+xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


def main():
    server = http.server.ThreadingHTTPServer((ADDRESS, HTTP_PORT), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", PORT))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(ADDRESS)))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(ADDRESS))
    s.sendto(envelope(f"{DISCOVERY}/Hello", f"<d:Hello>{match()}</d:Hello>"), (GROUP, PORT))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("ready", flush=True)
    try:
        while True:
            data, sender = s.recvfrom(65536)
            text = data.decode(errors="replace")
            if DISCOVERY not in text or sender[0] == ADDRESS:
                continue
            if re.search(r"Body>\s*<(\w+:)?Probe\b", text):
                print("Probe", sender, flush=True)
                s.sendto(envelope(f"{DISCOVERY}/ProbeMatches", f"<d:ProbeMatches><d:ProbeMatch>{match()}</d:ProbeMatch></d:ProbeMatches>",
                                  field("MessageID", text)), sender)
            elif re.search(r"Body>\s*<(\w+:)?Resolve\b", text) and UUID in text:
                print("Resolve", sender, flush=True)
                s.sendto(envelope(f"{DISCOVERY}/ResolveMatches", f"<d:ResolveMatches><d:ResolveMatch>{match(True)}</d:ResolveMatch></d:ResolveMatches>",
                                  field("MessageID", text)), sender)
    finally:
        s.sendto(envelope(f"{DISCOVERY}/Bye", f"<d:Bye>{REFERENCE}</d:Bye>"), (GROUP, PORT))


main()
