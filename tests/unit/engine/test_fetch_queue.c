/* SPDX-License-Identifier: ISC
 * Tests of engine/fetch_queue. */
#include "base/mac.h"
#include "engine/fetch_queue.h"
#include "suites.h"
#include <errno.h>

enum { HOSTS_MAX = 100, PAGES = 400 };

static const struct siphash_key KEY = {{1, 2}};

static struct fetch_queue queue;
static struct fetch_ticket pages[PAGES];
static struct instant now;
/* Hosts with a lower number are behind one MAC, those from the other number on are not resolved,
 * and those between have none. */
static unsigned known_macs, resolved_below;

static bool find_mac(void *context, uint32_t link, const struct address *address, struct mac *mac)
{
	unsigned host = address->bytes[2] * 256u + address->bytes[3];
	ck_assert_ptr_eq(context, &queue);
	ck_assert_uint_eq(link, 7);
	*mac = (struct mac){{2, 0, 0, 0, 0, 1}, host < known_macs};
	return host < resolved_below;
}

static void set_up(void)
{
	now = (struct instant){SECONDS(1000)};
	known_macs = 0;
	resolved_below = 1000;
	ck_assert_int_eq(fetch_queue_init(&queue, &KEY), 0);
	queue.find_mac = find_mac;
	queue.mac_context = &queue;
}

static void tear_down(void)
{
	fetch_queue_fini(&queue);
}

static struct address host_address(unsigned host)
{
	return address_ipv4(10, 0, (uint8_t)(host / 256), (uint8_t)host);
}

static int join(unsigned page, unsigned host)
{
	struct address address = host_address(host);
	int error = fetch_queue_join(&queue, &pages[page], &address, 0, HOSTS_MAX);
	if (!error)
		fetch_queue_heard(&pages[page], 7);
	return error;
}

/* As a page that was never tried. */
static void want(unsigned page)
{
	fetch_queue_want(&queue, &pages[page], (struct instant){-now.us}, now);
}

static void add(unsigned page, unsigned host)
{
	ck_assert_int_eq(join(page, host), 0);
	want(page);
}

/* The index of the page that is its turn, or -1. */
static int next(void)
{
	struct fetch_ticket *ticket = fetch_queue_next(&queue, now);
	return ticket ? (int)(ticket - pages) : -1;
}

static void end(int page, bool answered)
{
	fetch_queue_end(&queue, &pages[page], answered, now);
}

static unsigned begin_all(void)
{
	unsigned count = 0;
	while (next() >= 0)
		count++;
	return count;
}

static void pass(int64_t us)
{
	now = instant_add(now, us);
}

START_TEST(what_was_never_tried_comes_first_and_the_newest_of_it)
{
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(join(i, i), 0);
	ck_assert_int_eq(next(), -1);
	ck_assert(instant_is_never(fetch_queue_deadline(&queue)));
	fetch_queue_want(&queue, &pages[0], instant_add(now, 2), now);
	fetch_queue_want(&queue, &pages[1], instant_add(now, 1), now);
	pass(10);
	want(2);
	pass(10);
	want(3);
	ck_assert_int_eq(next(), 3);
	ck_assert_int_eq(next(), 2);
	ck_assert_int_eq(next(), 1);
	ck_assert_int_eq(next(), 0);
	ck_assert_int_eq(next(), -1);
}
END_TEST

START_TEST(a_page_waits_until_it_is_due)
{
	ck_assert_int_eq(join(0, 0), 0);
	fetch_queue_want(&queue, &pages[0], instant_add(now, 10), now);
	ck_assert_int_eq(fetch_queue_deadline(&queue).us, now.us + 10);
	pass(9);
	ck_assert_int_eq(next(), -1);
	pass(1);
	ck_assert_int_eq(next(), 0);
	ck_assert_ptr_eq(fetch_queue_find(&queue, pages[0].number), &pages[0]);
	ck_assert_ptr_null(fetch_queue_find(&queue, 0));
	ck_assert_ptr_null(fetch_queue_find(&queue, pages[0].number + 1));
}
END_TEST

START_TEST(places_are_limited)
{
	for (unsigned i = 0; i < FETCH_QUEUE_RESOLVED_MAX + 2; i++)
		add(i, i);
	int first = next();
	ck_assert_uint_eq(begin_all(), FETCH_QUEUE_RESOLVED_MAX - 1);
	ck_assert(instant_is_never(fetch_queue_deadline(&queue)));
	end(first, true);
	ck_assert(instant_due(fetch_queue_deadline(&queue), now));
	ck_assert_uint_eq(begin_all(), 1);
}
END_TEST

