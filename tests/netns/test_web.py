# SPDX-License-Identifier: ISC
"""discoverd-web, as programs see it that speak HTTP."""

import concurrent.futures
import http.client
import ipaddress
import json
import pathlib
import random
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

import lab
from false_discoverd import FalseDiscoverd, make_device
from test_allocations import FAILED, NEVER, Plan, build
from test_examples import blocks

PROGRAM = lab.BUILD / "discoverd-web"
PORT = 5080
UDN = "uuid:00000000-0000-4000-8000-000000000001"
CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
       "base-uri 'none'; frame-ancestors 'none'")


class Web:
    """A discoverd-web beside a daemon, and what a browser on `reader` gets of it."""

    def __init__(self, daemon, reader, options="address = *", wrap=()):
        if not PROGRAM.exists():
            raise lab.Skip("discoverd-web is not built")
        self.daemon, self.reader = daemon, reader
        self.address = daemon.host.addresses[0]
        self.config = daemon.folder / "web.conf"
        self.config.write_text(f"[Web]\n{options}\n")
        self.wrap = wrap
        self.start()

    def start(self):
        self.process = self.daemon.host.start(*self.wrap, str(PROGRAM), "-c", str(self.config), "-s", str(self.daemon.socket), "-v")
        lab.wait(lambda: "the page is at" in self.process.text() or not self.process.running(), "discoverd-web listens")

    def connect(self, source=None):
        return lab.inside(self.reader, lambda: socket.create_connection((self.address, PORT), 10, (source, 0) if source else None))

    def raw(self, request, source=None):
        """All that comes back for these bytes."""
        with self.connect(source) as s:
            s.sendall(request)
            answer = b""
            try:
                while part := s.recv(65536):
                    answer += part
            except ConnectionResetError:
                pass
        return answer

    def status(self, request):
        """The status of the answer to these bytes; 0 without one."""
        match = re.match(rb"HTTP/1\.1 (\d{3}) ", self.raw(request))
        return int(match[1]) if match else 0

    def get(self, path, method="GET", **headers):
        """A response, with its body in `text`."""
        connection = http.client.HTTPConnection(self.address, PORT, timeout=10)
        connection.sock = self.connect()
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        response.text = response.read().decode()
        connection.close()
        return response


class Events:
    """An event stream."""

    def __init__(self, web, path="/events", source=None, **headers):
        self.socket = web.connect(source)
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {web.address}\r\n{lines}\r\n".encode())
        self.bytes = b""
        self.head = None
        self.ended = False

    def read(self):
        """All events so far, as (name, id, data); the time of arrival of the last bytes is in `at`."""
        while not self.ended and select.select([self.socket], [], [], 0)[0]:
            part = self.socket.recv(65536)
            self.at = time.monotonic()
            self.ended = not part
            self.bytes += part
        self.head, _, body = self.bytes.partition(b"\r\n\r\n")
        events = []
        for block in body.decode().split("\n\n")[:-1] if b"event-stream" in self.head else []:
            fields = dict(line.split(": ", 1) for line in block.splitlines())
            if "event" in fields:
                events.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
        return events

    def named(self, name):
        return [data for event, _, data in self.read() if event == name]

    def synced(self):
        lab.wait(lambda: self.named("synced"), lambda: f"all rows have come: {self.bytes!r}")
        return self


MANY = "[Device]\nname = a\n[Table]\nmax-devices-per-source = 2000\nmemory-per-source = 8M\n[HTTP]\nfetch = no\n"


def address_of(number):
    return str(ipaddress.IPv4Address("10.100.0.1") + number)


