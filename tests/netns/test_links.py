# SPDX-License-Identifier: ISC
"""Interfaces and addresses that come, go and change while the daemon runs."""

import json
import re

import lab
import mdns_peer
import wire


def addresses(daemon, name):
    """Its IPv4 addresses; every host has a link-local IPv6 address besides."""
    device = daemon.device(name=name)
    return sorted(a["address"] for a in device["addresses"] if ":" not in a["address"]) if device else []


def test_an_interface_that_comes_late_is_used_without_a_restart(here):
    a, b = here.bare_host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    assert not other.devices()
    a.plug("br0", "10.99.0.7/24")
    _, seconds = lab.wait(lambda: addresses(other, "a") == ["10.99.0.7"], "b sees a by its new interface")
    print(f"seen {seconds:.3f} s after it was plugged in")
    lab.wait(lambda: addresses(daemon, "b") == ["10.99.0.2"], "a sees b")


def test_an_address_that_changes_is_followed(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: addresses(other, "a") == ["10.99.0.1"], "b sees a")
    a.run("ip", "addr", "add", "10.99.0.77/24", "brd", "+", "dev", "eth0")
    a.run("ip", "addr", "del", "10.99.0.1/24", "dev", "eth0")
    # deleting a first address takes the later ones of its network along: the kernel's way
    a.run("ip", "addr", "replace", "10.99.0.77/24", "brd", "+", "dev", "eth0")
    lab.wait(lambda: "10.99.0.77" in addresses(other, "a"), "b sees the new address")
    lab.wait(lambda: addresses(daemon, "b") == ["10.99.0.2"], "a goes on seeing b")
    search = b.python("plain_searcher.py", "upnp:rootdevice", "2")
    search.wait()
    assert "http://10.99.0.77:5006/description.xml" in search.text() and "10.99.0.1:" not in search.text(), search.text()


def test_a_host_that_is_renumbered_is_listed_under_its_new_address_only(here):
    a, b = here.host("a"), here.host("b")
    a.discoverd()
    other = b.discoverd()
    lab.wait(lambda: (d := other.device(name="a")) and set(d["protocols"]) >= {"broadcast", "ssdp"}, "b sees a by both")
    watch = other.watch("a")
    a.run("ip", "addr", "flush", "dev", "eth0", "scope", "global")
    a.run("ip", "addr", "add", "10.99.0.77/24", "brd", "+", "dev", "eth0")
    _, seconds = lab.wait(lambda: addresses(other, "a") == ["10.99.0.77"], "the old address is forgotten")
    print("seconds", seconds)
    device = other.device(name="a")
    assert {e["url"] for e in device["endpoints"] if e["url"] and "[" not in e["url"]} == {"http://10.99.0.77:5006/description.xml"}, device
    # a device known to the kernel alone may have been merged into it; watchers see none of that
    assert {e["event"] for e in lab.events(watch)} == {"updated"}, lab.events(watch)
    assert other.status()["counters"]["table"]["questions"] > 0


