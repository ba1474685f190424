# SPDX-License-Identifier: ISC
"""Shows discoverd at work; scripts/demo builds it and runs this.

Without an argument: a bridge with four hosts in network namespaces, two of them running discoverd. With --containers: a host and
the bridge of its three containers. With --home: a home of seven devices that run no discoverd. With --web: that home on a page, until
Ctrl-C. With --here: this machine."""

import os
import pathlib
import shlex
import signal
import socket as sockets
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "tests/netns"))
import containers  # noqa: E402
import home  # noqa: E402
import lab  # noqa: E402

CTL = str(lab.BUILD / "discoverctl")


def say(text):
    print(f"\n\033[1m# {text}\033[0m" if sys.stdout.isatty() else f"\n# {text}", flush=True)


def show(socket, *args, limit=None):
    """Prints a discoverctl command and runs it; its output goes to the terminal."""
    print(f"$ discoverctl {shlex.join(args)}", flush=True)
    with subprocess.Popen([CTL, "-s", str(socket), *args]) as process:
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)


def offer(here, host, *services):
    """Has the daemon that starts on this host announce services of these types."""
    folder = pathlib.Path(here.folder, f"{host}-d", "services.d")
    folder.mkdir(parents=True)
    (folder / "demo.conf").write_text("".join(f"[Service]\ntype = {service}\n" for service in services))


def four_hosts():
    say("Four hosts on one switch: board and nas run discoverd,\n"
        "# lamp sends plain broadcasts, phone only searches by SSDP.")
    here = lab.Lab()
    try:
        board, nas, lamp, phone = (here.host(name) for name in ("board", "nas", "lamp", "phone"))
        offer(here, "nas", *(f"urn:schemas-upnp-org:service:{name}:1" for name in ("ContentDirectory", "ConnectionManager")))
        daemon = board.discoverd("[Device]\nname = board\n")
        disk = nas.discoverd("[Device]\nname = nas\ntype = urn:schemas-upnp-org:device:MediaServer:1\n"
                             "manufacturer = Example\nmodel = Disk 2\n")
        lamp.python("plain_peer.py", "lamp")
        answers = phone.python("plain_searcher.py", "upnp:rootdevice", "3")
        lab.wait(lambda: len(daemon.devices()) == 3 and daemon.device(name="nas", model="Disk 2", protocols=["broadcast", "ssdp"]),
                 "board knows the other three")

        say("The devices that board knows:")
        show(daemon.socket, "list")
        say("What they offer:")
        show(daemon.socket, "services")
        say("Everything about one of them, grouped by endpoint:")
        show(daemon.socket, "show", "lamp")
        say("Where they are:")
        show(daemon.socket, "map")
        say("The answers to the search of phone, a script of 25 lines:")
        answers.wait()
        for line in answers.text().splitlines():
            address, _, _, location = line.split()
            print(f"{address}  {location}")

        say("A printer is switched on, then nas is switched off:")
        print("$ discoverctl watch", flush=True)
        watch = subprocess.Popen([CTL, "-s", str(daemon.socket), "watch"])
        time.sleep(0.5)  # so that a reader can follow
        here.host("printer").discoverd("[Device]\nname = printer\ntype = urn:schemas-upnp-org:device:Printer:1\n")
        lab.wait(lambda: daemon.device(name="printer"), "the printer is seen")
        time.sleep(1)
        disk.stop()
        lab.wait(lambda: not daemon.device(name="nas"), "nas is gone")
        time.sleep(0.5)
        watch.send_signal(signal.SIGINT)
        watch.wait()
        say("The host of nas is still known to the kernel:")
        show(daemon.socket, "list", "--all")
    finally:
        here.close()
    say("End of the demonstration; nothing is left running.")


def container_host():
    say("A host of containers: app, db and cache behind one bridge, each in a network namespace.\n"
        "# They only broadcast their names; discoverd runs on the host alone.")
    here = lab.Lab()
    try:
        scene = containers.ContainerHost(here)
        scene.wait()
        socket = scene.daemon.socket
        say("The bridge and its ports:")
        show(socket, "interfaces", "--columns", "name,kind,address,network,hosts,master,peer")
        say("Which port each device is behind:")
        show(socket, "list", "--columns", "name,addresses,mac,attached_to")
        say("The same as a tree:")
        show(socket, "map")
        say("Which ports answer, and what they print first:")
        show(socket, "probe", "--banner", "app:3306,6379", "db:3306", "cache:6379")
        say("Everything about one of them:")
        show(socket, "show", "db")
    finally:
        here.close()
    say("End of the demonstration; nothing is left running.")


