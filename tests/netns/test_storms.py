# SPDX-License-Identifier: ISC
"""Much of everything at once, and ends in the middle of it."""

import os
import signal
import socket
import time

import lab
import wire
from test_programs import LAMP, Client
from test_services import put

SO_RCVBUFFORCE = 33  # the socket module has no name for it


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


def kept_boot_id(daemon):
    return int((daemon.folder / "state" / "state").read_text().partition("boot_id = ")[2].split()[0])


def test_an_orderly_stop_keeps_the_last_bootid_and_gives_the_reserve_back(here):
    a = here.host("a")
    capture = wire.port_of(a)
    daemon = a.discoverd()
    client = Client(daemon)
    its_id = client.announce(device={"type": LAMP, "name": "Lamp"})
    of_it = lambda: [p for p in capture.ssdp("ssdp:alive") if p.headers["USN"].startswith(its_id)]  # noqa: E731
    lab.wait(of_it, "it is announced")
    last = boot_id(of_it()[0])
    assert kept_boot_id(daemon) > last, "numbers are reserved while it runs"
    assert daemon.stop() == 0
    assert kept_boot_id(daemon) == last
    # the next start follows, not further away than the clock
    capture.clear()
    again = a.discoverd()
    alive, _ = lab.wait(lambda: capture.ssdp("ssdp:alive"), "the next start")
    assert last < boot_id(alive[0]) <= max(last + 1, int(time.time())), (last, alive[0])
    assert kept_boot_id(again) > boot_id(alive[0])


def test_addresses_that_come_and_go_all_the_time_cause_few_messages(here):
    a, b = here.host("a"), here.host("b")
    capture = wire.port_of(a, ipv6=True)
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: other.device(name="a", reachable=True) and capture.ssdp("ssdp:alive", target="ff02::c"), "b knows a")
    before = other.device(name="a")
    capture.clear()
    # as a router advertisement has it, over and over
    change = "ip addr change fd00::5/64 dev eth0 nodad valid_lft 100 preferred_lft"
    flap = a.start("sh", "-c", f"for i in $(seq 40); do {change} 50; sleep 0.1; {change} 0; sleep 0.1; done; {change} 50")
    flap.wait(60)
    news = "lost address fd00::5"
    assert daemon.text().count(news) > 5, daemon.text()
    said = [p for p in capture.packets(protocol="udp", dport=1900) if p.first.startswith("NOTIFY")]
    numbers = {boot_id(p) for p in said}
    print(f"{len(said)} messages under {len(numbers)} BOOTIDs for {daemon.text().count(news)} changes")
    assert len(numbers) <= 8 and len(said) < 400, (len(numbers), len(said))
    lab.wait(lambda: capture.ssdp("ssdp:alive", source="fd00::5"), "its last state is told")
    after = other.device(name="a")
    assert after["first_seen"] == before["first_seen"] and after["reachable"], after


class Heard:
    """What one port of the switch has heard so far: (source, USN) by NTS; nothing is kept longer than it takes to read it."""

    def __init__(self, host):
        self.capture = wire.port_of(host)
        self.capture.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 28)
        self.by_nts = {"ssdp:alive": set(), "ssdp:byebye": set()}

    def pairs(self, nts):
        for packet in self.capture.take():
            if (packet.protocol, packet.dport) == ("udp", 1900) and packet.first.startswith("NOTIFY"):
                self.by_nts[packet.headers["NTS"]].add((packet.source, packet.headers["USN"]))
        return self.by_nts[nts]


