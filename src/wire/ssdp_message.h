/* SPDX-License-Identifier: ISC
 * ssdp_message: one SSDP datagram (UDA 2.0, 1.2 and 1.3), read leniently and written exactly. */
#ifndef WIRE_SSDP_MESSAGE_H
#define WIRE_SSDP_MESSAGE_H

#include "base/writer.h"

enum ssdp_kind { SSDP_ALIVE, SSDP_UPDATE, SSDP_BYEBYE, SSDP_SEARCH, SSDP_RESPONSE };

/* What is sent stays below SSDP_DATAGRAM_MAX; longer ones come in fragments and are read. */
enum {
	SSDP_DATAGRAM_MAX = 1500,
	SSDP_RECEIVED_MAX = 8192,
	SSDP_TARGET_MAX = 256,
	SSDP_MAX_AGE_DEFAULT = 1800
};

/* A number that a message may or may not carry. */
struct ssdp_number {
	bool present;
	uint32_t value;
};

/* Borrows from the datagram it was parsed from. An absent header is SLICE_NONE. Headers that UDA
 * does not give to the kind (LOCATION of a byebye, HOST of a response) are passed over. */
struct ssdp_message {
	enum ssdp_kind kind;
	struct slice host;   /* "239.255.255.250:1900", "[FF02::C]:1900" */
	struct slice target; /* NT of a NOTIFY, ST of a search or a response; never empty */
	struct slice nts;    /* as it was received; written is that of the kind */
	struct slice usn;    /* never empty in a NOTIFY */
	struct slice location;
	struct slice server; /* SERVER; USER-AGENT of a search */
	struct slice date;
	struct slice instance; /* INSTANCE.DISCOVERD.IO: a random number of the sender's start */
	struct slice friendly_name; /* CPFN.UPNP.ORG of a search */
	struct slice control_point; /* CPUUID.UPNP.ORG of a search */
	struct slice opt, nls;      /* OPT and 01-NLS */
	/* Seconds; 1800 where it is missing or broken, UINT32_MAX where it does not fit. */
	uint32_t max_age;
	/* Seconds as sent, UINT32_MAX where it does not fit; present when a number. */
	struct ssdp_number mx;
	/* Not present when no number, or none of 32 bits. */
	struct ssdp_number boot_id, next_boot_id, config_id;
	struct ssdp_number search_port; /* 1 … 65535 */
	bool man_discover; /* a search whose MAN is ssdp:discover, with or without quotes */
	unsigned surplus;  /* headers that a limit left out or cut; see ssdp_parse */
};

/* 0; -ENOMSG: not SSDP at all; -EBADMSG: a kind that is not understood (a start line that is not
 * HTTP/1, a multicast event, a NOTIFY without NT or USN, a response or a search without ST, a
 * response that is not 200) or a NUL byte; -EMSGSIZE: over SSDP_RECEIVED_MAX, or what the kind
 * needs is over its limit.
 *
 * Read leniently: blank lines before the start line; an NTS that is quoted, misspelt around one of
 * its words, or missing (then NOTIFY is alive, and needs a LOCATION); NT or ST taken from the USN
 * where it is missing and a LOCATION is there. LOCATION is optional elsewhere, and so is the USN of
 * a response. The first of duplicate headers counts.
 *
 * A limit loses the surplus alone: USN and target over 256 bytes and other values over 512 are as
 * if they were not there, texts for people are cut to that, and of headers that SSDP does not know
 * 32 are passed over without being counted. */
int ssdp_parse(struct slice datagram, struct ssdp_message *message);
/* Writes what the kind wants, in the order of UDA's examples, CRLF throughout, ended by an empty
 * line. HOST only where `host` is set, and so on for each optional header; a byebye gets neither
 * LOCATION nor CACHE-CONTROL whatever is set; a search always gets its MAN. Result and error are
 * the writer's. */
void ssdp_format(const struct ssdp_message *message, struct writer *w);

#endif
