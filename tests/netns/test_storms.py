# SPDX-License-Identifier: ISC
"""Much of everything at once, and ends in the middle of it."""

import signal

import lab
import wire
from test_programs import LAMP, Client


def boot_id(packet):
    return int(packet.headers["BOOTID.UPNP.ORG"])


def test_a_daemon_that_is_killed_after_a_thousand_announcements_begins_with_a_greater_bootid(here):
    a = here.host("a")
    capture = wire.port_of(a)
    daemon = a.discoverd()
    client = Client(daemon)
    for number in range(1000):
        client.call("Withdraw", id=client.announce(device={"type": LAMP, "name": "Lamp"}))
    its_id = client.announce(device={"type": LAMP, "name": "Lamp"})
    of_it = lambda: [p for p in capture.ssdp("ssdp:alive") if p.headers["USN"].startswith(its_id)]  # noqa: E731
    lab.wait(of_it, "the last one is announced")
    before = boot_id(of_it()[0])
    daemon.signal(signal.SIGKILL)
    daemon.wait()
    assert f"boot_id = {before}" not in (daemon.folder / "state" / "state").read_text()
    capture.clear()
    a.discoverd()
    alive, _ = lab.wait(lambda: capture.ssdp("ssdp:alive"), "the next start")
    assert min(boot_id(p) for p in alive) > before, (before, alive[0])