START_TEST(a_host_has_four_fetches_however_long_they_take)
{
	for (unsigned page = 0; page < FETCH_QUEUE_HOST_ACTIVE_MAX + 1; page++)
		add(page, 0);
	int first = next();
	ck_assert_uint_eq(begin_all(), FETCH_QUEUE_HOST_ACTIVE_MAX - 1);
	add(FETCH_QUEUE_HOST_ACTIVE_MAX + 1, 1);
	ck_assert_int_eq(next(), FETCH_QUEUE_HOST_ACTIVE_MAX + 1);
	for (int i = 0; i < 30; i++, pass(SECONDS(1))) {
		ck_assert_int_eq(next(), -1);
		ck_assert(!instant_due(fetch_queue_deadline(&queue), now));
	}
	end(first, false);
	ck_assert_uint_eq(begin_all(), 1);
}
END_TEST

START_TEST(a_page_that_is_wanted_again_waits_for_its_fetch)
{
	add(0, 0);
	int first = next();
	want(first);
	ck_assert_int_eq(next(), -1);
	end(first, true);
	ck_assert_int_eq(next(), first);
}
END_TEST

START_TEST(link_local_hosts_differ_by_link)
{
	struct address address = host_address(1);
	queue.find_mac = NULL;
	for (uint32_t link = 1; link <= 2; link++) {
		ck_assert_int_eq(
		    fetch_queue_join(&queue, &pages[link], &address, link, HOSTS_MAX), 0);
		want(link);
	}
	ck_assert_uint_eq(begin_all(), 2);
}
END_TEST

/* Fetches one page of host 0 after the other, as many as may be now. */
static unsigned hammer(void)
{
	unsigned count = 0;
	for (int page; (page = next()) >= 0; count++) {
		end(page, true);
		want((unsigned)page);
	}
	return count;
}

START_TEST(a_host_gives_a_burst_and_then_a_page_in_two_seconds)
{
	for (unsigned i = 0; i < 5; i++)
		add(i, 0);
	ck_assert_uint_eq(hammer(), FETCH_QUEUE_HOST_BURST);
	ck_assert_int_eq(fetch_queue_deadline(&queue).us, now.us + FETCH_QUEUE_HOST_REFILL);
	for (int i = 0; i < 10; i++) {
		pass(FETCH_QUEUE_HOST_REFILL - 1);
		ck_assert_uint_eq(hammer(), 0);
		pass(1);
		ck_assert_uint_eq(hammer(), 1);
	}
	add(5, 1);
	ck_assert_int_eq(next(), 5);
	pass(FETCH_QUEUE_HOST_BURST * FETCH_QUEUE_HOST_REFILL);
	ck_assert_uint_eq(hammer(), FETCH_QUEUE_HOST_BURST);
}
END_TEST

START_TEST(a_host_that_comes_back_has_no_fuller_bucket)
{
	add(0, 0);
	ck_assert_uint_eq(hammer(), FETCH_QUEUE_HOST_BURST);
	fetch_queue_leave(&queue, &pages[0]);
	ck_assert_int_eq(next(), -1);
	add(0, 0);
	ck_assert_uint_eq(hammer(), 0);
}
END_TEST

START_TEST(a_host_is_forgotten_when_its_bucket_is_full_again)
{
	add(0, 0);
	ck_assert_uint_eq(hammer(), FETCH_QUEUE_HOST_BURST);
	fetch_queue_leave(&queue, &pages[0]);
	while (!instant_is_never(fetch_queue_deadline(&queue))) {
		ck_assert_uint_eq(queue.hosts.count, 1);
		now = fetch_queue_deadline(&queue);
		ck_assert_int_eq(next(), -1);
	}
	ck_assert_uint_eq(queue.hosts.count, 0);
	ck_assert_int_eq(now.us, SECONDS(1000) + FETCH_QUEUE_HOST_BURST * FETCH_QUEUE_HOST_REFILL);
}
END_TEST

START_TEST(hosts_are_bounded)
{
	unsigned host = 0;
	for (; host < HOSTS_MAX + FETCH_QUEUE_HOSTS_MAX; host++) {
		add(0, host);
		ck_assert_int_eq(next(), 0);
		end(0, true);
		fetch_queue_leave(&queue, &pages[0]);
	}
	ck_assert_int_eq(join(0, host), -ENOSPC);
	ck_assert_int_eq(join(0, 0), 0);
	pass(FETCH_QUEUE_HOST_REFILL);
	ck_assert_int_eq(next(), -1);
	ck_assert_int_eq(join(1, host), 0);
}
END_TEST

