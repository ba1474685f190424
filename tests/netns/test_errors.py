# SPDX-License-Identifier: ISC
"""What goes wrong at the start is one clear line and a status; a later one does no harm."""

import os
import pathlib
import shutil
import socket
import subprocess

import lab
import wire


def fails(host, *args, config=None, name="x"):
    """Starts a daemon that must not run; its status and what it said."""
    daemon = host.discoverd(config, name, args=args, ready=False)
    status = daemon.wait(5)
    text = daemon.text().strip()
    assert "\n" not in text, f"more than one line:\n{text}"
    return status, text


def take_port(host, port):
    holder = host.start("python3", "-c", "import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
                        f"s.bind(('', {port})); print('bound', flush=True); time.sleep(60)")
    lab.wait(lambda: "bound" in holder.text(), "the port is taken")


def test_a_port_that_is_taken_is_told(here):
    a = here.host("a")
    take_port(a, 5005)
    status, text = fails(a)
    assert status == 1 and "UDP port 5005 is taken" in text and "ss -ulpn" in text, text


def test_without_port_1900_it_announces_and_says_where_it_can_be_searched(here):
    a, b = here.host("a"), here.host("b")
    take_port(a, 1900)
    capture = wire.port_of(a)
    daemon, other = a.discoverd(), b.discoverd()
    assert "UDP port 1900 is taken" in daemon.text() and "ss -ulpn" in daemon.text(), daemon.text()
    lab.wait(lambda: "ssdp" in (other.device(name="a") or {"protocols": []})["protocols"], "b hears a by SSDP")
    lab.wait(lambda: "ssdp" in (daemon.device(name="b") or {"protocols": []})["protocols"], "a finds b by searching")
    alive = lab.wait(lambda: capture.ssdp("ssdp:alive", source="10.99.0.1"), "alive")[0][0]
    port = int(alive.headers["SEARCHPORT.UPNP.ORG"])
    assert 49152 <= port <= 65535 and alive.sport == port, alive
    search = b.python("plain_searcher.py", "upnp:rootdevice", "2", f"10.99.0.1:{port}")
    search.wait()
    assert "http://10.99.0.1:5006/description.xml" in search.text(), search.text()


def test_a_busy_http_port_is_replaced(here):
    a, b = here.host("a"), here.host("b")
    holder = a.start("python3", "-c", "import socket, time; s = socket.socket(); s.bind(('', 5006)); s.listen(1);"
                     "print('bound', flush=True); time.sleep(60)")
    lab.wait(lambda: "bound" in holder.text(), "the port is taken")
    a.discoverd()
    other = b.discoverd()
    endpoint, _ = lab.wait(lambda: other.endpoint(name="a", verified=True), "the description is served elsewhere")
    assert ":5006/" not in endpoint["url"], endpoint["url"]


def test_broken_configurations_name_file_and_line(here):
    a = here.host("a")
    for number, (text, line, word) in enumerate([
            ("[Device]\nnmae = x\n", 2, "nmae"), ("[Devise]\n", 1, "Devise"), ("[Device]\nname\n", 2, ""),
            ("[Table]\nmax-devices = many\n", 2, "max-devices"), ("[SSDP]\n\nmax-age = 5\n", 3, "max-age"),
            ("name = x\n", 1, ""), ("[Device]\nuuid = 123\n", 2, "uuid"), ("[Device]\nname = \a\n", 2, "")]):
        status, said = fails(a, config=text, name=f"x{number}")
        assert status == 78 and f"discoverd.conf:{line}: " in said and word in said, said
    checked = a.run(str(lab.BUILD / "discoverd"), "-C", "-c", "/nonexistent", check=False)
    assert checked.returncode == 1 and "/nonexistent" in checked.stderr


def test_the_effective_configuration_is_its_own_input(here):
    a = here.host("a")
    first = a.run(str(lab.BUILD / "discoverd"), "--check-config").stdout
    path = pathlib.Path(here.folder, "again.conf")
    path.write_text(first)
    assert a.run(str(lab.BUILD / "discoverd"), "-C", "-c", str(path)).stdout == first


def test_a_wrong_interface_is_told_with_those_that_exist(here):
    a = here.host("a")
    status, text = fails(a, "-i", "wlan9")
    assert status == 1 and "'wlan9'" in text and "eth0" in text, text


