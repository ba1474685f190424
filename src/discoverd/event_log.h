/* SPDX-License-Identifier: ISC
 * event_log: log lines about devices (level info), and about datagrams and sightings (debug). */
#ifndef DISCOVERD_EVENT_LOG_H
#define DISCOVERD_EVENT_LOG_H

#include "base/counter.h"
#include "base/log.h"
#include "model/link.h"
#include "model/sighting.h"
#include "model/table.h"
#include "net/udp.h"

/* A burst of 100 lines about devices, then one in 10 s: 8740 in a day, each of less than 1 KB. */
enum { EVENT_LOG_BURST = 100, EVENT_LOG_COUNTERS_MAX = 48 };

struct event_log {
	struct log_limit limit;       /* its burst is EVENT_LOG_BURST */
	const struct link_set *links; /* borrowed, for the names of interfaces */
};

/* A device was added, removed, renamed, or shares its uuid with another one. */
void event_log_device(struct event_log *log, struct instant now, const struct table_change *change);

/* What became of a sighting: `result` is that of table_observe(). */
void event_log_sighting(const struct event_log *log, const struct sighting *sighting, int result);

/* The values of the counters before a datagram is put into an engine: those that have grown since
 * say what the datagram was read as, or why it was refused. */
struct event_log_counts {
	uint64_t values[EVENT_LOG_COUNTERS_MAX];
	size_t count; /* 0: nothing is to be logged */
};
void event_log_note_counts(struct event_log_counts *before, const struct counter_group *group);
/* `group` as it is now. */
void event_log_received(const struct link_set *links, const struct udp_datagram *datagram,
    const struct counter_group *group, const struct event_log_counts *before);
/* After udp_send(). */
void event_log_sent(
    const struct link_set *links, const char *protocol, const struct udp_send *send);

#endif
