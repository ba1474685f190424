# SPDX-License-Identifier: ISC
"""What forged sources keep honest devices from: being named, being known, being listed."""

import os
import time

import lab
from test_fetching import all_named, announces, device, udn
from test_hostile import counted, memory, processor

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
    print(f"twenty names after {all_named(daemon, range(20), 10):.2f} s")
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
    return host.python("forged_byebyes.py", str(seconds), *[text for v in victims for text in (v["udns"][0], v["address"])])


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


def flood(here, seconds):
    """20,000 datagrams a second from 5,000 sources of IPv4 and IPv6, beside 200 devices that are known and 20 that come meanwhile.
    How many a second were taken in, and the slowest of 100 calls of `discoverctl status`."""
    daemon, b, c = daemon_in_a_large_network(here)
    d = here.host("d")
    announces(b, newcomers(b, 200))
    all_named(daemon, range(200), 60)
    before, heard, worked = memory(daemon), counted(daemon, "ssdp", "notifies"), processor(daemon)
    forger = c.python("forged_sources.py", "46", "20000", str(seconds), "5000")
    lab.wait(lambda: counted(daemon, "ssdp", "notifies") > heard + 20000, "the flood has begun")
    start, to_name, times = time.monotonic(), 0, []
    announces(d, newcomers(d, 20, 200, searchable=True))
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
    assert 0 < to_name < 10, "newcomers are named during the flood"
    assert "ASAN_OPTIONS" in os.environ or grown <= 4200, grown
    # the kernel drops what the machine is too busy for: what was taken in must be a flood of its own
    assert taken > 20000 * took / 4, "it was a flood, and not refused"
    return taken / took, slow


def test_a_flood_of_forged_sources_harms_neither_known_devices_nor_newcomers(here):
    flood(here, 8)


def long_a_minute_of_20000_datagrams_a_second(here):
    rate, slow = flood(here, 60)
    assert rate > 18000 and slow < 0.1, "on a machine with nothing else to do"
