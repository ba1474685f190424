# SPDX-License-Identifier: ISC
"""What other packages announce by files in services.d."""

import os
import pathlib
import re

import lab
import wire

FETCH = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())"
SWITCH, DIMMER = (f"urn:schemas-upnp-org:service:{name}" for name in ("SwitchPower:1", "Dimming:2"))
LAMP = "11111111-2222-5333-8444-555555555555"
FILE = f"""\
[Service]
type = {SWITCH}

[Device]
name = lamp
type = urn:example-org:device:Lamp:1
uuid = {LAMP}

[Service]
type = {SWITCH}

[Service]
type = {DIMMER}
"""


def put(daemon, name, text):
    """As a package manager does it: written beside, then renamed."""
    folder = daemon.folder / "services.d"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.new").write_text(text)
    (folder / f"{name}.new").rename(folder / name)
    return folder / name


def pairs(packets):
    return {(p.headers["NT"], p.headers["USN"]) for p in packets}


def boot_ids(packets):
    return {p.headers["BOOTID.UPNP.ORG"] for p in packets}


def started(daemon, capture):
    """Waits for the three rounds of its start; returns what they said."""
    alive, _ = lab.wait(lambda: len(found := capture.ssdp("ssdp:alive", source="10.99.0.1")) >= 9 and found, "the start")
    capture.clear()
    return alive


def test_a_file_comes_and_goes_as_services_and_an_embedded_device(here):
    a, b = here.host("a"), here.host("b")
    capture = wire.port_of(a)
    daemon, other = a.discoverd(), b.discoverd()
    udn, lamp = daemon.status()["uuid"], f"uuid:{LAMP}"
    before = started(daemon, capture)
    lab.wait(lambda: other.device(name="a"), "b sees a")
    path = put(daemon, "lamp.conf", FILE)

    def seen():
        return [s for d in other.devices() for s in lab.all_services(d) if s["type"] == DIMMER]
    _, seconds = lab.wait(seen, "b sees the service")
    print(f"on the other host {seconds:.3f} s after the file came")
    expected = {("upnp:rootdevice", f"{udn}::upnp:rootdevice"), (udn, udn), (lamp, lamp)} | {
        (nt, f"{device}::{nt}") for device, nt in (
            (udn, "urn:schemas-upnp-org:device:Basic:1"), (udn, SWITCH), (lamp, "urn:example-org:device:Lamp:1"),
            (lamp, SWITCH), (lamp, DIMMER))}
    alive, _ = lab.wait(lambda: len(found := capture.ssdp("ssdp:alive", source="10.99.0.1")) >= 24 and found, "three rounds of 3+2+3")
    assert all(pairs(alive[i:i + 8]) == expected for i in (0, 8, 16)), alive
    assert len(boot_ids(alive)) == 1 and int(min(boot_ids(alive))) > int(max(boot_ids(before)))
    page = b.run("python3", "-c", FETCH, alive[0].headers["LOCATION"]).stdout
    number = alive[0].headers["CONFIGID.UPNP.ORG"]
    assert f' configId="{number}"' in page and number != before[0].headers["CONFIGID.UPNP.ORG"], page
    assert f"<UDN>{lamp}</UDN>" in page and page.count(f"<serviceType>{SWITCH}<") == 2 and "urn:upnp-org:serviceId:Dimming" in page
    # a lower version is answered as it was asked for
    search = b.python("plain_searcher.py", DIMMER[:-1] + "1", "2")
    search.wait()
    assert [line.split()[1:3] for line in search.text().splitlines()] == [[DIMMER[:-1] + "1", f"{lamp}::{DIMMER[:-1]}1"]], search.text()
    # a comment changes nothing
    capture.clear()
    put(daemon, "lamp.conf", "# the same\n" + FILE)
    daemon.ctl("reload")
    lab.never(lambda: capture.ssdp("ssdp:byebye", source="10.99.0.1"), "announced anew without a reason", 0.6)
    path.unlink()
    byebye, _ = lab.wait(lambda: pairs(capture.ssdp("ssdp:byebye")) >= expected and capture.ssdp("ssdp:byebye"), "all of it is taken back")
    lab.wait(lambda: not seen(), "b sees it no more")
    again, _ = lab.wait(lambda: capture.ssdp("ssdp:alive", source="10.99.0.1"), "we are announced without it")
    assert pairs(again) <= pairs(before) and again[0].headers["CONFIGID.UPNP.ORG"] == before[0].headers["CONFIGID.UPNP.ORG"], again


def test_an_embedded_device_gets_its_name_though_it_is_heard_of_after_the_description_was_read(here):
    a, b = here.host("a"), here.host("b")
    other = b.discoverd()
    put(daemon := a.discoverd(ready=False), "lamp.conf", FILE)
    lab.wait(lambda: other.endpoint(key=f"uuid:{LAMP}", name="lamp"), "b knows its name")
    lab.wait(lambda: other.device(name="a", reachable=True), "and that of the host")
    assert daemon.running()


