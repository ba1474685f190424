# SPDX-License-Identifier: ISC
"""What is measured. A row is a function of the lab and of how often bursts are repeated, in a round; it returns a list of results,
the limit first."""

import pathlib
import re
import selectors
import socket
import struct
import threading

import rig  # first: it knows where the others are
import lab
import peers
from avahi import Avahi
from rig import Load, Subject

SEARCH = """M-SEARCH * HTTP/1.1
HOST: {host}:1900
MAN: "ssdp:discover"
{mx}ST: {target}

"""
NT = "urn:schemas-upnp-org:device:Example:1"
NOTIFY = f"""NOTIFY * HTTP/1.1
HOST: 239.255.255.250:1900
CACHE-CONTROL: max-age=86400
LOCATION: http://{{a}}:49152/description.xml
NT: {NT}
NTS: ssdp:alive
SERVER: Linux/5.10 UPnP/1.0 Example/1.0
USN: uuid:00000000-0000-4000-8000-0000{{n}}::{NT}

"""
GROUP = "239.255.255.250"
SERVICE = "[Service]\ntype = urn:schemas-upnp-org:service:Example{}:1\n"
PROGRAM = "[Device]\nname = Program {0}\ntype = urn:schemas-upnp-org:device:Program{0}:1\nlocation = http://*:8{0:03}/d.xml\n"
UUID = "uuid:00000000-0000-4000-8000-00000000{:04x}"


def unicast(target):
    return SEARCH.format(host=rig.OWN, mx="", target=target)


def multicast(target):
    return SEARCH.format(host=GROUP, mx="MX: 1\n", target=target)


def programs(count):
    return {f"{number}.conf": PROGRAM.format(number) for number in range(count)}


UNFETCHED = "[HTTP]\nfetch = no\n"  # for more devices than it reads descriptions of while it is measured


def discoverd(here, name="discoverd", config="", files=None, **options):
    subject = Subject(here, name, rig.start_discoverd(config, files), strict=True, **options)
    subject.rest(1)
    return subject


def limit(here, answers, **options):
    return Subject(here, "limit", rig.start_limit(answers), answers=answers, strict=True, prompt=True, **options)


def peer(here, name, start, **options):
    """None where it is not installed."""
    try:
        return Subject(here, name, start, **options)
    except lab.Skip:
        return None


def renderer(host):
    process = peers.gmediarender(host, "renderer", UUID.format(1))
    lab.wait(lambda: "Ready for rendering" in process.text(), "gmediarender is ready", 30)
    return process


def gssdp(host):
    return host.start(lab.need("gssdp-discover"), "-i", "eth0", "-m", "all")


def measured(here, load, repeats, baseline, *subjects):
    return rig.measure(baseline, [subject for subject in subjects if subject], load, repeats)


def answered(subject):
    """discoverd has counted each search and each answer."""
    count = rig.counters(subject)
    if count["searches"] != subject.sent or count["answers"] != subject.sent * subject.answers or count["answers-dropped"]:
        raise rig.Mismatch(f"{subject.sent} searches were sent: {count}")


def unmatched(subject):
    count = rig.counters(subject)
    if count["searches-unmatched"] != subject.sent or count["answers"]:
        raise rig.Mismatch(f"{subject.sent} searches were sent: {count}")


def listed(devices):
    """A check that the table has exactly these devices."""
    def check(subject):
        wanted = devices(subject) if callable(devices) else devices
        count = subject.process.status()["devices"]
        heard = rig.counters(subject)["notifies"]
        if count != wanted or heard != subject.sent:
            raise rig.Mismatch(f"{count} of {wanted} devices are listed, {heard} of {subject.sent} NOTIFYs counted")
    return check


def search_one(here, repeats):
    target = "upnp:rootdevice"
    return measured(here, Load(unicast(target)), repeats, limit(here, 1), discoverd(here, answers=1, check=answered),
                    peer(here, "minissdpd", rig.start_minissdpd([(target, f"{UUID.format(1)}::{target}")]), answers=1))


