/* SPDX-License-Identifier: ISC
 * Tests of engine/enrichment. */
#include "base/mac.h"
#include "engine/enrichment.h"
#include "suites.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { CAPACITY = 1000, LINK = 2, OWN_PORT = 5006 };
#define UDN "uuid:00000000-0000-0000-0000-000000000001"

static const struct siphash_key KEY = {{1, 2}};

static struct rng rng;
static struct link_set own;
static struct enrichment *enrichment;
static struct instant now;
static struct enrichment_fetch fetch;

static struct address address_of(const char *text)
{
	struct address address = {0};
	ck_assert_int_eq(address_parse(slice_of(text), &address), 0);
	return address;
}

static void set_up(void)
{
	rng_init(&rng, 1);
	now = (struct instant){SECONDS(1000)};
	link_set_init(&own);
	struct link *link = link_set_add(&own, LINK);
	struct link_address v4 = {.prefix = {address_of("192.0.2.1"), 24}, .usable = true};
	struct link_address v6 = {.prefix = {address_of("2001:db8::1"), 64}, .usable = true};
	link_add_address(link, &v4);
	link_add_address(link, &v6);
	enrichment = enrichment_new(CAPACITY, &KEY, &rng);
}

static void tear_down(void)
{
	enrichment_free(enrichment);
	link_set_fini(&own);
}

/* The number of the endpoint that a test calls by this name (FNV-1a). */
static uint64_t number_of(const char *name)
{
	uint64_t number = 0xcbf29ce484222325;
	for (; *name; name++)
		number = (number ^ (unsigned char)*name) * 0x100000001b3;
	return number;
}

static struct enrichment_subject subject_of(const char *id, const char *from, const char *url)
{
	return (struct enrichment_subject){.number = number_of(id),
	    .url = slice_of(url),
	    .from = address_of(from),
	    .link = LINK,
	    .has_epoch = true,
	    .epoch = 1,
	    .has_revision = true,
	    .revision = 1};
}

static int consider(const struct enrichment_subject *subject)
{
	return enrichment_consider(enrichment, now, subject, &own, OWN_PORT);
}

static int consider_simply(const char *id, const char *from, const char *location)
{
	struct enrichment_subject subject = subject_of(id, from, location);
	return consider(&subject);
}

static bool next(void)
{
	return enrichment_next(enrichment, now, &fetch);
}

static void pass(int64_t us)
{
	now = instant_add(now, us);
}

static bool takes(const char *id)
{
	return enrichment_takes(enrichment, fetch.number, number_of(id), true);
}

static bool end(enum enrichment_outcome outcome)
{
	bool answered = outcome != ENRICHMENT_FAILED;
	return enrichment_done(enrichment, now, fetch.number, outcome, answered);
}

/* Fetches what is due, now. */
static bool read_next(bool success)
{
	return next() && end(success ? ENRICHMENT_READ : ENRICHMENT_FAILED);
}

static int64_t until_next(void)
{
	return instant_since(enrichment_deadline(enrichment), now);
}

static uint64_t counted(const char *name)
{
	struct counter_group group = enrichment_counters(enrichment);
	for (size_t i = 0; i < group.count; i++)
		if (strcmp(group.counters[i].name, name) == 0)
			return group.counters[i].value;
	ck_abort_msg("no such counter");
	return 0;
}

START_TEST(a_new_location_is_fetched_at_once)
{
	ck_assert(instant_is_never(enrichment_deadline(enrichment)));
	ck_assert_int_eq(
	    consider_simply(UDN, "192.0.2.9", "http://192.0.2.9:8200/root.xml?x=1#part"), 0);
	ck_assert(instant_due(enrichment_deadline(enrichment), now));
	ck_assert(next());
	ck_assert_str_eq(fetch.url, "http://192.0.2.9:8200/root.xml?x=1#part");
	ck_assert_str_eq(fetch.path, "/root.xml?x=1");
	ck_assert_uint_eq(fetch.to.port, 8200);
	struct address host = address_of("192.0.2.9");
	ck_assert(address_equal(&fetch.to.address, &host));
	ck_assert_uint_eq(fetch.link, 0);
	ck_assert(!next());
	ck_assert(instant_is_never(enrichment_deadline(enrichment)));
}
END_TEST

/* Of a flood each fetch fails late. */
START_TEST(the_newest_does_not_wait_for_those_before)
{
	for (unsigned i = 1; i < 200; i++) {
		char id[32], from[32], location[64];
		snprintf(id, sizeof(id), "uuid:forged-%u", i);
		snprintf(from, sizeof(from), "192.0.2.%u", i);
		snprintf(location, sizeof(location), "http://192.0.2.%u/", i);
		ck_assert_int_eq(consider_simply(id, from, location), 0);
	}
	for (unsigned i = 0; i < FETCH_QUEUE_RESOLVED_MAX; i++)
		ck_assert(next());
	pass(SECONDS(1));
	ck_assert_int_eq(consider_simply(UDN, "192.0.2.209", "http://192.0.2.209/"), 0);
	ck_assert(end(ENRICHMENT_FAILED));
	ck_assert(next());
	ck_assert(takes(UDN));
}
END_TEST

START_TEST(what_was_read_is_not_read_again)
{
	struct enrichment_subject subject =
	    subject_of(UDN, "192.0.2.9", "http://192.0.2.9:8200/root.xml");
	ck_assert_int_eq(consider(&subject), 0);
	ck_assert(read_next(true));
	for (int i = 0; i < 1000; i++) {
		pass(SECONDS(60));
		ck_assert_int_eq(consider(&subject), 0);
		ck_assert(!next());
	}
	ck_assert(instant_is_never(enrichment_deadline(enrichment)));
	ck_assert_uint_eq(counted("fetches"), 1);
}
END_TEST

