# SPDX-License-Identifier: ISC
"""A container host: one bridge with app, db and cache behind it, each in a namespace of its own; db greets on TCP port 3306, cache
listens on 6379, app on nothing. For test_containers.py and scripts/demo."""

import lab

BRIDGE = "br-961d9113f940"
ADDRESSES = {"app": "172.18.0.2", "db": "172.18.0.3", "cache": "172.18.0.4"}
GREETING = "8.0.36-example ready for you"
SERVICES = {"db": ("3306", GREETING), "cache": ("6379",)}


class ContainerHost:
    def __init__(self, here):
        here.ip("link", "del", "br0")  # one bridge is all that such a host has
        here.bridge(BRIDGE)
        here.ip("addr", "add", "172.18.0.1/16", "brd", "+", "dev", BRIDGE)
        self.owner = lab.Host(here, "owner")
        self.owner.prefix = []  # the lab itself
        for name, address in ADDRESSES.items():
            container = here.bare_host(name).plug(BRIDGE, f"{address}/16")
            container.python("plain_caller.py", name)
            if name in SERVICES:
                service = container.python("plain_service.py", *SERVICES[name])
                lab.wait(lambda: "listens" in service.text(), f"{name} listens")
        self.daemon = self.owner.discoverd(f"[Device]\nname = owner\n[Network]\ninterfaces = {BRIDGE}\n")

    def wait(self):
        """Until each of the three is known with its MAC."""
        def known():
            devices = {d["name"]: d for d in self.daemon.devices()}
            return all(name in devices and devices[name]["addresses"][0]["mac"] for name in ADDRESSES) and devices
        return lab.wait(known, "all three are known")[0]
