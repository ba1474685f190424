/* SPDX-License-Identifier: ISC
 * Tests of discoverd/descriptors. */
#include "core/core.h"
#include "discoverd/descriptors.h"
#include "harness.h"
#include "suites.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static unsigned limit_of_unit(void)
{
	char line[256];
	unsigned limit = 0;
	FILE *file = fopen(UNIT, "r");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "LimitNOFILE=%u", &limit);
	fclose(file);
	return limit;
}

/* All that can be switched on, and the numbers at their defaults. */
static void everything_on(struct config *config)
{
	ck_assert_int_eq(engine_config_init(config, CORE_ENGINES), 0);
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		ck_assert(CORE_ENGINES[i]->enabled(config));
	ck_assert(config->http.enabled && config->http.fetch);
	free(config->control.minissdpd_socket);
	config->control.minissdpd_socket = strdup("/run/minissdpd.sock");
	ck_assert_ptr_nonnull(config->control.minissdpd_socket);
}

START_TEST(the_unit_allows_all_that_is_needed)
{
	struct config config;
	everything_on(&config);
	ck_assert_uint_gt(descriptors_needed(&config), 2 * (64 + 16) + 16 + 32 + 16);
	/* 500 links, where mDNS and WS-Discovery have an IPv6 socket each on every one, and there
	 * are 20 on each IPv4 socket */
	ck_assert_uint_le(descriptors_needed(&config) + 2 * 500 + 4 * 25, limit_of_unit());
	config_fini(&config);
}
END_TEST

START_TEST(the_soft_limit_is_raised_where_the_hard_one_allows_it)
{
	if (skip_under_valgrind("the_soft_limit_is_raised_where_the_hard_one_allows_it"))
		return;
	struct config config;
	struct rlimit limit = {100, 2000};
	everything_on(&config);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	descriptors_provide(&config);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, descriptors_needed(&config) + 1100);
	config.control.max_clients = 1024;
	descriptors_provide(&config);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, 2000);
	/* and never lowered */
	config.control.max_clients = 1;
	descriptors_provide(&config);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, 2000);
	config_fini(&config);
}
END_TEST

START_TEST(links_get_what_is_left)
{
	if (skip_under_valgrind("links_get_what_is_left"))
		return;
	struct config config;
	struct rlimit limit = {2000, 2000};
	everything_on(&config);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(descriptors_for_links(&config), 2000 - descriptors_needed(&config));
	limit.rlim_cur = 24;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(descriptors_for_links(&config), 1);
	config_fini(&config);
}
END_TEST

Suite *descriptors_suite(void)
{
	Suite *suite = suite_create("discoverd/descriptors");
	TCase *tcase = tcase_create("descriptors");
	tcase_add_test(tcase, the_unit_allows_all_that_is_needed);
	tcase_add_test(tcase, the_soft_limit_is_raised_where_the_hard_one_allows_it);
	tcase_add_test(tcase, links_get_what_is_left);
	suite_add_tcase(suite, tcase);
	return suite;
}
