/* SPDX-License-Identifier: ISC
 * churn: hosts come, leave with and without a goodbye, are restarted, move, are renamed, change
 * what they offer, are plugged in elsewhere, lose their link and sleep. */
#include "base/array.h"
#include "simulation.h"
#include <check.h>
#include <stdio.h>
#include <string.h>

enum { ADDRESS_MIN = 2, ADDRESS_MAX = 199 };
/* From one event to the next, at most. */
#define CHURN_PAUSE        SECONDS(400)
#define CONFIRMATION_PAUSE SECONDS(120)
#define ATTACK_PAUSE       SECONDS(3600)

static unsigned below(struct simulation *s, unsigned limit)
{
	return (unsigned)rng_below(&s->rng, limit);
}

static size_t index_of(const struct machine *machine)
{
	return (size_t)(machine - machine->simulation->machines);
}

/* The kernels have news. */
static void learn_macs(struct simulation *s)
{
	for (size_t i = 0; i < DISCOVERDS; i++)
		if (s->machines[i].on && !s->machines[i].host->asleep)
			host_learn_macs(s->machines[i].host);
}

static void changed(struct machine *machine)
{
	expect_change(machine);
	if (machine->is_discoverd && machine->on)
		expect_pause(machine->simulation, index_of(machine));
	learn_macs(machine->simulation);
}

/* Links. */

static bool is_taken(const struct simulation *s, unsigned network, unsigned address)
{
	for (size_t i = 0; i < MACHINES; i++)
		for (size_t k = 0; k < NETWORKS; k++)
			if (s->machines[i].network[k] == network &&
			    s->machines[i].address[k] == address)
				return true;
	return false;
}

static void choose_address(struct machine *machine, size_t link, unsigned network)
{
	struct simulation *s = machine->simulation;
	unsigned *last = &s->addresses[network];

	/* In turn, so that one is not used again soon. */
	do {
		*last = *last < ADDRESS_MIN || *last == ADDRESS_MAX ? ADDRESS_MIN : *last + 1;
	} while (is_taken(s, network, *last));
	machine->network[link] = network;
	machine->address[link] = *last;
}

static void plug(struct machine *machine, size_t link)
{
	char text[ADDRESS_TEXT_MAX];

	host_plug(machine->host, (uint32_t)(LINK + link), machine->network[link],
	    machine_address(machine, link, text));
}

/* What the kernels know of its address is confirmed no more. */
static void unplug(struct machine *machine, size_t link)
{
	char text[ADDRESS_TEXT_MAX];
	uint16_t mac = (uint16_t)(machine->host->number << 8 | (LINK + link));

	world_set_mac(machine->simulation->world, machine->network[link],
	    machine_address(machine, link, text), mac, true);
	host_unplug(machine->host, (uint32_t)(LINK + link));
}

static void move(struct machine *machine)
{
	char text[ADDRESS_TEXT_MAX];

	choose_address(machine, 0, machine->network[0]);
	host_renumber(machine->host, LINK, machine_address(machine, 0, text));
	if (machine->on && !machine->is_discoverd)
		machine_announce(machine, machine->protocols);
	changed(machine);
}

/* The first discoverd has a link into each network. */
static void relink(struct machine *machine)
{
	if (index_of(machine) == 0)
		return;
	unplug(machine, 0);
	choose_address(machine, 0, NETWORKS + 1 - machine->network[0]);
	plug(machine, 0);
	if (machine->on && !machine->is_discoverd)
		machine_announce(machine, machine->protocols);
	changed(machine);
}

static void lose_link(struct machine *machine)
{
	if (!host_port_of(machine->host, LINK))
		return;
	unplug(machine, 0);
	machine->link_returns = instant_add(machine->simulation->world->now,
	    rng_between(&machine->simulation->rng, MILLISECONDS(100), SECONDS(20)));
	changed(machine);
}

static void return_link(struct machine *machine)
{
	simulation_trace(machine->simulation, machine, "link returns");
	machine->link_returns = INSTANT_NEVER;
	plug(machine, 0);
	if (machine->on && !machine->is_discoverd && below(machine->simulation, 2))
		machine_announce(machine, machine->protocols);
	changed(machine);
	if (below(machine->simulation, 3) == 0)
		lose_link(machine);
}

/* Life. */

static void start(struct machine *machine)
{
	machine_start(machine);
	if (machine->is_discoverd)
		expect_nothing(machine->simulation, index_of(machine));
	changed(machine);
}

static void die(struct machine *machine)
{
	if (!machine->on)
		return;
	machine_die(machine);
	changed(machine);
}

static void stop(struct machine *machine)
{
	if (!machine->on)
		return;
	if (machine->is_discoverd) {
		host_stop(machine->host);
		machine->host->core = NULL;
	} else {
		machine_say_goodbye(machine, machine->protocols);
	}
	machine_die(machine);
	changed(machine);
}

/* A discoverd that was off for a moment comes back soon, a machine when it is chosen again. */
static void restart(struct machine *machine)
{
	if (below(machine->simulation, 2))
		stop(machine);
	else
		die(machine);
	if (below(machine->simulation, 3) == 0 && !machine->is_discoverd)
		machine_rename(machine);
	start(machine);
}

static void rename_it(struct machine *machine)
{
	if (machine->is_discoverd || !machine->on)
		return;
	if (machine->protocols & 1u << BY_MDNS)
		machine_say_goodbye(machine, 1u << BY_MDNS);
	if (machine->old_ssdp)
		machine_say_goodbye(machine, 1u << BY_SSDP);
	machine_rename(machine);
	machine_announce(machine, machine->protocols);
	changed(machine);
}

