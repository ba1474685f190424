# SPDX-License-Identifier: ISC
"""What a daemon puts on the wire, byte for byte."""

import email.utils
import re
import time

import lab
import wire

GROUP = "239.255.255.250"
ASK = dict(protocol="udp", dport=5005, target="255.255.255.255")


def start_of(capture, rounds=3, source=None):
    """Waits for the whole start of one address: byebyes, alives and searches."""
    def whole():
        notifies = [capture.ssdp(word, **({"source": source} if source else {})) for word in ("ssdp:byebye", "ssdp:alive", "M-SEARCH")]
        return len(notifies[0]) >= 3 and len(notifies[1]) >= 3 * rounds and len(notifies[2]) >= 4 and notifies
    return lab.wait(whole, "the whole start")[0]


def test_asks_at_start_as_they_travel(here):
    a = here.bare_host("a").plug("br0", "10.99.0.1/24", route=False)
    capture = wire.port_of(a)
    a.discoverd("[Device]\nname = Küche\n")
    asks = wire.wait_for(capture, 3, "three asks", **ASK)
    for ask in asks:
        text = ask.bytes.decode("utf-8")
        assert text.startswith("DISCOVER from Küche\r\n") and text.endswith("\r\n\r\n") and len(ask.bytes) <= 1000, ask
        assert ask.source == "10.99.0.1" and ask.sport != 5005, ask
        assert "USN CACHE-CONTROL BOOTID.UPNP.ORG SERVER NT LOCATION PAD" == \
            " ".join(n for n in ask.names if n != "INSTANCE.DISCOVERD.IO"), ask
        assert ask.headers["LOCATION"] == "http://10.99.0.1:5006/description.xml", ask
    gaps = [y.when - x.when for x, y in zip(asks, asks[1:])]
    assert all(0.1 < gap < 0.6 for gap in gaps), gaps


def test_a_plain_ask_draws_exactly_the_plain_answer(here):
    a, b = here.host("a"), here.host("b")
    a.discoverd()
    capture = wire.port_of(a)
    answer = b.run("python3", "-c", "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.settimeout(5)\n"
                   "s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)\n"
                   "s.sendto(b'DISCOVER from b', ('255.255.255.255', 5005))\nprint(s.recvfrom(1024))")
    assert answer.stdout.strip() == "(b'Hello from a!', ('10.99.0.1', 5005))", answer.stdout
    assert [p.bytes for p in capture.packets(protocol="udp", sport=5005)] == [b"Hello from a!"]


