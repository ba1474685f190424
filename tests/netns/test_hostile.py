# SPDX-License-Identifier: ISC
"""Bad input and too much of it, on the wire."""

import pathlib

import lab


def counted(daemon, group, name):
    return daemon.status()["counters"][group][name]


def test_broken_datagrams_are_counted_and_harm_nobody(here):
    a, b, c = (here.host(name) for name in "abc")
    daemon = a.discoverd()
    flood = b.python("ssdp_flood.py", "garbage", "7", "5000")
    c.discoverd()
    _, seconds = lab.wait(lambda: daemon.device(name="c"), "a real device is seen meanwhile")
    assert flood.wait(60) == 0
    assert counted(daemon, "ssdp", "malformed") > 500, daemon.status()
    assert counted(daemon, "ssdp", "oversized") > 50, daemon.status()
    assert counted(daemon, "broadcast", "malformed") > 500, daemon.status()
    assert daemon.device(name="c") and len(daemon.devices()) < 200


def test_one_source_cannot_fill_the_table(here):
    a, b, c = (here.host(name) for name in "abc")
    daemon = a.discoverd()
    b.python("ssdp_flood.py", "devices", "10.99.0.2", "500").wait(30)
    c.discoverd()
    lab.wait(lambda: daemon.device(name="c"), "another source is still taken in")
    assert len(daemon.devices("--via", "ssdp")) <= 33
    assert counted(daemon, "table", "refused-source") >= 400, daemon.status()


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


def test_a_thousand_devices_are_listed_within_20_ms(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd("[Device]\nname = a\n[Table]\nmax-devices-per-source = 2000\n[HTTP]\nfetch = no\n")
    b.python("ssdp_flood.py", "devices", "10.99.0.2", "1000").wait(60)
    lab.wait(lambda: daemon.status()["devices"] == 1000, "all are in the table")
    client = a.start("python3", "-c", f"""
import socket, time
times = []
for _ in range(9):
    s = socket.socket(socket.AF_UNIX); s.connect({str(daemon.socket)!r})
    start = time.perf_counter()
    s.sendall(b'{{"method":"io.discoverd.List"}}\\0')
    size = 0
    while not (part := s.recv(1 << 20)).endswith(b"\\0"):
        size += len(part)
    times.append(time.perf_counter() - start)
print(size, *(f"{{t * 1000:.1f}}" for t in sorted(times)))
""")
    assert client.wait(20) == 0, client.text()
    size, *times = (float(x) for x in client.text().split())
    print("ms", times, "bytes", size)
    assert size > 100000 and times[0] < 20, client.text()


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