def search_group(here, repeats):
    target = "upnp:rootdevice"
    return measured(here, Load(multicast(target), to=GROUP, bursts=(4, 32)), repeats, limit(here, 1),
                    discoverd(here, answers=1, check=answered),
                    peer(here, "minissdpd", rig.start_minissdpd([(target, f"{UUID.format(1)}::{target}")]), answers=1),
                    peer(here, "gmediarender", renderer, answers=None))


def search_all(here, repeats):
    """1024 answers at most are pending in discoverd, so the bursts are small."""
    files = {"services.conf": "".join(map(SERVICE.format, range(17)))}
    submitted = [(f"urn:schemas-upnp-org:service:Example{i}:1", f"{UUID.format(1)}::urn:schemas-upnp-org:service:Example{i}:1")
                 for i in range(20)]
    return measured(here, Load(unicast("ssdp:all"), bursts=(3, 48)), repeats, limit(here, 20),
                    discoverd(here, files=files, answers=20, check=answered),
                    peer(here, "minissdpd", rig.start_minissdpd(submitted), answers=20))


def search_foreign(here, repeats):
    load = Load(multicast("urn:schemas-upnp-org:device:Another:1"), to=GROUP)
    return measured(here, load, repeats, limit(here, 0), discoverd(here, check=unmatched),
                    discoverd(here, "60 programs", files=programs(60), check=unmatched),
                    discoverd(here, "256 programs", files=programs(256), check=unmatched),
                    peer(here, "minissdpd", rig.start_minissdpd([("upnp:rootdevice", f"{UUID.format(1)}::upnp:rootdevice")])),
                    peer(here, "gmediarender", renderer))


def description(address):
    """That of the device with this address, as NOTIFY names it."""
    number = int(address) - int(rig.DEVICES)
    return f"""<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device><deviceType>{NT}</deviceType>
<friendlyName>Device {number}</friendlyName><manufacturer>Example</manufacturer><modelName>Model</modelName>
<UDN>uuid:00000000-0000-4000-8000-0000{number:08x}</UDN></device></root>""".encode()


def all_read(devices):
    """Waits until each description was read; what gives them is started with the subject."""
    def settle(subject):
        asked = subject.pair.serve(description)
        lab.wait(lambda: len(set(asked)) == devices, lambda: f"all pages are read: {len(asked)}", 180, step=0.2)
        subject.rest(1)
        names = [device["name"] for device in subject.process.devices()]
        if sum(name.startswith("Device ") for name in names) != devices:
            raise rig.Mismatch(f"of {len(names)} devices not all have the names of their descriptions")
    return settle


