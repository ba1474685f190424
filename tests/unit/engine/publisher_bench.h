/* SPDX-License-Identifier: ISC
 * publisher_bench: the mDNS engine on a bench, with services to announce: links, offers, a clock,
 * and all that it sent. */
#ifndef TESTS_UNIT_PUBLISHER_BENCH_H
#define TESTS_UNIT_PUBLISHER_BENCH_H

#include "engine/mdns.h"
#include "model/offers.h"
#include "wire/dns_writer.h"
#include <check.h>

enum { PUBLISHER_SENDS_MAX = 16384, PUBLISHER_LINK = 2 };

/* What it announces: this host, discoverd's own service, and a web server with a subtype. */
#define OUR_HOST "discoverd-00000000000a.local"
#define OWN_NAME "Bench._discoverd._tcp.local"
#define WEB_TYPE "_http._tcp.local"
#define WEB_NAME "Web." WEB_TYPE
#define WEB_TWO  "Web (2)." WEB_TYPE

struct publisher_bench {
	struct config config;
	struct offers offers;
	struct link_set links;
	struct rng rng;
	struct engine_context context;
	struct engine *engine;
	struct outbox outbox; /* never reset */
	struct instant now;
	struct instant sent_at[PUBLISHER_SENDS_MAX];
};

/* Link 2 with 192.0.2.10/24; started, unless the configuration is to be changed before. */
struct publisher_bench *publisher_bench_new(bool started);
void publisher_bench_free(struct publisher_bench *bench);
void publisher_bench_start(struct publisher_bench *bench);
void publisher_bench_run(struct publisher_bench *bench, int64_t duration);
/* A device "Bench N" with one service comes: its number. */
uint64_t publisher_bench_offer(
    struct publisher_bench *bench, const char *name, const char *type, uint16_t port);
void publisher_bench_withdraw(struct publisher_bench *bench, uint64_t number);
void publisher_bench_plug(struct publisher_bench *bench, uint32_t link, const char *address);
/* Takes an address of link 2 away, or gives it one. */
void publisher_bench_lose(struct publisher_bench *bench, const char *address);
void publisher_bench_gain(struct publisher_bench *bench, const char *address);
void publisher_bench_unplug(struct publisher_bench *bench, uint32_t link);
void publisher_bench_stop(struct publisher_bench *bench);
void publisher_bench_announce(struct publisher_bench *bench, bool yes);

/* A record of another host, by its text. */
struct dns_record a_record(const char *name, const char *address, uint32_t ttl);
struct dns_record srv_record(const char *name, const char *target, uint16_t port);
struct dns_record ptr_record(const char *name, const char *target, uint32_t ttl);
struct dns_name name_of(const char *text);
/* Hands in a message of 192.0.2.77:5353 on link 2; `from` with another source port or address. */
void publisher_bench_hear(struct publisher_bench *bench, const struct dns_writer *w);
void publisher_bench_hear_from(
    struct publisher_bench *bench, const struct dns_writer *w, const char *from, uint16_t port);
/* A query with one question, and a response with one record. */
void publisher_bench_ask(
    struct publisher_bench *bench, const char *name, uint16_t type, bool unicast);
void publisher_bench_respond(struct publisher_bench *bench, const struct dns_record *record);

/* How many records of a section, type and name were sent by IPv4 from the i-th datagram on. */
size_t publisher_bench_count(const struct publisher_bench *bench, size_t from,
    enum dns_section section, uint16_t type, const char *name);
/* The datagram with the first of them; fails where there is none. */
size_t publisher_bench_find(const struct publisher_bench *bench, size_t from,
    enum dns_section section, uint16_t type, const char *name);
/* That record. */
struct dns_record publisher_bench_record(const struct publisher_bench *bench, size_t from,
    enum dns_section section, uint16_t type, const char *name);
uint64_t publisher_bench_counter(const struct publisher_bench *bench, const char *name);

#endif