class Crowd:
    """A daemon, its discoverd-web, and a host of many addresses, each with a device that SSDP announces."""

    def __init__(self, here, count, options="address = *"):
        a, self.host = here.host("a"), here.host("b")
        a.run("ip", "addr", "add", "10.100.255.1/16", "dev", "eth0")
        self.host.give_addresses(count)
        self.daemon = a.discoverd(MANY)
        self.web = Web(self.daemon, self.host, options)
        self.web.address = "10.100.255.1"

    def notify(self, number, nts="ssdp:alive"):
        address, udn = address_of(number), f"uuid:00000000-0000-4000-8000-{number:012x}"

        def send():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
                s.bind((address, 0))
                s.sendto((f"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nCACHE-CONTROL: max-age=1800\r\n"
                          f"LOCATION: http://{address}:9/d{number}.xml\r\nNT: upnp:rootdevice\r\nNTS: {nts}\r\n"
                          f"SERVER: x/1 UPnP/1.0 y/1\r\nUSN: {udn}::upnp:rootdevice\r\n\r\n").encode(), ("239.255.255.250", 1900))
        lab.inside(self.host, send)
        return udn

    def fill(self, count):
        """Has the first devices announced, and waits until the page has them."""
        def known():
            self.host.python("ssdp_flood.py", "apart", str(count)).wait(60)  # again: a busy machine loses some
            return self.daemon.status()["devices"] == count
        lab.wait(known, "all are in the table", 60)
        lab.wait(lambda: self.web.get("/").text.count("<tr><th") == count + 1, "all are on the page")  # and the empty row for the script


def two_hosts(here, options="address = *", **more):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    return daemon, b, Web(daemon, b, options, **more)


def test_web_serves_pages(here):
    daemon, b, web = two_hosts(here)
    b.discoverd("[Device]\nname = <b>lamp</b>\n")
    lab.wait(lambda: "&lt;b&gt;lamp&lt;/b&gt;" in web.get("/").text, lambda: web.get("/").text)
    device = daemon.device(name="<b>lamp</b>")
    page = web.get("/")
    assert page.status == 200 and page.headers["Content-Type"] == "text/html; charset=utf-8", page.headers
    assert page.headers["Content-Security-Policy"] == CSP, page.headers
    assert page.headers["X-Content-Type-Options"] == "nosniff" and page.headers["Referrer-Policy"] == "no-referrer", page.headers
    assert not any(name.lower().startswith("access-control") for name in page.headers), page.headers
    assert "<b>lamp" not in page.text and "<script>" not in page.text, page.text
    assert "lamp" in web.get("/?q=lamp").text and "10.99.0.2" not in web.get("/?q=toaster").text
    shown = web.get("/device/" + urllib.parse.quote(device["id"], safe=""))
    assert shown.status == 200, shown.status
    for text in (device["id"], "10.99.0.2", "&lt;b&gt;lamp", "/description.xml"):
        assert text in shown.text, (text, shown.text)
    for gone in ("/device/uuid%3Ax", "/device/", "/device/%", "/device/%00", "/nothing", "/page.css/", "/../etc/passwd", "/device/" + "x" * 900):
        assert web.get(gone).status == 404, gone
    picture = web.get("/map.svg")
    assert picture.headers["Content-Type"] == "image/svg+xml" and "10.99.0.2" in picture.text and "eth0" in picture.text, picture.text
    assert "10.99.0.2" in web.get("/map").text
    for name, kind in (("page.css", "text/css"), ("page.js", "text/javascript"), ("icon.svg", "image/svg+xml")):
        asset = web.get("/" + name)
        assert asset.headers["Content-Type"].startswith(kind) and asset.text, name
        again = web.get("/" + name, If_None_Match=f'"other", {asset.headers["ETag"]}')
        assert again.status == 304 and not again.text, name
        assert web.get("/" + name, If_None_Match='"other"').status == 200
    head = web.get("/", "HEAD")
    assert head.status == 200 and not head.text and abs(int(head.headers["Content-Length"]) - len(page.text.encode())) < 2000
    assert web.get("/events", "HEAD").status == 200