def minissdpd_knows(devices):
    """It lists 255 at most, so some of them are asked for."""
    def check(subject):
        for number in range(0, devices, devices // 10):
            if rig.ask_minissdpd(subject.process.path, 2, f"uuid:00000000-0000-4000-8000-0000{number:08x}::{NT}")[:1] != b"\1":
                raise rig.Mismatch(f"device {number} is not known")
    return check


def gssdp_knows(devices):
    def check(subject):
        lab.wait(lambda: subject.process.text().count("resource available") >= devices, "all are printed", 20)
    return check


def notify_peers(here, devices):
    return [peer(here, "minissdpd", rig.start_minissdpd(), devices=devices, check=minissdpd_knows(devices)),
            peer(here, "gssdp-discover", gssdp, devices=devices, check=gssdp_knows(devices))]


def notify_known(here, repeats, devices=1000):
    """The descriptions are read before."""
    load = Load(NOTIFY, to=GROUP, devices=devices)
    return measured(here, load, repeats, limit(here, 0, devices=devices),
                    discoverd(here, devices=devices, settle=all_read(devices), check=listed(devices)), *notify_peers(here, devices))


def notify_new(here, repeats):
    """What is new is reported 300 ms later; that belongs to its price. Its description does not: 32 in a second are read."""
    count = 2 * 128 + repeats * rig.ROUNDS * (8 + 128)
    load = Load(NOTIFY, to=GROUP, devices=count, new=True, quiet=350)
    return measured(here, load, repeats, limit(here, 0, devices=count),
                    discoverd(here, config=UNFETCHED, devices=count, check=listed(count)), *notify_peers(here, count))


def new_in_many(here, repeats, few=1000, many=100000):
    """… and what is new."""
    count = 2 * 128 + repeats * rig.ROUNDS * (8 + 128)
    subjects = []
    for name, known in ("1,000 devices", few), ("discoverd", many):
        subject = discoverd(here, name, config=UNFETCHED, devices=known + count, check=lambda subject: listed(subject.sent)(subject))
        rig.Sender(subject, Load(NOTIFY, to=GROUP, devices=known)).fill(known)
        subject.load = Load(NOTIFY, to=GROUP, devices=known + count, number=known, new=True, quiet=350)
        subjects.append(subject)
    return measured(here, subjects[0].load, repeats, *subjects)


def mdns_response():
    """PTR, SRV, TXT and A of an instance that a browser of ours knows."""
    def name(*labels):
        return b"".join(bytes([len(label.replace("{n}", "8 digits"))]) + label.encode() for label in labels) + b"\0"

    def record(owner, kind, flush, data, length=None):
        return owner + struct.pack("!HHIH", kind, 0x8001 if flush else 1, 4500, len(data) if length is None else length) + data
    service, host = ("_http", "_tcp", "local"), name("host{n}", "local")
    instance = name("web{n}", *service)
    grown = len("8 digits") - len("{n}")  # a name is longer in the datagram than here
    return struct.pack("!6H", 0, 0x8400, 0, 4, 0, 0) + record(name(*service), 12, False, instance, len(instance) + grown) + \
        record(instance, 33, True, struct.pack("!3H", 0, 0, 80) + host, 6 + len(host) + grown) + \
        record(instance, 16, True, b"\6path=/") + record(host, 1, True, b"{b}", 4)


def avahi(host):
    other = Avahi(host)
    other.process.browser = host.start("stdbuf", "-oL", lab.need("avahi-browse"), "_http._tcp", env=other.env)
    return other.process


def avahi_knows(devices):
    def check(subject):
        def printed():
            return set(re.findall("web[0-9a-f]{8}", subject.process.browser.text()))
        lab.wait(lambda: len(printed()) == devices, lambda: f"all of {devices} are printed, {len(printed())} are", 20)
    return check


def mdns_known(here, repeats, devices=100):
    def check(subject):
        found = [s for d in subject.process.devices() for s in lab.all_services(d) if (s.get("name") or "").startswith("web0")]
        if len(found) != devices or any(s["port"] != 80 for s in found):
            raise rig.Mismatch(f"{len(found)} of {devices} services are listed")
    def settle(subject):
        subject.rest(5)  # each host was asked, and has not answered
    load = Load(mdns_response(), to="224.0.0.251", port=5353, source_port=5353, devices=devices, questions=True)
    baseline = Subject(here, "limit", rig.start_limit(0, "224.0.0.251", 5353), strict=True, prompt=True, devices=devices)
    return measured(here, load, repeats, baseline, discoverd(here, devices=devices, settle=settle, check=check),
                    peer(here, "avahi-daemon", avahi, devices=devices, settle=settle, check=avahi_knows(devices)))


def notify_many(here, repeats, few=1000, many=100000):
    """A large table beside a small one: what is refreshed."""
    small = discoverd(here, "1,000 devices", config=UNFETCHED, devices=few, check=listed(few))
    large = discoverd(here, "discoverd", config=UNFETCHED, devices=many, check=listed(many))
    large.load = Load(NOTIFY, to=GROUP, devices=many)
    return measured(here, Load(NOTIFY, to=GROUP, devices=few), repeats, small, large)


def watched(here, repeats):
    """Each new device is an event; the watchers read it and count. What 16 and 64 of them cost beside none."""
    count = 2 * 64 + repeats * rig.ROUNDS * (8 + 64)
    load = Load(NOTIFY, to=GROUP, devices=count, new=True, quiet=350, bursts=(8, 64))
    subjects = []
    for number in 0, 16, 64:
        name = "no watcher" if number == 0 else "discoverd" if number == 64 else f"{number} watchers"
        subject = discoverd(here, name, devices=count, config=UNFETCHED + "[Control]\nmax-clients = 100\nmax-clients-per-user = 100\n")
        subject.check = watch(subject, number)
        subjects.append(subject)
    return measured(here, load, repeats, *subjects)


def watch(subject, number):
    """Starts a thread that reads what Monitor writes to so many clients. A check that each was sent every device."""
    heard = selectors.DefaultSelector()
    counts = {}
    for _ in range(number):
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(subject.process.socket))
        client.sendall(b'{"method":"io.discoverd.Monitor","more":true}\0')
        while not client.recv(4096).endswith(b"\0"):
            pass  # the reply that says that events follow
        heard.register(client, selectors.EVENT_READ)
        counts[client] = 0

    def read():
        while counts:
            for key, _ in heard.select():
                data = key.fileobj.recv(1 << 20)
                if not data:
                    return
                counts[key.fileobj] += data.count(b"\0")
    threading.Thread(target=read, daemon=True).start()

    def check(subject):
        listed(subject.sent)(subject)
        try:
            lab.wait(lambda: all(count == subject.sent for count in counts.values()), "all are heard", 5)
        except lab.Failure:
            raise rig.Mismatch(f"{subject.sent} events, {sorted(set(counts.values()))} heard") from None
    return check


