# SPDX-License-Identifier: ISC
"""Programs of other projects that speak mDNS, and what discoverd sees of them."""

import avahi
import lab
import peers

WEB = "_http._tcp"


def service(daemon, name, kind=WEB):
    """What discoverd lists of a service, with its host and the addresses of that, or None."""
    for device in daemon.devices():
        for endpoint in lab.endpoints(device, protocol="mdns"):
            for found in endpoint["services"]:
                if found["name"] == name and found["type"] == kind:
                    return found | {"host": endpoint["key"], "addresses": [a["address"] for a in endpoint["addresses"]]}
    return None


def is_listed(daemon, name, port, path, address):
    """Waits until all of it is known."""
    def complete():
        found = service(daemon, name)
        return found and found["port"] == port and found["txt"].get("path") == path and address in found["addresses"]
    lab.wait(complete, lambda: f"{name} in {daemon.devices()}")


def comes_and_goes(here, start, name, port, path):
    """A service of a program on another host is listed, also by a daemon that starts later, and goes when it says goodbye."""
    a, b, c = (here.host(host) for host in "abc")
    daemon = a.discoverd()
    process = start(b)
    is_listed(daemon, name, port, path, b.addresses[0])
    late = c.discoverd()
    is_listed(late, name, port, path, b.addresses[0])
    process.stop(20)
    for each in (daemon, late):
        lab.wait(lambda: not service(each, name), lambda: f"{name} goes: {each.devices()}")


def test_avahi_on_another_host_publishes(here):
    def start(host):
        return avahi.Avahi(host).publish("Laser Printer", WEB, 631, "path=/a")
    comes_and_goes(here, start, "Laser Printer", 631, "/a")


def test_zeroconf_for_python_publishes(here):
    comes_and_goes(here, lambda host: peers.zeroconf(host, "publish", "Zero One", WEB, 8001, "path=/z"), "Zero One", 8001, "/z")


def test_bonjour_service_publishes(here):
    def start(host):
        return peers.npm(host, "bonjour-service", "bonjour_peer.js", "publish", "Bon Jour", "http", 8002, "bonjour-peer.local", "path", "/b")
    comes_and_goes(here, start, "Bon Jour", 8002, "/b")


def test_ciao_publishes(here):
    def start(host):
        return peers.npm(host, "@homebridge/ciao", "ciao_peer.js", "eth0", "Ciao One", "http", 8003, "path", "/c")
    comes_and_goes(here, start, "Ciao One", 8003, "/c")


def test_mdnsd_publishes(here):
    """It says no goodbye; what it announced ends with its lifetime."""
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    peers.mdnsd(b, "name Small Web\ntype _http._tcp\nport 8004\ntxt path=/m\n")
    is_listed(daemon, "Small Web", 8004, "/m", b.addresses[0])