def test_the_start_of_ssdp_as_it_travels(here):
    a = here.bare_host("a").plug("br0", "10.99.0.1/24", route=False)
    capture = wire.port_of(a)
    daemon = a.discoverd()
    udn = daemon.status()["uuid"]
    byebyes, alives, searches = start_of(capture)
    pairs = {("upnp:rootdevice", f"{udn}::upnp:rootdevice"), (udn, udn),
             ("urn:schemas-upnp-org:device:Basic:1", f"{udn}::urn:schemas-upnp-org:device:Basic:1")}
    for packet in byebyes + alives:
        assert packet.first == "NOTIFY * HTTP/1.1" and (packet.source, packet.sport) == ("10.99.0.1", 1900), packet
        assert (packet.target, packet.dport, packet.ttl) == (GROUP, 1900, 2), packet
        assert packet.headers["HOST"] == f"{GROUP}:1900" and packet.headers["CONFIGID.UPNP.ORG"].isdigit(), packet
    assert len({p.headers["BOOTID.UPNP.ORG"] for p in byebyes + alives}) == 1
    assert 0 <= int(time.time()) - int(alives[0].headers["BOOTID.UPNP.ORG"]) < 30
    for packets in (byebyes, alives[:3], alives[3:6], alives[6:9]):
        assert {(p.headers["NT"], p.headers["USN"]) for p in packets} == pairs, packets
    assert byebyes[-1].when < alives[0].when
    assert byebyes[0].names == ["HOST", "NT", "NTS", "USN", "BOOTID.UPNP.ORG", "CONFIGID.UPNP.ORG", "INSTANCE.DISCOVERD.IO"]
    assert alives[0].names == ["HOST", "CACHE-CONTROL", "LOCATION", "OPT", "01-NLS", "NT", "NTS", "SERVER", "USN",
                               "BOOTID.UPNP.ORG", "CONFIGID.UPNP.ORG", "INSTANCE.DISCOVERD.IO"]
    headers = alives[0].headers
    assert headers["CACHE-CONTROL"] == "max-age=1800" and headers["01-NLS"] == headers["BOOTID.UPNP.ORG"]
    assert headers["OPT"] == '"http://schemas.upnp.org/upnp/1/0/"; ns=01'
    assert headers["LOCATION"] == "http://10.99.0.1:5006/description.xml"
    assert re.fullmatch(r"Linux/\S+ UPnP/2\.0 discoverd/\S+", headers["SERVER"]), headers
    assert [p.headers["ST"] for p in searches[:4]] == 2 * ["ssdp:all"] + 2 * ["upnp:rootdevice"], searches
    for packet in searches:
        assert packet.first == "M-SEARCH * HTTP/1.1" and packet.sport != 1900, packet
        assert (packet.target, packet.dport, packet.ttl) == (GROUP, 1900, 2), packet
        assert packet.names == ["HOST", "MAN", "MX", "ST", "USER-AGENT", "CPFN.UPNP.ORG", "CPUUID.UPNP.ORG",
                                "INSTANCE.DISCOVERD.IO"], packet
        asked = packet.headers
        assert asked["MAN"] == '"ssdp:discover"' and asked["MX"] == "1", packet
        assert (asked["CPFN.UPNP.ORG"], asked["CPUUID.UPNP.ORG"]) == ("a", udn), packet
        assert asked["USER-AGENT"] == headers["SERVER"] and asked["HOST"] == f"{GROUP}:1900", packet