def add_links(host, count):
    """More interfaces with addresses, each a veth whose other end is in a host of its own."""
    other = host.lab.bare_host(f"{host.name}-links")
    rows = [f"link add d{i} type veth peer name p{i} netns {other.name}\nlink set d{i} up\n"
            f"addr add 172.16.{i // 60}.{i % 60 * 4 + 1}/30 brd + dev d{i}\n" for i in range(count)]
    for where, text in (host, "".join(rows)), (other, "".join(f"link set p{i} up\n" for i in range(count))):
        file = pathlib.Path(host.lab.folder, f"{where.name}.links")
        file.write_text(text)
        where.run("ip", "-batch", str(file), limit=120)


def many_links(here, repeats):
    """A host with more interfaces answers by one of them."""
    load = Load(unicast("upnp:rootdevice"))
    subjects = []
    for count in 1, 50, 500:
        subject = Subject(here, {1: "1 interface", 500: "discoverd"}.get(count, f"{count} interfaces"),
                          lambda host, count=count: (add_links(host, count - 1), rig.start_discoverd()(host))[1], answers=1, strict=True,
                          check=answered)
        subjects.append(subject)
    for subject in subjects:
        subject.rest(2, 120)
    return measured(here, load, repeats, *subjects)


# name, function, repeats in a round, must and aim as ratios to the limit; repeats 0: only in the long run
ROWS = [
    ("unicast search, one answer", search_one, 20, 1.25, 1.10),
    ("search of the group, one answer", search_group, 0),
    ("ssdp:all, 20 answers, per answer", search_all, 8, 1.25, 1.0),
    ("search that is not for us", search_foreign, 12, 1.6, 1.3),
    ("NOTIFY refreshed, 1,000 devices", notify_known, 12, 2.5, 1.7),
    ("NOTIFY of a new device", notify_new, 2, 5, 3),
    ("NOTIFY refreshed, 100,000 devices by 1,000", notify_many, 0, 1.5, 1.1),
    ("NOTIFY of a new device, 100,000 devices by 1,000", new_in_many, 0, 1.5, 1.1),
    ("event with 64 watchers by none", watched, 0, 2, 2),
    ("answer with 500 interfaces by 1", many_links, 0, 1.2, 1.2),
    ("mDNS response refreshed, known instance", mdns_known, 12, 3, 2),
]