START_TEST(a_new_bootid_configid_or_location_is_read_again)
{
	struct enrichment_subject subject =
	    subject_of(UDN, "192.0.2.9", "http://192.0.2.9:8200/root.xml");
	consider(&subject);
	ck_assert(read_next(true));
	for (int i = 0; i < 3; i++) {
		pass(SECONDS(60));
		subject.epoch -= i == 0; /* lower is new as well */
		subject.revision += i == 1;
		if (i == 2)
			subject.url = SLICE("http://192.0.2.9:8200/other.xml");
		ck_assert_int_eq(consider(&subject), 0);
		ck_assert(read_next(true));
		ck_assert_int_eq(consider(&subject), 0);
		ck_assert(!next());
	}
}
END_TEST

START_TEST(a_number_not_known_before_is_no_change)
{
	struct enrichment_subject subject =
	    subject_of(UDN, "192.0.2.9", "http://192.0.2.9:8200/root.xml");
	subject.has_epoch = subject.has_revision = false;
	consider(&subject);
	ck_assert(read_next(true));
	pass(SECONDS(60));
	subject.has_revision = true;
	consider(&subject);
	ck_assert(!next());
	subject.revision++;
	consider(&subject);
	ck_assert(next());
}
END_TEST

/* Begins the fetch of a description whose configId is 7, and ends it. */
static void read_revision_7(void)
{
	ck_assert(next());
	enrichment_revision(enrichment, fetch.number, 7);
	ck_assert(end(ENRICHMENT_READ));
	pass(SECONDS(60));
}

START_TEST(a_first_configid_that_is_not_the_descriptions_is_a_change)
{
	struct enrichment_subject subject =
	    subject_of(UDN, "192.0.2.9", "http://192.0.2.9:8200/root.xml");
	subject.has_revision = false;
	consider(&subject);
	read_revision_7();
	subject.has_revision = true;
	subject.revision = 7;
	consider(&subject);
	ck_assert(!next());
	subject.revision = 8;
	consider(&subject);
	ck_assert(next());
}
END_TEST

START_TEST(a_configid_that_is_never_the_descriptions_costs_one_more_fetch)
{
	struct enrichment_subject subject =
	    subject_of(UDN, "192.0.2.9", "http://192.0.2.9:8200/root.xml");
	subject.has_revision = false;
	consider(&subject);
	read_revision_7();
	subject.has_revision = true;
	subject.revision = 8;
	consider(&subject);
	read_revision_7();
	for (int i = 0; i < 10; i++) {
		consider(&subject);
		ck_assert(!next());
		pass(SECONDS(60));
	}
}
END_TEST

START_TEST(a_configid_learnt_from_the_description_counts_for_its_whole_tree)
{
	const char *location = "http://192.0.2.9:8200/root.xml";
	struct enrichment_subject root = subject_of("uuid:root", "192.0.2.9", location);
	struct enrichment_subject embedded = subject_of("uuid:embedded", "192.0.2.9", location);
	root.has_revision = embedded.has_revision = false;
	consider(&root);
	consider(&embedded);
	read_revision_7();
	embedded.has_revision = true;
	embedded.revision = 8;
	consider(&embedded);
	ck_assert(next());
}
END_TEST

START_TEST(devices_that_share_a_location_are_served_by_one_fetch)
{
	const char *location = "http://192.0.2.9:8200/root.xml";
	consider_simply("uuid:root", "192.0.2.9", location);
	consider_simply("uuid:embedded", "192.0.2.9", location);
	ck_assert(next());
	consider_simply("uuid:late", "192.0.2.9", location);
	consider_simply("uuid:other", "192.0.2.9", "http://192.0.2.9:8200/other.xml");
	ck_assert(takes("uuid:root"));
	ck_assert(takes("uuid:embedded"));
	ck_assert(takes("uuid:late"));
	ck_assert(!takes("uuid:other"));
	ck_assert(!takes("uuid:stranger"));
	ck_assert(!enrichment_takes(enrichment, 0, number_of("uuid:other"), true));
	ck_assert(end(ENRICHMENT_READ));
	pass(SECONDS(10));
	ck_assert(read_next(true));
	ck_assert(!next());
	ck_assert_uint_eq(counted("fetches"), 2);
}
END_TEST

/* An embedded device is often heard of only after its root device's description was read. */
START_TEST(a_late_device_has_a_description_read_once_more)
{
	consider_simply("uuid:root", "192.0.2.9", "http://192.0.2.9/d.xml");
	ck_assert(read_next(true));
	ck_assert_int_eq(consider_simply("uuid:inner", "192.0.2.9", "http://192.0.2.9/d.xml"), 0);
	ck_assert(next());
	ck_assert(takes("uuid:inner"));
	ck_assert(end(ENRICHMENT_READ));
	for (int i = 0; i < 3; i++) {
		pass(SECONDS(60));
		consider_simply("uuid:root", "192.0.2.9", "http://192.0.2.9/d.xml");
		consider_simply("uuid:inner", "192.0.2.9", "http://192.0.2.9/d.xml");
		ck_assert(!next());
	}
}
END_TEST

START_TEST(a_reboot_of_root_and_embedded_device_is_read_once)
{
	const char *location = "http://192.0.2.9:8200/root.xml";
	struct enrichment_subject root = subject_of("uuid:root", "192.0.2.9", location);
	struct enrichment_subject embedded = subject_of("uuid:embedded", "192.0.2.9", location);
	consider(&root);
	consider(&embedded);
	ck_assert(read_next(true));
	pass(SECONDS(60));
	root.epoch = embedded.epoch = 2;
	consider(&root);
	ck_assert(read_next(true));
	pass(SECONDS(60));
	consider(&embedded);
	ck_assert(!next());
}
END_TEST

START_TEST(two_devices_that_never_agree_are_not_read_in_turns)
{
	const char *location = "http://192.0.2.9:8200/root.xml";
	struct enrichment_subject one = subject_of("uuid:one", "192.0.2.9", location);
	struct enrichment_subject two = subject_of("uuid:two", "192.0.2.9", location);
	two.epoch = 2;
	for (int i = 0; i < 100; i++, pass(SECONDS(60))) {
		consider(&one);
		consider(&two);
		read_next(true);
	}
	ck_assert_uint_le(counted("fetches"), 2);
}
END_TEST