def test_web_is_read_only_and_for_its_own_names(here):
    _, _, web = two_hosts(here, "address = *\nnames = panel panel.example")
    own = web.daemon.host.run("uname", "-n").stdout.strip()
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"):
        answer = web.get("/", method)
        assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD", (method, answer.status)
    for host in ("10.99.0.1", "10.99.0.1:5080", "[fe80::1]:5080", "[::1]", "localhost", "localhost:5080", own, own.upper() + ".local",
                 own + ".local.:5080", "panel", "Panel.Example:80"):
        assert web.status(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()) == 200, host
        assert web.status(f"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()) in (200, 400), host
    for host in ("evil.example", "10.99.0.1.evil.example", "panel.evil.example", own + ".evil", "localhost.evil", "", "[::1", ":5080",
                 "10.99.0.1:port", "localhost@evil.example", "10.99.0.1:80:80", "fe80::1"):
        assert web.status(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()) == 421, host
    assert web.status(b"GET http://evil.example/ HTTP/1.1\r\nHost: 10.99.0.1\r\n\r\n") == 421
    for request in (b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", b"GET /\r\n\r\n", b"\r\n\r\n", b"GET / HTTP/2.0\r\nHost: 10.99.0.1\r\n\r\n",
                    b"GET / HTTP/1.1\r\nHost: 10.99.0.1\r\nHost: 10.99.0.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: 10.99.0.1\r\n .evil\r\n\r\n",
                    b"GET / HTTP/1.1\r\n X\r\nHost: 10.99.0.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost : 10.99.0.1\r\n\r\n",
                    b"GET /\0 HTTP/1.1\r\nHost: 10.99.0.1\r\n\r\n"):
        assert web.status(request) == 400, request
    assert web.status(b"GET / HTTP/1.1\r\nHost: 10.99.0.1\r\n" + b"X: " + b"y" * 5000 + b"\r\n\r\n") == 431
    assert web.status(b"GET / HTTP/1.1\r\nHost: 10.99.0.1\r\n" + b"X: y\r\n" * 50 + b"\r\n") == 431


def test_web_listens_on_loopback_unless_told(here):
    daemon, b, _ = two_hosts(here, "port = 5081")
    seen = daemon.host.run("ss", "-Hltn").stdout
    assert "127.0.0.1:5081" in seen and "0.0.0.0:5081" not in seen and "*:5081" not in seen, seen
    daemon.host.run("ip", "addr", "del", "::1/128", "dev", "lo", check=False)
    without = Web(daemon, b, "port = 5082")
    assert without.process.running() and "cannot listen at [::1]:5082" in without.process.text() and "warning" not in without.process.text()
    for options, status in (("address = nowhere", 78), ("address = 10.99.0.77", 1), ("address =", 78), ("port = 0", 78), ("colour = red", 78)):
        other = Web(daemon, b, options)
        assert other.process.wait() == status, (options, status, other.process.text())


def test_web_keeps_its_port_where_the_next_one_is_taken(here):
    daemon, _, web = two_hosts(here)
    taken = lab.inside(daemon.host, lambda: socket.create_server(("", 5090)))
    for options, why in (("address = *\nport = 5090", "Address already in use"), ("address = 10.99.0.77", "Cannot assign requested address")):
        web.config.write_text(f"[Web]\n{options}\n")
        listens = web.process.text().count("the page is at http://0.0.0.0:5080/")
        web.process.signal(signal.SIGHUP)
        lab.wait(lambda: web.process.text().count("the page is at http://0.0.0.0:5080/") > listens, web.process.text)  # noqa: B023
        assert why in web.process.text() and web.get("/").status == 200, web.process.text()
    taken.close()
    web.config.write_text("[Web]\naddress = *\nport = 5090\n")
    web.process.signal(signal.SIGHUP)
    lab.wait(lambda: "the page is at http://0.0.0.0:5090/" in web.process.text(), web.process.text)
    assert web.process.stop() == 0, web.process.text()


def test_web_events_tell_each_change_once(here):
    crowd = Crowd(here, 4)
    web = crowd.web
    first = crowd.notify(1)
    lab.wait(lambda: crowd.daemon.device(id=first), "the first device")
    web.process.signal(signal.SIGHUP)  # reads its configuration again, and is the same afterwards
    lab.wait(lambda: web.process.text().count("the page is at") >= 4, "it listens again")
    lab.wait(lambda: first.replace(":", "%3A") in web.get("/").text, "the first device is on the page")
    stream = Events(web).synced()
    events = stream.read()
    assert b"text/event-stream" in stream.head and b"HTTP/1.1 200" in stream.head, stream.head
    assert [e[0] for e in events] == ["reset", "row", "synced"] and events[1][2]["id"] == first and events[1][1] is None, events
    assert events[2][2] == {"connected": True}, events
    started = time.monotonic()
    second = crowd.notify(2)
    lab.wait(lambda: second in [row["id"] for row in stream.named("row")], "the second device")
    print(f"a new device was reported after {stream.at - started:.3f} s")
    assert stream.at - started < 1 * lab.SLOWER, stream.at - started
    assert {row["id"] for row in stream.named("row")[1:]} == {second}, "only the new one comes"
    token = lab.wait(lambda: stream.read()[-1][1], "the change has a number")[0]
    crowd.notify(1, "ssdp:byebye")
    lab.wait(lambda: first in [data["id"] for data in stream.named("removed")], "the first one goes")
    for resumed in (Events(web, Last_Event_ID=token).synced(), Events(web, "/events?since=" + token).synced()):
        names = [(name, data.get("id")) for name, _, data in resumed.read()]
        assert ("removed", first) in names and "reset" not in dict(names), names
        assert ("row", first) not in names, names
    page = web.get("/").text
    revision = re.search(r'data-revision="([^"]+)"', page)[1]
    quiet = [e for e in Events(web, "/events?since=" + revision).synced().read() if e[0] in ("reset", "removed")]
    assert not quiet, quiet
    for wrong in ("x", token[:-1] + "9999999", "0" * 16 + "-1", "-", token + "-1"):
        assert Events(web, Last_Event_ID=wrong).synced().read()[0][0] == "reset", wrong


def test_web_keeps_devices_while_discoverd_restarts(here):
    crowd = Crowd(here, 4)
    daemon, web = crowd.daemon, crowd.web
    udn = crowd.notify(1)
    lab.wait(lambda: udn in [row["id"] for row in Events(web).synced().named("row")], "the device")
    stream = Events(web).synced()
    daemon.stop()
    lab.wait(lambda: stream.read()[-1][2] == {"connected": False}, "the connection is lost")
    assert udn.replace(":", "%3A") in web.get("/").text and "does not answer" in web.get("/").text
    assert web.get("/device/" + udn).status == 503 and web.get("/map").status == 503
    down = web.get("/metrics")
    assert down.status == 200 and "discoverd_up 0\n" in down.text and "datagrams" not in down.text, down.text
    daemon.host.discoverd(MANY)
    lab.wait(lambda: stream.read()[-1][2] == {"connected": True}, "it is connected again")
    assert not stream.named("removed"), stream.read()
    lab.wait(lambda: "discoverd_up 1\n" in web.get("/metrics").text, "discoverd is up")


def test_web_answers_while_discoverd_hangs(here):
    crowd = Crowd(here, 4)
    daemon, web = crowd.daemon, crowd.web
    udn = crowd.notify(1)
    lab.wait(lambda: udn in [row["id"] for row in Events(web).synced().named("row")], "the device")
    paths = ("/metrics", "/map", "/device/" + udn, "/map.svg", "/metrics", "/")
    daemon.signal(signal.SIGSTOP)
    try:
        took = []
        with concurrent.futures.ThreadPoolExecutor(len(paths)) as pool:
            began = time.monotonic()
            for path, answer in zip(paths, pool.map(web.get, paths)):
                assert answer.status == (200 if path in ("/", "/metrics") else 503), (path, answer.status)
                took.append(time.monotonic() - began)
        down = web.get("/metrics")
        assert "discoverd_up 0\n" in down.text and "datagrams" not in down.text, down.text
        print(f"seconds until all are answered: {max(took):.1f}")
        assert max(took) < 8 * lab.SLOWER, took
    finally:
        daemon.signal(signal.SIGCONT)
    lab.wait(lambda: "discoverd_up 1\n" in web.get("/metrics").text, "discoverd is up")
    assert web.get("/device/" + udn).status == 200 and web.get("/map").status == 200


def samples(text):
    return dict(re.findall(r"^([a-z_]+(?:\{[^}]*\})?) (\d+)$", text, re.M))


def test_web_metrics_are_what_prometheus_reads(here):
    promtool = lab.need("promtool")
    crowd = Crowd(here, 4)
    daemon, web, b, c = crowd.daemon, crowd.web, crowd.host, here.host("c")
    c.discoverd("[Device]\nname = printer\n")
    crowd.notify(1)
    counted = 'discoverd_devices{protocol="ssdp",kind="device"} 2\n'
    text = lab.wait(lambda: next((t for t in [web.get("/metrics").text] if counted in t), None), lambda: web.get("/metrics").text)[0]
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True)
    assert checked.returncode == 0 and not checked.stdout and not checked.stderr, checked
    assert text.endswith("# EOF\n"), text[-200:]
    seen, counters = samples(text), daemon.status()["counters"]
    assert seen["discoverd_up"] == "1" and seen['discoverd_devices{protocol="ssdp",kind="device"}'] == "2", text
    assert int(seen['discoverd_device_events_total{event="added"}']) <= counters["table"]["added"], text
    assert int(seen['discoverd_datagrams_total{protocol="ssdp",direction="received"}']) > 0, text
    assert seen['discoverd_dropped_total{part="table",reason="evicted"}'] == "0", text
    assert f'discoverd_build_info{{version="{daemon.status()["version"]}"}}' in seen, text
    assert abs(int(seen["discoverd_start_time_seconds"]) - time.time()) < 600, text
    opened = web.get("/metrics", Accept="application/openmetrics-text; version=1.0.0,text/plain;q=0.5")
    assert opened.headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8", opened.headers
    assert "# TYPE discoverd_datagrams counter\n" in opened.text and "# TYPE discoverd_build info\n" in opened.text, opened.text
    assert opened.text.endswith("# EOF\n") and samples(opened.text).keys() == seen.keys()
    assert web.get("/metrics").headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    for secret in ("10.99.0", "10.100", "printer", "uuid", b.mac(), c.mac(), "eth0"):
        assert secret not in text, secret


