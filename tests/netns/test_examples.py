# SPDX-License-Identifier: ISC
"""Runs the examples of README.md and of the manual pages as they stand there, against real daemons."""

import os
import pathlib
import re
import signal
import subprocess

import lab

TOP = pathlib.Path(os.environ.get("top_srcdir") or pathlib.Path(__file__).resolve().parents[2])
SOCKET = "/run/discoverd/io.discoverd"  # the default, on a /run of this test's own


def blocks(page):
    """The literal blocks below EXAMPLES, as they are printed."""
    text = (TOP / "man" / page).read_text().split("\n.Sh EXAMPLES\n")[1].split("\n.Sh ")[0]
    for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", text, re.M | re.S):
        yield block.replace("\\e", "\\").replace("\\&", "")


def commands(page):
    """What follows each prompt, with the lines that continue it."""
    for block in blocks(page):
        yield from (command.strip() for command in re.split(r"^[$#] ", block, flags=re.M)[1:])


def readme_commands():
    """discoverctl's commands in the indented blocks of README.md."""
    for line in re.findall(r"^    ((?:sudo )?discoverctl(?: .*)?)$", (TOP / "README.md").read_text(), re.M):
        yield re.sub(r"\s+# .*", "", line).removeprefix("sudo ")


def scene(here):
    """The host that the examples are typed on, between those that they name."""
    a, nas = here.host("a"), here.host("nas")
    others = {name: here.host(name) for name in ("kitchen-pi", "printer")}
    a.run("ip", "addr", "add", "10.0.0.1/24", "brd", "+", "dev", "eth0")
    for address, port, words in (("10.0.0.7", "22", ["SSH-2.0-x"]), ("10.0.0.8", "3306", ["8.0.36-example"])):
        host = here.host(f"h{port}")
        host.run("ip", "addr", "add", f"{address}/24", "brd", "+", "dev", "eth0")
        host.python("plain_service.py", port, *words)
    nas.python("plain_service.py", "22", "SSH-2.0-nas")
    daemon = a.discoverd(args=["-s", SOCKET])
    daemon.socket = pathlib.Path(SOCKET)
    for name, host in {"nas": nas, **others}.items():
        host.discoverd(f"[Device]\nname = {name}\ntype = urn:schemas-upnp-org:device:MediaServer:1\n")
    lab.wait(lambda: all(daemon.device(name=name, reachable=True) for name in ("nas", *others)), "all are there", 20)
    return daemon


class Typed:
    """A command that was typed into a shell; it and all that it started end together."""

    def __init__(self, daemon, command):
        self.log = daemon.folder / "typed"
        path = f"{lab.BUILD}:{os.environ['PATH']}:/usr/sbin:/sbin"
        with open(self.log, "wb") as out:
            self.popen = subprocess.Popen(["sh", "-c", command], stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                          env={**os.environ, "PATH": path, "LC_ALL": "C.UTF-8"}, cwd=daemon.folder,
                                          start_new_session=True)

    def text(self):
        return self.log.read_text(errors="replace")

    def interrupt(self):
        """As Ctrl-C does; its exit status."""
        os.killpg(self.popen.pid, signal.SIGINT)
        return self.popen.wait(10)


