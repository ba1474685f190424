# SPDX-License-Identifier: ISC
"""What discoverd announces by mDNS, as other programs on other hosts see it."""

import json
import re
import signal

import avahi
import lab
import peers

HTTP = "_http._tcp"


def events(peer):
    """What it has printed so far, whole lines only."""
    return [json.loads(line) for line in peer.text().splitlines(keepends=True) if line.startswith("{") and line.endswith("\n")]


def listed(peer):
    """The services that python-zeroconf lists now, by the name of the instance."""
    names = {}
    for event in events(peer):
        name = event["name"].split("._")[0]
        if event["event"] == "added":
            names[name] = event
        elif event["event"] == "removed":
            names.pop(name, None)
    return names


def browsed(peer, kind, name):
    """The rows of avahi-browse of this name, as found on IPv4."""
    return [row for row in peer.browse(kind) if row["name"] == name and row["family"] == "IPv4"]


def greenhouse(host, daemon, *args):
    """discoverctl that announces a web server until it ends."""
    program = host.start(str(lab.BUILD / "discoverctl"), "-s", str(daemon.socket), "announce", HTTP, "--name", "Greenhouse",
                         "--port", "8080", "--txt", "path=/", *args)
    lab.wait(lambda: "uuid:" in program.text(), "it is announced")
    return program


def instances(daemon):
    return {i["name"]: i for a in daemon.status()["announcements"] for i in a["instances"]}


def claimed(daemon, name):
    lab.wait(lambda: instances(daemon).get(name, {}).get("claimed"), f"{name} is claimed")


def test_avahi_resolves_what_a_program_announces_until_it_is_killed(here):
    a, b = here.host("a"), here.host("b")
    peer = avahi.Avahi(b)
    daemon = a.discoverd()
    program = greenhouse(a, daemon)
    row, _ = lab.wait(lambda: browsed(peer, HTTP, "Greenhouse"), "avahi finds it")
    udn = daemon.status()["uuid"].replace("-", "")
    assert row[0]["port"] == 8080 and row[0]["txt"] == '"path=/"' and row[0]["address"] == "10.99.0.1", row
    assert row[0]["host"] == f"discoverd-{udn[-12:]}.local", row
    lab.wait(lambda: browsed(peer, "_discoverd._tcp", "a"), "avahi finds the daemon")
    program.signal(signal.SIGKILL)
    lab.wait(lambda: not browsed(peer, HTTP, "Greenhouse"), "it goes with its program")
    assert browsed(peer, "_discoverd._tcp", "a")


