/* SPDX-License-Identifier: ISC
 * expectation: what a discoverd may and must list, by what it has received. */
#include "simulation.h"
#include "wire/dns_message.h"
#include <string.h>

enum { MDNS_PORT = 5353 };
enum event { NOTHING, ALIVE, LEFT, SEARCHED };

/* How long an announcement holds at most, and at least. */
static const struct {
	int64_t most, least;
} LIFETIMES[PROTOCOLS] = {
    [BY_SSDP] = {SECONDS(1800), SECONDS(1790)},
    [BY_BROADCAST] = {SECONDS(1800), SECONDS(29)},
    [BY_MDNS] = {SECONDS(4500), SECONDS(110)},
    [BY_WSD] = {SECONDS(4320), SECONDS(4310)},
    [BY_NEIGHBOUR] = {SECONDS(600), SECONDS(590)},
};
#define SEARCHER_LIFETIME SECONDS(300)
/* Of what has answered nothing yet, while the table is more than half full. */
#define CROWDED_LIFETIME SECONDS(295)
/* What has left is gone after this; mDNS keeps a record for a second, and a silent one for ten. */
#define SLACK    SECONDS(5)
#define CHECKING SECONDS(12)
/* An answer that comes so soon after a goodbye may have been sent before it. */
#define LATE SECONDS(6)
/* Goodbyes are doubted so long after one that was followed by an answer. */
#define DOUBTED SECONDS(620)
/* What has answered is not asked again so soon. */
#define RESTED SECONDS(12)
/* A sighting is in the table, and its device was reported. */
#define REPORTED SECONDS(1)
/* What others say of a machine is not believed before it was asked so long. */
#define ASKED MILLISECONDS(2900)

static bool begins(struct slice bytes, const char *text)
{
	return slice_starts_with(bytes, slice_of(text));
}

static bool contains(struct slice bytes, const char *text)
{
	return memmem(bytes.bytes, bytes.len, text, strlen(text)) != NULL;
}

static enum event read_ssdp(struct slice bytes)
{
	if (begins(bytes, "M-SEARCH"))
		return SEARCHED;
	if (begins(bytes, "HTTP/1.1") || contains(bytes, "ssdp:alive"))
		return ALIVE;
	return contains(bytes, "ssdp:byebye") ? LEFT : NOTHING;
}

static enum event read_broadcast(struct slice bytes)
{
	return begins(bytes, "BYE") ? LEFT : ALIVE;
}

static enum event read_wsd(struct slice bytes)
{
	if (contains(bytes, "Bye>"))
		return LEFT;
	return contains(bytes, "Hello>") || contains(bytes, "Matches>") ? ALIVE : NOTHING;
}

static enum event read_mdns(struct slice bytes)
{
	struct dns_message message;
	struct dns_cursor cursor = {0};
	struct dns_record record;
	enum event event = NOTHING;

	if (dns_message_parse(bytes, &message) < 0 || !(message.flags & DNS_RESPONSE))
		return NOTHING;
	while (dns_message_next(&message, &cursor, &record)) {
		if (record.section == DNS_QUESTION)
			continue;
		if (record.ttl == 0)
			return LEFT;
		if (record.type == DNS_A)
			event = ALIVE;
	}
	return event;
}

static enum event read_message(const struct datagram *datagram, enum protocol *protocol)
{
	struct slice bytes = datagram->bytes;

	*protocol = BY_MDNS;
	if (datagram->from.port == MDNS_PORT)
		return read_mdns(bytes);
	if (begins(bytes, "NOTIFY") || begins(bytes, "HTTP/") || begins(bytes, "M-SEARCH")) {
		*protocol = BY_SSDP;
		return read_ssdp(bytes);
	}
	if (begins(bytes, "DISCOVER") || begins(bytes, "Hello") || begins(bytes, "BYE")) {
		*protocol = BY_BROADCAST;
		return read_broadcast(bytes);
	}
	if (begins(bytes, "<s:Envelope") || begins(bytes, "<?xml")) {
		*protocol = BY_WSD;
		return read_wsd(bytes);
	}
	return read_mdns(bytes);
}

