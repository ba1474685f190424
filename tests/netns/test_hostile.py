# SPDX-License-Identifier: ISC
"""Bad input and too much of it, on the wire."""

import json
import os
import pathlib
import socket
import subprocess

import lab
import wire


def counted(daemon, group, name):
    return daemon.status()["counters"][group][name]


def test_broken_datagrams_are_counted_and_do_no_harm(here):
    a, b, c = (here.host(name) for name in "abc")
    daemon = a.discoverd()
    flood = b.python("ssdp_flood.py", "garbage", "7", "5000")
    c.discoverd()
    _, seconds = lab.wait(lambda: daemon.device(name="c"), "a real device is seen meanwhile")
    assert flood.wait(60) == 0
    assert counted(daemon, "ssdp", "malformed") > 500, daemon.status()
    assert counted(daemon, "ssdp", "surplus") > 50, daemon.status()
    assert counted(daemon, "broadcast", "malformed") > 500, daemon.status()
    devices = daemon.devices()
    assert daemon.device(name="c") and len(devices) < 200 and sum(len(d["endpoints"]) for d in devices) < 200


def test_one_source_cannot_fill_the_table(here):
    a, b, c = (here.host(name) for name in "abc")
    daemon = a.discoverd()
    b.python("ssdp_flood.py", "devices", "10.99.0.2", "500").wait(30)
    c.discoverd()
    lab.wait(lambda: daemon.device(name="c"), "another source is still taken in")
    devices, _ = lab.wait(lambda: [d for d in daemon.devices("--via", "ssdp") if d["name"] != "c"], "the flood is listed")
    assert len(devices) == 1 and len(lab.endpoints(devices[0], protocol="ssdp")) <= 32, devices
    # the newcomer of a source that holds its share replaces the oldest of the same source
    assert counted(daemon, "table", "evicted") >= 400, daemon.status()


def test_searches_from_elsewhere_draw_no_answer(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    b.run("ip", "addr", "add", "203.0.113.5/24", "dev", "eth0")
    a.run("ip", "route", "replace", "203.0.113.0/24", "dev", "eth0")
    a.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.eth0.rp_filter=0", check=False)
    search = b.python("plain_searcher.py", "ssdp:all", "2")
    assert search.wait() == 0 and search.text(), "on the link it is answered"
    off = b.start("python3", "-c", """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("203.0.113.5", 0)); s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.99.0.2")); s.settimeout(2)
s.sendto(b'M-SEARCH * HTTP/1.1\\r\\nHOST: 239.255.255.250:1900\\r\\nMAN: "ssdp:discover"\\r\\nMX: 1\\r\\nST: ssdp:all\\r\\n\\r\\n', ("239.255.255.250", 1900))
try:
    print("answered", s.recv(1500))
except socket.timeout:
    print("silence")
""")
    off.wait()
    assert off.text().strip() == "silence", off.text()
    assert counted(daemon, "ssdp", "off-link") > 0


def test_a_thousand_devices_are_listed_whole(here):
    a, b = here.host("a"), here.host("b")
    a.run("ip", "addr", "add", "10.100.255.1/16", "dev", "eth0")
    b.give_addresses(1000)
    daemon = a.discoverd("[Device]\nname = a\n[Table]\nmax-devices-per-source = 2000\nmemory-per-source = 8M\n[HTTP]\nfetch = no\n")

    def all_are_known():
        b.python("ssdp_flood.py", "apart", "1000").wait(60)  # again: a busy machine loses some
        return daemon.status()["devices"] == 1000
    lab.wait(all_are_known, "all are in the table", 60)
    lab.wait(lambda: counted(daemon, "table", "added") == 1000, "all are reported")
    ids = sorted(d["id"] for d in daemon.devices())
    assert ids == [f"uuid:00000000-0000-4000-8000-{n:012x}" for n in range(1000)], ids


def test_what_a_table_needed_is_given_back(here):
    a, b = here.host("a"), here.host("b")
    a.run("ip", "addr", "add", "10.100.255.1/16", "dev", "eth0")
    b.give_addresses(1000)
    daemon = a.discoverd("[Device]\nname = a\n[Table]\nmax-devices-per-source = 2000\nmemory-per-source = 8M\n[HTTP]\nfetch = no\n")

    def held():
        text = pathlib.Path(f"/proc/{daemon.pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Anonymous"))
    daemon.status()
    start = held()

    def all_are_known():
        b.python("ssdp_flood.py", "apart", "1000").wait(60)  # again: a busy machine loses some
        return daemon.status()["devices"] == 1000
    lab.wait(all_are_known, "all are in the table", 60)
    full = held()
    a.run("ip", "link", "set", "eth0", "down")
    lab.wait(lambda: daemon.status()["devices"] == 0, "all are gone")
    lab.wait(lambda: held() < start + (full - start) / 4, f"three quarters of what they needed: {full} kB, {start} kB before")


