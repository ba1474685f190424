# SPDX-License-Identifier: ISC
"""Allocations that fail, each by itself and many together, from the start to the stop: a refused start says why, and a running
daemon drops what it had no memory for, answers, and follows everything again afterwards.

A library for LD_PRELOAD, failing_malloc.c, counts the allocations and fails those that a test names."""

import json
import mmap
import pathlib
import re
import signal
import socket
import struct
import subprocess
import threading

import lab
import mdns_peer
from test_programs import LAMP
from test_services import put

CONFIG = "[Device]\nname = a\n[Table]\nsave-interval = 1\nmax-devices-per-source = 4096\n"
NEVER = 1 << 62
SEEN, FROM, TO, FAILED = range(4)  # of struct plan
GROUP = ("239.255.255.250", 1900)
PAGE = ('<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceType>{type}</deviceType>'
        "<friendlyName>Lamp {number}</friendlyName><manufacturer>Größe</manufacturer><UDN>{udn}</UDN><serviceList><service>"
        "<serviceType>urn:schemas-upnp-org:service:SwitchPower:1</serviceType><serviceId>urn:upnp-org:serviceId:1</serviceId>"
        "<SCPDURL>/s</SCPDURL><controlURL>/c</controlURL><eventSubURL>/e</eventSubURL></service></serviceList></device></root>")


def each(number):
    return number + 1


def some(number):
    """All of the first ones, fewer of the many that follow."""
    return number + 1 + number // 4


def few(number):
    return 2 * number + 1


class Plan:
    """Which allocations of a daemon fail."""

    def __init__(self, here, libraries, name):
        self.libraries = libraries
        self.path = pathlib.Path(here.folder, name)
        self.path.write_bytes(b"\0" * mmap.PAGESIZE)
        # json-c loses the copy of a key that it finds no place for
        self.leaks = pathlib.Path(here.folder, "leaks")
        self.leaks.write_text("leak:json_object_object_add_ex\n")
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.disarm()

    def __getitem__(self, index):
        return struct.unpack_from("@l", self.memory, 8 * index)[0]

    def __setitem__(self, index, value):
        struct.pack_into("@l", self.memory, 8 * index, value)

    def arm(self, first, count=1):
        """Counts from 0 anew; those from the first on fail, that many."""
        self.disarm()
        self[SEEN] = self[FAILED] = 0
        self[TO] = min(first + count, NEVER)
        self[FROM] = first

    def disarm(self):
        """What was freed and is used afterwards would be seen: freed memory is overwritten."""
        self[FROM], self[TO] = NEVER, 0

    @property
    def wrap(self):
        """Not of the programs that start the daemon."""
        return ["env", f"LD_PRELOAD={':'.join(self.libraries)}", f"FAILING_MALLOC={self.path}", "MALLOC_PERTURB_=165",
                "ASAN_OPTIONS=verify_asan_link_order=0:fast_unwind_on_malloc=0", f"LSAN_OPTIONS=suppressions={self.leaks}"]


def build(here):
    """The library and what it has to come before, for daemons whose allocations it can take the place of."""
    library = here.library("failing_malloc.c")
    sanitizer = subprocess.run([*lab.compiler(), "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    libraries = [library, sanitizer.stdout.strip()] if lab.SANITIZED else [library]
    plan = Plan(here, libraries, "plan-of-version")
    done = subprocess.run([*plan.wrap, str(lab.BUILD / "discoverd"), "--check-config"], capture_output=True, check=False)
    if done.returncode or not plan[SEEN]:
        raise lab.Skip("the allocations of this build cannot be replaced: it is static, or of another sanitizer")
    return libraries


class Devices:
    """Devices of a host, each heard once, by two protocols, with a description."""

    def __init__(self, host):
        self.address = host.addresses[0]
        self.socket, self.server = lab.inside(host, self.open)
        self.mdns = mdns_peer.Peer(host)
        threading.Thread(target=self.serve, daemon=True).start()

    def open(self):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(self.address))
        server = socket.create_server((self.address, 8080), backlog=64)
        return sender, server

    def serve(self):
        while True:
            client, _ = self.server.accept()
            with client:
                request = client.recv(4096)
                found = re.match(rb"GET /(\d+)", request)
                if found:
                    text = PAGE.format(type=LAMP, number=int(found[1]), udn=self.udn(int(found[1]))).encode()
                    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(text) + text)

    @staticmethod
    def udn(number):
        return f"uuid:00000000-0000-4000-8000-{number:012}"

    def notify(self, number, nts="ssdp:alive"):
        self.socket.sendto(
            f"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\nNT: upnp:rootdevice\r\n"
            f"LOCATION: http://{self.address}:8080/{number}\r\nNTS: {nts}\r\nSERVER: x/1 UPnP/1.1 y/1\r\nBOOTID.UPNP.ORG: 7\r\n"
            f"USN: {self.udn(number)}::upnp:rootdevice\r\n\r\n".encode(), GROUP)

    def respond(self, number, ttl=4500):
        kind, name = "_http._tcp.local", f"Site {number}"
        record = mdns_peer.Record
        self.mdns.respond(record(kind, mdns_peer.PTR, f"{name}.{kind}", ttl=ttl),
                          record(f"{name}.{kind}", mdns_peer.SRV, (0, 0, 80, f"site-{number}.local"), flush=True, ttl=ttl),
                          record(f"{name}.{kind}", mdns_peer.TXT, mdns_peer.pack_pairs("a=b", "model=c"), ttl=ttl, flush=True),
                          record(f"site-{number}.local", mdns_peer.A, self.address, flush=True, ttl=ttl))


