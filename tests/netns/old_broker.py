# SPDX-License-Identifier: ISC
"""A broker that knows MQTT 3.1.1 only: refuses other versions as HOW says, and hands the rest to a broker behind it.

usage: old_broker.py connack-3|connack-5|close PORT PORT-BEHIND"""
import socket
import sys
import threading

# CONNACK with "unacceptable protocol version" (MQTT 3.1.1, 3.2.2.3), with "unsupported protocol version" (MQTT 5.0, 3.2.2.2), and none.
ANSWERS = {"connack-3": b"\x20\x02\x00\x01", "connack-5": b"\x20\x03\x00\x84\x00", "close": b""}
how, port, behind = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end in source, target:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(client):
    first = client.recv(65536)
    version = first[first.index(b"MQTT") + 4]
    print(f"version {version}", flush=True)
    if version != 4:
        client.sendall(ANSWERS[how])
        client.close()
        return
    server = socket.create_connection(("127.0.0.1", behind))
    server.sendall(first)
    threading.Thread(target=copy, args=(server, client), daemon=True).start()
    copy(client, server)


listener = socket.create_server(("", port))
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
