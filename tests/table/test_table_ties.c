/* SPDX-License-Identifier: ISC
 * Tests of table/table_ties and table_claims: which endpoints are one device. */
#include "id_of.h"
#include "suites.h"
#include "table_fixture.h"
#include <errno.h>
#include <stdio.h>

static size_t devices(const struct fixture *f)
{
	return table_device_count(f->table);
}

/* A MAC of 0: the kernel knows none. */
static unsigned mac_seen(const struct fixture *f, const char *key)
{
	const struct endpoint *endpoint = fixture_endpoint(f, key);
	return STAILQ_FIRST(&endpoint->presences)->mac.bytes[5];
}

START_TEST(news_of_an_address_are_for_all_at_that_place_alone)
{
	struct fixture f;
	fixture_init(&f, NULL);
	struct sighting elsewhere = fixture_alive("uuid:d", 1);
	elsewhere.link = 3;
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 1));
	fixture_observe(&f, fixture_alive("uuid:c", 2));
	fixture_observe(&f, elsewhere);
	fixture_observe(&f, fixture_shout(1, "e"));
	fixture_learn(&f, 1, 7);
	ck_assert_uint_eq(mac_seen(&f, "uuid:a"), 7);
	ck_assert_uint_eq(mac_seen(&f, "uuid:b"), 7);
	ck_assert_uint_eq(mac_seen(&f, "uuid:c"), 0);
	ck_assert_uint_eq(mac_seen(&f, "uuid:d"), 0);
	const struct device *device = fixture_device(&f, "uuid:a");
	ck_assert_uint_eq(device->endpoint_count, 3);
	ck_assert(TAILQ_LAST(&device->endpoints, endpoint_list)->by_mac);
	fixture_fini(&f);
}
END_TEST

START_TEST(all_protocols_of_one_address_are_one_device)
{
	struct fixture f;
	fixture_init(&f, NULL);
	EXPECT(&f, fixture_shout(1, "nas"), 0, "+address:192.0.2.1%2 ");
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_observe(&f, fixture_alive("uuid:b", 1));
	EXPECT_LATER(&f, 1, "~address:192.0.2.1%2(protocols,endpoints) ");
	ck_assert_uint_eq(devices(&f), 1);
	ck_assert_ptr_eq(fixture_device(&f, "uuid:a"), fixture_device(&f, "uuid:b"));
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->endpoint_count, 3);
	fixture_fini(&f);
}
END_TEST

