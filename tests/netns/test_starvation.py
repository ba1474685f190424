# SPDX-License-Identifier: ISC
"""A switch that follows IGMP and has lost the membership of a host: multicasts do not arrive, broadcasts do."""

import pathlib
import subprocess

import lab

TIMEOUT = "[Network]\nmulticast-timeout = 3\n"
# in hundredths of a second: a bridge withholds nothing until it is sure that its queries are answered
QUERIER = {"mcast_snooping": 1, "mcast_querier": 1, "mcast_query_interval": 200, "mcast_query_response_interval": 50,
           "mcast_startup_query_interval": 100, "mcast_membership_interval": 26000}


def warnings(daemon):
    return [w for w in daemon.status()["warnings"] if "no multicast" in w]


def has_joined(port):
    groups = subprocess.run(["bridge", "mdb", "show", "dev", "br1"], capture_output=True, text=True, check=True).stdout
    return any(f"port {port} grp 239.255.255.250" in line for line in groups.splitlines())


def reports(here, *words):
    """Begins or ends to drop the IGMP messages of a port."""
    lab.need("nft")
    rules = pathlib.Path(here.folder, "rules")
    rules.write_text(" ".join(words) + "\n")
    done = subprocess.run(["nft", "-f", str(rules)], capture_output=True, text=True)
    if "not supported" in done.stderr or "No such file" in done.stderr:
        raise lab.Skip(f"nftables does not filter bridges here: {done.stderr}")
    assert not done.returncode, done.stderr


def test_a_host_that_no_multicast_reaches_says_so(here):
    here.bridge("br1", **QUERIER)
    starved, fed, sender = (here.bare_host(name) for name in ("starved", "fed", "sender"))
    for number, host in enumerate((starved, fed, sender), 1):
        host.plug("br1", f"10.99.1.{number}/24")
    reports(here, "table bridge lab { chain reports { type filter hook prerouting priority 0; "
                  'iifname "starved.eth0" ip protocol igmp drop; }; }')
    sender.discoverd("[Device]\nname = sender\n")
    daemon, other = starved.discoverd(TIMEOUT), fed.discoverd(TIMEOUT)
    # multicasts of its own reach the others, and they answer
    lab.wait(lambda: daemon.endpoint("ssdp") and other.endpoint("ssdp"), "both are answered")
    lab.wait(lambda: has_joined("fed.eth0"), "the bridge knows of one that has joined")
    sender.python("multicast_sender.py", "10.99.1.3", "10.99.1.255")
    lab.wait(lambda: warnings(daemon), "it says that nothing comes", 60)
    assert warnings(daemon)[0].startswith("no multicast received on eth0 for 3 s while broadcast is"), warnings(daemon)
    assert not warnings(other), "multicasts come"

    reports(here, "delete table bridge lab")
    lab.wait(lambda: not warnings(daemon), "its next report is heard", 60)
    assert "warning ended: no multicast" in daemon.text(), daemon.text()


def test_quiet_and_open_networks_cause_no_warning(here):
    a, b = here.host("a"), here.host("b")
    daemon, quiet = a.discoverd(TIMEOUT), b.discoverd(TIMEOUT + "[Broadcast]\nenabled = no\n[SSDP]\nenabled = no\n")
    sender = here.host("c").python("multicast_sender.py", "10.99.0.3", "10.99.0.255")

    def heard():
        return daemon.status()["counters"]["broadcast"]["received"]
    first = heard()
    lab.wait(lambda: heard() > first + 30, "broadcasts for longer than the time")
    sender.stop()
    for host in (daemon, quiet):
        assert "no multicast" not in host.text(), host.text()