def test_web_metrics_are_collected_by_prometheus(here):
    prometheus = lab.need("prometheus")
    daemon, b, web = two_hosts(here)
    b.discoverd("[Device]\nname = lamp\n")
    lab.wait(lambda: daemon.device(name="lamp"), "the lamp")
    folder = pathlib.Path(here.folder, "prometheus")
    folder.mkdir()
    config = folder / "prometheus.yml"
    config.write_text("global: {scrape_interval: 1s}\nscrape_configs:\n"
                      f"- job_name: discoverd\n  static_configs: [{{targets: ['{web.address}:{PORT}']}}]\n")
    process = b.start(prometheus, f"--config.file={config}", f"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:9090")

    def connect():
        s = socket.socket()
        return s if s.connect_ex(("127.0.0.1", 9090)) == 0 else s.close()

    def ask(query):
        connection = http.client.HTTPConnection("127.0.0.1", 9090, timeout=10)
        connection.sock = lab.inside(b, connect)
        if not connection.sock:
            return None
        try:
            connection.request("GET", "/api/v1/query?query=" + urllib.parse.quote(query))
            answer = json.load(connection.getresponse())
            return [float(sample["value"][1]) for sample in answer["data"]["result"]]
        except (OSError, KeyError, ValueError):
            return None  # it starts
        finally:
            connection.close()
    lab.wait(lambda: ask('discoverd_devices{protocol="ssdp",kind="device"}') == [1], lambda: process.text()[-3000:], 60)
    assert ask("up") == [1] and ask("discoverd_up") == [1] and ask("count(discoverd_build_info)") == [1]
    assert ask("sum(discoverd_datagrams_total)")[0] > 0