START_TEST(silent_hosts_behind_one_mac_have_few_places)
{
	known_macs = 20;
	for (unsigned i = 0; i < 20; i++)
		add(i, i);
	int first = next();
	ck_assert_uint_eq(begin_all(), FETCH_QUEUE_UNANSWERED_MAX - 1);
	ck_assert(instant_is_never(fetch_queue_deadline(&queue)));
	add(20, 20);
	ck_assert_int_eq(next(), 20);
	end(first, false);
	ck_assert_uint_eq(begin_all(), 1);
}
END_TEST

/* Neither do silent hosts keep one waiting that answered, nor those that answered a new one. */
START_TEST(silent_hosts_and_those_that_answered_do_not_count_together)
{
	known_macs = 40;
	for (unsigned i = 0; i < 12; i++) {
		add(i, i);
		ck_assert_int_eq(next(), (int)i);
		end((int)i, true);
	}
	for (unsigned i = 0; i < 10; i++)
		want(i);
	ck_assert_uint_eq(begin_all(), 10);
	for (unsigned i = 20; i < 30; i++)
		add(i, i);
	ck_assert_uint_eq(begin_all(), FETCH_QUEUE_UNANSWERED_MAX);
	want(10);
	ck_assert_int_eq(next(), 10);
}
END_TEST

/* A Wi-Fi repeater. */
START_TEST(hosts_that_answered_count_for_themselves)
{
	known_macs = 30;
	for (unsigned i = 0; i < 30; i++) {
		add(i, i);
		ck_assert_int_eq(next(), (int)i);
		end((int)i, true);
	}
	for (unsigned i = 0; i < 30; i++)
		want(i);
	ck_assert_uint_eq(begin_all(), 30);
}
END_TEST

START_TEST(all_hosts_behind_a_repeater_have_their_turn_at_once)
{
	unsigned count = 0;
	known_macs = 100;
	for (unsigned i = 0; i < 100; i++)
		add(i, i);
	for (int page; (page = next()) >= 0; count++)
		end(page, true);
	ck_assert_uint_eq(count, 100);
}
END_TEST

START_TEST(hosts_without_a_mac_count_for_themselves)
{
	for (unsigned i = 0; i < 20; i++)
		add(i, i);
	ck_assert_uint_eq(begin_all(), 20);
}
END_TEST

/* The kernel learns it by the fetch. */
START_TEST(a_mac_that_is_learnt_during_a_fetch_counts)
{
	for (unsigned i = 0; i < 10; i++)
		add(i, i);
	ck_assert_uint_eq(begin_all(), 10);
	known_macs = 20;
	add(10, 10);
	ck_assert_int_eq(next(), -1);
	end(0, false);
	ck_assert_int_eq(next(), -1);
	end(1, false);
	ck_assert_int_eq(next(), -1);
	end(2, false);
	ck_assert_int_eq(next(), 10);
}
END_TEST

START_TEST(a_host_that_goes_while_it_is_held_back_is_forgotten)
{
	known_macs = 20;
	for (unsigned i = 0; i < 12; i++)
		add(i, i);
	ck_assert_uint_eq(begin_all(), FETCH_QUEUE_UNANSWERED_MAX);
	int first = -1;
	for (int i = 0; i < 12; i++) {
		if (!pages[i].number)
			fetch_queue_leave(&queue, &pages[i]);
		else
			first = i;
	}
	ck_assert_int_eq(next(), -1);
	ck_assert_uint_eq(queue.hosts.count, FETCH_QUEUE_UNANSWERED_MAX);
	ck_assert_ptr_null(queue.held);
	end(first, false);
	ck_assert_int_eq(next(), -1);
}
END_TEST

/* Time passes until each that is not resolved has been postponed. */
static unsigned postpone_all(void)
{
	struct fetch_ticket *ticket;
	unsigned count = 0;
	pass(FETCH_QUEUE_RESOLVE_TIME - 1);
	ck_assert_ptr_null(fetch_queue_late(&queue, now));
	pass(1);
	for (; (ticket = fetch_queue_late(&queue, now)); count++)
		fetch_queue_postpone(&queue, ticket, now);
	return count;
}

