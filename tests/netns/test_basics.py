# SPDX-License-Identifier: ISC
"""Two daemons, and the plain programs of the field."""

import json

import lab


def test_two_daemons_find_each_other_and_never_themselves(here):
    a, b = here.host("a"), here.host("b")
    first = a.discoverd()
    second = b.discoverd()
    device, seconds = lab.wait(lambda: first.device(name="b"), "a sees b")
    print(f"in the table {seconds:.3f} s after it was ready")
    assert device["id"].startswith("uuid:") and device["kind"] == "device"
    assert device["addresses"][0]["address"] == "10.99.0.2" and device["addresses"][0]["interface"] == "eth0"
    lab.wait(lambda: second.device(name="a"), "b sees a")
    lab.wait(lambda: set(first.device(name="b")["protocols"]) >= {"broadcast", "ssdp"}, "b is seen by both protocols")
    lab.wait(lambda: first.device(name="b")["reachable"], "the description of b is read")
    assert len(first.devices()) == len(second.devices()) == 1
    second.signal(15)
    _, seconds = lab.wait(lambda: not first.devices(), "b is gone")
    print(f"out of the table {seconds:.3f} s after SIGTERM")
    assert second.wait() == 0


def test_a_plain_program_finds_and_is_found(here):
    a, lamp = here.host("a"), here.host("lamp")
    daemon = a.discoverd()
    peer = lamp.python("plain_peer.py", "lamp")
    device, _ = lab.wait(lambda: daemon.device(name="lamp"), "the plain program is listed")
    assert device["id"] in (f"mac:{lamp.mac()}", "address:10.99.0.2%eth0") and device["protocols"] == ["broadcast"], device
    assert lab.endpoint(device, "broadcast")["key"] == "10.99.0.2%eth0", device
    lab.wait(lambda: "10.99.0.1 Hello from a!\n" in peer.text(), "the plain program gets the plain answer")


def test_a_searcher_gets_three_answers_and_is_listed_as_control_point(here):
    a, phone = here.host("a"), here.host("phone")
    daemon = a.discoverd("[Device]\nname = a\ntype = urn:schemas-upnp-org:device:MediaServer:2\n")
    search = phone.python("plain_searcher.py", "ssdp:all", "2.5")
    search.wait()
    udn = daemon.status()["uuid"]
    targets = {line.split()[1] for line in search.text().splitlines()}
    assert targets == {"upnp:rootdevice", udn, "urn:schemas-upnp-org:device:MediaServer:2"}, search.text()
    assert all(line.split()[3] == "http://10.99.0.1:5006/description.xml" for line in search.text().splitlines())
    assert daemon.device(kind="control-point", address="10.99.0.2")
    # an older version is answered with that version
    older = phone.python("plain_searcher.py", "urn:schemas-upnp-org:device:MediaServer:1", "1.5", "10.99.0.1")
    older.wait()
    assert [line.split()[1:3] for line in older.text().splitlines()] == \
        [["urn:schemas-upnp-org:device:MediaServer:1", udn + "::urn:schemas-upnp-org:device:MediaServer:1"]], older.text()


def test_the_description_is_served_to_our_own_address_only(here):
    a, b = here.host("a"), here.host("b")
    a.discoverd()
    good = b.run("python3", "-c", "import urllib.request as u; print(u.urlopen('http://10.99.0.1:5006/description.xml').read().decode())")
    assert "<friendlyName>a</friendlyName>" in good.stdout
    for host, status in (("evil.example:5006", "421"), ("10.99.0.9:5006", "421"), ("10.99.0.1:80", "421")):
        reply = b.run("python3", "-c", "import http.client as h; c = h.HTTPConnection('10.99.0.1', 5006);"
                      f"c.request('GET', '/description.xml', headers={{'Host': '{host}'}}); print(c.getresponse().status)")
        assert reply.stdout.strip() == status, (host, reply.stdout)


def test_reload_takes_a_good_configuration_and_refuses_a_bad_one(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: (lab.endpoint(other.device(name="a")) or {}).get("revision"), "b sees a")
    daemon.config.write_text("[Device]\nname = renamed\n")
    daemon.ctl("reload")
    lab.wait(lambda: other.device(name="renamed"), "b hears the new name")
    daemon.config.write_text("[Device]\nname = x\nnonsense = 1\n")
    refused = daemon.ctl("reload", check=False)
    assert refused.returncode == 1 and "discoverd.conf:3:" in refused.stderr, refused.stderr
    assert json.loads(daemon.ctl("-j", "status"))["name"] == "renamed"