def household():
    say("A home: seven devices of as many kinds on one switch. None runs discoverd; the router does.")
    here = lab.Lab()
    try:
        scene = home.Home(here)
        scene.wait()
        socket = scene.daemon.socket
        say("Every device, the one that says nothing included:")
        show(socket, "list", "--all", "--columns", "name,addresses,protocols,manufacturer,model")
        say("What they offer:")
        show(socket, "services")
        say("Everything about one of them, grouped by endpoint:")
        show(socket, "show", home.ROWS["nas"][0])
    finally:
        here.close()
    say("End of the demonstration; nothing is left running.")


def lasting_home(folder):
    """A home whose control socket others reach, because its folder is theirs."""
    here = lab.Lab(folder)
    try:
        home.Home(here).wait()
        pathlib.Path(folder, "ready").touch()
        signal.pause()
    finally:
        here.close()


def free_port():
    with sockets.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def lists_devices(port):
    """Whether the page is there, with the devices of the home."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return home.ROWS["nas"][0].encode() in answer.read()
    except OSError:
        return False


def page(folder):
    """The home in its namespaces, and discoverd-web in that of the browser."""
    program, log, port = lab.BUILD / "discoverd-web", folder / "web.log", free_port()
    if not program.exists():
        raise lab.Skip("discoverd-web is not built")
    say("A home of seven devices and a router with discoverd. It takes some seconds.")
    (folder / "web.conf").write_text(f"[Web]\naddress = 127.0.0.1\nport = {port}\n")
    processes = [subprocess.Popen([*lab.unshare_command(), sys.executable, __file__, "--inside", "--web", str(folder)])]
    try:
        lab.wait(lambda: (folder / "ready").exists() or processes[0].poll() is not None, "the home is complete", 120)
        with open(log, "wb") as out:
            processes.append(subprocess.Popen([str(program), "-c", str(folder / "web.conf"), "-s", str(folder / "router-d/io.discoverd")],
                                              stderr=out))
        lab.wait(lambda: lists_devices(port) or processes[1].poll() is not None, log.read_text)
        say(f"The page is at http://127.0.0.1:{port}/ and the metrics are at http://127.0.0.1:{port}/metrics\n# Ctrl-C ends it.")
        os.wait()
    except KeyboardInterrupt:
        say("End of the demonstration; nothing is left running.")
    finally:
        for process in reversed(processes):
            process.kill()  # that of the home takes all of its namespace along
            process.wait()


SCENES = {"": four_hosts, "--containers": container_host, "--home": household}


def real(folder):
    say("This machine on its own network, for 10 seconds; nothing is installed.")
    socket, log = folder / "io.discoverd", folder / "log"
    with open(log, "wb") as out:
        daemon = subprocess.Popen([str(lab.BUILD / "discoverd"), "-s", str(socket), "-d", str(folder)], stderr=out)
    try:
        def answers():
            if daemon.poll() is not None:
                raise lab.Failure(log.read_text().strip())
            return socket.exists()
        lab.wait(answers, "discoverd is ready")
        show(socket, "interfaces")
        say("What appears in 10 seconds:")
        show(socket, "watch", "--snapshot", limit=10)
        say("All devices:")
        show(socket, "list")
    finally:
        daemon.terminate()
        daemon.wait()
    say("End of the demonstration; nothing is left running.")


def main():
    for number in (signal.SIGTERM, signal.SIGHUP):  # what runs ends with it, as after Ctrl-C
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        if sys.argv[1:] == ["--here"]:
            with tempfile.TemporaryDirectory(prefix="discoverd-") as folder:
                real(pathlib.Path(folder))
        elif sys.argv[1:3] == ["--inside", "--web"]:
            lasting_home(sys.argv[3])
        elif sys.argv[1:2] == ["--inside"]:
            SCENES["".join(sys.argv[2:])]()
        else:
            refusal = lab.refusal()
            if refusal:
                sys.exit(f"scripts/demo: no network namespaces for this user ({refusal}); run it as root: sudo scripts/demo")
            if sys.argv[1:] == ["--web"]:
                with tempfile.TemporaryDirectory(prefix="discoverd-") as folder:
                    page(pathlib.Path(folder))
                return
            os.execvp("unshare", [*lab.unshare_command(), sys.executable, __file__, "--inside", *sys.argv[1:]])
    except (lab.Failure, lab.Skip, subprocess.SubprocessError, OSError) as failure:
        sys.exit(f"scripts/demo: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)


main()