def test_the_examples_of_the_manual_of_web(here):
    promtool = lab.need("promtool")
    lab.need("curl")
    page, own, command, collector = blocks("discoverd-web.8")
    daemon, _, web = two_hosts(here, "port = 5081")
    web.process.stop()
    for program, text, wanted in ((PROGRAM, page, "address = *\n"), (lab.BUILD / "discoverd", own, "presentation-url = http://board.local:5080/\n")):
        file = pathlib.Path(here.folder, "example.conf")
        file.write_text(text)
        checked = daemon.host.run(str(program), "-C", "-c", str(file))
        assert wanted in checked.stdout and not checked.stderr, checked
    web.config.write_text(page)
    web.start()
    lab.wait(lambda: "discoverd_up 1\n" in daemon.host.run("sh", "-c", command).stdout, "curl prints the metrics")
    file = pathlib.Path(here.folder, "prometheus.yml")
    file.write_text(collector)
    checked = subprocess.run([promtool, "check", "config", str(file)], capture_output=True, text=True)
    assert checked.returncode == 0, checked


def test_web_draws_no_map_of_more_than_a_thousand_devices(here):
    board = here.host("board")
    devices = [make_device(f"uuid:{n:08d}-0000-4000-8000-000000000000", f"lamp {n}", f"10.1.{n >> 8}.{n & 255}") for n in range(1001)]
    daemon = FalseDiscoverd(pathlib.Path(here.folder, "socket"), devices)
    daemon.host, daemon.folder, daemon.socket = board, pathlib.Path(here.folder), daemon.path
    web = Web(daemon, board)
    lab.wait(lambda: "1 more" in web.get("/").text, "the list has as many as it may have")
    assert web.get("/").text.count("<tr><th") == 1001, "a thousand, and the empty row for the script"
    for path in ("/map", "/map.svg"):
        answer = web.get(path)
        assert answer.status == 507 and "too many devices" in answer.text, answer.text
    rows = Events(web).synced().named("row")
    assert len({row["id"] for row in rows}) == 1001, len(rows)


