# SPDX-License-Identifier: ISC
"""Plain asks to one address, from many in turn as each is answered once per second, and prints how many milliseconds each
answer took.

usage: search_delays.py ADDRESS OWN-ADDRESS..."""

import itertools
import socket
import sys
import time

PAUSE = 1 / 30  # all together are answered 32 times per second
for own in itertools.cycle(sys.argv[2:]):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((own, 0))
        s.settimeout(5)
        start = time.monotonic()
        s.sendto(b"DISCOVER from asker", (sys.argv[1], 5005))
        s.recv(1500)
        print(f"{(time.monotonic() - start) * 1000:.3f}", flush=True)
    time.sleep(PAUSE)
