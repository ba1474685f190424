# SPDX-License-Identifier: ISC
"""discoverd-history against floods, files of others and names that are meant to confuse, with devices that a test makes up."""

import pathlib
import sqlite3
import time

import lab
from false_discoverd import FalseDiscoverd, address, make_device
from test_history import History, ask, ctl


class Crowd(FalseDiscoverd):
    """What a History needs of a daemon."""

    def __init__(self, here, devices=()):
        self.host = here.host("a")
        super().__init__(pathlib.Path(here.folder, "socket"), devices)
        self.socket = self.path


def device(number, name=None, place=None, mac=None, **facts):
    place = place or f"10.0.{number >> 8}.{number & 255}"
    mac = mac or f"00:16:3e:00:{number >> 8:02x}:{number & 255:02x}"
    return make_device(f"uuid:{number:08x}-0000-4000-8000-000000000000", name or f"d{number}", address(place, mac=mac), **facts)


def rarely(history, seconds=900):
    history.conf.write_text(history.conf.read_text().replace("save-interval = 10", f"save-interval = {seconds}"))
    return history.start()


def test_more_moves_than_may_wait_are_all_recorded(here):
    crowd = Crowd(here, [device(i) for i in range(1, 401)])
    history = rarely(History(crowd, "[New]\n", learn=3600, ready=False))
    lab.wait(lambda: sum(len(d["events"]) for d in history.ask()) == 400, lambda: len(history.ask()), 60)
    for turn in range(1, 6):
        for i in range(1, 401):
            crowd.put(device(i, place=f"10.{turn}.{i >> 8}.{i & 255}"))
    lab.wait(lambda: all(d["presences"][-1]["address"].startswith("10.5.") for d in history.ask()), lambda: history.ask()[-1], 60)
    for known in history.ask():
        assert [p["ended"] is None for p in known["presences"]] == 5 * [False] + [True] and len(known["events"]) == 6, known
    history.stop()
    assert history.rows("SELECT count(*) FROM presence WHERE ended IS NULL") == [(400,)]


def test_a_flood_neither_outgrows_the_file_nor_displaces_what_is_acknowledged(here):
    crowd = Crowd(here, [device(1), device(2), device(3)])
    history = rarely(History(crowd, "max-size = 2M\nmax-devices = 1000\n[Hooks]\n", ready=False))
    lab.wait(lambda: len(history.ask()) == 3 and all(d["events"] for d in history.ask()), lambda: history.ask())
    assert (ask("Acknowledge", devices=["d1"]), ask("Name", device="d2", alias="lamp")) == ({}, {})
    for i in (1, 2, 3):
        crowd.remove(device(i)["id"])
    for i in range(1000, 4000):
        crowd.put(device(i, "x" * 200, model="y" * 200, manufacturer="z" * 200, type="t" * 200))
        if i >= 1100:
            crowd.remove(device(i - 100)["id"])
    lab.wait(lambda: history.device(id=device(3999)["id"]), lambda: history.process.text()[-1000:], 120)
    known = {d["name"] for d in history.ask()}
    assert {"d1", "lamp"} <= known and "d3" not in known, [name for name in known if len(name) < 9]
    text = history.process.text()
    assert "cannot write" not in text and "is not recorded" not in text, text[-1000:]
    history.stop()
    assert (history.state / "history.db").stat().st_size <= 2 << 20
    assert history.rows("PRAGMA integrity_check") == [("ok",)]


