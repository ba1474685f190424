# SPDX-License-Identifier: ISC
"""Devices that announce themselves by multicast DNS: avahi and its tools in other hosts of the lab."""

import lab
from avahi import Avahi


def mdns_endpoint(daemon, name):
    """The mDNS endpoint of the host of this name, or None."""
    found = [endpoint for device in daemon.devices() for endpoint in device["endpoints"]
             if endpoint["protocol"] == "mdns" and endpoint["key"].lower() == f"{name}.local"]
    return found[0] if found else None


def services(daemon, name):
    """{(type, name): service} of the host of this name; empty where it is not listed."""
    endpoint = mdns_endpoint(daemon, name)
    return {(s["type"], s.get("name")): s for s in endpoint["services"]} if endpoint else {}


def addresses(endpoint):
    return {place["address"] for place in endpoint["addresses"]} if endpoint else set()


def test_instances_of_a_host_are_listed_on_one_row(here):
    daemon = here.host("a").discoverd()
    avahi = Avahi(here.host("b"))
    laser = avahi.publish("Laser", "_ipp._tcp", 631, "ty=Laser 9000", "usb_MFG=Acme", "usb_MDL=L9000")
    avahi.publish("Web", "_http._tcp", 80, "path=/")

    def whole():
        listed = services(daemon, "b")
        return {("_ipp._tcp", "Laser"), ("_http._tcp", "Web")} <= listed.keys() and all(s["txt"] for s in listed.values())
    lab.wait(whole, lambda: f"both services: {services(daemon, 'b')}")
    listed = services(daemon, "b")
    assert listed["_ipp._tcp", "Laser"]["port"] == 631 and listed["_ipp._tcp", "Laser"]["txt"]["usb_MDL"] == "L9000"
    assert listed["_http._tcp", "Web"]["port"] == 80 and listed["_http._tcp", "Web"]["txt"] == {"path": "/"}
    device = daemon.device(name="Laser 9000")
    assert device["manufacturer"] == "Acme" and device["model"] == "L9000" and device["host_names"] == ["b.local"]
    lab.wait(lambda: len(addresses(mdns_endpoint(daemon, "b"))) == 2,
             lambda: f"the host was heard by IPv4 and IPv6: {daemon.devices()}")
    assert len([d for d in daemon.devices() if "mdns" in d["protocols"]]) == 1, "one row"

    laser.stop()
    lab.wait(lambda: services(daemon, "b").keys() == {("_http._tcp", "Web")}, "a goodbye removes that service alone")
    avahi.process.signal(15)
    lab.wait(lambda: mdns_endpoint(daemon, "b") is None, "the goodbye of the host removes it")


SEND = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('10.99.0.2'))
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
for to in ['10.99.0.1'] * 64 + ['224.0.0.251']:
    s.sendto(b'??', (to, 5353))
"""


def malformed(daemon):
    return daemon.status()["counters"]["mdns"].get("malformed", 0)


def test_unicast_is_left_to_a_responder_on_the_same_host(here):
    a, b = here.host("a"), here.host("b")
    Avahi(a)
    daemon = a.discoverd()
    lab.wait(lambda: daemon.status()["counters"]["mdns"]["received"] > 0, "its own questions came back: the group is joined")
    b.run("python3", "-c", SEND)
    lab.wait(lambda: malformed(daemon) >= 1, "the multicast arrived")
    assert malformed(daemon) == 1, "no unicast was taken"
    assert mdns_endpoint(daemon, "a") is None, "this host is not listed"


def test_a_search_for_a_type_prints_the_hosts_that_have_it(here):
    daemon = here.host("a").discoverd()
    avahi = Avahi(here.host("b"))
    avahi.publish("Laser", "_ipp._tcp", 631)
    lab.wait(lambda: services(daemon, "b").keys() == {("_ipp._tcp", "Laser")}, "the service is listed")
    found = daemon.ctl("search", "_ipp._tcp", "-t", "5", "-o", "json")
    assert "b.local" in found, found
    assert "b.local" not in daemon.ctl("search", "_ssh._tcp", "-t", "2", "-o", "json")


def test_a_search_for_everything_prints_what_is_known(here):
    """avahi repeats the questions in an answer of 512 bytes: there are few in each packet."""
    daemon = here.host("a").discoverd()
    avahi = Avahi(here.host("b"))
    avahi.publish("Laser", "_ipp._tcp", 631)
    lab.wait(lambda: services(daemon, "b").keys() == {("_ipp._tcp", "Laser")}, "the service is listed")
    for target in ([], ["_ipp._tcp"], ["ipp"]):
        found = daemon.ctl("search", *target, "-t", "3", "-o", "json")
        assert "b.local" in found, (target, found)
    for wrong in ("_ipp", "_ipp._sctp", "_"):
        refused = daemon.ctl("search", wrong, check=False)
        assert refused.returncode == 2 and f'"{wrong}" is no type of mDNS' in refused.stderr, refused
