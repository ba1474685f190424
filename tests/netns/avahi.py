# SPDX-License-Identifier: ISC
"""avahi-daemon in a host of the lab, with a message bus of its own, so that its tools work there, too."""

import subprocess

import lab
import peers

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_type="signal"/>
<allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/>
</policy></busconfig>
"""


class Avahi:
    """The daemon, and what its tools print in that host."""

    def __init__(self, host, name=None, ipv6=True):
        daemon, bus = lab.need("avahi-daemon"), lab.need("dbus-daemon")
        for tool in ("avahi-browse", "avahi-publish", "avahi-resolve"):
            lab.need(tool)
        self.host = host
        home = peers.folder(host, "avahi")
        (home / "run").mkdir()
        (home / "bus.conf").write_text(BUS.format(socket=home / "bus"))
        self.env = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={home / 'bus'}"}
        self.bus = host.start(bus, f"--config-file={home}/bus.conf", "--nofork", "--nopidfile")
        lab.wait((home / "bus").exists, "the message bus runs")
        (home / "conf").write_text(f"[server]\nhost-name={name or host.name}\nallow-interfaces=eth0\nenable-dbus=yes\n"
                                   f"use-ipv6={'yes' if ipv6 else 'no'}\n[publish]\npublish-workstation=no\n")
        # /run/avahi-daemon is the same for all hosts of the lab: each avahi sees a folder of its own there
        self.process = host.start("unshare", "-m", "sh", "-c",
                                  f"mkdir -p /run/avahi-daemon && mount --bind {home}/run /run/avahi-daemon && "
                                  f"exec {daemon} --no-drop-root --no-chroot --no-rlimits --debug -f {home}/conf", env=self.env)
        lab.wait(lambda: "Server startup complete" in self.process.text(), "avahi has claimed its name", 60)

    def browse(self, *types):
        """The rows of avahi-browse -rtp: {"name", "type", "host", "address", "port", "txt"}, names as they are."""
        done = self.host.run("avahi-browse", "-rtpk", *types, env=self.env, limit=60)
        rows = [line.split(";", 9) for line in done.stdout.splitlines() if line.startswith("=")]
        return [{"interface": row[1], "family": row[2], "name": plain(row[3]), "type": row[4], "host": row[6], "address": row[7],
                 "port": int(row[8]), "txt": row[9]} for row in rows]

    def publish(self, name, service, port, *txt):
        """The process that publishes a service until it is stopped."""
        process = self.host.start("avahi-publish", "-s", name, service, str(port), *txt, env=self.env)
        lab.wait(lambda: "Established under name" in process.text(), f"{name} is published", 60)
        return process


def plain(text):
    """Resolves avahi-browse's escapes: three decimal digits, or the character itself."""
    out = bytearray()
    while text:
        if text[0] != "\\":
            out += text[0].encode()
            text = text[1:]
        elif text[1:4].isdigit():
            out.append(int(text[1:4]))
            text = text[4:]
        else:
            out += text[1].encode()
            text = text[2:]
    return out.decode(errors="replace")