START_TEST(hosts_that_are_not_resolved_have_places_of_their_own)
{
	resolved_below = 100;
	for (unsigned i = 100; i < 100 + FETCH_QUEUE_UNRESOLVED_MAX + 2; i++)
		add(i, i);
	ck_assert_uint_eq(begin_all(), FETCH_QUEUE_UNRESOLVED_MAX);
	pass(FETCH_QUEUE_RESOLVE_TIME - 1);
	ck_assert_int_eq(next(), -1);
	for (unsigned i = 0; i < FETCH_QUEUE_RESOLVED_MAX + 2; i++)
		add(i, i);
	ck_assert_uint_eq(begin_all(), FETCH_QUEUE_RESOLVED_MAX);
}
END_TEST

START_TEST(what_is_resolved_comes_first)
{
	resolved_below = 1;
	add(0, 0);
	pass(1);
	add(1, 1);
	ck_assert_int_eq(next(), 0);
	ck_assert_int_eq(next(), 1);
}
END_TEST

START_TEST(what_is_not_resolved_begins_32_times_a_second)
{
	unsigned begun = 0;
	resolved_below = 0;
	for (unsigned i = 0; i < PAGES; i++)
		add(i, i % 300);
	for (int i = 0; i < 10; i++) {
		begun += begin_all();
		ck_assert_uint_le(queue.unresolved_active, FETCH_QUEUE_UNRESOLVED_MAX);
		postpone_all();
	}
	/* Sixteen at once, and then 32 a second. */
	ck_assert_uint_le(begun, 16 + 3 * 32);
	ck_assert_uint_ge(begun, 80);
}
END_TEST

START_TEST(the_news_of_a_mac_resumes_what_was_postponed)
{
	resolved_below = 0;
	add(0, 0);
	add(1, 1);
	ck_assert_uint_eq(begin_all(), 2);
	ck_assert_uint_eq(postpone_all(), 2);
	ck_assert_int_eq(next(), -1);
	ck_assert_int_eq(fetch_queue_deadline(&queue).us, now.us + FETCH_QUEUE_POSTPONED);
	resolved_below = 1;
	const struct address resolved = host_address(0), other = host_address(2);
	fetch_queue_learn_mac(&queue, now, 7, &other);
	ck_assert(!instant_due(fetch_queue_deadline(&queue), now));
	fetch_queue_learn_mac(&queue, now, 7, &resolved);
	ck_assert(instant_due(fetch_queue_deadline(&queue), now));
	ck_assert_int_eq(next(), 0);
	ck_assert_int_eq(next(), -1);
	pass(FETCH_QUEUE_POSTPONED);
	ck_assert_int_eq(next(), 1);
}
END_TEST

START_TEST(what_is_postponed_is_tried_again_when_it_is_announced)
{
	resolved_below = 0;
	for (unsigned i = 0; i < 3; i++)
		add(i, i);
	ck_assert_uint_eq(begin_all(), 3);
	want(2);
	ck_assert_uint_eq(postpone_all(), 3);
	want(1);
	/* The kernel is still asking. */
	ck_assert_int_eq(next(), -1);
	pass(FETCH_QUEUE_POSTPONED_GAP);
	ck_assert_uint_eq(begin_all(), 2);
	ck_assert_uint_eq(pages[0].number, 0);
}
END_TEST

/* Of the oldest there are more than there are places. */
START_TEST(a_repeated_announcement_passes_dead_forgeries)
{
	resolved_below = 0;
	for (unsigned i = 0; i < 100; i++, pass(1))
		add(i, i);
	want(3);
	ck_assert_int_eq(next(), 3);
	ck_assert_int_eq(next(), 99);
}
END_TEST

START_TEST(a_host_that_is_not_resolved_has_one_fetch)
{
	resolved_below = 0;
	for (unsigned page = 0; page < 4; page++)
		add(page, 0);
	ck_assert_uint_eq(begin_all(), 1);
	resolved_below = 1;
	ck_assert_uint_eq(begin_all(), 3);
}
END_TEST

START_TEST(postponing_takes_nothing_of_the_hosts_burst)
{
	resolved_below = 0;
	add(0, 0);
	for (unsigned i = 0; i < 2 * FETCH_QUEUE_HOST_BURST; i++) {
		ck_assert_int_eq(next(), 0);
		ck_assert_uint_eq(postpone_all(), 1);
		pass(FETCH_QUEUE_POSTPONED);
	}
	resolved_below = 1;
	ck_assert_uint_eq(hammer(), FETCH_QUEUE_HOST_BURST);
}
END_TEST

