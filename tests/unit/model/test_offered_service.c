/* SPDX-License-Identifier: ISC
 * Tests of model/offered_service. */
#include "base/array.h"
#include "model/offered_service.h"
#include "suites.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct offered_service service;

static void set_up(void)
{
	service = (struct offered_service){0};
}

static void tear_down(void)
{
	offered_service_fini(&service);
}

START_TEST(a_txt_record_is_pairs_behind_their_length)
{
	ck_assert_int_eq(offered_service_add_pair(&service, SLICE("a"), SLICE("b=c")), 0);
	ck_assert_int_eq(offered_service_add_pair(&service, SLICE("empty"), SLICE("")), 0);
	ck_assert_int_eq(offered_service_add_pair(&service, SLICE("flag"), SLICE_NONE), 0);
	ck_assert_int_eq(offered_service_add_pair(&service, SLICE("bytes"), SLICE("\0\xff")), 0);
	struct slice expected = SLICE("\5a=b=c\6empty=\4flag\10bytes=\0\xff");
	ck_assert_uint_eq(service.txt_len, expected.len);
	ck_assert_mem_eq(service.txt, expected.bytes, expected.len);
}
END_TEST

START_TEST(a_pair_that_is_none_is_refused)
{
	char value[OFFERED_PAIR_MAX];
	struct slice longest = {value, sizeof(value) - 2};
	memset(value, 'v', sizeof(value));
	ck_assert_int_eq(offered_service_add_pair(&service, SLICE("k"), longest), 0);
	longest.len++;
	ck_assert_int_eq(offered_service_add_pair(&service, SLICE("l"), longest), -EINVAL);
	ck_assert_int_eq(offered_service_add_pair(&service, SLICE(""), SLICE("v")), -EINVAL);
	ck_assert_int_eq(offered_service_add_pair(&service, SLICE("a=b"), SLICE("v")), -EINVAL);
	ck_assert_int_eq(offered_service_add_pair(&service, SLICE("a\tb"), SLICE("v")), -EINVAL);
	ck_assert_int_eq(
	    offered_service_add_pair(&service, SLICE("\xc3\xa4"), SLICE("v")), -EINVAL);
	ck_assert_int_eq(offered_service_add_pair(&service, SLICE("K"), SLICE("v")), -EINVAL);
	ck_assert_uint_eq(service.txt_len, 1 + OFFERED_PAIR_MAX);
}
END_TEST

START_TEST(all_pairs_have_a_limit)
{
	char value[200], key[2] = "a";
	unsigned count = 0;
	memset(value, 'v', sizeof(value));
	while (!offered_service_add_pair(
	    &service, slice_of(key), (struct slice){value, sizeof(value)})) {
		key[0]++;
		count++;
	}
	ck_assert_uint_eq(count, OFFERED_TXT_MAX / 203);
	ck_assert_int_eq(
	    offered_service_add_pair(&service, slice_of(key), (struct slice){value, sizeof(value)}),
	    -ENOSPC);
	ck_assert_uint_le(service.txt_len, OFFERED_TXT_MAX);
}
END_TEST

static const struct {
	const char *protocol, *type;
	int result;
} TYPES[] = {
    {"mdns", "_http._tcp", 0},
    {"mdns", "_x._udp", 0},
    {"mdns", "_http._TCP", 0},
    {"mdns", "_a-b-1._tcp", 0},
    {"mdns", "_abcdefghijklmno._tcp", 0},
    {"mdns", "_abcdefghijklmnop._tcp", -EINVAL},
    {"mdns", "http._tcp", -EINVAL},
    {"mdns", "_http", -EINVAL},
    {"mdns", "_http._sctp", -EINVAL},
    {"mdns", "_http._tcp.local", -EINVAL},
    {"mdns", "_._tcp", -EINVAL},
    {"mdns", "_1234._tcp", -EINVAL},
    {"mdns", "_-a._tcp", -EINVAL},
    {"mdns", "_a-._tcp", -EINVAL},
    {"mdns", "_a--b._tcp", -EINVAL},
    {"mdns", "_a_b._tcp", -EINVAL},
    {"mdns", "", -EINVAL},
    {"mdns", "_ipp._tcp,_universal,_print", 0},
    {"mdns", "_ipp._tcp,", -EINVAL},
    {"mdns", "_ipp._tcp,_a._tcp", -EINVAL},
    {"mdns", "_ipp._tcp,_a b", -EINVAL},
    {"mdns", ",_universal", -EINVAL},
    {"nothing", "_http._tcp", -EINVAL},
};