START_TEST(two_families_become_one_when_the_mac_is_known)
{
	struct fixture f;
	char buffer[ADDRESS_TEXT_MAX];
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_shout(1, "lamp"));
	fixture_observe(&f, fixture_by_ipv6(fixture_alive("uuid:a", 1), 1));
	EXPECT_TOLD(&f, "+address:192.0.2.1%2 +uuid:a ");
	fixture_observe(&f, fixture_with_mac(fixture_by_ipv6(fixture_alive("uuid:a", 1), 1), 7));
	ck_assert_uint_eq(devices(&f), 2);
	fixture_learn(&f, 1, 7);
	EXPECT_TOLD(&f, "-uuid:a>address:192.0.2.1%2 ");
	EXPECT_LATER(&f, 1, "~address:192.0.2.1%2(protocols,addresses,endpoints) ");
	ck_assert_str_eq(device_name(fixture_device(&f, "uuid:a"), buffer), "lamp");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_host_that_comes_on_another_link_by_the_same_mac_is_asked_on_the_former_one)
{
	struct fixture f;
	struct sighting other;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_shout(1, "lamp"), 1));
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 1));
	fixture_advance(&f, SECONDS(1));
	other = fixture_with_mac(fixture_alive("uuid:a", 9), 1);
	other.link = 3;
	fixture_observe(&f, other);
	fixture_advance(&f, SECONDS(2));
	/* It is silent there, so it has moved. */
	ck_assert_uint_eq(devices(&f), 1);
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->endpoint_count, 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(one_uuid_at_two_links_is_one_device)
{
	struct fixture f;
	struct sighting other;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_with_epoch(fixture_alive("uuid:a", 1), 5), 1));
	other = fixture_with_mac(fixture_with_epoch(fixture_alive("uuid:a", 9), 5), 2);
	other.link = 3;
	EXPECT(&f, other, 0, "+uuid:a ");
	EXPECT_LATER(&f, 1, "~uuid:a(addresses,endpoints) ");
	/* It restarts, which is heard on one link before the other. */
	fixture_observe(&f, fixture_with_mac(fixture_with_epoch(fixture_alive("uuid:a", 1), 6), 1));
	fixture_advance(&f, SECONDS(2));
	other.epoch.value = 6;
	fixture_observe(&f, other);
	ck_assert_uint_eq(devices(&f), 1);
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->flags, 0);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_uuid_is_the_same_over_two_protocols)
{
	struct fixture f;
	struct sighting other = fixture_alive("urn:uuid:37ED2BAA-DD46-548D-87C6-E5282B01BD6C", 3);
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:37ed2baadd46548d87c6e5282b01bd6c", 1));
	other.protocol = &FIXTURE_BROADCAST;
	fixture_observe(&f, other);
	ck_assert_uint_eq(devices(&f), 1);
	ck_assert_ptr_nonnull(fixture_device(&f, "37ed2baa-dd46-548d-87c6-e5282b01bd6c"));
	fixture_fini(&f);
}
END_TEST

START_TEST(clones_are_told_apart_by_their_epochs)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_with_epoch(fixture_alive("uuid:a", 1), 5), 1));
	EXPECT_TOLD(&f, "+uuid:a ");
	fixture_advance(&f, SECONDS(20));
	/* The second one is held while the first one is asked. */
	EXPECT(&f, fixture_with_mac(fixture_with_epoch(fixture_alive("uuid:a", 2), 8), 2), 0, "");
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	fixture_advance(&f, MILLISECONDS(10));
	fixture_observe(&f, fixture_with_mac(fixture_with_epoch(fixture_alive("uuid:a", 1), 5), 1));
	EXPECT_LATER(&f, 4, "+mac:02:00:00:00:00:02 ~uuid:a(flags) ");
	ck_assert_uint_eq(devices(&f), 2);
	ck_assert_uint_eq(
	    table_find(f.table, slice_of("mac:02:00:00:00:00:02"))->flags, DEVICE_DUPLICATE_UUID);
	fixture_fini(&f);
}
END_TEST

START_TEST(clones_without_epochs_are_told_apart_by_their_descriptions)
{
	struct fixture f;
	struct sighting one = fixture_described("uuid:a", 1, "one");
	struct sighting two = fixture_described("uuid:a", 2, "two");
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_at("uuid:a", 1, "http://192.0.2.1/"), 1));
	fixture_observe(&f, fixture_with_mac(fixture_at("uuid:a", 2, "http://192.0.2.2/"), 2));
	one.facts[FACT_SERIAL] = SLICE("1");
	two.facts[FACT_SERIAL] = SLICE("2");
	fixture_observe(&f, fixture_with_mac(one, 1));
	fixture_observe(&f, fixture_with_mac(two, 2));
	fixture_advance(&f, SECONDS(1));
	ck_assert_uint_eq(devices(&f), 2);
	const struct device *found[2];
	struct key key = key_of_id(SLICE("uuid:a"));
	ck_assert_uint_eq(table_find_key(f.table, &key, found, 2), 2);
	ck_assert_uint_eq(found[0]->flags & found[1]->flags, DEVICE_DUPLICATE_UUID);
	fixture_fini(&f);
}
END_TEST

