# SPDX-License-Identifier: ISC
"""WS-Discovery: wsdd, wsdd2, and devices as cameras and printers are."""

import re

import lab

UUID = "7d5e0a52-30a1-5f0c-9d6e-2a0c6b3e9d{:02x}"
PROBE = """<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery">
<s:Body><d:Probe/></s:Body></s:Envelope>"""


def device(host, kind, number, name, *more):
    process = host.python("wsd_device.py", host.addresses[0], kind, UUID.format(number), name, *more)
    lab.wait(lambda: "ready" in process.text(), "the device runs")
    return process


def wsdd(host, number, *more):
    program = lab.need("wsdd")
    return host.start(program, "-v", "-4", "-i", "eth0", "-U", UUID.format(number), "-n", "office-pc", "-p", *more)


def wsdd2(host):
    program = lab.need("wsdd2")
    return host.start(program, "-4", "-w", "-i", "eth0", "-H", "attic-pc", "-N", "ATTIC-PC", "-G", "HOME", "-WWW")


def heard(daemon, address, limit=60):
    """The device at this address, once WS-Discovery knows it as one."""
    def found():
        return [d for d in daemon.devices() if d["kind"] == "device" and lab.endpoint(d, "wsd") and any(a["address"] == address for a in d["addresses"])]
    return lab.wait(found, f"the device at {address}", limit)[0][0]


def gone(daemon, address):
    lab.wait(lambda: not daemon.device(kind="device", address=address), f"nothing at {address} any more", 60)


def test_a_camera_is_named_by_its_scopes_and_leaves(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    camera = device(b, "camera", 1, "Front door")
    found = heard(daemon, "10.99.0.2")
    assert found["name"] == "Front door" and found["model"] == "M3045" and found["type"] == "dn:NetworkVideoTransmitter", found
    services = {s["type"]: s for s in lab.endpoint(found, "wsd")["services"]}
    assert set(services) == {"dn:NetworkVideoTransmitter", "tds:Device"}, services
    assert services["dn:NetworkVideoTransmitter"]["txt"]["location"] == "hall", services
    camera.stop()
    gone(daemon, "10.99.0.2")


def test_what_was_there_before_answers_the_probe(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    device(b, "camera", 1, "Garden")
    device(c, "printer", 2, "Laser")
    daemon = a.discoverd()
    assert heard(daemon, "10.99.0.2")["name"] == "Garden"
    assert heard(daemon, "10.99.0.3")["type"] == "wprt:PrintDeviceType"


def test_a_camera_that_moves_to_another_address_stays_one_device(here):
    a, b = here.host("a"), here.host("b")
    camera = device(b, "camera", 1, "Garden")
    daemon = a.discoverd()
    first = heard(daemon, "10.99.0.2")
    camera.popen.kill()
    camera.popen.wait()
    b.run("ip", "addr", "del", "10.99.0.2/24", "dev", "eth0")
    b.run("ip", "addr", "add", "10.99.0.77/24", "brd", "+", "dev", "eth0")
    b.addresses = ["10.99.0.77"]
    device(b, "camera", 1, "Garden")
    def moved():
        found = daemon.device(kind="device", address="10.99.0.77")
        return found and found["id"] == first["id"] and "10.99.0.2" not in [x["address"] for x in found["addresses"]]
    lab.wait(moved, lambda: f"the device at its new address: {daemon.devices()}", 60)


def test_one_that_probes_is_a_control_point(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    def asked():
        b.run("python3", "-c", "import socket, sys\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
              "s.sendto(sys.argv[1].encode(), ('239.255.255.250', 3702))", PROBE)
        return daemon.device(kind="control-point", address="10.99.0.2")
    assert lab.endpoint(lab.wait(asked, "a control point")[0], "wsd")


def test_it_can_be_switched_off(here):
    a, b = here.host("a"), here.host("b")
    device(b, "camera", 1, "Garden")
    daemon = a.discoverd("[WSD]\nenabled = no\n")
    assert not re.search(r":3702\b", a.run("ss", "-ulnH").stdout)
    daemon.stop()


def test_a_printer_is_named_by_what_it_answers_to_get(here):
    a, b = here.host("a"), here.host("b")
    printer = device(b, "printer", 2, "Laser & Co".replace("& ", ""), "without-xaddrs")
    daemon = a.discoverd()
    found = lab.wait(lambda: daemon.device(address="10.99.0.2", name="Laser Co office"), "its name", 60)[0]
    wanted = {"manufacturer": "Paper Inc", "model": "LaserJet 9", "model_number": "9", "serial": "CN12", "type": "wprt:PrintDeviceType"}
    assert {k: lab.endpoint(found, "wsd")[k] for k in wanted} == wanted, found
    assert lab.endpoint(found, "wsd")["presentation_url"] == "http://10.99.0.2:5357/index.html", found
    assert "POST" in printer.text() and "application/soap+xml" in printer.text()


def test_wsdd_comes_and_goes(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    other = wsdd(b, 3)
    found = heard(daemon, "10.99.0.2", 90)
    assert lab.endpoint(found, "wsd", key=f"uuid:{UUID.format(3)}"), found
    lab.wait(lambda: daemon.device(address="10.99.0.2", type="pub:Computer"), "its types, by an answer", 60)
    lab.wait(lambda: daemon.device(address="10.99.0.2", name="office-pc"), "its name, by Get", 60)
    other.stop()
    gone(daemon, "10.99.0.2")


def test_wsdd2_comes_and_goes(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    other = wsdd2(b)
    found = heard(daemon, "10.99.0.2", 90)
    assert found["type"] == "pub:Computer", found
    lab.wait(lambda: daemon.device(address="10.99.0.2", name="ATTIC-PC"), "its name, by Get", 60)
    other.stop()
    gone(daemon, "10.99.0.2")


def test_wsdd_beside_us_is_left_its_port(here):
    a, b = here.host("a"), here.host("b")
    other = wsdd(a, 4)
    daemon = a.discoverd()
    asker = b.discoverd()
    # it neither loops its own messages back nor hears those of its host
    heard(asker, "10.99.0.1", 90)
    assert other.running() and daemon.running()
