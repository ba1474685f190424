# SPDX-License-Identifier: ISC
"""MAC addresses, vendors, and the bridge port and namespace that a device is behind."""

import json
import pathlib
import struct
import subprocess
import sys
import time

import lab


def told(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return json.loads(done.stdout or "[]")


def owner(here, name="owner", address="10.99.0.200/16", config=None, args=()):
    """The host that the bridge belongs to: the lab itself."""
    here.ip("addr", "replace", address, "brd", "+", "dev", "br0")
    host = lab.Host(here, name)
    host.prefix = []
    return host.discoverd(config, args)


def kernel_macs():
    """(address, interface) to MAC, as ip(8) says."""
    return {(n["dst"], n["dev"]): n["lladdr"] for n in told("ip", "-j", "neigh") if "lladdr" in n}


def kernel_ports():
    """MAC to port, of what is not the bridge's own."""
    return {f["mac"]: f["ifname"] for f in told("bridge", "-j", "fdb")
            if f.get("master") and f["state"] != "permanent"}


def peers_of_ports():
    return {link["ifname"]: (link["link_index"], link.get("link_netnsid")) for link in told("ip", "-j", "link")
            if "link_index" in link}


def expected_place(mac):
    port = kernel_ports().get(mac)
    index, netns = peers_of_ports()[port]
    return f"br0/{port} ({port.split('.')[0]}, if {index})"


def wait_for_macs(daemon, count, limit=20):
    """All devices once each address of as many has a MAC."""
    def all_known():
        devices = daemon.devices()
        known = [d for d in devices if all(a["mac"] for a in d["addresses"])]
        return devices if len(known) == len(devices) == count else None
    return lab.wait(all_known, f"{count} devices with a MAC", limit)[0]


def test_every_fact_is_the_kernels(here):
    here.host("a").discoverd()
    here.host("b").python("plain_peer.py", "b")
    daemon = owner(here)
    for device in wait_for_macs(daemon, 2):
        for address in device["addresses"]:
            assert kernel_macs()[address["address"], "br0"] == address["mac"], device
            assert address["vendor"] is None, "locally administered"
        assert device["attached_to"] == expected_place(address["mac"]), device


def test_fifty_hosts_that_come_and_go_are_where_the_kernel_has_them(here):
    names = [f"h{number}" for number in range(50)]
    hosts = {name: here.host(name) for name in names}
    daemon = owner(here)
    for name in names:
        hosts[name].run("sysctl", "-qw", "net.ipv4.conf.default.arp_notify=1")  # a cable that is plugged in is told
        hosts[name].python("plain_caller.py", name)

    def differences():
        macs, ports, ends = kernel_macs(), kernel_ports(), peers_of_ports()
        devices = {d["name"]: d for d in daemon.devices()}
        wrong = sorted(set(devices) ^ set(names))
        for device in devices.values():
            for address in device["addresses"]:
                mac = macs.get((address["address"], "br0"))
                port = ports.get(mac, "none")
                # the namespace of an interface has the name of its host
                place = f"br0/{port} ({port.split('.')[0]}, if {ends[port][0]})" if port in ends else "br0"
                if (mac, place) != (address["mac"], device["attached_to"]):
                    wrong.append((device["name"], address, device["attached_to"], mac, place))
        return wrong
    def settle(when, limit):
        try:
            _, seconds = lab.wait(lambda: not differences(), "all are where the kernel has them", limit, 0.2)
        except lab.Failure:
            raise lab.Failure(f"{when}: {differences()}") from None
        print(when, "after", round(seconds, 1), "s")
    settle("fifty hosts", 60)
    for turn in range(20):
        host = hosts[names[turn * 7 % 50]]
        before = host.run("cat", "/sys/class/net/eth0/address").stdout
        here.ip("link", "del", f"{host.name}.eth0")
        host.plug("br0", host.addresses[0] + "/24")
        assert host.run("cat", "/sys/class/net/eth0/address").stdout != before
        if turn % 5 == 4:
            settle(f"turn {turn}", 20)
    counters = daemon.status()["counters"]["neighbours"]
    print(counters)
    assert counters["malformed"] == counters["failures"] == 0, counters


def test_a_mac_that_becomes_known_or_another_one_is_an_update(here):
    b = here.host("b")
    b.run("ip", "link", "set", "eth0", "address", "02:00:00:00:00:11")
    daemon = owner(here, config="[SSDP]\nenabled = no\n[Broadcast]\ninterval = 3600\n")
    watch = lab.Host(here, "watch")
    watch.prefix = []
    watch = watch.start(str(lab.BUILD / "discoverctl"), "-s", str(daemon.socket), "-j", "watch")
    lab.wait(lambda: daemon.status()["counters"]["clients"]["accepted"] >= 3, "the watch has begun")
    # a message that needs no answer and so causes no resolution: the kernel has no MAC
    b.run(sys.executable, "-c", "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
          "s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)\n"
          "s.sendto(b'Hello from b!', ('255.255.255.255', 5005))")
    lab.wait(lambda: daemon.device(name="b"), "b is seen")

    def mac():
        return daemon.device(name="b")["addresses"][0]["mac"]
    assert mac() is None and daemon.device(name="b")["attached_to"] == "br0"
    b.run(sys.executable, "-c", "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.sendto(b'x', ('10.99.0.200', 9))")
    lab.wait(lambda: mac() == "02:00:00:00:00:11", "its MAC is known")
    assert daemon.device(name="b")["attached_to"].startswith("br0/b.eth0 (b, if ")
    here.ip("neigh", "flush", "dev", "br0")
    lab.wait(lambda: not kernel_macs(), "the kernel has forgotten it")
    lab.never(lambda: mac() != "02:00:00:00:00:11", "it is forgotten", 0.5)
    here.ip("neigh", "replace", "10.99.0.1", "lladdr", "02:00:00:00:00:12", "dev", "br0", "nud", "reachable")
    lab.wait(lambda: mac() == "02:00:00:00:00:12", "another one is told")

    def told():
        return [(e["event"], e["device"]["addresses"][0]["mac"]) for e in lab.reports(watch) if e["device"]]
    lab.wait(lambda: told() == [("added", None), ("updated", "02:00:00:00:00:11"), ("updated", "02:00:00:00:00:12")], told())


def test_two_addresses_of_one_device_have_a_mac_each(here):
    here.bridge("br1")
    a, b = here.host("a"), here.host("b")
    a.plug("br1", "10.99.1.1/24", "eth1", route=False)
    b.plug("br1", "10.99.1.2/24", "eth1", route=False)
    a.discoverd()
    daemon = b.discoverd()

    def macs():
        device = daemon.device(name="a")
        return device and {x["address"]: x["mac"] for x in device["addresses"] if x["mac"]}
    expected = {x: a.run("cat", f"/sys/class/net/{i}/address").stdout.strip()
                for x, i in (("10.99.0.1", "eth0"), ("10.99.1.1", "eth1"))}
    lab.wait(lambda: expected.items() <= (macs() or {}).items(), "both MACs are told")
    assert daemon.device(name="a")["attached_to"] is None, "it is behind two interfaces"


def test_behind_no_bridge_a_device_is_behind_the_interface(here):
    a, b = here.host("a"), here.host("b")
    a.discoverd()
    daemon = b.discoverd()
    device = wait_for_macs(daemon, 1)[0]
    assert device["attached_to"] == "eth0", device


def test_a_program_on_this_host_has_our_own_mac(here):
    a = here.host("a")
    daemon = a.discoverd()
    a.discoverd(name="other", config="[Device]\nname = other\n[Broadcast]\nenabled = no\n[HTTP]\nport = 5007\n")
    lab.wait(lambda: daemon.device(name="other") or daemon.devices(), "it is seen")
    own = a.run("cat", "/sys/class/net/eth0/address").stdout.strip()
    for device in daemon.devices():
        assert {x["mac"] for x in device["addresses"]} == {own} and device["attached_to"] == "eth0", device


def hwdb(vendors):
    """The bytes of a hardware database (a trie, hwdb.bin) with the manufacturers of a few patterns, each of another first letter."""
    strings, leaf_size, header = bytearray(b"\0"), 24 + 16, 80
    root = header + len(vendors) * leaf_size
    first_string = root + 24 + len(vendors) * 16

    def text(value):
        strings.extend(value.encode() + b"\0")
        return first_string + len(strings) - len(value.encode()) - 1
    leaves, children = b"", b""
    for pattern, vendor in sorted(vendors.items()):
        children += struct.pack("<B7xQ", ord(pattern[0]), header + len(leaves))
        # the rest of the pattern, no children, one value
        leaves += struct.pack("<QB7xQQQ", text(pattern[1:]), 0, 1, text(" ID_OUI_FROM_DATABASE"), text(vendor))
    nodes = leaves + struct.pack("<QB7xQ", first_string, len(vendors), 0) + children
    sizes = (header + len(nodes) + len(strings), header, 24, 16, 16, root, len(nodes), len(strings))
    return struct.pack("<8s9Q", b"KSLPHHRH", 252, *sizes) + nodes + bytes(strings)


def test_vendors_come_from_the_hardware_database(here):
    folder = next((f for f in ("/etc/udev", "/usr/lib/udev", "/lib/udev") if pathlib.Path(f).is_dir()), None)
    if not folder:
        raise lab.Skip("no place for a hardware database here")
    a, b, c = (here.host(name) for name in "abc")
    a.run("ip", "link", "set", "eth0", "address", "00:1b:63:aa:bb:cc")
    b.run("ip", "link", "set", "eth0", "address", "02:1b:63:aa:bb:cc")
    c.run("ip", "link", "set", "eth0", "address", "00:50:c2:aa:bb:cc")
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    pathlib.Path(folder, "hwdb.bin").write_bytes(hwdb({"OUI:001B63*": "Ärger & Söhne"}))
    for host in (a, b, c):
        host.discoverd()
    daemon = owner(here)
    # each address has its own MAC in the kernel, of IPv6 a little later
    lab.wait(lambda: {d["name"]: {x["vendor"] for x in d["addresses"] if x["mac"]} for d in daemon.devices()} ==
             {"a": {"Ärger & Söhne"}, "b": {None}, "c": {None}}, "the vendors are told")


def test_every_kind_of_interface_is_told_as_the_kernel_has_it(here):
    a = here.host("a")
    for command in ("addr add 192.0.2.4/31 dev eth0", "addr add 192.0.2.9/32 dev eth0", "addr add fd01::1/64 dev eth0",
                    "link add v0 type veth peer name v1", "addr add 10.7.0.1 peer 10.7.0.2/32 dev v0",
                    "addr add 10.6.0.1/20 brd + dev v0", "link add br7 type bridge", "link set v1 master br7",
                    "link set v0 up", "link set v1 up", "link set br7 up", "tuntap add dev tun0 mode tun",
                    "addr add 10.5.0.1 peer 10.5.0.2/32 dev tun0", "link set tun0 up"):
        done = a.run("ip", *command.split(), check=False)
        assert not done.returncode or "tun" in command, (command, done.stderr)
    daemon = a.discoverd()

    def kernel_links():
        return {link["ifname"]: link for link in json.loads(a.run("ip", "-j", "-d", "addr").stdout)}

    def daemon_links():
        return {link["name"]: link for link in json.loads(daemon.ctl("-j", "interfaces"))}

    def kernel(link, links):
        kind = link.get("linkinfo", {}).get("info_kind") or ("loopback" if link["ifname"] == "lo" else "ethernet")
        by_index = {x["ifindex"]: x["ifname"] for x in links.values()}
        peer = None
        if kind == "veth":
            other = "link" in link
            index = link["link_index"] if not other else links[link["link"]]["ifindex"]
            peer = {"index": index, "netns": link.get("link_netnsid"), "netns_name": None,
                    "name": by_index[index] if other else None}
        return {"index": link["ifindex"], "name": link["ifname"], "kind": kind, "master": link.get("master"), "peer": peer,
                "mac": link["address"] if link["link_type"] == "ether" else None,
                "bridge_ports": sorted(x["ifname"] for x in links.values() if x.get("master") == link["ifname"]),
                "addresses": sorted((x["local"], x["prefixlen"], x.get("address"), x.get("broadcast"))
                                    for x in link["addr_info"])}

    def ours(link):
        facts = {key: link[key] for key in ("index", "name", "kind", "master", "peer", "mac")}
        facts["bridge_ports"] = sorted(link["bridge_ports"])
        facts["addresses"] = sorted((x["address"], x["prefix"], x["peer"], x["broadcast"]) for x in link["addresses"])
        if link["peer"]:
            link["peer"]["netns_name"] = None  # other tests check the namespace
        return facts

    def differences():
        """What either side has of a link and the other has not, now."""
        told, links = daemon_links(), kernel_links()
        assert set(told) == set(links)
        return [(ours(told[name]), kernel(link, links)) for name, link in links.items() if ours(told[name]) != kernel(link, links)]
    # an interface that comes up gets its link-local address later, and the kernel reports that only after its duplicate check
    lab.wait(lambda: not differences(), "the daemon tells what the kernel has")
    told = daemon_links()
    ranges = {x["address"]: (x["network"], x["first_host"], x["last_host"], x["hosts"])
              for link in told.values() for x in link["addresses"]}
    assert ranges["192.0.2.4"] == ("192.0.2.4", "192.0.2.4", "192.0.2.5", 2)
    assert ranges["192.0.2.9"] == ("192.0.2.9", "192.0.2.9", "192.0.2.9", 1)
    assert ranges["10.6.0.1"] == ("10.6.0.0", "10.6.0.1", "10.6.15.254", 4094)
    assert ranges["10.7.0.1"] == ("10.7.0.2", "10.7.0.2", "10.7.0.2", 1)
    assert ranges["fd01::1"] == ("fd01::", "fd01::", "fd01::ffff:ffff:ffff:ffff", None)
    assert ranges["10.99.0.1"] == ("10.99.0.0", "10.99.0.1", "10.99.0.254", 254)


def test_what_is_not_taken_in_is_counted_by_interface(here):
    a, b = here.host("a"), here.host("b")
    here.bridge("br1")
    a.plug("br1", "10.99.1.1/24", "eth1", route=False)
    daemon = a.discoverd("[Device]\nname = a\n[Network]\ninterfaces = eth0, eth1\n")

    def dropped():
        return {x["name"]: x["dropped"] for x in json.loads(daemon.ctl("-j", "interfaces")) if x["name"].startswith("eth")}
    lab.wait(lambda: daemon.status()["counters"]["ssdp"]["own"] > 0, "it has heard itself")
    assert dropped() == {"eth0": 0, "eth1": 0}, dropped()
    b.run("ip", "addr", "add", "172.20.0.1/24", "dev", "eth0")
    # malformed by both ways, too long, from elsewhere
    b.run(sys.executable, "-c", "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
          "for port in (1900, 5005): s.sendto(b'\\xff\\xfe', ('10.99.0.1', port))\n"
          "s.sendto(b'x' * 3000, ('10.99.0.1', 1900))\n"
          "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(('172.20.0.1', 0))\n"
          "s.sendto(b'DISCOVER from b', ('10.99.0.1', 5005))")
    lab.wait(lambda: dropped()["eth0"] >= 4, "they are counted")
    assert dropped() == {"eth0": 4, "eth1": 0}, (dropped(), daemon.status()["counters"])


def memory(daemon):
    """KiB of anonymous memory: mapped files are shared with other processes."""
    lines = pathlib.Path(f"/proc/{daemon.pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Anonymous:")).split()[1])


