/* SPDX-License-Identifier: ISC
 * core_repeats: datagrams that are the same, byte by byte, as one that was heard before do the same
 * without being read, where their engine allows it and the table has nothing new of the sender. */
#include "base/log.h"
#include "core/core_internal.h"
#include "model/table_refresh.h"

/* What a message means depends on our links, offers, sockets and configuration: with any of them
 * all hashes are other ones. */
static uint64_t circumstances(const struct core *core, size_t engine, const struct datagram *said)
{
	return (uint64_t)core->generation << 32 | (uint64_t)(uint8_t)engine << 24 |
	       (uint64_t)said->row << 16 | (uint64_t)said->channel << 8 |
	       address_is_multicast(&said->to);
}

uint64_t core_repeats_hash(const struct core *core, size_t engine, const struct datagram *said)
{
	/* A program on this host that has our own port is ourselves. With port 0, or cut off, it is
	 * refused. On level debug each sighting is logged. */
	if (!core->engines[engine]->type->repeated || said->truncated || said->from.port == 0 ||
	    said->from.port == said->own_port || log_get_level() >= LOG_LEVEL_DEBUG)
		return 0;
	return siphash_quick(&core->context.key, circumstances(core, engine, said), said->bytes);
}

/* What the table has of it is as it was, and so is the MAC that the kernel has of the sender. */
static bool holds(
    const struct core *core, const struct datagram *said, const struct table_refresh *refresh)
{
	const struct core_host *host = &core->host;
	uint32_t macs = host->count_macs ? host->count_macs(host->context) : 0;
	bool confirmed = false;

	if (table_refresh_holds_still(refresh, macs))
		return true;
	struct mac mac = host->find_mac(host->context, said->link, &said->from.address, &confirmed);
	return table_refresh_holds(refresh, &mac, confirmed, macs);
}

bool core_repeats_take(
    struct core *core, struct instant now, size_t index, const struct datagram *said)
{
	struct engine *engine = core->engines[index];
	const struct address *from = &said->from.address;
	struct table_refresh refresh;

	if (!table_refresh_find(core->table, said->hash, said->link, from, &refresh))
		return false;
	if (!holds(core, said, &refresh) ||
	    !engine->type->repeated(engine, now, said, refresh.kind, &core->outbox))
		return false;
	const struct endpoint *endpoint = table_refresh_take(core->table, now, &refresh);
	if (refresh.has_url)
		core_pages_heard(core, now, endpoint, from);
	return true;
}

void core_repeats_note(struct core *core, const struct endpoint *endpoint)
{
	const struct outbox *outbox = &core->outbox;

	if (core->hash && outbox->repeatable && outbox->sighting_count == 1)
		table_refresh_note(
		    core->table, endpoint, outbox->sightings, core->hash, outbox->repeatable);
}
