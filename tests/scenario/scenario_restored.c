/* SPDX-License-Identifier: ISC
 * Scenarios of a host that is started again and still knows its devices. */
#include "id_of.h"
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

/* Nor is it reported as another one, by any protocol. */
START_TEST(its_id_and_when_it_was_first_seen_stay_and_only_changes_are_reported)
{
	static const unsigned ENGINES[] = {WITH_SSDP, WITH_BROADCAST, WITH_BOTH, WITH_MDNS};
	struct world *world = world_new(1, ENGINES[_i]);
	struct host *host = world_add_running_host(world), *other = world_add_running_host(world);
	char id[KEY_TEXT_MAX];

	world_run(world, SECONDS(60));
	const struct device *device = host_device_at(host, "10.1.0.2");
	strcpy(id, ID_OF(device));
	struct instant first_seen = device->first_seen;
	host_save(host);
	host_die(host);
	host_start(host);
	ck_assert_uint_eq(host_device_at(host, "10.1.0.2")->flags, DEVICE_RESTORED);
	world_run(world, SECONDS(60));
	device = host_device_at(host, "10.1.0.2");
	ck_assert_str_eq(ID_OF(device), id);
	ck_assert_int_eq(device->first_seen.us, first_seen.us);
	ck_assert_uint_eq(device->flags, 0);
	ck_assert_uint_eq(host->events[TABLE_ADDED], 0);
	ck_assert_uint_eq(host->events[TABLE_REMOVED], 0);
	ck_assert_uint_ge(host->events[TABLE_UPDATED], 1);
	(void)other;
	world_free(world);
}
END_TEST

START_TEST(one_that_was_restarted_meanwhile_has_its_description_read_again)
{
	struct world *world = world_new(1, WITH_SSDP);
	struct host *other, *host = add_rememberer(world, &other);

	host_die(other);
	host_start(other);
	world_run(world, SECONDS(5)); /* it says goodbye for its former start */
	unsigned fetches = host->fetches;
	host_start(host);
	world_run(world, SECONDS(60));
	ck_assert_uint_eq(host_row_of(host, other)->flags, 0);
	ck_assert_uint_gt(host->fetches, fetches);
	ck_assert_uint_eq(host->events[TABLE_ADDED], 0);
	world_free(world);
}
END_TEST

START_TEST(an_interface_that_is_gone_leaves_the_id_to_what_is_heard_soon)
{
	struct world *world = world_new(1, WITH_BOTH);
	struct host *other, *host = add_rememberer(world, &other);

	host_unplug(host, 2);
	host_start(host);
	ck_assert_int_eq(host->restored, 0);
	world_run(world, SECONDS(10));
	ck_assert_uint_eq(host_count(host), 0);
	struct instant began = world->now;
	host_plug(host, 2, 1, "10.1.0.1");
	world_run(world, SECONDS(60));
	ck_assert(host_sees(host, other));
	ck_assert(instant_before(host_row_of(host, other)->first_seen, began));
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
	tcase_add_loop_test(
	    tcase, its_id_and_when_it_was_first_seen_stay_and_only_changes_are_reported, 0, 4);
	tcase_add_test(tcase, one_that_was_restarted_meanwhile_has_its_description_read_again);
	tcase_add_test(tcase, an_interface_that_is_gone_leaves_the_id_to_what_is_heard_soon);
	tcase_add_test(tcase, a_text_that_is_damaged_or_of_another_host_restores_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
