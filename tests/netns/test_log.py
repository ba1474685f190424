# SPDX-License-Identifier: ISC
"""What discoverd logs at which level, and how its lines look."""

import re

import lab

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"


def test_devices_that_come_go_and_are_renamed_are_logged(here):
    a, b, lamp = here.host("a"), here.host("b"), here.host("lamp")
    daemon, quiet, other = a.discoverd(args=["-v"]), here.host("c").discoverd(), b.discoverd()
    udn = other.status()["uuid"]
    lamp.python("plain_peer.py", "lamp")
    lab.wait(lambda: re.search(rf'device (added|renamed): "b", \S+ on eth0, {udn}$', daemon.text(), re.M), "b has its name")
    lab.wait(lambda: f'device added: "lamp", 10.99.0.3 on eth0, mac:{lamp.mac()}\n' in daemon.text(), "the lamp comes")
    other.config.write_text("[Device]\nname = b2\n")
    other.ctl("reload")
    lab.wait(lambda: re.search(rf'device renamed: "b2", \S+ on eth0, {udn}$', daemon.text(), re.M), "it is renamed", 15)
    # by broadcast, perhaps: what is announced by the other protocol may still be on its way
    lab.wait(lambda: daemon.endpoint(key=udn, name="b2", verified=True), "its page is read")
    other.stop()
    # with the address that it said goodbye from last
    lab.wait(lambda: re.search(rf'device removed: "b2", \S+ on eth0, {udn}$', daemon.text(), re.M), "it goes")
    for line in daemon.text().splitlines():
        assert re.match(rf"{TIME} discoverd: ", line), line
    assert "device" not in quiet.text(), quiet.text()


def test_a_flood_of_devices_does_not_fill_the_log(here):
    a, b = here.host("a"), here.host("b")
    a.run("ip", "addr", "add", "10.100.255.1/16", "dev", "eth0")
    b.give_addresses(1000)
    daemon = a.discoverd("[Table]\nmax-devices-per-source = 4096\nmemory-per-source = 8M\n", args=["-v"])
    b.python("ssdp_flood.py", "apart", "1000").wait(60)
    lab.wait(lambda: len(daemon.devices()) > 500, "there are many devices")
    lines = [line for line in daemon.text().splitlines() if "device added" in line]
    assert 100 <= len(lines) <= 110, len(lines)

    def told():
        here.host(f"lamp{len(here.hosts)}").python("plain_peer.py", "lamp")
        return re.search(r"\(\d{3,} lines before this held back\)", daemon.text())
    lab.wait(told, "the next line tells how many are missing", 60, step=2)


def test_twice_verbose_shows_every_datagram_and_what_becomes_of_it(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(args=["-vv"]), b.discoverd()
    lab.wait(lambda: daemon.device(name="b", reachable=True), "b is read")
    daemon.ctl("-t", "1", "search", "upnp:rootdevice")
    b.run("python3", "-c", "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
          "s.sendto(b'nonsense\\x1b[2J\\r\\n\\r\\n', ('10.99.0.1', 1900))")
    udn = other.status()["uuid"]
    for pattern in (r"ssdp: datagram of \d+ bytes from 10\.99\.0\.2:\d+ to 239\.255\.255\.250 on eth0, counted as received, notifies: NOTIFY \* HTTP/1\.1 \| ",
                    r"ssdp: datagram of 16 bytes from 10\.99\.0\.2:\d+ to 10\.99\.0\.1 on eth0, counted as received, malformed: nonsense\\x1b\[2J \|  \| $",
                    r"broadcast: datagram of \d+ bytes from 10\.99\.0\.2:\d+ to 10\.99\.0\.1 on eth0, counted as received, answers: Hello from b!",
                    r"ssdp: sent \d+ bytes to 239\.255\.255\.250:1900 on eth0: M-SEARCH \* HTTP/1\.1 \| ",
                    rf"ssdp: alive of {udn}, 10\.99\.0\.2 on eth0: taken$",
                    rf"ssdp: description of {udn}, \S+ on eth0: taken$",
                    r"description http://\S+:5006/description\.xml: being fetched$",
                    r"search for upnp:rootdevice during 1 s$",
                    r"control socket: user \d+ calls io\.discoverd\.Search$",
                    r"HTTP: GET /description\.xml from \S+: 200$"):
        lab.wait(lambda: re.search(pattern, daemon.text(), re.M), f"{pattern} is logged")


def test_the_journal_gets_priorities_and_no_time(here):
    daemon = here.host("a").discoverd(
        args=["-v"], wrap=["sh", "-c", 'export JOURNAL_STREAM="$(stat -Lc %d:%i /proc/self/fd/2)"; exec "$@"', "sh"])
    for line in daemon.text().splitlines():
        assert re.match(r"<[3-7]>(?!.*discoverd: )", line), line


def test_a_check_says_nothing_of_the_time(here):
    checked = here.host("a").run(str(lab.BUILD / "discoverd"), "-C", "-c", "/nonexistent", check=False)
    assert checked.returncode == 1 and checked.stderr.startswith("discoverd: error: /nonexistent: "), checked
