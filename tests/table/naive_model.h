/* SPDX-License-Identifier: ISC
 * naive_model: the documented rules of the table (model/table.h) in lists that are searched from
 * end to end, to compare the table with.
 *
 * It keeps its own endpoints: identity, presences, lifetimes, facts, services, epochs, leaving. Of
 * devices it checks that the table's are what the ties make of these endpoints: all that is tied is
 * together, and nothing else. Taken from the table, not modelled: which claim on a key an endpoint
 * has (that depends on the order of proofs), which device is held while it may be a moved one,
 * which endpoint is asked and how long the answer may take (the model is told of each question and
 * expects it to be answered or to end in silence). Not modelled: caps, URLs, pages; the caller
 * keeps within the caps. */
#ifndef TESTS_TABLE_NAIVE_MODEL_H
#define TESTS_TABLE_NAIVE_MODEL_H

#include "base/mac.h"
#include "model/protocol_id.h"
#include "model/table.h"
#include "model/table_cursor.h"
#include "table_check.h"

enum { NAIVE_ENDPOINTS = 256, NAIVE_PRESENCES = 16, NAIVE_SERVICES = 8 };

struct naive_endpoint {
	const struct protocol_id *protocol;
	struct key key;
	uint32_t link;
	struct naive_presence {
		struct address address;
		struct mac mac;
		bool unsure, asked;
		bool taken; /* by another machine, as the kernel says */
		struct instant expires, promised;
		struct slice url;
	} presences[NAIVE_PRESENCES];
	struct naive_service {
		struct slice type;
		struct instant expires;
		bool described;
	} services[NAIVE_SERVICES];
	size_t presence_count, service_count;
	struct slice facts[FACTS];
	bool is_device, described, verified, type_settled, has_epoch, renumbered;
	uint32_t epoch, former_epoch;
	const struct endpoint *real; /* the table's, as of the last comparison */
	const struct device *device; /* likewise */
	unsigned claim;              /* likewise */
};

struct naive {
	struct naive_endpoint *endpoints; /* in the order they came */
	size_t count;
	struct instant now;
	const struct table_limits *limits;
};

void naive_init(struct naive *naive, const struct table_limits *limits);
void naive_fini(struct naive *naive);
/* Slices of the sighting must stay as they are. */
void naive_observe(struct naive *naive, struct instant now, const struct sighting *sighting);
void naive_neighbour(struct naive *naive, struct instant now, const struct protocol_id *protocol,
    uint32_t link, const struct address *address, const struct mac *mac);
void naive_learn(struct naive *naive, struct instant now, uint32_t link,
    const struct address *address, const struct mac *mac, bool confirmed);
void naive_drop_link(struct naive *naive, struct instant now, uint32_t link);
void naive_advance(struct naive *naive, struct instant now);
/* The table has this presence asked. To be called from its listener. */
void naive_asked(
    struct naive *naive, const struct endpoint *endpoint, const struct presence *presence);
/* Compares all endpoints, and the devices. To be called after every step. */
bool naive_compare(struct naive *naive, struct table *table, struct report *report);

#endif
