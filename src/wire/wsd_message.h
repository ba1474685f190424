/* SPDX-License-Identifier: ISC
 * wsd_message: the messages of WS-Discovery, SOAP over UDP, in the two versions that are in use:
 * that of April 2005, and 1.1 (OASIS, 2009). */
#ifndef WIRE_WSD_MESSAGE_H
#define WIRE_WSD_MESSAGE_H

#include "base/writer.h"

enum {
	WSD_DATAGRAM_MAX = 8192,
	WSD_MATCHES_MAX = 16,
	WSD_ID_MAX = 46, /* "urn:uuid:" and a UUID, with the final NUL */
};

/* A namespace of the protocol, with that of the WS-Addressing that belongs to it. */
enum wsd_dialect { WSD_2005, WSD_1_1, WSD_DIALECTS };

enum wsd_kind {
	WSD_HELLO,
	WSD_BYE,
	WSD_PROBE,
	WSD_PROBE_MATCHES,
	WSD_RESOLVE,
	WSD_RESOLVE_MATCHES,
};

/* One endpoint that a message is about. Texts are as sent, without white space around them; lists
 * have white space between their items. */
struct wsd_match {
	struct slice address; /* its identity: mostly "urn:uuid:…" */
	struct slice types;   /* QNames, with the prefixes that the sender has chosen */
	struct slice scopes;  /* URIs */
	struct slice xaddrs;  /* URLs of its metadata */
	bool has_version;
	uint32_t version; /* of the metadata */
};

/* A Hello, a Bye and a Resolve have one match. */
struct wsd_message {
	enum wsd_kind kind;
	enum wsd_dialect dialect;
	struct slice message_id, relates_to;
	struct slice sender; /* its endpoint, where it names that (WS-Addressing 1.0, 3.1) */
	bool has_instance;
	uint32_t instance; /* another one: the sender was restarted */
	struct wsd_match matches[WSD_MATCHES_MAX];
	size_t match_count;
	size_t surplus; /* parts that were ignored because they are over a limit */
	/* Where the slices are. Two bytes of UTF-8 are read for one of Latin-1. */
	char text[2 * WSD_DATAGRAM_MAX];
	size_t text_len;
};

/* Its slices point into *message, which must stay where it is. What is no XML is repaired, and of
 * what is cut off the rest is taken. 0; -ENOMSG: no message of this protocol, or one without the
 * endpoint that it is about; -EPERM: a DOCTYPE; -EMSGSIZE; -ENOMEM. */
int wsd_parse(struct slice datagram, struct wsd_message *message);

/* A question of ours: Probe without Types, which all answer, or Resolve. */
struct wsd_question {
	enum wsd_dialect dialect;
	struct slice id;      /* "urn:uuid:…", another one for each */
	struct slice sender;  /* "uuid:…", ours; may be SLICE_NONE */
	struct slice address; /* of the endpoint to resolve; SLICE_NONE: a Probe */
};
void wsd_format(const struct wsd_question *question, struct writer *w);

/* What a scope says where it is one of ONVIF's (Core Specification, 7.3.2.2):
 * "onvif://www.onvif.org/name/X" is category "name" with the %-decoded value "X". False for others.
 */
bool wsd_scope_read(struct slice scope, struct slice *category, struct writer *value);

#endif