def test_a_broken_file_is_reported_and_harms_nothing(here):
    a = here.host("a")
    daemon = a.discoverd()
    lamp = f"uuid:{LAMP}"

    def described():
        return a.run("python3", "-c", FETCH, "http://10.99.0.1:5006/description.xml").stdout
    path = put(daemon, "lamp.conf", FILE)
    lab.wait(lambda: lamp in described(), "the lamp")
    put(daemon, "lamp.conf", FILE.replace("name = lamp", "nam = lamp"))
    put(daemon, "other.conf", f"[Device]\nname = other\n[Service]\ntype = {SWITCH}\n")
    lab.wait(lambda: "<friendlyName>other<" in described(), "the good file beside it")
    assert lamp in described() and 'lamp.conf:5: unknown key "nam" in [Device]; did you mean "name"?' in daemon.text()
    assert "what it announced before stays" in daemon.text()
    reloaded = daemon.ctl("reload", check=False)
    assert reloaded.returncode == 1 and 'lamp.conf:5: unknown key "nam"' in reloaded.stderr, reloaded
    assert "everything else is in force" in reloaded.stderr and lamp in described(), reloaded
    # no other device may have the same uuid
    put(daemon, "thief.conf", f"[Device]\nname = thief\nuuid = {LAMP.upper()}\n")
    lab.wait(lambda: "thief.conf:1: uuid:" in daemon.text() and "is announced already by" in daemon.text(), "the thief is told of")
    put(daemon, "we.conf", f"[Device]\nname = thief\nuuid = {daemon.status()['uuid'][5:]}\n")
    lab.wait(lambda: "is announced already by this host itself" in daemon.text(), "our own identity is ours")
    assert "thief" not in described()
    # once its place is free it is let in
    path.unlink()
    lab.wait(lambda: "<friendlyName>thief<" in described(), "the second one, when the first has gone")
    many = "".join(f"[Device]\nname = {i}\n" for i in range(20))
    put(daemon, "many.conf", many)
    lab.wait(lambda: "many.conf: with it this host would have more than 16 devices" in daemon.text(), "too many are told of")
    assert daemon.running() and "<friendlyName>other<" in described() and "<friendlyName>7<" not in described()
    checked = a.run(*daemon.argv[len(a.prefix):], "--check-config", check=False)
    assert checked.returncode == 1 and "many.conf: " in checked.stderr and "thief.conf" not in checked.stderr, checked
    for name in ("many.conf", "we.conf"):
        (daemon.folder / "services.d" / name).unlink()
    checked = a.run(*daemon.argv[len(a.prefix):], "--check-config", check=False)
    assert checked.returncode == 0 and "[Device]" in checked.stdout, checked
    assert daemon.stop() == 0


def test_a_device_with_sixty_services_is_announced_and_answered_whole(here):
    a, b = here.host("a"), here.host("b")
    capture = wire.port_of(a)
    daemon = a.discoverd()
    ours = started(daemon, capture)
    udn, types = f"uuid:{LAMP}", [f"urn:example-org:service:Number{i}:1" for i in range(60)]
    text = f"[Device]\nname = big\nuuid = {LAMP}\nlocation = http://*:8080/big.xml\n" + "".join(f"[Service]\ntype = {t}\n" for t in types)
    path = put(daemon, "big.conf", text)
    targets = {"upnp:rootdevice", udn, "urn:schemas-upnp-org:device:Basic:1", *types}

    def round_of(n):
        alive = [p for p in capture.ssdp("ssdp:alive") if p.headers["USN"].startswith(udn)]
        return len(alive) >= n * 63 and alive
    alive, _ = lab.wait(lambda: round_of(3), "three rounds of 63")
    for i in range(3):
        assert {p.headers["NT"] for p in alive[i * 63:i * 63 + 63]} == targets
    assert all(p.headers["LOCATION"] == "http://10.99.0.1:8080/big.xml" for p in alive)
    assert max(len(p.bytes) for p in alive) <= 512, max(len(p.bytes) for p in alive)
    assert {x["id"]: x["source"] for x in daemon.status()["announcements"]} == {daemon.status()["uuid"]: "device", udn: "file"}
    assert "by a file in services.d" in daemon.ctl("status")
    first = alive[:63]
    print(f"63 messages in {first[-1].when - first[0].when:.3f} s, the longest of {max(len(p.bytes) for p in alive)} bytes")
    assert first[-1].when - first[0].when > 0.1, "not paced"
    assert boot_ids(alive) != boot_ids(ours)
    # nothing else was touched
    assert not [p for p in capture.ssdp("ssdp:byebye") if not p.headers["USN"].startswith(udn)]
    search = b.python("plain_searcher.py", "ssdp:all", "3")
    search.wait()
    answers = [line.split()[1:] for line in search.text().splitlines()]
    assert sorted(st for st, usn, _ in answers if usn.startswith(udn)) == sorted(targets), answers
    assert len(answers) == 66
    capture.clear()
    path.write_text(text.replace("8080", "8081"))
    lab.wait(lambda: [p for p in capture.ssdp("ssdp:alive") if p.headers["LOCATION"].endswith(":8081/big.xml")], "announced at its new place")
    path.unlink()
    capture.clear()
    lab.wait(lambda: {p.headers["NT"] for p in capture.ssdp("ssdp:byebye")} == targets, "taken back")
    assert not [p for p in capture.ssdp("ssdp:byebye") if not p.headers["USN"].startswith(udn)]