START_TEST(one_device_with_two_cards_in_one_network_is_one)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_with_epoch(fixture_alive("uuid:a", 1), 5), 1));
	fixture_observe(&f, fixture_with_mac(fixture_with_epoch(fixture_alive("uuid:a", 2), 5), 2));
	ck_assert_uint_eq(devices(&f), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(hosts_behind_one_mac_are_one_each)
{
	struct fixture f;
	fixture_init(&f, NULL);
	for (unsigned host = 1; host <= 3; host++) {
		fixture_observe(&f, fixture_with_mac(fixture_shout(host, "repeated"), 1));
		fixture_advance(&f, MILLISECONDS(10));
		/* All of them answer when they are asked. */
		for (unsigned known = 1; known <= host; known++)
			fixture_observe(&f, fixture_with_mac(fixture_shout(known, "repeated"), 1));
		fixture_advance(&f, SECONDS(11));
	}
	ck_assert_uint_eq(devices(&f), 3);
	/* And IPv6 does not tell which of them it is. */
	fixture_observe(&f, fixture_with_mac(fixture_by_ipv6(fixture_shout(1, "six"), 1), 1));
	ck_assert_uint_eq(devices(&f), 4);
	fixture_fini(&f);
}
END_TEST

/* Anything may announce the key of another host from anywhere. */
START_TEST(a_forged_announcement_makes_no_one_device_of_two_hosts)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_at("uuid:a", 1, "http://192.0.2.1/"), 1));
	fixture_observe(&f, fixture_described("uuid:a", 1, "victim"));
	fixture_observe(&f, fixture_with_mac(fixture_shout(2, "other"), 2));
	fixture_advance(&f, SECONDS(1));
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 2), 2));
	EXPECT_LATER(&f, 1, "+uuid:a +mac:02:00:00:00:00:02 ~uuid:a(addresses,endpoints) ");
	ck_assert_uint_eq(devices(&f), 2);
	fixture_fini(&f);
}
END_TEST

/* Several hosts behind one MAC, none of which answers a unicast question. */
START_TEST(a_host_that_announces_another_id_is_another_host)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 1));
	fixture_advance(&f, SECONDS(20));
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:b", 2), 1));
	fixture_advance(&f, SECONDS(20));
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:c", 3), 1));
	EXPECT_ASKED(&f, "");
	fixture_advance(&f, SECONDS(30));
	ck_assert_uint_eq(devices(&f), 3);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_host_whose_page_is_read_has_not_moved)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_at("uuid:a", 1, "http://192.0.2.1/"), 1));
	fixture_advance(&f, SECONDS(20));
	fixture_observe(&f, fixture_with_mac(fixture_shout(2, "b"), 1));
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	fixture_observe(&f, fixture_described("uuid:a", 1, "quiet"));
	fixture_advance(&f, SECONDS(30));
	ck_assert_uint_eq(devices(&f), 2);
	fixture_fini(&f);
}
END_TEST

/* The MACs of both become known only now. */
START_TEST(a_host_that_was_heard_after_the_other_came_has_not_moved)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive("uuid:a", 1));
	fixture_advance(&f, MILLISECONDS(10));
	fixture_observe(&f, fixture_alive("uuid:b", 2));
	fixture_advance(&f, MILLISECONDS(10));
	table_set_reachable(f.table, f.now, endpoint_number(fixture_endpoint(&f, "uuid:a")), true);
	fixture_learn(&f, 1, 1);
	fixture_learn(&f, 2, 1);
	EXPECT_ASKED(&f, "");
	fixture_advance(&f, SECONDS(30));
	ck_assert_uint_eq(devices(&f), 2);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_host_that_takes_an_address_over_does_not_become_the_former_one)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 1));
	fixture_observe(&f, fixture_with_mac(fixture_shout(1, "lamp"), 1));
	EXPECT_TOLD(&f, "+uuid:a ");
	/* Before the newcomer says anything, and again with each news of the kernel. */
	fixture_learn(&f, 1, 2);
	fixture_learn(&f, 1, 2);
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp 192.0.2.1@192.0.2.1/broadcast ");
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:b", 1), 2));
	fixture_advance(&f, SECONDS(4));
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:a"));
	ck_assert_uint_eq(devices(&f), 1);
	ck_assert_str_eq(ID_OF(fixture_device(&f, "uuid:b")), "uuid:b");
	fixture_fini(&f);
}
END_TEST