def test_web_has_sixteen_event_streams(here):
    crowd = Crowd(here, 4)
    web = crowd.web
    streams = [Events(web).synced() for _ in range(16)]
    refused = Events(web)
    lab.wait(lambda: refused.read() is not None and refused.ended, "the last one is refused")
    assert b" 503 " in refused.head and b"Retry-After: " in refused.head, refused.head
    other = Events(web, source="10.100.0.4").synced()  # another address gets a place of one that has many
    lab.wait(lambda: sum(s.read() is not None and s.ended for s in streams) == 1, "one of sixteen ends")
    assert not other.ended
    crowd.notify(1)
    for stream in (*(s for s in streams if not s.ended), other):
        lab.wait(lambda: stream.named("row"), "each is told")


def test_web_stays_away_from_the_control_socket(here):
    """A thousand slow clients and sixteen streams: discoverd answers within 20 ms, and the page is served."""
    crowd = Crowd(here, 1000)
    daemon, web, b = crowd.daemon, crowd.web, crowd.host
    crowd.fill(20)
    streams = [Events(web).synced() for _ in range(16)]

    def slow(address):
        s = socket.socket(socket.AF_INET)
        s.setblocking(False)
        s.bind((address, 0))
        s.connect_ex((web.address, PORT))
        return s
    held = lab.inside(b, lambda: [slow(address) for address in map(address_of, range(1000))])
    sent = 0
    for s in held:
        try:
            sent += s.send(b"GET / HTTP/1.1\r\nHo") > 0
        except OSError:
            pass
    assert sent > 100, sent
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(10)
    client.connect(str(daemon.socket))
    took = []
    for number in range(200):
        for s in held[number * 5:number * 5 + 5]:
            try:
                s.send(b"s")
            except OSError:
                pass
        began = time.monotonic()
        client.sendall(b'{"method":"io.discoverd.Status"}\0')
        answer = b""
        while not answer.endswith(b"\0"):
            answer += client.recv(65536)
        took.append(time.monotonic() - began)
    took.sort()
    print(f"Status with {len(held)} slow clients: median {1000 * took[100]:.2f} ms, 99 of 100 within {1000 * took[197]:.2f} ms")
    assert took[100] < 0.02 * lab.SLOWER, took[100]
    began = time.monotonic()
    page = web.get("/")
    print(f"the page of 20 devices took {1000 * (time.monotonic() - began):.1f} ms, {len(page.text.encode())} bytes")
    assert page.status == 200 and page.text.count("<tr><th") == 21
    assert all(not stream.ended for stream in streams if stream.read() is not None)
    crowd.notify(99)
    for stream in streams:
        lab.wait(lambda: any(row["id"].endswith("63") for row in stream.named("row")), "the streams go on")


