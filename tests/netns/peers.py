# SPDX-License-Identifier: ISC
"""Programs of other projects: how each is started in a host of the lab."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import lab
import wire

UDN = "uuid:2fac1234-31f8-41b4-a222-08002b34c0{:02x}"
DESCRIPTION = """<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major><minor>1</minor></specVersion>
<device><deviceType>urn:schemas-upnp-org:device:DimmableLight:1</deviceType><friendlyName>{name}</friendlyName>
<manufacturer>m</manufacturer><modelName>n</modelName><UDN>{udn}</UDN></device></root>"""


def folder(host, name):
    """Makes a new folder."""
    path = pathlib.Path(host.lab.folder, f"{host.name}-{name}")
    path.mkdir()
    return path


def description(host, name, udn):
    """The file of a light's description."""
    file = folder(host, "www") / "light.xml"
    file.write_text(DESCRIPTION.format(name=name, udn=udn))
    return file


def gupnp(host, *args, address=None):
    """A control point of GUPnP and, with a description, a device; on one address."""
    python = "/usr/bin/python3"  # the one that Debian's modules are for
    can = subprocess.run([python, "-c", "import gi; gi.require_version('GUPnP', '1.6')"], capture_output=True)
    if can.returncode:
        raise lab.Skip("GUPnP's bindings for python3 are not installed (scripts/setup test)")
    return host.start(python, "-u", str(lab.HERE / "gupnp_peer.py"), "eth0", address or host.addresses[0], *map(str, args))


def npm(host, package, script, *args):
    """A program that uses a package of npm."""
    program = lab.need("node")
    modules = lab.HERE.parents[1] / "build" / "npm" / package / "node_modules"
    if not (modules / package).is_dir():
        raise lab.Skip(f"{package} is not installed (scripts/setup test)")
    return host.start(program, str(lab.HERE / script), *map(str, args), env={"NODE_PATH": str(modules)})


def node(host, *args):
    """A client or server of node-ssdp."""
    return npm(host, "node-ssdp", "node_peer.js", *args)


def zeroconf(host, *args):
    """A browser or publisher of python-zeroconf."""
    python = "/usr/bin/python3"  # the one that Debian's modules are for
    if subprocess.run([python, "-c", "import zeroconf"], capture_output=True).returncode:
        raise lab.Skip("zeroconf for python3 is not installed (scripts/setup test)")
    return host.start(python, str(lab.HERE / "python_zeroconf.py"), host.addresses[0], *map(str, args))


def mdnsd(host, service):
    """The small responder of that name, with one file of services; the host has another name for it."""
    program = lab.need("mdnsd")
    (folder(host, "mdnsd") / "one.service").write_text(service)
    return host.start("unshare", "-u", "sh", "-c", f"hostname {host.name}; exec {program} -n -i eth0 {host.lab.folder}/{host.name}-mdnsd")


def http_server(host, path, port=8080):
    server = host.start(sys.executable, "-u", "-m", "http.server", str(port), "-d", str(path))
    lab.wait(lambda: "Serving" in server.text(), "the server listens")


def minidlna(host, name):
    program = lab.need("minidlnad")
    media = folder(host, "media")
    config = media / "minidlna.conf"
    config.write_text(f"media_dir={media}\ndb_dir={media}\nlog_dir={media}\nfriendly_name={name}\nport=8200\n"
                      "network_interface=eth0\n")
    return host.start(program, "-d", "-f", str(config), "-P", f"{media}/pid")


def gmediarender(host, name, udn):
    program = lab.need("gmediarender")
    return host.start(program, "-I", "eth0", "-f", name, "-u", udn.removeprefix("uuid:"), "--logfile", "stdout")


