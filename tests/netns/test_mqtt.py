# SPDX-License-Identifier: ISC
"""discoverd-mqtt with mosquitto: what is published when, through outages, restarts and refusals."""

import json
import pathlib
import re
import signal
import time

import lab
import mosquitto
from mosquitto import Board, Broker, Subscriber
from test_allocations import NEVER, SEEN, Plan, build
from test_examples import TOP, blocks

MANY = "[Device]\nname = a\n[Table]\nmax-devices = 20000\nmax-devices-per-source = 20000\nmemory-per-source = 64M\nmemory = 128M\n[HTTP]\nfetch = no\n"


def published(subscriber, board, limit=30):
    """Waits until it is online, and what is retained are the devices of the daemon."""
    def same():
        wanted = {d["id"] for d in board.daemon.devices()}
        return subscriber.last("state").get("online") and {d["id"] for d in subscriber.documents().values()} == wanted
    return lab.wait(same, lambda: f"{len(subscriber.documents())} documents of {len(board.daemon.devices())}, {board.process.text()[-800:]}", limit)


def trio(here, persistence=False, config=""):
    """A host with a daemon and a board, one that it hears, and a broker with a subscriber on a third one."""
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    other = b.discoverd()
    broker = Broker(c, persistence)
    subscriber = Subscriber(c, broker)
    daemon = a.discoverd()
    lab.wait(lambda: daemon.device(name="b"), "a sees b")
    board = Board(daemon, broker, config)
    return other, broker, subscriber, board


def test_a_board_publishes_what_its_daemon_knows(here):
    other, broker, subscriber, board = trio(here)
    published(subscriber, board)
    times = ("last_seen", "expires_in")

    def facts(device):
        return {k: v for k, v in (device or {}).items() if k not in (*times, "endpoints")}

    def as_listed():
        device = board.daemon.device(name="b")
        document = subscriber.documents().get(device["id"])
        return facts(device) == facts(document) and (device, document)
    device, document = lab.wait(as_listed, "the document is what is listed", 60)[0]
    assert document["endpoints"] and not any(t in e for e in document["endpoints"] for t in times), document
    assert not any("expires_in" in s for s in lab.all_services(document)), document
    assert set(subscriber.retained()) >= {board.topic("state"), board.topic("info"), board.topic(f"device/{device['id']}")}
    assert all(m["properties"]["message-expiry-interval"] == 48 * 3600 for m in subscriber.messages(board.topic("")) if "/event" not in m["topic"])
    kept = mosquitto.retained(broker.host, broker)
    assert set(kept) == set(subscriber.retained()), kept
    info = lab.wait(lambda: subscriber.last("info").get("links") and subscriber.last("info"), "info has links")[0]
    assert info["devices"] == len(subscriber.documents()) and info["name"] == "a" and info["version"], info
    assert info["links"][0]["name"] == "eth0" and info["links"][0]["addresses"][0]["address"] == "10.99.0.1", info
    assert info["session"] == subscriber.last("state")["session"], info
    # it goes: first in time, then empty
    other.stop()
    lab.wait(lambda: not subscriber.documents(), "the document is emptied", 60)
    lab.wait(lambda: any(json.loads(m["payload"])["event"] == "removed" for m in subscriber.messages(board.topic("event"))), "an event")
    lab.wait(lambda: subscriber.last("info")["devices"] == 0, "info counts them")
    assert board.process.stop() == 0
    lab.wait(lambda: subscriber.last("state")["online"] is False, "it says that it leaves")


def test_the_gateway_of_a_link_is_its_segment(here):
    other, broker, subscriber, board = trio(here)
    b = other.host
    board.host.run("ip", "route", "replace", "default", "via", b.addresses[0], "dev", "eth0")
    board.restart()
    lab.wait(lambda: [link["segment"] for link in subscriber.last("info").get("links", [])] == [b.mac()],
             lambda: f"{b.mac()} in {subscriber.last('info')}", 60)


