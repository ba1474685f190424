# SPDX-License-Identifier: ISC
"""SSDP over IPv6: the groups and addresses on the wire, networks without any IPv4, and hosts that have both."""

import json

import lab
import wire

GROUPS = {"239.255.255.250": "239.255.255.250:1900", "ff02::c": "[FF02::C]:1900", "ff05::c": "[FF05::C]:1900"}


def ipv6_host(here, name, *addresses):
    """A host without IPv4."""
    host = here.bare_host(name).plug()
    for address in addresses:
        host.run("ip", "addr", "add", address, "dev", "eth0", "nodad")
    return host


def test_each_address_speaks_in_its_group_and_names_itself(here):
    a = here.host("a")
    a.run("ip", "addr", "add", "fd00:99::1/64", "dev", "eth0", "nodad")
    local = a.link_local()
    capture = wire.port_of(a, ipv6=True)
    a.discoverd("[Device]\nname = a\n[SSDP]\nttl = 3\n")
    for source, group, shown in (("10.99.0.1", "239.255.255.250", "10.99.0.1"), (local, "ff02::c", f"[{local}]"),
                                 ("fd00:99::1", "ff05::c", "[fd00:99::1]")):
        said, _ = lab.wait(lambda: len(p := capture.ssdp("ssdp:alive", source=source)) >= 9 and p, f"alive from {source}")
        assert len({p.headers["NT"] for p in said}) == 3, said
        for packet in said + capture.ssdp("ssdp:byebye", source=source) + capture.ssdp("M-SEARCH", source=source):
            assert packet.target == group and packet.headers["HOST"] == GROUPS[group] and packet.ttl == 3, packet
            assert packet.dport == 1900, packet
        assert all(p.headers["LOCATION"] == f"http://{shown}:5006/description.xml" and p.sport == 1900 for p in said), said
        assert capture.ssdp("ssdp:byebye", source=source) and capture.ssdp("M-SEARCH", source=source)
    texts = [p.bytes for port in (1900, 5005) for p in capture.packets(protocol="udp", dport=port)]
    assert texts and not any(b"%" in text for text in texts), "a zone travels"


def test_hosts_without_ipv4_find_each_other_and_read_their_descriptions(here):
    a, b = ipv6_host(here, "a"), ipv6_host(here, "b")
    there = b.link_local()
    daemon, other = a.discoverd("[Device]\nname = a\n"), b.discoverd("[Device]\nname = b\n")
    device, _ = lab.wait(lambda: daemon.device(name="b", reachable=True), "a lists b by its description")
    assert lab.endpoint(device)["url"] == f"http://[{there}]:5006/description.xml", device
    assert device["addresses"] == [{"address": there, "interface": "eth0", "mac": device["addresses"][0]["mac"],
                                    "vendor": device["addresses"][0]["vendor"],
                                    "random_mac": device["addresses"][0]["random_mac"]}], device
    for what in (there, f"{there}%eth0"):
        assert daemon.ctl("show", what).startswith("b\n")
    lab.wait(lambda: other.device(name="a", reachable=True), "and b lists a")
    other.stop()
    lab.wait(lambda: not daemon.devices(), "the goodbye is believed")


def test_other_addresses_than_link_local_meet_in_the_wider_group(here):
    a, b = ipv6_host(here, "a", "fd00:99::1/64"), ipv6_host(here, "b", "fd00:99::2/64")
    daemon = a.discoverd()
    b.discoverd("[Device]\nname = b\n")
    lab.wait(lambda: {x["address"] for x in (daemon.device(name="b") or {"addresses": []})["addresses"]} ==
             {"fd00:99::2", b.link_local()}, "both addresses of b are known")
    assert len(daemon.devices()) == 1


