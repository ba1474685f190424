# SPDX-License-Identifier: ISC
"""A device that says what it is in its vendor's own format.

usage: beacon_sender.py announce|answer VENDOR NAME ID

announce: each second; answer: to questions alone. With Yeelight and Plex it does so by multicast, with the others by broadcast."""
import base64
import binascii
import hashlib
import json
import re
import socket
import struct
import sys
import time

BROADCAST = "255.255.255.255"


def sbox():
    """The substitution of AES (FIPS 197, 5.1.1): the inverse in its field, then an affine map."""
    p = q = 1
    box = [0x63] * 256
    while True:
        p ^= p << 1 & 0xFF ^ (0x1B if p & 0x80 else 0)
        for shift in 1, 2, 4:
            q ^= q << shift & 0xFF
        q ^= 0x09 if q & 0x80 else 0
        turned = q | q << 8
        box[p] = (q ^ turned >> 7 ^ turned >> 6 ^ turned >> 5 ^ turned >> 4) & 0xFF ^ 0x63
        if p == 1:
            return box


SBOX = sbox()


def double(x):
    return x << 1 & 0xFF ^ (0x1B if x & 0x80 else 0)


def round_keys(key):
    words = [list(key[i:i + 4]) for i in range(0, 16, 4)]
    rcon = 1
    for i in range(4, 44):
        word = words[i - 1]
        if i % 4 == 0:
            word = [SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= rcon
            rcon = double(rcon)
        words.append([a ^ b for a, b in zip(words[i - 4], word)])
    return [sum(words[i:i + 4], []) for i in range(0, 44, 4)]


def aes_block(keys, block):
    """One block of AES-128 (FIPS 197, 5.1)."""
    state = [a ^ b for a, b in zip(block, keys[0])]
    for number, key in enumerate(keys[1:], 1):
        state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if number < 10:
            mixed = []
            for column in (state[i:i + 4] for i in range(0, 16, 4)):
                all_of = column[0] ^ column[1] ^ column[2] ^ column[3]
                mixed += [column[i] ^ all_of ^ double(column[i] ^ column[(i + 1) % 4]) for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, key)]
    return bytes(state)


def encrypt(key, text):
    padding = 16 - len(text) % 16
    text += bytes([padding]) * padding
    keys = round_keys(key)
    return b"".join(aes_block(keys, text[i:i + 16]) for i in range(0, len(text), 16))


def gcm_times(x, y):
    """Their product as GCM has it (NIST SP 800-38D, 6.3): the first bit of a block is that of the least power."""
    product = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            product ^= y
        y = y >> 1 ^ (0xE1 << 120 if y & 1 else 0)
    return product


