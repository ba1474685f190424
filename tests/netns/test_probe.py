# SPDX-License-Identifier: ISC
"""Does it answer: discoverctl probe, and Probe itself."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import lab
import wire

CTL = str(lab.BUILD / "discoverctl")
NOBODY = 65534
PLAIN = "[SSDP]\nenabled = no\n[HTTP]\nenabled = no\nfetch = no\n"
# listens at each port that is given, and says something at 3306
GREETER = r"""
import selectors, socket, sys
wait = selectors.DefaultSelector()
for port in map(int, sys.argv[1:]):
    listener = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=512)
    wait.register(listener, selectors.EVENT_READ, port)
print("listening", flush=True)
kept = []
while True:
    for key, _ in wait.select():
        connection, _ = key.fileobj.accept()
        if key.data == 3306:
            connection.sendall(b"8.0.36 \x1b[31mgreetings\r\nmore\n")
        elif key.data == 3307:
            kept.append(connection)  # says nothing
            continue
        connection.close()
"""


def serve(host, *ports):
    process = host.start(sys.executable, "-u", "-c", GREETER, *map(str, ports))
    lab.wait(lambda: "listening" in process.text(), f"{host.name} listens")
    return process


def allow_ping(host, groups="0 2147483647"):
    host.run("sysctl", "-qw", f"net.ipv4.ping_group_range={groups}")


def silence(host, policy="drop"):
    """Everything that arrives there is dropped."""
    nft = lab.need("nft")
    host.run(nft, "add", "table", "ip", "t")
    host.run(nft, "add", "chain", "ip", "t", "in", f"{{ type filter hook input priority 0; policy {policy}; }}")


def results(daemon, *args, status=0):
    done = daemon.ctl("-j", "probe", *args, check=False)
    assert done.returncode == status, done
    return {r["port"]: r for r in json.loads(done.stdout)}


def test_each_state_and_its_exit_status(here):
    a, b = here.host("a"), here.host("b")
    allow_ping(a)
    daemon = a.discoverd(PLAIN)
    serve(b, 80, 3306)
    silence(b, "accept")
    b.run(lab.need("nft"), "add", "rule", "ip", "t", "in", "tcp", "dport", "81", "drop")
    found = results(daemon, "10.99.0.2:80-82", "-t", "1")
    assert {p: r["state"] for p, r in found.items()} == {80: "open", 81: "no-answer", 82: "closed"}, found
    assert found[80]["ms"] < found[81]["ms"] and found[81]["ms"] > 990, found
    assert all(r["target"] == r["address"] == "10.99.0.2" and r["banner"] is None for r in found.values()), found
    results(daemon, "10.99.0.2:82", status=1)
    results(daemon, "10.99.0.2:81", "-t", "1", status=6)
    results(daemon, "10.99.0.2:81,82", "-t", "1", status=1)
    # a ping alone, as nothing is known of this address
    assert results(daemon, "10.99.0.2")[None]["state"] == "open"
    assert results(daemon, "10.99.0.77", "-t", "1", status=6)[None]["state"] == "no-answer"
    # ourselves, and loopback
    assert results(daemon, "10.99.0.1:9", status=1)[9]["state"] == "closed"
    assert results(daemon, "127.0.0.1:9", status=1)[9]["state"] == "closed"
    assert results(daemon, "10.99.0.1")[None]["state"] == "open"
    table = daemon.ctl("probe", "10.99.0.2:80,82").splitlines()
    assert table[0].split() == ["TARGET", "ADDRESS", "PORT", "STATE", "MS", "BANNER"], table
    assert table[-1].startswith("2 probes: 1 open, 1 closed, 0 no-answer, 0 refused in "), table
    assert [json.loads(line)["port"] for line in daemon.ctl("-o", "jsonl", "probe", "10.99.0.2:80").splitlines()] == [80]


def test_what_a_service_says_first(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd(PLAIN)
    serve(b, 80, 3306, 3307)
    found = results(daemon, "--banner", "10.99.0.2:80,3306,3307,9")
    assert found[3306]["banner"] == "8.0.36 [31mgreetings", found
    assert [found[p]["banner"] for p in (80, 3307, 9)] == [None] * 3 and found[3307]["state"] == "open", found
    table = daemon.ctl("probe", "--banner", "10.99.0.2:3306")
    assert "\x1b" not in table and "greetings" in table and "more" not in table, table
    assert results(daemon, "10.99.0.2:3306")[3306]["banner"] is None  # it was not asked for


def test_mistakes_are_told_before_anything_is_sent(here):
    a, _ = here.host("a"), here.host("b")
    daemon = a.discoverd(PLAIN)
    capture = wire.Capture("a.eth0")
    for words in (["10.99.0.2:70000"], ["10.99.0.2:0"], ["10.99.0.2:22,"], ["10.99.0.2:9-2"], ["10.99.0.2:80", "10.99.0.2:99999"],
                  ["[10.99.0.2]:80"], ["[fe80::1"], [":80"], [], ["224.0.0.1:80"], ["10.99.0.255:80"], ["255.255.255.255:80"],
                  ["--anywhere", "224.0.0.1:80"]):
        wrong = daemon.ctl("probe", *words, check=False)
        assert wrong.returncode == 2 and wrong.stderr and not wrong.stdout, (words, wrong)
    assert "70000" in daemon.ctl("probe", "10.99.0.2:70000", check=False).stderr
    unknown = daemon.ctl("probe", "nobody:80", check=False)
    assert unknown.returncode == 4 and "nobody" in unknown.stderr and not unknown.stdout, unknown
    for off in ("192.0.2.1:80", "8.8.8.8", "[2001:db8::1]:80"):
        refused = daemon.ctl("probe", off, check=False)
        assert refused.returncode == 5 and "--anywhere" in refused.stderr and not refused.stdout, refused
    # with it, the default route leads there, where no host is
    assert results(daemon, "--anywhere", "-t", "1", "192.0.2.1:80", status=6)[80]["state"] == "no-answer"
    # one that is none does not keep the others
    both = daemon.ctl("-j", "probe", "nobody:80", "10.99.0.2:9", check=False)
    assert both.returncode == 4 and [r["state"] for r in json.loads(both.stdout)] == ["closed"], both
    assert {(p.target, p.dport) for p in capture.packets(protocol="tcp", source="10.99.0.1")} == {("10.99.0.2", 9)}


def test_where_ping_is_not_allowed_it_says_so(here):
    a, b = here.host("a"), here.host("b")
    allow_ping(a, "1 0")
    daemon = a.discoverd(PLAIN)
    found = results(daemon, "10.99.0.2", status=5)
    assert found[None]["state"] == "refused" and "ping_group_range" in found[None]["reason"], found
    told = daemon.ctl("probe", "10.99.0.2", check=False)
    assert "ping_group_range" in told.stderr and "refused" in told.stdout, told
    allow_ping(a)
    assert results(daemon, "10.99.0.2")[None]["state"] == "open"
    assert not [fd for fd in os.listdir(f"/proc/{daemon.pid}/fd")
                if "ICMP" in os.readlink(f"/proc/{daemon.pid}/fd/{fd}")]
    assert b.run("ping", "-c1", "10.99.0.1", check=False)


def test_a_device_by_name_with_what_it_announced(here):
    a, b = here.host("a"), here.host("b")
    allow_ping(a)
    daemon = a.discoverd()
    other = b.discoverd("[Device]\nname = kitchen\n")
    uuid = lab.wait(lambda: daemon.device(name="kitchen", reachable=True), "kitchen is there")[0]["id"]
    for target in ("kitchen", uuid, uuid[5:], "10.99.0.2", "10.99.0.2%eth0"):
        found = results(daemon, target)
        assert {p: r["state"] for p, r in found.items()} == {None: "open", 5006: "open"}, (target, found)
    assert list(results(daemon, f"{uuid}:5006,9")) in ([5006, 9], [9, 5006])
    # IPv6, where an address is many hosts'
    local = json.loads(b.run("ip", "-j", "-6", "addr", "show", "dev", "eth0").stdout)[0]["addr_info"]
    local = [i["local"] for i in local if i["scope"] == "link"][0]
    found = results(daemon, f"[{local}%eth0]:5006,9")
    assert found[5006]["address"] == f"{local}%eth0", found
    assert results(daemon, f"{local}%eth0")[None]["state"] == "open"
    own = json.loads(a.run("ip", "-j", "-6", "addr", "show", "dev", "eth0").stdout)[0]["addr_info"]
    own = [i["local"] for i in own if i["scope"] == "link"][0]
    for target in (f"{own}%eth0", own, "::1"):
        assert results(daemon, target)[None]["state"] == "open", target
    # silence of what it announced is told in the table, an answer again
    other.signal(19)
    b.run("ip", "link", "set", "eth0", "down")
    assert {r["state"] for r in results(daemon, "10.99.0.2", "-t", "1", status=6).values()} == {"no-answer"}
    assert daemon.device(name="kitchen", reachable=False)
    b.run("ip", "link", "set", "eth0", "up")
    other.signal(18)
    lab.wait(lambda: daemon.ctl("probe", "10.99.0.2", "-t", "1", check=False).returncode == 0, "it answers again")
    assert daemon.device(name="kitchen", reachable=True)


def test_the_slow_round_keeps_reachable_up_to_date(here):
    a, b = here.host("a"), here.host("b")
    for groups in ("0 2147483647", "1 0"):  # by ping, and by TCP where that is forbidden
        allow_ping(a, groups)
        daemon = a.discoverd("[Table]\nprobe-interval = 1\n", name=f"d{len(groups)}")
        other = b.discoverd("[Device]\nname = kitchen\n", name=f"d{len(groups)}")
        lab.wait(lambda: daemon.device(name="kitchen", reachable=True), "kitchen is there")
        other.signal(19)
        b.run("ip", "link", "set", "eth0", "down")
        lab.wait(lambda: daemon.device(name="kitchen", reachable=False), "it is noticed")
        b.run("ip", "link", "set", "eth0", "up")
        lab.wait(lambda: daemon.device(name="kitchen", reachable=True), "it is noticed again")
        other.signal(18)
        other.stop()
        daemon.stop()


def test_it_is_for_privileged_users(here):
    daemon = here.host("a").discoverd(PLAIN)
    os.chmod(here.folder, 0o755)
    tool = shutil.copy(CTL, here.folder)
    try:
        refused = subprocess.run([tool, "-s", str(daemon.socket), "probe", "10.99.0.1:80", "10.99.0.1:81"], capture_output=True,
                                 text=True, timeout=20, user=NOBODY, group=NOBODY, extra_groups=[], stdin=subprocess.DEVNULL)
    except OSError as error:
        raise lab.Skip(f"cannot become another user here: {error}") from None
    assert refused.returncode == 5 and refused.stderr.count("not allowed") == 1 and not refused.stdout, refused


def connecting(host):
    return len(host.run("ss", "-Htan", "state", "syn-sent").stdout.splitlines())


def begin(here, daemon, *args):
    """A probe that goes on while the test does."""
    process = lab.Process([CTL, "-s", str(daemon.socket), "-o", "jsonl", "probe", *args], f"{here.folder}/{len(here.processes)}.log")
    here.processes.append(process)
    return process


def test_never_more_than_64_sockets(here):
    a, b, _ = here.host("a"), here.host("b"), here.host("c")
    daemon = a.discoverd(PLAIN)
    silence(b)
    first = begin(here, daemon, "-t", "1", "10.99.0.2:1-100")
    lab.wait(lambda: connecting(a) == 48, "one call has 48")
    hogs = [begin(here, daemon, "-t", "3", "10.99.0.2:1-3000") for _ in range(2)]
    lab.wait(lambda: connecting(a) == 62, "all together have 62")
    # the kernel's list is no snapshot: sockets that change meanwhile may be counted twice, but not again and again
    lab.never(lambda: all(connecting(a) > 62 for _ in range(3)), "more than that", 2.5)
    assert first.wait(30) == 6 and first.text().count("no-answer") == 100
    for hog in hogs:
        hog.signal(signal.SIGINT)
    lab.wait(lambda: connecting(a) == 0, "the probes of a client end with it")
    # a single call that waits does not keep another one waiting
    hog = begin(here, daemon, "-t", "10", "10.99.0.2:1-500")
    lab.wait(lambda: connecting(a) == 48, "one call has 48")
    results(daemon, "10.99.0.3:1-200", status=1)
    assert hog.running() and hog.text().count("no-answer") < 500 - 48, hog.text()[-200:]
    hog.signal(signal.SIGINT)


def test_200_ports_on_50_hosts(here):
    a, asker = here.host("a"), here.host("asker")
    # ahead of whatever else this machine does, so that the daemon is what is measured
    ahead = ["chrt", "-f", "1"] if a.run("chrt", "-f", "1", "true", check=False).returncode == 0 else []
    daemon = a.discoverd(wrap=ahead)
    for i in range(50):
        here.host(f"h{i}")
        if i % 5 == 0:
            serve(here.hosts[f"h{i}"], 22, 80, 200)
    targets = [f"{here.hosts[f'h{i}'].addresses[0]}:1-200" for i in range(50)]
    own = [f"10.99.0.{i}" for i in range(200, 240)]
    for address in own:
        asker.run("ip", "addr", "add", f"{address}/24", "dev", "eth0")
    delays = asker.start(*ahead, sys.executable, "-u", str(lab.HERE / "search_delays.py"), "10.99.0.1", *own)
    lab.wait(lambda: delays.text().count("\n") >= 60, "the delays without probes")
    before = delays.text().count("\n")
    times = []
    while delays.text().count("\n") < before + 60:
        start = time.monotonic()
        states = [r["state"] for r in json.loads(daemon.ctl("-j", "probe", "-t", "1", *targets))]
        times.append(time.monotonic() - start)
        assert states.count("open") == 30 and states.count("closed") == 9970, len(states)
    numbers = [float(line) for line in delays.text().splitlines()]
    quiet, busy = sorted(numbers[:before]), sorted(numbers[before:])
    (middle, most), (middle_busy, most_busy) = ((n[len(n) // 2], n[len(n) * 9 // 10]) for n in (quiet, busy))
    print(f"10000 probes took {max(times):.2f} s at most, {len(times)} times; half of the answers took less than {middle:.2f} ms "
          f"before and {middle_busy:.2f} meanwhile, nine tenths {most:.2f} and {most_busy:.2f}, all {quiet[-1]:.2f} and {busy[-1]:.2f}")
