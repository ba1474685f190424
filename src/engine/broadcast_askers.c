/* SPDX-License-Identifier: ISC
 * broadcast_askers: when each one asked last, and how long after the time before. */
#include "engine/broadcast_askers.h"

#define SAME_ASKING      SECONDS(2)
#define LIFETIME_MIN     SECONDS(30)
#define LIFETIME_MAX     SECONDS(300)
#define UNKNOWN_INTERVAL SECONDS(30)

enum { ASKERS_MAX = 512 };

struct asker {
	struct recent_host host;
	struct instant asked; /* zero: never */
	int64_t interval;     /* zero: not known */
};

int broadcast_askers_init(struct broadcast_askers *askers, const struct siphash_key *key)
{
	return recent_init(&askers->hosts, ASKERS_MAX, sizeof(struct asker), key);
}

void broadcast_askers_fini(struct broadcast_askers *askers)
{
	recent_fini(&askers->hosts);
}

static int64_t lifetime(const struct asker *asker, int64_t unknown)
{
	int64_t three = 3 * (asker && asker->interval ? asker->interval : unknown);
	if (three < LIFETIME_MIN)
		return LIFETIME_MIN;
	return three > LIFETIME_MAX ? LIFETIME_MAX : three;
}

int64_t broadcast_askers_asked(
    struct broadcast_askers *askers, struct instant now, const struct address *from, uint32_t link)
{
	struct asker *asker = recent_touch(&askers->hosts, from, link);
	if (asker && asker->asked.us == 0) {
		asker->asked = now;
	} else if (asker && instant_since(now, asker->asked) >= SAME_ASKING) {
		asker->interval = instant_since(now, asker->asked);
		asker->asked = now;
	}
	return lifetime(asker, UNKNOWN_INTERVAL);
}

int64_t broadcast_askers_answered(const struct broadcast_askers *askers, const struct address *from,
    uint32_t link, int64_t our_interval)
{
	return lifetime(recent_find(&askers->hosts, from, link), our_interval);
}
