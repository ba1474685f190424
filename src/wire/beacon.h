/* SPDX-License-Identifier: ISC
 * beacon: what devices of several vendors say of themselves by UDP, each in its vendor's own
 * format, and the questions that those formats have. */
#ifndef WIRE_BEACON_H
#define WIRE_BEACON_H

#include "base/writer.h"

enum {
	BEACON_DATAGRAM_MAX = 4096, /* bytes; longer ones are refused */
	BEACON_ID_MAX = 128,
	BEACON_VALUE_MAX = 256, /* of every other text */
	BEACON_TEXT_MAX = 2048,
	BEACON_ASK_MAX = 256,
};

enum beacon_kind {
	BEACON_HERE,
	BEACON_GONE,
	BEACON_QUESTION, /* of another program that looks for such devices; has no values */
};

/* Values are as sent (the table cleans text) and absent where the message has none. Slices point
 * into the datagram or into `text`, so it is not to be copied. What a device says of its own IP
 * address is not read. */
struct beacon {
	enum beacon_kind kind;
	struct slice id; /* 1 to BEACON_ID_MAX bytes, unless it is a question. A MAC has 12
			  * lower-case digits, whatever stands between them in the message */
	struct slice name, type, model, version;
	struct slice service_type; /* of a service that it offers; absent: none */
	uint16_t service_port;     /* 0: none */
	unsigned surplus;          /* values that were cut to BEACON_VALUE_MAX or left out */
	size_t text_len;
	char text[BEACON_TEXT_MAX];
};

/* Reads one datagram. 0, -EBADMSG (broken, or not of this protocol), -EMSGSIZE (too long), -ENOMEM,
 * -ENOTSUP (encrypted, and this build has no cipher). */
typedef int beacon_read_fn(struct slice datagram, struct beacon *beacon);
/* Writes the question that makes devices answer with a beacon; at most BEACON_ASK_MAX bytes. */
typedef void beacon_ask_fn(struct writer *w);

/* Yeelight: messages like those of SSDP with headers of their own, on 239.255.255.250:1982. */
beacon_read_fn beacon_read_yeelight;
beacon_ask_fn beacon_ask_yeelight;
/* Tuya: JSON in frames 55AA with CRC, plain on port 6666, encrypted by AES on port 6667; since
 * version 3.5 also in frames 6699, by AES-GCM. */
beacon_read_fn beacon_read_tuya;
/* TP-Link Kasa: JSON hidden by XOR on port 9999, later JSON behind 16 bytes on port 20002. */
beacon_read_fn beacon_read_kasa, beacon_read_tplink;
beacon_ask_fn beacon_ask_kasa, beacon_ask_tplink;
/* WiZ: JSON, on port 38900, and on 38899 where it is asked. */
beacon_read_fn beacon_read_wiz;
beacon_ask_fn beacon_ask_wiz;
/* Plex "GDM": messages like those of HTTP, on 239.0.0.250:32414, and from players on 32413. */
beacon_read_fn beacon_read_plex;
beacon_ask_fn beacon_ask_plex;
/* LIFX: binary, little-endian, on port 56700. */
beacon_read_fn beacon_read_lifx;
beacon_ask_fn beacon_ask_lifx;

#endif
