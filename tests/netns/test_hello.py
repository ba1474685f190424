# SPDX-License-Identifier: ISC
"""A way of discovery is its own files and one row: the daemon with a third one, which tests/hello adds, finds by it, shows it,
takes its options, counts for it, and says goodbye with it."""

import re

import lab

HELLO = str(lab.BUILD / "tests" / "hello" / "discoverd")
ONLY_HELLO = "[Broadcast]\nenabled = no\n[SSDP]\nenabled = no\n"
ROOT = lab.HERE.parents[1]


def start(host, config="", **options):
    return host.discoverd(f"[Device]\nname = {host.name}\n{config}", program=HELLO, **options)


def test_daemons_with_a_third_protocol_find_each_other_by_it(here):
    a, b = here.host("a"), here.host("b")
    first = start(a, ONLY_HELLO + "[Hello]\npause = 1\n")
    second = start(b, ONLY_HELLO)
    lab.wait(lambda: second.device(name="a", protocols=["hello"]), "b hears a")
    lab.wait(lambda: first.device(name="b", protocols=["hello"]), "a hears b")
    device = second.device(name="a")
    endpoint = [e for e in device["endpoints"] if e["protocol"] == "hello"][0]
    assert (endpoint["key"], endpoint["name"]) == ("a", "a"), endpoint
    assert second.ctl("-o", "kv", "--columns", "name", "list", "--via", "hello").split() == ["name=a"]
    counters = second.status()["counters"]["hello"]
    assert counters["received"] > 0 and counters["sent"] > 0 and counters["malformed"] == 0, counters
    first.stop()
    lab.wait(lambda: not second.device(name="a"), "b hears that a is gone")


def test_its_options_are_checked_printed_and_read_again(here):
    a = here.host("a")
    daemon = start(a, "[Hello]\npause = 7\n")
    printed = a.run(HELLO, "-c", str(daemon.config), "--check-config").stdout
    assert re.search(r"^\[Hello\]\n(?:.*\n)*?pause = 7$", printed, re.M), printed
    sent = daemon.status()["counters"]["hello"]["sent"]
    daemon.config.write_text("[Device]\nname = a\n[Hello]\npause = 1\n")
    daemon.ctl("reload")
    lab.wait(lambda: daemon.status()["counters"]["hello"]["sent"] >= sent + 2, "it says hello each second")
    daemon.config.write_text("[Hello]\npause = often\n")
    refused = daemon.ctl("reload", check=False)
    assert "pause" in refused.stderr, refused.stderr


def test_nothing_but_its_own_files_knows_it(here):
    """Neither the daemon's sources nor the tool's name it."""
    named = [path for path in (ROOT / "src").rglob("*.[ch]") if "hello_engine" in path.read_text().lower()]
    assert not named, named
