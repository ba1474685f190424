# SPDX-License-Identifier: ISC
"""A program of another project that searches by WS-Discovery, beside discoverd, which only listens and searches itself."""

import lab
import peers

UUID = "7d5e0a52-30a1-5f0c-9d6e-2a0c6b3e9d01"


def test_a_search_of_onvif_finds_the_camera_and_not_us(here):
    a, b, c = here.host("a"), here.host("b"), here.host("c")
    daemon = a.discoverd()
    search = peers.npm(b, "onvif", "onvif_peer.js")
    camera = c.python("wsd_device.py", c.addresses[0], "camera", UUID, "Front door")
    lab.wait(lambda: f"http://{c.addresses[0]}" in search.text(), search.text)
    lab.wait(lambda: daemon.device(kind="control-point", address=b.addresses[0]), lambda: f"the searcher in {daemon.devices()}")
    lab.wait(lambda: daemon.device(name="Front door", address=c.addresses[0]), lambda: f"the camera in {daemon.devices()}")
    found = [line for line in search.text().splitlines() if line.startswith("found")]
    assert all(f"http://{c.addresses[0]}" in line for line in found), found
    camera.stop()
    lab.wait(lambda: not daemon.device(name="Front door"), "its Bye is heard")
