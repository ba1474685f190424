# SPDX-License-Identifier: ISC
"""Beacons in the formats of vendors, sent by beacon_sender.py: each is heard, asked for only where that is configured, and taken
from no other program."""

import lab

ONLY = "[Broadcast]\nenabled = no\n[SSDP]\nenabled = no\n"
MAC = "d073d5010203"

# vendor of beacon_sender.py: name that it says, id, and what is shown
SHOWN = {
    "yeelight": ("Büro", "0x000000000015243f", {"name": "Büro", "manufacturer": "Yeelight", "model": "color"}),
    "tuya": ("-", "bf1234567890abcdefghij", {"manufacturer": "Tuya", "model": "keyjup78v54myhan"}),
    "tuya-encrypted": ("-", "bfabcdefghij1234567890", {"manufacturer": "Tuya", "model": "keyjup78v54myhan"}),
    "tuya-sealed": ("-", "bf0987654321jihgfedcba", {"manufacturer": "Tuya", "model": "keyjup78v54myhan"}),
    "kasa": ("Küche", "50:C7:BF:01:02:03", {"name": "Küche", "manufacturer": "TP-Link", "model": "HS110(EU)"}),
    "tplink": ("-", "78-8C-B5-01-02-03", {"manufacturer": "TP-Link", "model": "P110(EU)"}),
    "wiz": ("-", "a8bb50123456", {"manufacturer": "WiZ"}),
    "wiz-beacon": ("-", "a8bb50654321", {"manufacturer": "WiZ"}),
    "plex": ("Films", "23f2d6867befb9c26f7b5f366d4dd84e9b2294c9", {"name": "Films", "manufacturer": "Plex"}),
    "plex-player": ("TV", "f9c7a3e0-com-plexapp-android", {"name": "TV", "model": "Plex for TV"}),
    "lifx": ("Schlafzimmer", MAC, {"name": "Schlafzimmer", "manufacturer": "LIFX"}),
}


def start(host, config="", **options):
    return host.discoverd(f"[Device]\nname = {host.name}\n{ONLY}{config}", **options)


def sender(host, how, vendor):
    name, device_id, _ = SHOWN[vendor]
    process = host.python("beacon_sender.py", how, vendor, name, device_id)
    lab.wait(lambda: "ready" in process.text(), f"{vendor} sends")
    return process


def ciphers():
    """False for a build without nettle."""
    return b"HAVE_NETTLE_TRUE\"]=\"\"" in (lab.BUILD / "config.status").read_bytes()


def test_each_vendor_is_heard_without_a_question(here):
    daemon = start(here.host("observer"))
    for vendor, (_, _, wanted) in SHOWN.items():
        if vendor in ("tuya-encrypted", "tuya-sealed") and not ciphers():
            continue
        host = here.host(vendor)
        process = sender(host, "announce", vendor)
        # the address that the message claims is another one
        lab.wait(lambda: daemon.device(address=host.addresses[0], protocols=["beacon"], **wanted), f"{vendor} is listed")
        process.stop()
    counters = daemon.status()["counters"]
    assert counters["beacon"]["asked"] == 0 and "beacon-9999-own-socket" not in counters, counters
    assert not [group for group, values in counters.items() if group.startswith("beacon-") and values["sent"]], counters
    services = {s["type"]: s["port"] for d in daemon.devices() for s in lab.all_services(d)}
    assert services == {"yeelight": 55443, "plex/media-server": 32400, "plex/media-player": 32433}, services
    malformed = [name for name, value in counters["beacon"].items() if name.endswith("malformed") and value]
    assert not malformed, counters["beacon"]


