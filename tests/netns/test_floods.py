# SPDX-License-Identifier: ISC
"""What forged sources keep honest devices from: being named, being known, being listed."""

import lab
from test_fetching import announces, all_named, device

NETWORK = "10.99.255.1/16"


def daemon_in_a_large_network(here):
    """The daemon, and a host for those that are honest and one for those that are not."""
    a, b, c = (here.host(name) for name in "abc")
    a.run("ip", "addr", "add", NETWORK, "dev", "eth0")
    return a.discoverd(), b, c


def newcomers(host, count, first=0):
    """So many honest devices, at link-local addresses every other one; addresses of their own."""
    found = []
    for number in range(first, first + count):
        address = f"fe80::a:{number + 1:x}" if number % 2 else f"10.99.1.{number + 1}"
        host.run("ip", "addr", "add", f"{address}/{64 if number % 2 else 16}", "dev", "eth0", *(["nodad"] if number % 2 else []))
        found.append(device(number, address=address))
    return found


def test_sources_that_answer_no_arp_delay_no_newcomer(here):
    daemon, b, c = daemon_in_a_large_network(here)
    forger = c.python("forged_sources.py", "46", "12", "120", "5000")
    lab.wait(lambda: daemon.status()["counters"]["ssdp"]["notifies"] > 300, "the attack has lasted for 25 s", 60)
    announces(b, newcomers(b, 20))
    print(f"twenty names after {all_named(daemon, range(20), 10):.2f} s")
    assert forger.running(), "they were forged until the end"