def test_wrong_options_end_with_2(here):
    a = here.host("a")
    for args in (["--frobnicate"], ["extra"], ["-c"]):
        done = a.run(str(lab.BUILD / "discoverd"), *args, check=False)
        assert done.returncode == 2 and done.stderr, args
    for args in (["--frobnicate"], ["frobnicate"], ["show"], ["list", "--sort"], ["s"]):
        done = a.run(str(lab.BUILD / "discoverctl"), *args, check=False)
        assert done.returncode == 2 and done.stderr, args


def test_a_second_daemon_on_the_same_socket_is_refused(here):
    a = here.host("a")
    first = a.discoverd()
    second = a.discoverd(ready=False)
    assert second.wait(5) == 1 and "another discoverd" in second.text(), second.text()
    assert first.ctl("version")


def test_a_second_daemon_with_the_same_state_is_refused(here):
    a, b = here.host("a"), here.host("b")
    first = a.discoverd()
    status, text = fails(b, "-d", str(first.folder / "state"))
    assert status == 1 and "another discoverd keeps its state in" in text and "--state" in text, text
    uuid = first.status()["uuid"]
    first.stop()
    assert b.discoverd(args=["-d", str(first.folder / "state")], name="later").status()["uuid"] == uuid


def test_every_user_may_check_a_configuration_and_nothing_is_touched(here):
    a = here.host("a")
    daemon = a.discoverd()
    os.chmod(here.folder, 0o755)
    before = {path: path.stat().st_mtime_ns for path in daemon.folder.rglob("*")}
    tool = shutil.copy(lab.BUILD / "discoverd", here.folder)  # the build may be in a home that is closed to others
    checked = subprocess.run([tool, *daemon.argv[len(a.prefix) + 1:], "-C"], capture_output=True, text=True, user=65534, group=65534,
                             extra_groups=[])
    assert checked.returncode == 0 and "name = a\n" in checked.stdout and not checked.stderr, checked
    assert before == {path: path.stat().st_mtime_ns for path in daemon.folder.rglob("*")} and daemon.running()
    daemon.config.chmod(0o600)
    checked = subprocess.run(checked.args, capture_output=True, text=True, user=65534, group=65534, extra_groups=[])
    assert checked.returncode == 1 and str(daemon.config) in checked.stderr and "Permission denied" in checked.stderr, checked


def test_a_host_with_our_uuid_is_listed_with_a_warning(here):
    a, b = here.host("a"), here.host("b")
    twin = "[Device]\nuuid = 00000000-0000-4000-8000-0000000000b0\nname = {}\n[Network]\nipv6 = no\n"
    first, second = a.discoverd(twin.format("a")), b.discoverd(twin.format("b"))
    lab.wait(lambda: first.device(name="b") and second.device(name="a"), "the twins list each other")
    assert " announces our uuid" in first.status()["warning"], first.status()
    assert "10.99.0.2 announces our uuid" in first.text()
    lab.wait(lambda: " announces our uuid" in second.text(), "b warns, too")
    # whatever it says after that, the next warning comes a minute later at the earliest
    received = lambda: first.status()["counters"]["ssdp"]["received"]  # noqa: E731
    before = received()
    for _ in range(3):
        b.run("python3", "-c", "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
              "for i in range(20): s.sendto(b'NOTIFY * HTTP/1.1\\r\\nHOST: 239.255.255.250:1900\\r\\nNT: upnp:rootdevice\\r\\n'\n"
              "    b'NTS: ssdp:alive\\r\\nCACHE-CONTROL: max-age=1800\\r\\nLOCATION: http://10.99.0.2:5006/description.xml\\r\\n'\n"
              "    b'USN: uuid:00000000-0000-4000-8000-0000000000b0::upnp:rootdevice\\r\\n\\r\\n', ('239.255.255.250', 1900))")
    lab.wait(lambda: received() >= before + 60, "a has heard it")
    assert first.text().count(" announces our uuid") == 1, first.text()


def test_a_state_directory_that_cannot_be_written_costs_a_warning(here):
    a = here.host("a")
    daemon = a.discoverd(args=["-d", "/proc/nowhere"])
    lab.wait(lambda: "warning: cannot keep the state in /proc/nowhere" in daemon.text(), "the warning")
    assert daemon.devices() == []
    daemon.stop()
    file = pathlib.Path(here.folder, "file")
    file.write_text("")
    daemon = a.discoverd(args=["-d", str(file)])
    assert daemon.text().count("warning") == 1 and "cannot keep the state" in daemon.text(), daemon.text()


