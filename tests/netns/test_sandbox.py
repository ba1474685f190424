# SPDX-License-Identifier: ISC
"""The daemon in the sandbox that it makes for itself."""

import ctypes
import pathlib
import re
import time

import lab
import test_fetching as fetching
import test_minissdpd as minissdpd

FETCH = "import urllib.request as u; print(u.urlopen('http://10.99.0.1:{}/description.xml', timeout=5).read().decode())"
LANDLOCK_CREATE_RULESET, LANDLOCK_VERSION = 444, 1
# As a C library tries it: it has another way on such an error.
EXPECTED = r"clone3\(|faccessat2\("


def configured(line):
    return line in (lab.BUILD / "config.status").read_text()


def need_file_rules():
    if ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_VERSION) < 0:
        raise lab.Skip("no Landlock in this kernel")
    if not configured('D["SANDBOX_DEFAULT"]=" true"'):
        raise lab.Skip("a build with sanitizers")


def need_both_halves():
    need_file_rules()
    if "Seccomp:" not in pathlib.Path("/proc/self/status").read_text():
        raise lab.Skip("no seccomp in this kernel")
    if not configured('S["HAVE_SECCOMP_TRUE"]=""'):
        raise lab.Skip("built without libseccomp")


def states(daemon):
    """NoNewPrivs and Seccomp of each thread."""
    return {re.search(r"^NoNewPrivs:\s+(\d)\n(?:.*\n)*?Seccomp:\s+(\d)$", (task / "status").read_text(), re.M).groups()
            for task in pathlib.Path("/proc", str(daemon.pid), "task").iterdir()}


def traced(trace, **options):
    """Options of a daemon whose system calls are written to a file."""
    return {"wrap": [lab.need("strace"), "-D", "-f", "-qq", "-o", str(trace)], **options}


def put(path, text):
    """As an editor does it: another file under the same name."""
    path.parent.mkdir(exist_ok=True)
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").rename(path)


def lease(name, number):
    return f"{int(time.time()) + 3600} 02:00:00:00:00:{number:02x} 10.99.0.{number} {name} *\n"


def change_every_file(here, daemon, a, leases):
    """The configuration, its drop-ins, services and leases are followed, and so are sockets."""
    a.run("ip", "neigh", "replace", "10.99.0.77", "lladdr", "02:00:00:00:00:4d", "dev", "eth0", "nud", "reachable")
    put(leases, lease("printer", 77))
    lab.wait(lambda: daemon.device(name="printer"), "the new lease file is read")
    put(daemon.folder / "services.d/lamp.conf", "[Service]\ntype = urn:schemas-upnp-org:service:SwitchPower:1\n")
    page = lambda port: a.run("python3", "-c", FETCH.format(port), check=False).stdout  # noqa: E731
    lab.wait(lambda: "SwitchPower" in page(5006), "the new file of services.d is read")
    put(daemon.folder / "discoverd.conf.d/port.conf", "[HTTP]\nport = 5007\n[Control]\nmax-clients = 400\n")
    put(daemon.config, daemon.config.read_text().replace("name = a", "name = renamed"))
    daemon.ctl("reload")
    assert "renamed" in page(5007) and not page(5006)
    put(daemon.config, daemon.config.read_text().replace("name = renamed", "name = again"))
    daemon.signal(1)
    lab.wait(lambda: "again" in page(5007), "a signal has it read again")


def change_the_network(here, daemon, a):
    """Interfaces and namespaces that come later are used and named."""
    here.bridge("br1")
    a.plug("br1", "10.98.0.1/24", "eth1")
    lab.wait(lambda: "eth1" in daemon.status()["interfaces"], "another interface is used")
    here.bare_host("late")
    here.ip("link", "add", "c0", "netns", "a", "type", "veth", "peer", "name", "c1", "netns", "late")
    lab.wait(lambda: '"netns_name":"late"' in daemon.ctl("-j", "interfaces").replace(" ", ""), "a namespace has its name")


def use_every_command(daemon):
    for command in ("list --all", "show b", "search -t 1", "interfaces", "map", "status --counters", "log-level debug",
                    "log-level notice", "reload", "version"):
        daemon.ctl(*command.split())
    found = daemon.ctl("probe", "10.99.0.2:80,5006", "10.99.0.2")
    assert all(re.search(rf"10\.99\.0\.2 +{what}", found) for what in ("80 +closed", "5006 +open", "ping +open")), found
    announced = daemon.ctl("announce", "_http._tcp", "--name", "Greenhouse", "--port", "80", "--detach").split()
    assert "Greenhouse" in daemon.ctl("status"), announced
    daemon.ctl("withdraw", announced[-1])
    assert "Greenhouse" not in daemon.ctl("status")