START_TEST(a_type_is_one_of_its_protocol)
{
	ck_assert_int_eq(offered_service_set_type(
			     &service, slice_of(TYPES[_i].protocol), slice_of(TYPES[_i].type)),
	    TYPES[_i].result);
	ck_assert_uint_eq(service.type_count, TYPES[_i].result == 0);
}
END_TEST

START_TEST(a_protocol_has_one_type)
{
	ck_assert_ptr_null(offered_service_type(&service, "mdns"));
	offered_service_set_type(&service, SLICE("mdns"), SLICE("_http._tcp"));
	offered_service_set_type(&service, SLICE("mdns"), SLICE("_ipp._tcp"));
	ck_assert_uint_eq(service.type_count, 1);
	ck_assert_str_eq(offered_service_type(&service, "mdns"), "_ipp._tcp");
}
END_TEST

static void fill(struct offered_service *to)
{
	*to = (struct offered_service){.type = strdup("urn:a:service:b:1"),
	    .id = strdup("urn:a:serviceId:b"),
	    .name = strdup("Web"),
	    .path = strdup("/x"),
	    .port = 80};
	offered_service_add_pair(to, SLICE("a"), SLICE("b"));
	offered_service_set_type(to, SLICE("mdns"), SLICE("_http._tcp"));
}

START_TEST(a_copy_is_equal_until_something_differs)
{
	struct offered_service copy;
	fill(&service);
	ck_assert_int_eq(offered_service_copy(&service, &copy), 0);
	ck_assert(offered_service_equal(&service, &copy));
	copy.port = 81;
	ck_assert(!offered_service_equal(&service, &copy));
	copy.port = 80;
	copy.name[0] = 'w';
	ck_assert(!offered_service_equal(&service, &copy));
	copy.name[0] = 'W';
	copy.path[1] = 'y';
	ck_assert(!offered_service_equal(&service, &copy));
	copy.path[1] = 'x';
	copy.txt[1] = 'A';
	ck_assert(!offered_service_equal(&service, &copy));
	copy.txt[1] = 'a';
	copy.types[0].type[1] = 'H';
	ck_assert(!offered_service_equal(&service, &copy));
	copy.types[0].type[1] = 'h';
	ck_assert(offered_service_equal(&service, &copy));
	offered_service_add_pair(&copy, SLICE("c"), SLICE_NONE);
	ck_assert(!offered_service_equal(&service, &copy));
	offered_service_fini(&copy);
	ck_assert(!offered_service_equal(&service, &copy));
}
END_TEST

Suite *offered_service_suite(void)
{
	Suite *suite = suite_create("model/offered_service");
	TCase *tcase = tcase_create("offered_service");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_txt_record_is_pairs_behind_their_length);
	tcase_add_test(tcase, a_pair_that_is_none_is_refused);
	tcase_add_test(tcase, all_pairs_have_a_limit);
	tcase_add_loop_test(tcase, a_type_is_one_of_its_protocol, 0, COUNT_OF(TYPES));
	tcase_add_test(tcase, a_protocol_has_one_type);
	tcase_add_test(tcase, a_copy_is_equal_until_something_differs);
	suite_add_tcase(suite, tcase);
	return suite;
}