START_TEST(a_change_during_a_fetch_causes_another)
{
	struct enrichment_subject subject =
	    subject_of(UDN, "192.0.2.9", "http://192.0.2.9:8200/root.xml");
	consider(&subject);
	ck_assert(next());
	subject.epoch++;
	consider(&subject);
	ck_assert(!next());
	pass(SECONDS(1));
	ck_assert(end(ENRICHMENT_READ));
	ck_assert(next());
	ck_assert(enrichment_takes(enrichment, fetch.number, subject.number, false));
	ck_assert(end(ENRICHMENT_READ));
	ck_assert(!next());
	ck_assert(instant_is_never(enrichment_deadline(enrichment)));
}
END_TEST

START_TEST(a_device_heard_by_two_links_is_not_read_in_turns)
{
	static const char *const HOSTS[][2] = {{"192.0.2.9", "http://192.0.2.9/"},
	    {"fe80::9", "http://[fe80::9]/"}, {"169.254.0.9", "http://169.254.0.9/"}};
	struct enrichment_subject subject = subject_of(UDN, HOSTS[_i][0], HOSTS[_i][1]);
	for (uint32_t i = 0; i < 20; i++, pass(SECONDS(60))) {
		subject.link = LINK + i % 2;
		ck_assert_int_eq(consider(&subject), 0);
		read_next(true);
	}
	ck_assert_uint_eq(counted("fetches"), 1);
}
END_TEST

static const struct refusal {
	const char *from, *location;
	int error;
} REFUSALS[] = {
    {"192.0.2.9", "http://192.0.2.9/", 0},
    {"192.0.2.9", "HTTP://192.0.2.9:80", 0},
    {"192.0.2.9", "http://[::ffff:192.0.2.9]:80/", 0},
    {"2001:db8::9", "http://[2001:db8::9]:80/", 0},
    {"fe80::9", "http://[fe80::9%25eth7]:80/", 0},
    {"192.0.2.9", "https://192.0.2.9/", -EINVAL},
    {"192.0.2.9", "ftp://192.0.2.9/", -EINVAL},
    {"192.0.2.9", "file:///etc/passwd", -EINVAL},
    {"192.0.2.9", "192.0.2.9:80/root.xml", -EINVAL},
    {"192.0.2.9", "http://printer/", -EINVAL},
    {"192.0.2.9", "http://localhost/", -EINVAL},
    {"192.0.2.9", "http://192.0.2.9:0/", -EINVAL},
    {"192.0.2.9", "http://3221225993/", -EINVAL},
    {"192.0.2.9", "http://192.0.2/", -EINVAL},
    {"192.0.2.9", "", -EINVAL},
    {"192.0.2.9", "http://192.0.2.10/", -EPERM},
    {"192.0.2.9", "http://127.0.0.1/", -EPERM},
    {"127.0.0.1", "http://127.0.0.1/", -EPERM},
    {"127.9.9.9", "http://127.9.9.9/", -EPERM},
    {"::1", "http://[::1]/", -EPERM},
    {"192.0.2.9", "http://[::ffff:127.0.0.1]/", -EPERM},
    {"239.255.255.250", "http://239.255.255.250/", -EPERM},
    {"ff02::c", "http://[ff02::c]/", -EPERM},
    {"255.255.255.255", "http://255.255.255.255/", -EPERM},
    {"0.0.0.0", "http://0.0.0.0/", -EPERM},
    {"192.0.2.1", "http://192.0.2.1:5006/", -EPERM},
    {"192.0.2.1", "http://192.0.2.1:8200/", 0},
    {"2001:db8::1", "http://[2001:db8::1]:5006/", -EPERM},
    {"2001:db8::1", "http://[2001:db8::1]:8200/", -EPERM},
};

START_TEST(only_the_announcing_host_is_fetched_from)
{
	const struct refusal *refusal = &REFUSALS[_i];
	ck_assert_int_eq(consider_simply(UDN, refusal->from, refusal->location), refusal->error);
	ck_assert_int_eq(next(), refusal->error == 0);
	ck_assert_uint_eq(counted("refused"), refusal->error != 0);
}
END_TEST

START_TEST(urls_have_a_bound)
{
	char url[ENRICHMENT_URL_MAX + 2];
	const char *begin = "http://192.0.2.9/";
	memset(url, 'x', sizeof(url));
	memcpy(url, begin, strlen(begin));
	url[ENRICHMENT_URL_MAX + 1] = '\0';
	ck_assert_int_eq(consider_simply(UDN, "192.0.2.9", url), -EINVAL);
	url[ENRICHMENT_URL_MAX] = '\0';
	ck_assert_int_eq(consider_simply(UDN, "192.0.2.9", url), 0);
}
END_TEST

START_TEST(a_link_local_address_keeps_its_link)
{
	ck_assert_int_eq(consider_simply(UDN, "fe80::9", "http://[fe80::9%2599]/a"), 0);
	ck_assert(next());
	ck_assert_uint_eq(fetch.link, LINK);
}
END_TEST

START_TEST(link_local_hosts_differ_by_link)
{
	struct enrichment_subject one = subject_of("uuid:one", "fe80::9", "http://[fe80::9]/");
	struct enrichment_subject two = subject_of("uuid:two", "fe80::9", "http://[fe80::9]/");
	two.link = LINK + 1;
	consider(&one);
	consider(&two);
	ck_assert(next());
	ck_assert(next());
}
END_TEST

START_TEST(a_refused_location_does_not_replace_the_good_one)
{
	const char *good = "http://192.0.2.9:8200/root.xml";
	consider_simply(UDN, "192.0.2.9", good);
	ck_assert_int_eq(consider_simply(UDN, "192.0.2.66", good), 0);
	ck_assert_int_eq(consider_simply(UDN, "192.0.2.66", "http://192.0.2.9:1/x"), -EPERM);
	ck_assert(next());
	ck_assert_str_eq(fetch.url, good);
	ck_assert(takes(UDN));
}
END_TEST

