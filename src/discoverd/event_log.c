/* SPDX-License-Identifier: ISC
 * event_log: log lines about devices (level info), and about datagrams and sightings (debug). */
#include "discoverd/event_log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "control/device_json.h"
#include "control/endpoint_json.h"

enum { ADDRESS_PORT_TEXT_MAX = ADDRESS_TEXT_MAX + 8, CONTENT_MAX = 1600, WORDS_MAX = 160 };

static bool writes(enum log_level level)
{
	return log_get_level() >= level;
}

/* "10.99.0.2 on eth0, uuid:…" */
static void put_identity(const struct event_log *log, const struct device *device, struct writer *w)
{
	const struct presence *presence = device_main_presence(device);
	char id[DEVICE_SHOWN_ID_MAX], name[LINK_TEXT_MAX];

	if (presence) {
		address_format(&presence->address, w);
		writer_format(w, " on %s, ", link_text(log->links, presence->endpoint->link, name));
	}
	writer_text(w, device_shown_id(log->links, device, id));
}

static void write_line(struct event_log *log, struct instant now, enum log_level level,
    const char *event, const struct device *device)
{
	char address[ADDRESS_TEXT_MAX], identity[DEVICE_SHOWN_ID_MAX + ADDRESS_TEXT_MAX + 32];
	char held_back[48] = "";
	unsigned lines;
	struct writer w;

	if (!log_limit_pass(&log->limit, now, &lines))
		return;
	if (lines)
		snprintf(held_back, sizeof(held_back), " (%u lines before this held back)", lines);
	writer_init(&w, identity, sizeof(identity));
	put_identity(log, device, &w);
	log_line(level, "%s %s: \"%s\", %.*s%s",
	    device_kind(device) == DEVICE_KIND_CONTROL_POINT ? "control point" : "device", event,
	    device_name(device, address), (int)w.len, identity, held_back);
}

/* What happened, as a word for the log; NULL: nothing to write. A neighbour is no device yet, or no
 * device any more. */
static const char *word_of(const struct table_change *change)
{
	bool neighbour = device_kind(change->device) == DEVICE_KIND_NEIGHBOUR;
	uint32_t changed = change->changed;

	if (change->event != TABLE_UPDATED)
		return neighbour ? NULL : change->event == TABLE_ADDED ? "added" : "removed";
	if (change->leaving)
		return "removed";
	if (changed & 1u << FIELD_KIND && change->former_kind == DEVICE_KIND_NEIGHBOUR)
		return "added";
	return !neighbour && changed & 1u << FIELD_NAME ? "renamed" : NULL;
}

void event_log_device(struct event_log *log, struct instant now, const struct table_change *change)
{
	const char *word = word_of(change);

	if (change->event != TABLE_REMOVED && change->changed & 1u << FIELD_FLAGS &&
	    change->device->flags & DEVICE_DUPLICATE_UUID)
		write_line(
		    log, now, LOG_LEVEL_WARNING, "with the uuid of another one", change->device);
	if (word && writes(LOG_LEVEL_INFO))
		write_line(log, now, LOG_LEVEL_INFO, word, change->device);
}

/* The results of table_observe() that refuse something. */
static const char *reason(int result)
{
	switch (result) {
	case 0:
		return "taken";
	case -ENOSPC:
		return "refused, the table or what its source may have in it is full";
	case -ENOENT:
		return "refused, no such device is known";
	case -EPERM:
		return "refused, the device was not seen at this address";
	default:
		return strerror(-result);
	}
}

void event_log_sighting(const struct event_log *log, const struct sighting *sighting, int result)
{
	static const char *const EVENTS[] = {[SIGHTING_ALIVE] = "alive",
	    [SIGHTING_RENUMBERS] = "update",
	    [SIGHTING_LEFT] = "bye",
	    [SIGHTING_ASKED] = "search",
	    [SIGHTING_DESCRIBED] = "description"};
	char address[ADDRESS_TEXT_MAX], link[LINK_TEXT_MAX], key[KEY_TEXT_MAX];

	if (!writes(LOG_LEVEL_DEBUG))
		return;
	/* a description that was fetched by IPv4 belongs to no link */
	key_format(&sighting->key, key);
	log_debug("%s: %s of %s, %s%s%s: %s", sighting->protocol->name, EVENTS[sighting->event],
	    key[0] ? key : "a host without a key", address_text(&sighting->from, address),
	    sighting->link ? " on " : "",
	    sighting->link ? link_text(log->links, sighting->link, link) : "", reason(result));
}

void event_log_note_counts(struct event_log_counts *before, const struct counter_group *group)
{
	before->count = 0;
	if (!writes(LOG_LEVEL_DEBUG))
		return;
	while (before->count < group->count && before->count < EVENT_LOG_COUNTERS_MAX) {
		before->values[before->count] = group->counters[before->count].value;
		before->count++;
	}
}

/* One line of a datagram after the other, with a bar between. */
static void put_content(struct slice bytes, struct writer *w)
{
	for (size_t i = 0; i < bytes.len && !writer_error(w); i++) {
		char c = bytes.bytes[i];
		if (c == '\n')
			writer_text(w, " | ");
		else if (c != '\r')
			writer_char(w, c ? c : ' ');
	}
}

static const char *address_port_text(
    const struct address_port *port, char text[ADDRESS_PORT_TEXT_MAX])
{
	struct writer w;

	writer_init(&w, text, ADDRESS_PORT_TEXT_MAX - 1);
	address_port_format(port, &w);
	text[w.len] = '\0';
	return text;
}

void event_log_received(const struct link_set *links, const struct udp_datagram *datagram,
    const struct counter_group *group, const struct event_log_counts *before)
{
	char words[WORDS_MAX], content[CONTENT_MAX], from[ADDRESS_PORT_TEXT_MAX],
	    to[ADDRESS_TEXT_MAX];
	char link[LINK_TEXT_MAX];
	struct writer w, c;

	if (!before->count)
		return;
	writer_init(&w, words, sizeof(words));
	for (size_t i = 0; i < before->count; i++)
		if (group->counters[i].value != before->values[i])
			writer_format(&w, "%s%s", w.len ? ", " : "", group->counters[i].name);
	writer_init(&c, content, sizeof(content));
	put_content(datagram->bytes, &c);
	log_debug("%s: datagram of %zu bytes from %s to %s on %s, counted as %.*s: %.*s%s",
	    group->group, datagram->bytes.len, address_port_text(&datagram->from, from),
	    address_text(&datagram->to, to), link_text(links, datagram->link, link), (int)w.len,
	    words, (int)c.len, content, writer_error(&c) ? "..." : "");
}

void event_log_sent(const struct link_set *links, const char *protocol, const struct udp_send *send)
{
	char content[CONTENT_MAX], to[ADDRESS_PORT_TEXT_MAX], link[LINK_TEXT_MAX];
	struct writer c;

	if (!writes(LOG_LEVEL_DEBUG))
		return;
	writer_init(&c, content, sizeof(content));
	put_content(send->bytes, &c);
	log_debug("%s: %s %zu bytes to %s on %s%s%s: %.*s%s", protocol,
	    send->error ? "cannot send" : "sent", send->bytes.len, address_port_text(&send->to, to),
	    link_text(links, send->link, link), send->error ? ", " : "",
	    send->error ? strerror(-send->error) : "", (int)c.len, content,
	    writer_error(&c) ? "..." : "");
}
