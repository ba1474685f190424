# SPDX-License-Identifier: ISC
"""The control socket with a Varlink client of another project."""

import json
import os
import re
import subprocess

import lab


def build(here):
    go = lab.need("go")
    if not os.path.isdir("/usr/share/gocode/src/github.com/varlink/go"):
        raise lab.Skip("golang-github-varlink-go-dev is not installed (scripts/setup test)")
    program = f"{here.folder}/varlink_client"
    subprocess.run([go, "build", "-o", program, str(lab.HERE / "varlink_client.go")], check=True,
                   env={**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": f"{here.folder}/go",
                        "GOFLAGS": "", "HOME": here.folder})
    return lambda daemon, *args: subprocess.run([program, f"unix:{daemon.socket}", *args], capture_output=True, text=True, timeout=20)


def members(text, name):
    """The members of a type in the text of an interface."""
    body = re.search(rf"^type {name} \((.*?)^\)", text, re.M | re.S)[1]
    return set(re.findall(r"^ *(\w+):", body, re.M))


def test_a_foreign_varlink_client_explores_and_asks(here):
    a, b = here.host("a"), here.host("b")
    client = build(here)
    daemon = a.discoverd()
    b.discoverd()
    lab.wait(lambda: daemon.endpoint(protocol="ssdp", name="b", verified=True), "a sees b")
    info = client(daemon, "info").stdout
    assert "discoverd" in info and "io.discoverd" in info and "org.varlink.service" in info, info
    text = client(daemon, "describe", "io.discoverd").stdout
    assert "interface io.discoverd" in text and "method Monitor" in text, text
    devices = json.loads(client(daemon, "call", "io.discoverd.List", "{}").stdout)["devices"]
    assert [d["name"] for d in devices] == ["b"]
    got = json.loads(client(daemon, "call", "io.discoverd.Get", '{"id": "b"}').stdout)["device"]
    assert got["id"] == devices[0]["id"]
    for type_name, value in (("Device", got), ("Address", got["addresses"][0]), ("Endpoint", lab.endpoint(got))):
        assert set(value) == members(text, type_name), (type_name, value)
    assert {"id", "name", "addresses", "protocols", "endpoints"} <= members(text, "Device")
    missing = client(daemon, "call", "io.discoverd.Get", '{"id": "nobody"}').stdout
    assert missing.startswith("error io.discoverd.NotFound"), missing
    unknown = client(daemon, "call", "io.discoverd.Nothing", "{}").stdout
    assert unknown.startswith("error ") and "MethodNotFound" in unknown, unknown
    single = client(daemon, "call", "io.discoverd.Monitor", "{}").stdout
    assert single.startswith("error org.varlink.service.ExpectedMore"), single
    answers = client(daemon, "more", "io.discoverd.Search", '{"target": "ssdp:all", "seconds": 2}').stdout
    assert '"b"' in answers, answers
