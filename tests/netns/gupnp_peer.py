# SPDX-License-Identifier: ISC
"""A device and a control point of GUPnP, for Debian's own python3: prints what comes and goes, says goodbye at SIGTERM.

usage: gupnp_peer.py INTERFACE ADDRESS [DESCRIPTION.xml]"""

import os
import signal
import sys

import gi

gi.require_version("GSSDP", "1.6")
gi.require_version("GUPnP", "1.6")
from gi.repository import Gio, GLib, GSSDP, GUPnP  # noqa: E402

GOODBYE_MS = 500  # GSSDP spreads its messages


def show(word, proxy):
    print(word, proxy.get_udn(), proxy.get_location(), proxy.get_friendly_name(), flush=True)


def show_state(service, result):
    """The variables that a service describes, or why it could not be read."""
    try:
        found = " ".join(service.introspect_finish(result).list_state_variable_names())
    except GLib.Error as error:
        found = f"failed: {error.message}"
    print("scpd", service.get_service_type(), found, flush=True)


def show_device(proxy):
    show("available", proxy)
    for service in proxy.list_services():
        service.introspect_async(None, show_state)


address = Gio.InetAddress.new_from_string(sys.argv[2])
context = GUPnP.Context.new_full(sys.argv[1], address, 0, GSSDP.UDAVersion.VERSION_1_1)
loop = GLib.MainLoop()
device = None
if sys.argv[3:]:
    device = GUPnP.RootDevice.new(context, os.path.basename(sys.argv[3]), os.path.dirname(sys.argv[3]))
    device.set_available(True)
    print("location", device.get_description_document_name(), flush=True)
point = GUPnP.ControlPoint.new(context, "upnp:rootdevice")
point.connect("device-proxy-available", lambda _, proxy: show_device(proxy))
point.connect("device-proxy-unavailable", lambda _, proxy: show("unavailable", proxy))
point.set_active(True)


def leave():
    if device:
        device.set_available(False)
    GLib.timeout_add(GOODBYE_MS, loop.quit)


GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, leave)
loop.run()
os._exit(0)  # the bindings do not survive their own end
