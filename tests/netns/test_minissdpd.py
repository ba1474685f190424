# SPDX-License-Identifier: ISC
"""Programs made for minissdpd, at discoverd's socket."""

import pathlib
import signal
import socket
import sys

import lab
import wire

ROOT = "upnp:rootdevice"
# A program that binds port 1900 after this finds it taken; discoverd, which runs already, is not disturbed.
TAKE_1900 = """
import signal, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("239.255.255.250", 1900))
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
print("taken", flush=True)
signal.pause()
"""


def text(string):
    """A string as the protocol wants it, shorter than 16384 bytes."""
    data = string.encode()
    length = bytes([len(data) >> 7 | 128, len(data) & 127]) if len(data) > 127 else bytes([len(data)])
    return length + data


def submission(st, usn, server, location):
    return b"\4" + text(st) + text(usn) + text(server) + text(location)


class Client:
    """A connection to the socket."""

    def __init__(self, path, timeout=10):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.file = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def byte(self):
        data = self.file.read(1)
        if not data:
            raise EOFError
        return data[0]

    def string(self):
        length = 0
        while True:
            byte = self.byte()
            length = length << 7 | byte & 127
            if byte < 128:
                return self.file.read(length).decode()

    def entries(self):
        return [(self.string(), self.string(), self.string()) for _ in range(self.byte())]

    def ended(self):
        """True when the daemon has closed the connection, whatever it sent before."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True


def listed(path, request=b"\3\0"):
    """What a fresh client is told."""
    with Client(path) as client:
        return client.send(request).entries()


def with_socket(here, host):
    """A daemon, and the path of its socket for minissdpd's clients."""
    path = pathlib.Path(here.folder, "minissdpd.sock")
    return host.discoverd(f"[Device]\nname = {host.name}\n[Control]\nminissdpd-socket = {path}\n"), path


def test_it_is_off_by_default(here):
    daemon = here.host("a").discoverd()
    assert "minissdpd" not in daemon.status()["counters"]


def start_miniupnpd(here, host, path=None):
    """A gateway at port 5555 of eth0; what it takes for the internet leads nowhere."""
    program = lab.need("miniupnpd")
    here.bridge("br1")
    host.plug("br1", "198.51.100.2/24", "wan0", route=False)
    config = pathlib.Path(here.folder, "miniupnpd.conf")
    config.write_text("ext_ifname=wan0\next_ip=1.2.3.4\nlistening_ip=eth0\nport=5555\nenable_upnp=yes\nnotify_interval=30\n"
                      "uuid=00000000-0000-0000-0000-000000000001\n" + (f"minissdpdsocket={path}\n" if path else ""))
    return host.start(program, "-d", "-f", str(config), "-P", f"{here.folder}/miniupnpd.pid")


def test_upnpc_finds_a_gateway_through_discoverd(here):
    upnpc = lab.need("upnpc")
    a, b = here.host("a"), here.host("b")
    _, path = with_socket(here, a)
    start_miniupnpd(here, b)
    lab.wait(lambda: any("InternetGatewayDevice" in st for _, st, _ in listed(path)), "the gateway is listed", 30)
    done = a.run(upnpc, "-p", str(path), "-l", check=False)
    assert "Found valid IGD : http://10.99.0.2:5555/" in done.stdout, done
    # what it was told by us, and not by a search of its own: multicast is out of its reach now
    a.run("nft", "add table t; add chain t o { type filter hook output priority 0; }; add rule t o udp dport 1900 drop")
    done = a.run(upnpc, "-p", str(path), "-l", check=False)
    assert "Found valid IGD : http://10.99.0.2:5555/" in done.stdout, done
    done = a.run(upnpc, "-p", f"{path}.not", "-l", check=False)
    assert "Found valid IGD" not in done.stdout, done


def take_1900(host):
    holder = host.start(sys.executable, "-c", TAKE_1900)
    lab.wait(lambda: "taken" in holder.text(), "port 1900 is taken")