def test_another_program_that_locks_the_file_delays_nothing(here):
    crowd = Crowd(here, [device(1)])
    history = History(crowd, "[New]\n")
    lab.wait(lambda: history.ask() and history.ask()[0]["events"], lambda: history.ask())
    lab.wait(lambda: history.rows("SELECT count(*) FROM event") == [(1,)], "it is written", 60)
    with sqlite3.connect(history.state / "history.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        for turn in range(1, 60):  # each attempt to write waits for 1 s
            crowd.put(device(1, place=f"10.1.0.{turn}"))
        lab.wait(lambda: "cannot write" in history.process.text(), history.process.text)
        begin = time.monotonic()
        assert ask("Aliases") == {"aliases": []} and time.monotonic() - begin < 10
        other.execute("ROLLBACK")
    assert ask("Acknowledge", devices=["d1"]) == {}
    lab.wait(lambda: history.rows("SELECT address FROM presence WHERE ended IS NULL") == [("10.1.0.59",)], lambda: history.ask(), 30)
    assert len(history.rows("SELECT * FROM event")) == 60


FILES_OF_OTHERS = ("CREATE TABLE other (a); PRAGMA user_version = 0", "CREATE TABLE device (a); PRAGMA user_version = 0",
                   "CREATE TABLE other (a); PRAGMA user_version = 1", "CREATE TABLE other (a); PRAGMA user_version = -5")


def test_a_file_of_another_program_is_set_aside(here):
    crowd = Crowd(here, [device(1)])
    history = History(crowd, "[New]\n", ready=False)
    for number, sql in enumerate(FILES_OF_OTHERS, 1):
        with sqlite3.connect(history.state / "history.db") as tables:
            tables.executescript(sql)
        history.start()
        history.wait(name="d1", present=True)
        history.stop()
        assert "is corrupt; it is kept as" in history.process.text() and history.rows("SELECT name FROM device") == [("d1",)]
        kept = [p for p in history.state.glob("history.db.corrupt-*") if not p.name.endswith(("-wal", "-shm"))]
        assert len(kept) == 1, kept
        with sqlite3.connect(kept[0]) as tables:  # it is as it was
            assert len(tables.execute("SELECT name FROM sqlite_master").fetchall()) == 1, number
        kept[0].unlink()
        (history.state / "history.db").unlink()


def test_a_name_of_another_host_does_not_hide_a_device(here):
    """Names that are the id, MAC, address or alias of another device."""
    crowd = Crowd(here, [device(1)])
    history = History(crowd, "[New]\n")
    lab.wait(lambda: history.ask(), "it is recorded")
    assert ask("Name", device="d1", alias="lamp") == {}
    words = [device(1)["id"], "00:16:3e:00:00:01", "10.0.0.1", "lamp"]
    for number, name in enumerate(words, 2):
        crowd.put(device(number, name))
    lab.wait(lambda: len(history.ask()) == 5, lambda: history.ask())
    for word in words:
        assert [d["id"] for d in history.ask(device=word)] == [device(1)["id"]], word
        assert ask("Acknowledge", devices=[word]) == {}, word
    assert [d["id"] for d in history.ask(new=True)] == [device(n)["id"] for n in range(2, 6)]


def test_any_number_of_devices_is_acknowledged_at_once(here):
    crowd = Crowd(here, [device(i) for i in range(1, 501)])
    history = History(crowd, "[New]\n")
    lab.wait(lambda: len(history.ask(new=True)) == 500, lambda: len(history.ask()), 60)
    ctl(crowd, "acknowledge", *(d["id"] for d in history.ask()))
    assert history.ask(new=True) == []


def test_a_stop_does_not_suppress_the_report_of_a_new_device(here):
    crowd = Crowd(here)
    history = History(crowd)
    crowd.put(device(1))
    lab.wait(lambda: history.ask(), "it is recorded")
    history.stop()
    history.start()
    history.wait_hook("new", NAME="d1", ADDRESS="10.0.0.1")
    lab.wait(lambda: [e["kind"] for e in history.ask()[0]["events"]] == ["new"], lambda: history.ask())


def test_dates_of_a_damaged_file_are_read_as_dates(here):
    history = History(Crowd(here), "[New]\n")
    history.stop()
    with sqlite3.connect(history.state / "history.db") as tables:
        tables.execute("INSERT INTO device (key, id, first_seen, last_seen) VALUES (1, 'x', -9000000000000000, 9223372036854775807)")
    history.start()
    known = history.wait(id="x")
    assert (known["first_seen"], known["last_seen"]) == ("1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"), known
