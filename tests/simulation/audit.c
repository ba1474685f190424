/* SPDX-License-Identifier: ISC
 * audit: compares the table of each discoverd with what it may and must list, with what was
 * reported of it, and with its limits. */
#include "id_of.h"
#include "model/table_internal.h"
#include "simulation.h"
#include "table_check.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Joins, splits and questions about former addresses are over. */
#define SETTLED SECONDS(15)
/* A description was read, also one that could not be read at once. */
#define DESCRIBED SECONDS(120)
/* Datagrams that a discoverd sends in a second, where answers to a flood of searches are the most,
 * and in an hour in which it is alone. */
enum { SENT_MAX = 1000, IDLE_SENT_MAX = 4000, SPIN_MAX = 64 };

static bool runs(const struct simulation *s, size_t discoverd)
{
	return s->machines[discoverd].on && !s->machines[discoverd].host->asleep;
}

/* What is wrong with the listing of a machine. */
#define fail_of(s, discoverd, machine, ...)                                                        \
	do {                                                                                       \
		listing_print(s, discoverd, machine);                                              \
		simulation_fail(s, &(s)->machines[discoverd], __VA_ARGS__);                        \
	} while (0)

/* Nothing that would have several devices, or addresses, become one happened lately. */
static bool is_settled(const struct simulation *s, size_t discoverd, size_t machine)
{
	const struct discoverd *of = &s->discoverds[discoverd];
	struct instant now = s->world->now;

	return instant_since(now, s->machines[machine].changed) > SETTLED &&
	       instant_since(now, of->since) > SETTLED &&
	       instant_since(now, of->of[machine].confused) > SETTLED;
}

static void check_gone(
    const struct simulation *s, size_t discoverd, size_t machine, const struct finding *finding)
{
	const struct acquaintance *of = &s->discoverds[discoverd].of[machine];
	struct instant now = s->world->now;

	for (size_t by = 0; by < PROTOCOLS; by++)
		for (size_t network = 1; network <= NETWORKS; network++) {
			struct instant allowed = of->allowed[by][network];
			if (by == BY_SSDP)
				allowed = instant_later(allowed, of->searched[network]);
			if (finding->by[by] & 1u << network && instant_before(allowed, now))
				fail_of(s, discoverd, machine, "%s is listed by %s %.1f s too long",
				    s->machines[machine].host->udn, PROTOCOL_NAMES[by],
				    (double)instant_since(now, allowed) / 1e6);
		}
}

/* Who claims the uuid of a machine may split its device, or join it to others. */
static bool is_alone(const struct finding *finding)
{
	return !finding->foreign && !finding->disputed;
}

static void check_name(
    const struct simulation *s, size_t discoverd, size_t machine, const struct finding *finding)
{
	const struct discoverd *at = &s->discoverds[discoverd];
	const struct machine *of = &s->machines[machine];
	char buffer[ADDRESS_TEXT_MAX];

	/* Without numbers it is not seen that the description has changed. */
	if ((of->old_ssdp && of->revision > 1) || !is_settled(s, discoverd, machine) ||
	    instant_since(s->world->now, at->attacked) < DESCRIBED)
		return;
	for (size_t by = 0; by < BY_NEIGHBOUR; by++)
		if (of->protocols & 1u << by &&
		    (at->of[machine].first[by].us == 0 ||
			instant_since(s->world->now, at->of[machine].first[by]) < DESCRIBED))
			return;
	/* What it does not speak any more has a name as long as it is listed. */
	if (finding->current & ~of->protocols & ~(1u << BY_NEIGHBOUR))
		return;
	/* The name of an instance that has not said goodbye stays beside the new one. */
	if (of->protocols & 1u << BY_MDNS && of->revision > 1 &&
	    instant_before(at->of[machine].goodbye[BY_MDNS], of->changed))
		return;
	const char *name = device_name(finding->device, buffer);
	if (strcmp(name, of->name) != 0)
		fail_of(s, discoverd, machine, "%s is called \"%s\", not \"%s\"", of->host->udn,
		    name, of->name);
}

/* The id stays as long as the machine has to be listed. */
static void check_id(
    struct simulation *s, size_t discoverd, size_t machine, bool due, const struct finding *finding)
{
	struct acquaintance *of = &s->discoverds[discoverd].of[machine];
	const struct device *device = finding->device;

	if (due && of->was_due && is_alone(finding) && is_settled(s, discoverd, machine) &&
	    strcmp(ID_OF(device), of->id) != 0)
		fail_of(s, discoverd, machine, "%s was %s and is %s",
		    s->machines[machine].host->udn, of->id, ID_OF(device));
	of->was_due = due && is_alone(finding);
	if (due)
		strcpy(of->id, ID_OF(device));
}