static void consider_host(unsigned n, uint16_t port)
{
	char id[32], from[32], location[64];
	snprintf(id, sizeof(id), "uuid:%u-%u", n, port);
	snprintf(from, sizeof(from), "198.51.%u.%u", n / 256, n % 256);
	snprintf(location, sizeof(location), "http://%s:%u/", from, port);
	ck_assert_int_eq(consider_simply(id, from, location), 0);
}

/* A television: four of its pages are read at once, and the others without a pause. */
START_TEST(all_ports_of_a_host_are_read_at_once)
{
	uint64_t running[FETCH_QUEUE_HOST_ACTIVE_MAX];
	for (uint16_t port = 1; port <= 8; port++)
		consider_host(1, port);
	for (int i = 0; i < FETCH_QUEUE_HOST_ACTIVE_MAX; i++) {
		ck_assert(next());
		running[i] = fetch.number;
	}
	ck_assert(!next());
	for (int i = 0; i < 8; i++) {
		uint64_t *ended = &running[i % FETCH_QUEUE_HOST_ACTIVE_MAX];
		ck_assert(enrichment_done(enrichment, now, *ended, ENRICHMENT_READ, true));
		bool more = i + FETCH_QUEUE_HOST_ACTIVE_MAX < 8;
		ck_assert_int_eq(next(), more);
		if (more)
			*ended = fetch.number;
	}
}
END_TEST

START_TEST(a_new_port_at_each_boot_is_read_each_time)
{
	for (uint16_t boot = 1; boot <= 100; boot++, pass(SECONDS(20))) {
		char location[64];
		snprintf(location, sizeof(location), "http://192.0.2.9:%u/", 49152u + boot);
		ck_assert_int_eq(consider_simply(UDN, "192.0.2.9", location), 0);
		ck_assert(read_next(true));
	}
}
END_TEST

START_TEST(a_failure_is_tried_again_after_growing_pauses)
{
	static const int64_t PAUSES[] = {1, 3, 10, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600};
	consider_host(1, 80);
	for (size_t i = 0; i < sizeof(PAUSES) / sizeof(PAUSES[0]); i++) {
		ck_assert(read_next(false));
		ck_assert(!next());
		ck_assert_int_ge(until_next(), SECONDS(PAUSES[i]) * 8 / 10);
		ck_assert_int_le(until_next(), SECONDS(PAUSES[i]) * 12 / 10);
		pass(until_next());
	}
	ck_assert(read_next(true));
	ck_assert(instant_is_never(enrichment_deadline(enrichment)));
	ck_assert_uint_eq(counted("failed"), 12);
	ck_assert_uint_eq(counted("unanswered"), 12);
	ck_assert_uint_eq(counted("read"), 1);
}
END_TEST

START_TEST(a_page_that_fails_does_not_hold_up_its_neighbour)
{
	consider_host(1, 80);
	for (int i = 0; i < 5; i++, pass(until_next()))
		ck_assert(read_next(false));
	ck_assert(read_next(false));
	consider_host(1, 81);
	ck_assert(next());
	ck_assert_uint_eq(fetch.to.port, 81);
}
END_TEST

static void fail_times(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (i)
			pass(until_next());
		ck_assert(read_next(false));
	}
}

START_TEST(an_announcement_brings_a_retry_forward)
{
	consider_host(1, 80);
	fail_times(3);
	consider_host(1, 80);
	ck_assert_int_eq(until_next(), ENRICHMENT_RETRY_GAP);
	pass(until_next());
	ck_assert(read_next(false));
	for (int i = 0; i < 3; i++) {
		consider_host(1, 80);
		ck_assert(!next());
		pass(SECONDS(1));
	}
	ck_assert(read_next(false));
	pass(SECONDS(20));
	ck_assert(!next());
	consider_host(1, 80);
	ck_assert(read_next(true));
}
END_TEST

/* Announced every second, a page that is never there is asked for every six minutes. */
START_TEST(announcements_do_not_end_a_long_back_off)
{
	consider_host(1, 80);
	fail_times(12);
	uint64_t before = counted("fetches");
	for (int i = 0; i < 3600; i++, pass(SECONDS(1))) {
		consider_host(1, 80);
		read_next(false);
	}
	ck_assert_uint_ge(counted("fetches") - before, 9);
	ck_assert_uint_le(counted("fetches") - before, 10);
}
END_TEST

START_TEST(an_announcement_from_elsewhere_brings_nothing_forward)
{
	const char *location = "http://192.0.2.9/";
	consider_simply(UDN, "192.0.2.9", location);
	fail_times(4);
	int64_t pause = until_next();
	consider_simply(UDN, "192.0.2.66", location);
	ck_assert_int_eq(until_next(), pause);
	consider_simply(UDN, "192.0.2.9", location);
	ck_assert_int_eq(until_next(), ENRICHMENT_RETRY_GAP);
}
END_TEST

START_TEST(a_page_that_is_announced_again_moves_to_the_front)
{
	consider_host(1, 80);
	pass(1);
	consider_host(2, 80);
	pass(1);
	consider_host(1, 80);
	ck_assert(next());
	struct address first = address_of("198.51.0.1");
	ck_assert(address_equal(&fetch.to.address, &first));
}
END_TEST

START_TEST(a_reboot_ends_the_back_off)
{
	struct enrichment_subject subject =
	    subject_of(UDN, "192.0.2.9", "http://192.0.2.9:8200/root.xml");
	consider(&subject);
	fail_times(6);
	pass(SECONDS(1));
	ck_assert(!next());
	subject.epoch++;
	consider(&subject);
	ck_assert(read_next(false));
	ck_assert_int_le(until_next(), SECONDS(1) * 12 / 10);
}
END_TEST