def processor(daemon):
    """Milliseconds of processor time that it has used."""
    return int(pathlib.Path(f"/proc/{daemon.pid}/schedstat").read_text().split()[0]) / 1e6


def owner_called(here, name):
    host = lab.Host(here, name)
    host.prefix = []
    return host.discoverd()


def test_five_hundred_containers_cost_little(here):
    here.ip("addr", "add", "10.99.0.200/16", "dev", "br0")
    daemon = owner_called(here, "few")
    work_before = processor(daemon)
    daemon.ctl("interfaces")
    daemon.devices()
    before = memory(daemon)
    daemon.stop()
    for number in range(10):
        here.ip("netns", "add", f"c{number}")
    batch = pathlib.Path(here.folder, "batch")
    batch.write_text("".join(
        f"link add veth{n} type veth peer name e{n} netns c{n % 10}\nlink set veth{n} master br0 up\n"
        f"neigh add 10.99.{1 + n // 250}.{1 + n % 250} lladdr 02:00:00:00:{n // 250:02x}:{n % 250:02x} dev br0 nud permanent\n"
        for n in range(500)))
    here.ip("-batch", str(batch))
    for number in range(10):
        batch.write_text("".join(f"link set e{n} up\n" for n in range(number, 500, 10)))
        here.ip("-n", f"c{number}", "-batch", str(batch))
    fdb = pathlib.Path(here.folder, "fdb")
    fdb.write_text("".join(f"fdb add 02:00:00:00:{n // 250:02x}:{n % 250:02x} dev veth{n} master static\n" for n in range(500)))
    subprocess.run(["bridge", "-batch", str(fdb)], check=True)
    daemon = owner_called(here, "many")
    work = processor(daemon)
    at_rest = memory(daemon) - before
    begin = time.monotonic()
    links = json.loads(daemon.ctl("-j", "interfaces"))
    asked = time.monotonic() - begin
    assert len([x for x in links if x["peer"] and x["peer"]["netns_name"]]) == 500
    cost = memory(daemon) - before
    print(f"500 veths: {at_rest} KiB more than {before}, {cost} KiB after telling them all, start {work:.0f} ms instead of {work_before:.0f}, "
          f"interfaces with the names of 10 namespaces {asked * 1000:.0f} ms")
    if b"libasan" not in (lab.BUILD / "discoverd").read_bytes():  # which keeps what is freed for a while
        assert cost < 2048, cost
    assert "cannot" not in daemon.text(), daemon.text()[-2000:]
