/* SPDX-License-Identifier: ISC
 * Scenarios of a host that is started again and still knows its devices. */
#include "scenarios.h"
#include "world.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A host that has saved what it knows of another one for a minute, and has died. */
static struct host *add_rememberer(struct world *world, struct host **other)
{
	struct host *host = world_add_running_host(world);

	*other = world_add_running_host(world);
	world_run(world, SECONDS(60));
	ck_assert(host_sees(host, *other));
	host_save(host);
	host_die(host);
	return host;
}

START_TEST(a_device_is_listed_at_once_and_confirmed_when_it_answers)
{
	struct world *world = world_new(1, (unsigned)_i);
	struct host *other, *host = add_rememberer(world, &other);

	unsigned fetches = host->fetches;
	host_start(host);
	ck_assert_int_eq(host->restored, 0);
	ck_assert(host_sees(host, other));
	ck_assert(host_endpoint_of(host, other)->restored);
	ck_assert_uint_eq(host_core_counter(host, "restored", "devices"), 1);
	ck_assert_uint_eq(host_core_counter(host, "restored", "endpoints-left-out"), 0);
	world_run(world, SECONDS(3));
	ck_assert(host_sees(host, other));
	ck_assert(!host_endpoint_of(host, other)->restored);
	ck_assert_uint_gt(host_core_counter(host, "restored", "questions"), 0);
	ck_assert_uint_eq(host->fetches, fetches);
	ck_assert_uint_eq(host->events[TABLE_REMOVED], 0);
	world_free(world);
}
END_TEST

START_TEST(a_device_that_is_gone_is_removed_when_its_lifetime_ends)
{
	struct world *world = world_new(1, WITH_SSDP);
	struct host *other, *host = add_rememberer(world, &other);

	host_die(other);
	host_start(host);
	world_run(world, SECONDS(60));
	ck_assert(host_sees(host, other));
	world_run(world, SECONDS(1800));
	ck_assert(!host_sees(host, other));
	world_free(world);
}
END_TEST

START_TEST(a_protocol_that_is_switched_off_is_left_out)
{
	struct world *world = world_new(1, WITH_BOTH);
	struct host *other, *host = add_rememberer(world, &other);

	world->engines = WITH_SSDP;
	host_start(host);
	ck_assert_int_eq(host->restored, 0);
	const struct device *device = host_row_of(host, other);
	ck_assert_ptr_nonnull(device_endpoint(device, "ssdp", other->udn));
	ck_assert_ptr_null(device_endpoint(device, "broadcast", other->udn));
	ck_assert_uint_gt(host_core_counter(host, "restored", "endpoints-left-out"), 0);
	world_free(world);
}
END_TEST

START_TEST(an_interface_that_is_denied_is_left_out)
{
	struct world *world = world_new(1, WITH_SSDP);
	struct host *other, *host = add_rememberer(world, &other);

	host_configure(host, "[Network]\ndeny-interfaces = *\n");
	host_start(host);
	ck_assert_int_eq(host->restored, 0);
	ck_assert_uint_eq(host_count(host), 0);
	ck_assert_uint_gt(host_core_counter(host, "restored", "endpoints-left-out"), 0);
	world_free(world);
}
END_TEST

START_TEST(an_interface_that_is_down_is_asked_when_it_is_up)
{
	struct world *world = world_new(1, WITH_SSDP);
	struct host *other, *host = add_rememberer(world, &other);
	struct link_set links;

	ck_assert_int_eq(link_set_copy(&host->links, &links), 0);
	link_set_find(&host->links, 2)->up = false;
	host_start(host);
	ck_assert(host_sees(host, other));
	world_run(world, SECONDS(5));
	ck_assert(host_endpoint_of(host, other)->restored);
	ck_assert_uint_eq(host_core_counter(host, "restored", "questions"), 0);
	ck_assert_int_eq(core_set_links(host->core, world->now, &links), 0);
	link_set_find(&host->links, 2)->up = true;
	world_run(world, SECONDS(5));
	ck_assert_uint_gt(host_core_counter(host, "restored", "questions"), 0);
	ck_assert(!host_endpoint_of(host, other)->restored);
	link_set_fini(&links);
	world_free(world);
}
END_TEST

START_TEST(a_text_that_is_damaged_or_of_another_host_restores_nothing)
{
	struct world *world = world_new(1, WITH_SSDP);
	struct host *other, *host = add_rememberer(world, &other);
	size_t len = strlen(host->saved);

	char last = host->saved[len - 4];
	host->saved[len - 4] = '\0';
	host_start(host);
	ck_assert_int_eq(host->restored, -EBADMSG);
	ck_assert_uint_eq(host_count(host), 0);
	host_die(host);
	host->saved[len - 4] = last;
	snprintf(host->udn, sizeof(host->udn), "uuid:00000000-0000-5000-8000-0000000000ff");
	host_start(host);
	ck_assert_int_eq(host->restored, -EXDEV);
	ck_assert_uint_eq(host_count(host), 0);
	world_free(world);
}
END_TEST

Suite *restored_suite(void)
{
	Suite *suite = suite_create("restored");
	TCase *tcase = tcase_create("restored");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_device_is_listed_at_once_and_confirmed_when_it_answers,
	    WITH_SSDP, WITH_BOTH + 1);
	tcase_add_test(tcase, a_device_that_is_gone_is_removed_when_its_lifetime_ends);
	tcase_add_test(tcase, a_protocol_that_is_switched_off_is_left_out);
	tcase_add_test(tcase, an_interface_that_is_denied_is_left_out);
	tcase_add_test(tcase, an_interface_that_is_down_is_asked_when_it_is_up);
	tcase_add_test(tcase, a_text_that_is_damaged_or_of_another_host_restores_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