START_TEST(a_page_that_was_cut_is_tried_again)
{
	consider_host(1, 80);
	ck_assert(next());
	ck_assert(enrichment_takes(enrichment, fetch.number, number_of("uuid:1-80"), false));
	ck_assert(end(ENRICHMENT_CUT));
	ck_assert_int_le(until_next(), SECONDS(1) * 12 / 10);
	pass(until_next());
	ck_assert(next());
	ck_assert(enrichment_takes(enrichment, fetch.number, number_of("uuid:1-80"), false));
	ck_assert(enrichment_takes(enrichment, fetch.number, number_of("uuid:1-80"), true));
	ck_assert(end(ENRICHMENT_READ));
	ck_assert(!next());
	ck_assert_uint_eq(counted("cut"), 1);
	ck_assert_uint_eq(counted("read"), 1);
	ck_assert_uint_eq(counted("unanswered"), 0);
}
END_TEST

START_TEST(a_part_replaces_nothing_of_the_same_version)
{
	const char *location = "http://192.0.2.9/";
	struct enrichment_subject root = subject_of("uuid:root", "192.0.2.9", location);
	consider(&root);
	ck_assert(read_next(true));
	consider_simply("uuid:late", "192.0.2.9", location);
	ck_assert(next());
	ck_assert(!enrichment_takes(enrichment, fetch.number, root.number, false));
	ck_assert(enrichment_takes(enrichment, fetch.number, root.number, true));
	ck_assert(enrichment_takes(enrichment, fetch.number, number_of("uuid:late"), false));
	ck_assert(end(ENRICHMENT_READ));
	root.epoch++;
	consider(&root);
	ck_assert(next());
	ck_assert(enrichment_takes(enrichment, fetch.number, root.number, false));
}
END_TEST

/* The subjects of a page: those that announce it now, and those that did before. */
struct announcers {
	uint64_t numbers[2][4];
	size_t count[2];
};

static void note_subject(void *context, uint64_t subject, bool current)
{
	struct announcers *announcers = context;
	announcers->numbers[current][announcers->count[current]++] = subject;
}

START_TEST(each_subject_that_announces_a_page_is_found)
{
	const char *url = "http://192.0.2.9/";
	struct announcers found = {0};
	consider_simply("a", "192.0.2.9", url);
	consider_simply("b", "192.0.2.9", url);
	consider_simply("c", "192.0.2.9", "http://192.0.2.9/c");
	consider_simply("d", "192.0.2.9", url);
	consider_simply("d", "192.0.2.9", "http://192.0.2.9/d");
	ck_assert(next());
	while (strcmp(fetch.url, url) != 0)
		ck_assert(end(ENRICHMENT_READ) && next());
	enrichment_each(enrichment, fetch.number, note_subject, &found);
	ck_assert_uint_eq(found.count[true], 2);
	ck_assert_uint_eq(
	    found.numbers[true][0] + found.numbers[true][1], number_of("a") + number_of("b"));
	ck_assert_uint_eq(found.count[false], 1);
	ck_assert_uint_eq(found.numbers[false][0], number_of("d"));
	enrichment_each(enrichment, 0, note_subject, &found);
	ck_assert_uint_eq(found.count[true], 2);
}
END_TEST

START_TEST(a_page_is_read_again_on_request)
{
	consider_simply(UDN, "192.0.2.9", "http://192.0.2.9/");
	ck_assert(read_next(true));
	ck_assert(!next());
	enrichment_read_again(enrichment, now, now, number_of("stranger"));
	ck_assert(!next());
	enrichment_read_again(enrichment, now, now, number_of(UDN));
	ck_assert(next());
	ck_assert(takes(UDN));
	ck_assert(end(ENRICHMENT_READ));
	ck_assert(instant_is_never(enrichment_deadline(enrichment)));
	ck_assert_uint_eq(counted("fetches"), 2);
	enrichment_read_again(enrichment, now, instant_add(now, SECONDS(2)), number_of(UDN));
	ck_assert(!next());
	pass(SECONDS(2));
	ck_assert(next());
	ck_assert(takes(UDN));
}
END_TEST

START_TEST(a_request_changes_nothing_for_a_page_that_is_not_read)
{
	consider_simply(UDN, "192.0.2.9", "http://192.0.2.9/");
	ck_assert(next());
	enrichment_read_again(enrichment, now, now, number_of(UDN)); /* it is being read */
	ck_assert(!next());
	ck_assert(end(ENRICHMENT_FAILED));
	enrichment_read_again(enrichment, now, now, number_of(UDN)); /* it waits for its retry */
	ck_assert(!next());
	enrichment_forget(enrichment, number_of(UDN));
	enrichment_read_again(enrichment, now, now, number_of(UDN));
	pass(SECONDS(60));
	ck_assert(!next());
	ck_assert_uint_eq(counted("fetches"), 1);
}
END_TEST

START_TEST(two_locations_in_turn_are_read_once_each)
{
	for (int i = 0; i < 50; i++, pass(SECONDS(30))) {
		consider_simply(
		    UDN, "192.0.2.9", i % 2 ? "http://192.0.2.9:1/" : "http://192.0.2.9/");
		read_next(true);
	}
	ck_assert_uint_eq(counted("fetches"), 2);
}
END_TEST

/* Each is left before it is read. */
START_TEST(two_locations_in_turn_are_read_even_when_they_are_slow)
{
	consider_simply(UDN, "192.0.2.9", "http://192.0.2.9/");
	ck_assert(next());
	consider_simply(UDN, "192.0.2.9", "http://192.0.2.9:1/");
	ck_assert(takes(UDN));
	ck_assert(end(ENRICHMENT_READ));
	ck_assert(next());
	consider_simply(UDN, "192.0.2.9", "http://192.0.2.9/");
	ck_assert(takes(UDN));
	ck_assert(end(ENRICHMENT_READ));
	ck_assert(!next());
}
END_TEST

START_TEST(a_page_of_another_host_does_not_describe_a_device_that_left_it)
{
	consider_simply(UDN, "192.0.2.66", "http://192.0.2.66/");
	ck_assert(next());
	uint64_t number = fetch.number;
	consider_simply(UDN, "192.0.2.9", "http://192.0.2.9/");
	ck_assert(!enrichment_takes(enrichment, number, number_of(UDN), true));
	ck_assert(!enrichment_done(enrichment, now, number, ENRICHMENT_READ, true));
	ck_assert(read_next(true));
}
END_TEST