static struct instant later(struct simulation *s, int64_t time)
{
	return instant_add(s->world->now, time);
}

static void forget(struct acquaintance *of, enum protocol by)
{
	of->first[by] = of->last[by] = (struct instant){0};
}

static void note_alive(struct simulation *s, struct discoverd *discoverd, size_t machine,
    unsigned network, enum protocol by, bool late, bool sure)
{
	struct acquaintance *of = &discoverd->of[machine];
	int64_t most = LIFETIMES[by].most + (by == BY_MDNS ? CHECKING : SLACK);

	of->allowed[by][network] = instant_later(of->allowed[by][network], later(s, most));
	if (late || !sure)
		return;
	of->last[by] = s->world->now;
	of->crowded[by] = discoverd->crowded;
	if (of->first[by].us == 0)
		of->first[by] = s->world->now;
}

static bool is_from(const struct machine *machine, const struct address *address)
{
	struct address one = machine_is_at(machine, 0), other = machine_is_at(machine, 1);

	return address_equal(address, &one) || address_equal(address, &other);
}

static bool is_doubted(const struct acquaintance *of, struct instant now)
{
	for (size_t by = 0; by < PROTOCOLS; by++)
		if (of->goodbye[by].us > 0 && instant_since(now, of->goodbye[by]) < DOUBTED)
			return true;
	return false;
}

static void note(struct simulation *s, struct discoverd *discoverd, const struct machine *machine,
    const struct datagram *datagram)
{
	struct acquaintance *of = &discoverd->of[machine - s->machines];
	enum protocol by;
	enum event event = read_message(datagram, &by);
	struct instant now = s->world->now;
	unsigned network = s->machines[discoverd - s->discoverds].network[datagram->link - LINK];
	bool late = begins(datagram->bytes, "HTTP/") && of->goodbye[by].us > 0 &&
		    instant_since(now, of->goodbye[by]) < LATE;

	if (event != NOTHING && !is_from(machine, &datagram->from.address))
		late = of->late = true;
	simulation_trace(s, machine, "%s at %u by %s",
	    (const char *const[]){"nothing", "alive", "left", "searched"}[event],
	    (unsigned)(discoverd - s->discoverds) + 1, PROTOCOL_NAMES[by]);
	switch (event) {
	case ALIVE:
		/* What a discoverd says by mDNS may be a part of its records. */
		note_alive(s, discoverd, (size_t)(machine - s->machines), network, by, late,
		    by != BY_MDNS || !machine->is_discoverd);
		break;
	case LEFT:
		if (by == BY_MDNS && machine->is_discoverd)
			break;
		forget(of, by);
		/* What was heard after a goodbye is doubted to leave with the next one. */
		if (!is_doubted(of, now))
			of->allowed[by][network] =
			    instant_earlier(of->allowed[by][network], later(s, SLACK));
		of->goodbye[by] = now;
		break;
	case SEARCHED:
		of->searched[network] = later(s, SEARCHER_LIFETIME + SLACK);
		break;
	default:
		if (by == BY_MDNS)
			note_alive(s, discoverd, (size_t)(machine - s->machines), network, by,
			    false, false);
		break;
	}
}

static void note_forged(struct simulation *s, struct discoverd *discoverd, uint32_t tag,
    const struct datagram *datagram)
{
	unsigned number = tag & 0xffff;
	enum protocol by;

	discoverd->attacked = s->world->now;
	if (number == 0)
		return;
	struct acquaintance *of = &discoverd->of[number - 1];
	read_message(datagram, &by);
	of->confused = s->world->now;
	if (tag & TAG_FROM_ITS_ADDRESS) {
		forget(of, by);
		of->goodbye[by] = s->world->now;
	}
	for (size_t i = 0; i < PROTOCOLS; i++)
		if (!instant_before(of->last[i], of->disturbed[i]))
			of->disturbed[i] = s->world->now;
}