def test_statuses_of_the_tool(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd()
    other = b.discoverd()
    lab.wait(lambda: daemon.device(name="b"), "a sees b")
    assert daemon.ctl("show", "nobody", check=False).returncode == 4
    assert daemon.ctl("show", "b", check=False).returncode == 0
    gone = subprocess.run([str(lab.BUILD / "discoverctl"), "-s", "/nonexistent/socket", "list"], capture_output=True, text=True)
    assert gone.returncode == 3 and "/nonexistent/socket" in gone.stderr and gone.stdout == ""
    other.signal(19)
    late = other.ctl("-t", "1", "list", check=False)
    other.signal(18)
    assert late.returncode == 6, late
    watch = subprocess.Popen([str(lab.BUILD / "discoverctl"), "-s", str(daemon.socket), "--no-legend", "watch", "--snapshot"],
                             stdout=subprocess.PIPE, text=True)
    assert " b " in watch.stdout.readline()
    watch.send_signal(2)
    assert watch.wait(5) == 130


def test_half_requests_idle_clients_and_garbage_on_the_socket_do_no_harm(here):
    daemon = here.host("a").discoverd()
    idle = []
    for _ in range(100):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(5)
        try:
            s.connect(str(daemon.socket))
            idle.append(s)
        except OSError:
            break
    for s, text in zip(idle, (b"{", b"\0", b"x" * 9000, b'{"method":1}\0', b"\xff\xfe\0", b'{"method":"io.discoverd.List"')):
        try:
            s.send(text)
        except OSError:
            pass
    for s in idle:
        s.close()
    lab.wait(lambda: daemon.ctl("list", check=False).returncode == 0, "others are served again")
    assert daemon.running()


def test_running_out_of_descriptors_does_no_harm(here):
    a, b = here.host("a"), here.host("b")
    daemon = a.discoverd("[Device]\nname = a\n[Beacons]\nenabled = no\n[mDNS]\nenabled = no\n[WSD]\nenabled = no\n", wrap=["prlimit", "--nofile=24"])
    b.discoverd()
    clients = []
    for _ in range(40):
        s = socket.socket(socket.AF_UNIX)
        s.setblocking(False)
        s.connect_ex(str(daemon.socket))
        clients.append(s)
    ticks = lambda: sum(int(x) for x in pathlib.Path(f"/proc/{daemon.pid}/stat").read_text().split()[13:15])  # noqa: E731
    before = ticks()
    lab.never(lambda: ticks() - before > 50, "the loop spins", 1.5)
    for s in clients:
        s.close()
    lab.wait(lambda: daemon.device(name="b"), "a sees b")


def test_a_full_disk_costs_a_warning(here):
    a = here.host("a")
    small = pathlib.Path(here.folder, "small")
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(small)], check=True)
    with open(small / "filler", "wb") as filler:
        try:
            filler.write(os.urandom(65536))
        except OSError:
            pass
    daemon = a.discoverd(args=["-d", str(small)])
    assert "cannot keep the state" in daemon.text(), daemon.text()
    assert not (small / "state").exists() or (small / "state").read_text() != ""


def test_missing_directories_are_made(here):
    a = here.host("a")
    socket_path, state = f"{here.folder}/run/discoverd.sock", pathlib.Path(here.folder, "var")
    daemon = a.discoverd(args=["-s", socket_path, "-d", str(state)], ready=False)
    lab.wait(lambda: os.path.exists(socket_path) and (state / "state").exists(), "socket and state are there")
    assert (state / "state").read_text() and "warning" not in daemon.text(), daemon.text()
    daemon.stop()
    assert not os.path.exists(socket_path)


def test_a_kernel_without_random_numbers_is_told(here):
    strace = lab.need("strace")
    daemon = here.host("a").discoverd(ready=False, wrap=[strace, "-f", "-qq", "-o", "/dev/null", "-e", "trace=getrandom",
                                                         "-e", "inject=getrandom:error=ENOSYS"])
    assert daemon.wait() == 1 and "no random numbers" in daemon.text(), daemon.text()