START_TEST(a_host_that_has_another_mac_answers_and_stays)
{
	struct fixture f;
	struct sighting answer = fixture_with_mac(fixture_alive("uuid:a", 1), 2);
	fixture_init(&f, NULL);
	answer.answers_us = true;
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 1));
	fixture_observe(&f, fixture_with_mac(fixture_shout(1, "lamp"), 1));
	EXPECT_TOLD(&f, "+uuid:a ");
	fixture_learn(&f, 1, 2);
	fixture_observe(&f, answer);
	fixture_advance(&f, SECONDS(4));
	ck_assert_uint_eq(devices(&f), 1);
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->endpoint_count, 2);
	fixture_fini(&f);
}
END_TEST

START_TEST(one_host_that_announces_the_uuids_of_others_joins_them_until_they_answer)
{
	struct fixture f;
	struct sighting false_a = fixture_with_mac(fixture_alive("uuid:a", 3), 3);
	struct sighting false_b = fixture_with_mac(fixture_alive("uuid:b", 3), 3);
	fixture_init(&f, NULL);
	false_a.protocol = false_b.protocol = &FIXTURE_BROADCAST;
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 1));
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:b", 2), 2));
	fixture_observe(&f, false_a);
	fixture_observe(&f, false_b);
	ck_assert_uint_eq(devices(&f), 1);
	table_set_reachable(f.table, f.now, endpoint_number(fixture_endpoint(&f, "uuid:a")), true);
	table_set_reachable(f.table, f.now, endpoint_number(fixture_endpoint(&f, "uuid:b")), true);
	ck_assert_uint_eq(devices(&f), 2);
	ck_assert_ptr_ne(fixture_device(&f, "uuid:a"), fixture_device(&f, "uuid:b"));
	fixture_fini(&f);
}
END_TEST

START_TEST(ipv6_leaves_when_its_mac_turns_out_to_be_shared)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_shout(1, "one"), 1));
	fixture_observe(&f, fixture_with_mac(fixture_by_ipv6(fixture_shout(1, "six"), 1), 1));
	ck_assert_uint_eq(devices(&f), 1);
	fixture_observe(&f, fixture_with_mac(fixture_shout(2, "two"), 1));
	fixture_observe(&f, fixture_with_mac(fixture_shout(1, "one"), 1));
	fixture_advance(&f, SECONDS(2));
	ck_assert_uint_eq(devices(&f), 3);
	fixture_fini(&f);
}
END_TEST