START_TEST(what_has_connected_is_not_late)
{
	resolved_below = 0;
	add(0, 0);
	ck_assert_int_eq(next(), 0);
	pass(FETCH_QUEUE_RESOLVE_TIME);
	ck_assert_ptr_eq(fetch_queue_late(&queue, now), &pages[0]);
	fetch_queue_connected(&queue, &pages[0]);
	ck_assert_ptr_null(fetch_queue_late(&queue, now));
	ck_assert_uint_eq(queue.unresolved_active, 0);
	end(0, true);
	ck_assert_uint_eq(queue.active, 0);
}
END_TEST

START_TEST(of_too_many_that_wait_to_be_resolved_the_oldest_is_surplus)
{
	unsigned i = 0;
	resolved_below = 1;
	for (; i <= FETCH_QUEUE_WAITING_MAX; i++)
		add(i, i);
	ck_assert_ptr_null(fetch_queue_surplus(&queue));
	add(i, i);
	ck_assert_ptr_eq(fetch_queue_surplus(&queue), &pages[1]);
	want(1);
	ck_assert_ptr_eq(fetch_queue_surplus(&queue), &pages[2]);
	fetch_queue_leave(&queue, &pages[2]);
	ck_assert_ptr_null(fetch_queue_surplus(&queue));
}
END_TEST

START_TEST(what_has_answered_or_runs_is_no_surplus)
{
	for (unsigned i = 0; i < 16; i++) {
		add(i, i);
		ck_assert_int_eq(next(), (int)i);
		end((int)i, true);
	}
	resolved_below = 0;
	for (unsigned i = 16; i < 32; i++) {
		add(i, i);
		ck_assert_int_eq(next(), (int)i);
	}
	for (unsigned i = 0; i < 16; i++)
		want(i);
	ck_assert_int_eq(next(), -1);
	for (unsigned i = 32; i < 32 + FETCH_QUEUE_WAITING_MAX; i++)
		add(i, i);
	ck_assert_ptr_null(fetch_queue_surplus(&queue));
}
END_TEST

Suite *fetch_queue_suite(void)
{
	Suite *suite = suite_create("engine/fetch_queue");
	TCase *tcase = tcase_create("fetch_queue");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, what_was_never_tried_comes_first_and_the_newest_of_it);
	tcase_add_test(tcase, a_page_waits_until_it_is_due);
	tcase_add_test(tcase, places_are_limited);
	tcase_add_test(tcase, a_host_has_four_fetches_however_long_they_take);
	tcase_add_test(tcase, a_page_that_is_wanted_again_waits_for_its_fetch);
	tcase_add_test(tcase, link_local_hosts_differ_by_link);
	tcase_add_test(tcase, a_host_gives_a_burst_and_then_a_page_in_two_seconds);
	tcase_add_test(tcase, a_host_that_comes_back_has_no_fuller_bucket);
	tcase_add_test(tcase, a_host_is_forgotten_when_its_bucket_is_full_again);
	tcase_add_test(tcase, hosts_are_bounded);
	tcase_add_test(tcase, silent_hosts_behind_one_mac_have_few_places);
	tcase_add_test(tcase, silent_hosts_and_those_that_answered_do_not_count_together);
	tcase_add_test(tcase, hosts_that_answered_count_for_themselves);
	tcase_add_test(tcase, all_hosts_behind_a_repeater_have_their_turn_at_once);
	tcase_add_test(tcase, hosts_without_a_mac_count_for_themselves);
	tcase_add_test(tcase, a_mac_that_is_learnt_during_a_fetch_counts);
	tcase_add_test(tcase, a_host_that_goes_while_it_is_held_back_is_forgotten);
	tcase_add_test(tcase, hosts_that_are_not_resolved_have_places_of_their_own);
	tcase_add_test(tcase, what_is_resolved_comes_first);
	tcase_add_test(tcase, what_is_not_resolved_begins_32_times_a_second);
	tcase_add_test(tcase, the_news_of_a_mac_resumes_what_was_postponed);
	tcase_add_test(tcase, what_is_postponed_is_tried_again_when_it_is_announced);
	tcase_add_test(tcase, a_repeated_announcement_passes_dead_forgeries);
	tcase_add_test(tcase, a_host_that_is_not_resolved_has_one_fetch);
	tcase_add_test(tcase, postponing_takes_nothing_of_the_hosts_burst);
	tcase_add_test(tcase, what_has_connected_is_not_late);
	tcase_add_test(tcase, of_too_many_that_wait_to_be_resolved_the_oldest_is_surplus);
	tcase_add_test(tcase, what_has_answered_or_runs_is_no_surplus);
	suite_add_tcase(suite, tcase);
	return suite;
}
