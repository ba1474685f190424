# SPDX-License-Identifier: ISC
"""Devices that announce nothing, and answer searches in their own way."""

import json
import socket

import lab
import wire

UUID = "2fac1234-31f8-11b4-a222-08002b34c0%02d"


def quiet(host, target, how, number):
    """A quiet device on the host; its id."""
    device = host.python("quiet_device.py", host.addresses[0], target, how, UUID % number)
    lab.wait(lambda: "listens" in device.text(), "the device listens")
    return device, "uuid:" + UUID % number


def search(daemon, target, seconds):
    """What the daemon replies. discoverctl takes such a word for a type."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(seconds + 10)
        s.connect(str(daemon.socket))
        call = {"method": "io.discoverd.Search", "more": True, "parameters": {"target": target, "seconds": seconds}}
        s.sendall(json.dumps(call).encode() + b"\0")
        text = b""
        while part := s.recv(1 << 20):
            text += part
            replies = [json.loads(one) for one in text.split(b"\0")[:-1]]
            if replies and not replies[-1].get("continues"):
                return text.decode()


def test_a_device_that_answers_upnp_rootdevice_alone_is_found(here):
    a, b = here.host("a"), here.host("b")
    _, udn = quiet(b, "upnp:rootdevice", "response", 1)
    daemon = a.discoverd()
    lab.wait(lambda: daemon.device(id=udn), "the device is listed")


def test_a_device_that_answers_its_own_type_alone_is_found_when_configured(here):
    a, b = here.host("a"), here.host("b")
    capture = wire.port_of(a)
    _, udn = quiet(b, "urn:Belkin:device:**", "response", 2)
    daemon = a.discoverd("[Device]\nname = a\n")
    lab.wait(lambda: len(capture.ssdp("M-SEARCH", source="10.99.0.1")) >= 4, "the round of the start")
    assert not daemon.device(id=udn)
    daemon.config.write_text("[Device]\nname = a\n[SSDP]\nsearch-targets = roku:ecp, urn:Belkin:device:**\n")
    daemon.ctl("reload")
    lab.wait(lambda: daemon.device(id=udn), "the device is listed")
    asked = [p.headers["ST"] for p in capture.ssdp("M-SEARCH", source="10.99.0.1")]
    assert "roku:ecp" in asked, asked


def test_an_answer_by_unicast_notify_is_an_answer(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    _, udn = quiet(b, "ssdp:all", "notify", 3)
    daemon = a.discoverd()
    lab.wait(lambda: daemon.device(id=udn), "the device is listed")
    # a goodbye by unicast is none
    bye, gone = quiet(c, "wemo", "byebye", 3)
    assert udn == gone
    before = daemon.status()["counters"]["ssdp"]["ignored"]
    search(daemon, "wemo", 1)
    lab.wait(lambda: "answered" in bye.text(), "the goodbye is sent")
    lab.wait(lambda: daemon.status()["counters"]["ssdp"]["ignored"] > before, "the goodbye is refused")
    assert daemon.device(id=udn)


def test_a_search_for_a_word_without_colon_reports_what_answers(here):
    a, b = here.host("a"), here.host("b")
    _, udn = quiet(b, "wemo", "notify", 4)
    daemon = a.discoverd()
    assert udn in search(daemon, "wemo", 2)