def miniupnpd(host, udn):
    """A gateway whose outer interface is not there."""
    program = lab.need("miniupnpd")
    home = folder(host, "miniupnpd")
    config = home / "conf"
    config.write_text("ext_ifname=outer\nlistening_ip=eth0\nhttp_port=5555\nenable_upnp=yes\nenable_natpmp=no\n"
                      f"friendly_name=Gateway\nsecure_mode=yes\nuuid={udn.removeprefix('uuid:')}\n"
                      f"minissdpdsocket={home}/none\n")
    return host.start(program, "-d", "-f", str(config), "-P", f"{home}/pid")


def minissdpd(host):
    """The process and its socket."""
    program = lab.need("minissdpd")
    home = folder(host, "minissdpd")
    return host.start(program, "-d", "-i", "eth0", "-s", f"{home}/socket", "-p", f"{home}/pid"), home / "socket"


class Rygel:
    """A media server that needs a session bus; it is stopped by itself, and the bus goes with it."""

    def __init__(self, host, name, ipv6=False):
        program, bus = lab.need("rygel"), lab.need("dbus-run-session")
        home = folder(host, "home")
        (home / ".config").mkdir()
        (home / ".config" / "rygel.conf").write_text(
            f"[general]\nipv6={'true' if ipv6 else 'false'}\ninterface=eth0\n"
            f"[MediaExport]\nenabled=true\ntitle={name}\nuris={home}/media\n[External]\nenabled=false\n[MPRIS]\nenabled=false\n")
        (home / "media").mkdir()
        env = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "XDG_CACHE_HOME": str(home / ".cache"),
               "XDG_DATA_HOME": str(home / ".local"), "XDG_RUNTIME_DIR": str(home)}
        self.pid_file = home / "pid"
        self.process = host.start(bus, "--", "sh", "-c", f"echo $$ >{self.pid_file}; exec {program}", env=env)

    def stop(self, limit=10):
        os.kill(int(self.pid_file.read_text()), signal.SIGTERM)
        self.process.wait(limit)


class Coming:
    """A daemon on one host, and a program on the other that has to be listed by the name in its description."""

    def __init__(self, a, b, start, name):
        self.b, self.name = b, name
        self.wire = wire.port_of(b)
        self.daemons = [a.discoverd()]
        self.daemon = self.daemons[0]
        # An answer to its search must not come before the byebye that precedes a start.
        self.quiet()
        self.process = start(b)
        self.device, _ = lab.wait(lambda: self.daemon.device(name=name, reachable=True), f"{name} is listed", 30)

    def quiet(self, span=1.3):
        """Waits until all that was begun and asked is over: longer than the MX of our searches."""
        last = [None, time.monotonic()]

        def is_quiet():
            heard = [daemon.status()["counters"]["ssdp"]["received"] for daemon in self.daemons]
            if heard != last[0]:
                last[:] = [heard, time.monotonic()]
            return time.monotonic() - last[1] > span
        lab.wait(is_quiet, "it is quiet", 20, step=0.1)

    def is_found(self, host):
        """A daemon that comes later lists it too."""
        late = host.discoverd()
        self.daemons.append(late)
        lab.wait(lambda: late.device(name=self.name, reachable=True), f"{self.name} is listed by a daemon that starts later")

    def answers(self, host):
        """… since it was asked."""
        self.is_found(host)
        wanted = {"source": self.b.addresses[0], "target": host.addresses[0]}
        lab.wait(lambda: self.wire.ssdp("HTTP/1.1 200", **wanted), f"{self.name} answers the search")

    def has_services(self, *kinds):
        """Its services are listed, and no others; each is announced by a message of its own."""
        def listed():
            services = lab.all_services(self.daemon.device(name=self.name))
            return sorted(s["type"].split(":")[3] for s in services) == sorted(kinds)
        lab.wait(listed, f"{self.name} has {kinds}")

    def goes(self, limit=3):
        """It says goodbye, and that is believed. Some send answers that they still owe behind it, so they owe none."""
        self.quiet()
        self.process.stop(20)
        for daemon in self.daemons:
            lab.wait(lambda: not daemon.device(kind="device", address=self.b.addresses[0]), f"{self.name} is gone", limit)