def test_a_host_with_a_thousand_endpoints_is_shown_whole(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd("[Device]\nname = a\n[Table]\nmax-devices-per-source = 2000\nmemory-per-source = 8M\n[HTTP]\nfetch = no\n")

    def all_are_known():
        b.python("ssdp_flood.py", "devices", "10.99.0.2", "1000").wait(60)  # again: a busy machine loses some
        return daemon.device() and len(daemon.device()["endpoints"]) >= 1000
    lab.wait(all_are_known, "all are in the table", 60)
    listed = daemon.devices()
    keys = [e["key"] for e in lab.endpoints(listed[0], protocol="ssdp")]
    assert len(listed) == 1 and sorted(keys) == [f"uuid:00000000-0000-4000-8000-{n:012x}" for n in range(1000)], listed


def test_an_idle_daemon_sleeps(here):
    a = here.host("a")
    daemon = a.discoverd()
    task = pathlib.Path(f"/proc/{daemon.pid}/status")

    def wakes():
        return int(next(line for line in task.read_text().splitlines() if line.startswith("voluntary")).split()[1])

    def start_is_over():
        before = wakes()
        try:
            lab.never(lambda: wakes() > before, "", 4)
        except lab.Failure:
            return False
        return True
    lab.wait(start_is_over, "the start is over", 30)
    before, seconds = wakes(), 60
    lab.never(lambda: wakes() - before > seconds / 5, "more than one wake-up in 5 s", seconds)
    print("wake-ups in", seconds, "s:", wakes() - before)


def memory(daemon):
    """The most that it ever held, in KiB."""
    lines = pathlib.Path(f"/proc/{daemon.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def processor(daemon):
    """Seconds that it has worked."""
    return sum(int(x) for x in pathlib.Path(f"/proc/{daemon.pid}/stat").read_text().split()[13:15]) / 100


def test_hostile_description_servers_cost_neither_time_nor_memory(here):
    a, b, c, d = (here.host(name) for name in "abcd")
    daemon = a.discoverd()
    for number in range(100, 115):
        b.run("ip", "addr", "add", f"10.99.0.{number}/24", "dev", "eth0")
    c.discoverd()
    lab.wait(lambda: counted(daemon, "enrichment", "read"), "a page was read: libxml2 is loaded")
    before, used = memory(daemon), processor(daemon)
    server = b.python("hostile_server.py", "10.99.0.")
    lab.wait(lambda: len(daemon.devices("--name", "hostile*")) or server.text().count("10.99.0.") >= 15, "all are announced")
    d.discoverd()
    lab.wait(lambda: daemon.device(name="d"), "a real device is seen meanwhile")
    lab.wait(lambda: server.text().count("served") >= 15, "each has been asked", 90)
    lab.wait(lambda: counted(daemon, "enrichment", "read") + counted(daemon, "enrichment", "failed") >= 17, "each has ended")
    print("KiB", before, memory(daemon), "seconds", processor(daemon) - used)
    assert lab.SANITIZED or memory(daemon) - before < 2048, (before, memory(daemon))
    assert processor(daemon) - used < 2
    names = [d["name"] for d in daemon.devices()]
    assert "evil" in "".join(n or "" for n in names) and not any(ch in n for n in names if n for ch in "\x9b\u202e\u2066"), names
    assert "\x1b" not in daemon.text() and len(daemon.text()) < 4000, daemon.text()


def connected(daemon):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    s.connect(str(daemon.socket))
    return s


def replies(s):
    """Each reply until the connection is closed."""
    rest = b""
    while part := s.recv(1 << 20):
        *whole, rest = (rest + part).split(b"\0")
        yield from (json.loads(one) for one in whole)


def test_watchers_that_never_read_are_told_to_resync(here):
    a, b = here.host("a"), here.host("b")
    a.run("ip", "addr", "add", "10.100.255.1/16", "dev", "eth0")
    b.give_addresses(200)
    daemon = a.discoverd("[Device]\nname = a\n[Table]\nmax-devices = 200\nmax-devices-per-source = 4000\nmemory-per-source = 8M\n[HTTP]\nfetch = no\n")
    watchers = [connected(daemon) for _ in range(10)]
    for s in watchers:
        s.sendall(b'{"method":"io.discoverd.Monitor","more":true,"parameters":{"snapshot":true}}\0')
    before = memory(daemon)
    b.python("ssdp_flood.py", "visitors", "200", "15").wait(60)

    def quiet():  # a slow daemon may have lost some
        added = counted(daemon, "table", "added")
        return added > 1000 and not [x for x in range(5) if counted(daemon, "table", "added") != added]
    lab.wait(quiet, "the flood was taken in")
    print("KiB", before, memory(daemon))
    assert lab.SANITIZED or memory(daemon) - before < 10 * 512 + 1024, (before, memory(daemon))
    listed = {d["id"] for d in daemon.devices()}
    for s in watchers:
        known, resyncs = set(), 0
        for reply in replies(s):
            event, device = reply["parameters"].get("event"), reply["parameters"].get("device")
            if event == "resync":
                known, resyncs = set(), resyncs + 1
            elif event == "removed":
                known.discard(device["id"])
            elif event:
                known.add(device["id"])
            elif resyncs:
                break  # the second snapshot is complete
        assert resyncs == 1 and known == listed, (resyncs, len(known), len(listed))


def test_two_thousand_connections_of_one_user_keep_no_other_out(here):
    if pathlib.Path("/proc/self/uid_map").read_text().split()[2] == "1":
        raise lab.Skip("these namespaces have one user only")
    setpriv = lab.need("setpriv")
    daemon = here.host("a").discoverd()
    for folder in (here.folder, daemon.folder):
        os.chmod(folder, 0o755)
    script = f"""
import resource, socket, time
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
kept = [socket.socket(socket.AF_UNIX) for _ in range(2000)]
for s in kept:
    s.settimeout(10)
    s.connect({str(daemon.socket)!r})
print("all", flush=True)
time.sleep(60)
"""

    def user(number, *argv):
        return [setpriv, f"--reuid={number}", f"--regid={number}", "--clear-groups", *argv]
    greedy = lab.Process(user(65533, "/usr/bin/python3", "-c", script), pathlib.Path(here.folder, "greedy"))
    here.processes.append(greedy)
    lab.wait(lambda: "all" in greedy.text(), "2000 connections were made")
    for number in (65532, 0):
        done = subprocess.run(user(number, "/usr/bin/python3", "-c", f"""
import socket
s = socket.socket(socket.AF_UNIX); s.settimeout(2); s.connect({str(daemon.socket)!r})
s.sendall(b'{{"method":"io.discoverd.List"}}\\0')
print(s.recv(1000))"""), capture_output=True, text=True)
        assert "devices" in done.stdout, done
    assert counted(daemon, "clients", "refused-user") == 2000 - 16, daemon.status()


def test_forged_goodbyes_and_locations_remove_no_device_and_draw_few_questions(here):
    a, b, c = (here.host(name) for name in "abc")
    daemon = a.discoverd()
    b.discoverd()

    def is_whole(device):
        """By each protocol it is where it was, and has a description of its own (on either of its addresses)."""
        return device and device["name"] == "b" and all(
            e["name"] == "b" and e["url"] and "/evil" not in e["url"]
            for protocol in ("ssdp", "broadcast")
            for e in [next((e for e in lab.endpoints(device, protocol=protocol)
                            if "10.99.0.2" in [x["address"] for x in e["addresses"]]), {"name": None})])
    lab.wait(lambda: is_whole(daemon.device(name="b")), "a sees b by both")
    victim, seconds = daemon.device(name="b")["id"], 14
    port, watch = wire.port_of(a, ipv6=True), daemon.watch("b")
    theirs = [x["address"] for x in daemon.device(name="b")["addresses"]]
    forger = c.python("forger.py", victim, "10.99.0.3", "10.99.0.66", str(seconds))

    def is_harmed():
        return not is_whole(daemon.device(id=victim))
    lab.never(is_harmed, "the victim is harmed", seconds)
    assert forger.wait() == 0, forger.text()
    searches = [p for p in port.ssdp("M-SEARCH") if p.target in theirs]
    asks = [p for p in port.packets(protocol="udp", source="10.99.0.1", target="10.99.0.2", dport=5005) if p.bytes.startswith(b"DISCOVER")]
    print("questions", len(searches), len(asks), daemon.status()["counters"]["table"])
    # each is sent again where no answer came, and what answered is not asked again for 10 s
    assert 1 <= len(searches) <= 4 and 1 <= len(asks) <= 4, (searches, asks)
    assert searches[0].headers["ST"] == victim and searches[0].headers["MX"] == "1", searches[0]
    assert counted(daemon, "table", "questions-confirmed") >= 2
    assert not [e for e in lab.events(watch) if e["event"] == "removed"], lab.events(watch)
    assert counted(daemon, "table", "questions") <= 32 + 8 * seconds


def test_a_dead_host_that_says_goodbye_from_elsewhere_goes(here):
    a, b, c = (here.host(name) for name in "abc")
    daemon, dead = a.discoverd(), b.discoverd()
    lab.wait(lambda: (d := daemon.device(name="b")) and set(d["protocols"]) >= {"broadcast", "ssdp"}, "a sees b by both")
    victim = daemon.device(name="b")["id"]
    dead.popen.kill()
    lab.never(lambda: not daemon.device(id=victim), "it goes by itself", 1)
    c.python("forger.py", victim, "10.99.0.3", "10.99.0.66", "0.1").wait()

    def announced_addresses():  # the kernel's word stays: only the daemon died there
        endpoints = [e for d in daemon.devices("--all") for e in d["endpoints"] if e["protocol"] != "neighbour"]
        return [x["address"] for e in endpoints for x in e["addresses"]]
    assert "10.99.0.2" in announced_addresses()
    lab.wait(lambda: "10.99.0.2" not in announced_addresses(), "the dead address goes")