static struct simulation *simulation_of(const struct host *host)
{
	const struct machine *machine = host->context;

	return machine->simulation;
}

/* Hosts are numbered from 1: the machines, of these first the discoverds. */
static void arrived(struct host *host, const struct host *sender, uint32_t tag,
    const struct datagram *datagram, uint16_t port)
{
	(void)port;
	if (host->number > DISCOVERDS || sender == host || !host->core)
		return;
	struct simulation *s = simulation_of(host);
	struct discoverd *discoverd = &s->discoverds[host->number - 1];
	size_t endpoints = table_endpoint_count(core_table(host->core));
	discoverd->crowded = endpoints > ENDPOINTS_MAX / 2 - ENDPOINTS_OF_MACHINE;
	if (tag & TAG_FORGED)
		note_forged(s, discoverd, tag, datagram);
	else if (sender->number <= MACHINES)
		note(s, discoverd, &s->machines[sender->number - 1], datagram);
}

static void changed(struct host *host, const struct table_change *change)
{
	audit_changed(simulation_of(host), host->number - 1, change);
}

const struct world_observer SIMULATION_OBSERVER = {arrived, changed};

void expect_change(struct machine *machine)
{
	struct simulation *s = machine->simulation;
	size_t index = (size_t)(machine - s->machines);

	machine->changed = s->world->now;
	for (size_t i = 0; i < DISCOVERDS; i++) {
		s->discoverds[i].of[index].late = false;
		s->discoverds[i].of[index].rests =
		    instant_since(s->world->now, s->discoverds[i].questioned) < RESTED;
		for (size_t p = 0; p < PROTOCOLS; p++)
			forget(&s->discoverds[i].of[index], p);
	}
}

void expect_nothing(struct simulation *s, size_t discoverd)
{
	memset(s->discoverds[discoverd].of, 0, sizeof(s->discoverds[discoverd].of));
	s->discoverds[discoverd].since = s->world->now;
	audit_forget(&s->discoverds[discoverd]);
}

void expect_pause(struct simulation *s, size_t discoverd)
{
	for (size_t i = 0; i < MACHINES; i++)
		for (size_t p = 0; p < PROTOCOLS; p++)
			forget(&s->discoverds[discoverd].of[i], p);
	s->discoverds[discoverd].since = s->world->now;
}

void expect_neighbour(struct simulation *s, size_t discoverd, size_t machine, unsigned network)
{
	note_alive(s, &s->discoverds[discoverd], machine, network, BY_NEIGHBOUR, false, true);
}

bool expect_meets(
    const struct simulation *s, size_t discoverd, size_t machine, size_t *link, size_t *of_machine)
{
	const struct machine *one = &s->machines[discoverd], *other = &s->machines[machine];

	for (size_t i = 0; one != other && i < NETWORKS; i++)
		for (size_t k = 0; k < NETWORKS; k++)
			if (machine_is_reachable(one, i) && machine_is_reachable(other, k) &&
			    one->network[i] == other->network[k]) {
				*link = i;
				if (of_machine)
					*of_machine = k;
				return true;
			}
	return false;
}

bool expect_listed(const struct simulation *s, size_t discoverd, size_t machine, enum protocol by)
{
	const struct acquaintance *of = &s->discoverds[discoverd].of[machine];
	struct instant now = s->world->now, last = of->last[by], disturbed = of->disturbed[by];

	int64_t least = LIFETIMES[by].least;

	/* What has a description has answered, and keeps its lifetime. */
	if (of->crowded[by] && by != BY_SSDP && least > CROWDED_LIFETIME)
		least = CROWDED_LIFETIME;
	if (last.us == 0 || instant_since(now, of->first[by]) < REPORTED ||
	    instant_since(now, last) > least)
		return false;
	/* What is asked and silent goes, also when the question or the answer was lost. */
	if (!instant_before(of->asked[by], last) && of->asked[by].us > 0)
		return false;
	return !instant_before(last, disturbed) || instant_since(now, disturbed) < ASKED;
}
