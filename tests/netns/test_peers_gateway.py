# SPDX-License-Identifier: ISC
"""The programs of MiniUPnP: a gateway, a program that looks for one, and a daemon that shares port 1900 with us."""

import socket

import lab
import peers

UDN = peers.UDN.format(1)
GATEWAY = "urn:schemas-upnp-org:device:InternetGatewayDevice:"
LIGHT = "urn:schemas-upnp-org:device:DimmableLight:1"


def test_upnpc_finds_no_gateway_and_does_not_choke(here):
    program = lab.need("upnpc")
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    done = b.run(program, "-l", check=False)
    # it sees our description, and that we are no gateway
    assert done.returncode == 1 and "http://10.99.0.1:5006/" in done.stdout, done
    assert "No valid UPNP Internet Gateway Device found" in done.stderr, done
    assert daemon.device(kind="control-point", address="10.99.0.2") and daemon.running()


def test_upnpc_finds_the_gateway_beside_discoverd(here):
    program = lab.need("upnpc")
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    daemon = a.discoverd()
    gateway = peers.miniupnpd(b, UDN)
    lab.wait(lambda: daemon.device(name="Gateway"), "the gateway is there")
    done = c.run(program, "-l", check=False)
    assert "desc: http://10.99.0.2:5555/rootDesc.xml" in done.stdout and "IGD : http://10.99.0.2:5555/" in done.stdout, done
    assert "10.99.0.1" not in done.stdout, done  # we do not answer a search for a gateway
    assert gateway.running()


def test_miniupnpd_comes_with_all_its_parts_and_goes(here):
    coming = peers.Coming(here.host("a"), here.host("b"), lambda host: peers.miniupnpd(host, UDN), "Gateway")
    assert coming.device["id"] == UDN and coming.device["type"].startswith(GATEWAY), coming.device

    def parts():
        device, = coming.daemon.devices("--kind", "device")
        rows = {e["type"].split(":")[3]: e for e in lab.endpoints(device, protocol="ssdp", kind="device") if e["type"]}
        return sum(len(e["services"]) for e in rows.values()) == 6 and rows
    rows, _ = lab.wait(parts, "all its services are listed")
    assert sorted(rows) == ["InternetGatewayDevice", "WANConnectionDevice", "WANDevice"], rows
    assert all(e["verified"] and e["url"] == "http://10.99.0.2:5555/rootDesc.xml" for e in rows.values()), rows
    # three for the root, two for each of two embedded devices, one for each of six services
    sent = {(p.headers["NT"], p.headers["USN"]) for p in coming.wire.ssdp("ssdp:alive", source="10.99.0.2")}
    assert len(sent) == 3 + 2 * 2 + 6, sent
    coming.answers(here.host("c"))
    coming.goes()


def request(path, kind, *strings):
    """One request of minissdpd's protocol: a type, and strings with their lengths before them."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(5)
        s.connect(str(path))
        s.sendall(bytes([kind]) + b"".join(bytes([len(t)]) + t.encode() for t in strings))
        return s.recv(4096) if kind < 4 else b""


def test_minissdpd_beside_us_hears_and_answers_what_is_its_own(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    beside, path = peers.minissdpd(a)
    lab.wait(path.exists, "its socket is there")
    daemon, other = a.discoverd(), b.discoverd()
    ours, others = (d.status()["uuid"] for d in (daemon, other))
    lab.wait(lambda: daemon.device(name="b") and other.device(name="a"), "both of us hear")
    lab.wait(lambda: all(f"{u}::upnp:rootdevice".encode() in request(path, 3, "all") for u in (ours, others)), "and so does it")

    peers.http_server(a, peers.description(a, "Submitted", UDN).parent)
    request(path, 4, LIGHT, f"{UDN}::{LIGHT}", "test/1", "http://10.99.0.1:8080/light.xml")
    lab.wait(lambda: UDN.encode() in request(path, 3, "all"), "something is submitted to it")
    late = c.discoverd()
    lab.wait(lambda: late.endpoint(key=UDN, type=LIGHT, url="http://10.99.0.1:8080/light.xml"), "it answers what is its own")
    lab.wait(lambda: (e := late.endpoint(key=ours, name="a", kind="device")) and e["url"].endswith(":5006/description.xml"), "and we what is ours")
    daemon.ctl("search", "-t", "1")
    lab.wait(lambda: daemon.device(name="Submitted"), "also to us beside it")

    other.stop()
    lab.wait(lambda: not daemon.device(name="b"), "we hear the goodbye")
    lab.wait(lambda: others.encode() not in request(path, 3, "all"), "and so does it")
    assert beside.running()