START_TEST(a_page_that_was_left_while_it_was_fetched_is_not_tried_again)
{
	consider_simply(UDN, "192.0.2.9", "http://192.0.2.9/");
	ck_assert(next());
	consider_simply(UDN, "192.0.2.9", "http://192.0.2.9:1/");
	ck_assert(end(ENRICHMENT_FAILED));
	ck_assert(read_next(true));
	pass(SECONDS(60));
	ck_assert(!next());
}
END_TEST

START_TEST(a_page_that_was_left_is_not_fetched)
{
	consider_simply(UDN, "192.0.2.9", "http://192.0.2.9/");
	consider_simply(UDN, "192.0.2.9", "http://192.0.2.9:1/");
	ck_assert(read_next(true));
	ck_assert(!next());
	consider_simply(UDN, "192.0.2.9", "http://192.0.2.9/");
	ck_assert(read_next(false));
	consider_simply(UDN, "192.0.2.9", "http://192.0.2.9:1/");
	pass(SECONDS(60));
	ck_assert(!next());
	consider_simply(UDN, "192.0.2.9", "http://192.0.2.9/");
	ck_assert(read_next(true));
}
END_TEST

START_TEST(a_forgotten_device_is_not_fetched)
{
	consider_host(1, 80);
	enrichment_forget(enrichment, number_of("uuid:1-80"));
	enrichment_forget(enrichment, number_of("uuid:1-80"));
	ck_assert(!next());
	ck_assert(instant_is_never(enrichment_deadline(enrichment)));
}
END_TEST

START_TEST(the_fetch_of_a_forgotten_device_is_ignored)
{
	consider_host(1, 80);
	ck_assert(next());
	enrichment_forget(enrichment, number_of("uuid:1-80"));
	ck_assert(!takes("uuid:1-80"));
	ck_assert(!end(ENRICHMENT_READ));
	ck_assert(!end(ENRICHMENT_READ));
	ck_assert(!enrichment_done(enrichment, now, 0, ENRICHMENT_READ, true));
	ck_assert(!enrichment_running(enrichment, 0, &fetch));
}
END_TEST

START_TEST(a_device_that_comes_back_during_its_fetch_is_served_by_it)
{
	consider_host(1, 80);
	ck_assert(next());
	enrichment_forget(enrichment, number_of("uuid:1-80"));
	consider_host(1, 80);
	ck_assert(takes("uuid:1-80"));
	ck_assert(end(ENRICHMENT_READ));
	ck_assert(instant_is_never(enrichment_deadline(enrichment)));
}
END_TEST

START_TEST(there_are_no_more_subjects_than_agreed)
{
	enrichment_free(enrichment);
	enrichment = enrichment_new(2, &KEY, &rng);
	consider_host(1, 80);
	consider_host(2, 80);
	ck_assert_int_eq(consider_simply("uuid:3", "192.0.2.3", "http://192.0.2.3/"), -ENOSPC);
	consider_host(2, 80);
	enrichment_forget(enrichment, number_of("uuid:1-80"));
	ck_assert_int_eq(consider_simply("uuid:3", "192.0.2.3", "http://192.0.2.3/"), 0);
	ck_assert_uint_eq(counted("full"), 1);
	enrichment_set_capacity(enrichment, 3);
	ck_assert_int_eq(consider_simply("uuid:4", "192.0.2.4", "http://192.0.2.4/"), 0);
}
END_TEST

/* A few hundred devices on some hosts that come, go, reboot, move and fail at random. Those of the
 * first hosts are behind one MAC and never answer. */
enum { HOSTS = 48, SILENT_HOSTS = 16, STEPS = 6000 };

struct history {
	struct instant started[STEPS];
	size_t count;
	unsigned running;
};

static bool is_silent(const struct address *address)
{
	return address->bytes[3] < SILENT_HOSTS;
}

static bool find_mac(void *context, uint32_t link, const struct address *address, struct mac *mac)
{
	(void)context;
	ck_assert_uint_eq(link, LINK);
	*mac = (struct mac){{2, is_silent(address) ? 0 : address->bytes[3]}, true};
	return true;
}

/* Mistakes among what was fetched from one host: more than its bucket gives. */
static unsigned broken_rules(const struct history *history)
{
	unsigned broken = 0;
	for (size_t i = 0; i < history->count; i++)
		for (size_t j = i + FETCH_QUEUE_HOST_BURST; j < history->count; j++) {
			int64_t span = instant_since(history->started[j], history->started[i]);
			int64_t refilled = span / FETCH_QUEUE_HOST_REFILL;
			broken += (int64_t)(j - i + 1) > FETCH_QUEUE_HOST_BURST + refilled;
		}
	return broken;
}

static void something_happens(void)
{
	char id[32], from[32], location[64];
	unsigned host = (unsigned)rng_below(&rng, rng_below(&rng, 2) ? 2 : HOSTS);
	host = host < 2 ? host + SILENT_HOSTS : host - 2;
	snprintf(id, sizeof(id), "uuid:%u-%u", host, (unsigned)rng_below(&rng, 8));
	snprintf(from, sizeof(from), "198.51.100.%u", host);
	snprintf(location, sizeof(location), "http://%s:%u/%u", from,
	    1 + (unsigned)rng_below(&rng, 5), (unsigned)rng_below(&rng, 2));
	struct enrichment_subject subject = subject_of(id, from, location);
	subject.epoch = (uint32_t)rng_below(&rng, 3);
	if (rng_below(&rng, 6) == 0)
		enrichment_forget(enrichment, subject.number);
	else
		consider(&subject);
}

/* What runs, and what it may not. */
struct course {
	struct history histories[HOSTS];
	struct enrichment_fetch running[ENRICHMENT_ACTIVE_MAX];
	size_t active, silent;
};

