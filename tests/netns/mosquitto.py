# SPDX-License-Identifier: ISC
"""mosquitto: its broker with a configuration that the test makes, and mosquitto_sub, whose messages the test reads."""

import json
import pathlib
import signal
import subprocess

import lab

PORT, TLS_PORT = 1883, 8883
ALL = "discoverd/#"


class Broker:
    """A broker in a host. With persistence it keeps retained messages over a restart."""

    def __init__(self, host, persistence=False, options=f"listener {PORT}\nallow_anonymous true\n"):
        self.host = host
        self.program = lab.need("mosquitto")
        host.count += 1
        self.folder = pathlib.Path(host.lab.folder, f"{host.name}-mosquitto-{host.count}")
        self.folder.mkdir()
        self.config = self.folder / "mosquitto.conf"
        # As root it would become another user, which may not write here.
        self.config.write_text(f"user root\nlog_type all\npersistence {str(persistence).lower()}\n"
                               f"persistence_location {self.folder}/\nautosave_interval 1800\n{options}")
        self.start()

    def start(self):
        self.process = self.host.start(self.program, "-c", str(self.config))
        lab.wait(lambda: "running" in self.process.text() or not self.process.running(), "mosquitto runs")
        if not self.process.running():
            raise lab.Failure(self.process.text())

    def stop(self):
        self.process.stop()

    def log(self, text):
        return self.process.text().count(text)

    @property
    def url(self):
        return f"mqtt://{self.host.addresses[0]}"


class Subscriber:
    """What a client in a host hears from now on, and what is retained."""

    def __init__(self, host, broker, topic=ALL, args=()):
        """As a broker limits what waits with QoS 1, it subscribes with QoS 0."""
        self.process = host.start(lab.need("mosquitto_sub"), "-h", broker.host.addresses[0], *args, "-V", "mqttv5", "-q", "0", "-t", topic,
                                  "-t", "test/ready", "-F", "%U %j")
        self.read = 0
        self.all = []
        ready = ["mosquitto_pub", "-h", broker.host.addresses[0], *args, "-t", "test/ready", "-m", "x"]

        def is_ready():
            host.run(*ready, check=False)
            return any(m["topic"] == "test/ready" for m in self.messages())
        lab.wait(is_ready, "it has subscribed", step=0.1)

    def messages(self, under=""):
        """Each with its time "at", in the order in which they came."""
        with open(self.process.log, "rb") as log:
            log.seek(self.read)
            lines = log.read()
        whole = lines[:lines.rfind(b"\n") + 1]
        self.read += len(whole)
        for line in whole.decode().splitlines():
            at, _, message = line.partition(" ")
            if message.startswith("{"):
                self.all.append({**json.loads(message), "at": float(at)})
        return [m for m in self.all if m["topic"].startswith(under)]

    def retained(self, under="discoverd/"):
        """By topic: the payloads that a client gets that comes now."""
        last = {m["topic"]: m["payload"] for m in self.messages(under) if "/event" not in m["topic"]}
        return {topic: payload for topic, payload in last.items() if payload}

    def documents(self):
        """The documents of devices, by the last level of their topics."""
        return {topic.rsplit("/", 1)[1]: json.loads(payload) for topic, payload in self.retained().items() if "/device/" in topic}

    def last(self, kind):
        """The last `state` or `info` of the only board, or {}."""
        return next((json.loads(payload) for topic, payload in self.retained().items() if topic.endswith("/" + kind)), {})


def retained(host, broker, topic=ALL, args=()):
    """What a client gets that comes now, by topic."""
    done = host.run(lab.need("mosquitto_sub"), "-h", broker.host.addresses[0], *args, "-t", topic, "--retained-only", "-W", "2", "-F", "%j", check=False)
    return {m["topic"]: m["payload"] for m in map(json.loads, done.stdout.splitlines())}


def openssl(*args):
    subprocess.run([lab.need("openssl"), *args], check=True, capture_output=True)


class Certificates:
    """An authority, and what it signs."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.authority = str(self.folder / "ca.crt")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key("ca"), "-out", self.authority, "-subj", "/CN=ca", "-days", "2")

    def key(self, name):
        return str(self.folder / f"{name}.key")

    def sign(self, name, common_name, address=None):
        """The certificate of this name and its key."""
        request, extensions, certificate = (str(self.folder / f"{name}.{ending}") for ending in ("csr", "ext", "crt"))
        pathlib.Path(extensions).write_text(f"subjectAltName=IP:{address}\n" if address else "")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key(name), "-out", request, "-subj", f"/CN={common_name}")
        openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", self.key("ca"), "-CAcreateserial", "-days", "2",
                "-out", certificate, "-extfile", extensions)
        return certificate, self.key(name)


class Board:
    """discoverd-mqtt beside a daemon."""

    def __init__(self, daemon, broker=None, config="", wrap=(), env=None):
        self.daemon = daemon
        self.host = daemon.host
        self.folder = pathlib.Path(self.host.lab.folder, f"{self.host.name}-mqtt")
        self.folder.mkdir(exist_ok=True)
        self.config = self.folder / "mqtt.conf"
        self.wrap, self.env = wrap, env
        self.configure(broker, config)
        self.start()

    def configure(self, broker, config=""):
        self.config.write_text("[MQTT]\n" + (f"broker = {broker.url}\n" if broker else "") + config)

    def start(self):
        self.process = self.host.start(*self.wrap, str(lab.BUILD / "discoverd-mqtt"), "-c", str(self.config), "-s", str(self.daemon.socket),
                                       "-d", str(self.folder), env=self.env)

    def restart(self):
        lab.wait(lambda: self.process.catches(signal.SIGTERM), "it can be stopped")
        assert self.process.stop() == 0, self.process.text()
        self.start()

    @property
    def id(self):
        return self.daemon.status()["uuid"].removeprefix("uuid:")

    def topic(self, rest, site="home"):
        return f"discoverd/v1/{site}/{self.id}/{rest}"

    def memory(self):
        """Private dirty memory in kB."""
        text = pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_Dirty"))

    def seconds(self):
        """Of CPU that it has used."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100