static void change_protocols(struct machine *machine)
{
	struct simulation *s = machine->simulation;
	unsigned former = machine->protocols;

	if (machine->is_discoverd || !machine->on)
		return;
	machine->protocols ^= 1u << below(s, BY_NEIGHBOUR);
	if (machine->protocols == 0)
		machine->protocols = 1u << BY_SSDP;
	machine_say_goodbye(machine, former & ~machine->protocols);
	machine_announce(machine, machine->protocols & ~former);
	changed(machine);
}

static void fall_asleep(struct machine *machine)
{
	struct simulation *s = machine->simulation;

	if (!machine->on || index_of(machine) == 0)
		return;
	machine->host->asleep = true;
	machine->wakes = instant_add(
	    s->world->now, rng_between(&s->rng, SECONDS(1), SECONDS(below(s, 4) ? 600 : 20000)));
	changed(machine);
}

static void wake_up(struct machine *machine)
{
	simulation_trace(machine->simulation, machine, "wake up");
	machine->host->asleep = false;
	machine->wakes = INSTANT_NEVER;
	changed(machine);
}

/* What its kernel says wherever it may. */
static void confirm_neighbours(struct simulation *s)
{
	char text[ADDRESS_TEXT_MAX];
	size_t link, of_machine;

	for (size_t i = 0; i < DISCOVERDS; i++)
		for (size_t k = 0; k < MACHINES; k++) {
			if (below(s, 4) || !expect_meets(s, i, k, &link, &of_machine))
				continue;
			host_confirms(s->machines[i].host, (uint32_t)(LINK + link),
			    machine_address(&s->machines[k], of_machine, text));
			expect_neighbour(s, i, k, s->machines[i].network[link]);
		}
}

static const struct {
	const char *name;
	void (*happen)(struct machine *machine);
} EVENTS[] = {
    {"restart", restart},
    {"restart", restart},
    {"stop", stop},
    {"die", die},
    {"move", move},
    {"move", move},
    {"relink", relink},
    {"lose link", lose_link},
    {"rename", rename_it},
    {"rename", rename_it},
    {"change protocols", change_protocols},
    {"change protocols", change_protocols},
    {"sleep", fall_asleep},
};

/* What is off comes back, the first discoverd at once. */
static void happen(struct simulation *s)
{
	struct machine *machine = &s->machines[below(s, MACHINES)];
	size_t event = below(s, COUNT_OF(EVENTS));

	s->churned++;
	if (machine->host->asleep || !instant_is_never(machine->link_returns))
		return;
	simulation_trace(s, machine, "%s", machine->on ? EVENTS[event].name : "start");
	if (!machine->on)
		start(machine);
	else
		EVENTS[event].happen(machine);
	if (!s->machines[0].on)
		start(&s->machines[0]);
}

static bool due(struct simulation *s, struct instant *next, int64_t pause)
{
	if (!instant_due(*next, s->world->now))
		return false;
	*next = instant_add(s->world->now, rng_between(&s->rng, SECONDS(1), pause));
	return true;
}

void churn_begin(struct simulation *s)
{
	for (size_t i = 0; i < MACHINES; i++) {
		struct machine *machine = &s->machines[i];
		machine_init(s, i, machine);
		machine->link_returns = machine->wakes = INSTANT_NEVER;
		choose_address(machine, 0, 1 + below(s, NETWORKS));
		plug(machine, 0);
		if (machine->is_discoverd)
			host_configure(machine->host,
			    "[Table]\nmax-devices = 256\nmax-devices-per-source = 16\n"
			    "[Broadcast]\ninterval = 60\n");
		if (i > 0)
			continue;
		choose_address(machine, 1, NETWORKS + 1 - machine->network[0]);
		plug(machine, 1);
		host_configure(machine->host,
		    "[Table]\nmax-devices = 256\nmax-devices-per-source = 16\n"
		    "[Broadcast]\ninterval = 60\n");
	}
	for (size_t i = 0; i < ATTACKERS; i++)
		attacker_init(s, &s->attackers[i], 1 + (unsigned)i % NETWORKS);
	for (size_t i = 0; i < MACHINES; i++)
		start(&s->machines[i]);
}

void churn_advance(struct simulation *s)
{
	for (size_t i = 0; i < MACHINES; i++) {
		struct machine *machine = &s->machines[i];
		if (instant_due(machine->link_returns, s->world->now) && !machine->host->asleep)
			return_link(machine);
		if (instant_due(machine->wakes, s->world->now))
			wake_up(machine);
	}
	if (due(s, &s->next_churn, CHURN_PAUSE))
		happen(s);
	if (due(s, &s->next_confirmation, CONFIRMATION_PAUSE))
		confirm_neighbours(s);
	if (s->attacks && due(s, &s->next_attack, ATTACK_PAUSE))
		attacker_begin(&s->attackers[below(s, ATTACKERS)]);
}

void churn_end(struct simulation *s)
{
	for (size_t i = 1; i < MACHINES; i++) {
		s->machines[i].host->asleep = false;
		die(&s->machines[i]);
	}
	for (size_t i = 0; i < ATTACKERS; i++) {
		s->attackers[i].host->due = INSTANT_NEVER;
		s->attackers[i].claimed = 0;
	}
}