def test_devices_of_an_interface_that_is_gone_are_dropped(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    b.discoverd()
    lab.wait(lambda: daemon.device(name="b"), "a sees b")
    a.run("ip", "link", "del", "eth0")
    _, seconds = lab.wait(lambda: not daemon.devices(), "b is dropped")
    print(f"dropped after {seconds:.3f} s")
    a.plug("br0", "10.99.0.1/24")
    lab.wait(lambda: daemon.device(name="b"), "a sees b again")


def test_an_address_that_is_lost_on_one_interface_changes_nothing_on_the_other(here):
    """UDA 2.0, 1.2.4: updates there, and nothing disappears, not for a moment."""
    a, b = here.host("a"), here.host("b")
    here.bridge("br1")
    a.plug("br1", "10.99.1.1/24", "eth1", route=False)
    other = b.discoverd()
    capture = wire.port_of(a)
    daemon = a.discoverd()
    lab.wait(lambda: len((other.device(name="a", reachable=True) or {"protocols": []})["protocols"]) == 2, "b sees a by both")
    lab.wait(lambda: lab.endpoint(other.device(name="a"))["epoch"] == daemon_boot_id(capture), "and its BOOTID")
    watch = other.watch("a")
    lab.wait(lambda: len(capture.ssdp("ssdp:alive", source="10.99.0.1")) >= 9, "the start is over")
    capture.clear()
    for command in (("addr", "del", "10.99.1.1/24"), ("addr", "add", "10.99.1.7/24")):
        before = lab.endpoint(other.device(name="a"))["epoch"]
        a.run("ip", *command, "dev", "eth1")
        updates, _ = lab.wait(lambda: len(p := capture.ssdp("ssdp:update", source="10.99.0.1")) >= 6 and p, "updates on eth0")
        number = int(updates[-1].headers["NEXTBOOTID.UPNP.ORG"])
        alive, _ = lab.wait(lambda: [p for p in capture.ssdp("ssdp:alive", source="10.99.0.1")
                                     if int(p.headers["BOOTID.UPNP.ORG"]) == number], "alive with the new number")
        assert all(p.when <= alive[0].when for p in updates) and number > before, (updates, alive)
        assert {int(p.headers["BOOTID.UPNP.ORG"]) for p in updates} == {before}, updates
        lab.wait(lambda: lab.endpoint(other.device(name="a"))["epoch"] == number, "b follows")
        lab.wait(lambda: len(capture.ssdp("ssdp:alive", source="10.99.0.1")) >= 9, "all of it is said")
        assert not capture.ssdp("ssdp:byebye"), capture.ssdp("ssdp:byebye")
        capture.clear()
    events = lab.events(watch)
    assert events and all(e["event"] == "updated" and e["device"]["name"] == "a" for e in events), events
    assert other.status()["counters"]["table"]["restarts"] == 0
    assert daemon.running()


def daemon_boot_id(capture):
    said = capture.ssdp("ssdp:alive")
    return int(said[-1].headers["BOOTID.UPNP.ORG"]) if said else None


def test_twenty_flaps_leave_everything_as_it_was(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: daemon.device(name="b"), "a sees b")
    for _ in range(20):
        a.run("ip", "link", "set", "eth0", "down")
        a.run("ip", "link", "set", "eth0", "up")
    lab.wait(lambda: addresses(daemon, "b") and addresses(other, "a"), "both see each other")
    assert daemon.running() and len(daemon.devices()) == 1 and len(other.devices()) == 1


def test_deny_wins_over_allow_and_globs_work(here):
    a, b = here.host("a"), here.host("b")
    here.bridge("br1")
    for number, host in enumerate((a, b), 1):
        host.plug("br1", f"10.99.1.{number}/24", "lan0", route=False)
    daemon = a.discoverd("[Device]\nname = a\n[Network]\ninterfaces = eth*, lan*\ndeny-interfaces = lan?\n")
    other = b.discoverd()
    lab.wait(lambda: addresses(other, "a") == ["10.99.0.1"], "b sees a on the allowed interface")
    lab.wait(lambda: addresses(daemon, "b") == ["10.99.0.2"], "a sees b there")
    lab.never(lambda: "10.99.1.1" in addresses(other, "a") or "10.99.1.2" in addresses(daemon, "b"),
              "something on the denied interface", 2)


def test_an_interface_that_a_reload_denies_hears_a_goodbye_and_one_that_it_allows_a_start(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: set((other.device(name="a") or {"protocols": []})["protocols"]) >= {"broadcast", "ssdp"}, "b sees a")
    daemon.config.write_text("[Device]\nname = a\n[Network]\ndeny-interfaces = eth*\n")
    daemon.ctl("reload")
    lab.wait(lambda: not other.devices(), "b has heard the goodbye")
    lab.wait(lambda: not daemon.devices(), "a has forgotten b")
    daemon.config.write_text("[Device]\nname = a\n")
    daemon.ctl("reload")
    lab.wait(lambda: other.device(name="a") and daemon.device(name="b"), "both are back")


def test_two_interfaces_in_one_network_do_not_find_themselves(here):
    a, b = here.host("a"), here.host("b")
    a.plug("br0", "10.99.0.11/24", "eth1", route=False)
    b.plug("br0", "10.99.0.12/24", "eth1", route=False)
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: daemon.device(name="b") and other.device(name="a"), "both see each other")
    lab.never(lambda: daemon.device(name="a") or other.device(name="b") or len(daemon.devices()) > 1 or len(other.devices()) > 1,
              "a host lists itself", 3)


def test_behind_a_bridge_that_reflects_no_host_lists_itself(here):
    a, b = here.host("a"), here.host("b")
    for port in ("a.eth0", "b.eth0"):
        lab.subprocess.run(["bridge", "link", "set", "dev", port, "hairpin", "on"], check=True)
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: daemon.device(name="b") and other.device(name="a"), "both see each other")
    lab.wait(lambda: daemon.status()["counters"]["ssdp"]["own"] > 0, "own messages come back")
    lab.never(lambda: daemon.device(name="a") or other.device(name="b"), "a host lists itself", 2)


