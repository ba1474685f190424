# SPDX-License-Identifier: ISC
"""Programs of other projects that speak mDNS, in both directions: what they see of discoverd, and what discoverd sees of them."""

import json

import avahi
import lab
import peers

WEB = "_http._tcp"
GREENHOUSE = [WEB, "--name", "Greenhouse", "--port", "8080", "--txt", "path=/"]


def service(daemon, name, kind=WEB):
    """What discoverd lists of a service, with its host and the addresses of that, or None."""
    for device in daemon.devices():
        for endpoint in lab.endpoints(device, protocol="mdns"):
            for found in endpoint["services"]:
                if found["name"] == name and found["type"] == kind:
                    return found | {"host": endpoint["key"], "verified": endpoint["verified"],
                                    "addresses": [a["address"] for a in endpoint["addresses"]]}
    return None


def is_listed(daemon, name, port, path, address):
    """Waits until all of it is known."""
    def complete():
        found = service(daemon, name)
        return found and found["port"] == port and found["txt"].get("path") == path and address in found["addresses"]
    lab.wait(complete, lambda: f"{name} in {daemon.devices()}")


def comes_and_goes(here, start, name, port, path, verified=True):
    """A service of a program on another host is listed, also by a daemon that starts later, and goes when it says goodbye."""
    a, b, c = (here.host(host) for host in "abc")
    daemon = a.discoverd()
    process = start(b)
    is_listed(daemon, name, port, path, b.addresses[0])
    if verified:  # it answers a question that is sent to it alone; others answer by multicast
        lab.wait(lambda: service(daemon, name)["verified"], lambda: f"{name} is verified: {daemon.devices()}")
    late = c.discoverd()
    is_listed(late, name, port, path, b.addresses[0])
    process.stop(20)
    for each in (daemon, late):
        lab.wait(lambda: not service(each, name), lambda: f"{name} goes: {each.devices()}")


def announced(daemon, *args):
    """discoverctl announces for as long as the process runs."""
    process = lab.Process([str(lab.BUILD / "discoverctl"), "-s", str(daemon.socket), "announce", *args],
                          f"{daemon.host.lab.folder}/announced-{len(daemon.host.lab.processes)}")
    daemon.host.lab.processes.append(process)
    lab.wait(lambda: "\n" in process.text() or not process.running(), "it is announced")
    return process


def events(process):
    """What it has printed so far, whole lines only."""
    return [json.loads(line) for line in process.text().splitlines(keepends=True) if line.startswith("{") and line.endswith("\n")]


def event(process, kind, name):
    return next((e for e in events(process) if e["event"] == kind and e["name"].split("._http")[0] == name), None)


def is_seen(process, name, port, txt, host):
    """A program that browses has resolved it; some are content with one address."""
    found, _ = lab.wait(lambda: event(process, "added", name), lambda: f"{name} in {process.text()}")
    own = {a["local"] for link in json.loads(host.run("ip", "-j", "addr", "show", "eth0").stdout) for a in link["addr_info"]}
    assert found["port"] == port and found["txt"].items() >= txt.items(), found
    assert found["addresses"] and own.issuperset(found["addresses"]), (found, own)


def test_avahi_on_another_host_publishes(here):
    def start(host):
        return avahi.Avahi(host).publish("Laser Printer", WEB, 631, "path=/a")
    comes_and_goes(here, start, "Laser Printer", 631, "/a")


def test_avahi_on_another_host_browses(here):
    daemon, other = here.host("a").discoverd(), avahi.Avahi(here.host("b"))

    def rows():
        return [row for row in other.browse(WEB) if row["name"] == "Greenhouse"]
    process = announced(daemon, *GREENHOUSE)
    lab.wait(lambda: any(row["port"] == 8080 and '"path=/"' in row["txt"] and row["address"] == "10.99.0.1" for row in rows()), rows)
    process.stop()
    lab.wait(lambda: not rows(), rows)
    # what it announces for itself, and takes back at its end
    lab.wait(lambda: any(row["name"] == "a" for row in other.browse("_discoverd._tcp")), lambda: other.browse("_discoverd._tcp"))
    daemon.stop()
    lab.wait(lambda: not other.browse("_discoverd._tcp"), lambda: other.browse("_discoverd._tcp"))


