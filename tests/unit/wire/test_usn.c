/* SPDX-License-Identifier: ISC
 * Tests of wire/usn. */
#include "expect.h"
#include "suites.h"
#include "wire/usn.h"
#include <stdio.h>

#define UUID "2fac1234-31f8-11b4-a222-08002b34c003"

/* NULL stands for SLICE_NONE. */
static const struct {
	const char *usn, *udn, *uuid, *target;
} USNS[] = {
    {"uuid:" UUID "::upnp:rootdevice", "uuid:" UUID, UUID, "upnp:rootdevice"},
    {"uuid:" UUID, "uuid:" UUID, UUID, NULL},
    {"UUID:" UUID "::x", "UUID:" UUID, UUID, "x"},
    {"uuid:uuid:" UUID "::x", "uuid:" UUID, UUID, "x"},
    {"uuid:uuid:uuid:" UUID, "uuid:" UUID, UUID, NULL},
    {UUID, NULL, UUID, NULL},
    {"urn:uuid:" UUID "::x", "uuid:" UUID, UUID, "x"},
    {"URN:UUID:" UUID, "UUID:" UUID, UUID, NULL},
    {"uuid:urn:uuid:" UUID, "uuid:" UUID, UUID, NULL},
    {"uuid:{" UUID "}", NULL, UUID, NULL},
    {"uuid:{" UUID "}::x", NULL, UUID, "x"},
    {"{" UUID "}", NULL, UUID, NULL},
    {"{" UUID "}::x", NULL, UUID, "x"},
    {"{uuid:" UUID "}", "uuid:" UUID, UUID, NULL},
    {"{uuid:" UUID "}::x", "uuid:" UUID, UUID, "x"},
    {"urn:uuid:{ " UUID " }", NULL, UUID, NULL},
    {"uuid: " UUID, NULL, UUID, NULL},
    {"\t uuid:" UUID " ::x", "uuid:" UUID, UUID, "x"},
    {"uuid:{" UUID, "uuid:{" UUID, "{" UUID, NULL},
    {"uuid:{a}-{b}", NULL, "a}-{b", NULL},
    {"uuid:{}", NULL, NULL, NULL},
    {"uuid:{uuid:{}}", NULL, NULL, NULL},
    {"{a}", NULL, NULL, NULL},
    {"{", NULL, NULL, NULL},
    {"urn:uuid:", NULL, NULL, NULL},
    {UUID "::urn:schemas-upnp-org:device:Basic:1", NULL, UUID,
	"urn:schemas-upnp-org:device:Basic:1"},
    {"uuid:RINCON_000E5812345601400::urn:schemas-upnp-org:device:ZonePlayer:1",
	"uuid:RINCON_000E5812345601400", "RINCON_000E5812345601400",
	"urn:schemas-upnp-org:device:ZonePlayer:1"},
    {"uuid:Socket-1_0-2216XX::urn:Belkin:device:**", "uuid:Socket-1_0-2216XX", "Socket-1_0-2216XX",
	"urn:Belkin:device:**"},
    {"uuid:roku:ecp:X00000000000", "uuid:roku:ecp:X00000000000", "roku:ecp:X00000000000", NULL},
    {" uuid:a::b ", "uuid:a", "a", "b"},
    {"uuid:a::b::c", "uuid:a", "a", "b::c"},
    {"uuid:a::", "uuid:a", "a", NULL},
    {"uuid:a:", "uuid:a:", "a:", NULL},
    {"[fe80::1]:3540", NULL, NULL, NULL},
    {"urn:schemas-upnp-org:device:Basic:1", NULL, NULL, NULL},
    {"uuid:", NULL, NULL, NULL},
    {"uuid:::x", NULL, NULL, NULL},
    {"::x", NULL, NULL, NULL},
    {"", NULL, NULL, NULL},
};

START_TEST(odd_usns_give_what_can_be_had)
{
	struct usn usn = usn_split(slice_of(USNS[_i].usn));

	ck_assert_slice(usn.udn, USNS[_i].udn);
	ck_assert_slice(usn.uuid, USNS[_i].uuid);
	ck_assert_slice(usn.target, USNS[_i].target);
}
END_TEST

START_TEST(a_udn_is_borrowed_or_written)
{
	char text[64];
	struct writer room;
	struct slice usn = slice_of(USNS[_i].usn);
	bool written = USNS[_i].uuid && !USNS[_i].udn;
	char expected[64];

	writer_init(&room, text, sizeof(text));
	struct slice udn = usn_udn(usn, &room);
	snprintf(expected, sizeof(expected), "uuid:%s", written ? USNS[_i].uuid : "");
	ck_assert_slice(udn, written ? expected : USNS[_i].udn);
	ck_assert_int_eq(room.len > 0, written);
	writer_init(&room, text, sizeof("uuid:"));
	ck_assert_int_eq(usn_udn(usn, &room).bytes != NULL, USNS[_i].udn != NULL);
}
END_TEST