def cpu(process):
    """Ticks that a process has used."""
    fields = open(f"/proc/{process.pid}/stat", encoding="ascii").read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_web_does_not_spin_without_descriptors(here):
    daemon, b, web = two_hosts(here, "address = *\nmax-clients = 64\nmax-clients-per-address = 64", wrap=("prlimit", "--nofile=24"))
    held = [web.connect() for _ in range(40)]
    lab.wait(lambda: "cannot accept a connection" in web.process.text(), lambda: web.process.text())
    before = cpu(web.process)
    lab.never(lambda: cpu(web.process) - before > 30, "it takes CPU while it has no descriptor", 3)
    for s in held:
        s.close()
    lab.wait(lambda: web.get("/").status == 200, "it serves again")


def test_web_bounds_what_slow_readers_hold(here):
    crowd = Crowd(here, 500, "address = *\nmax-clients = 1024\nmax-clients-per-address = 1024")
    web = crowd.web
    crowd.fill(500)
    size = len(web.get("/").text)
    held = []

    def connect():
        s = socket.socket(socket.AF_INET)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        s.connect((web.address, PORT))
        s.sendall(f"GET /?q=x HTTP/1.1\r\nHost: {web.address}\r\n\r\n".encode())
        held.append(s)
    for _ in range(600):
        lab.inside(crowd.host, connect)
    assert web.get("/").status == 200
    memory = int(re.search(r"VmHWM:\s+(\d+)", open(f"/proc/{web.process.pid}/status", encoding="ascii").read())[1])
    print(f"600 readers of {size} bytes that read nothing: {memory} kB at most")
    assert memory < 64 * 1024 or lab.SANITIZED, memory


def ended_or_serves(web):
    def connect():
        s = socket.socket()
        return s if s.connect_ex((web.address, PORT)) == 0 else s.close()
    connection = lab.inside(web.reader, connect)
    if not connection:
        return None if web.process.running() else "ended"
    with connection as s:
        s.sendall(f"GET / HTTP/1.1\r\nHost: {web.address}\r\n\r\n".encode())
        try:
            return "serves" if s.recv(12) == b"HTTP/1.1 200" else None
        except ConnectionResetError:
            return None


def test_web_survives_without_memory(here):
    """Each allocation of a start, and of each request, fails by itself and with all that follow."""
    crowd = Crowd(here, 4)
    crowd.notify(1)
    plan = Plan(here, build(here), "plan")
    plan.leaks.write_text(plan.leaks.read_text() + "leak:json_tokener_parse_ex\n")  # json-c loses an array that it cannot add to
    crowd.web.process.stop()
    starts = refused = 0
    for number in (*range(0, 120), *range(120, 600, 40)):
        plan.arm(number)
        crowd.web.wrap = plan.wrap
        crowd.web.start()
        plan.disarm()
        starts += 1
        if lab.wait(lambda: ended_or_serves(crowd.web), "it serves or has ended")[0] == "ended":
            refused += 1
            assert crowd.web.process.wait() > 0, crowd.web.process.text()
            assert re.search("memory|allocate", crowd.web.process.text()), (number, crowd.web.process.text())
            continue
        assert crowd.web.process.stop() == 0, (number, crowd.web.process.text())
    assert 0 < refused < starts, (refused, starts)
    crowd.web.start()
    lab.wait(lambda: UDN in [row["id"] for row in Events(crowd.web).synced().named("row")], "the device")
    streams = [Events(crowd.web).synced() for _ in range(2)]
    failed = 0
    for path in ("/", "/?q=x", f"/device/{urllib.parse.quote(UDN, safe='')}", "/map", "/map.svg", "/metrics", "/page.css", "/events", "/nothing"):
        for number in (*range(0, 40, 2), *range(40, 400, 30)):
            for count in (1, NEVER):
                if path.startswith(("/map", "/metrics")):
                    lab.wait(lambda: crowd.web.get("/page.js").status == 200, "it serves")
                plan.arm(number, count)
                try:
                    with crowd.web.connect() as s:
                        s.settimeout(0.05)
                        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 10.100.255.1\r\n\r\n".encode())
                        while s.recv(65536):
                            pass
                except OSError:
                    pass
                plan.disarm()
                failed += plan[FAILED] > 0
                assert crowd.web.process.running(), (path, number, count, crowd.web.process.text()[-3000:])
    print(f"{starts} starts, {refused} of them refused; {failed} requests without memory")
    for number in range(0, 120, 4):
        plan.arm(number, 1 + number % 3)
        crowd.notify(2, "ssdp:alive" if number % 8 else "ssdp:byebye")
        lab.never(lambda: not crowd.web.process.running(), crowd.web.process.text, 0.05)
        plan.disarm()
    third = crowd.notify(3)
    lab.wait(lambda: third.replace(":", "%3A") in crowd.web.get("/").text, "it follows again")
    stream = Events(crowd.web).synced()
    assert third in [row["id"] for row in stream.named("row")], stream.read()
    for s in streams:
        s.socket.close()
    assert crowd.web.process.stop() == 0, crowd.web.process.text()[-3000:]