def start_minidlna(here, host, path):
    """A minidlna that finds port 1900 taken, and the location that it submits."""
    program = lab.need("minidlnad")
    take_1900(host)
    media = pathlib.Path(here.folder, "media")
    media.mkdir()
    config = pathlib.Path(here.folder, "minidlna.conf")
    config.write_text(f"media_dir={media}\ndb_dir={media}\nlog_dir={media}\nfriendly_name=Films\nport=8200\n"
                      f"network_interface=eth0\nminissdpdsocket={path}\n")
    server = host.start(program, "-d", "-f", str(config), "-P", f"{here.folder}/minidlna.pid")
    return server, "http://10.99.0.1:8200/rootDesc.xml"


def test_minidlna_submits_and_is_withdrawn_when_it_dies(here):
    a = here.host("a")
    daemon, path = with_socket(here, a)
    server, location = start_minidlna(here, a, path)
    with Client(path, 60) as watcher:
        assert watcher.send(b"\5\0").byte() == 0
        lab.wait(lambda: len(listed(path, b"\2" + text("uuid:4d696e69-444c"))) == 6, "minidlna has submitted all", 30)
        own = listed(path, b"\2" + text("uuid:4d696e69-444c"))
        assert {where for where, _, _ in own} == {location}, own
        uuid = own[0][1]
        assert (location, ROOT, f"{uuid}::{ROOT}") in own and (location, uuid, uuid) in own, own
        assert len(listed(path, b"\1" + text("urn:schemas-upnp-org:device:MediaServer:1"))) == 1
        server.signal(signal.SIGKILL)
        lab.wait(lambda: not listed(path), "its submissions are withdrawn", 40)
        notices = [(watcher.byte(), watcher.byte(), watcher.entries()[0]) for _ in range(12)]
        assert [kind for _, kind, _ in notices] == [1] * 6 + [3] * 6, notices
        assert sorted(entry for _, kind, entry in notices if kind == 3) == sorted(own)
    assert daemon.status()["counters"]["submissions"]["withdrawn"] == 6


def test_what_minidlna_submits_is_announced_until_it_dies(here):
    a, b = here.host("a"), here.host("b")
    other = b.discoverd()
    _, path = with_socket(here, a)
    capture = wire.port_of(a)
    server, location = start_minidlna(here, a, path)
    lab.wait(lambda: len(listed(path, b"\2" + text("uuid:4d696e69-444c"))) == 6, "minidlna has submitted all", 30)
    submitted = {usn for _, _, usn in listed(path, b"\2" + text("uuid:4d696e69-444c"))}

    def announced(word):
        """What discoverd, and not minidlna itself, says of it."""
        return [p for p in capture.ssdp(word, target="239.255.255.250")
                if p.headers["USN"] in submitted and "INSTANCE.DISCOVERD.IO" in p.headers]
    lab.wait(lambda: {p.headers["USN"] for p in announced("ssdp:alive")} == submitted, "all of it is announced")
    said = announced("ssdp:alive")
    assert not announced("ssdp:byebye") and {p.headers["LOCATION"] for p in said} == {location}, said
    assert len({(p.headers["BOOTID.UPNP.ORG"], p.headers["CONFIGID.UPNP.ORG"]) for p in said}) == 1, said
    assert all(p.headers["SERVER"].find("MiniDLNA") > 0 and len(p.bytes) <= 512 for p in said), said
    films, _ = lab.wait(lambda: other.endpoint(name="Films", verified=True), "another host lists it")
    assert films["url"] == location and len(films["services"]) == 3, films
    searcher = b.python("plain_searcher.py", "urn:schemas-upnp-org:device:MediaServer:1", "2")
    searcher.wait()
    assert location in searcher.text(), searcher.text()
    server.signal(signal.SIGKILL)
    lab.wait(lambda: len({p.headers["USN"] for p in announced("ssdp:byebye")}) == 6, "it is taken back", 40)
    lab.wait(lambda: not other.endpoint(key=films["key"]), "and the other host believes it")
    assert other.status()["counters"]["table"]["restarts"] == 0


def test_a_device_that_is_announced_whole_is_not_submitted_in_pieces(here):
    a = here.host("a")
    daemon, path = with_socket(here, a)
    udn = daemon.status()["uuid"]
    with Client(path) as client:
        client.send(b"\4" + text(ROOT) + text(f"{udn}::{ROOT}") + text("x") + text("http://10.99.0.1:80/d.xml"))
        assert client.send(b"\3" + text("x")).entries() == []


