/* SPDX-License-Identifier: ISC
 * core_restored: devices of a former start: put into the table again, and asked for a sign of life.
 */
#include "core/core_restored.h"
#include "core/core_internal.h"
#include "model/link_filter.h"
#include "model/protocol_id.h"
#include <errno.h>

/* Fewer answers at a time than an engine may have questions waiting (RECONFIRMS_MAX), each for a
 * second. */
#define QUESTION_PAUSE MILLISECONDS(20)

static const char *const COUNTER_NAMES[CORE_RESTORED_COUNTERS] = {
    [CORE_RESTORED_DEVICES] = "devices",
    [CORE_RESTORED_LEFT_OUT] = "endpoints-left-out",
    [CORE_RESTORED_QUESTIONS] = "questions",
};

void core_restored_init(struct core *core)
{
	core->restored.due = INSTANT_NEVER;
	counters_init(core->restored.counters, COUNTER_NAMES, CORE_RESTORED_COUNTERS);
}

struct counter_group core_restored_counters(const struct core *core)
{
	return (struct counter_group){"restored", core->restored.counters, CORE_RESTORED_COUNTERS};
}

/* Its protocol is spoken. */
static bool is_spoken(const struct core *core, const struct protocol_id *protocol)
{
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		if (&CORE_ENGINES[i]->id == protocol)
			return CORE_ENGINES[i]->enabled(&core->config);
	return false;
}

/* The link is used, or will be as soon as it is up. */
static bool may_be_used(const struct core *core, uint32_t index)
{
	const struct link *link = link_set_find(&core->all, index);
	struct link_filter filter = config_link_filter(&core->config);
	enum link_verdict verdict = link ? link_judge(&core->all, link, &filter) : LINK_DENIED;

	return verdict == LINK_USED || verdict == LINK_DOWN || verdict == LINK_NO_CARRIER ||
	       verdict == LINK_NO_ADDRESS;
}

static void take(void *context, const struct device *device, const struct endpoint *endpoint)
{
	struct core *core = context;
	const struct endpoint *restored = NULL;
	int error = -ENOENT;

	if (is_spoken(core, endpoint->protocol) &&
	    (STAILQ_EMPTY(&endpoint->presences) || may_be_used(core, endpoint->link)))
		error = table_restore(core->table, core->now, device, endpoint, &restored);
	if (error)
		core->restored.counters[CORE_RESTORED_LEFT_OUT].value++;
	if (!restored)
		return;
	core->restored.last = endpoint_number(restored);
	core_pages_known(core, core->now, restored);
}

int core_restore(
    struct core *core, struct slice text, const struct saved_stamp *stamp, struct instant *written)
{
	core->now = stamp->at;
	int error = saved_table_read(text, stamp, &core->all, take, core, written);
	if (error)
		return error;
	table_restored(core->table);
	core->restored.counters[CORE_RESTORED_DEVICES].value = table_device_count(core->table);
	core_restored_ask(core);
	return 0;
}

size_t core_restored_count(const struct core *core)
{
	return core->restored.counters[CORE_RESTORED_DEVICES].value;
}

void core_restored_ask(struct core *core)
{
	core->restored.endpoint = 1;
	core->restored.presence = 0;
	if (core->restored.last)
		core->restored.due = core->now;
}

/* The next presence to ask; NULL at the end. */
static const struct presence *next_silent(struct core *core)
{
	while (core->restored.endpoint <= core->restored.last) {
		const struct endpoint *endpoint =
		    table_find_endpoint(core->table, core->restored.endpoint);
		const struct presence *presence =
		    endpoint && endpoint->restored && link_set_find(&core->usable, endpoint->link)
			? STAILQ_FIRST(&endpoint->presences)
			: NULL;
		for (unsigned i = 0; presence && i < core->restored.presence; i++)
			presence = STAILQ_NEXT(presence, next);
		if (presence) {
			core->restored.presence++;
			return presence;
		}
		core->restored.endpoint++;
		core->restored.presence = 0;
	}
	return NULL;
}

void core_restored_advance(struct core *core, struct instant now)
{
	if (!instant_due(core->restored.due, now))
		return;
	const struct presence *presence = next_silent(core);
	core->restored.due = presence ? instant_add(now, QUESTION_PAUSE) : INSTANT_NEVER;
	if (!presence)
		return;
	core->restored.counters[CORE_RESTORED_QUESTIONS].value++;
	core_engines_question(core, presence->endpoint, presence, false);
}

struct instant core_restored_deadline(const struct core *core)
{
	return core->restored.due;
}