def stop_of_many(here, announced):
    """Stops a daemon with 64 devices of 51 messages in ten networks when `announced` holds for the number of pairs of alive;
    the pairs of alive and of byebye, and the most memory in KiB that it ever held."""
    a = here.host("a")
    for number in range(1, 10):
        a.run("ip", "addr", "add", f"10.98.{number}.1/24", "dev", "eth0")
    heard = Heard(a)
    daemon = a.discoverd("[Device]\nname = a\n[Network]\nipv6 = no\n")
    client = Client(daemon)
    services = [{"type": f"urn:example-org:service:Number{i}:1"} for i in range(48)]
    for number in range(64):
        client.announce(detached=True, device={"type": LAMP, "name": f"Lamp {number}", "services": services})
    # the start says byebye before anything else
    lab.wait(lambda: announced(len(heard.pairs("ssdp:alive"))), "they are announced", 100)
    heard.by_nts["ssdp:byebye"].clear()
    daemon.signal(signal.SIGTERM)

    def ended():
        heard.pairs("ssdp:byebye")
        pid, status, used = os.wait4(daemon.pid, os.WNOHANG)
        return pid and (status, used)
    (status, used), _ = lab.wait(ended, "it ends", 60)
    daemon.popen.returncode = os.waitstatus_to_exitcode(status)
    assert daemon.popen.returncode == 0
    return heard.pairs("ssdp:alive"), heard.pairs("ssdp:byebye"), used.ru_maxrss


def test_the_goodbye_of_many_on_many_networks_is_whole_and_takes_little_memory(here):
    whole = (64 * 51 + 3) * 10
    alive, byebye, memory = stop_of_many(here, lambda count: count == whole)
    print(f"{memory} KiB")
    assert byebye == alive and len(byebye) == whole, (len(byebye), sorted(alive ^ byebye)[:10])
    assert lab.SANITIZED or memory < 24 * 1024, memory


def test_a_stop_in_the_midst_of_many_announcements_takes_back_what_was_announced(here):
    alive, byebye, _ = stop_of_many(here, lambda count: count > 10000)
    print(len(alive), len(byebye))
    assert alive <= byebye, (len(alive), len(byebye), sorted(alive - byebye)[:10])


def test_files_with_thousands_of_devices_do_not_keep_the_daemon_from_its_work(here):
    a = here.host("a")
    daemon = a.discoverd()
    devices = lambda name, count: "".join(  # noqa: E731
        f"[Device]\nname = {name}{i}\nlocation = http://*:80/{name}{i}.xml\n" for i in range(count))
    ours = lambda: len(daemon.status()["announcements"]) - 1  # noqa: E731
    put(daemon, "a.conf", devices("a", 200))
    lab.wait(lambda: ours() == 200, "those of the first file are announced")
    put(daemon, "b.conf", devices("b", 57))
    put(daemon, "c.conf", devices("c", 1000))
    put(daemon, "d.conf", devices("d", 56))
    _, seconds = lab.wait(lambda: ours() == 256, "and those that fit beside them")
    print(f"1313 devices in four files took {seconds:.3f} s")
    for name in ("b", "c"):
        assert f"{name}.conf: with it files would announce more than 256 devices" in daemon.text(), daemon.text()
    (daemon.folder / "services.d" / "d.conf").unlink()
    put(daemon, "b.conf", devices("b", 56))
    lab.wait(lambda: "http://*:80/b55.xml" in [x["location"] for x in daemon.status()["announcements"]], "there is room again")


def test_odd_files_and_one_that_is_written_all_the_time_do_no_harm(here):
    a = here.host("a")
    daemon = a.discoverd()
    folder = daemon.folder / "services.d"
    folder.mkdir()
    os.mkfifo(folder / "fifo.conf")
    (folder / "loop.conf").symlink_to("loop.conf")
    (folder / "big.conf").write_bytes(b"#" * 10_000_000)
    (folder / "folder.conf").mkdir()
    (folder / "zero.conf").symlink_to("/dev/zero")
    for number in range(3000):
        (folder / "good.conf").write_text(f"[Device]\nname = d\nlocation = http://*:8080/{number}.xml\n")
    lab.wait(lambda: [x["location"] for x in daemon.status()["announcements"][1:]] == ["http://*:8080/2999.xml"], "its last state counts")
    for name in ("fifo", "loop", "big", "folder", "zero"):
        assert daemon.text().count(f"/{name}.conf: ") == 1, daemon.text()