static unsigned begin_fetches(struct course *course)
{
	while (next()) {
		struct history *history = &course->histories[fetch.to.address.bytes[3]];
		course->silent += is_silent(&fetch.to.address);
		if (course->active == ENRICHMENT_ACTIVE_MAX ||
		    history->running == FETCH_QUEUE_HOST_ACTIVE_MAX || history->count == STEPS ||
		    course->silent > FETCH_QUEUE_UNANSWERED_MAX)
			return 1;
		history->running++;
		history->started[history->count++] = now;
		course->running[course->active++] = fetch;
	}
	return 0;
}

static void end_one(struct course *course)
{
	size_t i = (size_t)rng_below(&rng, course->active);
	const struct enrichment_fetch *ended = &course->running[i];
	bool silent = is_silent(&ended->to.address);
	enum enrichment_outcome outcome =
	    silent ? ENRICHMENT_FAILED : (enum enrichment_outcome)rng_below(&rng, 3);
	course->histories[ended->to.address.bytes[3]].running--;
	course->silent -= silent;
	enrichment_done(enrichment, now, ended->number, outcome, !silent);
	course->running[i] = course->running[--course->active];
}

START_TEST(no_order_of_events_breaks_the_limits)
{
	static struct course course;
	unsigned broken = 0;
	memset(&course, 0, sizeof(course));
	rng_init(&rng, (uint64_t)_i);
	enrichment_set_mac_finder(enrichment, find_mac, NULL);
	for (unsigned step = 0; step < STEPS && !broken; step++) {
		if (rng_below(&rng, 3) == 0)
			pass((int64_t)rng_below(&rng, SECONDS(rng_below(&rng, 20) ? 1 : 900)));
		something_happens();
		broken += begin_fetches(&course);
		broken += instant_due(enrichment_deadline(enrichment), now);
		if (course.active && rng_below(&rng, 3))
			end_one(&course);
	}
	for (size_t host = 0; host < HOSTS; host++)
		broken += broken_rules(&course.histories[host]);
	ck_assert_msg(broken == 0, "seed %d", _i);
	ck_assert_uint_gt(counted("fetches"), 100);
}
END_TEST

static bool find_no_mac(
    void *context, uint32_t link, const struct address *address, struct mac *mac)
{
	(void)context, (void)link, (void)address;
	*mac = (struct mac){0};
	return false;
}

/* Neither as a failure nor as long. */
START_TEST(what_is_postponed_has_not_failed)
{
	uint64_t number;
	enrichment_set_mac_finder(enrichment, find_no_mac, NULL);
	ck_assert_int_eq(consider_simply(UDN, "192.0.2.9", "http://192.0.2.9/"), 0);
	ck_assert(next());
	ck_assert(!enrichment_late(enrichment, now, &number));
	ck_assert_int_eq(until_next(), FETCH_QUEUE_RESOLVE_TIME);
	pass(until_next());
	ck_assert(enrichment_late(enrichment, now, &number));
	ck_assert_uint_eq(number, fetch.number);
	enrichment_postponed(enrichment, now, number);
	ck_assert_uint_eq(counted("postponed"), 1);
	ck_assert_uint_eq(counted("failed"), 0);
	ck_assert(!next());
	ck_assert_int_eq(until_next(), FETCH_QUEUE_POSTPONED);
	pass(SECONDS(1));
	ck_assert_int_eq(consider_simply(UDN, "192.0.2.9", "http://192.0.2.9/"), 0);
	ck_assert_int_eq(until_next(), FETCH_QUEUE_POSTPONED_GAP - SECONDS(1));
	pass(until_next());
	ck_assert(next());
	ck_assert(end(ENRICHMENT_READ));
}
END_TEST

START_TEST(what_is_forgotten_while_it_is_late_goes)
{
	uint64_t number;
	enrichment_set_mac_finder(enrichment, find_no_mac, NULL);
	ck_assert_int_eq(consider_simply(UDN, "192.0.2.9", "http://192.0.2.9/"), 0);
	ck_assert(next());
	enrichment_forget(enrichment, number_of(UDN));
	pass(FETCH_QUEUE_RESOLVE_TIME);
	ck_assert(enrichment_late(enrichment, now, &number));
	enrichment_postponed(enrichment, now, number);
	ck_assert(!enrichment_running(enrichment, number, &fetch));
	ck_assert(!next());
}
END_TEST

START_TEST(of_a_crowd_without_macs_the_oldest_are_forgotten)
{
	enrichment_set_mac_finder(enrichment, find_no_mac, NULL);
	for (unsigned i = 0; i < FETCH_QUEUE_WAITING_MAX + 10; i++) {
		char id[32], from[32], location[64];
		ck_assert(!enrichment_is_crowded(enrichment) || i > FETCH_QUEUE_WAITING_MAX);
		snprintf(id, sizeof(id), "uuid:forged-%u", i);
		snprintf(from, sizeof(from), "198.51.%u.%u", 100 + i / 250, i % 250 + 1);
		snprintf(location, sizeof(location), "http://%s/", from);
		ck_assert_int_eq(consider_simply(id, from, location), 0);
	}
	ck_assert_uint_eq(counted("forgotten"), 10);
	ck_assert(enrichment_was_crowded(enrichment));
	ck_assert(!enrichment_was_crowded(enrichment));
	/* It is considered anew. */
	pass(1);
	ck_assert_int_eq(
	    consider_simply("uuid:forged-0", "198.51.100.1", "http://198.51.100.1/"), 0);
	ck_assert_uint_eq(counted("forgotten"), 11);
	ck_assert(next());
	ck_assert(takes("uuid:forged-0"));
}
END_TEST

