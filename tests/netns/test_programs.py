# SPDX-License-Identifier: ISC
"""What programs announce through the control socket, as the network sees it come and go."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess

import lab
import wire

CTL = str(lab.BUILD / "discoverctl")
NOBODY = 65534
LAMP = "urn:schemas-upnp-org:device:DimmableLight:2"
SWITCH = "urn:schemas-upnp-org:service:SwitchPower:1"
IPV4 = "[Device]\nname = a\n[Network]\nipv6 = no\n"
UUID = "2fac1234-31f8-11b4-a222-08002b34c003"
PROBE = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(4)
s.sendto(f'M-SEARCH * HTTP/1.1\\r\\nHOST: {sys.argv[1]}:1900\\r\\nMAN: "ssdp:discover"\\r\\n{sys.argv[3]}ST: {sys.argv[2]}\\r\\n\\r\\n'
         .encode(), (sys.argv[1], 1900))
print(s.recv(2000).decode())
"""


class Client:
    """A connection of our own to the control socket."""

    def __init__(self, daemon):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(str(daemon.socket))
        self.rest = b""

    def call(self, method, **parameters):
        self.socket.sendall(json.dumps({"method": f"io.discoverd.{method}", "parameters": parameters}).encode() + b"\0")
        while b"\0" not in self.rest:
            got = self.socket.recv(65536)
            assert got, "the connection ended"
            self.rest += got
        reply, self.rest = self.rest.split(b"\0", 1)
        return json.loads(reply)

    def announce(self, **parameters):
        reply = self.call("Announce", **parameters)
        assert "error" not in reply, reply
        return reply["parameters"]["id"]

    def close(self):
        self.socket.close()


def program(daemon, *args):
    """discoverctl announce in the foreground, once it has said its id; the process and the id."""
    count = len(daemon.host.lab.processes)
    process = lab.Process([CTL, "-s", str(daemon.socket), "announce", *args], f"{daemon.host.lab.folder}/program-{count}")
    daemon.host.lab.processes.append(process)
    lab.wait(lambda: "\n" in process.text() or not process.running(), "it is announced")
    return process, process.text().strip()


def described(host, location, name=None):
    """The description's text; `name` is what the Host header says."""
    url = re.match(r"http://([\d.]+):(\d+)(/.*)", location)
    done = host.run("python3", "-c", "import http.client, sys\n"
                    "c = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=5)\n"
                    "c.request('GET', sys.argv[3], headers={'Host': sys.argv[4]})\n"
                    "r = c.getresponse()\nprint(r.status)\nprint(r.read().decode())",
                    url[1], url[2], url[3], name or f"{url[1]}:{url[2]}")
    status, _, text = done.stdout.partition("\n")
    return int(status), text




def test_a_program_is_seen_at_once_and_its_death_too(here):
    a, b = here.host("a"), here.host("b")
    capture = wire.port_of(a)
    daemon, other = a.discoverd(IPV4), b.discoverd()
    finder = b.start("stdbuf", "-oL", shutil.which("gssdp-discover") or lab.need("gssdp-discover"), "-i", "eth0", "-m", "all")
    own = daemon.status()["uuid"]
    lab.wait(lambda: other.device(name="a", reachable=True) and own in finder.text(), "a is seen")
    neighbour, its_id = program(daemon, SWITCH, "--name", "Neighbour")
    lab.wait(lambda: other.endpoint(name="Neighbour", verified=True), "the neighbour is seen")
    said = lambda udn: len([p for p in capture.ssdp("ssdp:alive") if udn in p.headers["USN"]])  # noqa: E731
    lab.wait(lambda: said(its_id) >= 12 and said(own) >= 9, "and told three times, as is a")
    before, boots = other.endpoint(name="a"), other.endpoint(name="Neighbour")
    capture.clear()

    process, udn = program(daemon, LAMP, SWITCH, "--name", "Lamp", "--uuid", UUID)
    assert udn == f"uuid:{UUID}", process.text()
    device, ours = lab.wait(lambda: other.endpoint(key=udn), "another host's discoverd lists it")
    _, theirs = lab.wait(lambda: f"{udn}::{SWITCH}" in finder.text(), "gssdp-discover sees it")
    named, name = lab.wait(lambda: other.endpoint(name="Lamp", verified=True), "with the name of its description")
    assert named["type"] == LAMP and SWITCH in [s["type"] for s in named["services"]], named
    assert named["url"].endswith(f":5006/{UUID}.xml"), named

    assert other.endpoint(key=udn)
    process.signal(signal.SIGKILL)
    _, gone = lab.wait(lambda: not other.endpoint(key=udn), "its death is seen by another discoverd")
    lab.wait(lambda: re.search(f"unavailable\\s+USN: +{udn}", finder.text()), "and by gssdp-discover")
    print(f"seen by discoverd after {ours:.3f} s, by gssdp-discover {theirs:.3f} s later, named {name:.3f} s later; "
          f"gone {gone:.3f} s after its death")
    for packet in capture.ssdp("ssdp:byebye"):
        assert packet.headers["USN"].startswith(udn), packet
    for packet in capture.ssdp("ssdp:alive"):
        assert packet.headers["USN"].startswith((udn, other.status()["uuid"])), packet
    assert neighbour.running() and other.endpoint(name="Neighbour")["epoch"] == boots["epoch"]
    after = other.endpoint(name="a")
    assert after["epoch"] == before["epoch"] and after["first_seen"] == before["first_seen"]
    assert other.device(name="a", id=own), "it is one device with its programs"