START_TEST(addresses_with_one_uuid_are_one_device)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 1));
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 2), 1));
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 1));
	fixture_advance(&f, SECONDS(30));
	ck_assert_uint_eq(devices(&f), 1);
	ck_assert_uint_eq(fixture_endpoint(&f, "uuid:a")->presence_count, 2);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_device_that_gets_another_address_keeps_its_id)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 1));
	fixture_observe(&f, fixture_with_mac(fixture_shout(1, "lamp"), 1));
	EXPECT_TOLD(&f, "+uuid:a ");
	EXPECT_LATER(&f, 60, "~uuid:a(name,protocols,endpoints) ");
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 2), 1));
	EXPECT_LATER(&f, 1.5, "~uuid:a(name,protocols,addresses,endpoints) ");
	ck_assert_uint_eq(fixture_endpoint(&f, "uuid:a")->presence_count, 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_device_without_a_key_that_gets_another_address_keeps_its_id)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_shout(1, "lamp"), 1));
	EXPECT_TOLD(&f, "+mac:02:00:00:00:00:01 ");
	fixture_advance(&f, SECONDS(20));
	EXPECT(&f, fixture_with_mac(fixture_shout(2, "lamp"), 1), 0, "");
	EXPECT_ASKED(&f, "192.0.2.1@192.0.2.1/broadcast ");
	EXPECT_LATER(&f, 2, "~mac:02:00:00:00:00:01(addresses,endpoints) ");
	ck_assert_uint_eq(devices(&f), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_host_without_a_key_moves_between_our_links)
{
	struct fixture f;
	struct sighting moved = fixture_with_mac(fixture_shout(1, "lamp"), 1);
	fixture_init(&f, NULL);
	fixture_observe(&f, moved);
	moved.link = 3;
	fixture_observe(&f, moved);
	ck_assert_uint_eq(devices(&f), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(an_address_that_another_host_took_is_another_device)
{
	struct fixture f;
	struct sighting stranger = fixture_with_mac(fixture_alive("uuid:b", 1), 1);
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 1));
	EXPECT_TOLD(&f, "+uuid:a ");
	/* The kernel still has the MAC of the former host, but has not confirmed it. */
	stranger.mac_unsure = true;
	EXPECT(&f, stranger, 0, "");
	EXPECT_ASKED(&f, "uuid:a@192.0.2.1/ssdp ");
	EXPECT_LATER(&f, 2, "-uuid:a +uuid:b ");
	fixture_learn(&f, 1, 2);
	ck_assert_uint_eq(devices(&f), 1);
	ck_assert_ptr_nonnull(fixture_device(&f, "uuid:b"));
	fixture_fini(&f);
}
END_TEST

START_TEST(another_protocol_of_a_known_host_joins_it_when_that_answers)
{
	struct fixture f;
	struct sighting shout = fixture_with_mac(fixture_shout(1, "lamp"), 1);
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 1));
	EXPECT_TOLD(&f, "+uuid:a ");
	shout.mac_unsure = true;
	EXPECT(&f, shout, 0, "");
	struct sighting answer = fixture_with_mac(fixture_alive("uuid:a", 1), 1);
	answer.mac_unsure = true;
	EXPECT(&f, answer, 0, "");
	EXPECT_LATER(&f, 1, "~uuid:a(name,protocols,endpoints) ");
	ck_assert_uint_eq(devices(&f), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_claimant_changes_nothing_of_the_known_device)
{
	struct fixture f;
	char buffer[ADDRESS_TEXT_MAX];
	struct sighting claim =
	    fixture_with_epoch(fixture_at("uuid:a", 66, "http://192.0.2.66/"), 99);
	fixture_init(&f, NULL);
	fixture_observe(
	    &f, fixture_with_mac(
		    fixture_with_epoch(fixture_at("uuid:a", 1, "http://192.0.2.1/"), 5), 1));
	fixture_observe(&f, fixture_with_mac(fixture_described("uuid:a", 1, "tv"), 1));
	fixture_observe(&f, fixture_with_mac(fixture_serves("uuid:a", 1, "urn:x:service:A:1"), 1));
	fixture_advance(&f, SECONDS(20));
	claim.facts[FACT_SERVER] = SLICE("evil");
	fixture_observe(&f, claim);
	fixture_observe(&f, fixture_with_mac(fixture_with_epoch(fixture_alive("uuid:a", 1), 5), 1));
	fixture_advance(&f, SECONDS(4));
	const struct device *device = table_find(f.table, SLICE("uuid:a"));
	ck_assert_str_eq(device_name(device, buffer), "tv");
	ck_assert_uint_eq(device->endpoint_count, 1);
	ck_assert_uint_eq(TAILQ_FIRST(&device->endpoints)->service_count, 1);
	ck_assert_uint_eq(TAILQ_FIRST(&device->endpoints)->epoch, 5);
	ck_assert_ptr_null(endpoint_fact(TAILQ_FIRST(&device->endpoints), FACT_SERVER));
	ck_assert_uint_eq(devices(&f), 2);
	/* Its goodbye is its own. */
	claim.event = SIGHTING_LEFT;
	claim.scope = SCOPE_GROUP;
	fixture_observe(&f, claim);
	ck_assert_uint_eq(devices(&f), 1);
	ck_assert_ptr_nonnull(table_find(f.table, SLICE("uuid:a")));
	fixture_fini(&f);
}
END_TEST

