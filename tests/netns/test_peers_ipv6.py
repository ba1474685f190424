# SPDX-License-Identifier: ISC
"""Programs of other projects, over IPv6. minidlnad and node-ssdp speak none, gssdp-discover only by an IPv4 address."""

import lab
import peers

UDN = peers.UDN.format(1)


def host_without_ipv4(here, name):
    """A host whose only address is link-local, on the interface eth0."""
    host = here.bare_host(name).plug("br0")
    host.addresses = [host.link_local()]
    host.run("ip", "-6", "route", "replace", "default", "dev", "eth0")  # foreign programs look for one before they start
    return host


def location_of(host):
    return f"http://[{host.addresses[0]}]:5006/description.xml"


def test_gupnp_reads_the_name_of_discoverd_by_its_link_local_address(here):
    a, b = host_without_ipv4(here, "a"), host_without_ipv4(here, "b")
    daemon = a.discoverd()
    point = peers.gupnp(b)
    found = f"{daemon.status()['uuid']} {location_of(a)} a\n"
    lab.wait(lambda: f"available {found}" in point.text(), "found and its description read")
    lab.wait(lambda: daemon.device(kind="control-point", address=b.addresses[0]), "its search is heard")
    daemon.stop()
    lab.wait(lambda: f"unavailable {found}" in point.text(), "seen to go")


def test_a_device_of_gupnp_on_a_link_local_address_comes_and_goes(here):
    a, b, c = (host_without_ipv4(here, name) for name in "abc")
    coming = peers.Coming(a, b, lambda host: peers.gupnp(host, peers.description(host, "Lamp", UDN)), "Lamp")
    assert lab.endpoint(coming.device, key=UDN)["url"].startswith(f"http://[{b.addresses[0]}]:"), coming.device
    coming.is_found(c)
    coming.goes()


def test_rygel_on_a_link_local_address_comes_and_goes(here):
    a, b, c = (host_without_ipv4(here, name) for name in "abc")
    coming = peers.Coming(a, b, lambda host: peers.Rygel(host, "Films downstairs", ipv6=True), "Films downstairs")
    assert [x["address"] for x in coming.device["addresses"]] == b.addresses, coming.device
    coming.has_services("ConnectionManager", "ContentDirectory", "X_MS_MediaReceiverRegistrar")
    coming.is_found(c)
    coming.goes()


def test_rygel_on_ipv4_and_ipv6_is_one_device_with_both_addresses(here):
    a, b = here.host("a"), here.host("b")
    both = sorted(["10.99.0.2", b.link_local()])
    coming = peers.Coming(a, b, lambda host: peers.Rygel(host, "Films downstairs", ipv6=True), "Films downstairs")

    def addresses():
        rows = [d for d in coming.daemon.devices("--kind", "device")]
        return [sorted(x["address"] for x in d["addresses"]) for d in rows]
    lab.wait(lambda: addresses() == [both], "one row with both addresses")
    coming.goes()


def test_upnpc_finds_discoverd_by_its_link_local_address(here):
    program = lab.need("upnpc")
    a, b = host_without_ipv4(here, "a"), host_without_ipv4(here, "b")
    daemon = a.discoverd()
    done = b.run(program, "-6", "-m", "eth0", "-l", check=False, limit=40)
    # it sees our description, reads it by the address with its own interface's name, and sees that this is no gateway
    assert f"desc: {location_of(a)}\n" in done.stdout and f"http://[{a.addresses[0]}%25eth0]:5006/" in done.stdout, done
    assert "No valid UPNP Internet Gateway Device found" in done.stderr, done
    assert daemon.device(kind="control-point", address=b.addresses[0]) and daemon.running()
