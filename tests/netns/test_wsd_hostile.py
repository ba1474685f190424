# SPDX-License-Identifier: ISC
"""Messages on the port of WS-Discovery that are made to harm their reader."""

import socket
import uuid

import flood
import lab

GROUP, PORT = "239.255.255.250", 3702
COUNT, EACH, LARGEST = 10_000, 400, 9000
DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"


def envelope(body, action="Hello", start=""):
    return (f'<?xml version="1.0"?>{start}<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="{ADDRESSING}" '
            f'xmlns:d="{DISCOVERY}"><s:Header><a:Action>{DISCOVERY}/{action}</a:Action><a:MessageID>urn:uuid:{uuid.uuid4()}'
            f'</a:MessageID></s:Header><s:Body>{body}</s:Body></s:Envelope>').encode(errors="surrogateescape")


def match(address=None, types="t:Thing", scopes="", xaddrs=""):
    return (f"<a:EndpointReference><a:Address>{address or f'urn:uuid:{uuid.uuid4()}'}</a:Address></a:EndpointReference>"
            f"<d:Types>{types}</d:Types><d:Scopes>{scopes}</d:Scopes><d:XAddrs>{xaddrs}</d:XAddrs>"
            "<d:MetadataVersion>1</d:MetadataVersion>")


def hello(*args, **named):
    return envelope(f"<d:Hello>{match(*args, **named)}</d:Hello>")


def entities(_):
    """Ten entities, each of ten of the one before it."""
    declared = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 100}">' for n in range(10))
    return envelope("<d:Hello>&e9;</d:Hello>", start=f"<!DOCTYPE s:Envelope [{declared}]>")


def deep(_):
    return envelope("<d:Hello>" * 800)


def attributes(_):
    return envelope("<d:Hello " + " ".join(f'x{n}="{n}"' for n in range(600)) + "/>")


def namespaces(_):
    return envelope("<d:Hello " + " ".join(f'xmlns:x{n}="urn:{n}"' for n in range(350)) + "/>")


def many_matches(_):
    return envelope("<d:ProbeMatches>" + f"<d:ProbeMatch>{match()}</d:ProbeMatch>" * 25 + "</d:ProbeMatches>", "ProbeMatches")


def many_types(_):
    return hello(types=" ".join(f"t:T{n}" for n in range(1000)))


def many_scopes(number):
    return hello(scopes=" ".join(f"onvif://www.onvif.org/name/{number}%{n:02X}%zz%" for n in range(150)))


def many_urls(number):
    return hello(xaddrs=" ".join(f"http://10.99.0.{n % 250 + 3}:{number + 1}/{n}" for n in range(200)))


def overlong_address(number):
    return hello(address="urn:uuid:" + "%" * (7000 + number))


def large(_):
    return hello(scopes="x" * 60000)


def not_utf8(number):
    return hello(types="t:\udcff\udc80") if number % 2 else b"\xff\xfe" + hello().decode().encode("utf-16-le")[:LARGEST]


def cut(number):
    return hello()[:number % 700]


def many_endpoints(number):
    """None is heard of twice, each has to be asked for its page."""
    return hello(xaddrs="" if number % 2 else f"http://10.99.0.2:9/{number}")


def many_goodbyes(_):
    return envelope(f"<d:Bye>{match()}</d:Bye>", "Bye")


def many_questions(_):
    return envelope("<d:Probe/>", "Probe")


ATTACKS = [entities, deep, attributes, namespaces, many_matches, many_types, many_scopes, many_urls, overlong_address, large, not_utf8,
           cut, many_endpoints]
FORGED = [many_endpoints, many_goodbyes, many_questions]


def test_ten_thousand_hostile_envelopes_leave_a_daemon_that_lists_others(here):
    host, attacker, honest = here.host("a"), here.host("b"), here.host("c")
    daemon = host.discoverd()
    target, before, waits = flood.Target(daemon, PORT), flood.present_device(daemon), []
    sender, other = (lab.inside(each, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for each in (attacker, honest))
    forger = flood.Forger(attacker)

    def send(message):
        sender.sendto(message, (GROUP, PORT))

    def send_forged(message):
        forger.send(message, GROUP, PORT)
    batches = [(attack.__name__, [attack(n) for n in range(EACH)], send) for attack in ATTACKS]
    batches += [(f"{attack.__name__}, forged", [attack(n) for n in range(EACH)], send_forged) for attack in FORGED]
    batches.append(("mutated", flood.mutated(flood.golden("wsd-*.packet"), COUNT - EACH * len(batches), LARGEST), send))
    for number, (what, messages, how) in enumerate(batches):
        target.flood(what, messages, how)
        name = f"Camera {number}"
        other.sendto(hello(scopes=f"onvif://www.onvif.org/name/{name.replace(' ', '%20')}"), (GROUP, PORT))
        waits.append(lab.wait(lambda: daemon.endpoint("wsd", name=name), f"{name} is listed")[1])
    print(f"an honest host is listed after at most {max(waits):.1f} s, {daemon.status()['counters']['wsd']}")
    flood.ends_well(daemon, before)