def check_trace(trace):
    """No call was refused that no C library expects, and no thread ran already when the rules for files came."""
    before, rules, after = trace.read_text(errors="replace").partition("landlock_restrict_self(")
    assert rules and not re.search(r"\bclone3?\(|\bv?fork\(", before), "a thread was there before the rules"
    _, *after = re.split(r"SECCOMP_SET_MODE_FILTER, \S+ \{len=", after)
    assert len(after) == 2, "one filter at the start, and one after the first page"
    after = "".join(after)
    refused = [line for line in after.splitlines() if re.search(r"= -1 (ENOSYS|EACCES|EPERM)\b", line)]
    assert not [line for line in refused if not re.search(EXPECTED, line)], refused
    assert re.search(r"\bclone\(.*CLONE_THREAD", after), "no thread was started in the sandbox"
    for name in ("state", "devices"):
        assert re.search(rf'renameat2?\(.*"{name}"[,)]', after), f"{name} is not written in the sandbox"


def test_a_daemon_in_its_sandbox_does_all_its_work(here):
    need_both_halves()
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    leases, socket, trace = (pathlib.Path(here.folder, name) for name in ("leases/dnsmasq", "minissdpd/socket", "trace"))
    put(leases, lease("old", 76))
    a.run("sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647")
    daemon = a.discoverd(f"[Device]\nname = a\n[Table]\nlease-files = {leases}\nneighbours = listed\n"
                         f"[Control]\nminissdpd-socket = {socket}\n", **traced(trace))
    assert states(daemon) == {("1", "2")} and daemon.status()["sandbox"] == "full"
    b.discoverd()
    fetching.announces(c, [fetching.device(1, address="10.99.0.3", encoding="euc-jp", name="居間"),
                                fetching.device(2, address="10.99.0.3", encoding="windows-1251", name="Кухня")])
    lab.wait(lambda: daemon.device(name="b", reachable=True), "another host is found and its page is read")
    lab.wait(lambda: daemon.endpoint(name="居間") and daemon.endpoint(name="Кухня"), "pages in other encodings are read")
    assert minissdpd.listed(socket), "minissdpd's socket answers"
    change_every_file(here, daemon, a, leases)
    change_the_network(here, daemon, a)
    use_every_command(daemon)
    assert states(daemon) == {("1", "2")} and not daemon.status()["warnings"], daemon.status()["warnings"]
    assert daemon.stop() == 0
    assert "error" not in daemon.text() and "warning" not in daemon.text(), daemon.text()
    assert not daemon.socket.exists() and not socket.exists()
    lab.wait(lambda: "exit_group(0)" in trace.read_text(errors="replace"), "the trace is whole")
    check_trace(trace)


def filters(daemon):
    return int(re.search(r"^Seccomp_filters:\s+(\d+)$", pathlib.Path(f"/proc/{daemon.pid}/status").read_text(), re.M)[1])


def libraries(daemon):
    return set(re.findall(r"/(lib[\w.+-]+?)\.so", pathlib.Path(f"/proc/{daemon.pid}/maps").read_text()))


def need_loading():
    if not configured('S["LOAD_LIBXML_TRUE"]=""'):
        raise lab.Skip("linked with libxml2")


def test_libxml2_is_loaded_for_the_first_page_and_then_no_code(here):
    need_both_halves()
    need_loading()
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    assert filters(daemon) == 1 and "libxml2" not in libraries(daemon) and daemon.status()["xml"] == "unloaded"
    fetching.announces(b, [fetching.device(1)])
    lab.wait(lambda: fetching.is_named(daemon, 1), "a page is read")
    assert filters(daemon) == 2 and "libxml2" in libraries(daemon) and daemon.status()["xml"] == "loaded"
    assert not daemon.status()["warnings"]


def test_without_libxml2_all_but_xml_is_read(here):
    need_loading()
    file = next(pathlib.Path("/usr/lib").rglob("libxml2.so.2"))
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd(wrap=[lab.need("strace"), "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=openat", "-P", str(file),
                               "-P", f"/lib/{file.relative_to('/usr/lib')}", "-e", "inject=openat:error=ENOENT"])
    fetching.announces(b, [fetching.device(number) for number in (1, 2)])
    lab.wait(lambda: daemon.status()["counters"]["xml"]["unread"] >= 2, "both pages are asked for")
    lab.wait(lambda: all(daemon.endpoint(key=fetching.udn(number)) for number in (1, 2)), "it knows what was announced")
    assert daemon.status()["xml"] == "missing" and [w for w in daemon.status()["warnings"] if "libxml2 cannot be loaded" in w], daemon.status()["warnings"]
    assert daemon.text().count("not read: libxml2.so") == 1, daemon.text()
    assert daemon.stop() == 0


