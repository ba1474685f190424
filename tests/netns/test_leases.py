# SPDX-License-Identifier: ISC
"""Neighbours that are listed, and their names from the lease files of DHCP servers."""

import os
import pathlib
import time

import lab

KEA = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n"
QUIET = "[Device]\nname = router\n[Broadcast]\nenabled = no\n[SSDP]\nenabled = no\n"


def neighbour(here, number):
    """The kernel knows a host that says nothing."""
    here.ip("neigh", "replace", f"10.99.0.{number}", "lladdr", f"02:00:00:00:00:{number:02x}", "dev", "br0", "nud", "reachable")


def router(here, config):
    """The host that the bridge belongs to: the lab itself."""
    here.ip("addr", "replace", "10.99.0.200/24", "brd", "+", "dev", "br0")
    host = lab.Host(here, "router")
    host.prefix = []
    return host.discoverd(QUIET + config)


def names(daemon, *args):
    """Name of each device by its first address."""
    return {d["addresses"][0]["address"]: d["name"] for d in daemon.devices(*args)}


def wait_for_names(daemon, expected, *args):
    try:
        lab.wait(lambda: names(daemon, *args) == expected, "names")
    except lab.Failure:
        raise lab.Failure(f"{names(daemon, *args)} instead of {expected}") from None


def test_neighbours_are_named_by_the_leases_of_every_server(here):
    folder = pathlib.Path(here.folder)
    dnsmasq, odhcpd, kea = folder / "dnsmasq.leases", folder / "odhcpd", folder / "kea.csv"
    later = int(time.time()) + 3600
    dnsmasq.write_text(f"{later} 02:00:00:00:00:01 10.99.0.1 laptop *\n{later} 02:00:00:00:00:05 10.99.0.5 * *\n"
                       "1 02:00:00:00:00:04 10.99.0.4 clockless *\n")
    odhcpd.write_text(f"# br-lan 020000000002 ipv4 printer {later} a630002 32 10.99.0.2/32\n10.99.0.2\tprinter.lan\tprinter\n"
                      f"# br-lan 020000000001 ipv4 other {later} a630001 32 10.99.0.1/32\n")
    kea.write_text(KEA + f"10.99.0.3,02:00:00:00:00:03,,3600,{later},1,0,0,camera.example.org.,0,\n"
                   "10.99.0.6,02:00:00:00:00:06,,3600,1700000000,1,0,0,expired,0,\n")
    daemon = router(here, f"[Table]\nlease-files = {dnsmasq} {odhcpd} {kea}\n")
    for number in range(1, 7):
        neighbour(here, number)
    expected = {"10.99.0.1": "laptop", "10.99.0.2": "printer", "10.99.0.3": "camera.example.org", "10.99.0.4": "clockless",
                "10.99.0.5": "10.99.0.5", "10.99.0.6": "10.99.0.6"}
    wait_for_names(daemon, expected, "--all")
    assert not daemon.devices(), "they are hidden by default"
    hidden = daemon.ctl("list", "printer", check=False)
    assert hidden.returncode == 4 and "--all includes it" in hidden.stderr, hidden
    assert not daemon.status()["warnings"], daemon.status()["warnings"]

    # a server that keeps its file open, one that gives it another name, and one that adds a line
    with open(dnsmasq, "a") as file:
        file.write(f"{later} 02:00:00:00:00:05 10.99.0.5 phone *\n")
        file.flush()
        wait_for_names(daemon, expected | {"10.99.0.5": "phone"}, "--all")
    (folder / "new").write_text("")
    os.rename(folder / "new", odhcpd)
    wait_for_names(daemon, expected | {"10.99.0.5": "phone", "10.99.0.2": "10.99.0.2"}, "--all")
    with open(kea, "a") as file:
        file.write("10.99.0.3,02:00:00:00:00:03,,0,1700000000,1,0,0,camera.example.org.,0,\n")
    wait_for_names(daemon, expected | {"10.99.0.5": "phone", "10.99.0.2": "10.99.0.2", "10.99.0.3": "10.99.0.3"}, "--all")


def test_a_lease_that_ends_takes_its_name_along(here):
    leases = pathlib.Path(here.folder, "dnsmasq.leases")
    daemon = router(here, f"[Table]\nlease-files = {leases}\n")  # that comes later
    lab.wait(lambda: "cannot read the lease file" in str(daemon.status()["warnings"]), "a warning")
    neighbour(here, 1)
    wait_for_names(daemon, {"10.99.0.1": "10.99.0.1"}, "--all")
    # on a busy machine the shorter ones may be over before they are read
    for seconds in (3, 10, 40):
        end = time.time() + seconds
        leases.write_text(f"{int(end)} 02:00:00:00:00:01 10.99.0.1 guest *\n")
        while time.time() < end and names(daemon, "--all") != {"10.99.0.1": "guest"}:
            time.sleep(0.05)
        if time.time() < end:
            break
    else:
        raise lab.Failure("its name was never seen")
    wait_for_names(daemon, {"10.99.0.1": "10.99.0.1"}, "--all")
    assert not daemon.status()["warnings"], daemon.status()["warnings"]


def test_files_that_are_none_cause_one_line_each(here):
    folder = pathlib.Path(here.folder)
    files = {"binary": os.urandom(65536).replace(b"#", b"x"), "huge": b"0 02:00:00:00:00:09 10.99.0.9 far *\n" * 60000,
             "cut": b"0 02:00:00:00:00:01 10.99.0.1 near *\n0 02:00", "text": b"lease 10.99.0.1 {\n}\n"}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    os.mkfifo(folder / "pipe")
    (folder / "directory").mkdir()
    reasons = {"pipe": "it is no regular file", "directory": "it is no regular file", "missing": "No such file or directory",
            "binary": "has", "huge": "only 1 MiB of", "cut": "has lines that are no leases", "text": "has no known format"}
    daemon = router(here, f"[Table]\nlease-files = {' '.join(str(folder / name) for name in reasons)}\n")
    neighbour(here, 1)
    wait_for_names(daemon, {"10.99.0.1": "near"}, "--all")
    warnings = daemon.status()["warnings"]
    for name, words in reasons.items():
        assert len([w for w in warnings if str(folder / name) in w and words in w]) == 1, (name, warnings)
    for _ in range(5):  # what is still wrong is not logged again
        read = daemon.status()["counters"]["leases"]["files-read"]
        with open(folder / "text", "a") as file:
            file.write("more\n")
        lab.wait(lambda: daemon.status()["counters"]["leases"]["files-read"] > read, "it was read again")
    for name in reasons:
        assert daemon.text().count(f"{folder}/{name}") == 1, (name, daemon.text())


def test_neighbours_are_listed_where_the_configuration_says_so(here):
    daemon = router(here, "[Table]\nneighbours = listed\n")
    watch = lab.Host(here, "watch")
    watch.prefix = []
    watch = watch.start(str(lab.BUILD / "discoverctl"), "-s", str(daemon.socket), "watch", "--snapshot")
    neighbour(here, 1)
    wait_for_names(daemon, {"10.99.0.1": "10.99.0.1"})
    lab.wait(lambda: "10.99.0.1" in watch.text(), "watchers hear of it")
    daemon.config.write_text(QUIET)
    daemon.ctl("reload")
    assert not daemon.devices()
    assert names(daemon, "--all") == {"10.99.0.1": "10.99.0.1"}
    assert watch.running(), watch.text()