def test_a_detached_program_stays_until_it_is_withdrawn(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    udn = daemon.ctl("announce", LAMP, "--detach", "--name", "Lamp").strip()
    assert re.fullmatch("uuid:[0-9a-f-]{36}", udn), udn
    lab.wait(lambda: other.endpoint(key=udn), "it is there")
    lab.never(lambda: not other.endpoint(key=udn), "it goes with its connection", 1)
    again = daemon.ctl("announce", LAMP, "--detach", "--name", "Lamp", check=False)
    assert again.returncode == 1 and udn in again.stderr, again
    assert [x["source"] for x in daemon.status()["announcements"]] == ["device", "control"]
    assert f"Lamp, {udn}" in daemon.ctl("status")
    daemon.ctl("withdraw", udn[5:].upper())
    lab.wait(lambda: not other.endpoint(key=udn), "it is withdrawn")
    assert daemon.ctl("withdraw", udn, check=False).returncode == 4
    assert daemon.ctl("withdraw", daemon.status()["uuid"], check=False).returncode == 4
    # the same name and type make the same uuid
    assert json.loads(daemon.ctl("-j", "announce", LAMP, "--detach", "--name", "Lamp")) == {"id": udn}
    lab.wait(lambda: other.endpoint(key=udn), "it comes again")
    daemon.stop()
    lab.wait(lambda: not other.endpoint(key=udn), "it goes with the daemon")


def test_its_description_is_right_and_guarded(here):
    a, b = here.host("a"), here.host("b")
    capture = wire.port_of(a)
    daemon = a.discoverd(IPV4)
    client = Client(daemon)
    udn = client.announce(device={"type": LAMP, "name": "Lamp <1>", "uuid": UUID, "serial": "7", "services": [{"type": SWITCH}]},
                          embedded=[{"name": "Bulb"}])
    alives, _ = lab.wait(lambda: (found := [p for p in capture.ssdp("ssdp:alive") if udn in p.headers["USN"]]), "it is told")
    status, text = described(b, alives[0].headers["LOCATION"])
    assert status == 200
    for piece in (f"<UDN>{udn}</UDN>", f"<deviceType>{LAMP}</deviceType>", "<friendlyName>Lamp &lt;1&gt;</friendlyName>",
                  "<serialNumber>7</serialNumber>", f"<serviceType>{SWITCH}</serviceType>", "<friendlyName>Bulb</friendlyName>",
                  "<serviceId>urn:upnp-org:serviceId:SwitchPower</serviceId>", f'configId="{alives[0].headers["CONFIGID.UPNP.ORG"]}"'):
        assert piece in text, (piece, text)
    assert described(b, alives[0].headers["LOCATION"], "evil.example")[0] == 421
    client.call("Withdraw", id=udn)
    assert described(b, alives[0].headers["LOCATION"])[0] == 404
    # one that serves it itself
    udn = client.announce(device={"uuid": UUID}, location="http://*:8080/mine.xml", config_id=77, server="X/1 UPnP/1.1 mine/2")
    told, _ = lab.wait(lambda: [p for p in capture.ssdp("ssdp:alive") if "mine.xml" in p.headers["LOCATION"]], "told anew")
    assert told[0].headers["LOCATION"] == "http://10.99.0.1:8080/mine.xml" and told[0].headers["CONFIGID.UPNP.ORG"] == "77", told[0]
    assert told[0].headers["SERVER"] == "X/1 UPnP/1.1 mine/2", told[0]
    assert client.call("Announce", device={}, location="http://10.99.0.2/")["parameters"] == {"parameter": "location"}


def test_a_search_for_its_type_is_answered(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    _, udn = program(daemon, LAMP)
    for target in ("239.255.255.250", "10.99.0.1"):
        mx = "" if target.startswith("10") else "MX: 1\\r\\n"
        answer = b.run("python3", "-c", PROBE, target, LAMP, mx.encode().decode("unicode_escape")).stdout
        assert answer.startswith("HTTP/1.1 200") and f"{udn}::{LAMP}" in answer, answer


def test_another_port_moves_what_is_served_and_leaves_the_rest(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    client = Client(daemon)
    udn = client.announce(device={"name": "Served"})
    own = client.announce(device={"name": "Serves"}, location="http://*:8080/d.xml")
    lab.wait(lambda: other.endpoint(key=udn) and other.endpoint(key=own), "both are there")

    def told(where):
        return (other.endpoint(key=udn) or {"url": ""})["url"].endswith(where)
    for port in (5010, 5011):
        daemon.config.write_text(f"[HTTP]\nport = {port}\n")
        daemon.ctl("reload")
        where = f":{port}/{udn[5:]}.xml"
        lab.wait(lambda: told(where), "it is told from where to get it")
        assert described(b, "http://10.99.0.1" + where)[0] == 200
    daemon.config.write_text("[HTTP]\nenabled = no\n")
    daemon.ctl("reload")
    lab.wait(lambda: not other.endpoint(key=udn), "it goes with the server")
    assert other.endpoint(key=own)["url"].endswith(":8080/d.xml")
    refused = daemon.ctl("announce", LAMP, check=False)
    assert refused.returncode == 1 and "--location" in refused.stderr, refused
    daemon.config.write_text("")
    daemon.ctl("reload")
    lab.wait(lambda: told(f":5006/{udn[5:]}.xml"), "it comes with the server")
    client.close()
    lab.wait(lambda: not other.endpoint(key=udn) and not other.endpoint(key=own), "both go with their program")


def test_there_are_only_so_many(here):
    a = here.host("a")
    daemon = a.discoverd()
    client = Client(daemon)
    for i in range(64):
        client.announce(device={"name": f"device {i}"})
    reply = client.call("Announce", device={"name": "one more"})
    assert reply == {"error": "io.discoverd.TooMany", "parameters": {"limit": 64}}, reply
    late = daemon.ctl("announce", LAMP, check=False)
    assert late.returncode == 1 and "64" in late.stderr and not late.stdout, late
    daemon.config.write_text("[Control]\nmax-announcements = 65\n")
    daemon.ctl("reload")
    client.announce(device={"name": "one more"})
    client.close()
    lab.wait(lambda: len(daemon.status()["announcements"]) == 1, "all go together")
    daemon.ctl("announce", LAMP, "--detach")


def test_announce_takes_each_of_its_words_to_the_daemon(here):
    a, b = here.host("a"), here.host("b")
    capture = wire.port_of(a)
    daemon = a.discoverd(IPV4)
    dimming = "urn:schemas-upnp-org:service:Dimming:2"
    udn = daemon.ctl("announce", SWITCH, LAMP, dimming, "--name", "Lamp", "--uuid", UUID, "--presentation-url", "http://10.99.0.1/lamp",
                     "--detach").strip()
    assert udn == f"uuid:{UUID}"
    ours = lambda: [p for p in capture.ssdp("ssdp:alive") if udn in p.headers["USN"]]  # noqa: E731
    lab.wait(lambda: len({p.headers["NT"] for p in ours()}) == 5, "all of it is announced")
    assert {p.headers["NT"] for p in ours()} == {"upnp:rootdevice", udn, LAMP, SWITCH, dimming}
    text = described(b, ours()[0].headers["LOCATION"])[1]
    for piece in ("<friendlyName>Lamp</friendlyName>", "<presentationURL>http://10.99.0.1/lamp</presentationURL>",
                  f"<deviceType>{LAMP}</deviceType>"):
        assert piece in text, (piece, text)
    assert text.index(f"<serviceType>{SWITCH}<") < text.index(f"<serviceType>{dimming}<")
    # with a location it describes itself, and a device of services alone is a Basic one
    mine = daemon.ctl("announce", SWITCH, "--location", "http://*:8080/mine.xml", "--detach").strip()
    lab.wait(lambda: [p for p in capture.ssdp("ssdp:alive") if p.headers["USN"] == f"{mine}::{SWITCH}"], "it is announced")
    assert {p.headers["LOCATION"] for p in capture.ssdp("ssdp:alive") if mine in p.headers["USN"]} == {"http://10.99.0.1:8080/mine.xml"}
    for words, mistake in (([LAMP, "urn:a:device:b:1"], '"urn:a:device:b:1": a second device type'),
                           ([SWITCH, "urn:a:b:c"], '"urn:a:b:c": expected a type like')):
        done = daemon.ctl("announce", *words, "--detach", check=False)
        assert done.returncode == 2 and mistake in done.stderr and done.stderr.count("\n") == 1, done
    assert len(daemon.status()["announcements"]) == 3, "nothing of what was wrong is announced"


def test_how_announce_ends(here):
    a = here.host("a")
    daemon = a.discoverd()
    for words in ([], ["nonsense"], [LAMP, "urn:a:device:b:1"], [LAMP, "--uuid", "x"], [LAMP, "--name", ""],
                  [LAMP, "--location", "http://10.99.0.9/"], ["--via", "x", LAMP]):
        done = daemon.ctl("announce", *words, check=False)
        assert done.returncode == 2 and done.stderr and not done.stdout, (words, done)
    for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)):
        process, udn = program(daemon, LAMP)
        process.signal(number)
        assert process.wait() == status, process.popen.returncode
        lab.wait(lambda: len(daemon.status()["announcements"]) == 1, "it is withdrawn")
    process, _ = program(daemon, "-j", SWITCH)
    assert list(json.loads(process.text())) == ["id"] and daemon.status()["announcements"][1]["name"] != "a"
    # it stays when its output is not read to the end
    piped = subprocess.run(["sh", "-c", f"{CTL} -s {daemon.socket} announce {LAMP} --detach | head -n1"], capture_output=True,
                           text=True, timeout=20)
    assert piped.stdout.startswith("uuid:"), piped
    daemon.stop()
    assert process.wait() == 3 and "closed the connection" in process.text(), process.text()


def test_another_user_announces_nothing_and_withdraws_nothing(here):
    daemon = here.host("a").discoverd()
    _, udn = program(daemon, LAMP)
    os.chmod(here.folder, 0o755)
    tool = shutil.copy(CTL, here.folder)  # the build may be in a home that is closed to others
    for words in (["announce", LAMP, "--name", "Mine"], ["withdraw", udn]):
        try:
            refused = subprocess.run([tool, "-s", str(daemon.socket), *words], capture_output=True, text=True, timeout=20,
                                     user=NOBODY, group=NOBODY, extra_groups=[])
        except OSError as error:
            raise lab.Skip(f"cannot become another user here: {error}") from None
        assert refused.returncode == 5 and "not allowed" in refused.stderr and not refused.stdout, refused
    assert [x["id"] for x in daemon.status()["announcements"][1:]] == [udn]


def test_a_member_of_the_group_has_a_quota_and_withdraws_only_its_own(here):
    daemon = here.host("a").discoverd("[Device]\nname = a\n[Control]\nmax-announcements-per-user = 3\n")
    _, of_root = program(daemon, LAMP)
    os.chmod(here.folder, 0o755)
    tool = shutil.copy(CTL, here.folder)

    def as_user(uid, *words):
        try:
            return subprocess.run([tool, "-s", str(daemon.socket), *words], capture_output=True, text=True, timeout=20,
                                  user=uid, group=os.getegid(), extra_groups=[])
        except OSError as error:
            raise lab.Skip(f"cannot become another user here: {error}") from None
    announced = [as_user(1000, "announce", LAMP, "--detach", "--name", f"Lamp {number}") for number in range(4)]
    assert [d.returncode for d in announced] == [0, 0, 0, 1], announced
    assert "3 ([Control] max-announcements-per-user)" in announced[3].stderr, announced[3]
    ids = [d.stdout.strip() for d in announced[:3]]
    other = as_user(1001, "announce", LAMP, "--detach", "--name", "Other")
    assert other.returncode == 0, other
    for udn in (ids[0], of_root):
        refused = as_user(1001, "withdraw", udn)
        assert refused.returncode == 5 and "another user" in refused.stderr, refused
    assert as_user(1000, "withdraw", ids[0]).returncode == 0
    daemon.ctl("withdraw", ids[1])
    left = {x["id"] for x in daemon.status()["announcements"][1:]}
    assert left == {of_root, ids[2], other.stdout.strip()}, left


def test_a_dead_program_that_was_searching_is_missed_at_once(here):
    a = here.host("a")
    daemon = a.discoverd()
    client = Client(daemon)
    client.announce(device={"type": LAMP})
    client.socket.sendall(json.dumps({"method": "io.discoverd.Search", "parameters": {"seconds": 30}, "more": True}).encode() + b"\0")
    assert len(daemon.status()["announcements"]) == 2
    client.close()
    lab.wait(lambda: len(daemon.status()["announcements"]) == 1, "it is withdrawn")
