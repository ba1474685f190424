# SPDX-License-Identifier: ISC
"""Which descriptions are fetched when, and what is known of the devices afterwards."""

import json
import re
import signal

import lab


def udn(number):
    return f"uuid:00000000-0000-4000-8000-{number:012}"


def device(number, way="good", address="10.99.0.2", port=8080, **more):
    return {"address": address, "port": port, "path": f"/{number}.xml", "udns": [udn(number)], "way": way, **more}


def addresses(host, count):
    """So many more addresses of a host: as behind a Wi-Fi repeater."""
    network = 100 + 50 * len([h for h in host.lab.hosts if h < host.name])
    more = [f"10.99.0.{network + i}" for i in range(count)]
    for address in more:
        host.run("ip", "addr", "add", f"{address}/24", "dev", "eth0")
    return more


def announces(host, devices):
    return host.python("device_pages.py", json.dumps(devices))


def is_named(daemon, number, by=None):
    return daemon.endpoint(key=udn(number), name=f"name of {udn(number if by is None else by)}", verified=True)


def answers(daemon, number, reachable):
    """Whether the device with that endpoint is said to be reachable or not, and the endpoint to have answered or not."""
    return any(d["reachable"] is reachable and lab.endpoints(d, key=udn(number), verified=reachable) for d in daemon.devices())


def all_named(daemon, numbers, limit):
    wanted = {udn(number) for number in numbers}

    def named():
        return {e["key"] for d in daemon.devices() for e in lab.endpoints(d) if e["name"] == f"name of {e['key']}"}
    _, seconds = lab.wait(lambda: wanted <= named(), "all are named", limit)
    return seconds


def test_a_television_with_five_roots_on_four_ports_is_named(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    announces(b, [device(i, port=port) for i, port in enumerate((9119, 7676, 7676, 9197, 8001))])
    print(f"five names after {all_named(daemon, range(5), 15):.2f} s")


def test_hosts_behind_one_mac_are_named(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    announces(b, [device(i, address=address) for i, address in enumerate(addresses(b, 30))])
    print(f"thirty names after {all_named(daemon, range(30), 15):.2f} s")


def test_whatever_answers_is_reachable(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    ways = ("missing", "moved", "no-xml", "endless", "empty", "closed", "refused", "silent")
    two = {"udns": [udn(90), udn(91)], "named": [udn(92)]}
    three = {"udns": [udn(80), udn(81)], "port": 8081}
    *more, last = addresses(b, len(ways) + 1)
    announces(b, [device(i, way, address) for i, (way, address) in enumerate(zip(ways, more))] +
              [device(90, "missing", **two), device(80, "refused", last, **three)])
    for i, way in enumerate(ways[:5]):
        lab.wait(lambda i=i: answers(daemon, i, True), f"{way} is reachable")
    for number in (90, 91):
        lab.wait(lambda n=number: answers(daemon, n, True), "and each that announced the page")
    for i, way in enumerate(ways[5:], 5):
        lab.wait(lambda i=i: answers(daemon, i, False), f"{way} is not", 40)
    for number in (80, 81):
        lab.wait(lambda n=number: answers(daemon, n, False), "and each that announced that page")


def test_silent_servers_do_not_delay_others(here):
    a, b, c = (here.host(name) for name in "abc")
    daemon = a.discoverd()
    silent = announces(b, [device(i, "silent", address) for i, address in enumerate(addresses(b, 20))])
    lab.wait(lambda: silent.text().count("asked") >= 20, "each is asked", 20)
    announces(c, [device(100 + i, address=address) for i, address in enumerate(addresses(c, 20))])
    print(f"twenty names after {all_named(daemon, range(100, 120), 20):.2f} s")


def connections(host, port):
    """How many this host has open to that port."""
    rows = [row.split() for row in host.run("cat", "/proc/net/tcp").stdout.splitlines()[1:]]
    return sum(remote.endswith(f":{port:04X}") and state == "01" for _, _, remote, state, *_ in rows)


def test_silent_hosts_behind_one_mac_have_few_places(here):
    a, b, c = (here.host(name) for name in "abc")
    daemon, more = a.discoverd(), addresses(b, 40)
    mac = b.run("cat", "/sys/class/net/eth0/address").stdout.strip()
    for address in more:
        a.run("ip", "neigh", "replace", address, "lladdr", mac, "dev", "eth0", "nud", "reachable")
    silent = announces(b, [device(i, "silent", address, 8090) for i, address in enumerate(more)])
    open_now = []

    def asked(count):
        open_now.append(connections(a, 8090))
        return silent.text().count("asked") >= count
    lab.wait(lambda: asked(8), "eight are asked", 20)
    announces(c, [device(100 + i, address=address) for i, address in enumerate(addresses(c, 20))])
    print(f"twenty names after {all_named(daemon, range(100, 120), 20):.2f} s")
    lab.wait(lambda: asked(16), "then others are asked", 60)
    # one look may still count a connection that the daemon has closed, and the one in its place
    assert max(open_now) >= 1 and all(min(pair) <= 8 for pair in zip(open_now, open_now[1:])), open_now


def test_a_page_that_fails_at_first_is_read_soon(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    ways = ("empty,good", "missing,good", "closed,good", "reset,good", "empty,missing,good")
    announces(b, [device(i, way, address) for i, (way, address) in enumerate(zip(ways, addresses(b, len(ways))))])
    print(f"all named after {all_named(daemon, range(len(ways)), 20):.2f} s")


def test_an_announcement_has_an_unread_page_read(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    server = announces(b, [device(0, "empty,empty,empty,empty,good")])
    # after four failures the next try is half a minute away
    lab.wait(lambda: daemon.status()["counters"]["enrichment"]["failed"] == 4, "four tries fail", 30)
    server.signal(signal.SIGUSR1)
    print(f"named {all_named(daemon, [0], 15):.2f} s after it was announced again")


def test_a_page_with_another_udn_is_that_of_its_only_device(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    announces(b, [
        device(0, named=[udn(900)]),
        device(1, udns=[udn(1), udn(2)], named=[udn(901), udn(2)]),
        device(3, udns=[udn(3), udn(4)], named=[udn(3)]),
        device(5, udns=[udn(5), udn(6)], named=[udn(905)]),
        device(7, named=[""]),
    ])
    for number, by in ((0, 900), (1, 901), (2, 2), (3, 3)):
        lab.wait(lambda n=number, by=by: is_named(daemon, n, by), f"{number} has its name")
    lab.wait(lambda: daemon.endpoint(key=udn(7), name="name of"), "7 has its name")
    lab.wait(lambda: all(daemon.endpoint(key=udn(n), verified=True) for n in (5, 6)), "the others' pages are read")
    assert not any(daemon.endpoint(key=udn(n), name=f"name of {udn(by)}") for n in (4, 5, 6) for by in (3, 905))
    # 3 announces the page, too, and it names 3
    lab.wait(lambda: not daemon.endpoint(key=udn(4)), "4 is asked, is silent and goes")


def test_fetching_begins_with_a_reload(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd("[HTTP]\nfetch = no\n")
    server = announces(b, [device(0)])
    lab.wait(lambda: daemon.endpoint(key=udn(0)), "it is listed")
    assert "asked" not in server.text()
    daemon.config.write_text("")
    daemon.ctl("reload")
    all_named(daemon, [0], 10)
