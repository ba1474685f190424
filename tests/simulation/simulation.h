/* SPDX-License-Identifier: ISC
 * simulation: a day of a network in which hosts come, go, fail and lie, and what must hold in the
 * tables of the discoverds among them.
 *
 * From the lowest file:
 *
 *   machine      hosts that speak one or more protocols, without a discoverd
 *   attack       a host that sends what it should not
 *   expectation  what a discoverd may and must list, by what it has received
 *   listing      what the table of a discoverd has of the machines
 *   audit        compares each table with that, and with what was reported of it
 *   churn        what happens to the hosts
 *   run          one test for each seed */
#ifndef TESTS_SIMULATION_SIMULATION_H
#define TESTS_SIMULATION_SIMULATION_H

#include "host.h"

enum protocol { BY_SSDP, BY_BROADCAST, BY_MDNS, BY_WSD, BY_NEIGHBOUR, PROTOCOLS };
extern const char *const PROTOCOL_NAMES[PROTOCOLS];

enum {
	DISCOVERDS = 3,
	PEERS = 8,
	MACHINES = DISCOVERDS + PEERS, /* the discoverds come first */
	ATTACKERS = 2,
	NETWORKS = 2,
	LINK = 2, /* of all machines; discoverds may have OTHER_LINK, too */
	OTHER_LINK = 3,
	ANSWERS_MAX = 16,
	ENDPOINTS_MAX = 256,      /* of the table of the first */
	ENDPOINTS_OF_MACHINE = 8, /* fewer than that */
};

/* Tags of what attackers send: the number of the machine that it is about, or 0. */
enum { TAG_FROM_ITS_ADDRESS = 1 << 16, TAG_FORGED = 1 << 17 };

/* Where an answer goes, and when. */
struct pending_answer {
	struct instant due; /* INSTANT_NEVER: none */
	enum protocol protocol;
	struct address_port to;
	uint16_t id;   /* of the mDNS question */
	unsigned what; /* of SSDP: targets, by bits */
};

/* A host that means well. */
struct machine {
	struct simulation *simulation;
	struct host *host;
	bool is_discoverd;
	bool on;             /* it runs */
	unsigned protocols;  /* that it speaks, by bits */
	unsigned network[2]; /* that LINK and OTHER_LINK are plugged into; 0: none */
	unsigned address[2]; /* the last byte of it */
	char name[32];
	unsigned revision; /* of the name */
	unsigned services; /* that it offers */
	uint32_t boot_id, config_id;
	bool old_ssdp;                   /* sends neither BOOTID nor CONFIGID */
	bool searches;                   /* it is a control point, too */
	struct instant round[PROTOCOLS]; /* when it announces itself again */
	unsigned rounds[PROTOCOLS];      /* announced so often since it came */
	struct instant search;
	struct pending_answer answers[ANSWERS_MAX];
	struct instant changed; /* the last time that something happened to it */
	struct instant link_returns, wakes;
	char page[4096];
};

/* What a discoverd has received of a machine. */
struct acquaintance {
	struct instant first[PROTOCOLS]; /* announcement since one of them changed; 0: none */
	struct instant last[PROTOCOLS];
	struct instant goodbye[PROTOCOLS];
	bool crowded[PROTOCOLS]; /* `last` came while the table was more than half full */
	struct instant allowed[PROTOCOLS][NETWORKS + 1]; /* may be listed until then */
	struct instant searched[NETWORKS + 1];           /* likewise, as a control point */
	struct instant disturbed[PROTOCOLS]; /* the first time since `last` that another one said
					      * something about it */
	struct instant confused;             /* the last time */
	struct instant asked[PROTOCOLS]; /* was asked whether it is there, for whatever reason */
	bool late;                       /* what was on its way when it moved came after that */
	bool rests;   /* when it moved, what was asked shortly before is not asked again */
	bool was_due; /* it had to be listed when that was looked at last */
	char id[DEVICE_ID_MAX]; /* of its device, then */
};

/* What a program that watches a discoverd knows of a device. */
struct shadow {
	const struct device *device;
	char id[DEVICE_ID_MAX];
	uint32_t shown[DEVICE_FIELDS];
};

struct discoverd {
	struct acquaintance of[MACHINES];
	struct instant since;    /* it runs, and all its links are as they are */
	bool crowded;            /* its table is, or nearly, more than half full */
	struct instant attacked; /* the last time that something forged arrived */
	struct shadow *shadows;
	size_t shadow_count, shadow_capacity;
	uint64_t sent; /* when it was looked at last */
	struct instant audited;
	uint64_t questions;        /* of its table, likewise */
	struct instant questioned; /* when there were more */
};

/* One that is going on. */
struct attack {
	unsigned kind, left;
};