def test_avahi_beside_us_on_the_same_host(here):
    """Both share the port: each sees the other and the network, and the network sees both."""
    a, b = here.host("a"), here.host("b")
    beside, daemon = avahi.Avahi(a), a.discoverd()
    beside.publish("Beside", WEB, 8001, "path=/beside")
    announced(daemon, *GREENHOUSE)
    other, far = b.discoverd(), peers.zeroconf(b, "publish", "Far", WEB, 8003, "path=/far")
    is_listed(other, "Beside", 8001, "/beside", a.addresses[0])
    is_listed(other, "Greenhouse", 8080, "/", a.addresses[0])
    is_listed(daemon, "Far", 8003, "/far", b.addresses[0])

    def rows():
        return {(row["name"], row["port"]) for row in beside.browse(WEB)}
    lab.wait(lambda: rows() >= {("Beside", 8001), ("Greenhouse", 8080), ("Far", 8003)}, rows)
    far.stop()
    lab.wait(lambda: not service(daemon, "Far"), "it goes for us")
    lab.wait(lambda: ("Far", 8003) not in rows(), rows)


def test_zeroconf_for_python_publishes(here):
    comes_and_goes(here, lambda host: peers.zeroconf(host, "publish", "Zero One", WEB, 8001, "path=/z"), "Zero One", 8001, "/z")


def test_zeroconf_for_python_browses(here):
    browses(here, lambda host: peers.zeroconf(host, "browse", WEB))


def browses(here, start):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    process = announced(daemon, *GREENHOUSE)

    def resolving():
        """One that has the addresses, too. No record is multicast twice in a second (RFC 6762, 6), so the first answer may lack those
        that were just announced, and not each of these programs asks for them."""
        browser = start(b)
        found, _ = lab.wait(lambda: event(browser, "added", "Greenhouse"), browser.text)
        if found["addresses"]:
            return browser
        browser.stop()
        return None
    browser, _ = lab.wait(resolving, "a browser has resolved it", 60)
    is_seen(browser, "Greenhouse", 8080, {"path": "/"}, a)
    process.stop()
    lab.wait(lambda: event(browser, "removed", "Greenhouse"), browser.text)
    assert browser.running(), browser.text()


def test_bonjour_service_publishes(here):
    def start(host):
        return peers.npm(host, "bonjour-service", "bonjour_peer.js", "publish", "Bon Jour", "http", 8002, "bonjour-peer.local", "path", "/b")
    comes_and_goes(here, start, "Bon Jour", 8002, "/b", verified=False)


def test_bonjour_service_browses(here):
    browses(here, lambda host: peers.npm(host, "bonjour-service", "bonjour_peer.js", "browse", "http"))


def test_ciao_publishes(here):
    def start(host):
        return peers.npm(host, "@homebridge/ciao", "ciao_peer.js", "eth0", "Ciao One", "http", 8003, "path", "/c")
    comes_and_goes(here, start, "Ciao One", 8003, "/c", verified=False)


def test_mdnsd_publishes(here):
    """It says no goodbye; what it announced ends with its lifetime."""
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    peers.mdnsd(b, "name Small Web\ntype _http._tcp\nport 8004\ntxt path=/m\n")
    is_listed(daemon, "Small Web", 8004, "/m", b.addresses[0])


def test_mdns_scan_and_mquery_find_what_is_announced(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    announced(daemon, *GREENHOUSE)
    scan = b.start(lab.need("mdns-scan"))
    lab.wait(lambda: "+ Greenhouse._http._tcp.local" in scan.text(), scan.text)
    query = b.start("stdbuf", "-oL", lab.need("mquery"), "-s", "-i", "eth0", f"{WEB}.local.")
    lab.wait(lambda: "to Greenhouse._http._tcp.local." in query.text(), query.text)
    types = b.start("stdbuf", "-oL", lab.need("mquery"), "-i", "eth0")
    lab.wait(lambda: f"+ {WEB}.local. (10.99.0.1)" in types.text(), types.text)
