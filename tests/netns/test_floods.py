# SPDX-License-Identifier: ISC
"""What forged sources keep honest devices from: being named, being known, being listed."""

import json
import pathlib
import sys
import time

import lab
import wire
from test_fetching import all_named, announces, device, udn
from test_hostile import counted, memory, processor
from test_wsd import device as wsd_device

NETWORK = "10.99.255.1/16"


def daemon_in_a_large_network(here):
    """The daemon, and a host for those that are honest and one for those that are not."""
    a, b, c = (here.host(name) for name in "abc")
    a.run("ip", "addr", "add", NETWORK, "dev", "eth0")
    return a.discoverd(), b, c


def newcomers(host, count, first=0, **more):
    """So many honest devices, at link-local addresses every other one; addresses of their own."""
    found = []
    for number in range(first, first + count):
        address = f"fe80::a:{number + 1:x}" if number % 2 else f"10.99.1.{number + 1}"
        host.run("ip", "addr", "add", f"{address}/{64 if number % 2 else 16}", "dev", "eth0", *(["nodad"] if number % 2 else []))
        found.append(device(number, address=address, **more))
    return found


def test_sources_that_answer_no_arp_delay_no_newcomer(here):
    daemon, b, c = daemon_in_a_large_network(here)
    forger = c.python("forged_sources.py", "46", "12", "120", "5000")
    lab.wait(lambda: daemon.status()["counters"]["ssdp"]["notifies"] > 300, "the attack has lasted for 25 s", 60)
    announces(b, newcomers(b, 20))
    wsd_device(here.host("d"), "printer", 1, "Laser")
    print(f"twenty names after {all_named(daemon, range(20), 10):.2f} s")
    lab.wait(lambda: daemon.endpoint("wsd", name="Laser office"), "and the name that is asked for by WS-Transfer", 10)
    assert forger.running(), "they were forged until the end"


def named(daemon, numbers):
    """How many of these are known by the name that their page gave them."""
    names = {e["key"]: e["name"] for d in daemon.devices("--name", "name of*") for e in lab.endpoints(d)}
    return sum(names.get(udn(number)) == f"name of {udn(number)}" for number in numbers)


def status_time(daemon):
    """Seconds that `discoverctl status` takes."""
    start = time.monotonic()
    daemon.status()
    return time.monotonic() - start


def fifty_victims(here, **more):
    daemon, b, c = daemon_in_a_large_network(here)
    victims = [device(number, address=f"10.99.1.{number + 1}", **more) for number in range(50)]
    for victim in victims:
        b.run("ip", "addr", "add", f"{victim['address']}/16", "dev", "eth0")
    announces(b, victims)
    all_named(daemon, range(50), 60)
    return daemon, c, victims


def forge_byebyes(host, victims, seconds):
    return host.python("forged_notifies.py", "byebye", str(seconds), *[text for v in victims for text in (v["udns"][0], v["address"])])


def ids(daemon):
    return {e["key"]: d["id"] for d in daemon.devices() for e in lab.endpoints(d, protocol="ssdp")}


def test_byebyes_from_the_own_address_of_fifty_devices_remove_none_for_good(here):
    daemon, c, victims = fifty_victims(here, searchable=True)
    before = ids(daemon)
    forger = forge_byebyes(c, victims, 20)
    lab.wait(lambda: counted(daemon, "table", "byes") >= 50, "each has said goodbye")
    print(f"all are back after {all_named(daemon, range(50), 30):.2f} s")
    lab.never(lambda: named(daemon, range(50)) < 50, "one is removed again", 8)
    assert forger.running() and {key: ids(daemon).get(key) for key in before} == before
    # one a second of each, some of which are sent again
    asked = counted(daemon, "table", "questions")
    lab.never(lambda: counted(daemon, "table", "questions") > asked + 50 * 6, "more questions than one a second", 4)


