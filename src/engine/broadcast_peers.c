/* SPDX-License-Identifier: ISC
 * broadcast_peers: the hosts that speak the broadcast discovery: how long each is believed to be
 * there, and which need not answer an ask because they are known, as mDNS has it (RFC 6762, 7.1).
 */
#include "engine/broadcast_peers.h"
#include "base/siphash.h"
#include <string.h>

enum { PEERS_MAX = 512 };

/* Of a host that speaks only the plain form. */
#define LIFETIME_MIN SECONDS(30)
#define LIFETIME_MAX SECONDS(300)
/* Asks that are less than this apart are one, repeated or received twice. */
#define SAME_ASK SECONDS(2)

struct peer {
	struct recent_host host;
	struct instant asked; /* in the plain form; zero: never */
	int64_t interval; /* of its plain asks, the only sign of when it is gone; 0: not known */
	struct instant known; /* until then it need not answer */
	struct broadcast_mark mark;
};

struct broadcast_mark broadcast_mark(struct slice udn, uint32_t epoch)
{
	static const char LETTERS[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	/* each host has to come to the same mark: the key is the epoch, not a secret */
	const struct siphash_key key = {{epoch, 0}};
	uint64_t hash = siphash(&key, udn);
	struct broadcast_mark mark;

	for (size_t i = 0; i < sizeof(mark.text); i++, hash >>= 6)
		mark.text[i] = LETTERS[hash & 63];
	return mark;
}

bool broadcast_marks_have(struct slice marks, const struct broadcast_mark *mark)
{
	for (; marks.len >= sizeof(mark->text); marks = slice_skip(marks, sizeof(mark->text)))
		if (memcmp(marks.bytes, mark->text, sizeof(mark->text)) == 0)
			return true;
	return false;
}

int broadcast_peers_init(struct broadcast_peers *peers, const struct siphash_key *key)
{
	return recent_init(&peers->recent, PEERS_MAX, sizeof(struct peer), key);
}

void broadcast_peers_fini(struct broadcast_peers *peers)
{
	recent_fini(&peers->recent);
}

static int64_t plain_lifetime(const struct peer *peer, int64_t unknown)
{
	int64_t three = 3 * (peer && peer->interval ? peer->interval : unknown);

	if (three < LIFETIME_MIN)
		return LIFETIME_MIN;
	return three > LIFETIME_MAX ? LIFETIME_MAX : three;
}

int64_t broadcast_peers_asked(struct broadcast_peers *peers, struct instant now,
    const struct address *from, uint32_t link, int64_t unknown)
{
	struct peer *peer = recent_touch(&peers->recent, from, link);

	if (peer && peer->asked.us == 0) {
		peer->asked = now;
	} else if (peer && instant_since(now, peer->asked) >= SAME_ASK) {
		peer->interval = instant_since(now, peer->asked);
		peer->asked = now;
	}
	return plain_lifetime(peer, unknown);
}

int64_t broadcast_peers_answered(
    const struct broadcast_peers *peers, const struct address *from, uint32_t link, int64_t unknown)
{
	return plain_lifetime(recent_find(&peers->recent, from, link), unknown);
}

void broadcast_peers_know(struct broadcast_peers *peers, struct instant now,
    const struct address *from, uint32_t link, const struct broadcast_mark *mark, int64_t lifetime)
{
	struct peer *peer = recent_touch(&peers->recent, from, link);

	if (!peer)
		return;
	peer->mark = *mark;
	peer->known = instant_add(now, lifetime / 2);
}

void broadcast_peers_forget(
    struct broadcast_peers *peers, const struct address *from, uint32_t link)
{
	struct peer *peer = recent_find(&peers->recent, from, link);

	if (peer)
		peer->known = (struct instant){0};
}

void broadcast_peers_write(
    const struct broadcast_peers *peers, struct instant now, uint32_t link, struct writer *w)
{
	const struct recent_host *host = peers->recent.newest;

	for (; host && w->len + BROADCAST_MARK_LEN <= w->capacity; host = host->older) {
		const struct peer *peer = (const struct peer *)host;

		if (host->link == link && !instant_due(peer->known, now))
			writer_bytes(w, peer->mark.text, sizeof(peer->mark.text));
	}
}