def test_miniupnpd_submits_when_port_1900_is_taken(here):
    a = here.host("a")
    _, path = with_socket(here, a)
    take_1900(a)
    start_miniupnpd(here, a, path)
    gateway = b"\1" + text("urn:schemas-upnp-org:device:InternetGatewayDevice:1")
    lab.wait(lambda: listed(path, gateway), "miniupnpd has submitted", 30)
    assert listed(path, gateway)[0][0].startswith("http://10.99.0.1:5555/")
    assert len(listed(path)) > 5


def test_the_network_is_listed_and_watched(here):
    a, b = here.host("a"), here.host("b")
    daemon, path = with_socket(here, a)
    with Client(path) as watcher:
        assert watcher.send(b"\5\0").byte() == 0
        other = b.discoverd("[Device]\nname = b\n[Network]\nipv6 = no\n")
        udn = other.status()["uuid"]
        lab.wait(lambda: len(listed(path)) == 3, lambda: f"root device, uuid and type are listed: {listed(path)}")
        location = "http://10.99.0.2:5006/description.xml"
        assert (location, ROOT, f"{udn}::{ROOT}") in listed(path), listed(path)
        notices = [(watcher.byte(), watcher.byte(), watcher.entries()[0]) for _ in range(3)]
        other.stop()
        notices += [(watcher.byte(), watcher.byte(), watcher.entries()[0]) for _ in range(3)]
        assert [kind for _, kind, _ in notices] == [1, 1, 1, 3, 3, 3], notices
        assert all(entry[0] == location for _, _, entry in notices)
    with Client(path) as client:
        assert client.send(b"\0\0").string().startswith("discoverd/")
    assert daemon.status()["counters"]["minissdpd"]["malformed"] == 0


def test_idle_clients_and_floods_do_no_harm(here):
    a = here.host("a")
    daemon, path = with_socket(here, a)
    idle = []
    for _ in range(2000):
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(str(path))
        except OSError:
            client.close()
            continue
        idle.append(client)
        if len(idle) > 500:
            idle.pop(300).close()
    lab.wait(lambda: daemon.status()["counters"]["minissdpd"]["refused-user"] > 1000, "most are refused")
    for client in idle:
        client.close()
    lab.wait(lambda: answers(path), "the socket answers again")
    for byte in (0, 1, 3, 4, 5, 65, 255):
        flood(path, bytes([byte]) * 65536)
        assert answers(path), byte
    assert daemon.running() and daemon.status()["counters"]["minissdpd"]["requests"] > 1000
    with open(f"/proc/{daemon_pid(daemon)}/status") as status:
        present_device = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    assert present_device < 40000, present_device


def daemon_pid(daemon):
    """`ip netns exec` becomes the daemon."""
    return daemon.pid


def answers(path):
    try:
        with Client(path, 2) as client:
            return client.send(b"\0\0").string()
    except (EOFError, OSError):
        return None


def flood(path, chunk):
    """10 MB, read or not, until the daemon has enough or does not take more."""
    with Client(path, 0.3) as client:
        try:
            for _ in range(10_000_000 // len(chunk)):
                client.send(chunk)
                client.socket.recv(1 << 20)
        except OSError:
            pass


def test_a_submission_that_is_none_is_refused(here):
    a = here.host("a")
    daemon, path = with_socket(here, a)
    with Client(path) as client:
        client.send(submission("s", "uuid:1::t", "S", "http://10.99.0.1:1/") + submission("s", "uuid:1::s", "S", "http://127.0.0.1/"))
        client.send(submission("s", "uuid:1::s", "S", "http://10.99.0.1:1/") + b"\3\0")
        assert client.entries() == [("http://10.99.0.1:1/", "s", "uuid:1::s")]
        assert client.send(b"\1\0").ended()
    counters = daemon.status()["counters"]
    assert counters["submissions"]["refused-invalid"] == 2 and counters["minissdpd"]["submissions-refused"] == 2, counters
    assert counters["minissdpd"]["malformed"] == 1
    daemon.stop()
    assert not path.exists()