def test_a_device_that_answers_by_its_page_alone_is_kept(here):
    daemon, c, victims = fifty_victims(here)
    # from another address, and then from their own
    elsewhere = forge_byebyes(c, [dict(v, address="10.99.2.66") for v in victims[:5]], 2)
    assert elsewhere.wait() == 0
    lab.never(lambda: named(daemon, range(50)) < 50, "one is removed", 6)
    forge_byebyes(c, victims[:5], 2).wait()
    lab.never(lambda: named(daemon, range(50)) < 50, "one is removed", 6)


def test_a_table_full_of_forged_sources_takes_newcomers_in(here):
    daemon, b, c = daemon_in_a_large_network(here)
    c.python("forged_sources.py", "6", "4000", "4", "5000").wait()
    assert daemon.status()["counters"]["table"]["endpoints-added"] > 4000, "the table is full"
    forger = c.python("forged_sources.py", "6", "100", "60", "6000", "5000")
    lab.wait(lambda: counted(daemon, "table", "evicted") > 100, "forged ones replace forged ones")
    announces(b, newcomers(b, 20, searchable="apart"))
    print(f"twenty names after {all_named(daemon, range(20), 10):.2f} s")
    lab.never(lambda: named(daemon, range(20)) < 20, "one gives way", 5)
    assert forger.running()


def test_what_was_forged_in_their_names_keeps_no_devices_out(here):
    daemon, b, c = daemon_in_a_large_network(here)
    victims = newcomers(b, 40)[::2]
    forged = [(f"uuid:f0f0f0f0-0000-4000-8000-{number:012x}", victims[number % 20]["address"]) for number in range(20 * 32)]
    assert c.python("forged_notifies.py", "alive", "1", *[text for pair in forged for text in pair]).wait() == 0
    lab.wait(lambda: counted(daemon, "table", "endpoints-added") >= 20 * 32, "each source is at its cap")
    announces(b, victims)
    print(f"twenty names after {all_named(daemon, range(0, 40, 2), 10):.2f} s")


ELSEWHERE = """
    http://10.99.0.2/ http://10.99.0.2:8080/ http://10.99.0.1/ http://10.99.0.1:5006/description.xml http://127.0.0.1/ http://127.1/
    http://2130706433/ http://0x7f000001/ http://0177.0.0.1/ http://localhost/ http://0.0.0.0/ http://255.255.255.255/ http://10.99.0.255/
    http://239.255.255.250/ http://224.0.0.1/ http://[::1]/ http://[::]/ http://[ff02::c]/ http://[::ffff:10.99.0.2]/ http://[::10.99.0.2]/
    http://[64:ff9b::a63:2]/ http://[fe80::1]/ http://[fe80::1%25eth0]/ http://10.99.0.3@10.99.0.2/ http://10.99.0.3:80@10.99.0.2/
    http://10.99.0.3%40@10.99.0.2/ http://10.99.0.2#@10.99.0.3/ http://10.99.0.2?@10.99.0.3/ http://10.99.0.2\\@10.99.0.3/
    http://10.99.0.3.example.org/ http://10.99.0.3.10.99.0.2.nip.io/ http:10.99.0.2/ http:/10.99.0.2/ http:///10.99.0.2/ //10.99.0.2/
    https://10.99.0.2/ ftp://10.99.0.2/ file:///etc/passwd gopher://10.99.0.2:80/ http://10.99.2/ http://167968770/ http://0xa630002/
    http://10.99.0.3%2f@10.99.0.2/ http://010.99.0.2/ HTTP://10.99.0.2:80/ http://10.99.0.02/
""".split()


