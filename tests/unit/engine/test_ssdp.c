/* SPDX-License-Identifier: ISC
 * Tests of engine/ssdp: which endpoints a search is for, and what a reload means. */
#include "base/array.h"
#include "ssdp_bench.h"
#include "suites.h"
#include <stdlib.h>
#include <string.h>

#define DEVICE_UDN "uuid:11111111-2222-5333-8444-5555555555AA"

static struct service services[] = {
    {.type = "urn:schemas-upnp-org:service:Switch:2"},
    {.type = "urn:a:service:odd"},
};
static const char *type = "urn:schemas-upnp-org:device:Lamp:3";
static struct endpoint root = {
    .fact_texts = &type,
    .fact_set = 1u << FACT_TYPE,
    .url = "http://192.0.2.9/",
    .primary = true,
    .services = services,
    .service_count = COUNT_OF(services),
};

static bool matches(struct endpoint *endpoint, const char *udn, const char *target)
{
	endpoint->key = key_of_id(slice_of(udn));
	return SSDP_ENGINE.matches(endpoint, slice_of(target));
}

/* UDA 2.0, 1.3.2: a device of a higher version answers a search for a lower one. */
static const struct {
	const char *target;
	bool found;
} TARGETS[] = {
    {"ssdp:all", true},
    {"upnp:rootdevice", true},
    {DEVICE_UDN, true},
    {"uuid:11111111-2222-5333-8444-5555555555aa", true},
    {"uuid:11111111-2222-5333-8444-5555555555ab", false},
    {"urn:schemas-upnp-org:device:Lamp:3", true},
    {"urn:schemas-upnp-org:device:Lamp:1", true},
    {"urn:schemas-upnp-org:device:Lamp:4", false},
    {"urn:schemas-upnp-org:device:lamp:1", false},
    {"urn:schemas-upnp-org:service:Switch:1", true},
    {"urn:schemas-upnp-org:service:Switch:2", true},
    {"urn:schemas-upnp-org:service:Switch:3", false},
    {"urn:a:service:odd", true},
    {"roku:ecp", true}, /* a vendor's own: what answered was asked */
    {"", false},
};

START_TEST(a_search_finds_what_its_target_names)
{
	const char *target = TARGETS[_i].target;
	ck_assert_msg(matches(&root, DEVICE_UDN, target) == TARGETS[_i].found, "%s", target);
}
END_TEST

START_TEST(a_root_device_is_known_by_its_word_or_its_description)
{
	struct endpoint endpoint = {.url = "http://192.0.2.9/"};
	ck_assert(matches(&endpoint, DEVICE_UDN, "upnp:rootdevice"));
	endpoint = (struct endpoint){.primary = true};
	ck_assert(matches(&endpoint, DEVICE_UDN, "upnp:rootdevice"));
	endpoint = (struct endpoint){0};
	ck_assert(!matches(&endpoint, DEVICE_UDN, "upnp:rootdevice"));
	ck_assert(matches(&endpoint, DEVICE_UDN, "ssdp:all"));
}
END_TEST

START_TEST(an_id_that_is_no_uuid_is_compared_as_text)
{
	struct endpoint endpoint = {0};
	ck_assert(matches(&endpoint, "uuid:Socket-1_0-2216XX", "uuid:Socket-1_0-2216XX"));
	ck_assert(!matches(&endpoint, "uuid:Socket-1_0-2216XX", "uuid:Socket-1_0-2216XY"));
	ck_assert(!matches(&endpoint, "", "uuid:Socket-1_0-2216XX"));
}
END_TEST

static const struct engine_type *const ENGINES[] = {&SSDP_ENGINE, NULL};

/* Options of [SSDP], and whether another value makes a new round of announcements. */
static const struct {
	const char *text;
	bool announces;
} RELOADS[] = {
    {"[SSDP]\nmax-age = 1800\n", false},
    {"[SSDP]\nmax-age = 60\n", true},
    {"[SSDP]\nsearch-interval = 60\n", true},
    {"[SSDP]\nsearch-targets = a b\n", true},
    {"[SSDP]\nttl = 4\n", false},
    {"[SSDP]\nanswer-limit = no\n", false},
    {"[Device]\nname = other\n", false},
};

START_TEST(other_lifetimes_intervals_and_targets_are_announced_at_once)
{
	struct config before;
	struct bench *bench = bench_new();
	bench_start(bench);
	bench_run(bench, SECONDS(5));
	size_t sent = bench->outbox.send_count;
	ck_assert_int_eq(engine_config_init(&before, ENGINES), 0);
	ck_assert_int_eq(
	    config_parse(&bench->config, "f", slice_of(RELOADS[_i].text), NULL, NULL), 0);
	SSDP_ENGINE.reconfigured(bench->engine, bench->now, &before, &bench->outbox);
	bench_run(bench, SECONDS(1));
	ck_assert_uint_eq(bench_count(bench, sent, SSDP_ALIVE, NULL) > 0, RELOADS[_i].announces);
	ck_assert_uint_eq(bench_count(bench, sent, SSDP_SEARCH, NULL) > 0, RELOADS[_i].announces);
	config_fini(&before);
	bench_free(bench);
}
END_TEST

START_TEST(ipv6_needs_other_sockets)
{
	struct config config;
	ck_assert_int_eq(engine_config_init(&config, ENGINES), 0);
	struct engine_sockets before[ENGINE_SOCKETS_MAX], after[ENGINE_SOCKETS_MAX];
	ck_assert_uint_eq(SSDP_ENGINE.sockets(&config, before), 1);
	ck_assert(SSDP_ENGINE.enabled(&config));
	ck_assert_uint_eq(before->port, 1900);
	ck_assert(before->ipv6 && before->ephemeral && before->may_move && !before->by_group);
	ssdp_config(&config)->ttl = 7;
	SSDP_ENGINE.sockets(&config, after);
	ck_assert(engine_sockets_equal(before, after));
	config.network.ipv6 = false;
	SSDP_ENGINE.sockets(&config, after);
	ck_assert(!engine_sockets_equal(before, after));
	ssdp_config(&config)->enabled = false;
	ck_assert(!SSDP_ENGINE.enabled(&config));
	config_fini(&config);
}
END_TEST

Suite *ssdp_suite(void)
{
	Suite *suite = suite_create("engine/ssdp");
	TCase *tcase = tcase_create("ssdp");
	tcase_add_loop_test(tcase, a_search_finds_what_its_target_names, 0, (int)COUNT_OF(TARGETS));
	tcase_add_test(tcase, a_root_device_is_known_by_its_word_or_its_description);
	tcase_add_test(tcase, an_id_that_is_no_uuid_is_compared_as_text);
	tcase_add_loop_test(tcase, other_lifetimes_intervals_and_targets_are_announced_at_once, 0,
	    (int)COUNT_OF(RELOADS));
	tcase_add_test(tcase, ipv6_needs_other_sockets);
	suite_add_tcase(suite, tcase);
	return suite;
}
