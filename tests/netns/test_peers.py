# SPDX-License-Identifier: ISC
"""Programs that nobody here wrote."""

import pathlib

import lab


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
    lab.wait(lambda: "resource unavailable" in finder.text(), "seen to go", 2)
    assert finder.running()


def test_minidlna_is_listed_by_the_name_of_its_description(here):
    program = lab.need("minidlnad")
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    media = pathlib.Path(here.folder, "media")
    media.mkdir()
    config = pathlib.Path(here.folder, "minidlna.conf")
    config.write_text(f"media_dir={media}\ndb_dir={media}\nlog_dir={media}\nfriendly_name=Films upstairs\nport=8200\n"
                      "network_interface=eth0\nnotify_interval=30\n")
    server = b.start(program, "-d", "-f", str(config), "-P", f"{here.folder}/minidlna.pid")
    device, _ = lab.wait(lambda: daemon.device(name="Films upstairs"), "minidlna is listed", 30)
    assert device["type"].startswith("urn:schemas-upnp-org:device:MediaServer:") and device["reachable"] is True
    assert any("ContentDirectory" in s["type"] for s in device["services"])
    server.stop(20)
    lab.wait(lambda: not daemon.device(name="Films upstairs"), "minidlna's byebye is believed", 5)


def test_minidlna_beside_us_shares_port_1900(here):
    program = lab.need("minidlnad")
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    media = pathlib.Path(here.folder, "media")
    media.mkdir()
    config = pathlib.Path(here.folder, "minidlna.conf")
    config.write_text(f"media_dir={media}\ndb_dir={media}\nlog_dir={media}\nfriendly_name=Neighbour\nport=8200\n"
                      "network_interface=eth0\n")
    a.start(program, "-d", "-f", str(config), "-P", f"{here.folder}/minidlna.pid")
    lab.wait(lambda: other.device(name="Neighbour"), "another host lists it", 30)
    lab.wait(lambda: daemon.device(name="Neighbour"), "and so does the daemon beside it", 30)
    assert not daemon.device(name="a")


def test_gmediarender_is_listed_by_the_name_of_its_description(here):
    program = lab.need("gmediarender")
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    b.start(program, "-I", "eth0", "-f", "Loudspeaker", "-u", "12345678-aaaa-4bbb-8ccc-1234567890ab", "--logfile", "stdout")
    device, _ = lab.wait(lambda: daemon.device(name="Loudspeaker"), "gmediarender is listed", 30)
    assert device["id"] == "uuid:12345678-aaaa-4bbb-8ccc-1234567890ab"
    assert device["type"].startswith("urn:schemas-upnp-org:device:MediaRenderer:")


def test_upnpc_finds_no_gateway_and_does_not_choke(here):
    program = lab.need("upnpc")
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    done = b.run(program, "-l", check=False)
    # it sees our description, and that we are no gateway
    assert done.returncode == 1 and "http://10.99.0.1:5006/" in done.stdout, done
    assert "No valid UPNP Internet Gateway Device found" in done.stderr, done
    assert daemon.running()
