# SPDX-License-Identifier: ISC
"""python-zeroconf: publishes a service until SIGTERM, or prints what comes and goes as lines of JSON.

usage: python_zeroconf.py ADDRESS publish NAME TYPE PORT [KEY=VALUE …] | browse TYPE"""

import json
import signal
import sys
import threading

import zeroconf

address, mode, first, *rest = sys.argv[1:]
zc = zeroconf.Zeroconf(interfaces=[address], ip_version=zeroconf.IPVersion.V4Only)


def tell(**words):
    sys.stdout.write(json.dumps(words) + "\n")  # at once: threads print, too
    sys.stdout.flush()


class Listener(zeroconf.ServiceListener):
    def add_service(self, zc, type_, name):
        threading.Thread(target=self.resolve, args=(zc, type_, name), daemon=True).start()  # one that does not answer delays no other

    def resolve(self, zc, type_, name):
        try:
            info = zc.get_service_info(type_, name, 10000)
        except zeroconf.Error:  # a name that is none
            info = None
        if info:
            tell(event="added", name=name, host=info.server, port=info.port, addresses=info.parsed_addresses(),
                 txt={(k or b"").decode(): (v or b"").decode() for k, v in info.properties.items()})

    def update_service(self, zc, type_, name):
        tell(event="updated", name=name)

    def remove_service(self, zc, type_, name):
        tell(event="removed", name=name)


def end(*_):
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
try:
    if mode == "browse":
        zeroconf.ServiceBrowser(zc, f"{first}.local.", Listener())
    else:
        kind, port, *pairs = rest
        zc.register_service(zeroconf.ServiceInfo(
            f"{kind}.local.", f"{first}.{kind}.local.", port=int(port), parsed_addresses=[address], server="python-zeroconf.local.",
            properties=dict(pair.split("=", 1) for pair in pairs)))
        tell(event="published", name=first)
    while True:
        signal.pause()
finally:
    zc.close()  # with a goodbye