/* The device of .1 is held as the new address of .2 first, so that .2 has the MAC alone and is
 * joined with the IPv6 address; then it is held no more, for that device has a successor already.
 */
START_TEST(ipv6_leaves_a_device_that_it_joined_in_the_same_call)
{
	struct fixture f;
	struct address first = address_ipv4(192, 0, 2, 1);
	struct mac mac = {{2, 0, 0, 0, 0, 1}, true};
	struct sighting other = fixture_with_mac(fixture_by_ipv6(fixture_alive("uuid:a", 1), 1), 1);
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 3), 2));
	table_neighbour(f.table, f.now, &FIXTURE_NEIGHBOUR, 2, &first, &mac, SLICE_NONE);
	other.protocol = &FIXTURE_BROADCAST;
	fixture_observe(&f, other);
	ck_assert_uint_eq(devices(&f), 1);
	fixture_observe(&f, fixture_with_mac(fixture_shout(1, "c"), 2));
	fixture_observe(&f, fixture_with_mac(fixture_shout(2, "nas"), 1));
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:f", 1), 1));
	ck_assert_uint_eq(devices(&f), 4);
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->endpoint_count, 2);
	ck_assert_uint_eq(fixture_device(&f, "uuid:f")->endpoint_count, 2);
	fixture_fini(&f);
}
END_TEST

/* While its device is held as the new address of .2 the MAC joins it with nothing. */
START_TEST(an_endpoint_that_leaves_a_held_device_joins_by_its_mac)
{
	struct fixture f;
	struct address former = address_ipv4(192, 0, 2, 2);
	struct mac mac = {{2, 0, 0, 0, 0, 3}, true};
	struct sighting first = fixture_with_mac(fixture_by_ipv6(fixture_alive("uuid:b", 2), 2), 2);
	struct sighting second =
	    fixture_with_mac(fixture_by_ipv6(fixture_alive("uuid:a", 1), 1), 2);
	struct sighting clone = fixture_with_mac(fixture_alive("uuid:a", 2), 3);
	fixture_init(&f, NULL);
	table_neighbour(f.table, f.now, &FIXTURE_NEIGHBOUR, 2, &former, &mac, SLICE_NONE);
	fixture_observe(&f, first);
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:a", 1), 3));
	second.protocol = clone.protocol = &FIXTURE_BROADCAST;
	fixture_observe(&f, fixture_with_epoch(second, 2));
	ck_assert_uint_eq(fixture_device(&f, "uuid:a")->endpoint_count, 2);
	clone.mac_unsure = true;
	fixture_observe(&f, fixture_with_epoch(clone, 3));
	ck_assert_uint_eq(fixture_device(&f, "uuid:b")->endpoint_count, 2);
	fixture_fini(&f);
}
END_TEST

START_TEST(the_nil_uuid_joins_nothing)
{
	static const char NIL[] = "uuid:00000000-0000-0000-0000-000000000000";
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_alive(NIL, 1));
	fixture_observe(&f, fixture_alive(NIL, 2));
	ck_assert_uint_eq(devices(&f), 2);
	fixture_fini(&f);
}
END_TEST

START_TEST(old_keys_of_a_description_go_when_it_names_another)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_at("uuid:old", 1, "http://192.0.2.1/"));
	fixture_observe(&f, fixture_at("uuid:new", 1, "http://192.0.2.1/"));
	struct key named = key_of_id(SLICE("uuid:new"));
	table_described(
	    f.table, f.now, endpoint_number(fixture_endpoint(&f, "uuid:new")), &named, 1);
	fixture_advance(&f, SECONDS(4));
	ck_assert_ptr_null(fixture_endpoint(&f, "uuid:old"));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:new"));
	ck_assert_uint_eq(devices(&f), 1);
	fixture_fini(&f);
}
END_TEST