def broken(chance):
    """A request with some mistakes, or with none."""
    path = chance.choice(("/", "/?q=a&sort=mac", "/events", "/events?since=1-2", f"/device/{urllib.parse.quote(UDN, safe='')}", "/map", "/map.svg",
                          "/metrics", "/page.css"))
    request = bytearray(f"GET {path} HTTP/1.1\r\nHost: 10.100.255.1\r\nAccept: x\r\n\r\n".encode())
    for _ in range(chance.randrange(4)):
        what, at = chance.randrange(4), chance.randrange(len(request) or 1)
        if what == 0:
            request[at:at + 1] = chance.randbytes(1)
        elif what == 1:
            del request[at:at + chance.randrange(20)]
        elif what == 2:
            request[at:at] = chance.randbytes(chance.randrange(1, 40))
        else:
            request[at:at] = request[:at] * chance.randrange(1, 40)
    return bytes(request)


def test_ten_thousand_hostile_requests(here):
    crowd = Crowd(here, 4)
    web = crowd.web
    crowd.notify(1)
    lab.wait(lambda: UDN in [row["id"] for row in Events(web).synced().named("row")], "the device")
    chance = random.Random(13)

    def send_all():
        held = []
        for _ in range(10000):
            try:
                s = socket.create_connection((web.address, PORT), 10)
                s.setblocking(False)
                s.send(broken(chance))
                held.append(s)
            except OSError:
                pass
            if len(held) > 20:
                held.pop(chance.randrange(len(held))).close()
        return len(held)
    assert lab.inside(crowd.host, send_all) > 10
    assert web.process.running(), web.process.text()[-2000:]
    lab.wait(lambda: web.get("/").status == 200, "it serves the page")
    assert web.process.stop() == 0, web.process.text()[-2000:]


def test_web_demo_stays_until_it_is_interrupted(here):
    if not PROGRAM.exists():
        raise lab.Skip("discoverd-web is not built")
    with tempfile.TemporaryDirectory(prefix="discoverd-demo-") as folder:  # outside of /run, which each lab has for itself
        run_demo(here, pathlib.Path(folder), signal.SIGINT, 0)
        run_demo(here, pathlib.Path(folder), signal.SIGTERM, 128 + signal.SIGTERM)


def run_demo(here, folder, number, status):
    scene = lab.Process([sys.executable, "-u", str(lab.HERE.parents[1] / "scripts/scene.py"), "--web"], f"{here.folder}/scene",
                        {"top_builddir": str(lab.BUILD), "TMPDIR": str(folder)})
    here.processes.append(scene)
    lab.wait(lambda: "/metrics" in scene.text() or not scene.running(), lambda: scene.text(), 120)
    url = urllib.parse.urlsplit(re.search(r"http://\S+/", scene.text())[0])
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=10)
    connection.request("GET", "/?all=1")
    page = connection.getresponse().read().decode()
    for name in ("Office printer", "Kitchen speaker", "DiskStation"):
        assert name in page, page
    children = [int(pid) for pid in subprocess.run(["pgrep", "-P", str(scene.pid)], capture_output=True, text=True).stdout.split()]
    assert len(children) == 2, children
    scene.signal(number)
    assert scene.wait() == status, scene.text()
    assert status or "nothing is left running" in scene.text(), scene.text()
    lab.wait(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in children), "both have ended")
    assert not list(folder.iterdir()), "its folder is removed"
