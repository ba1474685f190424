# SPDX-License-Identifier: ISC
"""Runs the examples of README.md, of the manual pages and of examples/ as they are, against real daemons."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import types

import lab
from mosquitto import Broker, retained
from test_fleet import HELPERS, Fleet, device

TOP = pathlib.Path(os.environ.get("top_srcdir") or pathlib.Path(__file__).resolve().parents[2])
EXAMPLES = TOP / "examples"
SOCKET = "/run/discoverd/io.discoverd"  # the default; each test has its own /run


def blocks(page):
    """Yields the literal blocks below EXAMPLES, as they are printed."""
    text = (TOP / "man" / page).read_text().split("\n.Sh EXAMPLES\n")[1].split("\n.Sh ")[0]
    for block in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", text, re.M | re.S):
        yield block.replace("\\e", "\\").replace("\\&", "")


def commands(page):
    """Yields what follows each prompt, with its continuation lines."""
    for block in blocks(page):
        yield from (command.strip() for command in re.split(r"^[$#] ", block, flags=re.M)[1:])


def readme_section(title):
    return (TOP / "README.md").read_text().split(f"\n## {title}\n")[1].split("\n## ")[0]


def readme_commands(title, programs="discoverctl"):
    """Yields the commands of these programs, a regular expression, in the indented blocks of a section of README.md."""
    for line in re.findall(rf"^    ((?:sudo )?(?:{programs})(?: .*)?)$", readme_section(title), re.M):
        yield re.sub(r"\s+# .*", "", line).removeprefix("sudo ")


def scene(here):
    """Starts the host on which the examples are typed, and the hosts that they name; returns its daemon."""
    a, nas = here.host("a"), here.host("nas")
    others = {name: here.host(name) for name in ("kitchen-pi", "printer")}
    a.run("ip", "addr", "add", "10.0.0.1/24", "brd", "+", "dev", "eth0")
    for address, port, words in (("10.0.0.7", "22", ["SSH-2.0-x"]), ("10.0.0.8", "3306", ["8.0.36-example"])):
        host = here.host(f"h{port}")
        host.run("ip", "addr", "add", f"{address}/24", "brd", "+", "dev", "eth0")
        host.python("plain_service.py", port, *words)
    nas.python("plain_service.py", "22", "SSH-2.0-nas")
    others["printer"].start(sys.executable, "-c", "import time, mdns_responder; "
                            f"mdns_responder.Responder('printer', '{others['printer'].addresses[0]}', []).start(); time.sleep(600)",
                            cwd=TOP / "tests/netns")
    daemon = a.discoverd(args=["-s", SOCKET])
    daemon.socket = pathlib.Path(SOCKET)
    for name, host in {"nas": nas, **others}.items():
        other = host.discoverd(f"[Device]\nname = {name}\ntype = urn:schemas-upnp-org:device:MediaServer:1\n")
        offer(other, "urn:schemas-upnp-org:service:ContentDirectory:1")
    lab.wait(lambda: all(daemon.device(name=name, reachable=True) for name in ("nas", *others)), "all are there", 20)
    lab.wait(lambda: any("ContentDirectory" in service for service in services(daemon, "nas")), "nas has its service", 20)
    return daemon


def offer(daemon, service):
    """Has a running daemon announce a service of this type by a drop-in file."""
    folder = daemon.config.parent / "services.d"
    folder.mkdir(exist_ok=True)
    (folder / "example.conf").write_text(f"[Service]\ntype = {service}\n")


def services(daemon, name):
    """The types of the services of a device."""
    device = daemon.device(name=name) or {"endpoints": []}
    return [service["type"] for endpoint in device["endpoints"] for service in endpoint["services"]]


class Typed:
    """A command that was typed into a shell, by default outside of the hosts; it and all that it started end together."""

    def __init__(self, daemon, command, prefix=()):
        self.log = daemon.folder / "typed"
        path = f"{lab.BUILD}:{os.environ['PATH']}:/usr/sbin:/sbin"
        with open(self.log, "wb") as out:
            self.popen = subprocess.Popen([*prefix, "sh", "-c", command], stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                          env={**os.environ, "PATH": path, "LC_ALL": "C.UTF-8"}, cwd=daemon.folder,
                                          start_new_session=True)

    def text(self):
        return self.log.read_text(errors="replace")

    def interrupt(self):
        """Interrupts it as Ctrl-C does; returns its exit status."""
        os.killpg(self.popen.pid, signal.SIGINT)
        return self.popen.wait(10)


def check(daemon, command, expected, prefix=()):
    status, pattern, act = (*expected, None)[:3]
    typed = Typed(daemon, command, prefix)
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


def run_all(daemon, typed, expectations, prefix=()):
    """Checks that each command has a row and each row a command, then runs all."""
    typed = list(typed)
    assert sorted(typed) == sorted(expectations), (set(typed) ^ set(expectations))
    for command in typed:
        check(daemon, command, expectations[command], prefix)


def test_the_commands_of_the_readme(here):
    daemon = scene(here)
    daemon.config.with_suffix(".conf.d").mkdir()
    run_all(daemon, readme_commands("Install it as a service"), {
        "discoverctl": (0, r"nas +10\.99\.0\.2 +eth0"),
        "discoverctl list --all": (0, r"nas +10\.99\.0\.2"),
        "discoverctl show nas": (0, r"type +urn:schemas-upnp-org:device:MediaServer:1"),
        "discoverctl services": (0, r"nas .*ContentDirectory"),
        "discoverctl map": (0, r"└── eth0"),
        "discoverctl map -o dot": (0, r"^graph discoverd \{"),
        "discoverctl watch": (None, r"TIME +EVENT"),
        "discoverctl -j list": (0, r'"name": *"nas"'),
        "discoverctl status": (0, r"devices"),
        "discoverctl resolve printer.local": (0, r"printer\.local +10\.99\.0\.4 +eth0"),
        "discoverctl probe nas:22,80 --banner": (0, r"nas .* 22 +open .* SSH-2\.0-nas"),
        "discoverctl announce _http._tcp --name Greenhouse --port 8080 --txt path=/": (None, r"^uuid:"),
        "discoverctl announce urn:schemas-upnp-org:service:SwitchPower:1 --name Pump": (None, r"^uuid:"),
    })


def place_configurations(text, folder):
    """Writes each configuration in this text below the folder, as NAME.conf.d/FILE.conf; programs that it names are there, too."""
    names = re.findall(r"`/etc/discoverd/(\w+\.conf)\.d/(\w+\.conf)`", text)
    contents = re.findall(r"^    \[(?:.*\n(?:    )?)+?\n", text, re.M)
    assert len(names) == len(contents) > 0, (names, contents)
    for (name, file), content in zip(names, contents):
        (folder / f"{name}.d").mkdir(parents=True)
        (folder / name).touch()
        (folder / f"{name}.d" / file).write_text(content.replace("/usr/local/bin", str(folder)))
    script = folder / "new-device"
    script.write_text(re.search(r"```sh\n(.*?)```", text, re.S)[1])
    script.chmod(0o755)


def test_beyond_the_terminal_as_the_readme_says(here):
    """The programs run without systemd; tests/service has their units."""
    for program in ("mosquitto_sub", "curl", "promtool"):
        lab.need(program)
    if not all((lab.BUILD / f"discoverd-{name}").exists() for name in ("web", "history", "mqtt")):
        raise lab.Skip("not all programs around the daemon are built")
    title = "Beyond the terminal"
    text = readme_section(title)
    daemon = scene(here)
    host, c = daemon.host, here.host("broker")
    settings = pathlib.Path(re.search(r"(/\S+)/discoverd/web\.conf", host.run(str(lab.BUILD / "discoverd-web"), "-h").stdout)[1])
    for folder in (settings, "/var/lib"):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(folder)], check=True)
    place_configurations(text, settings / "discoverd")
    (settings / "discoverd/history.conf.d/now.conf").write_text("[New]\nlearn = 0\nrandom-macs = yes\n")
    names = pathlib.Path(here.folder, "names")
    names.write_text(f"127.0.0.1 localhost\n{c.addresses[0]} broker.example\n")
    subprocess.run(["mount", "--bind", str(names), "/etc/hosts"], check=True)
    broker = Broker(c, options=re.search(r"^(?:    listener .*\n)(?:    .*\n)*", text, re.M)[0])
    os.environ.update(HELPERS, USER="root", STATE_DIRECTORY="/var/lib/discoverd-history")
    install, *programs = readme_commands(title, "install|discoverd-.*")
    check(daemon, install, (0, r"\A\Z"))
    running = {}
    for command in programs:
        place = types.SimpleNamespace(folder=pathlib.Path(here.folder, command.split()[0]))
        place.folder.mkdir()
        running[command.split()[0]] = Typed(place, command, host.prefix)
    assert sorted(running) == ["discoverd-history", "discoverd-mqtt", "discoverd-web"], running
    enabled = re.findall(r"systemctl (?:enable --now|reload) (discoverd-\w+)", text)
    assert set(enabled) == set(running), enabled
    lab.wait(lambda: "unknown device: printer 10.99.0.4" in running["discoverd-history"].text(), lambda: running["discoverd-history"].text())
    lab.wait(lambda: "the page is at http://" in running["discoverd-web"].text(), lambda: running["discoverd-web"].text())
    assert "nas" in c.run("curl", "-s", f"http://{host.addresses[0]}:5080/").stdout
    lab.wait(lambda: len(retained(c, broker)) >= 5, lambda: running["discoverd-mqtt"].text())
    run_all(daemon, readme_commands(title, "discoverctl|curl|mosquitto_sub"), {
        "curl http://127.0.0.1:5080/metrics": (0, r"^discoverd_up 1$"),
        "discoverctl history": (0, r"^nas +10\.99\.0\.2"),
        "discoverctl history nas --since 7d": (0, r"^nas +10\.99\.0\.2"),
        "discoverctl history --new": (0, r"^printer +10\.99\.0\.4"),
        "discoverctl acknowledge printer": (0, r"\A\Z"),
        "discoverctl name nas 'Living-room disk'": (0, r"\A\Z"),
        "mosquitto_sub -h broker.example -v -t 'discoverd/v1/#'": (None, r"^discoverd/v1/berlin/.*/device/"),
        "discoverctl --broker mqtt://broker.example list": (0, r"^Living-room disk .* berlin"),
        "discoverctl --broker mqtt://broker.example map": (0, r"berlin +site"),
    }, host.prefix)
    assert daemon.device(name="Living-room disk") and daemon.ctl("history", "--new").count("printer") == 0
    scrape = pathlib.Path(here.folder, "prometheus.yml")
    scrape.write_text(re.search(r"```yaml\n(.*?)```", text, re.S)[1])
    subprocess.run([lab.need("promtool"), "check", "config", str(scrape)], check=True, capture_output=True)
    for program in running.values():
        program.interrupt()


def test_the_programs_start_without_systemd_as_their_manuals_say(here):
    if pathlib.Path("/proc/self/uid_map").read_text().split()[:2] != ["0", "0"] or not os.stat(lab.BUILD / "discoverd").st_mode & 1:
        raise lab.Skip("it takes root to make users")
    daemon = here.host("a").discoverd(args=["-s", SOCKET])
    layers = pathlib.Path(here.folder, "layers")
    for name in ("above", "work"):
        (layers / name).mkdir(parents=True)
    subprocess.run(["mount", "-t", "overlay", "-o", f"lowerdir=/etc,upperdir={layers}/above,workdir={layers}/work", "overlay", "/etc"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/var/lib"], check=True)
    for user in ("web", "history", "mqtt"):
        subprocess.run(["userdel", f"discoverd-{user}"], capture_output=True)  # of an installation on this machine
    os.environ["STATE_DIRECTORY"] = "/var/lib/discoverd-history"  # the build may have another place for it
    for name, text in (("web", r"the page is at"), ("history", r"started with"), ("mqtt", r"mqtt://localhost")):
        if (lab.BUILD / f"discoverd-{name}").exists():
            page = (TOP / f"man/discoverd-{name}.8").read_text().split(".Ss Without systemd\n")[1]
            typed = re.search(r"^\.Bd .*\n((?:.*\n)*?)\.Ed$", page, re.M)[1].replace("\\e", "\\")
            check(daemon, f"set -e\n{typed}", (None, text), daemon.host.prefix)


def test_the_examples_of_discoverctl(here):
    for program in ("jq", "dot"):
        lab.need(program)
    daemon = scene(here)
    hooked = here.host("hook").discoverd("[Device]\nname = hook-0\n")

    def rename():
        number = int(re.search(r"hook-(\d+)", hooked.config.read_text())[1]) + 1
        hooked.config.write_text(f"[Device]\nname = hook-{number}\n")
        hooked.ctl("reload")
    typed = [command for command in commands("discoverctl.1") if "--broker" not in command]
    by_name = {command.split("--")[0][:34]: command for command in typed}
    hook, detach = by_name["discoverctl watch -o jsonl |\n    jq "[:34]], by_name["discoverctl announce urn:example-o"]
    run_all(daemon, typed, {
        "discoverctl show kitchen-pi -j | jq -r '.addresses[0].address'": (0, r"\A10\.99\.0\.3\n\Z"),
        "discoverctl resolve printer -o csv --no-legend --columns address": (0, r"\A10\.99\.0\.4\n\Z"),
        "discoverctl list -o csv --columns name,addresses,mac": (0, r"\nkitchen-pi,10\.99\.0\.3"),
        "discoverctl map -o dot | dot -Tsvg >network.svg": (0, r"\A\Z"),
        hook: (None, r"^hello hook-[1-9]\d*$", rename),
        "discoverctl announce _http._tcp --name Greenhouse --port 8080 --txt path=/": (None, r"^uuid:"),
        "discoverctl announce urn:schemas-upnp-org:service:SwitchPower:1 --name Pump": (None, r"^uuid:"),
        detach: (0, r"^uuid:"),
        "discoverctl probe --open --sort address 10.0.0.1-20:ssh": (0, r"10\.0\.0\.7 .* 22 +open"),
        "until discoverctl probe 10.0.0.7:22 >/dev/null; do sleep 1; done": (0, r"\A\Z|1 probe"),
    })
    assert "<svg" in (daemon.folder / "network.svg").read_text()


def test_the_example_of_a_fleet(here):
    lab.need("jq")
    fleet = Fleet(here)
    lamp, box = (device(f"uuid:00000000-0000-4000-8000-00000000000{n}", f"192.168.1.{n}", None, name) for n, name in enumerate(("Lamp", "Box")))
    fleet.board("berlin/a", devices=[lamp]).state(False)
    fleet.board("berlin/b", devices=[box])
    hosts = pathlib.Path(here.folder, "hosts")
    hosts.write_text("127.0.0.1 localhost broker.example\n")
    subprocess.run(["mount", "--bind", str(hosts), "/etc/hosts"], check=True)
    os.environ.update(HELPERS)
    command, = (command for command in commands("discoverctl.1") if "--broker" in command)
    check(types.SimpleNamespace(folder=hosts.parent), command, (0, r"\Aberlin Lamp\n\Z"), fleet.host.prefix)


def test_the_examples_of_the_protocols(here):
    lab.need("socat")
    daemon = scene(here)
    expected = [
        (0, r"Hello from nas!"),
        (0, r'"version"'),
        (None, r'"event": *"added".*\n(.*\n)*.*"event": *null'),
        (None, r'"id": *"uuid:'),
    ]
    typed = list(commands("discoverd-protocols.7"))
    assert len(typed) == len(expected), typed
    for command, row in zip(typed, expected):
        check(daemon, command, row, here.hosts["h22"].prefix)  # a host without discoverd


def example(host, daemon, program, *args):
    """Starts one of the programs in examples/ with the control socket of this daemon."""
    interpreters = {".py": [sys.executable, "-u"], ".sh": ["sh"]}
    interpreter = interpreters.get(pathlib.Path(program).suffix)
    return host.start(*([*interpreter, str(EXAMPLES / program)] if interpreter else [program]), *args,
                      env={"DISCOVERD_SOCKET": str(daemon.socket), "PATH": f"{lab.BUILD}:{os.environ['PATH']}"})


def built_with_go(here, name, packages=True):
    """The path of a program that is made of examples/NAME.go."""
    go = lab.need("go")
    if packages and not os.path.isdir("/usr/share/gocode/src/github.com/varlink/go"):
        raise lab.Skip("golang-github-varlink-go-dev is not installed (scripts/setup test)")
    program = f"{here.folder}/{name}"
    subprocess.run([go, "build", "-o", program, str(EXAMPLES / f"{name}.go")], check=True,
                   env={**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": f"{here.folder}/go",
                        "GOFLAGS": "", "HOME": here.folder})
    return program


def check_listing(host, daemon, program, option):
    """Both ways of a program that lists and follows; returns the one that follows."""
    listed = example(host, daemon, program)
    assert listed.wait() == 0 and re.search(r"^b  10\.99\.0\.2", listed.text(), re.M), listed.text()
    watching = example(host, daemon, program, option)
    lab.wait(lambda: "all devices are listed" in watching.text(), "the snapshot is complete")
    assert re.search(r"^added  b  10\.99\.0\.2", watching.text(), re.M), watching.text()
    return watching


def test_the_python_examples_list_follow_and_announce(here):
    a, b = here.host("a"), here.host("b")
    daemon, other = a.discoverd(), b.discoverd()
    lab.wait(lambda: daemon.device(name="b", reachable=True), "a sees b")
    watching = check_listing(a, daemon, "devices.py", "--watch")
    page = example(b, other, "announce_http.py", "Test page")
    lab.wait(lambda: " port " in page.text(), "it is announced")
    port = page.text().split()[-1]
    read = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode())"
    assert "Hello from a program" in a.run(sys.executable, "-c", read, f"http://10.99.0.2:{port}/").stdout
    lab.wait(lambda: "urn:example-org:service:Page:1" in watching.text(), "the change is reported")
    page.signal(signal.SIGINT)
    assert page.wait() == 0, page.text()
    lab.wait(lambda: re.match(r"removed|(?!.*service:Page)", watching.text().splitlines()[-1]), "its end is reported")
    lab.wait(lambda: not any("service:Page" in service for service in services(daemon, "b")), "the service is gone")
    watching.signal(signal.SIGINT)
    assert watching.wait() == 0, watching.text()


def test_an_example_without_a_daemon_says_why_it_ends(here):
    a = here.host("a")
    for program in ("devices.py", "announce_http.py"):
        done = a.run(sys.executable, str(EXAMPLES / program), check=False, env={"DISCOVERD_SOCKET": "/run/none"})
        assert done.returncode == 1 and done.stderr.startswith(f"{program}: /run/none: "), done
        assert "Traceback" not in done.stderr, done


def test_the_go_example_lists_and_follows(here):
    program = built_with_go(here, "devices")
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    other = b.discoverd()
    lab.wait(lambda: daemon.device(name="b", reachable=True), "a sees b")
    watching = check_listing(a, daemon, program, "-watch")
    offer(other, "urn:example-org:service:Late:1")
    lab.wait(lambda: re.search(r"^updated  b .*urn:example-org:service:Late:1.*\(.*endpoints.*\)", watching.text(), re.M),
             "the change is reported")


def check_watcher(here, program):
    """It prints what is there, and what comes and goes. Gives it, the daemons and how often it has printed a line of a kind."""
    hosts = [here.host(name) for name in "abc"]
    daemons = [host.discoverd() for host in hosts]
    watching = example(hosts[0], daemons[0], program)

    def lines(sign, name):
        """With any of its addresses: which one is known first varies."""
        return len(re.findall(rf"^{re.escape(sign)} {name} .*[.:]\w", watching.text(), re.M))
    lab.wait(lambda: lines("+", "b") and lines("+", "c"), lambda: f"both in {watching.text()}")
    daemons[2].stop()
    lab.wait(lambda: lines("-", "c"), lambda: f"c goes in {watching.text()}")
    daemons[2] = hosts[2].discoverd()
    lab.wait(lambda: lines("+", "c") == 2, lambda: f"c comes in {watching.text()}")
    return watching, daemons, lines


def test_the_python_watcher_prints_what_comes_and_goes(here):
    watching, daemons, lines = check_watcher(here, "watch.py")
    daemons[0].stop()
    daemons[0].host.discoverd()
    lab.wait(lambda: lines("+", "b") == 2, lambda: f"all is printed again in {watching.text()}")


def test_the_go_watcher_prints_what_comes_and_goes(here):
    watching, daemons, _ = check_watcher(here, built_with_go(here, "watch", packages=False))
    daemons[0].stop()
    assert watching.wait() == 1 and "has ended the connection" in watching.text(), watching.text()


def test_the_shell_watcher_prints_what_comes_and_goes(here):
    """Also what went while discoverd did not run."""
    lab.need("jq")
    watching, daemons, lines = check_watcher(here, "watch.sh")
    daemons[0].stop()
    daemons[2].stop()
    (daemons[0].folder / "state/devices").unlink()  # it cannot remember c
    daemons[0].host.discoverd()
    lab.wait(lambda: lines("-", "c") == 2, lambda: f"c was missed in {watching.text()}")
    assert lines("+", "b") == 1, "b was there all the time"


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
