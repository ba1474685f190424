# SPDX-License-Identifier: ISC
"""Hosts on a bridge in network namespaces, with real daemons on them; for the tests beside this and for scripts/demo."""

import ctypes
import ipaddress
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

NEWNET = 0x40000000  # CLONE_NEWNET
BUILD = pathlib.Path(os.environ.get("top_builddir") or pathlib.Path(__file__).parents[2]).resolve()
HERE = pathlib.Path(__file__).parent
SANITIZED = (BUILD / "Makefile").exists() and "-fsanitize=" in (BUILD / "Makefile").read_text()
SLOWER = 4 if SANITIZED else 1


class Skip(Exception):
    """This machine cannot run the test; the reason is shown."""


class Failure(AssertionError):
    """What was waited for did not come."""


def need(program, goal="test"):
    """The path of a program that is no part of discoverd."""
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not path:
        raise Skip(f"{program} is not installed (scripts/setup {goal})")
    return path


def unshare_command():
    """The command that gives this user namespaces."""
    own = ["unshare", "-nmpf", "--kill-child", "--mount-proc"]  # whatever happens, nothing is left running
    return own if os.geteuid() == 0 else [*own, "-Ur"]


def refusal():
    """Why this user gets none that a lab could be built in, or an empty string."""
    can = subprocess.run([*unshare_command(), "sh", "-c", "ip link add type veth && mount -t tmpfs tmpfs /run"],
                         capture_output=True, text=True)
    return can.stderr.strip() if can.returncode else ""


def wait(condition, what, limit=30.0, step=0.02):
    """Asks until the condition holds; returns what it gave and the seconds that it took. The limit is for machines that are busy:
    how quick something is, is no matter of a test but of tests/bench. `what` is a text, or a function that says what there is."""
    limit *= SLOWER
    start = time.monotonic()
    while True:
        result = condition()
        if result:
            return result, time.monotonic() - start
        if time.monotonic() - start > limit:
            raise Failure(f"not within {limit:g} s: {what() if callable(what) else what}")
        time.sleep(step)


def never(condition, what, span):
    """Fails as soon as the condition holds within the span."""
    end = time.monotonic() + span
    while time.monotonic() < end:
        if condition():
            raise Failure(f"happened: {what}")
        time.sleep(0.02)


def endpoints(device, **wanted):
    """The endpoints of a device whose members are as wanted."""
    return [e for e in (device or {}).get("endpoints", []) if all(e[k] == v for k, v in wanted.items())]


def endpoint(device, protocol="ssdp", **wanted):
    """The first endpoint of a device that speaks this protocol and whose members are as wanted, or None."""
    return next(iter(endpoints(device, protocol=protocol, **wanted)), None)


def all_services(device):
    """The services of all endpoints of a device."""
    return [s for e in endpoints(device) for s in e["services"]]


