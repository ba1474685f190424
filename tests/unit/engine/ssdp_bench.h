/* SPDX-License-Identifier: ISC
 * ssdp_bench: one SSDP engine on a bench: links, offers, a clock, and all that it sent. */
#ifndef TESTS_UNIT_SSDP_BENCH_H
#define TESTS_UNIT_SSDP_BENCH_H

#include "engine/ssdp.h"
#include "model/offers.h"
#include "wire/ssdp_message.h"
#include <check.h>

#define ROOT_UDN     "uuid:00000000-0000-5000-8000-00000000000a"
#define ROOT_TYPE    "urn:schemas-upnp-org:device:Basic:10"
#define SERVICE_TYPE "urn:schemas-upnp-org:service:Switch:2"

enum { LINK = 2, OWN_PORT = 40000, BENCH_SENDS_MAX = 16384 };

/* The outbox is never reset, so everything that was sent stays readable. */
struct bench {
	struct config config;
	struct offers offers;
	struct link_set links;
	struct rng rng;
	struct engine_context context;
	struct engine *engine;
	struct outbox outbox;
	struct instant now;
	struct instant sent_at[BENCH_SENDS_MAX];
	unsigned wakeups;
};

/* Link 2 with 192.0.2.10/24, a root device with one service (a set of four), not started. */
struct bench *bench_new(void);
void bench_free(struct bench *bench);
void bench_add_address(struct bench *bench, uint32_t link, const char *address, uint8_t prefix);
/* Tells the engine that the links are others now. */
void bench_links_changed(struct bench *bench);
/* Tells the engine that our announcement is another one now. */
void bench_offer_changed(struct bench *bench, enum offer_event event, const struct offer *offer);
/* Tells the engine that the configuration had another max-age before. */
void bench_reconfigured(struct bench *bench);
/* Gives every offer the next BOOTID, as the engine asked. */
void bench_renumber(struct bench *bench);
/* The host's own offer, and the same with another LOCATION (NULL: none) or CONFIGID. */
struct offer *bench_own(const struct bench *bench);
void bench_set_location(struct bench *bench, const char *location);
void bench_set_config_id(struct bench *bench, uint32_t config_id);
/* A program's root device without services comes and goes. */
struct offer *bench_add_offer(
    struct bench *bench, const char *udn, const char *type, const char *location);
void bench_remove_offer(struct bench *bench, uint64_t number);
/* Takes a link away and tells the engine. */
void bench_link_goes(struct bench *bench, uint32_t index);
/* Takes the first address of a link away, which stays, and tells the engine. */
void bench_lose_address(struct bench *bench, uint32_t index);
void bench_start(struct bench *bench);
/* Lets time pass and the engine do what is due. */
void bench_run(struct bench *bench, int64_t duration);
/* Hands a datagram in. The default one comes from 192.0.2.77:5000 to the group on link 2. */
struct datagram bench_datagram(const char *text);
void bench_hear(struct bench *bench, const struct datagram *datagram);
void bench_hear_text(struct bench *bench, const char *text);
struct address bench_address(const char *text);
uint64_t bench_counter(const struct bench *bench, const char *name);

/* The i-th datagram that was sent, parsed. */
struct ssdp_message bench_sent(const struct bench *bench, size_t i);
/* How many of a kind (and target, where not NULL) were sent from the i-th on. */
size_t bench_count(const struct bench *bench, size_t from, enum ssdp_kind kind, const char *target);
/* The index of the first of them; fails where there is none. */
size_t bench_find(const struct bench *bench, size_t from, enum ssdp_kind kind, const char *target);
void bench_expect_text(const struct bench *bench, size_t i, const char *text);
/* A search for a target; "" as `mx` leaves MX out. */
#define SEARCH_TEXT(target, mx)                                                                    \
	"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\n" mx       \
	"ST: " target "\r\n\r\n"
#define MX(n) "MX: " #n "\r\n"

#endif