def test_interfaces_are_told_as_the_kernel_has_them(here):
    a = here.host("a")
    a.run("ip", "addr", "add", "192.0.2.5/31", "dev", "eth0")
    daemon = a.discoverd()
    kernel = {link["ifname"]: link for link in json.loads(a.run("ip", "-j", "addr").stdout)}
    ours = {link["name"]: link for link in json.loads(daemon.ctl("-j", "interfaces"))}
    assert set(ours) == set(kernel)
    for name, link in ours.items():
        assert link["index"] == kernel[name]["ifindex"]
        assert {(x["address"], x["prefix"]) for x in link["addresses"]} == \
            {(x["local"], x["prefixlen"]) for x in kernel[name]["addr_info"]}, name
    eth0 = {x["address"]: x for x in ours["eth0"]["addresses"]}
    assert eth0["10.99.0.1"]["network"] == "10.99.0.0" and eth0["10.99.0.1"]["broadcast"] == "10.99.0.255"
    assert (eth0["10.99.0.1"]["first_host"], eth0["10.99.0.1"]["last_host"]) == ("10.99.0.1", "10.99.0.254")
    assert eth0["10.99.0.1"]["hosts"] == 254 and eth0["192.0.2.5"]["hosts"] == 2
    assert eth0["192.0.2.5"]["broadcast"] is None


def add_networks(a, many, count):
    """So many more networks between two hosts, q0, q1, … here and p0, p1, … there; neighbours are known, none is asked for."""
    for host, ours, theirs, last in ((a, "q", "p", 1), (many, "p", "q", 2)):
        lines = []
        for i in range(count):
            if host is a:
                lines.append(f"link add q{i} address 02:01:00:00:00:{i:02x} type veth peer name p{i} "
                             f"address 02:02:00:00:00:{i:02x} netns many")
            mac = f"02:{3 - last:02x}:00:00:00:{i:02x}"
            lines += [f"link set {ours}{i} addrgenmode none", f"addr add 172.30.{i}.{last}/24 brd + dev {ours}{i}",
                      f"link set {ours}{i} up",
                      f"neigh add 172.30.{i}.{3 - last} lladdr {mac} dev {ours}{i} nud permanent"]
        host.run("sh", "-c", "ip -batch - <<'END'\n" + "\n".join(lines) + "\nEND")


def joined(daemon, group="239.255.255.250"):
    return sum(group in i["groups"] for i in json.loads(daemon.ctl("-j", "interfaces")))


def test_a_host_with_200_networks_hears_multicasts_on_all(here):
    a, many = here.bare_host("a"), here.bare_host("many")
    add_networks(a, many, 200)
    # without answers and broadcasts nothing but what it multicasts makes a device known
    daemon = a.discoverd("[Broadcast]\nenabled = no\n[Network]\nipv6 = no\n")
    lab.wait(lambda: joined(daemon) == 200, "200 groups are joined", 30)
    script = ("import socket, sys\n"
              "for i in range(200):\n"
              "    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
              "    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(f'172.30.{i}.2'))\n"
              "    u = f'uuid:{i:08x}-7777-4666-8777-888899990000'\n"
              "    s.sendto(f'NOTIFY * HTTP/1.1\\r\\nHOST: 239.255.255.250:1900\\r\\nCACHE-CONTROL: max-age=1800\\r\\n'\n"
              "             f'LOCATION: http://172.30.{i}.2:9/\\r\\nNT: upnp:rootdevice\\r\\nNTS: ssdp:alive\\r\\nSERVER: a/1 UPnP/1.1 b/1\\r\\n'\n"
              "             f'USN: {u}::upnp:rootdevice\\r\\n\\r\\n'.encode(), ('239.255.255.250', 1900))\n")

    def heard():
        many.run("python3", "-c", script)
        found = {a["interface"] for d in daemon.devices() for a in d["addresses"] if d["id"].endswith("888899990000")}
        return len(found) == 200
    lab.wait(heard, "all 200 are heard", 60, 0.5)
    assert daemon.status()["warnings"] == [], daemon.status()["warnings"]
    a.run("sh", "-c", "for i in $(seq 0 99); do echo link del q$i; done | ip -batch -")
    lab.wait(lambda: joined(daemon) == 100, "the groups of what went are left", 30)


