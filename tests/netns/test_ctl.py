# SPDX-License-Identifier: ISC
"""Every option and exit status of discoverctl, against a real daemon."""

import csv
import io
import json
import os
import pathlib
import pty
import shutil
import signal
import socket
import subprocess

import lab

CTL = str(lab.BUILD / "discoverctl")
NOBODY = 65534


def home(here):
    """a with discoverd, "lamp" that speaks the plain form, b with discoverd and "b"."""
    a, lamp, b = here.host("a"), here.host("lamp"), here.host("b")
    daemon = a.discoverd()
    lamp.python("plain_peer.py", "lamp")
    b.discoverd("[Device]\nname = b\ntype = urn:schemas-upnp-org:device:MediaServer:3\n")
    lab.wait(lambda: daemon.device(name="lamp") and daemon.device(name="b", reachable=True, protocols=["broadcast", "ssdp"]),
             "both are there")
    return daemon


def lamp_id(here, daemon):
    """A host without a key of its own has its MAC, or its address while the MAC is not known."""
    lamp = daemon.device(name="lamp")["id"]
    assert lamp in (f"mac:{here.hosts['lamp'].mac()}", "address:10.99.0.2%eth0"), lamp
    return lamp


def run(*args, tool=CTL, env=None, **more):
    return subprocess.run([tool, *args], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
                          env={**os.environ, **(env or {})}, **more)


def test_filters_sorting_and_columns(here):
    daemon = home(here)
    for args, names in (([], ["b", "lamp"]), (["--name", "L*"], ["lamp"]), (["--via", "ssdp"], ["b"]),
                        (["--type", "MediaServer"], ["b"]), (["--type", "urn:*:MediaServer:3"], ["b"]), (["--type", "Basic"], []),
                        (["--interface", "eth?"], ["b", "lamp"]), (["--interface", "wlan0"], []),
                        (["--kind", "device"], ["b", "lamp"]), (["--kind", "control-point"], []),
                        (["--sort", "-name"], ["lamp", "b"]), (["--sort", "addresses"], ["lamp", "b"]), (["LAM"], ["lamp"]), (["l*", "b"], ["b", "lamp"])):
        assert [d["name"] for d in daemon.devices(*args)] == names, args
    table = daemon.ctl("list", "--columns", "name,addresses").splitlines()
    assert table[0].split() == ["NAME", "ADDRESSES"] and table[1].split() == ["b", "10.99.0.3"], table
    assert daemon.ctl("--no-legend", "--columns", "name").split() == ["b", "lamp"]
    assert [json.loads(line)["name"] for line in daemon.ctl("-o", "jsonl").splitlines()] == ["b", "lamp"]
    rows = list(csv.DictReader(io.StringIO(daemon.ctl("-o", "csv"))))
    assert [row["name"] for row in rows] == ["b", "lamp"], rows
    assert "name=lamp\n" in daemon.ctl("-o", "kv", "--name", "lamp")
    assert json.loads(daemon.ctl("-o", "json", "--name", "lamp"))[0]["id"] == lamp_id(here, daemon)