def inside(host, make):
    """What `make` returns in the namespace of this host; its sockets stay there."""
    made = []

    def enter():
        with open(f"/run/netns/{host.name}", encoding="ascii") as space:
            if ctypes.CDLL(None, use_errno=True).setns(space.fileno(), NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        made.append(make())
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    return made[0]


def compiler():
    """The words that call the compiler of the build."""
    return shlex.split(re.search(r"^CC = (.*)$", (BUILD / "Makefile").read_text(), re.M)[1])


class Process:
    """A program in a host, with its output in a file."""

    def __init__(self, argv, log, env=None, cwd=None, popen=None):
        self.log = pathlib.Path(log)
        self.argv = argv
        with open(log, "wb") as out:
            self.popen = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                          env={**os.environ, **(env or {})}, cwd=cwd)

    @property
    def pid(self):
        return self.popen.pid

    def text(self):
        return self.log.read_text(errors="replace")

    def running(self):
        return self.popen.poll() is None

    def signal(self, number):
        self.popen.send_signal(number)

    def catches(self, number):
        """Whether it handles this signal by now: it may have only begun."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return bool(int(re.search(r"^SigCgt:\s*(\w+)", status, re.M)[1], 16) >> number - 1 & 1)

    def wait(self, limit=30):
        try:
            return self.popen.wait(limit)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.argv} does not end:\n{self.text()[-2000:]}") from None

    def stop(self, limit=30):
        """SIGTERM and wait; its exit status."""
        if self.running():
            self.signal(signal.SIGTERM)
        return self.wait(limit)


class Daemon(Process):
    """A discoverd with a control socket and a state directory of its own."""

    def __init__(self, host, name, config=None, args=(), env=None, wrap=(), program=BUILD / "discoverd"):
        self.host = host
        self.folder = pathlib.Path(host.lab.folder, f"{host.name}-{name}")
        self.folder.mkdir(exist_ok=True)
        self.socket = self.folder / "io.discoverd"
        self.config = self.folder / "discoverd.conf"
        self.config.write_text(config if config is not None else f"[Device]\nname = {host.name}\n")
        argv = [*host.prefix, *wrap, str(program), "-c", str(self.config), "-s", str(self.socket),
                "-d", str(self.folder / "state"), *args]
        (self.folder / "state").mkdir(exist_ok=True)
        if "strace" in str(wrap):
            env = {"ASAN_OPTIONS": "detect_leaks=0", **(env or {})}  # below strace it can look for none
        super().__init__(argv, self.folder / "log", env)

    def ready(self, limit=30):
        """Waits until it says that its start is over; raises with its log when it ended instead."""
        def started():
            if not self.running():
                raise Failure(f"discoverd ended with {self.popen.returncode}:\n{self.text()}")
            return " started as " in self.text()
        wait(started, "discoverd is ready", limit)
        return self

    def ctl(self, *args, check=True, limit=20):
        """discoverctl's standard output; with check=False the finished process."""
        done = subprocess.run([str(BUILD / "discoverctl"), "-s", str(self.socket), *args], capture_output=True, text=True,
                              timeout=limit, stdin=subprocess.DEVNULL)
        if not check:
            return done
        if done.returncode:
            raise Failure(f"discoverctl {args}: status {done.returncode}: {done.stderr}\n{self.text()[-2000:]}")
        return done.stdout

    def devices(self, *args):
        return json.loads(self.ctl("-j", "list", *args))

    def device(self, **wanted):
        """The first device whose members are as wanted ("address" means one of its addresses, protocols are some of them), or None."""
        for device in self.devices():
            facts = dict(device, address=[a["address"] for a in device["addresses"]])
            if all(facts[k] == v or (k == "address" and v in facts[k]) or (k == "protocols" and set(v) <= set(facts[k]))
                   for k, v in wanted.items()):
                return device
        return None

    def endpoint(self, protocol="ssdp", **wanted):
        """The first endpoint of any device that speaks this protocol and whose members are as wanted, or None."""
        return next(filter(None, (endpoint(device, protocol, **wanted) for device in self.devices())), None)

    def status(self):
        return json.loads(self.ctl("-j", "status"))

    def watch(self, name):
        """A running `discoverctl watch` for a listed device of this name; events() gives what it reports from now on."""
        process = self.host.start(str(BUILD / "discoverctl"), "-s", str(self.socket), "-j", "watch", "--snapshot", "--name", name)
        wait(lambda: reports(process), "the watch has begun")
        return process


def reports(watch):
    return [json.loads(line) for line in watch.text().splitlines(keepends=True) if line.endswith("\n")]


def events(watch):
    """What a watch has reported since its snapshot, as objects."""
    return reports(watch)[1:]


