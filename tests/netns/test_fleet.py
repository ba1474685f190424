# SPDX-License-Identifier: ISC
"""discoverctl --broker: the devices of many boards, read from a real mosquitto."""

import json
import pathlib
import signal
import socket
import sys
import threading
import time

import lab
import mqtt_publisher
from mosquitto import PORT, TLS_PORT, Board, Broker, Certificates
from mqtt_publisher import Publisher, device, level, link

CTL, HELPERS = str(lab.BUILD / "discoverctl"), {"DISCOVERD_LIBEXEC": str(lab.BUILD)}
UUID = "uuid:00000000-0000-4000-8000-{:012x}"
MAC = "02:00:00:00:00:{:02x}"


class Fleet:
    """A broker, and what is asked of it by discoverctl on the same host."""

    def __init__(self, here, **options):
        if not (lab.BUILD / "discoverd-fleet").exists():
            raise lab.Skip("discoverd-mqtt was not built")
        self.host = here.host("broker")
        self.broker = Broker(self.host, **options)
        self.publisher = self.connect()

    def connect(self, **options):
        return lab.inside(self.host, lambda: Publisher(PORT, **options))

    def board(self, path, links=None, devices=(), **more):
        """A board that is not there, at "SITE/BOARD"."""
        made = mqtt_publisher.Board(self.publisher, *path.split("/"), links or [link()], devices=devices, **more)
        self.publisher.sync()
        return made

    def ctl(self, *args, status=0, url=None, env=None, limit=60):
        """The finished discoverctl."""
        done = self.host.run(CTL, "--broker", url or f"mqtt://127.0.0.1:{PORT}", *args, check=False, env={**HELPERS, **(env or {})}, limit=limit)
        assert done.returncode == status, (done.returncode, done.stdout[-500:], done.stderr)
        return done

    def devices(self, *args, **options):
        return json.loads(self.ctl("-j", "list", *args, **options).stdout)

    def seen(self, *args):
        """The names of the boards that see each device, by its id."""
        return {d["id"]: [b["name"] for b in d["boards"]] for d in self.devices(*args)}

    def watch(self, *args):
        return self.host.start(CTL, "--broker", f"mqtt://127.0.0.1:{PORT}", "-o", "jsonl", "watch", *args, env=HELPERS)


def reports(watch):
    """Of a watch: the event, the name, and what changed; lines that are no event are passed over."""
    events = [json.loads(line) for line in watch.text().splitlines() if line.startswith("{") and line.endswith("}")]
    return [(e["event"], e["device"]["name"], e["changed"]) for e in events]


def test_many_boards_are_one_list(here):
    fleet = Fleet(here)
    measured = pathlib.Path(here.folder, "measured")
    wrapper = pathlib.Path(here.folder, "helpers", "discoverd-fleet")
    wrapper.parent.mkdir()
    wrapper.write_text(f"#!{sys.executable}\nimport os, subprocess, sys\nhelper = subprocess.Popen(['{lab.BUILD}/discoverd-fleet', *sys.argv[1:]])\n"
                       f"_, status, used = os.wait4(helper.pid, 0)\nopen('{measured}', 'w').write(str(used.ru_maxrss))\n"
                       "sys.exit(os.waitstatus_to_exitcode(status))\n")
    wrapper.chmod(0o755)
    mqtt_publisher.fleet(fleet.publisher, 200, 20)
    start = time.monotonic()
    devices = fleet.devices()
    seconds = time.monotonic() - start
    done = fleet.ctl("list", env={"DISCOVERD_LIBEXEC": str(wrapper.parent)})
    kilobytes = int(lab.wait(lambda: measured.exists() and measured.read_text(), "the helper has ended")[0])
    print(f"4000 devices in {seconds:.2f} s, {kilobytes} kB")
    assert len(devices) == len({d["id"] for d in devices}) == 4000
    assert len({d["site"] for d in devices}) == 20 and all(len(d["boards"]) == 1 for d in devices)
    assert done.stdout.splitlines()[-1] == "4000 devices" and not done.stderr, done.stderr
    assert lab.SANITIZED or kilobytes < 32 * 1024
    watch = watch_names(fleet)
    lab.wait(lambda: len(watch.text().splitlines()) == 4000, lambda: len(watch.text().splitlines()), 60)


