# SPDX-License-Identifier: ISC
"""Reads a device as the strictest clients do: its description, then all three URLs of each of its services; prints what it got as
JSON. It fails where a description is not served or not well-formed, as async_upnp_client gives such a device up.

usage: service_page_reader.py LOCATION"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET

DEVICE, SERVICE, CONTROL = (f"{{urn:schemas-upnp-org:{name}}}" for name in ("device-1-0", "service-1-0", "control-1-0"))
CALL = """<?xml version="1.0"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">
<s:Body><u:SetTarget xmlns:u="urn:schemas-upnp-org:service:SwitchPower:1"><newTargetValue>1</newTargetValue></u:SetTarget></s:Body>
</s:Envelope>"""


def ask(url, method="GET", body=None, **headers):
    """Status, headers and body."""
    request = urllib.request.Request(url, body and body.encode(), {k.replace("_", "-"): v for k, v in headers.items()}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def read_scpd(url):
    status, headers, body = ask(url)
    assert status == 200 and headers["Content-Type"].startswith("text/xml"), (url, status, headers)
    root = ET.fromstring(body)
    variables = root.findall(f"{SERVICE}serviceStateTable/{SERVICE}stateVariable")
    assert root.tag == f"{SERVICE}scpd" and root.find(f"{SERVICE}specVersion/{SERVICE}major") is not None, body
    assert root.find(f"{SERVICE}actionList") is not None and len(variables) == 1, body
    assert variables[0].get("sendEvents") == "no" and variables[0].findtext(f"{SERVICE}name"), body
    assert ask(url, "HEAD")[:1] == (200,) and ask(url, "HEAD")[2] == b""


def call(url):
    status, headers, body = ask(url, "POST", CALL, SOAPACTION='"urn:schemas-upnp-org:service:SwitchPower:1#SetTarget"',
                                Content_Type='text/xml; charset="utf-8"')
    return [status, ET.fromstring(body).findtext(f".//{CONTROL}errorCode")]


def read_service(location, service):
    urls = [urllib.parse.urljoin(location, service.findtext(DEVICE + name)) for name in ("SCPDURL", "controlURL", "eventSubURL")]
    read_scpd(urls[0])
    subscribed = ask(urls[2], "SUBSCRIBE", CALLBACK="<http://10.99.0.2:1/>", NT="upnp:event", TIMEOUT="Second-300")
    return {"type": service.findtext(f"{DEVICE}serviceType"), "urls": urls, "call": call(urls[1]), "subscribe": subscribed[0],
            "unsubscribe": ask(urls[2], "UNSUBSCRIBE", SID="uuid:1")[0]}


location = sys.argv[1]
status, headers, body = ask(location, Accept_Language="de")
assert status == 200 and headers["Content-Language"] == "en", (status, headers)
services = [read_service(location, s) for s in ET.fromstring(body).iter(f"{DEVICE}service")]
print(json.dumps(services))