def test_files_elsewhere_need_a_restart(here):
    need_file_rules()
    a = here.host("a")
    near, far = (pathlib.Path(here.folder, name) for name in ("near/leases", "far/leases"))
    put(near, lease("near", 77))
    put(far, lease("far", 77))
    a.run("ip", "neigh", "replace", "10.99.0.77", "lladdr", "02:00:00:00:00:4d", "dev", "eth0", "nud", "reachable")
    config = "[Table]\nneighbours = listed\nlease-files = "
    daemon = a.discoverd(f"{config}{near}\n")
    lab.wait(lambda: daemon.device(name="near"), "the first file is read")
    daemon.config.write_text(f"{config}{far}\n")
    daemon.ctl("reload")
    warning = f"names are missing: cannot read the lease file {far}: the sandbox does not allow to read it; restart discoverd"
    lab.wait(lambda: daemon.status()["warnings"] == [warning], lambda: daemon.status()["warnings"])
    assert daemon.text().count(warning) == 1, daemon.text()
    assert daemon.stop() == 0
    daemon = a.discoverd(f"{config}{far}\n")
    lab.wait(lambda: daemon.device(name="far"), "it is read after a restart")
    assert not daemon.status()["warnings"]


def test_symbolic_links_of_the_start_are_followed(here):
    need_file_rules()
    a = here.host("a")
    folder, elsewhere, late = (pathlib.Path(here.folder, name) for name in ("a-d", "elsewhere", "late"))
    put(elsewhere / "lamp.conf", "[Device]\nname = Lamp\n")
    put(late / "name.conf", "[Device]\nmodel = X\n")
    put(late / "other.conf", "[Device]\nmanufacturer = Y\n")
    folder.mkdir()
    (folder / "services.d").symlink_to(elsewhere)
    (folder / "discoverd.conf.d").mkdir()
    (folder / "discoverd.conf.d/name.conf").symlink_to(late / "name.conf")
    daemon = a.discoverd()
    put(elsewhere / "fan.conf", "[Device]\nname = Fan\n")
    page = lambda: a.run("python3", "-c", FETCH.format(5006)).stdout  # noqa: E731
    lab.wait(lambda: "Fan" in page() and "Lamp" in page(), "files behind the directory are followed")
    (late / "name.conf").write_text("[Device]\nmodel = Z\n")
    daemon.ctl("reload")
    assert "<modelName>Z<" in page()
    (folder / "discoverd.conf.d/other.conf").symlink_to(late / "other.conf")
    refused = daemon.ctl("reload", check=False)
    assert refused.returncode == 1 and "other.conf: the sandbox does not allow to read it; restart discoverd" in refused.stderr, refused


def test_it_can_be_left_out(here):
    daemon = here.host("a").discoverd(args=["--no-sandbox"])
    assert states(daemon) == {("0", "0")} and daemon.status()["sandbox"] == "none"
    assert daemon.text().count("no sandbox") == 1, daemon.text()
    assert re.search(r"^  sandbox +none$", daemon.ctl("status"), re.M)


def test_an_old_kernel_gives_what_it_has(here):
    """Each half works without the other, and one line of the log says what is missing."""
    need_both_halves()
    for number, (calls, sandbox, missing) in enumerate((
            (["landlock_create_ruleset"], "system-calls", ["files: this kernel has no Landlock"]),
            (["seccomp", "prctl"], "files", ["system calls: no libseccomp here, or no filters in this kernel"]),
            (["landlock_create_ruleset", "seccomp", "prctl"], "none", ["files: ", "system calls: "]))):
        daemon = here.host(f"h{number}").discoverd(wrap=[
            lab.need("strace"), "-D", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={','.join(calls)}",
            *(word for call in calls for word in ("-e", f"inject={call}:error={'EINVAL' if call == 'prctl' else 'ENOSYS'}"))])
        assert daemon.status()["sandbox"] == sandbox, daemon.text()
        lines = [line for line in daemon.text().splitlines() if "the sandbox does not restrict" in line]
        assert len(lines) == len(missing) and all(word in line for word, line in zip(missing, lines)), lines
        daemon.ctl("reload")
        assert daemon.stop() == 0