def test_color_only_where_it_is_wanted(here):
    daemon = home(here)
    assert "\x1b[" not in daemon.ctl("list") and "\x1b[" not in daemon.ctl("list", "--color", "never")
    assert "\x1b[" in daemon.ctl("list", "--color", "always")
    for variables, colored in (({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False)):
        leader, follower = pty.openpty()
        clean = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        subprocess.run([CTL, "-s", str(daemon.socket), "list"], stdout=follower, stdin=subprocess.DEVNULL, timeout=20,
                       env={**clean, **variables}, check=True)
        assert (b"\x1b[" in os.read(leader, 65536)) == colored, variables
        os.close(leader)
        os.close(follower)


def test_show_by_id_name_and_address_and_what_it_says_when_it_cannot(here):
    daemon = home(here)
    mac, lamp = here.hosts["lamp"].mac(), lamp_id(here, daemon)
    lab.wait(lambda: daemon.device(name="lamp")["addresses"][0]["mac"] == mac, "its MAC is known")
    for what in (lamp, "lamp", "LAMP", "10.99.0.2", "10.99.0.2%eth0", mac, mac.upper()):
        assert json.loads(daemon.ctl("-j", "show", what))["id"] == lamp, what
    missing = daemon.ctl("show", "nobody", check=False)
    assert missing.returncode == 4 and "nobody" in missing.stderr and not missing.stdout
    here.host("twin").python("plain_peer.py", "lamp")
    lab.wait(lambda: len(daemon.devices("--name", "lamp")) == 2, "two of one name")
    ambiguous = daemon.ctl("show", "lamp", check=False)
    assert ambiguous.returncode == 1 and all(d["id"] in ambiguous.stderr for d in daemon.devices("--name", "lamp")), ambiguous


def test_watch_tells_what_comes_and_goes(here):
    daemon = home(here)
    watch = lab.Process([CTL, "-s", str(daemon.socket), "-j", "watch", "--snapshot", "--name", "[lb]*"],
                        f"{here.folder}/watch")
    here.processes.append(watch)

    def events():
        return [(e["event"], e["device"]["name"]) for e in map(json.loads, watch.text().splitlines())]
    lab.wait(lambda: {n for _, n in events()} >= {"b", "lamp"}, "the snapshot")
    late = here.host("late").discoverd("[Device]\nname = late\n")
    lab.wait(lambda: ("added", "late") in events(), "it comes")
    late.stop()
    lab.wait(lambda: ("removed", "late") in events(), "it goes")
    assert set(json.loads(watch.text().splitlines()[0])) == {"time", "event", "device", "changed", "merged_into"}
    watch.signal(signal.SIGINT)
    assert watch.wait() == 130


def test_search_asks_for_a_target(here):
    daemon = home(here)
    found = json.loads(daemon.ctl("-j", "-t", "1.5", "search", "urn:schemas-upnp-org:device:MediaServer:2"))
    assert [d["name"] for d in found] == ["b"], found
    assert {d["name"] for d in json.loads(daemon.ctl("-j", "-t", "1", "search"))} == {"b", "lamp"}
    assert daemon.ctl("search", "no target", check=False).returncode == 2


def test_several_programs_of_one_host_are_one_row(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    daemon = a.discoverd()
    b.discoverd("[Device]\nname = nas\n[Broadcast]\nenabled = no\n")
    b.python("plain_peer.py", "lamp")
    c.python("plain_peer.py", "alone")
    lab.wait(lambda: len(daemon.devices()) == 2 and daemon.device(name="nas", protocols=["broadcast", "ssdp"]) and daemon.device(name="alone"),
             "all are there")
    assert daemon.ctl("--columns", "name").split()[:3] == ["NAME", "alone", "nas"]
    rows = list(csv.DictReader(io.StringIO(daemon.ctl("-o", "csv", "services", "nas"))))
    assert {(r["device_name"], r["protocol"]) for r in rows} >= {("nas", "broadcast"), ("nas", "ssdp")}, rows
    assert {r["device_name"] for r in rows} == {"nas"}, rows
    rows = list(csv.DictReader(io.StringIO(daemon.ctl("-o", "csv", "list", "--by", "interface"))))
    assert [(r["group"], r["networks"].split()[0], r["name"]) for r in rows] == [
        ("eth0", "10.99.0.0/24", "alone"), ("eth0", "10.99.0.0/24", "nas")], rows
    shown = daemon.ctl("show", "lamp")
    assert "10.99.0.0/24 on eth0\n" in shown and "\nbroadcast  " in shown and "alone" not in shown, shown
    assert "networks" not in json.loads(daemon.ctl("-j", "show", "nas"))


def places_of(node, path=()):
    """Names of devices in a map, each with the names of what it stands below."""
    path = (*path, node.get("interface") or node.get("network")) if "interface" in node or "network" in node else path
    for key in ("interfaces", "networks", "ports"):
        for below in node.get(key, []):
            yield from places_of(below, path)
    for device in node["devices"]:
        yield device["name"], path


def test_the_map_has_each_device_where_it_is(here):
    here.host("a").python("plain_peer.py", "lamp")
    here.ip("addr", "add", "10.99.0.254/24", "brd", "+", "dev", "br0")
    switch = lab.Host(here, "switch")
    switch.prefix = []  # the namespace that the bridge is in
    daemon = switch.discoverd("[Device]\nname = switch\n[Network]\ninterfaces = br0\n")
    lab.wait(lambda: daemon.device(name="lamp"), "lamp is seen")
    tree = json.loads(daemon.ctl("-j", "map"))
    bridge = next(i for i in tree["interfaces"] if i["interface"] == "br0")
    assert tree["name"] == "switch" and [p["interface"] for p in bridge["ports"]] == ["a.eth0"], tree
    attached = daemon.device(name="lamp")["attached_to"]
    place = ("br0", "a.eth0") if attached.startswith("br0/a.eth0") else ("br0", "10.99.0.0/24")
    assert dict(places_of(tree)) == {"lamp": place}, (tree, attached)
    for locale, stroke in (("C", "`-- br0"), ("C.UTF-8", "└── br0")):
        drawn = run("-s", str(daemon.socket), "map", env={"LC_ALL": locale}, encoding="utf-8").stdout
        assert stroke in drawn and "a.eth0  veth  up" in drawn and drawn.isascii() == (locale == "C"), drawn
    assert not list(places_of(json.loads(daemon.ctl("-j", "map", "--name", "nobody"))))
    subprocess.run([lab.need("dot"), "-Tplain"], input=daemon.ctl("map", "-o", "dot"), text=True, capture_output=True, check=True)


def test_every_exit_status(here):
    a = here.host("a")
    daemon = a.discoverd()
    socket_option = ["-s", str(daemon.socket)]
    assert run("status", env={"DISCOVERD_SOCKET": str(daemon.socket)}).returncode == 0
    assert run("-s", "/nonexistent/socket", "status", env={"DISCOVERD_SOCKET": str(daemon.socket)}).returncode == 3
    for words in (["no-such-command"], ["l"], ["--no-such-option"], ["show"], ["status", "x"], ["-t", "0", "list"], ["-t", "31", "search"],
                  ["-t", "11", "probe", "x"], ["probe", "x:no-such-service"], ["probe", "10.0.0.0/8"], ["list", "--kind", "devcie"], ["-t", "x", "list"],
                  ["-o", "xml", "list"], ["--color", "pink", "list"], ["--columns", "colour", "list"], ["--sort", "colour", "list"],
                  ["--snapshot", "list"], ["log-level", "loud"], ["-o", "dot", "list"], ["-o", "dot", "status"], ["list", "--by", "colour"],
                  ["list", "--by", "host"], ["map", "--by", "interface"], ["map", "--columns", "name"]):
        done = run(*socket_option, *words)
        assert done.returncode == 2 and done.stderr and not done.stdout, (words, done)
    for words in (["li"], ["st"], ["i"], ["ver"], ["help"], ["lo"]):
        assert run(*socket_option, *words).returncode == 0, words
    assert daemon.ctl("show", "nobody", check=False).returncode == 4
    assert daemon.ctl("list", "nobody", check=False).returncode == 4
    assert daemon.ctl("services", "nobody", check=False).returncode == 4
    assert daemon.ctl("probe", "10.98.0.0/24", check=False).returncode == 5
    # a daemon that says nothing
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(f"{here.folder}/deaf")
        deaf.listen(1)
        late = run("-s", f"{here.folder}/deaf", "-t", "0.2", "status")
    assert late.returncode == 6 and "did not answer in time" in late.stderr, late


def test_the_log_level_is_shown_and_changed(here):
    daemon = here.host("a").discoverd()
    before = daemon.ctl("log-level")
    assert before.strip() == daemon.status()["log_level"] != "debug" and before.count("\n") == 1, before
    assert json.loads(daemon.ctl("-j", "log-level")) == {"log_level": before.strip()}
    for level in ("debug", "warning"):
        assert daemon.ctl("log-level", level) == ""
        assert daemon.ctl("log-level") == f"{level}\n" and daemon.status()["log_level"] == level
    refused = daemon.ctl("log-level", "loud", check=False)
    assert refused.returncode == 2 and daemon.ctl("log-level") == "warning\n", refused
    assert daemon.ctl("log-level", "debug", "info", check=False).returncode == 2
    # what is logged follows
    daemon.ctl("log-level", "error")
    daemon.ctl("announce", "urn:a:device:Quiet:1", "--name", "Quiet", "--detach")
    daemon.ctl("log-level", "info")
    daemon.ctl("announce", "urn:a:device:Loud:1", "--name", "Loud", "--detach")
    lab.wait(lambda: '"Loud"' in daemon.text(), "it is logged")
    assert '"Quiet"' not in daemon.text(), daemon.text()
    daemon.stop()
    assert run("-s", str(daemon.socket), "log-level").returncode == 3
    assert run("-s", str(daemon.socket), "log-level", "info").returncode == 3


def test_another_user_may_look_and_change_nothing(here):
    daemon = here.host("a").discoverd()
    os.chmod(here.folder, 0o755)
    tool = shutil.copy(CTL, here.folder)  # the build may be in a home that is closed to others

    def as_nobody(*args):
        return run("-s", str(daemon.socket), *args, tool=tool, user=NOBODY, group=NOBODY, extra_groups=[])
    try:
        looked = as_nobody("list")
    except OSError as error:
        raise lab.Skip(f"cannot become another user here: {error}") from None
    assert looked.returncode == 0, looked
    for words in (["reload"], ["log-level", "debug"], ["search"], ["resolve", "b.local"]):
        refused = as_nobody(*words)
        assert refused.returncode == 5 and "not allowed" in refused.stderr and not refused.stdout, (words, refused)
    os.chmod(daemon.folder, 0o700)
    assert as_nobody("list").returncode == 5


def start_watch(here, daemon, *args):
    """A `watch -j` whose standard error goes to a file of its own: the process, that file, and what tells its events."""
    errors = pathlib.Path(here.folder, "watch-errors")
    watch = lab.Process(["sh", "-c", 'exec "$@" 2>"$0"', str(errors), CTL, "-s", str(daemon.socket), "-j", "watch", *args],
                        f"{here.folder}/watch")
    here.processes.append(watch)
    lab.wait(errors.exists, "watch is started")
    return watch, errors, lambda: [(e["event"], e["device"]["name"]) for e in map(json.loads, watch.text().splitlines())]


def test_watch_connects_again_and_tells_what_changed_meanwhile(here):
    hosts = {name: here.host(name) for name in ("a", "stays", "leaves", "comes")}
    forgetful = "[Device]\nname = a\n[Table]\nsave-interval = 0\n"  # else "leaves" is known for a while after the restart
    daemon = hosts["a"].discoverd(forgetful)
    hosts["stays"].discoverd()
    leaves = hosts["leaves"].python("plain_peer.py", "leaves")
    lab.wait(lambda: daemon.device(name="stays", reachable=True) and daemon.device(name="leaves"), "both are there")
    watch, errors, events = start_watch(here, daemon, "--snapshot")
    lab.wait(lambda: {("added", "leaves"), ("added", "stays")} <= set(events()), "the snapshot")
    daemon.stop()
    lab.wait(lambda: "connection lost, reconnecting" in errors.read_text(), "it says so")
    leaves.stop()
    hosts["comes"].python("plain_peer.py", "comes")
    again = hosts["a"].discoverd(forgetful)
    lab.wait(lambda: "connected again" in errors.read_text(), "it is connected")
    lab.wait(lambda: ("added", "comes") in events() and ("removed", "leaves") in events(), "what changed is told", 25)
    assert events().count(("added", "stays")) == 1 and ("removed", "stays") not in events(), events()
    again.stop()
    lab.wait(lambda: errors.read_text().count("connection lost") == 2, "it is lost again")
    watch.signal(signal.SIGINT)
    assert watch.wait(2) == 130


def test_watch_once_ends_with_the_connection(here):
    daemon = here.host("a").discoverd()
    here.host("lamp").python("plain_peer.py", "lamp")
    watch, errors, events = start_watch(here, daemon, "--once", "--snapshot")
    lab.wait(events, "it watches")
    daemon.stop()
    assert watch.wait() == 3 and "closed the connection" in errors.read_text(), errors.read_text()
    assert run("-s", str(daemon.socket), "watch").returncode == 3, "what cannot be reached at first is not waited for"