struct attacker {
	struct simulation *simulation;
	struct host *host;
	unsigned network;
	struct attack attack;
	unsigned claimed; /* the number of the machine whose uuid it answers for; 0: none */
	uint64_t sent;
	char page[65536];
};

struct simulation {
	uint64_t seed;
	struct world *world;
	struct rng rng; /* of what happens */
	struct machine machines[MACHINES];
	unsigned addresses[NETWORKS + 1]; /* the last byte of the one given out last */
	struct discoverd discoverds[DISCOVERDS];
	struct attacker attackers[ATTACKERS];
	struct instant next_churn, next_confirmation, next_attack;
	bool attacks, traced;
	uint64_t churned, due_count, listed_count;
	uint64_t most_sent; /* datagrams of one discoverd in a second */
	uint64_t most_idle; /* likewise in an hour in which nothing happens */
	unsigned most_fetching;
	size_t most_memory;
};

/* Ends the test: which simulation, when, where, and what is wrong. */
void simulation_fail(const struct simulation *s, const struct machine *at, const char *format, ...)
    __attribute__((format(printf, 3, 4), noreturn));

/* Prints what happens where the environment has TRACE. */
void simulation_trace(const struct simulation *s, const struct machine *of, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* machine.c */

void machine_init(struct simulation *s, size_t index, struct machine *machine);
/* Runs it, with a greater BOOTID. */
void machine_start(struct machine *machine);
/* Says goodbye for these protocols. */
void machine_say_goodbye(struct machine *machine, unsigned protocols);
void machine_die(struct machine *machine);
/* Announces itself anew by these protocols. */
void machine_announce(struct machine *machine, unsigned protocols);
/* Another name, or other services. */
void machine_rename(struct machine *machine);
const char *machine_address(
    const struct machine *machine, size_t link, char text[ADDRESS_TEXT_MAX]);
struct address machine_is_at(const struct machine *machine, size_t link);
/* The link of this index, 0 or 1, is plugged in, and the machine can send and receive. */
bool machine_is_reachable(const struct machine *machine, size_t link);

/* attack.c */

void attacker_init(struct simulation *s, struct attacker *attacker, unsigned network);
/* Begins something at random. */
void attacker_begin(struct attacker *attacker);

/* expectation.c */

/* What the world tells of. */
extern const struct world_observer SIMULATION_OBSERVER;
/* Something happened to it: what was received before does not count any more. */
void expect_change(struct machine *machine);
/* This discoverd knows nothing, or has not listened for a while. */
void expect_nothing(struct simulation *s, size_t discoverd);
void expect_pause(struct simulation *s, size_t discoverd);
/* The kernel of a discoverd has confirmed that the machine answers. */
void expect_neighbour(struct simulation *s, size_t discoverd, size_t machine, unsigned network);
/* It was heard by this protocol, has not left since, and a table keeps it so long. */
bool expect_listed(const struct simulation *s, size_t discoverd, size_t machine, enum protocol by);
/* They are plugged into one network, and both can send and receive: by this link, 0 or 1, of the
 * discoverd and that of the machine, which may be NULL. */
bool expect_meets(
    const struct simulation *s, size_t discoverd, size_t machine, size_t *link, size_t *of_machine);

/* listing.c */

/* What a table has of a machine. */
struct finding {
	unsigned by[PROTOCOLS]; /* in which networks, by bits */
	bool disputed;          /* another one has claimed its uuid before */
	/* Where it is now. */
	unsigned current;            /* by which protocols, by bits */
	unsigned asked;              /* likewise, and is asked whether it is there */
	const struct device *device; /* the first one */
	bool several;                /* there are more */
	/* In that device. */
	bool former;    /* an address that it has no more */
	bool elsewhere; /* something that it said on a network where it is no more */
	bool foreign;   /* something of another machine: who claims the uuid of a machine by a
			 * protocol that it does not speak is a part of it */
};
struct table *listing_table(const struct simulation *s, size_t discoverd);
void listing_find(const struct simulation *s, size_t discoverd, struct finding findings[MACHINES]);
/* Prints the devices that have something of this machine. */
void listing_print(const struct simulation *s, size_t discoverd, size_t machine);

/* audit.c */

void audit_changed(struct simulation *s, size_t discoverd, const struct table_change *change);
void audit_forget(struct discoverd *discoverd);
/* What has to hold at each second, and what is looked at less often. */
void audit_second(struct simulation *s);
void audit_thoroughly(struct simulation *s);

/* churn.c */

/* Makes all hosts, and starts them. */
void churn_begin(struct simulation *s);
/* Does what is due. */
void churn_advance(struct simulation *s);
/* All of it ends: only the first discoverd stays. */
void churn_end(struct simulation *s);

#endif