def call(daemon, method, more=False, **parameters):
    """The first reply to a call by a connection of its own, or {} where it ended before that: memory was missing."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(30)
        reply = b""
        try:
            client.connect(str(daemon.socket))
            client.sendall(json.dumps({"method": f"io.discoverd.{method}", "parameters": parameters, "more": more}).encode() + b"\0")
            while b"\0" not in reply:
                got = client.recv(65536)
                if not got:
                    return {}
                reply += got
        except ConnectionError:
            return {}
    return json.loads(reply.split(b"\0", 1)[0])


def check_files(daemon):
    """Those of the state directory are whole, and there are no others."""
    folder = daemon.folder / "state"
    state = (folder / "state").read_text()
    assert re.fullmatch(r"uuid = [-0-9a-f]{36}\n(name = .*\n)*boot_id = \d{10}\n", state), state
    if (folder / "devices").exists():
        lines = [json.loads(line) for line in (folder / "devices").read_text().splitlines()]
        assert lines[-1]["end"], lines[-1]
    # json-c may stop in the middle of a line that it has no memory for, as it does where the line is damaged
    assert {path.name for path in folder.iterdir()} <= {"state", "devices", "devices.bad"}, list(folder.iterdir())


class Scene:
    """A daemon, whose allocations can fail, and devices that it hears."""

    def __init__(self, here):
        libraries = build(here)
        self.here, self.a, self.b = here, here.host("a"), here.host("b")
        self.plan = Plan(here, libraries, "plan")
        self.devices = Devices(self.b)
        self.number = 0  # of the device that came last

    def start(self, name="d", ready=True):
        return self.a.discoverd(CONFIG, name, wrap=self.plan.wrap, ready=ready)

    def sweep(self, daemon, act, step, together=1):
        """Does it again and again: each time allocations fail, each time later ones, until it needs no more."""
        number = failed = missed = 0
        while missed < (1 if failed else 10):
            self.plan.arm(number, together)
            act(self, daemon)
            try:
                lab.wait(lambda: self.plan[FAILED] or not daemon.running(), "an allocation fails", LATER.get(act, 0.1), 0.001)
            except lab.Failure:
                missed += 1
                continue
            finally:
                self.plan.disarm()
            status = call(daemon, "Status")
            assert "parameters" in status, (act.__name__, number, status, daemon.popen.poll(), daemon.text())
            if act is change_an_address:
                follows_links(self, daemon)
            failed += 1
            number = step(number)
        print(f"{act.__name__}: {failed} of {number} allocations failed")
        assert failed

    def recovers(self, daemon):
        """With memory, all of it is done again."""
        self.number += 1
        number, udn = self.number, Devices.udn(self.number)
        lab.wait(lambda: [self.devices.notify(number), daemon.endpoint(key=udn, verified=True)][1], "a device is heard and described")
        lab.wait(lambda: [self.devices.respond(number), f"Site {number}" in daemon.ctl("-j", "list")][1], "a service is heard")
        follows_links(self, daemon)
        daemon.ctl("reload")
        found = daemon.ctl("search", "-t", "1", check=False)
        assert not found.returncode, found


def hear_ssdp(scene, _):
    scene.number += 1
    scene.devices.notify(scene.number)


def hear_mdns(scene, _):
    scene.number += 1
    scene.devices.respond(scene.number)


def reload_all(_, daemon):
    call(daemon, "Reload")


def change_a_file(scene, daemon):
    scene.number += 1
    put(daemon, "lamp.conf", f"[Device]\nname = Lamp {scene.number}\n[Service]\ntype = urn:schemas-upnp-org:service:SwitchPower:1\n")


def change_an_address(scene, _):
    scene.a.run("sh", "-c", "ip addr del 10.99.9.1/24 dev eth0 2>/dev/null || ip addr add 10.99.9.1/24 dev eth0")


def follows_links(scene, daemon):
    """Without another change: it tries again by itself."""
    links = json.loads(scene.a.run("ip", "-j", "addr").stdout)
    kernel = {link["ifname"]: {x["local"] for x in link["addr_info"]} for link in links}

    def ours():
        return {link["name"]: {x["address"] for x in link["addresses"]} for link in json.loads(daemon.ctl("-j", "interfaces"))}
    lab.wait(lambda: ours() == kernel and daemon.status()["interfaces"] == ["eth0"], lambda: f"{ours()} become {kernel}")


def announce(_, daemon):
    call(daemon, "Announce", device={"type": LAMP, "name": "Lamp", "services": [{"type": "_http._tcp", "port": 80}]})


def ask(method, more=False, **parameters):
    """An act that calls a method."""
    def act(_, daemon):
        call(daemon, method, more, **parameters)
    act.__name__ = method
    return act


ACTS = [ask("List", filter={}), ask("Interfaces"), ask("Status"), ask("Get", id="10.99.0.2"), ask("Monitor", True, snapshot=True),
        ask("Search", True, seconds=1), ask("Resolve", name="b.local", seconds=1), ask("Probe", True, target="10.99.0.2", ports=[80]),
        announce, reload_all, change_a_file, change_an_address, hear_ssdp, hear_mdns]
# Seconds until it has certainly begun, for what is no call.
LATER = {change_a_file: 1, change_an_address: 1, hear_ssdp: 1, hear_mdns: 1}


def sweep_all(here, step, together=1):
    scene = Scene(here)
    daemon = scene.start()
    scene.recovers(daemon)
    for act in ACTS:
        scene.sweep(daemon, act, step, together)
    scene.recovers(daemon)
    assert daemon.stop() == 0, daemon.text()
    check_files(daemon)


def with_devices(here):
    """A scene, and the state directory of a daemon that knows devices by each protocol."""
    scene = Scene(here)
    daemon = scene.start()
    scene.recovers(daemon)
    assert daemon.stop() == 0
    assert (daemon.folder / "state/devices").stat().st_size > 500
    return scene


def count_all(scene, act):
    """How many allocations that takes when none fails."""
    scene.plan.arm(NEVER)
    act()
    return scene.plan[SEEN]


def numbers(step, end):
    number = 0
    while number < end:
        yield number
        number = step(number)


def start_all(here, step):
    """Without devices of a former start: json-c before 0.17 is no reader for a host without memory."""
    scene = Scene(here)
    total = count_all(scene, scene.start)
    scene.here.processes[-1].stop()
    refused = []
    for number in numbers(step, total):
        scene.plan.arm(number)
        daemon = scene.start(ready=False)
        lab.wait(lambda: not daemon.running() or " started as " in daemon.text(), "it has started, or not")  # noqa: B023
        scene.plan.disarm()
        if daemon.running():
            assert "parameters" in call(daemon, "Status"), (number, daemon.text())
            assert daemon.stop() == 0, (number, daemon.text())
        else:
            refused.append(number)
            assert daemon.wait() == 1 and re.search("out of memory|Cannot allocate memory", daemon.text()), \
                (number, daemon.popen.returncode, daemon.text())
        check_files(daemon)
    print(f"a start needs {total} allocations; refused without {refused}")
    scene.recovers(scene.start())


def stop_all(here, step):
    scene = with_devices(here)
    daemon = scene.start()
    total = count_all(scene, daemon.stop)
    for number in numbers(step, total):
        daemon = scene.start()
        assert "devices.bad" not in daemon.text(), (number, daemon.text(), (daemon.folder / "state/devices.bad").read_text())
        scene.number += 1
        lab.wait(lambda: [scene.devices.notify(scene.number), Devices.udn(scene.number) in daemon.ctl("-j", "list")][1],  # noqa: B023
                 "there is news to write")
        scene.plan.arm(number)
        assert daemon.stop() == 0, (number, daemon.text())
        scene.plan.disarm()
        check_files(daemon)
    print(f"a stop needs {total} allocations")
    daemon = scene.start()
    assert daemon.status()["restored"], daemon.text()


def test_a_start_without_memory_is_refused_or_does_without(here):
    start_all(here, some)


def test_a_stop_without_memory_keeps_the_files_whole(here):
    stop_all(here, some)


def test_an_allocation_that_fails_costs_what_it_was_for(here):
    sweep_all(here, some)


def test_without_any_memory_for_a_while_it_goes_on_afterwards(here):
    sweep_all(here, few, NEVER)


def long_each_allocation_of_a_start_fails_once(here):
    start_all(here, each)


def long_each_allocation_of_a_stop_fails_once(here):
    stop_all(here, each)


def long_each_allocation_while_it_runs_fails_once(here):
    sweep_all(here, each)