def lamp_by_ipv6(number):
    """What a host with one web server announces on the network of this number, and its address there."""
    address = f"fe80::2:ff:fe00:{number:x}"
    kind, host = "_http._tcp.local", f"lamp-{number}.local"
    return mdns_peer.pack(answers=[
        mdns_peer.Record(kind, mdns_peer.PTR, f"Lamp {number}.{kind}", ttl=4500),
        mdns_peer.Record(f"Lamp {number}.{kind}", mdns_peer.SRV, (0, 0, 80, host), flush=True),
        mdns_peer.Record(f"Lamp {number}.{kind}", mdns_peer.TXT, b"\0", ttl=4500, flush=True),
        mdns_peer.Record(host, mdns_peer.AAAA, address, flush=True)], flags=mdns_peer.RESPONSE), address


def test_mdns_by_ipv6_is_heard_on_each_of_60_networks(here):
    """A socket that is bound to an IPv6 group is bound to one interface."""
    count = 60
    a, many = here.bare_host("a"), here.bare_host("many")
    for host in (a, many):
        host.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
    lines = [f"link add q{i} address 02:01:00:00:00:{i:02x} type veth peer name p{i} address 02:02:00:00:00:{i:02x} netns many"
             for i in range(count)]
    a.run("sh", "-c", "ip -batch - <<'END'\n" + "\n".join(lines + [f"link set q{i} up" for i in range(count)]) + "\nEND")
    many.run("sh", "-c", "ip -batch - <<'END'\n" + "\n".join(f"link set p{i} up" for i in range(count)) + "\nEND")
    daemon = a.discoverd()
    lab.wait(lambda: joined(daemon, "ff02::fb") == count, lambda: f"{count} groups: {joined(daemon, 'ff02::fb')}", 60)
    assert joined(daemon, "ff02::c") == count, daemon.ctl("interfaces")
    script = ("import socket, struct, sys\n"
              "for i, data in enumerate(sys.argv[1:]):\n"
              "    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\n"
              "    index = socket.if_nametoindex(f'p{i}')\n"
              "    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)\n"
              "    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, struct.pack('@i', index))\n"
              "    s.bind(('::', 5353, 0, index))\n"
              "    s.sendto(bytes.fromhex(data), ('ff02::fb', 5353, 0, index))\n"
              "    s.close()\n")

    def heard():
        many.run("python3", "-c", script, *(lamp_by_ipv6(i)[0].hex() for i in range(count)), check=False)  # once all are up
        found = {x["address"]: x["interface"] for d in daemon.devices() for x in d["addresses"]}
        return all(found.get(lamp_by_ipv6(i)[1]) == f"q{i}" for i in range(count))
    lab.wait(heard, lambda: f"all {count} are heard: {len(daemon.devices())}", 60, 0.5)
    assert daemon.status()["warnings"] == [], daemon.status()["warnings"]


def test_a_group_that_cannot_be_joined_is_a_warning_until_it_can(here):
    a = here.host("a")
    a.run("sh", "-c", "echo 0 >/proc/sys/net/ipv4/igmp_max_memberships")
    daemon = a.discoverd()
    text = "eth0: cannot join the multicast group 239.255.255.250 (ssdp): No buffer space available"
    assert text in daemon.status()["warnings"], daemon.status()["warnings"]
    assert joined(daemon) == 0
    a.run("sh", "-c", "echo 20 >/proc/sys/net/ipv4/igmp_max_memberships")
    lab.wait(lambda: joined(daemon) == 1, "it is joined", 30)
    lab.wait(lambda: daemon.status()["warnings"] == [], "the warning is over")
    assert daemon.text().count(f"warning: {text}") == 1 and f"warning ended: {text}" in daemon.text(), daemon.text()


# as README.md has them
PORTS_TO_OPEN = """
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
%s
  }
}
"""


def readme_rules():
    text = (lab.HERE.parents[1] / "README.md").read_text()
    lines = text[text.index("## Ports to open"):].split("```nft\n", 1)[1].split("```", 1)[0]
    assert "udp" in lines, lines
    return lines


def firewall(host, rules):
    host.run("sh", "-c", f"nft flush ruleset; nft -f - <<'END'\n{PORTS_TO_OPEN % rules}\nEND")