def test_devices_that_only_answer_are_asked_where_that_is_configured(here):
    observer = here.host("observer")
    quiet = [vendor for vendor in SHOWN if vendor in ("yeelight", "kasa", "tplink", "wiz", "plex", "lifx")]
    for vendor in quiet:
        sender(here.host(vendor), "answer", vendor)
    daemon = start(observer, "[Beacons]\nask = yes\n")
    for vendor in quiet:
        lab.wait(lambda: daemon.device(address=here.hosts[vendor].addresses[0], protocols=["beacon"], **SHOWN[vendor][2]),
                 f"{vendor} is listed")
    assert daemon.status()["counters"]["beacon"]["asked"] >= len(quiet)


def test_a_device_that_was_renumbered_is_one_row(here):
    daemon = start(here.host("observer"))
    lamp = here.host("lamp")
    process = sender(lamp, "announce", "lifx")
    first = lab.wait(lambda: daemon.device(address="10.99.0.2"), "the lamp is listed")[0]
    process.stop()
    lamp.run("ip", "addr", "del", "10.99.0.2/24", "dev", "eth0")
    lamp.run("ip", "addr", "add", "10.99.0.77/24", "brd", "+", "dev", "eth0")
    lamp.run("ip", "route", "replace", "default", "dev", "eth0")
    sender(lamp, "announce", "lifx")
    lab.wait(lambda: daemon.device(address="10.99.0.77"), "the lamp has its new address")
    lab.wait(lambda: len(daemon.devices()) == 1, "it is one device")
    assert daemon.device(address="10.99.0.77")["id"] == first["id"]


def test_no_unicast_is_taken_from_a_program_on_this_host(here):
    observer, lamp = here.host("observer"), here.host("lamp")
    daemon = start(observer)
    # after the daemon: of two equal sockets the later one hears
    other = observer.start("python3", "-uc", """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 56700))
print("ready", flush=True)
while True:
    print("got", s.recv(100).decode(), flush=True)
""")
    lab.wait(lambda: "ready" in other.text(), "the other program listens")
    second = start(observer, name="second")
    lamp.run("python3", "-c", """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for i in range(64):
    s.sendto(b"unicast", ("10.99.0.1", 56700))
s.sendto(b"end", ("255.255.255.255", 56700))
""")
    lab.wait(lambda: "got end" in other.text(), "the broadcast comes")
    assert other.text().count("got unicast") == 64, other.text()
    for each in daemon, second:
        lab.wait(lambda: each.status()["counters"]["beacon"]["lifx-malformed"] == 1, "the broadcast is heard, too")
        assert each.status()["counters"]["beacon"]["received"] == 1


def test_a_port_that_is_not_shared_costs_a_warning(here):
    observer = here.host("observer")
    holder = observer.start("python3", "-uc", """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 6666))
print("ready", flush=True)
time.sleep(1000)
""")
    lab.wait(lambda: "ready" in holder.text(), "the port is taken")
    daemon = start(observer)

    def warned():
        return [w for w in daemon.status()["warnings"] if "UDP port 6666 is taken" in w]
    lab.wait(warned, "status warns")
    for vendor in "lifx", "tuya":
        sender(here.host(vendor), "announce", vendor)
    lab.wait(lambda: daemon.device(manufacturer="LIFX"), "the other ports are heard")
    holder.stop()
    lab.wait(lambda: daemon.device(manufacturer="Tuya"), "the port is opened when it is free", limit=60)
    lab.wait(lambda: not warned(), "the warning ends")


def test_vendors_and_questions_are_switched_by_a_reload(here):
    daemon = start(here.host("observer"), "[Beacons]\nlifx = no\n")
    sender(here.host("lamp"), "announce", "lifx")
    sender(here.host("plug"), "announce", "kasa")
    sender(here.host("server"), "answer", "plex")
    lab.wait(lambda: daemon.device(manufacturer="TP-Link"), "the plug is listed")
    assert [d["manufacturer"] for d in daemon.devices()] == ["TP-Link"]
    daemon.config.write_text(f"{ONLY}[Beacons]\nask = yes\n")
    daemon.ctl("reload")
    lab.wait(lambda: {d["manufacturer"] for d in daemon.devices()} == {"TP-Link", "LIFX", "Plex"}, "all are listed")