static const struct {
	const char *type, *base;
	uint32_t version;
} URNS[] = {
    {"urn:schemas-upnp-org:device:Basic:1", "urn:schemas-upnp-org:device:Basic", 1},
    {"urn:schemas-upnp-org:service:AVTransport:10", "urn:schemas-upnp-org:service:AVTransport", 10},
    {"URN:a:device:b:4294967295", "URN:a:device:b", UINT32_MAX},
    {"urn:a:device:b:4294967296", "urn:a:device:b:4294967296", 0},
    {"urn:a:device:b:0", "urn:a:device:b:0", 0},
    {"urn:a:device:b:", "urn:a:device:b:", 0},
    {"urn:a:device:b:v1", "urn:a:device:b:v1", 0},
    {"urn:Belkin:device:**", "urn:Belkin:device:**", 0},
    {"uuid:1234", "uuid:1234", 0},
    {"upnp:rootdevice", "upnp:rootdevice", 0},
    {"1", "1", 0},
    {"", "", 0},
};

START_TEST(a_version_is_the_whole_number_after_the_last_colon_of_a_urn)
{
	struct typed_urn urn = urn_split_version(slice_of(URNS[_i].type));

	ck_assert_slice(urn.base, URNS[_i].base);
	ck_assert_uint_eq(urn.version, URNS[_i].version);
}
END_TEST

static const struct {
	const char *have, *wanted;
	bool satisfies;
} SEARCHES[] = {
    {"urn:a:device:b:2", "urn:a:device:b:2", true},
    {"urn:a:device:b:2", "urn:a:device:b:1", true},
    {"urn:a:device:b:10", "urn:a:device:b:9", true},
    {"urn:a:device:b:2", "urn:a:device:b:3", false},
    {"urn:a:device:b:9", "urn:a:device:b:10", false},
    {"urn:a:device:b:2", "urn:a:device:b:0", false},
    {"urn:a:device:b:2", "urn:a:device:b", false},
    {"urn:a:device:b", "urn:a:device:b:1", false},
    {"urn:a:device:b:2", "urn:a:device:B:2", false},
    {"urn:a:device:b:2", "urn:a:service:b:2", false},
    {"urn:a:device:12", "urn:a:device:1", true},
    {"upnp:rootdevice", "upnp:rootdevice", true},
    {"uuid:2", "uuid:1", false},
    {"uuid:2", "uuid:2", true},
};

START_TEST(a_lower_version_of_the_same_type_is_satisfied)
{
	ck_assert(urn_satisfies(slice_of(SEARCHES[_i].have), slice_of(SEARCHES[_i].wanted)) ==
		  SEARCHES[_i].satisfies);
}
END_TEST

START_TEST(device_and_service_types_are_told_apart)
{
	ck_assert(urn_is_device(SLICE("urn:schemas-upnp-org:device:Basic:1")));
	ck_assert(urn_is_device(SLICE("URN:x:DEVICE:Basic:1")));
	ck_assert(urn_is_device(SLICE("urn:Belkin:device:**")));
	ck_assert(!urn_is_device(SLICE("urn:schemas-upnp-org:service:Basic:1")));
	ck_assert(!urn_is_device(SLICE("urn:x:device:")));
	ck_assert(!urn_is_device(SLICE("urn:x:device")));
	ck_assert(!urn_is_device(SLICE("upnp:rootdevice")));
	ck_assert(!urn_is_device(SLICE_NONE));
	ck_assert(urn_is_service(SLICE("urn:schemas-upnp-org:service:AVTransport:1")));
	ck_assert(!urn_is_service(SLICE("urn:schemas-upnp-org:device:Basic:1")));
}
END_TEST

Suite *usn_suite(void)
{
	Suite *suite = suite_create("wire/usn");
	TCase *tcase = tcase_create("usn");
	add_test_of_rows(tcase, odd_usns_give_what_can_be_had, USNS);
	add_test_of_rows(tcase, a_udn_is_borrowed_or_written, USNS);
	add_test_of_rows(tcase, a_version_is_the_whole_number_after_the_last_colon_of_a_urn, URNS);
	add_test_of_rows(tcase, a_lower_version_of_the_same_type_is_satisfied, SEARCHES);
	tcase_add_test(tcase, device_and_service_types_are_told_apart);
	suite_add_tcase(suite, tcase);
	return suite;
}