def test_a_response_as_it_travels(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    capture = wire.port_of(b)
    b.python("plain_searcher.py", "upnp:rootdevice", "2").wait()
    b.python("plain_searcher.py", "upnp:rootdevice", "1", "10.99.0.1").wait()
    responses = capture.ssdp("HTTP/1.1 200 OK")
    assert len(responses) == 2, responses
    for packet in responses:
        assert (packet.source, packet.sport, packet.target) == ("10.99.0.1", 1900, "10.99.0.2"), packet
        assert packet.names == ["CACHE-CONTROL", "DATE", "EXT", "LOCATION", "OPT", "01-NLS", "SERVER", "ST", "USN",
                                "BOOTID.UPNP.ORG", "CONFIGID.UPNP.ORG", "INSTANCE.DISCOVERD.IO"], packet
        date = email.utils.parsedate_to_datetime(packet.headers["DATE"])
        assert packet.headers["DATE"].endswith(" GMT") and abs(date.timestamp() - time.time()) < 10, packet
        assert packet.headers["EXT"] == "" and b"EXT: \r\n" in packet.bytes or b"EXT:\r\n" in packet.bytes, packet
        assert packet.headers["USN"] == daemon.status()["uuid"] + "::upnp:rootdevice", packet


def test_configid_is_that_of_the_description_and_changes_with_it(here):
    a, b = here.host("a"), here.host("b")
    capture = wire.port_of(a)
    daemon = a.discoverd()

    def announced(before=None):
        """The number of an alive that has another one than before; the page has it too."""
        alive, _ = lab.wait(lambda: [p for p in capture.ssdp("ssdp:alive") if p.headers["CONFIGID.UPNP.ORG"] != before],
                            "announced with another number")
        number = alive[0].headers["CONFIGID.UPNP.ORG"]
        page = b.run("python3", "-c", f"import urllib.request as u; print(u.urlopen('{alive[0].headers['LOCATION']}').read().decode())")
        assert f' configId="{number}"' in page.stdout and 0 <= int(number) < 1 << 24, page.stdout
        return number
    before = announced()
    daemon.config.write_text("[Device]\nname = a\nserial = 2\n")
    daemon.ctl("reload")
    announced(before)


def test_every_network_is_told_in_its_own_address(here):
    a, b, c, d = here.host("a"), here.host("b"), here.bare_host("c"), here.bare_host("d")
    here.bridge("br1")
    a.plug("br1", "10.99.1.1/24", "eth1", route=False)
    a.run("ip", "addr", "add", "10.99.2.1/24", "brd", "+", "dev", "eth1")
    c.plug("br1", "10.99.1.3/24", route=False).run("ip", "route", "add", "239.0.0.0/8", "dev", "eth0")
    d.plug("br1", "10.99.2.4/24", route=False).run("ip", "route", "add", "239.0.0.0/8", "dev", "eth0")
    first, second = wire.port_of(a), wire.port_of(a, "eth1")
    a.discoverd()
    for capture, networks in ((first, {"10.99.0.1"}), (second, {"10.99.1.1", "10.99.2.1"})):
        for source in networks:
            start_of(capture, source=source)
            wire.wait_for(capture, 3, f"asks from {source}", source=source, **ASK)
        said = [p for p in capture.packets(protocol="udp") if p.source.startswith("10.99.") and "LOCATION" in p.headers]
        assert {p.source for p in said} == networks, said
        assert all(p.headers["LOCATION"] == f"http://{p.source}:5006/description.xml" for p in said), said
    for host, address in ((b, "10.99.0.1"), (c, "10.99.1.1"), (d, "10.99.2.1")):
        search = host.python("plain_searcher.py", "upnp:rootdevice", "2")
        search.wait()
        assert [line.split()[0::3] for line in search.text().splitlines()] == \
            [[address, f"http://{address}:5006/description.xml"]], search.text()


def test_a_new_interface_or_address_gets_the_start_by_itself(here):
    a = here.host("a")
    here.bridge("br1")
    old = wire.port_of(a)
    a.discoverd()
    start_of(old)
    wire.wait_for(old, 3, "asks", **ASK)
    old.clear()
    new = wire.Capture("br1")  # the switch itself: what goes to all hosts
    a.plug("br1", "10.99.1.1/24", "eth1", route=False)
    start_of(new)
    wire.wait_for(new, 3, "asks from the new interface", **ASK)
    # the old interface hears of the next BOOTID, and no goodbye
    assert old.ssdp("ssdp:update") and not old.ssdp("ssdp:byebye") and not old.packets(source="10.99.0.1", **ASK), old.packets()
    new.clear()
    a.run("ip", "addr", "add", "10.99.2.1/24", "brd", "+", "dev", "eth1")
    start_of(new, source="10.99.2.1")
    wire.wait_for(new, 3, "asks from the new address", source="10.99.2.1", **ASK)
    assert not new.ssdp("ssdp:byebye", source="10.99.1.1"), "the old address starts again"
    assert new.ssdp("ssdp:update", source="10.99.1.1")


def test_goodbye_as_it_travels(here):
    a = here.host("a")
    capture = wire.port_of(a)
    daemon = a.discoverd()
    start_of(capture)
    capture.clear()
    daemon.stop()
    byebyes = capture.ssdp("ssdp:byebye")
    assert len(byebyes) >= 3 and len({p.headers["NT"] for p in byebyes}) == 3, byebyes
    byes = capture.packets(**ASK)
    assert byes and all(p.first == "BYE from a" and "USN" in p.headers for p in byes), byes
    # the number of the next start is greater, even within the same second
    boot = int(byebyes[0].headers["BOOTID.UPNP.ORG"])
    capture.clear()
    a.discoverd()
    assert {int(p.headers["BOOTID.UPNP.ORG"]) for p in start_of(capture)[1]} and \
        all(int(p.headers["BOOTID.UPNP.ORG"]) > boot for p in capture.ssdp("NOTIFY"))


def test_numbers_of_the_configuration_are_on_the_wire_also_after_a_reload(here):
    a, b = here.host("a"), here.host("b")
    capture = wire.port_of(a)
    daemon = a.discoverd("[Device]\nname = a\n[SSDP]\nmax-age = 90\nttl = 7\n[HTTP]\nport = 5099\n[Broadcast]\nport = 5055\n"
                         "interval = 86400\n")
    _, alives, searches = start_of(capture)
    assert {p.ttl for p in alives + searches} == {7} and {p.headers["CACHE-CONTROL"] for p in alives} == {"max-age=90"}
    assert {p.headers["LOCATION"] for p in alives} == {"http://10.99.0.1:5099/description.xml"}
    ask = wire.wait_for(capture, 3, "asks on the other port", protocol="udp", dport=5055, target="255.255.255.255")[0]
    assert ask.headers["CACHE-CONTROL"] == "max-age=86400" and not capture.packets(**ASK)
    capture.clear()
    daemon.config.write_text("[Device]\nname = a\n[SSDP]\nmax-age = 30\nttl = 3\n[Broadcast]\ninterval = 1\n")
    daemon.ctl("reload")
    alive, _ = lab.wait(lambda: capture.ssdp("ssdp:alive"), "announced anew")
    assert alive[0].ttl == 3 and alive[0].headers["CACHE-CONTROL"] == "max-age=30", alive
    assert alive[0].headers["LOCATION"] == "http://10.99.0.1:5006/description.xml", alive
    asks, _ = lab.wait(lambda: len(found := [p for p in capture.packets(**ASK) if p.first == "DISCOVER from a"]) > 5 and found,
                       "asks every second on the usual port")
    assert all(0.5 < y.when - x.when < 1.6 for x, y in zip(asks[3:], asks[4:])), asks[3:]
    assert asks[-1].headers["CACHE-CONTROL"] == "max-age=30", asks


def test_shorter_intervals_are_kept_at_once_after_a_reload(here):
    a = here.host("a")
    capture = wire.port_of(a)
    base = "[Device]\nname = a\n"
    daemon = a.discoverd(base + "[SSDP]\nmax-age = 86400\nsearch-interval = 86400\n[Broadcast]\ninterval = 86400\n")
    start_of(capture)
    wire.wait_for(capture, 3, "asks", **ASK)
    capture.clear()
    daemon.config.write_text(base + "[SSDP]\nmax-age = 30\nsearch-interval = 10\n[Broadcast]\ninterval = 2\n")
    daemon.ctl("reload")
    wire.wait_for(capture, 3, "asks at the new interval", 8, **ASK)
    lab.wait(lambda: capture.ssdp("ssdp:alive"), "an alive with the new lifetime")
    lab.wait(lambda: capture.ssdp("M-SEARCH"), "a search at the new interval")


def test_what_is_switched_off_is_silent(here):
    a, b = here.host("a"), here.host("b")
    capture = wire.port_of(a)
    base = "[Device]\nname = a\n"
    daemon = a.discoverd(base + "[SSDP]\nenabled = no\n")
    other = b.discoverd("[Device]\nname = b\n[Broadcast]\ninterval = 1\n")
    lab.wait(lambda: daemon.device(name="b", protocols=["broadcast"]), "b by broadcast alone")
    assert not capture.packets(protocol="udp", source="10.99.0.1", dport=1900)
    daemon.config.write_text(base + "[Broadcast]\nenabled = no\n")
    daemon.ctl("reload")
    lab.wait(lambda: other.device(name="a", protocols=["ssdp"]), "a by SSDP alone")
    capture.clear()
    lab.wait(lambda: len(capture.packets(source="10.99.0.2", **ASK)) > 1, "asks of b")
    assert not [p for p in capture.packets(protocol="udp", source="10.99.0.1") if 5005 in (p.sport, p.dport)]


def test_without_http_ssdp_listens_and_announces_nothing(here):
    a, b = here.host("a"), here.host("b")
    capture = wire.port_of(a)
    daemon = a.discoverd("[Device]\nname = a\n[HTTP]\nenabled = no\n")
    b.discoverd()
    lab.wait(lambda: set((daemon.device(name="b") or {"protocols": []})["protocols"]) >= {"broadcast", "ssdp"}, "b by both")
    search = b.python("plain_searcher.py", "ssdp:all", "1.5")
    search.wait()
    assert "10.99.0.1 " not in search.text(), search.text()
    ours = [p for p in capture.packets(protocol="udp", source="10.99.0.1") if p.dport == 1900]
    assert ours and all(p.first.startswith("M-SEARCH") for p in ours), ours
    assert not any("LOCATION" in p.headers for p in capture.packets(protocol="udp", source="10.99.0.1"))
    daemon.config.write_text("[Device]\nname = a\n")
    daemon.ctl("reload")
    lab.wait(lambda: capture.ssdp("ssdp:alive", source="10.99.0.1"), "announced once there is a description")


def test_without_fetch_no_connection_is_made(here):
    a, b = here.host("a"), here.host("b")
    capture = wire.port_of(a)
    daemon = a.discoverd("[Device]\nname = a\n[HTTP]\nfetch = no\n")
    other = b.discoverd()
    lab.wait(lambda: (daemon.endpoint("broadcast", url="http://10.99.0.2:5006/description.xml")), "a knows where b describes itself")
    lab.wait(lambda: (other.device(name="a") or {}).get("reachable"), "b reads the description of a")
    assert not capture.packets(protocol="tcp", source="10.99.0.1", dport=5006)
    daemon.config.write_text("[Device]\nname = a\n")
    daemon.ctl("reload")
    daemon.ctl("search", "-t", "1")
    lab.wait(lambda: daemon.device(name="b", reachable=True), "a reads it after the reload")


def test_caps_of_the_table_are_kept(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    daemon = a.discoverd("[Device]\nname = a\n[Table]\nmax-devices = 3\nmax-devices-per-source = 2\n")
    sender = ("import socket, sys\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nfor i in range(5):\n"
              "    s.sendto((f'NOTIFY * HTTP/1.1\\r\\nHOST: 239.255.255.250:1900\\r\\nNT: upnp:rootdevice\\r\\nNTS: ssdp:alive\\r\\n'\n"
              "              f'USN: uuid:{sys.argv[1]}-{i}::upnp:rootdevice\\r\\n\\r\\n').encode(), ('239.255.255.250', 1900))\n")
    b.run("python3", "-c", sender, "b")
    lab.wait(lambda: daemon.status()["counters"]["table"]["evicted"] == 3, "three of five give way")
    keys = [e["key"] for d in daemon.devices() for e in lab.endpoints(d, protocol="ssdp")]
    assert sorted(keys) == ["uuid:b-3", "uuid:b-4"], keys
    c.run("python3", "-c", sender, "c")
    lab.wait(lambda: (c := daemon.status()["counters"]["table"])["evicted"] + c["refused-full"] == 3 + 4, "the next ones are cut too")
    assert sum(len(lab.endpoints(d)) for d in daemon.devices("--all")) == 3


def test_ipv6_is_spoken_only_where_it_is_wanted(here):
    a = here.host("a")
    probe = ("import socket; s = socket.socket(socket.AF_INET6); s.settimeout(2)\n"
             "print(s.connect_ex(('::1', 5006)))")
    if a.run("python3", "-c", "import socket; socket.socket(socket.AF_INET6).bind(('::1', 0))", check=False).returncode:
        raise lab.Skip("this kernel has no IPv6")
    daemon = a.discoverd()
    assert a.run("python3", "-c", probe).stdout == "0\n"
    daemon.config.write_text("[Device]\nname = a\n[Network]\nipv6 = no\n")
    daemon.ctl("reload")
    assert a.run("python3", "-c", probe).stdout != "0\n"
    assert "<friendlyName>a<" in a.run("python3", "-c", "import urllib.request as u; "
                                       "print(u.urlopen('http://10.99.0.1:5006/description.xml').read())").stdout
