# SPDX-License-Identifier: ISC
"""What scripts/demo shows, once discoverd is built.

Without an argument: a bridge with four hosts in network namespaces, two of them running discoverd. With --here: this machine."""

import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "tests/netns"))
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
    say("a home of four hosts on one switch: board and nas run discoverd, lamp speaks plain broadcast, phone only searches")
    here = lab.Lab()
    try:
        board, nas, lamp, phone = (here.host(name) for name in ("board", "nas", "lamp", "phone"))
        daemon = board.discoverd("[Device]\nname = board\n")
        nas.discoverd("[Device]\nname = nas\nmanufacturer = Example\nmodel = Disk 2\n")
        lamp.python("plain_peer.py", "lamp")
        answers = phone.python("plain_searcher.py", "upnp:rootdevice", "3")
        lab.wait(lambda: len(daemon.devices()) == 3 and daemon.device(name="nas", model="Disk 2"), "board knows the other three")

        say("what board sees")
        show(daemon.socket, "list")
        say("one of them in full")
        show(daemon.socket, "show", "nas")
        say("what phone, a searcher of 25 lines, got for its question")
        answers.wait()
        print(answers.text(), end="")

        say("a printer comes, and nas is switched off")
        print("$ discoverctl watch", flush=True)
        watch = subprocess.Popen([CTL, "-s", str(daemon.socket), "watch"])
        time.sleep(0.5)  # so that a reader sees one thing after the other
        printer = here.host("printer")
        printer.discoverd("[Device]\nname = printer\ntype = urn:schemas-upnp-org:device:Printer:1\n")
        lab.wait(lambda: daemon.device(name="printer"), "the printer is seen")
        time.sleep(1)
        next(p for p in here.processes if getattr(p, "host", None) is nas).stop()
        lab.wait(lambda: not daemon.device(name="nas"), "nas is gone")
        time.sleep(0.5)
        watch.send_signal(signal.SIGINT)
        watch.wait()
    finally:
        here.close()
    say("that was all; nothing is left running")


def real():
    say("this machine on its own network, for 10 seconds; nothing is installed")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="discoverd-"))
    socket = folder / "io.discoverd"
    with open(folder / "log", "wb") as log:
        daemon = subprocess.Popen([str(lab.BUILD / "discoverd"), "-s", str(socket), "-d", str(folder)], stderr=log)
    try:
        def up():
            if daemon.poll() is not None:
                raise lab.Failure((folder / "log").read_text())
            return socket.exists()
        lab.wait(up, "discoverd is ready")
        show(socket, "interfaces")
        say("what answers")
        show(socket, "watch", "--snapshot", limit=10)
        say("the table")
        show(socket, "list")
    finally:
        daemon.terminate()
        daemon.wait()


def main():
    try:
        if sys.argv[1:] == ["--here"]:
            real()
        elif sys.argv[1:] == ["--inside"]:
            home()
        else:
            can = subprocess.run([*lab.unshare_command(), "ip", "link", "add", "type", "veth"], capture_output=True, text=True)
            if can.returncode:
                sys.exit(f"scripts/demo: this kernel gives an ordinary user no network namespaces ({can.stderr.strip()});\n"
                         "run it as root: sudo scripts/demo")
            os.execvp("unshare", [*lab.unshare_command(), sys.executable, __file__, "--inside"])
    except lab.Failure as failure:
        sys.exit(f"scripts/demo: {failure}")


main()
