# SPDX-License-Identifier: ISC
"""Other hosts and programs: odd senders, several devices on one host, other programs on our own host."""

import pathlib

import lab

ALIVE = "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=100\r\nNTS: ssdp:alive\r\n"
BYEBYE = "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNTS: ssdp:byebye\r\n"
SEND = ("import socket, sys\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "for text in sys.argv[1:]:\n    s.sendto(text.encode(), ('239.255.255.250', 1900))\n")
DESCRIPTION = """<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"{config}><specVersion><major>1</major><minor>1</minor></specVersion>
<device><deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType><friendlyName>{name}</friendlyName>
<manufacturer>m</manufacturer><modelName>n</modelName><UDN>{udn}</UDN></device></root>"""


def send(host, *messages):
    host.run("python3", "-c", SEND, *messages)


def notify(nt, usn, more="", start=ALIVE):
    return f"{start}NT: {nt}\r\nUSN: {usn}\r\n{more}\r\n"


class Described:
    """A host that serves a description on port 8080 and announces it by hand."""

    def __init__(self, host, udn):
        self.host, self.udn = host, udn
        self.file = pathlib.Path(host.lab.folder, "www", "d.xml")
        self.file.parent.mkdir()
        self.describe("before")
        server = host.start("python3", "-u", "-m", "http.server", "8080", "-d", str(self.file.parent))
        lab.wait(lambda: "Serving" in server.text(), "the server listens")

    def describe(self, name, config=""):
        self.file.write_text(DESCRIPTION.format(name=name, udn=self.udn, config=config))

    def notify(self, usn, more="", nt="upnp:rootdevice"):
        send(self.host, notify(nt, usn, f"LOCATION: http://10.99.0.2:8080/d.xml\r\n{more}"))


def test_odd_usns_end_in_sensible_rows(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    device = "urn:schemas-upnp-org:device:"
    send(b, notify(device + "ZonePlayer:1", f"uuid:RINCON_000E5812345601400::{device}ZonePlayer:1"),
         notify("urn:Belkin:device:controllee:1", "uuid:Socket-1_0-2216XX::urn:Belkin:device:controllee:1"),
         notify("upnp:rootdevice", "uuid:uuid:2fac1234-31f8-11b4-a222-08002b34c001::upnp:rootdevice"),
         notify(device + "Bare:1", "2fac1234-31f8-11b4-a222-08002b34c002"),
         notify(device + "Nothing:1", "[fe80::1]:3540"),
         notify("upnp:rootdevice", "uuid:2FAC1234-31F8-11B4-A222-08002B34C001::upnp:rootdevice"))
    def endpoints():
        return lab.endpoints(daemon.device(), protocol="ssdp")
    rows = lab.wait(lambda: len(found := endpoints()) == 5 and found, "one endpoint for each")[0]
    assert {e["key"]: (e["type"] or "").rpartition("device:")[2] for e in rows} == {
        "uuid:RINCON_000E5812345601400": "ZonePlayer:1", "uuid:Socket-1_0-2216XX": "controllee:1",
        "uuid:2fac1234-31f8-11b4-a222-08002b34c001": "", "uuid:2fac1234-31f8-11b4-a222-08002b34c002": "Bare:1",
        "10.99.0.2%eth0": "Nothing:1"}, rows
    assert all(e["name"] is None and e["kind"] == "device" for e in rows), rows
    device, = daemon.devices()
    assert device["name"] == "10.99.0.2" and device["kind"] == "device" and device["protocols"] == ["ssdp"], device
    assert device["id"] == "uuid:RINCON_000E5812345601400", device  # the key that was known at first


def test_several_roots_on_one_host_come_and_go_each_by_itself(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    send(b, *(notify("upnp:rootdevice", f"uuid:{n}::upnp:rootdevice", f"LOCATION: http://10.99.0.2:80{n}/\r\n") for n in (1, 2, 3)))

    def keys():
        return sorted(e["key"] for d in daemon.devices() for e in lab.endpoints(d, protocol="ssdp"))
    lab.wait(lambda: keys() == ["uuid:1", "uuid:2", "uuid:3"], "all three")
    assert len(daemon.devices()) == 1
    send(b, notify("urn:schemas-upnp-org:service:X:1", "uuid:2::urn:schemas-upnp-org:service:X:1", start=BYEBYE))
    lab.wait(lambda: keys() == ["uuid:1", "uuid:3"], "one of them leaves")


def test_a_udn_in_other_letters_or_without_its_prefix_is_the_same_device(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    odd = Described(b, "2FAC1234-31F8-11B4-A222-08002B34C003")
    odd.notify("uuid:2fac1234-31f8-11b4-a222-08002b34c003::upnp:rootdevice")
    device, _ = lab.wait(lambda: daemon.device(name="before"), "its name is read")
    assert device["id"] == "uuid:2fac1234-31f8-11b4-a222-08002b34c003" and len(daemon.devices()) == 1, daemon.devices()


def test_a_first_configid_that_is_not_the_one_of_the_description_has_it_read_again(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    odd = Described(b, "uuid:odd")
    odd.describe("before", ' configId="1"')
    odd.notify("uuid:odd::upnp:rootdevice")
    lab.wait(lambda: daemon.device(name="before"), "the first name")
    odd.describe("after", ' configId="2"')
    odd.notify("uuid:odd::upnp:rootdevice", "CONFIGID.UPNP.ORG: 2\r\n")
    lab.wait(lambda: daemon.device(name="after"), "the second name")


def test_two_daemons_on_one_host_list_each_other_and_not_themselves(here):
    a, b = here.host("a"), here.host("b")
    uuids = [f"2fac1234-31f8-11b4-a222-08002b34c00{n}" for n in (1, 2)]
    first, second = (a.discoverd(f"[Device]\nname = {n}\nuuid = {u}\n", name=n) for n, u in zip(("one", "two"), uuids))
    other = b.discoverd()
    for daemon, name, port in ((first, "two", ""), (second, "one", ":5006/")):
        device, _ = lab.wait(lambda: (d := daemon.device(name=name)) and lab.endpoint(d, "ssdp", name=name) and d,
                             f"{name} is listed beside us")
        assert lab.endpoint(device, "ssdp", name=name) and all(port in e["url"] for e in device["endpoints"] if e["url"] and e["name"] == name), device
    lab.wait(lambda: other.endpoint(name="one", verified=True) and other.endpoint(name="two", verified=True), "another host lists both")

    def names(daemon):
        return {e["name"] for d in daemon.devices() for e in lab.endpoints(d, kind="device")}
    lab.wait(lambda: other.endpoint("mdns", name="one") and other.endpoint("mdns", name="two"), "also by mDNS")
    lab.never(lambda: (names(first), names(second), names(other)) != ({"two", "b"}, {"one", "b"}, {"one", "two"}),
              "a daemon lists itself", 2)
    assert len(other.devices("--kind", "device")) == 1, "they are one host"


def test_two_daemons_with_one_uuid_on_one_host_list_each_other_with_a_warning(here):
    a = here.host("a")
    text = "[Device]\nname = {}\nuuid = 2fac1234-31f8-11b4-a222-08002b34c001\n"
    first, second = (a.discoverd(text.format(name), name=name) for name in ("one", "two"))
    for daemon, name in ((first, "two"), (second, "one")):
        lab.wait(lambda: set((daemon.device(name=name) or {"protocols": []})["protocols"]) >= {"broadcast", "ssdp"}, "listed")
        lab.wait(lambda: "10.99.0.1 announces our uuid too" in daemon.text(), "the log warns")
        assert "announces our uuid too" in daemon.status()["warning"] and len(daemon.devices()) == 1, daemon.devices()


def test_a_control_point_shows_when_it_last_asked_and_stays_for_five_minutes(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    b.python("plain_searcher.py", "urn:nobody:device:x:1", "0.1").wait()
    first, _ = lab.wait(lambda: daemon.device(kind="control-point", address="10.99.0.2"), "it is listed")
    assert 295 <= first["expires_in"] <= 300, first
    lab.wait(lambda: daemon.device(kind="control-point")["expires_in"] < 299, "time passes")
    b.python("plain_searcher.py", "urn:nobody:device:x:1", "0.1").wait()
    again, _ = lab.wait(lambda: (d := daemon.device(kind="control-point")) and d["expires_in"] > 298 and d, "it asked again")
    assert again["last_seen"] > first["last_seen"] and again["first_seen"] == first["first_seen"], (first, again)


def test_it_answers_beside_another_program_on_port_1900(here):
    a, b = here.host("a"), here.host("b")
    a.start("python3", "-c", "import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
            "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('', 1900)); time.sleep(60)")
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: daemon.device(name="b") and other.device(name="a"), "both see each other")