def gcm_seal(key, nonce, header, text):
    """AES-128-GCM (7.1): the encrypted text, and the tag over it and the header."""
    keys = round_keys(key)
    stream = b"".join(aes_block(keys, nonce + struct.pack(">I", 2 + n)) for n in range((len(text) + 15) // 16))
    sealed = bytes(a ^ b for a, b in zip(text, stream))
    blocks = b"".join(part + bytes(-len(part) % 16) for part in (header, sealed)) + struct.pack(">2Q", 8 * len(header), 8 * len(sealed))
    factor, tag = int.from_bytes(aes_block(keys, bytes(16)), "big"), 0
    for at in range(0, len(blocks), 16):
        tag = gcm_times(tag ^ int.from_bytes(blocks[at:at + 16], "big"), factor)
    return sealed + (tag ^ int.from_bytes(aes_block(keys, nonce + b"\0\0\0\1"), "big")).to_bytes(16, "big")


def compact(message):
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


def tuya_frame(payload, command=0, return_code=b"\0\0\0\0"):
    body = struct.pack(">4I", 0x55AA, 0, command, len(return_code) + len(payload) + 8) + return_code + payload
    return body + struct.pack(">2I", binascii.crc32(body), 0xAA55)


def tuya_message(device_id):
    return {"ip": "192.0.2.66", "gwId": device_id, "active": 2, "ability": 0, "mode": 0, "encrypt": True,
            "productKey": "keyjup78v54myhan", "version": "3.3"}


def tuya(_, device_id):
    return tuya_frame(compact(tuya_message(device_id)))


TUYA_KEY = hashlib.md5(b"yGAdlopoPVldABfn").digest()


def tuya_encrypted(_, device_id):
    return tuya_frame(encrypt(TUYA_KEY, compact(tuya_message(device_id))), command=19)


def tuya_sealed_frame(payload, nonce=b"0123456789ab"):
    """Of protocol 3.5."""
    head = struct.pack(">IHIII", 0x6699, 0, 0, 19, len(nonce) + len(payload) + 16)
    return head + nonce + gcm_seal(TUYA_KEY, nonce, head[4:], payload) + struct.pack(">I", 0x9966)


def tuya_sealed(_, device_id):
    return tuya_sealed_frame(bytes(4) + compact(tuya_message(device_id) | {"version": "3.5"}))


def hide(text):
    """Kasa's XOR: each byte by the one before it as it was sent."""
    key, out = 171, bytearray()
    for byte in text:
        key ^= byte
        out.append(key)
    return bytes(out)


def kasa(name, device_id):
    return hide(compact({"system": {"get_sysinfo": {
        "sw_ver": "1.5.6 Build 191125 Rel.083657", "hw_ver": "2.0", "type": "IOT.SMARTPLUGSWITCH", "model": "HS110(EU)",
        "mac": device_id, "dev_name": "Smart Wi-Fi Plug With Energy Monitoring", "alias": name, "relay_state": 1,
        "latitude_i": 0, "longitude_i": 0, "deviceId": "8006A1B2C3D4E5F60718293A4B5C6D7E8F901234", "err_code": 0}}}))


def tplink(_, device_id):
    return struct.pack(">BBHHBBII", 2, 0, 1, 0, 0, 0, 0, 0x463CB5D3) + compact({"result": {
        "device_id": "00112233445566778899aabbccddeeff", "owner": "", "device_type": "SMART.TAPOPLUG", "device_model": "P110(EU)",
        "ip": "192.0.2.66", "mac": device_id, "is_support_iot_cloud": True, "obd_src": "tplink", "factory_default": False,
        "mgt_encrypt_schm": {"is_support_https": False, "encrypt_type": "KLAP", "http_port": 80}}, "error_code": 0})


def wiz(_, device_id):
    return compact({"method": "registration", "env": "pro", "result": {"mac": device_id, "success": True}})


def wiz_beacon(_, device_id):
    return compact({"method": "firstBeat", "env": "pro", "params": {"mac": device_id, "homeId": 653906, "fwVersion": "1.25.0"}})


def yeelight(name, device_id):
    return ("NOTIFY * HTTP/1.1\r\nHost: 239.255.255.250:1982\r\nCache-Control: max-age=3600\r\n"
            "Location: yeelight://192.0.2.66:55443\r\nNTS: ssdp:alive\r\nServer: POSIX, UPnP/1.0 YGLC/1\r\n"
            f"id: {device_id}\r\nmodel: color\r\nfw_ver: 18\r\nsupport: get_prop set_default set_power toggle set_bright\r\n"
            "power: on\r\nbright: 100\r\ncolor_mode: 2\r\nct: 4000\r\nrgb: 16711680\r\nhue: 100\r\nsat: 35\r\n"
            f"name: {base64.b64encode(name.encode()).decode()}\r\n").encode()


def plex(name, device_id):
    return ("HTTP/1.0 200 OK\r\nContent-Type: plex/media-server\r\n"
            f"Host: 00112233445566778899aabbccddeeff.plex.direct\r\nName: {name}\r\nPort: 32400\r\n"
            f"Resource-Identifier: {device_id}\r\nUpdated-At: 1700000000\r\nVersion: 1.32.5.7349-8f4248874\r\n\r\n").encode()


def plex_player(name, device_id):
    return ("HELLO * HTTP/1.0\r\nName: " + name + "\r\nContent-Type: plex/media-player\r\nProduct: Plex for TV\r\n"
            f"Port: 32433\r\nResource-Identifier: {device_id}\r\nVersion: 5.1.0\r\n\r\n").encode()


def lifx_message(kind, payload, device_id=None):
    target = bytes.fromhex(device_id) if device_id else bytes(6)
    return struct.pack("<HHI8s6sBB8sHH", 36 + len(payload), 0x1400 if device_id else 0x3400, 0 if device_id else 2,
                       target + b"\0\0", b"LIFXV2", 0, 0, bytes(8), kind, 0) + payload


def lifx(name, device_id):
    return lifx_message(25, struct.pack("32s", name.encode()), device_id)


# name: port, group or broadcast, the beacon, what a question contains (None: there is none)
VENDORS = {
    "yeelight": (1982, "239.255.255.250", yeelight, rb"^M-SEARCH .*\r\nST: wifi_bulb\r\n"),
    "tuya": (6666, BROADCAST, tuya, None),
    "tuya-encrypted": (6667, BROADCAST, tuya_encrypted, None),
    "tuya-sealed": (6667, BROADCAST, tuya_sealed, None),
    "kasa": (9999, BROADCAST, kasa, b"^" + re.escape(hide(b'{"system":{"get_sysinfo":'))),
    "tplink": (20002, BROADCAST, tplink, rb"^\x02\x00\x00\x01"),
    "wiz": (38899, BROADCAST, wiz, rb'^{"method":"registration","params":{'),
    "wiz-beacon": (38900, BROADCAST, wiz_beacon, None),
    "plex": (32414, "239.0.0.250", plex, rb"^M-SEARCH \* HTTP/1"),
    "plex-player": (32413, "239.0.0.250", plex_player, None),
    "lifx": (56700, BROADCAST, lifx, rb"^(?s:.{32})\x17\x00"),
}


def run(how, vendor, name, device_id):
    port, to, beacon, question = VENDORS[vendor]
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    s.bind(("", port))
    if to != BROADCAST:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(to) + socket.inet_aton("0.0.0.0"))
    print("ready", flush=True)
    while how == "announce":
        s.sendto(beacon(name, device_id), (to, port))
        time.sleep(1)
    while True:
        data, peer = s.recvfrom(4096)
        if re.search(question, data, re.S):
            s.sendto(beacon(name, device_id), peer)
            print("answered", flush=True)


if __name__ == "__main__":
    run(*sys.argv[1:5])
