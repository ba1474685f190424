# SPDX-License-Identifier: ISC
"""Interfaces and addresses that come, go and change while the daemon runs."""

import json

import lab
import wire


def addresses(daemon, name):
    """Its IPv4 addresses; every host has a link-local IPv6 address besides."""
    device = daemon.device(name=name)
    return sorted(a["address"] for a in device["addresses"] if ":" not in a["address"]) if device else []


def test_an_interface_that_comes_late_is_used_without_a_restart(here):
    a, b = here.bare_host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    assert not other.devices()
    a.plug("br0", "10.99.0.7/24")
    _, seconds = lab.wait(lambda: addresses(other, "a") == ["10.99.0.7"], "b sees a by its new interface")
    print(f"seen {seconds:.3f} s after it was plugged in")
    lab.wait(lambda: addresses(daemon, "b") == ["10.99.0.2"], "a sees b")


def test_an_address_that_changes_is_followed(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: addresses(other, "a") == ["10.99.0.1"], "b sees a")
    a.run("ip", "addr", "add", "10.99.0.77/24", "brd", "+", "dev", "eth0")
    a.run("ip", "addr", "del", "10.99.0.1/24", "dev", "eth0")
    # deleting a first address takes the later ones of its network along: the kernel's way
    a.run("ip", "addr", "replace", "10.99.0.77/24", "brd", "+", "dev", "eth0")
    lab.wait(lambda: "10.99.0.77" in addresses(other, "a"), "b sees the new address")
    lab.wait(lambda: addresses(daemon, "b") == ["10.99.0.2"], "a goes on seeing b")
    search = b.python("plain_searcher.py", "upnp:rootdevice", "2")
    search.wait()
    assert "http://10.99.0.77:5006/description.xml" in search.text() and "10.99.0.1:" not in search.text(), search.text()


def test_a_host_that_is_renumbered_is_listed_under_its_new_address_only(here):
    a, b = here.host("a"), here.host("b")
    a.discoverd()
    other = b.discoverd()
    lab.wait(lambda: (d := other.device(name="a")) and sorted(d["protocols"]) == ["broadcast", "ssdp"], "b sees a by both")
    a.run("ip", "addr", "flush", "dev", "eth0", "scope", "global")
    a.run("ip", "addr", "add", "10.99.0.77/24", "brd", "+", "dev", "eth0")
    _, seconds = lab.wait(lambda: addresses(other, "a") == ["10.99.0.77"], "the old address is forgotten")
    print("seconds", seconds)
    device = other.device(name="a")
    assert device["location"] == "http://10.99.0.77:5006/description.xml", device
    counters = other.status()["counters"]["table"]
    assert counters["removed"] == 0 and counters["doubts"] > 0, counters