def test_a_host_of_both_families_is_one_device_and_says_one_thing(here):
    a, b = here.host("a"), here.host("b")
    local = b.link_local()
    daemon = a.discoverd()
    b.discoverd()
    device, _ = lab.wait(lambda: (d := daemon.device(name="b", reachable=True)) and len(d["addresses"]) == 2 and d, "both are known")
    assert {x["address"] for x in device["addresses"]} == {"10.99.0.2", local}, device

    def urls():
        return [(e["protocol"], e["url"]) for e in daemon.device(name="b")["endpoints"] if e["protocol"] in ("ssdp", "broadcast")]
    lab.wait(lambda: ("ssdp", None) not in urls(), "each endpoint has its description")
    before = urls()
    # SSDP by the other family may still come; then there is one of broadcast and one of each family
    lab.never(lambda: len(daemon.devices()) != 1 or set(before) - set(urls()) or len(urls()) > 3, "its LOCATION flaps", 2)
    counters = daemon.status()["counters"]["table"]
    assert counters["duplicate-keys"] == 0 and counters["restarts"] == 0, counters


def test_a_search_over_ipv6_is_answered_with_an_address_that_reaches_the_asker(here):
    a, b = here.host("a"), here.host("b")
    a.run("ip", "addr", "add", "fd00:99::1/64", "dev", "eth0", "nodad")
    b.run("ip", "addr", "add", "fd00:99::2/64", "dev", "eth0", "nodad")
    local, asker = a.link_local(), b.link_local()
    a.discoverd()
    for source, group, location in ((asker, "ff02::c", f"http://[{local}]:5006/description.xml"),
                                    ("fd00:99::2", "ff05::c", "http://[fd00:99::1]:5006/description.xml"),
                                    ("fd00:99::2", "fd00:99::1", "http://[fd00:99::1]:5006/description.xml"),
                                    (asker, local, f"http://[{local}]:5006/description.xml")):
        searcher = b.python("ipv6_searcher.py", "eth0", source, group)
        searcher.wait()
        assert searcher.text().split() == [location], (source, group, searcher.text())


def test_ipv6_no_means_none_at_all(here):
    a, b = here.host("a"), here.host("b")
    local = a.link_local()
    capture = wire.port_of(a, ipv6=True)
    daemon = a.discoverd("[Device]\nname = a\n[Network]\nipv6 = no\n")
    b.discoverd()
    lab.wait(lambda: "ssdp" in (daemon.device(name="b") or {"protocols": []})["protocols"], "a sees b")
    lab.wait(lambda: capture.ssdp("NOTIFY", target="ff02::c"), "b speaks IPv6")
    assert [x["address"] for x in daemon.device(name="b")["addresses"]] == ["10.99.0.2"]
    assert not capture.packets(source=local, protocol="udp"), "a says something over IPv6"
    assert "ff02::c" not in str(json.loads(daemon.ctl("-j", "interfaces")))
    capture.clear()
    daemon.config.write_text("[Device]\nname = a\n")
    daemon.ctl("reload")
    lab.wait(lambda: capture.ssdp("ssdp:alive", source=local), "a reload brings it")
    groups = next(x for x in json.loads(daemon.ctl("-j", "interfaces")) if x["name"] == "eth0")["groups"]
    assert set(groups) >= {*GROUPS, "ff0e::c"}, groups


def test_a_link_local_address_that_comes_late_is_announced(here):
    a, b = here.host("a"), here.host("b")
    a.run("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1")
    capture = wire.port_of(a, ipv6=True)
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: "ssdp" in (other.device(name="a") or {"protocols": []})["protocols"], "b sees a")
    lab.wait(lambda: len(capture.ssdp("ssdp:alive", source="10.99.0.1")) >= 9, "the start is over")
    a.run("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=0")
    local = a.link_local()
    lab.wait(lambda: capture.ssdp("ssdp:alive", source=local), "alive over IPv6")
    lab.wait(lambda: capture.ssdp("ssdp:update", source="10.99.0.1"), "and an update over IPv4")
    lab.wait(lambda: local in str(other.device(name="a")["addresses"]), "b knows it")
    lab.wait(lambda: any(":" in x["address"] for x in (daemon.device(name="b") or {"addresses": []})["addresses"]), "a hears b there")
    assert "warning" not in daemon.text(), daemon.text()
