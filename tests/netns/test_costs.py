# SPDX-License-Identifier: ISC
"""What the programs around the daemon cost: in an idle home, and a broker of many boards. The figures of README.md, of HACKING.md and of
discoverd-mqtt(8) are what this prints."""

import http.client
import pathlib
import re
import ssl
import struct
import time

import lab
from mosquitto import PORT, TLS_PORT, Board, Broker, Certificates, retained
from mqtt_publisher import Publisher, text
from test_fleet import Fleet
from test_history import SOCKET, ask, memory, processor, written

DEVICES = 40
BOARDS, EACH = 200, 20
SPAN = 300  # seconds
SCRAPES = 20
ASSETS = re.compile(r'(?:href|src)="(/[^"/]+\.(?:css|js|svg))"')


def get(host, path):
    """What discoverd-web serves there to a program on its host."""
    def ask_it():
        connection = http.client.HTTPConnection("127.0.0.1", 5080, timeout=30)
        connection.request("GET", path)
        return connection.getresponse().read()
    return lab.inside(host, ask_it)


def long_the_programs_in_an_idle_home(here):
    """All with the configuration that they have by default, and a broker on another host; no page is open."""
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    a.run("ip", "addr", "add", "10.100.255.1/16", "dev", "eth0")
    b.give_addresses(DEVICES)
    daemon = a.discoverd("[Device]\nname = a\n[Table]\nmax-devices-per-source = 4096\nmemory-per-source = 8M\n")
    b.python("ssdp_crowd.py", str(DEVICES), "1800")
    lab.wait(lambda: sum(d["model"] == "Model" for d in daemon.devices()) == DEVICES, "all are described", 90, 0.5)
    broker = Broker(c)
    empty = pathlib.Path(here.folder, "empty.conf")
    empty.touch()
    programs = {"discoverd": daemon, "discoverd-mqtt": Board(daemon, broker).process}
    for name, folder in (("discoverd-web", None), ("discoverd-history", "history")):
        programs[name] = a.start(str(lab.BUILD / name), "-c", str(empty), "-s", str(daemon.socket), *(("-d", f"{here.folder}/{folder}") if folder else ()))
    lab.wait(lambda: b"Device 39" in get(a, "/"), "the page is there")
    lab.wait(lambda: pathlib.Path(SOCKET).exists() and len(ask("History")) >= DEVICES, "all are recorded", 60, 0.5)
    lab.wait(lambda: broker.log("/device/uuid:") >= DEVICES, "all are published", 60)
    time.sleep(60)  # what a start causes is over
    used = {name: processor(process) for name, process in programs.items()}
    before, bytes_before = time.monotonic(), written(programs["discoverd-history"])
    time.sleep(SPAN)
    span = time.monotonic() - before
    for name, process in programs.items():
        print(f"{name}: {memory(process)} kB private dirty, {1e6 * (processor(process) - used[name]) / span:.0f} us of the processor a second")
    print(f"discoverd-history wrote {written(programs['discoverd-history']) - bytes_before} bytes in {span:.0f} s")
    documents = [payload for topic, payload in retained(c, broker).items() if "/device/uuid:" in topic]
    print(f"a document has {sum(map(len, documents)) / len(documents):.0f} bytes")
    report_page(a, programs)


def report_page(host, programs):
    """The bytes of the page, and what Prometheus costs."""
    page = get(host, "/")
    parts = {path: len(get(host, path)) for path in dict.fromkeys(ASSETS.findall(page.decode()))}
    print(f"page with {DEVICES} devices: {len(page)} bytes, and {parts}")
    used = {name: processor(programs[name]) for name in ("discoverd", "discoverd-web")}
    for _ in range(SCRAPES):
        metrics = get(host, "/metrics")
        time.sleep(1.1)  # metrics are kept for a second
    assert b"discoverd_up 1" in metrics, metrics
    for name, before in used.items():
        print(f"{name}: {1e6 * (processor(programs[name]) - before) / SCRAPES:.0f} us for each request of /metrics, which is {len(metrics)} bytes")


def long_a_fleet_at_its_broker(here):
    certificates = Certificates(pathlib.Path(here.folder, "tls"))
    certificate, key = certificates.sign("broker", "broker", "127.0.0.1")
    fleet = Fleet(here, options=f"listener {PORT}\nallow_anonymous true\nlistener {TLS_PORT}\ncertfile {certificate}\nkeyfile {key}\n")
    broker, opened = fleet.broker.process, []
    for length in (500, 1500):
        before, used, start = memory(broker), processor(broker), time.monotonic()
        retain(fleet.publisher, f"site{length}", "x" * length)
        print(f"{BOARDS * EACH} retained documents of {length} bytes: {1024 * (memory(broker) - before) / (BOARDS * EACH):.0f} bytes of the broker's "
              f"memory and {1e6 * (processor(broker) - used) / (BOARDS * EACH):.0f} us of its processor for each, within {time.monotonic() - start:.1f} s")
    tls = ssl.create_default_context(cafile=certificates.authority)
    ways = {"": {"port": PORT}, " with TLS": {"port": TLS_PORT, "wrap": lambda connection: tls.wrap_socket(connection, server_hostname="127.0.0.1")}}
    for name, way in ways.items():
        before, used = memory(broker), processor(broker)
        connections = [lab.inside(fleet.host, lambda: Publisher(**way)) for _ in range(BOARDS)]
        print(f"a connection{name}: {1024 * (memory(broker) - before) / BOARDS:.0f} bytes of its memory, "
              f"{1e6 * (processor(broker) - used) / BOARDS:.0f} us of its processor to open it")
        used = processor(broker)
        for connection in connections:
            connection.sync()
        print(f"{1e6 * (processor(broker) - used) / BOARDS:.0f} us of its processor for a ping")
        opened += connections  # they stay
    for qos in ("0", "1"):
        done = fleet.host.run(lab.need("mosquitto_sub"), "-t", "discoverd/v1/site1500/+/device/#", "-q", qos, "-W", "5", "-F", "%l", check=False)
        print(f"with QoS {qos} a client gets {len(done.stdout.splitlines())} of {BOARDS * EACH}")


def retain(publisher, site, document):
    """Publishes it with QoS 1 in place of each document of a fleet, 20 at a time as discoverd-mqtt does."""
    for number in range(BOARDS * EACH):
        topic = f"discoverd/v1/{site}/00000000-0000-4000-8000-{number // EACH:012x}/device/uuid:00000000-0000-4000-8000-{number:012x}"
        publisher.packet(0x33, text(topic) + struct.pack("!H", number + 1) + b"\0" + document.encode())
        if number % 20 == 19:
            for _ in range(20):
                publisher.receive(0x40)