/* More of them than may wait for a MAC. */
START_TEST(what_is_known_from_a_former_start_is_not_read_until_it_changes)
{
	char id[16], url[64], from[32];
	enrichment_set_mac_finder(enrichment, find_no_mac, NULL);
	for (unsigned i = 0; i < 400; i++) {
		snprintf(id, sizeof(id), "%u", i);
		snprintf(from, sizeof(from), "10.1.%u.%u", 1 + i / 200, 1 + i % 200);
		snprintf(url, sizeof(url), "http://%s/d.xml", from);
		struct enrichment_subject subject = subject_of(id, from, url);
		ck_assert_int_eq(consider(&subject), 0);
		enrichment_know(enrichment, now, subject.number);
	}
	ck_assert(!next());
	ck_assert_int_eq(consider_simply("3", "10.1.1.4", "http://10.1.1.4/d.xml"), 0);
	ck_assert(!next());
	struct enrichment_subject changed = subject_of("3", "10.1.1.4", "http://10.1.1.4/d.xml");
	changed.revision = 7;
	ck_assert_int_eq(consider(&changed), 0);
	ck_assert(next());
	ck_assert(end(ENRICHMENT_READ));
	ck_assert(!next());
}
END_TEST

START_TEST(pages_of_two_forms_at_one_url_are_two)
{
	static const struct page_form FORM = {.content_type = "text/plain"};
	struct enrichment_subject subject = subject_of("a", "192.0.2.9", "http://192.0.2.9/");

	ck_assert_int_eq(consider(&subject), 0);
	subject.number = number_of("b");
	subject.form = &FORM;
	ck_assert_int_eq(consider(&subject), 0);
	ck_assert(next());
	bool first_has_form = fetch.form == &FORM;
	ck_assert(takes(first_has_form ? "b" : "a") && !takes(first_has_form ? "a" : "b"));
	ck_assert(end(ENRICHMENT_READ));
	ck_assert(next());
	ck_assert_ptr_eq(fetch.form, first_has_form ? NULL : &FORM);
	ck_assert(end(ENRICHMENT_READ));
	ck_assert(!next());
}
END_TEST

Suite *enrichment_suite(void)
{
	Suite *suite = suite_create("engine/enrichment");
	TCase *tcase = tcase_create("enrichment");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_new_location_is_fetched_at_once);
	tcase_add_test(tcase, the_newest_does_not_wait_for_those_before);
	tcase_add_test(tcase, what_was_read_is_not_read_again);
	tcase_add_test(tcase, what_is_postponed_has_not_failed);
	tcase_add_test(tcase, of_a_crowd_without_macs_the_oldest_are_forgotten);
	tcase_add_test(tcase, what_is_known_from_a_former_start_is_not_read_until_it_changes);
	tcase_add_test(tcase, what_is_forgotten_while_it_is_late_goes);
	tcase_add_test(tcase, a_new_bootid_configid_or_location_is_read_again);
	tcase_add_test(tcase, a_number_not_known_before_is_no_change);
	tcase_add_test(tcase, a_first_configid_that_is_not_the_descriptions_is_a_change);
	tcase_add_test(tcase, a_configid_that_is_never_the_descriptions_costs_one_more_fetch);
	tcase_add_test(tcase, a_configid_learnt_from_the_description_counts_for_its_whole_tree);
	tcase_add_test(tcase, devices_that_share_a_location_are_served_by_one_fetch);
	tcase_add_test(tcase, a_late_device_has_a_description_read_once_more);
	tcase_add_test(tcase, a_reboot_of_root_and_embedded_device_is_read_once);
	tcase_add_test(tcase, two_devices_that_never_agree_are_not_read_in_turns);
	tcase_add_test(tcase, a_change_during_a_fetch_causes_another);
	tcase_add_loop_test(tcase, a_device_heard_by_two_links_is_not_read_in_turns, 0, 3);
	tcase_add_loop_test(tcase, only_the_announcing_host_is_fetched_from, 0,
	    (int)(sizeof(REFUSALS) / sizeof(REFUSALS[0])));
	tcase_add_test(tcase, urls_have_a_bound);
	tcase_add_test(tcase, a_link_local_address_keeps_its_link);
	tcase_add_test(tcase, link_local_hosts_differ_by_link);
	tcase_add_test(tcase, a_refused_location_does_not_replace_the_good_one);
	tcase_add_test(tcase, all_ports_of_a_host_are_read_at_once);
	tcase_add_test(tcase, a_new_port_at_each_boot_is_read_each_time);
	tcase_add_test(tcase, a_failure_is_tried_again_after_growing_pauses);
	tcase_add_test(tcase, a_page_that_fails_does_not_hold_up_its_neighbour);
	tcase_add_test(tcase, an_announcement_brings_a_retry_forward);
	tcase_add_test(tcase, announcements_do_not_end_a_long_back_off);
	tcase_add_test(tcase, an_announcement_from_elsewhere_brings_nothing_forward);
	tcase_add_test(tcase, a_page_that_is_announced_again_moves_to_the_front);
	tcase_add_test(tcase, a_reboot_ends_the_back_off);
	tcase_add_test(tcase, a_page_that_was_cut_is_tried_again);
	tcase_add_test(tcase, a_part_replaces_nothing_of_the_same_version);
	tcase_add_test(tcase, each_subject_that_announces_a_page_is_found);
	tcase_add_test(tcase, a_page_is_read_again_on_request);
	tcase_add_test(tcase, a_request_changes_nothing_for_a_page_that_is_not_read);
	tcase_add_test(tcase, two_locations_in_turn_are_read_once_each);
	tcase_add_test(tcase, two_locations_in_turn_are_read_even_when_they_are_slow);
	tcase_add_test(tcase, a_page_of_another_host_does_not_describe_a_device_that_left_it);
	tcase_add_test(tcase, a_page_that_was_left_is_not_fetched);
	tcase_add_test(tcase, a_page_that_was_left_while_it_was_fetched_is_not_tried_again);
	tcase_add_test(tcase, a_forgotten_device_is_not_fetched);
	tcase_add_test(tcase, the_fetch_of_a_forgotten_device_is_ignored);
	tcase_add_test(tcase, a_device_that_comes_back_during_its_fetch_is_served_by_it);
	tcase_add_test(tcase, pages_of_two_forms_at_one_url_are_two);
	tcase_add_test(tcase, there_are_no_more_subjects_than_agreed);
	tcase_add_loop_test(tcase, no_order_of_events_breaks_the_limits, 1, 6);
	suite_add_tcase(suite, tcase);
	return suite;
}
