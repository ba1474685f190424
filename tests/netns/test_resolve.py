# SPDX-License-Identifier: ISC
"""discoverctl resolve: addresses of host names, from the table and from avahi in other hosts of the lab."""

import csv
import json
import time

import lab
from avahi import Avahi


def resolve(daemon, *args):
    """The addresses by name, as JSON prints them: {(name, address, interface)}."""
    return {(row["name"], row["address"], row["interface"]) for row in json.loads(daemon.ctl("-j", "resolve", *args))}


def link_local(host):
    """Its IPv6 address on eth0."""
    found = json.loads(host.run("ip", "-j", "-6", "addr", "show", "dev", "eth0", "scope", "link").stdout)
    return found[0]["addr_info"][0]["local"]


def expected(host):
    """What a host at both addresses gives, seen from another host's eth0."""
    name = f"{host.name}.local"
    return {(name, host.addresses[0], "eth0"), (name, f"{link_local(host)}%eth0", "eth0")}


def calling(daemon, *args):
    """A discoverctl resolve that goes on."""
    return daemon.host.start(str(lab.BUILD / "discoverctl"), "-s", str(daemon.socket), "-j", "resolve", *args)


def queries(daemon):
    return daemon.status()["counters"]["mdns"]["queries-for-unicast"]


def test_the_name_of_a_device_needs_no_question(here):
    daemon, b = here.host("a").discoverd(), here.host("b")
    Avahi(b).publish("Laser", "_ipp._tcp", 631)

    def heard_at():
        return {a["address"] for a in (daemon.device(host_names=["b.local"]) or {"addresses": []})["addresses"]}
    lab.wait(lambda: heard_at() == {b.addresses[0], link_local(b)}, lambda: f"both addresses: {daemon.devices()}")
    before = queries(daemon)
    for name in ("b.local", "B.Local", "b.local.", "b", "B."):
        assert resolve(daemon, name) == expected(b), name
    assert queries(daemon) == before
    assert "b.local" in daemon.ctl("show", "b.local"), "it is a device"


def test_a_host_without_services_is_asked_and_not_listed(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    Avahi(b)
    for name in ("b.local", "B.LOCAL", "b"):
        assert resolve(daemon, name) == expected(b), name
    assert not [d for d in daemon.devices("--all") if "mdns" in d["protocols"] or d["host_names"]], daemon.devices("--all")
    address = next(address for _, address, _ in resolve(daemon, "b") if "%" in address)
    a.run("python3", "-c", "import socket; s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); "
          f"s.connect(socket.getaddrinfo('{address}', 9)[0][4]); assert s.getpeername()[3]")

    rows = list(csv.DictReader(daemon.ctl("resolve", "b", "-o", "csv").splitlines()))
    assert {(row["name"], row["address"], row["interface"]) for row in rows} == expected(b)
    assert list(rows[0]) == ["name", "address", "interface", "mac", "vendor", "random_mac"]
    assert f"address={b.addresses[0]}\n" in daemon.ctl("resolve", "b", "-o", "kv")
    assert len(daemon.ctl("resolve", "b", "-o", "jsonl").splitlines()) == 2
    table = daemon.ctl("resolve", "b").splitlines()
    assert table[0].split()[:3] == ["NAME", "ADDRESS", "INTERFACE"] and table[-1] == "2 addresses", table


def test_a_host_with_ipv6_alone(here):
    daemon = here.host("a").discoverd()
    b = here.bare_host("b").plug("br0")
    Avahi(b)
    assert resolve(daemon, "b.local", "-t", "10") == {("b.local", f"{link_local(b)}%eth0", "eth0")}


def test_a_host_on_each_of_two_links(here):
    a, b, c = here.host("a"), here.host("b"), here.bare_host("c")
    here.bridge("br1")
    a.plug("br1", "10.98.0.1/24", interface="eth1")
    c.plug("br1", "10.98.0.2/24")
    daemon = a.discoverd()
    for host in (b, c):
        Avahi(host, name="same")
    assert {(address, interface) for _, address, interface in resolve(daemon, "same.local", "-t", "10")} == {
        (b.addresses[0], "eth0"), (f"{link_local(b)}%eth0", "eth0"), ("10.98.0.2", "eth1"), (f"{link_local(c)}%eth1", "eth1")}


def test_what_is_not_found_and_what_is_no_name(here):
    daemon = here.host("a").discoverd()
    began = time.monotonic()
    done = daemon.ctl("resolve", "missing.local", "-t", "1", check=False)
    assert done.returncode == 4 and 1 <= time.monotonic() - began < 10
    assert "missing.local" in done.stderr and "within 1 s" in done.stderr and not done.stdout
    done = daemon.ctl("resolve", "www.example.com", "-t", "20", check=False, limit=10)
    assert done.returncode == 4 and "DNS servers are not asked" in done.stderr
    for name in ("", ".", "a..b", "two words", "10.99.0.1", "fe80::1%eth0", "_http._tcp.local", "x" * 64):
        done = daemon.ctl("resolve", name, check=False)
        assert done.returncode == 2 and "is not a host name" in done.stderr, (name, done)
    assert daemon.ctl("resolve", check=False).returncode == 2
    assert daemon.ctl("resolve", "b", "-t", "31", check=False).returncode == 2
    daemon.stop()
    assert daemon.ctl("resolve", "b.local", check=False).returncode == 3


def test_a_daemon_without_mdns_asks_nothing(here):
    daemon, b = here.host("a").discoverd("[mDNS]\nenabled = no\n"), here.host("b")
    Avahi(b)
    done = daemon.ctl("resolve", "b.local", "-t", "20", check=False, limit=10)
    assert done.returncode == 4 and "while mDNS is enabled" in done.stderr, done


def test_two_calls_wait_for_a_host_that_comes_later(here):
    daemon, b = here.host("a").discoverd(), here.host("b")
    first = calling(daemon, "b.local", "-t", "30")
    lab.wait(lambda: queries(daemon) > 1, "the first call asks")
    second = calling(daemon, "B.local", "-t", "30")
    Avahi(b)
    for process in (first, second):
        assert process.wait() == 0, process.text()
        assert b.addresses[0] in process.text(), process.text()