def test_zeroconf_lists_what_is_announced_until_the_daemon_stops(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    peer, own = peers.zeroconf(b, "browse", HTTP), peers.zeroconf(b, "browse", "_discoverd._tcp")
    program = greenhouse(a, daemon)
    lab.wait(lambda: "Greenhouse" in listed(peer), "zeroconf finds it")
    found = listed(peer)["Greenhouse"]
    assert found["port"] == 8080 and found["txt"] == {"path": "/"} and "10.99.0.1" in found["addresses"], found
    lab.wait(lambda: "a" in listed(own), "zeroconf finds the daemon")
    txt = listed(own)["a"]["txt"]
    assert txt["txtvers"] == "1" and txt["path"] == "/description.xml" and f"uuid:{txt['id']}" == daemon.status()["uuid"], txt
    program.signal(signal.SIGTERM)
    lab.wait(lambda: "Greenhouse" not in listed(peer), "it goes when its program ends")
    assert "a" in listed(own)
    daemon.stop()
    lab.wait(lambda: "a" not in listed(own), "the daemon's own service goes with it")


def test_a_name_that_avahi_publishes_is_left_to_it(here):
    a, b = here.host("a"), here.host("b")
    peer = avahi.Avahi(b)
    peer.publish("Greenhouse", HTTP, 80)
    daemon = a.discoverd()
    greenhouse(a, daemon)
    claimed(daemon, "Greenhouse (2)")
    lab.wait(lambda: browsed(peer, HTTP, "Greenhouse (2)"), "avahi finds the other name")
    assert [row["port"] for row in browsed(peer, HTTP, "Greenhouse")] == [80]
    text = daemon.ctl("status")
    assert re.search(r"Greenhouse \(2\)\._http\._tcp, port 8080, by mdns$", text, re.M), text


def test_two_daemons_share_a_name(here):
    a, b = here.host("a"), here.host("b")
    first, second = a.discoverd(), b.discoverd()
    greenhouse(a, first)
    claimed(first, "Greenhouse")
    greenhouse(b, second)
    claimed(second, "Greenhouse (2)")
    assert "Greenhouse" in instances(first)


def test_avahi_beside_us_keeps_its_names_and_finds_ours(here):
    a, b = here.host("a"), here.host("b")
    beside, peer = avahi.Avahi(a, "kitchen"), avahi.Avahi(b)
    beside.publish("Greenhouse", HTTP, 80)
    daemon = a.discoverd()
    greenhouse(a, daemon)
    claimed(daemon, "Greenhouse (2)")
    lab.wait(lambda: browsed(beside, HTTP, "Greenhouse (2)"), "avahi beside us finds it")
    lab.wait(lambda: browsed(peer, HTTP, "Greenhouse (2)"), "avahi elsewhere finds it")
    row = browsed(peer, HTTP, "Greenhouse")[0]
    assert row["host"] == "kitchen.local" and row["address"] == "10.99.0.1", row
    assert "Host name conflict" not in beside.process.text(), beside.process.text()
    assert all(d["name"] != "a" for d in daemon.devices()), daemon.devices()


def test_a_file_in_services_d_is_announced_by_its_type(here):
    a, b = here.host("a"), here.host("b")
    peer = avahi.Avahi(b)
    daemon = a.discoverd()
    folder = daemon.config.parent / "services.d"
    folder.mkdir(exist_ok=True)
    file = folder / "printer.conf"
    file.write_text("[Service]\nname = Laser\nmdns-type = _ipp._tcp,_universal\nport = 631\ntxt = rp=ipp/print\n")
    daemon.ctl("reload")
    row, _ = lab.wait(lambda: browsed(peer, "_ipp._tcp", "Laser"), "avahi finds it")
    assert row[0]["port"] == 631 and row[0]["txt"] == '"rp=ipp/print"', row
    lab.wait(lambda: browsed(peer, "_universal._sub._ipp._tcp", "Laser"), "avahi finds its subtype")
    file.write_text("[Service]\nname = Laser\nmdns-type = _ipp._tcp,_universal\nport = 632\ntxt = rp=ipp/print\n")
    daemon.ctl("reload")
    lab.wait(lambda: [row["port"] for row in browsed(peer, "_ipp._tcp", "Laser")] == [632], "avahi sees the other port")
    file.unlink()
    daemon.ctl("reload")
    lab.wait(lambda: not browsed(peer, "_ipp._tcp", "Laser"), "it goes with its file")


def test_without_announce_nothing_is_announced(here):
    a, b = here.host("a"), here.host("b")
    peer = avahi.Avahi(b)
    daemon = a.discoverd("[Device]\nname = a\n[mDNS]\nannounce = no\n")
    greenhouse(a, daemon)
    assert instances(daemon) == {}
    daemon.config.write_text("[Device]\nname = a\n")
    daemon.ctl("reload")
    lab.wait(lambda: browsed(peer, HTTP, "Greenhouse"), "it is announced after a reload")
    daemon.config.write_text("[Device]\nname = a\n[mDNS]\nannounce = no\n")
    daemon.ctl("reload")
    lab.wait(lambda: not browsed(peer, HTTP, "Greenhouse"), "it is withdrawn after a reload")
    assert instances(daemon) == {}


def test_an_address_that_comes_replaces_the_former_one(here):
    a, b = here.host("a"), here.host("b")
    peer = avahi.Avahi(b)
    daemon = a.discoverd()
    greenhouse(a, daemon)
    lab.wait(lambda: browsed(peer, HTTP, "Greenhouse"), "avahi finds it")
    a.run("ip", "addr", "del", "10.99.0.1/24", "dev", "eth0")
    a.run("ip", "addr", "add", "10.99.0.77/24", "brd", "+", "dev", "eth0")
    lab.wait(lambda: [row["address"] for row in browsed(peer, HTTP, "Greenhouse")] == ["10.99.0.77"], "avahi knows the other address")
