# SPDX-License-Identifier: ISC
"""Our descriptions and what they refer to, as clients ask for them."""

import json
import sys

import lab
import peers
import wire
from test_programs import IPV4, LAMP, SWITCH, Client
from test_services import DIMMER, FILE, put

SEND = """
import socket, sys
s = socket.create_connection((sys.argv[1], 5006), 10, (sys.argv[3], 0) if sys.argv[3] else None)
s.sendall(sys.argv[2].encode().decode("unicode_escape").encode())
try:
    print(s.recv(100).decode().partition("\\r\\n")[0])
except ConnectionResetError:
    print()
"""


def status_line(host, request, source="", address="10.99.0.1"):
    """What comes back for these bytes: the first line, or nothing."""
    return host.run("python3", "-c", SEND, address, request, source).stdout.strip()


def location_of(daemon, capture, udn):
    found, _ = lab.wait(lambda: [p for p in capture.ssdp("ssdp:alive") if p.headers["USN"].startswith(udn)], f"{udn} is announced")
    return found[-1].headers["LOCATION"]


def test_all_urls_of_all_services_are_served(here):
    a, b = here.host("a"), here.host("b")
    capture = wire.port_of(a)
    daemon = a.discoverd(IPV4, name="d", ready=False)
    put(daemon, "lamp.conf", FILE)
    daemon.ready()
    client = Client(daemon)
    program = client.announce(device={"type": LAMP, "name": "P", "services": [{"type": SWITCH}, {"type": SWITCH}]},
                              embedded=[{"name": "Bulb", "services": [{"type": SWITCH}]}])
    lab.wait(lambda: any(DIMMER in p.headers["USN"] for p in capture.ssdp("ssdp:alive")), "the drop-in is announced")
    seen = {}
    for udn, types in ((daemon.status()["uuid"], [SWITCH, SWITCH, DIMMER]), (program, [SWITCH] * 3)):
        location = location_of(daemon, capture, udn)
        services = json.loads(b.run(sys.executable, str(lab.HERE / "service_page_reader.py"), location).stdout)
        assert [s["type"] for s in services] == types, services
        for service in services:
            assert service["call"] == [500, "401"] and service["subscribe"] == 501 and service["unsubscribe"] == 412, service
            seen.update(dict.fromkeys(service["urls"]))
    assert len(seen) == 6 * 3, seen
    page = next(url for url in seen if program[5:] in url)
    client.call("Withdraw", id=program)
    path = page.partition(":5006")[2]
    assert " 404 " in status_line(b, f"GET {path} HTTP/1.0\\r\\n\\r\\n")


def slow_clients(here, kind):
    """Of four addresses of IPv4, and then of as many of IPv6."""
    a, b, c = (here.host(name) for name in "abc")
    daemon = a.discoverd("[Device]\nname = a\n")
    for number in range(3):
        c.run("ip", "addr", "add", f"10.99.0.{100 + number}/24", "dev", "eth0")
        c.run("ip", "addr", "add", f"fe80::c:{number}/64", "dev", "eth0", "nodad")
    for target, addresses in (("10.99.0.1", [c.addresses[0], *(f"10.99.0.{100 + n}" for n in range(3))]),
                              (a.link_local(), [c.link_local(), *(f"fe80::c:{n}" for n in range(3))])):
        slow = c.python("slow_clients.py", target, "5006", kind, *addresses)
        lab.wait(lambda: "holds" in slow.text(), "all connections are held")
        answers = [status_line(b, "GET /description.xml HTTP/1.0\\r\\n\\r\\n") for _ in range(15)]
        assert all(" 200 " in line for line in answers), answers
        assert slow.running(), slow.text()
        slow.stop()
    assert daemon.status()["counters"]["http"]["displaced"] > 0


def test_slow_clients_with_many_addresses_keep_no_other_out(here):
    slow_clients(here, "half")


def test_clients_that_do_not_read_keep_no_other_out(here):
    slow_clients(here, "unread")


def test_clients_that_read_slowly_keep_no_other_out(here):
    slow_clients(here, "reader")


def test_gupnp_reads_what_each_service_does(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd(IPV4, ready=False)
    put(daemon, "lamp.conf", FILE)
    daemon.ready()
    point = peers.gupnp(b)
    lab.wait(lambda: "\nscpd " in point.text(), "gupnp has read one", 20)
    assert f"\nscpd {SWITCH} NotDescribed\n" in point.text(), point.text()


def test_requests_as_clients_write_them(here):
    a, b = here.host("a"), here.host("b")
    a.discoverd(IPV4)
    get = "GET /description.xml HTTP/1.1\\r\\n"
    for rest, wanted in (("Host: 10.99.0.1:5006", 200), ("Host: 10.99.0.1", 200), ("HOST:10.99.0.1", 200),
                         ("Content-Length: 0\\r\\nConnection: close\\r\\nHOST: 10.99.0.1", 200), ("Host: 10.99.0.1:80", 421),
                         ("Host: 10.99.0.2:5006", 421), ("Host: a.example", 421), ("User-Agent: x", 400)):
        line = status_line(b, f"{get}{rest}\\r\\n\\r\\n")
        assert f" {wanted} " in line, (rest, line)
    for target, wanted in (("http://10.99.0.1:5006/description.xml", 200), ("http://10.99.0.2/description.xml", 421),
                           ("http://a.example/description.xml", 421)):
        line = status_line(b, f"GET {target} HTTP/1.0\\r\\n\\r\\n")
        assert f" {wanted} " in line, (target, line)


def test_a_client_that_is_on_no_link_gets_nothing(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd(IPV4)
    b.run("ip", "addr", "add", "10.98.0.5/32", "dev", "eth0")
    a.run("ip", "route", "add", "10.98.0.5/32", "dev", "eth0")
    request = "GET /description.xml HTTP/1.0\\r\\n\\r\\n"
    assert " 200 " in status_line(b, request, "10.99.0.2")
    assert status_line(b, request, "10.98.0.5") == ""
    assert daemon.status()["counters"]["http"]["off-link"] == 1, daemon.status()["counters"]["http"]
    # this host itself is served by each of its addresses
    assert " 200 " in status_line(a, request) and " 200 " in status_line(a, request, address="127.0.0.1")