def test_a_location_leads_to_no_other_host(here):
    a, b, c = (here.host(name) for name in "abc")
    daemon, port = a.discoverd(), wire.port_of(a, ipv6=True)
    lab.wait(lambda: counted(daemon, "ssdp", "own"), "it has begun")
    notifies = [f"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\nNT: upnp:rootdevice\r\n"
                f"NTS: ssdp:alive\r\nUSN: {udn(i)}::upnp:rootdevice\r\nLOCATION: {location}\r\n\r\n"
                for i, location in enumerate([*ELSEWHERE, "http://10.99.0.3:8080/"])]
    c.run(sys.executable, "-c", "import socket, sys\nfor text in sys.argv[1:]:\n"
          "    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
          "    s.sendto(text.encode(), ('239.255.255.250', 1900))", *notifies)
    ours = {"10.99.0.1", *(x["local"] for link in json.loads(a.run("ip", "-j", "addr").stdout) for x in link["addr_info"])}

    def syns():
        return {p.target for p in port.packets(protocol="tcp") if p.source in ours}
    lab.wait(lambda: "10.99.0.3" in syns(), "the one that leads to the announcing address is followed")
    lab.wait(lambda: counted(daemon, "ssdp", "notifies") >= len(notifies), "all were heard")
    lab.never(lambda: syns() - {"10.99.0.3"}, "another host is connected to", 4)
    # those that lead to this host itself would not be on the wire
    assert counted(daemon, "enrichment", "refused") == len(ELSEWHERE) >= 40, daemon.status()["counters"]["enrichment"]


WAITING = 2048  # KiB of datagrams that wait to be handled: UDP_MEMORY_MAX


def anonymous(daemon):
    """KiB that it holds now."""
    lines = pathlib.Path(f"/proc/{daemon.pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Anonymous:")).split()[1])


def flood(here, seconds):
    """20,000 datagrams a second from 5,000 sources of IPv4 and IPv6, beside 200 devices that are known and 20 that come meanwhile.
    How many a second were taken in, and the slowest of 100 calls of `discoverctl status`."""
    daemon, b, c = daemon_in_a_large_network(here)
    d = here.host("d")
    announces(b, newcomers(b, 200))
    all_named(daemon, range(200), 60)
    before, heard, worked = memory(daemon), counted(daemon, "ssdp", "notifies"), processor(daemon)
    held = anonymous(daemon)
    forger = c.python("forged_sources.py", "46", "20000", str(seconds), "5000")
    lab.wait(lambda: counted(daemon, "ssdp", "notifies") > heard + 20000, "the flood has begun")
    start, to_name, times = time.monotonic(), 0, []
    announces(d, newcomers(d, 20, 200, searchable="apart"))
    while forger.running():
        times.append(status_time(daemon))
        if not to_name and named(daemon, range(200, 220)) == 20:
            to_name = time.monotonic() - start
    grown, worked, taken = memory(daemon) - before, processor(daemon) - worked, counted(daemon, "ssdp", "notifies") - heard
    sent, took = (float(forger.text().split()[i]) for i in (-3, -1))
    slow = sorted(times)[len(times) * 99 // 100]
    print(f"{sent / took:.0f} datagrams a second, of which {taken / took:.0f} taken in for {1e6 * worked / taken:.1f} us each; "
          f"20 newcomers named within {to_name:.1f} s; {grown} KiB more; status within {1000 * slow:.0f} ms (p99 of {len(times)})")
    assert named(daemon, range(200)) == 200, "those that were known are kept"
    if lab.SANITIZED:  # too slow for such a flood
        return taken / took, slow
    assert 0 < to_name < 10, "newcomers are named during the flood"
    # beside the table, the datagrams that wait; these are given back
    assert grown <= 4200 + WAITING, grown
    lab.wait(lambda: anonymous(daemon) <= held + 4200, "what waited is given back")
    # the kernel drops what the machine is too busy for: what was taken in must be a flood of its own
    assert taken > 20000 * took / 4, "it was a flood, and not refused"
    return taken / took, slow


def test_a_flood_of_forged_sources_harms_neither_known_devices_nor_newcomers(here):
    flood(here, 8)


def long_a_minute_of_20000_datagrams_a_second(here):
    rate, slow = flood(here, 60)
    assert lab.SANITIZED or (rate > 18000 and slow < 0.1), "on a machine with nothing else to do"
