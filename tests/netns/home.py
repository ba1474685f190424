# SPDX-License-Identifier: ISC
"""A home: seven hosts on one switch, each with the protocols of such a device, and the router, which runs discoverd. For
test_home.py and scripts/demo."""

import pathlib
import sys

import lab

# host: name that is shown, protocols
ROWS = {
    "printer": ("Office printer", ["mdns"]),
    "speaker": ("Kitchen speaker", ["mdns", "ssdp"]),
    "camera": ("Front door", ["mdns", "wsd"]),
    "board": ("Greenhouse", ["mdns"]),
    "nas": ("DiskStation", ["beacon", "mdns", "ssdp"]),
    "phone": ("Anna's phone", ["mdns", "ssdp"]),
    "heating": ("heating", ["neighbour"]),
}
SILENT = "heating"
FORWARD = """
import socket, sys, time
while True:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"x", (sys.argv[1], 9))
    time.sleep(2)
"""


class Home:
    def __init__(self, here):
        self.router = here.host("router")
        self.hosts = {name: here.host(name) for name in ROWS}
        leases = pathlib.Path(here.folder, "dnsmasq.leases")
        leases.write_text(f"0 {self.hosts[SILENT].mac()} {self.hosts[SILENT].addresses[0]} {SILENT} *\n")
        # as a router does that forwards to it, so that the kernel asks for its MAC
        self.router.start(sys.executable, "-c", FORWARD, self.hosts[SILENT].addresses[0])
        devices = [host.python("home_device.py", name, host.addresses[0]) for name, host in self.hosts.items() if name != SILENT]
        for device in devices:
            lab.wait(lambda: "ready" in device.text(), f"{device.argv} starts")
        self.daemon = self.router.discoverd(f"[Device]\nname = router\n[Beacons]\nask = yes\n[Table]\nlease-files = {leases}\n")

    def rows(self):
        """Name and protocols of each row, by the host that has its first address."""
        owners = {host.addresses[0]: name for name, host in self.hosts.items()}
        rows = {}
        for device in self.daemon.devices("--all"):
            known = [owners[a["address"]] for a in device["addresses"] if a["address"] in owners]
            rows.setdefault(known[0] if known else str(device["addresses"]), []).append(
                (device["name"], sorted(device["protocols"])))
        return rows

    def is_complete(self):
        """With the names that descriptions give."""
        described = [self.daemon.endpoint("ssdp", name=ROWS[name][0]) for name in ("speaker", "nas")]
        return all(described) and self.rows() == {host: [row] for host, row in ROWS.items()}

    def wait(self):
        """Until there is one row for each host, with its name and its protocols."""
        try:
            lab.wait(self.is_complete, "seven rows", limit=90, step=0.5)
        except lab.Failure:
            raise lab.Failure(f"the rows are {self.rows()}, not {ROWS}") from None