def test_a_firewall_is_told_of_and_the_ports_of_the_readme_open_it(here):
    lab.need("nft")
    a, b = here.host("a"), here.host("b")
    firewall(a, "")
    other, daemon = b.discoverd("[Device]\nname = b\n[Broadcast]\nenabled = no\n"), a.discoverd()
    text = "eth0: our own multicasts do not come back: does a firewall drop UDP port 1900?"
    lab.wait(lambda: text in daemon.status()["warnings"], "the warning", 30)
    assert daemon.devices() == []
    listed = daemon.ctl("list", check=False)
    assert listed.returncode == 0 and text in listed.stderr and text not in listed.stdout, listed
    assert daemon.ctl("-j", "list", check=False).stderr == ""
    assert daemon.text().count(f"warning: {text}") == 1, daemon.text()
    firewall(a, readme_rules())
    daemon.ctl("search")
    lab.wait(lambda: daemon.device(name="b"), "b is found, with its description")
    lab.wait(lambda: other.device(name="a"), "a is found")
    lab.wait(lambda: daemon.status()["warnings"] == [], "the warning is over", 30)
    assert f"warning ended: {text}" in daemon.text(), daemon.text()


def test_a_search_behind_the_firewall_of_the_readme_gets_answers(here):
    lab.need("nft")
    a, b = here.host("a"), here.host("b")
    firewall(a, readme_rules())
    b.discoverd("[Device]\nname = b\n[Broadcast]\nenabled = no\n")
    daemon = a.discoverd("[Broadcast]\nenabled = no\n")
    lab.wait(lambda: daemon.device(name="b"), "b answers the first search", 10)


def test_what_is_not_used_says_why(here):
    a = here.host("a")
    here.bridge("br1")
    a.plug("br1", "10.98.0.1/24", "eth1", route=False)
    a.run("sh", "-c", "ip link add br9 type bridge; ip link add v1 type veth peer name v2; ip link set v1 master br9; ip link set v2 up")
    daemon = a.discoverd("[Network]\ninterfaces = eth* br9 v* wlan*\ndeny-interfaces = eth1 nope docker*\n")

    def reasons():
        return {i["name"]: i["unused_because"] for i in json.loads(daemon.ctl("-j", "interfaces"))}
    assert reasons() == {"lo": "loopback", "eth0": None, "eth1": "denied", "br9": "down", "v1": "port of a bridge or bond",
                         "v2": "no carrier"}, reasons()
    status = daemon.status()
    assert status["interfaces"] == ["eth0"] and status["warning"] == status["warnings"][0], status
    assert status["warnings"] == ["no interface of this host matches 'wlan*' ([Network] interfaces)",
                                  "no interface of this host is named 'nope' ([Network] deny-interfaces)"], status
    assert "no: denied" in daemon.ctl("interfaces") and re.search(r"^ *interfaces +eth0$", daemon.ctl("status"), re.M)
    a.run("ip", "link", "set", "eth0", "down")
    lab.wait(lambda: "interface eth0 is not used any more: down" in daemon.text(), "the reason in the log")
    lab.wait(lambda: daemon.status()["warnings"][0].startswith("no interface is used"), "the warning")
    a.run("ip", "link", "set", "eth0", "up")
    lab.wait(lambda: "warning ended: no interface is used" in daemon.text(), "its end in the log")
    daemon.config.write_text("[Network]\ndeny-interfaces = eth0\n")
    daemon.ctl("reload")
    lab.wait(lambda: "interface eth0 is not used any more: denied" in daemon.text(), "the reason in the log")
    a.run("ip", "link", "del", "eth1")
    lab.wait(lambda: "interface eth1 is gone" in daemon.text(), "the end of an interface in the log")
    assert "eth0 is gone" not in daemon.text(), daemon.text()


def test_the_gateway_of_an_address_is_that_of_its_family(here):
    a = here.host("a")
    a.run("sh", "-c", "ip -6 addr add fd01::5/64 dev eth0 nodad; ip route replace default via 10.99.0.254; "
          "ip -6 route add default via fd01::1")
    daemon = a.discoverd()

    def gateways():
        eth0 = next(i for i in json.loads(daemon.ctl("-j", "interfaces")) if i["name"] == "eth0")
        return {x["address"]: x["gateway"] for x in eth0["addresses"]}
    found = gateways()
    assert found["10.99.0.1"] == "10.99.0.254" and found["fd01::5"] == "fd01::1", found
    assert all(line.split()[-1] == "fd01::1" for line in daemon.ctl("interfaces").splitlines() if " fd01::" in line)