def check(daemon, command, expected):
    status, pattern, act = (*expected, None)[:3]
    typed = Typed(daemon, command)
    try:
        if status is None:  # it goes on until it is interrupted
            lab.wait(lambda: act and act() or re.search(pattern, typed.text(), re.M), f"{command}: {pattern}", 20,
                     step=1 if act else 0.02)
            assert typed.popen.poll() is None, (command, typed.text())
            typed.interrupt()
        else:
            assert typed.popen.wait(30) == status, (command, typed.popen.returncode, typed.text())
            assert re.search(pattern, typed.text(), re.M), (command, typed.text())
    finally:
        try:
            os.killpg(typed.popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        typed.popen.wait()


def run_all(daemon, typed, expectations):
    """Each command has one row, and each row a command: an example that is added needs one."""
    typed = list(typed)
    assert sorted(typed) == sorted(expectations), (set(typed) ^ set(expectations))
    for command in typed:
        check(daemon, command, expectations[command])


def test_the_commands_of_the_readme(here):
    daemon = scene(here)
    daemon.config.with_suffix(".conf.d").mkdir()
    run_all(daemon, readme_commands(), {
        "discoverctl": (0, r"nas +10\.99\.0\.2 +eth0"),
        "discoverctl show nas": (0, r"type +urn:schemas-upnp-org:device:MediaServer:1"),
        "discoverctl list --by host": (0, r"devices on \d hosts"),
        "discoverctl map": (0, r"└── eth0"),
        "discoverctl map -o dot": (0, r"^graph discoverd \{"),
        "discoverctl watch": (None, r"TIME +EVENT"),
        "discoverctl -j list": (0, r'"name": *"nas"'),
        "discoverctl status": (0, r"devices"),
        "discoverctl probe nas:22,80 --banner": (0, r"nas .* 22 +open .* SSH-2\.0-nas"),
        "discoverctl announce urn:schemas-upnp-org:service:SwitchPower:1 --name Pump": (None, r"^uuid:"),
    })


def test_the_examples_of_discoverctl(here):
    for program in ("jq", "dot"):
        lab.need(program)
    daemon = scene(here)
    hooked = here.host("hook").discoverd("[Device]\nname = hook-0\n")

    def rename():
        number = int(re.search(r"hook-(\d+)", hooked.config.read_text())[1]) + 1
        hooked.config.write_text(f"[Device]\nname = hook-{number}\n")
        hooked.ctl("reload")
    by_name = {command.split("--")[0][:34]: command for command in commands("discoverctl.1")}
    hook, detach = by_name["discoverctl watch -o jsonl |\n    jq "[:34]], by_name["discoverctl announce urn:example-o"]
    run_all(daemon, commands("discoverctl.1"), {
        "discoverctl": (0, "kitchen-pi"),
        "discoverctl list --type MediaServer": (0, "kitchen-pi"),
        "discoverctl show kitchen-pi -j | jq -r '.addresses[0].address'": (0, r"\A10\.99\.0\.3\n\Z"),
        "discoverctl list -o csv --columns name,address,mac": (0, r"\nkitchen-pi,10\.99\.0\.3"),
        "discoverctl list --by host": (0, r"devices on \d hosts"),
        "discoverctl map -o dot | dot -Tsvg >network.svg": (0, r"\A\Z"),
        hook: (None, r"^hello hook-[1-9]\d*$", rename),
        "discoverctl announce urn:schemas-upnp-org:service:SwitchPower:1 --name Pump": (None, r"^uuid:"),
        detach: (0, r"^uuid:"),
        "discoverctl search upnp:rootdevice -t 5": (0, "printer"),
        "discoverctl probe printer 10.0.0.7:22,80,443,8000-8010": (0, r"10\.0\.0\.7 .* 22 +open"),
        "discoverctl probe --banner 10.0.0.8:3306": (0, r"3306 +open .* 8\.0\.36-example"),
        "until discoverctl probe 10.0.0.7:22 >/dev/null; do sleep 1; done": (0, r"\A\Z|1 probe"),
    })
    assert "<svg" in (daemon.folder / "network.svg").read_text()


def test_discoverd_is_tried_as_its_manual_says(here):
    a = here.host("a")
    make, start, ask = list(commands("discoverd.8"))[:3]
    folder = pathlib.Path(here.folder, "home")
    folder.mkdir()
    path = f"{lab.BUILD}:{os.environ['PATH']}"
    subprocess.run(["sh", "-c", make], cwd=folder, check=True)
    daemon = a.start("sh", "-c", f"exec {start}", cwd=folder, env={"PATH": path})
    lab.wait(lambda: " started as " in daemon.text(), "it runs")
    asked = subprocess.run(["sh", "-c", ask], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=20)
    assert asked.returncode == 0 and "0 devices" in asked.stdout + asked.stderr, asked
    assert daemon.stop() == 0


def test_the_examples_of_configurations_are_right(here):
    a, tool = here.host("a"), str(lab.BUILD / "discoverd")
    for number, page in enumerate(("discoverd.conf.5", "discoverd.services.5")):
        folder = pathlib.Path(here.folder, f"example{number}")
        (folder / "services.d").mkdir(parents=True)
        for block in blocks(page):
            if block.startswith("#"):
                continue  # commands
            config, service = folder / "discoverd.conf", folder / "services.d/x.conf"
            config.write_text(block if number == 0 else "")
            service.write_text("" if number == 0 else block)
            checked = a.run(tool, "-C", "-c", str(config))
            assert not checked.stderr, checked
    for file in (TOP / "conf/discoverd.conf", TOP / "conf/example.conf"):
        assert not a.run(tool, "-C", "-c", str(file)).stderr, file
    (folder / "services.d/x.conf").write_text((TOP / "conf/services.d/example").read_text())
    assert not a.run(tool, "-C", "-c", str(folder / "discoverd.conf")).stderr