START_TEST(a_sole_announcer_stays_though_its_description_names_another)
{
	struct fixture f;
	fixture_init(&f, NULL);
	fixture_observe(&f, fixture_at("uuid:a", 1, "http://192.0.2.1/"));
	struct key named = key_of_id(SLICE("uuid:other"));
	table_described(f.table, f.now, endpoint_number(fixture_endpoint(&f, "uuid:a")), &named, 1);
	fixture_advance(&f, SECONDS(4));
	ck_assert_ptr_nonnull(fixture_endpoint(&f, "uuid:a"));
	fixture_fini(&f);
}
END_TEST

START_TEST(an_endpoint_with_too_many_addresses_drops_those_that_end_first)
{
	struct fixture f;
	struct sighting sighting;
	fixture_init(&f, NULL);
	for (unsigned i = 1; i <= ENDPOINT_PRESENCES_MAX + 4; i++) {
		/* each is heard before its MAC is known, and ends before all others */
		sighting = fixture_by_ipv6(fixture_event(SIGHTING_ASKED, "uuid:a", i), i);
		sighting.lifetime = SECONDS(1800 - 60 * (int64_t)i);
		fixture_observe(&f, sighting);
		sighting.mac = (struct mac){{2, 0, 0, 0, 0, 7}, true};
		fixture_observe(&f, sighting);
	}
	ck_assert_uint_eq(table_endpoint_count(f.table), 1);
	ck_assert_uint_eq(fixture_endpoint(&f, "uuid:a")->presence_count, ENDPOINT_PRESENCES_MAX);
	ck_assert_ptr_nonnull(
	    endpoint_find_presence(fixture_endpoint(&f, "uuid:a"), &sighting.from));
	fixture_fini(&f);
}
END_TEST

/* Heard from 192.0.2.HOST, which announces 31 ids, one of them also the one of the host before. */
static void announce_chain(struct fixture *f, unsigned host)
{
	char id[32];

	for (unsigned i = 0; i < 32; i++) {
		snprintf(id, sizeof(id), "uuid:%u", 31 * host + i);
		fixture_observe(f, fixture_alive(id, host));
	}
}

START_TEST(a_device_of_thousands_falls_apart_where_its_chain_breaks)
{
	struct fixture f;
	fixture_init(&f, NULL);
	for (unsigned host = 1; host <= 120; host++)
		announce_chain(&f, host);
	ck_assert_uint_eq(table_endpoint_count(f.table), 3840);
	ck_assert_uint_eq(devices(&f), 1);
	fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:1891", 61));
	ck_assert_uint_eq(devices(&f), 2);
	ck_assert_uint_eq(fixture_device(&f, "uuid:31")->endpoint_count, 32 * 60);
	ck_assert_uint_eq(fixture_device(&f, "uuid:1892")->endpoint_count, 32 * 60 - 1);
	/* Each of these is looked at in the device that is left. */
	fixture_advance(&f, SECONDS(1800));
	ck_assert_uint_eq(devices(&f), 0);
	fixture_fini(&f);
}
END_TEST

