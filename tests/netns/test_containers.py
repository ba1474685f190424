# SPDX-License-Identifier: ISC
"""The scene of scripts/demo --containers: what the host of three containers can tell of each without entering it."""

import json

import containers


def test_each_container_is_told_with_address_mac_port_and_what_answers(here):
    scene = containers.ContainerHost(here)
    devices = scene.wait()
    assert set(devices) == set(containers.ADDRESSES), devices
    for name, address in containers.ADDRESSES.items():
        inside = json.loads(here.hosts[name].run("ip", "-j", "addr", "show", "dev", "eth0").stdout)[0]
        place, device = devices[name]["addresses"][0], devices[name]
        assert (place["address"], place["interface"], place["mac"]) == (address, containers.BRIDGE, inside["address"]), device
        assert device["attached_to"] == f"{containers.BRIDGE}/{name}.eth0 ({name}, if {inside['ifindex']})", device
    ctl = scene.daemon.ctl
    results = {(r["target"], r["port"]): r for r in json.loads(ctl("-j", "probe", "--banner", "app:80", "db:3306,80", "cache:6379"))}
    answers = {key: (r["state"], r["banner"]) for key, r in results.items() if key[1]}
    assert answers == {("app", 80): ("closed", None), ("db", 3306): ("open", containers.GREETING), ("db", 80): ("closed", None),
                       ("cache", 6379): ("open", None)}, results
    assert all(r["address"] == containers.ADDRESSES[key[0]] for key, r in results.items())
    # what a container says of itself is not needed: one that is only an address has a port to be told, too
    drawn = ctl("map")
    for name in containers.ADDRESSES:
        port = next(n for n, line in enumerate(drawn.splitlines()) if f"{name}.eth0" in line)
        assert name in drawn.splitlines()[port + 1], drawn
    assert scene.daemon.ctl("probe", "app:80", check=False).returncode == 1