def test_devices_of_an_interface_that_is_gone_are_dropped(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    b.discoverd()
    lab.wait(lambda: daemon.device(name="b"), "a sees b")
    a.run("ip", "link", "del", "eth0")
    _, seconds = lab.wait(lambda: not daemon.devices(), "b is dropped")
    print(f"dropped after {seconds:.3f} s")
    a.plug("br0", "10.99.0.1/24")
    lab.wait(lambda: daemon.device(name="b"), "a sees b again")


def test_an_address_that_is_lost_on_one_interface_disturbs_nobody_on_the_other(here):
    """UDA 2.0, 1.2.4: updates there, and nothing disappears, not for a moment."""
    a, b = here.host("a"), here.host("b")
    here.bridge("br1")
    a.plug("br1", "10.99.1.1/24", "eth1", route=False)
    other = b.discoverd()
    capture = wire.port_of(a)
    daemon = a.discoverd()
    lab.wait(lambda: len((other.device(name="a", reachable=True) or {"protocols": []})["protocols"]) == 2, "b sees a by both")
    lab.wait(lambda: other.device(name="a")["boot_id"] == daemon_boot_id(capture), "and its BOOTID")
    watch = b.start(str(lab.BUILD / "discoverctl"), "-s", str(other.socket), "-j", "watch")
    lab.wait(lambda: len(capture.ssdp("ssdp:alive", source="10.99.0.1")) >= 9, "the start is over")
    capture.clear()
    for command in (("addr", "del", "10.99.1.1/24"), ("addr", "add", "10.99.1.7/24")):
        before = other.device(name="a")["boot_id"]
        a.run("ip", *command, "dev", "eth1")
        updates, _ = lab.wait(lambda: len(p := capture.ssdp("ssdp:update", source="10.99.0.1")) >= 6 and p, "updates on eth0")
        number = int(updates[-1].headers["NEXTBOOTID.UPNP.ORG"])
        alive, _ = lab.wait(lambda: [p for p in capture.ssdp("ssdp:alive", source="10.99.0.1")
                                     if int(p.headers["BOOTID.UPNP.ORG"]) == number], "alive with the new number")
        assert all(p.when <= alive[0].when for p in updates) and number > before, (updates, alive)
        assert {int(p.headers["BOOTID.UPNP.ORG"]) for p in updates} == {before}, updates
        lab.wait(lambda: other.device(name="a")["boot_id"] == number, "b follows")
        lab.wait(lambda: len(capture.ssdp("ssdp:alive", source="10.99.0.1")) >= 9, "all of it is said")
        assert not capture.ssdp("ssdp:byebye"), capture.ssdp("ssdp:byebye")
        capture.clear()
    events = [json.loads(line) for line in watch.text().splitlines()]
    assert events and all(e["event"] == "updated" and e["device"]["name"] == "a" for e in events if e["event"]), events
    counters = other.status()["counters"]["table"]
    assert counters["reboots"] == 0 and counters["removed"] == 0, counters
    assert daemon.running()


def daemon_boot_id(capture):
    said = capture.ssdp("ssdp:alive")
    return int(said[-1].headers["BOOTID.UPNP.ORG"]) if said else None


def test_twenty_flaps_leave_everything_as_it_was(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: daemon.device(name="b"), "a sees b")
    for _ in range(20):
        a.run("ip", "link", "set", "eth0", "down")
        a.run("ip", "link", "set", "eth0", "up")
    lab.wait(lambda: addresses(daemon, "b") and addresses(other, "a"), "both see each other")
    assert daemon.running() and len(daemon.devices()) == 1 and len(other.devices()) == 1


def test_deny_wins_over_allow_and_globs_work(here):
    a, b = here.host("a"), here.host("b")
    here.bridge("br1")
    for number, host in enumerate((a, b), 1):
        host.plug("br1", f"10.99.1.{number}/24", "lan0", route=False)
    daemon = a.discoverd("[Device]\nname = a\n[Network]\ninterfaces = eth*, lan*\ndeny-interfaces = lan?\n")
    other = b.discoverd()
    lab.wait(lambda: addresses(other, "a") == ["10.99.0.1"], "b sees a on the allowed interface")
    lab.wait(lambda: addresses(daemon, "b") == ["10.99.0.2"], "a sees b there")
    lab.never(lambda: "10.99.1.1" in addresses(other, "a") or "10.99.1.2" in addresses(daemon, "b"),
              "something on the denied interface", 2)


def test_an_interface_that_a_reload_denies_hears_a_goodbye_and_one_that_it_allows_a_start(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: sorted((other.device(name="a") or {"protocols": []})["protocols"]) == ["broadcast", "ssdp"], "b sees a")
    daemon.config.write_text("[Device]\nname = a\n[Network]\ndeny-interfaces = eth*\n")
    daemon.ctl("reload")
    lab.wait(lambda: not other.devices(), "b has heard the goodbye")
    lab.wait(lambda: not daemon.devices(), "a has forgotten b")
    daemon.config.write_text("[Device]\nname = a\n")
    daemon.ctl("reload")
    lab.wait(lambda: other.device(name="a") and daemon.device(name="b"), "both are back")


def test_two_interfaces_in_one_network_do_not_find_themselves(here):
    a, b = here.host("a"), here.host("b")
    a.plug("br0", "10.99.0.11/24", "eth1", route=False)
    b.plug("br0", "10.99.0.12/24", "eth1", route=False)
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: daemon.device(name="b") and other.device(name="a"), "both see each other")
    lab.never(lambda: daemon.device(name="a") or other.device(name="b") or len(daemon.devices()) > 1 or len(other.devices()) > 1,
              "a host lists itself", 3)


def test_a_bridge_that_reflects_makes_nobody_list_himself(here):
    a, b = here.host("a"), here.host("b")
    for port in ("a.eth0", "b.eth0"):
        lab.subprocess.run(["bridge", "link", "set", "dev", port, "hairpin", "on"], check=True)
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: daemon.device(name="b") and other.device(name="a"), "both see each other")
    lab.wait(lambda: daemon.status()["counters"]["ssdp"]["own"] > 0, "own messages come back")
    lab.never(lambda: daemon.device(name="a") or other.device(name="b"), "a host lists itself", 2)


def test_interfaces_are_told_as_the_kernel_has_them(here):
    a = here.host("a")
    a.run("ip", "addr", "add", "192.0.2.5/31", "dev", "eth0")
    daemon = a.discoverd()
    kernel = {link["ifname"]: link for link in json.loads(a.run("ip", "-j", "addr").stdout)}
    ours = {link["name"]: link for link in json.loads(daemon.ctl("-j", "interfaces"))}
    assert set(ours) == set(kernel)
    for name, link in ours.items():
        assert link["index"] == kernel[name]["ifindex"]
        assert {(x["address"], x["prefix"]) for x in link["addresses"]} == \
            {(x["local"], x["prefixlen"]) for x in kernel[name]["addr_info"]}, name
    eth0 = {x["address"]: x for x in ours["eth0"]["addresses"]}
    assert eth0["10.99.0.1"]["network"] == "10.99.0.0" and eth0["10.99.0.1"]["broadcast"] == "10.99.0.255"
    assert (eth0["10.99.0.1"]["first_host"], eth0["10.99.0.1"]["last_host"]) == ("10.99.0.1", "10.99.0.254")
    assert eth0["10.99.0.1"]["hosts"] == 254 and eth0["192.0.2.5"]["hosts"] == 2
    assert eth0["192.0.2.5"]["broadcast"] is None