def test_a_change_is_published_at_once_and_then_every_30_s(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    a.run("ip", "addr", "add", "10.100.255.1/16", "brd", "+", "dev", "eth0")
    b.give_addresses(1)
    broker = Broker(c)
    subscriber = Subscriber(c, broker)
    daemon = a.discoverd(MANY)
    c.discoverd()
    lab.wait(lambda: daemon.device(name="c"), "a sees c")
    board = Board(daemon, broker)
    published(subscriber, board)
    watch = daemon.watch("*")
    topic = board.topic("device/uuid:00000000-0000-4000-8000-000000000000")
    for number in range(3):
        sent = time.time()
        b.run("python3", str(lab.HERE / "renamed_devices.py"), "1", str(number))
        lab.wait(lambda: any(e["device"]["name"] == f"Device 0.{number}" for e in lab.events(watch)), "discoverd reports it")
        shown = time.time()
        if number == 0:
            lab.wait(lambda: subscriber.messages(topic), "it is published")
            delay = subscriber.messages(topic)[0]["at"] - shown
            print(f"published {1000 * delay:.0f} ms after discoverctl watch has shown it, {1000 * (shown + delay - sent):.0f} ms after it was sent")
    assert delay < 0.5 * lab.SLOWER, delay
    # two changes more within 30 s are one message, with the newest
    lab.wait(lambda: "Device 0.2" in [d["name"] for d in subscriber.documents().values()], "the newest name", 60)
    messages = subscriber.messages(topic)
    assert len(messages) == 2, messages
    assert 29 < messages[1]["at"] - messages[0]["at"] < 33 * lab.SLOWER, [m["at"] for m in messages]


def test_the_will_tells_that_a_board_was_killed(here):
    _, broker, subscriber, board = trio(here)
    published(subscriber, board)
    session = subscriber.last("state")["session"]
    board.process.signal(signal.SIGKILL)
    lab.wait(lambda: subscriber.last("state") == {"online": False, "session": session}, "the will")
    assert subscriber.documents(), "its documents stay"
    board.process.wait()
    board.start()
    lab.wait(lambda: subscriber.last("state").get("online"), "it is back")
    assert subscriber.last("state")["session"] > session


def test_a_board_is_offline_while_its_discoverd_is(here):
    _, _, subscriber, board = trio(here)
    published(subscriber, board)
    session = subscriber.last("state")["session"]
    board.daemon.stop()
    lab.wait(lambda: subscriber.last("state") == {"online": False, "session": session}, "it is offline", 60)
    assert subscriber.documents(), "its documents stay"
    board.daemon.host.discoverd()
    lab.wait(lambda: subscriber.last("state") == {"online": True, "session": session}, "it is back", 60)


def outage(here, seconds):
    """While it lasts, each of 100 devices changes ten times."""
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    a.run("ip", "addr", "add", "10.100.255.1/16", "brd", "+", "dev", "eth0")
    b.give_addresses(100)
    broker = Broker(c, persistence=True)
    first = Subscriber(c, broker)
    daemon = a.discoverd(MANY)
    board = Board(daemon, broker)

    def rename(number):
        def renamed():
            b.run("python3", str(lab.HERE / "renamed_devices.py"), "100", str(number))  # again: a busy machine loses some
            return sum(d["name"].endswith(f".{number}") for d in daemon.devices()) == 100
        lab.wait(renamed, f"round {number}", 60, step=0.3)
    rename(0)
    published(first, board)
    broker.stop()
    rename(1)
    before = board.memory()
    for number in range(2, 12):
        rename(number)
        time.sleep(seconds / 10)
    grown = board.memory() - before
    assert grown < 256 * lab.SLOWER, f"{grown} kB more after 1000 changes, {before} kB before"
    broker.start()
    late = Subscriber(c, broker)
    start = time.monotonic()
    newest = {f"Device {n}.11" for n in range(100)}
    lab.wait(lambda: {d["name"] for d in late.documents().values()} == newest, lambda: f"{len(late.documents())} of them", 120)
    came = [line for line in broker.process.text().splitlines() if "Received PUBLISH" in line and "/device/" in line]
    assert len(came) == len(newest), len(came)
    print(f"{grown} kB more after 1000 changes of 100 devices, {before} kB before; all newest {time.monotonic() - start:.1f} s after its return")


def test_an_outage_ends_with_the_newest_of_each_device(here):
    outage(here, 0)


def long_an_outage_of_a_minute(here):
    outage(here, 60)


def test_a_broker_that_forgot_all_is_told_again(here):
    other, broker, subscriber, board = trio(here)
    published(subscriber, board)
    broker.stop()
    broker.start()
    again = Subscriber(broker.host, broker)
    published(again, board, 90)
    assert again.last("info")["devices"] == 1
    assert board.process.text().count("trying again") == 1, board.process.text()


def test_what_goes_during_an_outage_is_emptied(here):
    other, broker, subscriber, board = trio(here, persistence=True)
    published(subscriber, board)
    broker.stop()
    other.stop()
    lab.wait(lambda: not board.daemon.device(name="b"), "the daemon knows that it is gone")
    broker.start()
    again = Subscriber(broker.host, broker)
    lab.wait(lambda: again.last("state").get("online") and not again.documents(), "it is emptied", 120)
    assert not [t for t in mosquitto.retained(broker.host, broker) if "/device/" in t]


def test_what_goes_while_it_does_not_run_is_emptied(here):
    other, broker, subscriber, board = trio(here)
    published(subscriber, board)
    assert board.process.stop() == 0
    kept = (board.folder / "published").read_text()
    assert kept.startswith(f"discoverd-mqtt 1\nhome {board.id}\n") and len(kept.splitlines()) == 3, kept
    other.stop()
    lab.wait(lambda: not board.daemon.device(name="b"), "the daemon knows that it is gone")
    assert subscriber.documents()
    board.start()
    lab.wait(lambda: not subscriber.documents(), "it is emptied", 60)
    assert board.process.stop() == 0
    assert len((board.folder / "published").read_text().splitlines()) == 2


def test_what_went_in_the_future_is_kept_from_now_on(here):
    """As the clock was set back, or the state file is damaged."""
    _, broker, subscriber, board = trio(here, config="homeassistant = yes\n")
    published(subscriber, board)
    trackers = Subscriber(broker.host, broker, "homeassistant/#")
    assert board.process.stop() == 0
    kept = board.folder / "published"
    kept.write_text(kept.read_text() + f"lamp t {2**63 - 1}\n")
    board.start()
    lab.wait(lambda: any(t.endswith("/lamp/state") for t in trackers.retained("homeassistant/")), "it is away", 60)
    assert board.process.stop() == 0
    since, = re.findall(r"^lamp t (\d+)$", kept.read_text(), re.M)
    assert int(since) <= time.time(), since


def long_a_state_file_that_was_not_written_is_written_later(here):
    _, _, subscriber, board = trio(here)
    published(subscriber, board)
    kept = board.folder / "published"
    kept.mkdir()  # in its way, until the first time it is written
    lab.wait(lambda: "published: " in board.process.text(), "it cannot be written", 150, step=0.5)
    kept.rmdir()
    assert board.process.stop() == 0
    assert len(kept.read_text().splitlines()) == 3


def test_a_restart_of_the_daemon_removes_nothing(here):
    other, broker, subscriber, board = trio(here)
    published(subscriber, board)
    before = len(subscriber.messages(board.topic("")))
    assert board.daemon.stop() == 0
    board.daemon = board.host.discoverd()
    lab.wait(lambda: board.daemon.device(name="b"), "it is known again")
    lab.never(lambda: not subscriber.documents(), "a document is emptied", 15)
    assert all(m["payload"] for m in subscriber.messages(board.topic(""))[before:])


def tls(here, acl="pattern write discoverd/v1/home/%u/#\npattern read discoverd/v1/home/%u/#\n"):
    """A broker that wants certificates, and the authority."""
    c = here.host("c")
    certificates = mosquitto.Certificates(f"{here.folder}/certificates")
    certificate, key = certificates.sign("broker", "broker", c.addresses[0])
    rules = pathlib.Path(here.folder, "acl")
    rules.write_text(acl)
    broker = Broker(c, options=f"listener {mosquitto.TLS_PORT}\ncafile {certificates.authority}\ncertfile {certificate}\nkeyfile {key}\n"
                               f"require_certificate true\nuse_identity_as_username true\nacl_file {rules}\n")
    return broker, certificates


def secure(broker, certificates, pair, authority=None):
    return (f"broker = mqtts://{broker.host.addresses[0]}\nca-file = {authority or certificates.authority}\n"
            f"cert-file = {pair[0]}\nkey-file = {pair[1]}\n")


def test_certificates_and_rules_of_a_broker(here):
    a, b = here.host("a"), here.host("b")
    broker, certificates = tls(here)
    b.discoverd()
    daemon = a.discoverd()
    lab.wait(lambda: daemon.device(name="b"), "a sees b")
    uuid = daemon.status()["uuid"].removeprefix("uuid:")
    pair = certificates.sign("board", uuid)
    own = ["--cafile", certificates.authority, "--cert", pair[0], "--key", pair[1], "-p", str(mosquitto.TLS_PORT)]
    board = Board(daemon, None, secure(broker, certificates, pair))
    topic = f"discoverd/v1/home/{uuid}/#"
    lab.wait(lambda: len(mosquitto.retained(broker.host, broker, topic, own)) == 3, "state, info and a document", 60)
    # another board's name is not allowed
    board.configure(None, secure(broker, certificates, pair) + "board = other\n")
    board.restart()
    lab.wait(lambda: "not take what is published" in board.process.text(), "it says so")
    assert not mosquitto.retained(broker.host, broker, "discoverd/v1/home/other/#", own)
    # a certificate of another authority is refused, by each side
    stranger = mosquitto.Certificates(f"{here.folder}/stranger")
    board.configure(None, secure(broker, certificates, pair, stranger.authority))
    board.restart()
    lab.wait(lambda: "certificate verify failed; trying again" in board.process.text(), "it does not trust the broker")
    board.configure(None, secure(broker, certificates, stranger.sign("board", uuid)))
    board.restart()
    lab.wait(lambda: "TLS" in board.process.text() and "trying again" in board.process.text(), "it is not trusted")
    assert "connected" not in board.process.text(), board.process.text()
    # a broker with another name than the one that was asked for
    broker.host.run("ip", "addr", "add", "10.99.0.77/24", "dev", "eth0")
    board.configure(None, secure(broker, certificates, pair).replace(broker.host.addresses[0], "10.99.0.77"))
    board.restart()
    lab.wait(lambda: "certificate verify failed; trying again" in board.process.text(), "the name is checked")


def test_names_and_passwords(here):
    a, c = here.host("a"), here.host("c")
    passwords = pathlib.Path(here.folder, "passwords")
    passwords.write_text("joe:secret\n")
    passwords.chmod(0o600)
    c.run(lab.need("mosquitto_passwd"), "-U", str(passwords))
    broker = Broker(c, options=f"listener {mosquitto.PORT}\nallow_anonymous false\npassword_file {passwords}\n")
    secret = pathlib.Path(here.folder, "secret")
    secret.write_text("wrong\n")
    board = Board(a.discoverd(), broker, f"username = joe\npassword-file = {secret}\n")
    lab.wait(lambda: "Not authorized; trying again" in board.process.text(), "it is refused")
    assert "wrong" not in board.process.text()
    secret.write_text("secret\n")
    board.process.signal(signal.SIGHUP)
    lab.wait(lambda: "connected with MQTT 5" in board.process.text(), "the new password is read")
    board.configure(broker, f"username = joe\npassword-file = {secret}-not\n")
    assert board.process.stop() == 0
    board.start()
    assert board.process.wait() == 1 and "secret-not: No such file" in board.process.text(), board.process.text()


def test_a_broker_of_an_older_standard(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    b.discoverd()
    broker = Broker(c, options=f"listener {mosquitto.PORT + 1}\nallow_anonymous true\n")
    port = ["-p", str(mosquitto.PORT + 1)]
    daemon = a.discoverd()
    lab.wait(lambda: daemon.device(name="b"), "a sees b")
    board = Board(daemon, broker)
    for how in ("connack-3", "connack-5", "close"):
        front = c.python("old_broker.py", how, str(mosquitto.PORT), str(mosquitto.PORT + 1))
        lab.wait(lambda: "ready" in front.text(), "it listens")
        board.restart()
        lab.wait(lambda: "connected with MQTT 3.1.1" in board.process.text(), lambda: f"{how}: {board.process.text()}")
        lab.wait(lambda: len(mosquitto.retained(c, broker, args=port)) == 3, "it publishes", 60)
        assert "version 5" in front.text() and "trying again" not in board.process.text(), board.process.text()
        front.stop()


def test_a_broker_on_this_host_that_knows_ipv4_only(here):
    a, b = here.host("a"), here.host("b")
    b.discoverd()
    broker = Broker(a, options=f"listener {mosquitto.PORT} 127.0.0.1\nallow_anonymous true\n")
    board = Board(a.discoverd())
    lab.wait(lambda: "mqtt://localhost: connected" in board.process.text(), lambda: board.process.text())
    assert "trying again" not in board.process.text(), board.process.text()
    assert broker.process.running()


def test_a_broker_that_hangs_is_noticed(here):
    """It also makes the board test the connection more often than it would."""
    a, c = here.host("a"), here.host("c")
    broker = Broker(c, options=f"listener {mosquitto.PORT}\nallow_anonymous true\nmax_keepalive 10\n")
    board = Board(a.discoverd(), broker)
    lab.wait(lambda: "connected" in board.process.text(), "it is connected")
    # a client that is silent for 15 s would be disconnected
    lab.wait(lambda: broker.log("Received PINGREQ") >= 3, "it is tested", 60, step=0.5)
    assert "trying again" not in board.process.text(), board.process.text()
    broker.process.signal(signal.SIGSTOP)
    lab.wait(lambda: "trying again" in board.process.text(), "it is noticed", 60, step=0.5)
    broker.process.signal(signal.SIGCONT)
    lab.wait(lambda: board.process.text().count("connected with") == 2, "it is back", 90, step=0.5)


def test_two_boards_with_one_name_say_so(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    broker = Broker(c)
    boards = [Board(host.discoverd(), broker, "board = twin\n") for host in (a, b)]
    lab.wait(lambda: any("has another board the name twin?" in board.process.text() for board in boards), lambda: [board.process.text() for board in boards])


def test_home_assistant_gets_a_tracker_of_each_device(here):
    other, broker, _, board = trio(here, config="homeassistant = yes\n")
    subscriber = Subscriber(broker.host, broker, "homeassistant/#")
    name = "uuid_3a" + board.daemon.device(name="b")["id"].removeprefix("uuid:")
    root = f"homeassistant/device_tracker/{board.id}/{name}"

    def trackers():
        return {topic: json.loads(payload) for topic, payload in subscriber.retained("homeassistant/").items()}
    lab.wait(lambda: set(trackers()) == {root + "/config", root + "/state"}, lambda: f"a tracker in {trackers()}")
    config = trackers()[root + "/config"]
    assert config["state_topic"] == config["json_attributes_topic"] == root + "/state", config
    assert config["availability_topic"] == board.topic("state") and config["device"]["name"] == "b", config
    state = trackers()[root + "/state"]
    assert state["state"] == "home" and state["ip"] == other.host.addresses[0], state
    other.stop()
    lab.wait(lambda: trackers()[root + "/state"]["state"] == "not_home", "it is away", 60)
    assert root + "/config" in trackers()
    # it is away for the next run, too, and told again to a broker that has lost all
    broker.stop()
    board.restart()
    broker.start()
    subscriber = Subscriber(broker.host, broker, "homeassistant/#")
    lab.wait(lambda: trackers().get(root + "/state", {}).get("state") == "not_home", "it is away in the next run", 90)
    again = other.host.discoverd(name="again")
    lab.wait(lambda: trackers().get(root + "/config") and trackers()[root + "/state"]["state"] == "home", "it is at home", 60)
    # removed where it is not wanted any more, or wanted elsewhere
    board.configure(broker, "homeassistant = yes\nhomeassistant-prefix = ha\n")
    board.process.signal(signal.SIGHUP)
    elsewhere = Subscriber(broker.host, broker, "ha/#")
    lab.wait(lambda: not trackers() and len(elsewhere.retained("ha/")) == 2, lambda: f"it has moved: {trackers()}", 60)
    board.configure(broker)
    board.process.signal(signal.SIGHUP)
    lab.wait(lambda: not elsewhere.retained("ha/"), "it is removed", 60)
    assert again.running()


def test_hostile_names_stay_valid(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    broker = Broker(c)
    subscriber = Subscriber(c, broker)
    daemon = a.discoverd()
    board = Board(daemon, broker, "homeassistant = yes\n")
    b.python("hostile_names.py").wait()
    lab.wait(lambda: len(daemon.devices()) == 1, "the host is listed")
    published(subscriber, board)
    everything = Subscriber(c, broker, "#")
    for message in everything.messages():
        if message["topic"] == "test/ready":
            continue
        assert message["topic"].isascii() and message["topic"].isprintable() and " " not in message["topic"], message
        assert json.loads(message["payload"]), message


def test_the_examples_of_its_manual(here):
    lab.need("jq")
    page = (TOP / "man/discoverd-mqtt.8").read_text()
    _, broker, subscriber, board = trio(here)
    published(subscriber, board)
    config = pathlib.Path(here.folder, "example.conf")
    example, = blocks("discoverd-mqtt.8")
    config.write_text(example)
    checked = board.host.run(str(lab.BUILD / "discoverd-mqtt"), "-C", "-c", str(config))
    assert not checked.stderr and "site = berlin" in checked.stdout, checked
    watch, names = re.findall(r"^\.Dl (mosquitto_sub .*)$", page, re.M)
    # typed at the broker; the first one goes on until it is interrupted
    assert broker.host.run("sh", "-c", names).stdout == "b\n", names
    shown = broker.host.run("timeout", "2", "sh", "-c", watch, check=False).stdout
    assert board.topic("state") + ' {"online":true' in shown, shown
    assert board.process.stop() == 0
    remove, = re.findall(r"^\.Ql (mosquitto_sub .*) \.$", page, re.M)
    assert mosquitto.retained(broker.host, broker)
    broker.host.run("sh", "-c", remove, check=False)
    assert not mosquitto.retained(broker.host, broker)


def test_mistakes_in_the_configuration(here):
    a = here.host("a")
    daemon = a.discoverd()
    for config, wanted in (("broker = http://x", "broker must be mqtt://"), ("cert-file = /x", "must be set together"),
                           ("ca-file = /x", "are for brokers with mqtts"), ("password-file = /x", "needs a username"),
                           ("homeassistant-prefix = a/+", "must be a topic"), ("site =", "must be"), ("keep-alive = 1", "must be"),
                           ("nothing = 1", "unknown")):
        board = Board(daemon, None, config + "\n")
        assert board.process.wait() == 78 and wanted in board.process.text(), (config, board.process.text())


def long_no_failed_allocation_ends_it_in_disorder(here):
    _, broker, subscriber, board = trio(here, config="homeassistant = yes\n")
    published(subscriber, board)
    assert board.process.stop() == 0
    plan = Plan(here, build(here), "plan")
    board.wrap = plan.wrap

    def run():
        """Whether it came so far as to be online."""
        before = len(subscriber.messages(board.topic("state")))
        board.start()
        lab.wait(lambda: not board.process.running() or any('"online":true' in m["payload"] for m in subscriber.messages(board.topic("state"))[before:]),
                 lambda: f"it is online, or ends: {board.process.text()}", 60)
        return board.process.running()
    plan.arm(NEVER)
    assert run()
    total = plan[SEEN]
    assert board.process.stop() == 0
    refused = 0
    for number in range(0, total, max(1, total // 60)):
        plan.arm(number)
        running = run()
        plan.disarm()
        if running:
            assert board.process.stop() == 0, (number, board.process.text())
        else:
            refused += 1
            assert board.process.wait() in (1, 78, 127), (number, board.process.popen.returncode, board.process.text())
    # all of them for a while, while it runs
    assert run()
    plan.arm(0, NEVER)
    broker.stop()
    broker.start()
    lab.wait(lambda: plan[SEEN] > 5, "it tries in vain")
    plan.disarm()
    again = Subscriber(broker.host, broker)
    published(again, board, 120)
    print(f"{refused} of {total} allocations end it")


def long_ten_thousand_devices(here):
    count = 10000
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    a.run("ip", "addr", "add", "10.100.255.1/16", "brd", "+", "dev", "eth0")
    b.give_addresses(count)
    broker = Broker(c)
    subscriber = Subscriber(c, broker)
    daemon = a.discoverd(MANY)
    board = Board(daemon, broker)

    def all_are_known():
        b.python("ssdp_flood.py", "apart", str(count)).wait(120)  # again: a busy machine loses some
        return daemon.status()["devices"] >= count
    lab.wait(all_are_known, "all are in the table", 300)
    lab.wait(lambda: len(subscriber.documents()) == count, lambda: f"{len(subscriber.documents())} documents", 300, step=1)
    lab.wait(lambda: subscriber.last("info")["devices"] == count, "info counts them")
    used = board.seconds()
    start = time.monotonic()
    broker.stop()
    broker.start()
    again = Subscriber(c, broker)
    lab.wait(lambda: len(again.documents()) == count, lambda: f"{len(again.documents())} documents", 300, step=1)
    print(f"{board.memory()} kB private; {used:.1f} s of CPU for {count} devices, {board.seconds() - used:.1f} s to say all again, "
          f"within {time.monotonic() - start:.1f} s of the broker's restart")


def long_an_idle_home_costs_little(here):
    a, b = here.host("a"), here.host("b")
    broker, certificates = tls(here)
    a.run("ip", "addr", "add", "10.100.255.1/16", "brd", "+", "dev", "eth0")
    b.give_addresses(40)
    daemon = a.discoverd(MANY)
    pair = certificates.sign("board", daemon.status()["uuid"].removeprefix("uuid:"))
    board = Board(daemon, None, secure(broker, certificates, pair))
    b.run("python3", str(lab.HERE / "renamed_devices.py"), "40", "0")
    lab.wait(lambda: broker.process.text().count("/device/uuid:") >= 40, "all are published", 60)

    def wakeups():
        text = pathlib.Path(f"/proc/{board.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("voluntary_ctxt_switches"))
    time.sleep(90)  # the questions about links have long pauses from then on
    seconds, before, start = board.seconds(), wakeups(), time.monotonic()
    time.sleep(180)
    span = time.monotonic() - start
    figures = (f"{board.memory()} kB private with TLS and 40 devices; {60 * (wakeups() - before) / span:.1f} wake-ups and "
               f"{60000 * (board.seconds() - seconds) / span:.0f} ms of CPU a minute")
    print(figures)
    assert (wakeups() - before) / span < 0.5 * lab.SLOWER, figures
    kept = board.folder / "published"
    assert len(kept.read_text().splitlines()) == 42 and kept.stat().st_size < 4096, kept.read_text()
    written = kept.stat().st_mtime
    assert board.process.stop() == 0
    assert kept.stat().st_mtime == written, "it is written again at the end, though nothing has changed"
