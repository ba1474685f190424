/* SPDX-License-Identifier: ISC
 * beacon_lifx: the messages of LIFX. */
#include "base/array.h"
#include "wire/beacon_internal.h"

#include <errno.h>
#include <string.h>

/* Little-endian: size, protocol with flags, source, target, …, type, and two bytes before the
 * payload. */
enum {
	HEADER = 36,
	PROTOCOL_AT = 2,
	SOURCE_AT = 4,
	TARGET_AT = 8,
	TYPE_AT = 32,
	MAC_LEN = 6,
	LABEL_LEN = 32,
};
enum {
	PROTOCOL = 1024,
	PROTOCOL_MASK = 0x0fff,
	ADDRESSABLE = 1 << 12,
	TAGGED = 1 << 13, /* to all devices */
};
enum { GET_LABEL = 23 };

/* Messages of a device about itself. */
static const struct state {
	uint16_t type, label_at; /* of the payload */
	bool has_label;
} STATES[] = {
    {.type = 3},                                      /* StateService */
    {.type = 13},                                     /* StateHostInfo */
    {.type = 15},                                     /* StateHostFirmware */
    {.type = 17},                                     /* StateWifiInfo */
    {.type = 19},                                     /* StateWifiFirmware */
    {.type = 22},                                     /* StatePower */
    {.type = 25, .has_label = true},                  /* StateLabel */
    {.type = 33},                                     /* StateVersion */
    {.type = 35},                                     /* StateInfo */
    {.type = 50},                                     /* StateLocation */
    {.type = 53},                                     /* StateGroup */
    {.type = 107, .label_at = 12, .has_label = true}, /* LightState */
    {.type = 118},                                    /* StateLightPower */
};

static unsigned read_u16(struct slice bytes, size_t at)
{
	const unsigned char *b = (const unsigned char *)bytes.bytes + at;

	return b[0] | (unsigned)b[1] << 8;
}

static const struct state *find_state(unsigned type)
{
	for (size_t i = 0; i < COUNT_OF(STATES); i++)
		if (STATES[i].type == type)
			return &STATES[i];
	return NULL;
}

/* The MAC, which must be there. */
static int read_target(struct slice datagram, struct beacon *beacon)
{
	const unsigned char *mac = (const unsigned char *)datagram.bytes + TARGET_AT;
	char text[2 * MAC_LEN + 1];
	struct writer w;
	unsigned any = 0;

	writer_init(&w, text, sizeof(text));
	for (size_t i = 0; i < MAC_LEN; i++) {
		writer_format(&w, "%02x", mac[i]);
		any |= mac[i];
	}
	return any ? beacon_set_id(beacon, writer_result(&w)) : -EBADMSG;
}

int beacon_read_lifx(struct slice datagram, struct beacon *beacon)
{
	beacon_init(beacon);
	if (datagram.len > BEACON_DATAGRAM_MAX)
		return -EMSGSIZE;
	if (datagram.len < HEADER || read_u16(datagram, 0) != datagram.len)
		return -EBADMSG;
	unsigned protocol = read_u16(datagram, PROTOCOL_AT);
	if ((protocol & PROTOCOL_MASK) != PROTOCOL || !(protocol & ADDRESSABLE))
		return -EBADMSG;
	const struct state *state = find_state(read_u16(datagram, TYPE_AT));
	if (!state) {
		beacon->kind = BEACON_QUESTION;
		return 0;
	}
	struct slice payload = slice_skip(datagram, HEADER);
	if (state->has_label) {
		if (payload.len < state->label_at + (size_t)LABEL_LEN)
			return -EBADMSG;
		struct slice label = slice_head(slice_skip(payload, state->label_at), LABEL_LEN);
		beacon->name = beacon_value(beacon, slice_head(label, slice_find(label, '\0')));
	}
	return read_target(datagram, beacon);
}

/* Of a source other than 0, so that the answer comes to the one that asks. */
void beacon_ask_lifx(struct writer *w)
{
	unsigned protocol = PROTOCOL | ADDRESSABLE | TAGGED;
	char message[HEADER] = {HEADER};

	message[PROTOCOL_AT] = (char)(protocol & 0xff);
	message[PROTOCOL_AT + 1] = (char)(protocol >> 8);
	memcpy(message + SOURCE_AT, "disc", 4); /* NOLINT(*not-null-terminated-result): a number */
	message[TYPE_AT] = GET_LABEL;
	writer_bytes(w, message, sizeof(message));
}
