/* SPDX-License-Identifier: ISC
 * table_refresh: what a message does that says, byte by byte, what an earlier one said: it is
 * recognized, and need not be read.
 *
 * Most messages are such: hosts repeat themselves until they leave. A message is known by a hash of
 * 64 bits under a random key, so that no other message with the same hash can be made up. It is
 * kept with the presence that it was heard from, so it counts for that link and address alone; and
 * what forges that address could as well repeat the message itself. */
#ifndef MODEL_TABLE_REFRESH_H
#define MODEL_TABLE_REFRESH_H

#include "model/renewal.h"
#include "model/table.h"

/* Valid until the next call that changes the table. */
struct table_refresh {
	struct presence *presence;
	const struct repeat *repeat;
	uint8_t kind; /* as it was noted */
	bool has_url; /* it announces the description in force */
};

/* To be called after table_observe has taken in the only sighting of a message. The message is
 * remembered if that has told the table nothing new, of an endpoint that it knew. `kind` is the
 * caller's. */
void table_refresh_note(struct table *table, const struct endpoint *endpoint,
    const struct sighting *sighting, uint64_t message, uint8_t kind);
/* True when the message is known, with the presence that it was heard from. */
bool table_refresh_find(const struct table *table, uint64_t message, uint32_t link,
    const struct address *from, struct table_refresh *found);
/* True when table_observe would only refresh what it refreshed before: nothing of that is being
 * asked, and the kernel says no other MAC than before. `macs` counts the changes of what the kernel
 * says; 0: it is not counted. */
bool table_refresh_holds(
    const struct table_refresh *found, const struct mac *mac, bool confirmed, uint32_t macs);
/* True when it does without a look at the MAC: that was known, and `macs` has not changed since.
 * The table gives a presence no other MAC than the kernel has. */
bool table_refresh_holds_still(const struct table_refresh *found, uint32_t macs);
/* Does what table_observe would do. The endpoint as that gives it. */
const struct endpoint *table_refresh_take(
    struct table *table, struct instant now, const struct table_refresh *found);

/* Does what the sightings did of which an engine says that nothing has changed since. False where
 * that is not so, or where a sighting would do more: then it has to be said in full. */
bool table_refresh_renew(struct table *table, struct instant now, const struct renewal *renewal,
    const struct mac *mac, bool confirmed);

#endif