def watch_names(fleet):
    """A watch that prints a line for each device that is there, and for each event."""
    return fleet.host.start(CTL, "--broker", f"mqtt://127.0.0.1:{PORT}", "watch", "--snapshot", "-o", "csv", "--no-legend", "--columns", "name", env=HELPERS)


def long_ten_thousand_devices(here):
    fleet = Fleet(here)
    mqtt_publisher.fleet(fleet.publisher, 100, 100)
    start = time.monotonic()
    assert len(fleet.devices()) == 10000
    print(f"10000 devices in {time.monotonic() - start:.2f} s")
    watch = watch_names(fleet)
    lab.wait(lambda: len(watch.text().splitlines()) == 10000, lambda: len(watch.text().splitlines()), 60)
    memory = pathlib.Path(f"/proc/{children(watch)[0]}/status").read_text()
    print(next(line for line in memory.splitlines() if line.startswith("VmHWM")))


def children(process):
    return [int(pid) for pid in pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def test_equal_addresses_in_two_sites_are_two_devices(here):
    fleet = Fleet(here)
    lamp = device("mac:" + MAC.format(1), "192.168.1.10", MAC.format(1), "Lamp")
    fleet.board("home/a", devices=[lamp, device(UUID.format(1), "192.168.1.11", MAC.format(2), "Box")])
    fleet.board("home/b", devices=[lamp])
    fleet.board("Büro #2/a", devices=[lamp])
    gateway = link()["segment"]
    assert fleet.seen() == {f"home/{gateway}/{MAC.format(1)}": ["a", "b"], f"Büro #2/{gateway}/{MAC.format(1)}": ["a"],
                            UUID.format(1): ["a"]}, fleet.seen()
    assert set(fleet.seen("--site", "Büro #2")) == {f"Büro #2/{gateway}/{MAC.format(1)}"}
    done = fleet.ctl("show", "192.168.1.10", status=1)
    assert f"home/{gateway}/{MAC.format(1)}" in done.stderr and "could be any of these" in done.stderr, done.stderr
    shown = fleet.ctl("show", f"home/{gateway}/{MAC.format(1)}").stdout
    assert "192.168.1.10 on home/192.168.1.0/24" in shown and "site               home\n" in shown, shown
    listed = fleet.ctl("list", "Lamp").stdout.splitlines()
    assert listed[0].split() == ["NAME", "ADDRESSES", "SITE", "BOARDS", "TYPE", "FLAGS"] and listed[-1] == "2 devices", listed
    assert fleet.ctl("list", "Box", "--columns", "name,site,boards", "--no-legend").stdout.split() == ["Box", "home", "a"]


def test_map_services_and_filters(here):
    fleet = Fleet(here)
    fleet.board("home/a", [link(address="192.168.1.2")], [device(UUID.format(1), "192.168.1.10", MAC.format(1), "Box")], name="attic")
    fleet.board("home/b", [link(address="192.168.1.3")], [device(UUID.format(2), "192.168.1.11", MAC.format(2), "Lamp")], name="cellar")
    fleet.board("work/c", [link("02:ff:00:00:00:09", "10.0.0.2", network="10.0.0.0", gateway="10.0.0.1")],
                [device(UUID.format(3), "10.0.0.10", MAC.format(3), "Printer")])
    assert fleet.ctl("map").stdout.splitlines() == [
        f"mqtt://127.0.0.1:{PORT}",
        "├── home  site",
        "│   └── home/192.168.1.0/24  network  up",
        "│       └── 192.168.1.0/24  as 192.168.1.2, 192.168.1.3  gateway 192.168.1.1",
        f"│           ├── Box (MediaServer)  192.168.1.10  {MAC.format(1)}",
        f"│           └── Lamp (MediaServer)  192.168.1.11  {MAC.format(2)}",
        "└── work  site",
        "    └── work/10.0.0.0/24  network  up",
        "        └── 10.0.0.0/24  as 10.0.0.2  gateway 10.0.0.1",
        f"            └── Printer (MediaServer)  10.0.0.10  {MAC.format(3)}"], fleet.ctl("map").stdout
    assert "ContentDirectory" in fleet.ctl("services", "Lamp").stdout
    assert set(fleet.seen("--interface", "home/*")) == {UUID.format(1), UUID.format(2)}
    assert set(fleet.seen("--name", "p*")) == {UUID.format(3)}
    assert fleet.seen("--type", "Printer") == {}
    assert [g["group"] for g in json.loads(fleet.ctl("-j", "list", "--by", "interface").stdout)] == ["home/192.168.1.0/24", "work/10.0.0.0/24"]
    assert fleet.ctl("show", "nothing", status=4).stderr.startswith("discoverctl: no device has the name")


def test_devices_of_a_board_that_dies_are_stale(here):
    fleet = Fleet(here)
    both, one = device(UUID.format(1), "192.168.1.10", MAC.format(1)), device(UUID.format(2), "192.168.1.11", MAC.format(2))
    a = fleet.board("home/a", devices=[both, one])
    fleet.board("home/b", devices=[both])

    def flags():
        return {d["id"]: ([b["name"] for b in d["boards"]], d["flags"]) for d in fleet.devices()}
    assert flags() == {UUID.format(1): (["a", "b"], []), UUID.format(2): (["a"], [])}, flags()
    a.state(False)
    fleet.publisher.sync()
    assert flags() == {UUID.format(1): (["b"], []), UUID.format(2): (["a"], ["stale"])}, flags()


def test_a_device_that_roams_is_where_it_was_seen_last(here):
    fleet = Fleet(here)
    phone = device(UUID.format(1), "192.168.1.10", MAC.format(1), "Phone")
    a, b = fleet.board("home/a"), fleet.board("work/b", [link("02:ff:00:00:00:02")])
    a.device(phone, expiry=mqtt_publisher.EXPIRY - 60)  # as a minute ago
    b.device({**phone, "addresses": [dict(phone["addresses"][0], address="192.168.1.99")]})
    a.count()
    b.count()
    fleet.publisher.sync()
    found = fleet.devices()
    assert [(d["site"], d["addresses"][0]["address"]) for d in found] == [("work", "192.168.1.99")], found


def test_a_broker_of_an_older_standard(here):
    """It does not tell when a document was published: a device is where it was seen first the latest."""
    fleet = Fleet(here)
    phone = device(UUID.format(1), "192.168.1.10", MAC.format(1), "Phone", first_seen="2026-01-02T00:00:00Z")
    fleet.board("home/a", devices=[phone])
    fleet.board("work/b", [link("02:ff:00:00:00:02")], [{**phone, "first_seen": "2026-01-03T00:00:00Z"}])
    front = fleet.host.python("old_broker.py", "connack-5", str(PORT + 1), str(PORT))
    lab.wait(lambda: "ready" in front.text(), "it listens")
    found = fleet.devices(url=f"mqtt://127.0.0.1:{PORT + 1}")
    assert [d["site"] for d in found] == ["work"] and "version 5" in front.text(), (found, front.text())


def test_watch_reports_changes_and_survives_the_broker(here):
    fleet = Fleet(here, persistence=True)
    box = device(UUID.format(1), "192.168.1.10", MAC.format(1), "Box")
    a = fleet.board("home/a", devices=[box])
    watch = fleet.watch("--snapshot")
    lab.wait(lambda: reports(watch) == [("added", "Box", [])], lambda: watch.text())
    a.device({**box, "name": "Cube"})
    a.device(device(UUID.format(2), "192.168.1.11", MAC.format(2), "Lamp"))
    a.count()
    fleet.publisher.sync()
    lab.wait(lambda: sorted(reports(watch)[1:]) == [("added", "Lamp", []), ("updated", "Cube", ["name"])], lambda: watch.text())
    a.gone(UUID.format(2))
    a.count()
    fleet.publisher.sync()
    lab.wait(lambda: reports(watch)[3:] == [("removed", "Lamp", [])], lambda: watch.text())
    fleet.broker.stop()
    lab.wait(lambda: "lost the connection to the broker" in watch.text(), lambda: watch.text())
    fleet.broker.start()
    lab.wait(lambda: "discoverctl: connected again" in watch.text(), lambda: watch.text(), 60)
    b = mqtt_publisher.Board(fleet.connect(), "home", "b", [link()], devices=[device(UUID.format(3), "192.168.1.12", MAC.format(3), "New")])
    b.publisher.sync()
    lab.wait(lambda: reports(watch)[4:] == [("added", "New", [])], lambda: watch.text())
    # a program that reads no more ends both
    helper = children(watch)[0]
    watch.signal(signal.SIGTERM)
    watch.wait()
    line = pathlib.Path(f"/proc/{helper}/cmdline")
    lab.wait(lambda: not line.exists() or not line.read_bytes(), "the helper ends with it")


def test_watch_once_ends_with_the_broker(here):
    fleet = Fleet(here)
    fleet.board("home/a", devices=[device(UUID.format(1), "192.168.1.10", MAC.format(1), "Box")])
    watch = fleet.watch("--snapshot", "--once")
    lab.wait(lambda: reports(watch), lambda: watch.text())
    fleet.broker.stop()
    assert watch.wait() == 3, watch.text()


def test_a_hole_is_seen(here):
    fleet = Fleet(here)
    a = fleet.board("home/a", devices=[device(UUID.format(1), "192.168.1.10", MAC.format(1), "Box")])
    assert not fleet.ctl("list").stderr
    a.count(3)
    fleet.publisher.sync()
    done = fleet.ctl("list")
    assert "1 of 3 devices came" in done.stderr and done.stdout.splitlines()[-1] == "1 device", done
    a.state(False)  # its documents run out
    fleet.publisher.sync()
    assert not fleet.ctl("list").stderr
    fleet.publisher.publish("discoverd/v1/home/b/state", '{"online":true}')
    fleet.publisher.sync()
    assert "1 of 2 boards have not said how many devices they have" in fleet.ctl("list").stderr


HOSTILE = [b"", b"{", b"null", b"\xff\xfe", b'{"id":7,"name":7}', b'{"id":"' + b"x" * 300000 + b'","name":"x"}', b"[" * 100000, b'{"id":"\\u0000","name":"x"}',
           b'{"id":"a","name":"a","addresses":[[[[[[]]]]]]}', b'{"id":"b","name":"\\u001b[31mred\\u202e","ids":["' + UUID.format(1).encode() + b'"]}']


def test_a_hostile_board_hides_no_other(here):
    fleet = Fleet(here)
    fleet.board("home/a", devices=[device(UUID.format(n), f"192.168.1.{n}", MAC.format(n), f"Box {n}") for n in range(1, 50)])
    for number, payload in enumerate(HOSTILE):
        for kind in ("state", "info", f"device/{number}", f"device/{level(UUID.format(number))}"):
            fleet.publisher.publish(f"discoverd/v1/home/evil{number}/{kind}", payload)
        fleet.publisher.publish(f"discoverd/v1/home/evil{number}/state", '{"online":true}')
        fleet.publisher.publish(f"discoverd/v1/home/evil{number}/info", json.dumps({"devices": 2, "name": "\x1b[2J", "links": [7, {"name": {}}]}))
    for topic in ("discoverd/v1/home/x/device/%00", "discoverd/v1/%FF/%FF/state", "discoverd/v1/home/y/info", "discoverd/v1/home//state"):
        fleet.publisher.publish(topic, '{"devices":-1,"links":{}}')
    fleet.publisher.sync()
    done = fleet.ctl("list")
    assert "\x1b" not in done.stdout and "messages of boards are not understood" in done.stderr, done
    names = {d["name"] for d in fleet.devices()}
    assert {f"Box {n}" for n in range(2, 50)} <= names, names
    for command in (("map",), ("services",), ("show", "Box 7")):
        assert "Box 7" in fleet.ctl(*command).stdout


def test_large_documents_take_no_long_time(here):
    fleet = Fleet(here)
    box = device(UUID.format(1), "192.168.1.10", None, "Box")
    texts = [f"{n:x}" for n in range(30000)]
    large = {"ids": texts, "flags": texts, "addresses": [{"address": text} for text in texts[:12000]],
             "endpoints": [{"protocol": "a", "key": text} for text in texts[:7000]]}
    fleet.board("home/a", devices=[box])
    fleet.board("home/large", devices=[{**box, "id": key, key: value} for key, value in large.items()])
    start = time.monotonic()
    assert len(fleet.devices()) == 5
    assert time.monotonic() - start < (60 if lab.SANITIZED else 8)


def test_statuses(here):
    fleet = Fleet(here)
    assert "no board has published there" in fleet.ctl("list").stderr
    assert "Connection refused" in fleet.ctl("list", url="mqtt://127.0.0.1:1", status=3).stderr
    assert "mqtt://HOST" in fleet.ctl("list", url="http://127.0.0.1", status=2).stderr
    for site in "", "x" * 3000:
        assert "the name of a site" in fleet.ctl("list", "--site", site, status=2).stderr
    assert "does not go with status" in fleet.ctl("status", status=2).stderr
    assert "does not go with --broker" in fleet.ctl("-s", "/x", "list", status=2).stderr
    assert "--broker only" in fleet.host.run(CTL, "list", "--site", "x", check=False).stderr
    assert "of the package discoverd-mqtt, which is not installed" in fleet.ctl("list", env={"DISCOVERD_LIBEXEC": "/nowhere"}, status=1).stderr
    assert "No such file" in fleet.ctl("list", "--broker-config", "/nowhere", status=1).stderr
    silent = lab.inside(fleet.host, lambda: socket.create_server(("127.0.0.1", 4000)))
    assert "did not answer in time" in fleet.ctl("-t", "1", "list", url="mqtt://127.0.0.1:4000", status=6).stderr
    silent.close()


def test_refusals_are_one_line_each(here):
    """Whatever the broker answers, and however soon it closes the connection."""
    fleet = Fleet(here)
    refusals = lab.inside(fleet.host, lambda: socket.create_server(("127.0.0.1", 4000)))

    def serve():
        while True:
            try:
                client, _ = refusals.accept()
            except OSError:
                return
            client.recv(65536)
            client.sendall(b"\x20\x03\x00\x97\x00")  # CONNACK, "quota exceeded"
            client.close()
    threading.Thread(target=serve, daemon=True).start()
    for _ in range(60):
        shown = fleet.ctl("list", url="mqtt://127.0.0.1:4000", status=3).stderr
        assert shown == "discoverctl: cannot reach the broker at mqtt://127.0.0.1:4000: Quota exceeded\n", shown
    refusals.close()


def test_passwords_certificates_and_rights(here):
    """As the manual has it: a reader has a name and a password, and TLS."""
    folder = pathlib.Path(here.folder, "tls")
    certificates = Certificates(folder)
    certificate, key = certificates.sign("broker", "broker", "127.0.0.1")
    users = folder / "users"
    host = here.bare_host("tool")
    for flag, name in (("-c", "reader"), ("", "stranger"), ("", "board")):
        host.run(lab.need("mosquitto_passwd"), *([flag] if flag else []), "-b", str(users), name, f"secret of {name}")
    (folder / "acl").write_text("user reader\ntopic read discoverd/v1/#\nuser board\ntopic write discoverd/v1/#\n")
    fleet = Fleet.__new__(Fleet)
    fleet.host = here.host("broker")
    fleet.broker = Broker(fleet.host, options=f"per_listener_settings true\nlistener {PORT} 127.0.0.1\npassword_file {users}\nacl_file {folder}/acl\n"
                          f"listener {TLS_PORT} 127.0.0.1\npassword_file {users}\nacl_file {folder}/acl\ncertfile {certificate}\nkeyfile {key}\n")
    fleet.publisher = fleet.connect(username="board", password="secret of board")
    fleet.board("home/a", devices=[device(UUID.format(1), "192.168.1.10", MAC.format(1), "Box")])
    url = f"mqtts://127.0.0.1:{TLS_PORT}"

    def config(name, secret, authority=certificates.authority):
        (folder / f"{name}.secret").write_text(secret + "\n")
        file = folder / f"{name}.conf"
        file.write_text(f"[MQTT]\nusername = {name}\npassword-file = {folder}/{name}.secret\n" + (f"ca-file = {authority}\n" if authority else ""))
        return file
    reader = config("reader", "secret of reader")
    assert [d["name"] for d in fleet.devices("--broker-config", str(reader), url=url)] == ["Box"]
    assert "ca-file" in fleet.ctl("list", "--broker-config", str(reader), status=2).stderr  # no password goes without TLS by mistake
    personal = folder / "config" / "discoverd"
    personal.mkdir(parents=True)
    (personal / "broker.conf").write_text(reader.read_text())
    assert len(fleet.devices(url=url, env={"XDG_CONFIG_HOME": str(personal.parent)})) == 1
    assert "refused by the broker" in fleet.ctl("list", "--broker-config", str(config("stranger", "guess")), url=url, status=5).stderr
    done = fleet.ctl("list", "--broker-config", str(config("stranger", "secret of stranger")), url=url)
    assert "may not read" in done.stderr and done.stdout.splitlines()[-1] == "0 devices", done
    other = Certificates(pathlib.Path(here.folder, "other"))
    done = fleet.ctl("list", "--broker-config", str(config("reader", "secret of reader", other.authority)), url=url, status=3)
    assert "certificate" in done.stderr, done.stderr


def test_two_real_boards_in_one_network(here):
    fleet = Fleet(here)
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    for host in (a, b):
        host.run("ip", "route", "replace", "default", "via", c.addresses[0], "dev", "eth0")
    daemons = [host.discoverd() for host in (a, b)]
    c.discoverd()
    for daemon in daemons:
        lab.wait(lambda: daemon.device(name="c"), "it hears c")
    boards = [Board(daemon, fleet.broker) for daemon in daemons]

    def row(name="c"):
        return next((d for d in fleet.devices() if d["name"] == name), {"boards": []})
    found = lab.wait(lambda: len(row()["boards"]) == 2 and row(), lambda: f"{fleet.devices()} {boards[0].process.text()}", 60)[0]
    assert [d["name"] for d in fleet.devices()].count("c") == 1, fleet.devices()
    assert {board["name"] for board in found["boards"]} == {"a", "b"} and found["site"] == "home" and not found["flags"], found
    assert {board["id"] for board in found["boards"]} == {board.id for board in boards}
    lab.wait(lambda: [x["interface"] for x in row()["addresses"] if "." in x["address"]] == ["home/10.99.0.0/24"], lambda: row(), 60)
    watch = fleet.watch("--snapshot", "--name", "c")
    lab.wait(lambda: reports(watch), "it has begun")
    boards[0].process.signal(signal.SIGKILL)
    lab.wait(lambda: [x["name"] for x in row()["boards"]] == ["b"], lambda: row(), 60)
    lab.wait(lambda: "boards" in reports(watch)[-1][2], lambda: watch.text(), 60)
    boards[1].process.signal(signal.SIGKILL)
    lab.wait(lambda: row()["flags"] == ["stale"], lambda: row(), 60)
    lab.wait(lambda: "flags" in reports(watch)[-1][2], lambda: watch.text(), 60)
    assert [event for event, *_ in reports(watch)].count("removed") == 0, watch.text()
    map_ = fleet.ctl("map").stdout
    assert "home/10.99.0.0/24  network" in map_ and "└── c (" in map_ or "├── c (" in map_, map_