def test_the_directory_may_come_late_and_go(here):
    a = here.host("a")
    daemon = a.discoverd()
    page = lambda: a.run("python3", "-c", FETCH, "http://10.99.0.1:5006/description.xml").stdout  # noqa: E731
    folder = daemon.folder / "services.d"
    for name in ("one", "two"):
        assert f"<friendlyName>{name}<" not in page()
        put(daemon, f"{name}.conf", f"[Device]\n[Service]\ntype = {SWITCH}\n")
        lab.wait(lambda: f"<friendlyName>{name}<" in page(), f"{name}, named after its file")
        udn = re.findall("<UDN>(.*?)</UDN>", page())[1]
        (folder / f"{name}.conf").rename(folder / "hidden.conf~")
        lab.wait(lambda: f"<friendlyName>{name}<" not in page(), "what is renamed is gone")
        (folder / "hidden.conf~").rename(folder / f"{name}.conf")
        lab.wait(lambda: udn in page(), "back under the same identity")
        (folder / f"{name}.conf").unlink()
        folder.rmdir()
        lab.wait(lambda: f"<friendlyName>{name}<" not in page(), "gone with the directory")
    os.mkfifo(daemon.folder / "pipe.conf")
    folder.mkdir()
    (daemon.folder / "pipe.conf").rename(folder / "pipe.conf")
    lab.wait(lambda: "pipe.conf: Invalid argument" in daemon.text(), "a pipe is not waited for")
    assert daemon.stop() == 0


def test_what_is_there_at_the_start_belongs_to_the_start(here):
    a = here.host("a")
    capture = wire.port_of(a)
    folder = pathlib.Path(here.folder, "a-d", "services.d")
    folder.mkdir(parents=True)
    (folder / "lamp.conf").write_text(FILE)
    (folder / "music.conf").write_text("[Device]\nlocation = http://*:8200/rootDesc.xml\n")
    daemon = a.discoverd()
    alive, _ = lab.wait(lambda: len(found := capture.ssdp("ssdp:alive")) >= 33 and found, "three rounds of 8 and of 3")
    per_location = {p.headers["LOCATION"]: [q for q in alive if q.headers["LOCATION"] == p.headers["LOCATION"]] for p in alive}
    assert {url: (len(packets), len(pairs(packets)), len(boot_ids(packets))) for url, packets in per_location.items()} == {
        "http://10.99.0.1:5006/description.xml": (24, 8, 1), "http://10.99.0.1:8200/rootDesc.xml": (9, 3, 1)}, alive
    assert not [p for p in capture.ssdp("ssdp:byebye") if p.when > alive[0].when + 0.2], "announced twice"
    capture.clear()
    put(daemon, "more.conf", "[Device]\nlocation = http://*:8300/desc.xml\n")
    lab.wait(lambda: len([p for p in capture.ssdp("ssdp:alive") if ":8300/" in p.headers["LOCATION"]]) >= 9, "the third tree")
    assert {p.headers["LOCATION"] for p in capture.ssdp("ssdp:alive")} == {"http://10.99.0.1:8300/desc.xml"}, "others announced again"
    capture.clear()
    assert daemon.stop() == 0
    assert len(pairs(capture.ssdp("ssdp:byebye"))) == 14


def test_without_inotify_a_reload_reads_the_files(here):
    a = here.host("a")
    daemon = a.discoverd(wrap=[lab.need("strace"), "-D", "-f", "-o", "/dev/null", "-e", "trace=inotify_init1",
                               "-e", "inject=inotify_init1:error=ENOSYS"])
    assert daemon.text().count("cannot follow changes in ") == 1, daemon.text()
    put(daemon, "lamp.conf", FILE)
    page = lambda: a.run("python3", "-c", FETCH, "http://10.99.0.1:5006/description.xml").stdout  # noqa: E731
    assert LAMP not in page()
    daemon.ctl("reload")
    assert LAMP in page()