/* When it moved, questions were limited for what was forged: it was not asked at its former
 * address.
 */
static bool was_flooded(const struct simulation *s, size_t discoverd, size_t machine)
{
	return instant_since(s->machines[machine].changed, s->discoverds[discoverd].attacked) <
	       SETTLED;
}

/* A question of a second may have come and gone since it was looked at last. */
static bool was_questioned(const struct simulation *s, size_t discoverd)
{
	return instant_since(s->world->now, s->discoverds[discoverd].questioned) <= SECONDS(2);
}

static void check_machine(
    struct simulation *s, size_t discoverd, size_t machine, const struct finding *finding)
{
	const struct machine *of = &s->machines[machine];
	struct acquaintance *acquaintance = &s->discoverds[discoverd].of[machine];
	bool due = false;
	size_t link;

	check_gone(s, discoverd, machine, finding);
	if (!expect_meets(s, discoverd, machine, &link, NULL)) {
		acquaintance->was_due = false;
		return;
	}
	for (enum protocol by = 0; by < BY_NEIGHBOUR; by++) {
		if (!(of->protocols & 1u << by))
			continue;
		bool must = expect_listed(s, discoverd, machine, by);
		if (finding->asked & 1u << by)
			acquaintance->asked[by] = s->world->now;
		if (must && !(finding->current & 1u << by) && !was_questioned(s, discoverd))
			fail_of(s, discoverd, machine, "%s is not listed by %s", of->host->udn,
			    PROTOCOL_NAMES[by]);
		due |= must;
	}
	bool settled = is_settled(s, discoverd, machine) && is_alone(finding);
	if (settled && finding->several)
		fail_of(s, discoverd, machine, "%s is more than one device", of->host->udn);
	if (settled && due && finding->former && !acquaintance->late && !acquaintance->rests &&
	    !was_flooded(s, discoverd, machine))
		fail_of(s, discoverd, machine, "%s has a former address", of->host->udn);
	check_id(s, discoverd, machine, due, finding);
	if (due && is_alone(finding) && !finding->elsewhere)
		check_name(s, discoverd, machine, finding);
	if (settled && instant_since(s->world->now, of->changed) > SECONDS(600) &&
	    instant_since(s->world->now, s->discoverds[discoverd].since) > SECONDS(600)) {
		s->due_count++;
		s->listed_count += finding->device != NULL;
	}
}

static void check_rates(struct simulation *s, size_t discoverd)
{
	struct discoverd *of = &s->discoverds[discoverd];
	const struct machine *at = &s->machines[discoverd];
	uint64_t sent = at->host->sent - of->sent;
	bool idle = instant_since(s->world->now, of->audited) > SECONDS(1);
	uint64_t *most = idle ? &s->most_idle : &s->most_sent;

	of->sent = at->host->sent;
	of->audited = s->world->now;
	if (sent > *most)
		*most = sent;
	if (sent > (idle ? IDLE_SENT_MAX : SENT_MAX))
		simulation_fail(
		    s, at, "%u datagrams in %s", (unsigned)sent, idle ? "an hour" : "a second");
	uint64_t questions = host_table_counter(at->host, "questions");
	if (questions != of->questions)
		of->questioned = s->world->now;
	of->questions = questions;
	if (at->host->fetching > s->most_fetching)
		s->most_fetching = at->host->fetching;
	if (at->host->fetching > ENRICHMENT_ACTIVE_MAX)
		simulation_fail(s, at, "%u fetches at once", at->host->fetching);
	if (!instant_before(s->world->now, core_deadline(at->host->core)))
		simulation_fail(s, at, "what is due is not done");
}

/* No address of its own is a device. */
static void check_own(const struct simulation *s, size_t discoverd, const struct finding *findings)
{
	const struct machine *at = &s->machines[discoverd];

	if (findings[discoverd].current)
		simulation_fail(s, at, "it lists itself");
}

void audit_second(struct simulation *s)
{
	struct finding findings[MACHINES];

	if (s->world->largest_spin > SPIN_MAX)
		simulation_fail(s, &s->machines[0], "a host was due %u times at once",
		    (unsigned)s->world->largest_spin);
	for (size_t i = 0; i < DISCOVERDS; i++) {
		if (!runs(s, i))
			continue;
		check_rates(s, i);
		listing_find(s, i, findings);
		for (size_t k = 0; k < MACHINES; k++)
			check_machine(s, i, k, &findings[k]);
		check_own(s, i, findings);
	}
}

/* What a program that watches knows. */

static struct shadow *find_shadow(struct discoverd *discoverd, const char *id)
{
	for (size_t i = 0; i < discoverd->shadow_count; i++)
		if (strcmp(discoverd->shadows[i].id, id) == 0)
			return &discoverd->shadows[i];
	return NULL;
}

