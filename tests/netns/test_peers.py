# SPDX-License-Identifier: ISC
"""Programs of other projects, in both directions: what they see of discoverd, and what discoverd sees of them."""

import lab
import peers

LIGHT = "urn:schemas-upnp-org:device:DimmableLight:1"
UDN = peers.UDN.format(1)


def test_gssdp_discover_finds_discoverd_and_sees_it_go(here):
    program = lab.need("gssdp-discover")
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    udn = daemon.status()["uuid"]
    finder = b.start("stdbuf", "-oL", program, "-i", "eth0", "-m", "all")
    lab.wait(lambda: "resource available" in finder.text() and f"{udn}::upnp:rootdevice" in finder.text(), "found")
    assert "http://10.99.0.1:5006/description.xml" in finder.text()
    lab.wait(lambda: daemon.device(kind="control-point", address="10.99.0.2"), "the searcher is a control point")
    daemon.stop()
    lab.wait(lambda: "resource unavailable" in finder.text(), "seen to go")
    assert finder.running()


def test_gupnp_reads_the_name_of_discoverd_and_sees_it_go(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd("[Device]\nname = Küche <1>\n")
    udn = daemon.status()["uuid"]
    point = peers.gupnp(b)
    found = f"{udn} http://10.99.0.1:5006/description.xml Küche <1>\n"
    lab.wait(lambda: f"available {found}" in point.text(), "found and its description read")
    assert "GUPnP/" in lab.wait(lambda: daemon.device(kind="control-point", address="10.99.0.2"), "its search is heard")[0]["endpoints"][0]["server"]
    daemon.stop()
    lab.wait(lambda: f"unavailable {found}" in point.text(), "seen to go")


def test_a_device_of_gupnp_comes_and_goes(here):
    coming = peers.Coming(here.host("a"), here.host("b"), lambda host: peers.gupnp(host, peers.description(host, "Lamp", UDN)), "Lamp")
    assert lab.endpoint(coming.device, key=UDN, type=LIGHT) and coming.device["type"] == LIGHT, coming.device
    # it announces the numbers -1 until it is given others
    assert coming.wire.ssdp("ssdp:alive", source="10.99.0.2")[0].headers["BOOTID.UPNP.ORG"] == "-1"
    assert lab.endpoint(coming.device)["epoch"] is None and lab.endpoint(coming.device)["revision"] is None, coming.device
    coming.answers(here.host("c"))
    coming.goes()


def test_minidlna_comes_and_goes(here):
    coming = peers.Coming(here.host("a"), here.host("b"), lambda host: peers.minidlna(host, "Films upstairs"), "Films upstairs")
    assert coming.device["type"].startswith("urn:schemas-upnp-org:device:MediaServer:"), coming.device
    coming.has_services("ConnectionManager", "ContentDirectory", "X_MS_MediaReceiverRegistrar")
    coming.answers(here.host("c"))
    coming.goes()


def test_minidlna_beside_us_shares_port_1900(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    server = peers.minidlna(a, "Neighbour")
    # of its multicasts this host hears nothing, it has them not looped back: the daemon beside it has to ask
    def found():
        daemon.ctl("search", "-t", "1")  # again and again, as it may not listen yet
        return daemon.device(name="Neighbour")
    lab.wait(found, "the daemon beside it lists it", 60)
    lab.wait(lambda: other.endpoint(name="Neighbour", url="http://10.99.0.1:8200/rootDesc.xml"), "another host lists it")
    # one machine: which of the two names it has depends on which of them was heard first
    lab.wait(lambda: other.endpoint(name="a") and other.endpoint(protocol="broadcast", name="a"), "and us")
    assert not daemon.endpoint(name="a")
    server.stop(20)
    lab.wait(lambda: not other.endpoint(name="Neighbour"), "it leaves")
    assert other.device(name="a", protocols=["broadcast", "ssdp"]), "its goodbye is not ours"


def test_gmediarender_comes_and_goes(here):
    coming = peers.Coming(here.host("a"), here.host("b"), lambda host: peers.gmediarender(host, "Loudspeaker", UDN), "Loudspeaker")
    assert coming.device["id"] == UDN, coming.device
    assert coming.device["type"].startswith("urn:schemas-upnp-org:device:MediaRenderer:"), coming.device
    coming.has_services("AVTransport", "ConnectionManager", "RenderingControl")
    coming.answers(here.host("c"))
    coming.goes()


def test_rygel_comes_and_goes(here):
    coming = peers.Coming(here.host("a"), here.host("b"), lambda host: peers.Rygel(host, "Films downstairs"), "Films downstairs")
    assert coming.device["type"].startswith("urn:schemas-upnp-org:device:MediaServer:"), coming.device
    coming.has_services("ConnectionManager", "ContentDirectory", "X_MS_MediaReceiverRegistrar")
    coming.answers(here.host("c"))
    coming.goes()


def test_node_ssdp_searches_and_finds_discoverd(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    udn = daemon.status()["uuid"]
    client = peers.node(b, "client", "ssdp:all")
    for target, usn in (("upnp:rootdevice", f"{udn}::upnp:rootdevice"), (udn, udn),
                        ("urn:schemas-upnp-org:device:Basic:1", f"{udn}::urn:schemas-upnp-org:device:Basic:1")):
        line = f"response 200 10.99.0.1 {target} {usn} http://10.99.0.1:5006/description.xml\n"
        lab.wait(lambda: line in client.text(), f"{target} is answered")
    assert daemon.device(kind="control-point", address="10.99.0.2")


def test_a_server_of_node_ssdp_hears_discoverd_come_and_go(here):
    a, b = here.host("a"), here.host("b")
    server = peers.node(b, "server", UDN, "http://10.99.0.2:8080/light.xml")
    lab.wait(lambda: "started" in server.text(), "the server listens")
    daemon = a.discoverd()
    usn = f"{daemon.status()['uuid']}::upnp:rootdevice"
    lab.wait(lambda: f"alive {usn} http://10.99.0.1:5006/description.xml\n" in server.text(), "heard to come")
    assert f"bye {usn}\n" in server.text()  # the one before the start
    heard = len(server.text())
    daemon.stop()
    lab.wait(lambda: f"bye {usn}\n" in server.text()[heard:], "heard to go")


def test_a_server_of_node_ssdp_comes_and_goes(here):
    def start(host):
        file = peers.description(host, "Lamp", UDN)
        peers.http_server(host, file.parent)
        return peers.node(host, "server", UDN, "http://10.99.0.2:8080/light.xml")
    coming = peers.Coming(here.host("a"), here.host("b"), start, "Lamp")
    assert lab.endpoint(coming.device, key=UDN, type=LIGHT) and coming.device["type"] == LIGHT, coming.device
    coming.answers(here.host("c"))
    coming.goes()


def test_nmap_reads_what_discoverd_is(here):
    program = lab.need("nmap")
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd("[Device]\nname = Workshop\nmanufacturer = Example\nmodel = Saw 2\n")
    told = b.run(program, "--script", "broadcast-upnp-info", "-e", "eth0", limit=60).stdout
    for line in ("Location: http://10.99.0.1:5006/description.xml", "Name: Workshop", "Manufacturer: Example", "Model Name: Saw 2"):
        assert line in told, told
    assert daemon.device(kind="control-point", address="10.99.0.2")


def outlives(here, start):
    """A forger's goodbyes and LOCATIONs change nothing about a device that is there."""
    a, b, c = (here.host(name) for name in "abc")
    daemon = a.discoverd()
    start(b)
    device, _ = lab.wait(lambda: daemon.device(reachable=True, address="10.99.0.2"), "it is listed", 30)
    before = daemon.status()["counters"]["table"]["questions-confirmed"]
    c.python("forger.py", device["id"], "10.99.0.3", "10.99.0.66", "1")
    lab.never(lambda: not (d := daemon.device(id=device["id"])) or d["name"] != device["name"]
              or not lab.endpoint(d, url=lab.endpoint(device)["url"]), "the forger is believed", 5)
    assert daemon.status()["counters"]["table"]["questions-confirmed"] > before


def test_minidlna_that_hears_no_unicast_search_outlives_a_forger(here):
    outlives(here, lambda host: peers.minidlna(host, "Films"))


def test_gmediarender_outlives_a_forger(here):
    outlives(here, lambda host: peers.gmediarender(host, "Loudspeaker", UDN))
