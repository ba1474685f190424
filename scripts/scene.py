# SPDX-License-Identifier: ISC
"""What scripts/demo shows, once discoverd is built.

Without an argument: a bridge with four hosts in network namespaces, two of them running discoverd. With --containers: a host and
the bridge of its three containers. With --here: this machine."""

import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "tests/netns"))
import containers  # noqa: E402
import lab  # noqa: E402

CTL = str(lab.BUILD / "discoverctl")


def say(text):
    print(f"\n\033[1m# {text}\033[0m" if sys.stdout.isatty() else f"\n# {text}", flush=True)


def show(socket, *args, limit=None):
    """Types a discoverctl command; what it prints goes to the reader."""
    print(f"$ discoverctl {shlex.join(args)}", flush=True)
    with subprocess.Popen([CTL, "-s", str(socket), *args]) as process:
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)


def home():
    say("A home of four hosts on one switch: board and nas run discoverd,\n"
        "# lamp speaks plain broadcast, phone only asks over SSDP.")
    here = lab.Lab()
    try:
        board, nas, lamp, phone = (here.host(name) for name in ("board", "nas", "lamp", "phone"))
        daemon = board.discoverd("[Device]\nname = board\n")
        disk = nas.discoverd("[Device]\nname = nas\nmanufacturer = Example\nmodel = Disk 2\n")
        lamp.python("plain_peer.py", "lamp")
        answers = phone.python("plain_searcher.py", "upnp:rootdevice", "3")
        lab.wait(lambda: len(daemon.devices()) == 3 and daemon.device(name="nas", model="Disk 2", protocols=["broadcast", "ssdp"]),
                 "board knows the other three")

        say("What board sees:")
        show(daemon.socket, "list")
        say("One of them in full:")
        show(daemon.socket, "show", "nas")
        say("Where they are:")
        show(daemon.socket, "map")
        say("What phone got for its question, a searcher of 25 lines:")
        answers.wait()
        for line in answers.text().splitlines():
            address, _, _, location = line.split()
            print(f"{address}  {location}")

        say("A printer comes, and nas is switched off:")
        print("$ discoverctl watch", flush=True)
        watch = subprocess.Popen([CTL, "-s", str(daemon.socket), "watch"])
        time.sleep(0.5)  # so that a reader sees one thing after the other
        here.host("printer").discoverd("[Device]\nname = printer\ntype = urn:schemas-upnp-org:device:Printer:1\n")
        lab.wait(lambda: daemon.device(name="printer"), "the printer is seen")
        time.sleep(1)
        disk.stop()
        lab.wait(lambda: not daemon.device(name="nas"), "nas is gone")
        time.sleep(0.5)
        watch.send_signal(signal.SIGINT)
        watch.wait()
    finally:
        here.close()
    say("That was all; nothing is left running.")


def container_host():
    say("A container host: app, db and cache behind one bridge, each in a network namespace.\n"
        "# All that they do is to shout their name; discoverd runs on the host alone.")
    here = lab.Lab()
    try:
        scene = containers.ContainerHost(here)
        scene.wait()
        socket = scene.daemon.socket
        say("The bridge and its ports:")
        show(socket, "interfaces", "--columns", "name,kind,address,network,hosts,master,peer")
        say("Who is where:")
        show(socket, "list", "--columns", "name,address,mac,attached")
        say("The same as a picture:")
        show(socket, "map")
        say("What answers, and how it greets:")
        show(socket, "probe", "--banner", "app:3306,6379", "db:3306", "cache:6379")
        say("Everything about one of them:")
        show(socket, "show", "db")
    finally:
        here.close()
    say("That was all; nothing is left running.")


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
        say("What answers:")
        show(socket, "watch", "--snapshot", limit=10)
        say("Who is there:")
        show(socket, "list")
    finally:
        daemon.terminate()
        daemon.wait()
    say("That was all; nothing is left running.")


def main():
    try:
        if sys.argv[1:] == ["--here"]:
            with tempfile.TemporaryDirectory(prefix="discoverd-") as folder:
                real(pathlib.Path(folder))
        elif sys.argv[1:2] == ["--inside"]:
            container_host() if sys.argv[2:] else home()
        else:
            refusal = lab.refusal()
            if refusal:
                sys.exit(f"scripts/demo: no network namespaces for this user ({refusal}); run it as root: sudo scripts/demo")
            os.execvp("unshare", [*lab.unshare_command(), sys.executable, __file__, "--inside", *sys.argv[1:]])
    except (lab.Failure, lab.Skip, subprocess.SubprocessError, OSError) as failure:
        sys.exit(f"scripts/demo: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)


main()