class Host:
    """A network namespace."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.prefix = ["ip", "netns", "exec", name]
        self.count = 0
        self.addresses = []

    def run(self, *argv, check=True, limit=30, env=None):
        """Runs a program to its end; the finished process."""
        done = subprocess.run([*self.prefix, *argv], capture_output=True, text=True, timeout=limit, stdin=subprocess.DEVNULL,
                              env={**os.environ, **(env or {})}, errors="replace")
        if check and done.returncode:
            raise Failure(f"{self.name}: {' '.join(argv)}: {done.stderr or done.stdout}")
        return done

    def mac(self, interface="eth0"):
        return self.run("cat", f"/sys/class/net/{interface}/address").stdout.strip()

    def link_local(self, interface="eth0"):
        """Its IPv6 address of the link, which the kernel made."""
        if not pathlib.Path("/proc/net/if_inet6").exists():
            raise Skip("this kernel has no IPv6")

        def address():
            links = json.loads(self.run("ip", "-6", "-j", "addr", "show", "dev", interface, "scope", "link").stdout)
            return next((a["local"] for link in links for a in link.get("addr_info", []) if "local" in a and not a.get("tentative")), None)
        return wait(address, "a link-local address")[0]

    def give_addresses(self, count):
        """10.100.0.1/16 and those behind it, which ssdp_flood.py announces."""
        batch = pathlib.Path(self.lab.folder, f"{self.name}-addresses")
        batch.write_text("".join(f"addr add {ipaddress.IPv4Address('10.100.0.1') + n}/16 dev eth0\n" for n in range(count)))
        self.run("ip", "-batch", str(batch))

    def start(self, *argv, env=None, cwd=None):
        self.count += 1
        process = Process([*self.prefix, *argv], pathlib.Path(self.lab.folder, f"{self.name}-{self.count}.log"), env, cwd)
        self.lab.processes.append(process)
        return process

    def python(self, script, *args):
        """Starts one of the small programs beside this."""
        return self.start(sys.executable, "-u", str(HERE / script), *args)

    def discoverd(self, config=None, name="d", ready=True, **options):
        daemon = Daemon(self, name, config, **options)
        self.lab.processes.append(daemon)
        return daemon.ready() if ready else daemon

    def plug(self, bridge="br0", address=None, interface="eth0", route=True):
        """A veth between this host and a bridge; the address is "a.b.c.d/len"."""
        port = f"{self.name}.{interface}"[:15]
        self.lab.ip("link", "add", port, "type", "veth", "peer", "name", interface, "netns", self.name)
        self.lab.ip("link", "set", port, "master", bridge, "up")
        self.run("sysctl", "-qw", f"net.ipv6.conf.{interface}.accept_dad=0", check=False)
        if address:
            self.run("ip", "addr", "add", address, "brd", "+", "dev", interface)
            self.addresses.append(address.split("/")[0])
        self.run("ip", "link", "set", interface, "up")
        if address and route:
            # foreign programs look for one before they start
            self.run("ip", "route", "replace", "default", "dev", interface, check=False)
        return self


class Lab:
    """The switch and the hosts; everything ends with it, but a folder that is given."""

    def __init__(self, folder=None):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
        os.makedirs("/run/netns")
        self.folder = folder or tempfile.mkdtemp(prefix="discoverd-lab-", dir="/run")  # gone with its namespace, whatever happens
        self.processes = []
        self.hosts = {}
        self.ip("link", "set", "lo", "up")
        self.bridge("br0")

    def ip(self, *args, check=True):
        done = subprocess.run(["ip", *args], capture_output=True, text=True)
        if check and done.returncode:
            raise Failure(f"ip {' '.join(args)}: {done.stderr}")
        return done.stdout

    def bridge(self, name, **options):
        """Multicast snooping is off unless asked for: without a querier it only loses packets."""
        options = {"mcast_snooping": 0, **options}
        self.ip("link", "add", name, "type", "bridge", *(str(x) for pair in options.items() for x in pair))
        self.ip("link", "set", name, "up")

    def bare_host(self, name):
        self.ip("netns", "add", name)
        host = self.hosts[name] = Host(self, name)
        host.run("ip", "link", "set", "lo", "up")
        return host

    def host(self, name, bridge="br0"):
        """A host with one interface eth0 and the next address of 10.99.0.0/24."""
        host = self.bare_host(name)
        return host.plug(bridge, f"10.99.0.{len(self.hosts)}/24")

    def library(self, source):
        """The path of a library for LD_PRELOAD, made from a file beside this."""
        path = str(pathlib.Path(self.folder, source).with_suffix(".so"))
        subprocess.run([*compiler(), "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-D_GNU_SOURCE", "-o", path, str(HERE / source), "-ldl"],
                       check=True)
        return path

    def close(self):
        for process in self.processes:
            if process.running():
                process.signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.popen.wait(5)
            except subprocess.TimeoutExpired:
                process.popen.kill()
                process.popen.wait()
        for name in self.hosts:
            self.ip("netns", "del", name, check=False)
        for process in self.processes:
            if SANITIZED and re.search("Sanitizer|runtime error:", process.text()):
                raise Failure(f"a sanitizer has a report:\n{process.text()[-8000:]}")