/* Each time all that one MAC has by IPv6 falls apart, and comes together again. */
START_TEST(a_mac_of_hundreds_of_addresses_is_shared_for_a_while)
{
	struct fixture f;
	char id[32];
	enum { MANY = 350 };
	fixture_init(&f, NULL);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(id, sizeof(id), "uuid:%u", i);
		struct sighting alive = fixture_alive(id, 1);
		alive.from =
		    (struct address){ADDRESS_IPV6, {0xfe, 0x80, [14] = i / 256, [15] = i % 256}};
		alive.mac = (struct mac){{2, 0, 0, 0, 0, 7}, true};
		ck_assert_int_eq(fixture_observe(&f, alive), 0);
		alive.event = SIGHTING_DESCRIBED;
		ck_assert_int_eq(fixture_observe(&f, alive), 0);
	}
	fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:one", 1), 7));
	for (unsigned i = 0; i < 8; i++) {
		fixture_observe(&f, fixture_with_mac(fixture_alive("uuid:two", 2), 7));
		ck_assert_uint_eq(devices(&f), MANY + 2);
		fixture_observe(&f, fixture_event(SIGHTING_LEFT, "uuid:two", 2));
		ck_assert_uint_eq(devices(&f), 1);
	}
	fixture_fini(&f);
}
END_TEST

Suite *table_ties_suite(void)
{
	Suite *suite = suite_create("model/table_ties");
	TCase *tc = tcase_create("ties");
	tcase_add_test(tc, news_of_an_address_are_for_all_at_that_place_alone);
	tcase_add_test(tc, a_forged_announcement_makes_no_one_device_of_two_hosts);
	tcase_add_test(tc, a_host_that_announces_another_id_is_another_host);
	tcase_add_test(tc, all_protocols_of_one_address_are_one_device);
	tcase_add_test(tc, two_families_become_one_when_the_mac_is_known);
	tcase_add_test(
	    tc, a_host_that_comes_on_another_link_by_the_same_mac_is_asked_on_the_former_one);
	tcase_add_test(tc, one_uuid_at_two_links_is_one_device);
	tcase_add_test(tc, a_uuid_is_the_same_over_two_protocols);
	tcase_add_test(tc, clones_are_told_apart_by_their_epochs);
	tcase_add_test(tc, clones_without_epochs_are_told_apart_by_their_descriptions);
	tcase_add_test(tc, one_device_with_two_cards_in_one_network_is_one);
	tcase_add_test(tc, hosts_behind_one_mac_are_one_each);
	tcase_add_test(tc, a_host_whose_page_is_read_has_not_moved);
	tcase_add_test(tc, a_host_that_was_heard_after_the_other_came_has_not_moved);
	tcase_add_test(tc, a_host_that_takes_an_address_over_does_not_become_the_former_one);
	tcase_add_test(tc, a_host_that_has_another_mac_answers_and_stays);
	tcase_add_test(
	    tc, one_host_that_announces_the_uuids_of_others_joins_them_until_they_answer);
	tcase_add_test(tc, ipv6_leaves_when_its_mac_turns_out_to_be_shared);
	tcase_add_test(tc, addresses_with_one_uuid_are_one_device);
	tcase_add_test(tc, a_device_that_gets_another_address_keeps_its_id);
	tcase_add_test(tc, a_device_without_a_key_that_gets_another_address_keeps_its_id);
	tcase_add_test(tc, a_host_without_a_key_moves_between_our_links);
	tcase_add_test(tc, an_address_that_another_host_took_is_another_device);
	tcase_add_test(tc, another_protocol_of_a_known_host_joins_it_when_that_answers);
	tcase_add_test(tc, a_claimant_changes_nothing_of_the_known_device);
	tcase_add_test(tc, ipv6_leaves_a_device_that_it_joined_in_the_same_call);
	tcase_add_test(tc, an_endpoint_that_leaves_a_held_device_joins_by_its_mac);
	tcase_add_test(tc, the_nil_uuid_joins_nothing);
	tcase_add_test(tc, old_keys_of_a_description_go_when_it_names_another);
	tcase_add_test(tc, a_sole_announcer_stays_though_its_description_names_another);
	tcase_add_test(tc, an_endpoint_with_too_many_addresses_drops_those_that_end_first);
	tcase_add_test(tc, a_mac_of_hundreds_of_addresses_is_shared_for_a_while);
	tcase_add_test(tc, a_device_of_thousands_falls_apart_where_its_chain_breaks);
	suite_add_tcase(suite, tc);
	return suite;
}
