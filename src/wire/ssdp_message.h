/* SPDX-License-Identifier: ISC
 * ssdp_message: one SSDP datagram (UDA 2.0, 1.2 and 1.3), read leniently and written exactly. */
#ifndef WIRE_SSDP_MESSAGE_H
#define WIRE_SSDP_MESSAGE_H

#include "base/writer.h"

enum ssdp_kind { SSDP_ALIVE, SSDP_UPDATE, SSDP_BYEBYE, SSDP_SEARCH, SSDP_RESPONSE };

/* A number that a message may or may not carry. */
struct ssdp_number {
	bool present;
	uint32_t value;
};

/* Borrows from the datagram it was parsed from. An absent header is SLICE_NONE. */
struct ssdp_message {
	enum ssdp_kind kind;
	struct slice host;
	struct slice target; /* NT of a NOTIFY, ST of a search or a response */
	struct slice usn;
	struct slice location;
	struct slice server; /* SERVER; USER-AGENT of a search */
	struct slice date;
	struct slice instance;     /* INSTANCE.DISCOVERD.IO: a random number of the sender's start */
	struct slice friendly_name; /* CPFN.UPNP.ORG of a search */
	struct slice control_point; /* CPUUID.UPNP.ORG of a search */
	struct slice opt, nls;      /* OPT and 01-NLS */
	uint32_t max_age;           /* seconds; 1800 where it is missing or broken */
	struct ssdp_number mx;      /* seconds as sent; only present when it is a number */
	struct ssdp_number boot_id, next_boot_id, config_id, search_port;
	bool man_discover;          /* a search whose MAN is ssdp:discover, with or without quotes */
};

/* 0; -ENOMSG: not SSDP at all; -EBADMSG: a kind that is not understood (an unknown NTS, a NOTIFY without NT or USN, a
 * response or a search without ST, …); -E2BIG, -EMSGSIZE: over LIMITS (1500 bytes, 32 headers, 512 a line, 256
 * USN and target). The first of duplicate headers counts. */
int ssdp_parse(struct slice datagram, struct ssdp_message *message);
/* Writes what the kind wants, in the order of UDA's examples, CRLF throughout, ended by an empty line. HOST only where
 * `host` is set, and so on for each optional header; a byebye gets neither LOCATION nor CACHE-CONTROL whatever is set.
 * Result and error are the writer's. */
void ssdp_format(const struct ssdp_message *message, struct writer *w);

#endif