static struct shadow *add_shadow(struct discoverd *discoverd, const struct device *device)
{
	if (discoverd->shadow_count == discoverd->shadow_capacity) {
		discoverd->shadow_capacity += 64;
		discoverd->shadows =
		    realloc(discoverd->shadows, discoverd->shadow_capacity * sizeof(struct shadow));
		ck_assert_ptr_nonnull(discoverd->shadows);
	}
	struct shadow *shadow = &discoverd->shadows[discoverd->shadow_count++];
	strcpy(shadow->id, ID_OF(device));
	return shadow;
}

void audit_changed(struct simulation *s, size_t discoverd, const struct table_change *change)
{
	struct discoverd *of = &s->discoverds[discoverd];
	const struct machine *at = &s->machines[discoverd];
	const struct device *device = change->device;
	struct shadow *shadow = find_shadow(of, ID_OF(device));

	simulation_trace(s, at, "%s %s %s%s",
	    change->event == TABLE_ADDED     ? "added"
	    : change->event == TABLE_UPDATED ? "updated"
					     : "removed",
	    ID_OF(device), change->merged_into ? "merged into " : "",
	    change->merged_into ? change->merged_into : "");
	if (!shadow != (change->event == TABLE_ADDED))
		simulation_fail(s, at, "%s: event %d, and it is %s", ID_OF(device),
		    (int)change->event, shadow ? "known" : "not known");
	if (change->event == TABLE_UPDATED && !change->changed)
		simulation_fail(s, at, "%s: an update of nothing", ID_OF(device));
	if (change->event == TABLE_REMOVED) {
		*shadow = of->shadows[--of->shadow_count];
		return;
	}
	if (!shadow)
		shadow = add_shadow(of, device);
	shadow->device = device;
	/* The table of a discoverd that starts is not known to it yet; it is empty. */
	device_hash_fields(device, &(struct siphash_key){{1, 2}}, shadow->shown);
}

void audit_forget(struct discoverd *discoverd)
{
	discoverd->shadow_count = 0;
}

static void check_shadow(
    struct simulation *s, size_t discoverd, const struct device *device, bool quiet)
{
	struct shadow *shadow = find_shadow(&s->discoverds[discoverd], ID_OF(device));
	const struct machine *at = &s->machines[discoverd];
	uint32_t shown[DEVICE_FIELDS];

	if (!shadow || shadow->device != device)
		simulation_fail(s, at, "%s was not reported", ID_OF(device));
	device_hash_fields(device, &(struct siphash_key){{1, 2}}, shown);
	for (size_t i = 0; quiet && i < DEVICE_FIELDS; i++)
		if (shown[i] != shadow->shown[i])
			simulation_fail(s, at, "%s: a change of %s was not reported", ID_OF(device),
			    DEVICE_FIELD_NAMES[i]);
}

static void check_limits(struct simulation *s, size_t discoverd)
{
	const struct table *table = listing_table(s, discoverd);
	const struct machine *at = &s->machines[discoverd];
	struct report report = {""};

	if (!table_check(table, &report))
		simulation_fail(s, at, "%s", report.text);
	if (table->memory > s->most_memory)
		s->most_memory = table->memory;
	if (table->memory > table->limits.memory)
		simulation_fail(s, at, "%zu bytes are held", table->memory);
	if (table->endpoint_count > table->limits.endpoints)
		simulation_fail(s, at, "%zu endpoints are held", table->endpoint_count);
	for (size_t i = 0; i < table->by_rank.count; i++) {
		const struct table_source *source =
		    CONTAINER_OF(table->by_rank.nodes[i], struct table_source, by_rank);
		if (source->charge > table->limits.memory_per_source)
			simulation_fail(s, at, "a source holds %u bytes", source->charge);
		if (source->unverified > table->limits.endpoints_per_source)
			simulation_fail(s, at, "a source holds %u endpoints that are not verified",
			    source->unverified);
	}
}

void audit_thoroughly(struct simulation *s)
{
	for (size_t i = 0; i < DISCOVERDS; i++) {
		const struct device *device;
		size_t reported = 0;
		if (!runs(s, i))
			continue;
		check_limits(s, i);
		TAILQ_FOREACH(device, &listing_table(s, i)->devices, of_table)
		{
			if (!device->reported)
				continue;
			reported++;
			check_shadow(s, i, device, device->by_report.key == INSTANT_NEVER.us);
		}
		if (reported != s->discoverds[i].shadow_count)
			simulation_fail(s, &s->machines[i],
			    "%zu devices are known, %zu were reported", reported,
			    s->discoverds[i].shadow_count);
	}
}
