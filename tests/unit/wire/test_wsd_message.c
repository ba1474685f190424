/* SPDX-License-Identifier: ISC
 * Tests of wire/wsd_message; what devices send is in tests/golden/packets. */
#include "suites.h"
#include "wire/wsd_message.h"
#include <errno.h>
#include <string.h>

#define ENVELOPE_2005                                                                              \
	"<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "                         \
	"xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "                            \
	"xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\">"
#define ENVELOPE_1_1                                                                               \
	"<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "                         \
	"xmlns:a=\"http://www.w3.org/2005/08/addressing\" "                                        \
	"xmlns:d=\"http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01\">"
#define REFERENCE(address)                                                                         \
	"<a:EndpointReference><a:Address>" address "</a:Address></a:EndpointReference>"

static struct wsd_message message;
static char buffer[WSD_DATAGRAM_MAX + 1];
static struct writer w;

static void set_up(void)
{
	writer_init(&w, buffer, sizeof(buffer));
}

static void assert_slice(struct slice have, const char *wanted)
{
	ck_assert_msg(slice_equal(have, slice_of(wanted)), "\"%.*s\" is not \"%s\"",
	    SLICE_ARGS(have), wanted);
}

static int parse(const char *text)
{
	return wsd_parse(slice_of(text), &message);
}

START_TEST(questions_are_read_as_they_are_written)
{
	struct wsd_question question = {
	    .dialect = _i & 1 ? WSD_1_1 : WSD_2005,
	    .id = SLICE("urn:uuid:1"),
	    .sender = SLICE("uuid:2"),
	    .address = _i & 2 ? SLICE("urn:<a> & b") : SLICE_NONE,
	};

	wsd_format(&question, &w);
	ck_assert_int_eq(writer_error(&w), 0);
	ck_assert_int_eq(wsd_parse(writer_result(&w), &message), 0);
	ck_assert_int_eq(message.dialect, question.dialect);
	ck_assert_int_eq(message.kind, _i & 2 ? WSD_RESOLVE : WSD_PROBE);
	assert_slice(message.message_id, "urn:uuid:1");
	assert_slice(message.sender, "uuid:2");
	ck_assert_uint_eq(message.match_count, _i & 2 ? 1 : 0);
	if (_i & 2)
		assert_slice(message.matches[0].address, "urn:<a> & b");
}
END_TEST

START_TEST(numbers_are_read)
{
	ck_assert_int_eq(
	    parse(ENVELOPE_1_1
		"<s:Header><d:AppSequence InstanceId=\"4294967295\" MessageNumber=\"2\"/>"
		"</s:Header><s:Body><d:Hello>" REFERENCE(
		    "urn:x") "<d:MetadataVersion>3</d:MetadataVersion></d:Hello></s:Body>"
			     "</s:Envelope>"),
	    0);
	ck_assert(message.has_instance && message.instance == UINT32_MAX);
	ck_assert(message.matches[0].has_version && message.matches[0].version == 3);
}
END_TEST

START_TEST(numbers_that_are_none_are_left_out)
{
	ck_assert_int_eq(
	    parse(ENVELOPE_1_1
		"<s:Header><d:AppSequence InstanceId=\"4294967296\"/></s:Header><s:Body>"
		"<d:Hello>" REFERENCE("urn:x") "<d:MetadataVersion>-1</d:MetadataVersion>"
					       "</d:Hello></s:Body></s:Envelope>"),
	    0);
	ck_assert(!message.has_instance && !message.matches[0].has_version);
}
END_TEST

START_TEST(a_match_without_identity_is_none)
{
	ck_assert_int_eq(
	    parse(ENVELOPE_2005
		"<s:Body><d:ProbeMatches><d:ProbeMatch><d:Types>t</d:Types>"
		"</d:ProbeMatch><d:ProbeMatch>" REFERENCE("urn:x") "</d:ProbeMatch>"
								   "</d:ProbeMatches>"),
	    0);
	ck_assert_uint_eq(message.match_count, 1);
	assert_slice(message.matches[0].address, "urn:x");
	ck_assert_uint_eq(message.matches[0].types.len, 0);
	ck_assert_int_eq(parse(ENVELOPE_2005 "<s:Body><d:Bye/></s:Body></s:Envelope>"), -ENOMSG);
}
END_TEST

START_TEST(matches_beyond_the_limit_are_counted)
{
	writer_text(&w, ENVELOPE_2005 "<s:Body><d:ProbeMatches>");
	for (unsigned i = 0; i < WSD_MATCHES_MAX + 3; i++)
		writer_format(&w, "<d:ProbeMatch>" REFERENCE("urn:%u") "</d:ProbeMatch>", i);
	writer_text(&w, "</d:ProbeMatches></s:Body></s:Envelope>");
	ck_assert_int_eq(wsd_parse(writer_result(&w), &message), 0);
	ck_assert_uint_eq(message.match_count, WSD_MATCHES_MAX);
	ck_assert_uint_eq(message.surplus, 3);
	assert_slice(message.matches[WSD_MATCHES_MAX - 1].address, "urn:15");
}
END_TEST

START_TEST(the_first_message_of_a_body_counts)
{
	ck_assert_int_eq(
	    parse(
		ENVELOPE_2005 "<s:Body><d:Hello>" REFERENCE("urn:x") "</d:Hello><d:Bye>" REFERENCE(
		    "urn:y") "</d:Bye><d:ProbeMatches><d:ProbeMatch>" REFERENCE("urn:z") "</"
											 "d:"
											 "ProbeMatc"
											 "h>"
											 "</"
											 "d:"
											 "ProbeMatc"
											 "hes>"),
	    0);
	ck_assert_int_eq(message.kind, WSD_HELLO);
	ck_assert_uint_eq(message.match_count, 1);
	assert_slice(message.matches[0].address, "urn:x");
	ck_assert_uint_eq(message.surplus, 2);
}
END_TEST

START_TEST(what_was_cut_off_keeps_its_head)
{
	ck_assert_int_eq(parse(ENVELOPE_2005
			     "<s:Body><d:Hello>" REFERENCE("urn:x") "<d:Types>a b</d:Types><d:Sc"),
	    0);
	assert_slice(message.matches[0].types, "a b");
	ck_assert_int_eq(
	    parse(ENVELOPE_2005 "<s:Body><d:Hello><a:EndpointReference><a:Address>urn:"), -ENOMSG);
}
END_TEST

START_TEST(foreign_bytes_are_no_message)
{
	static const char *const TEXTS[] = {"", "M-SEARCH * HTTP/1.1\r\n\r\n", "<a/>",
	    ENVELOPE_2005 "<s:Body><Hello/></s:Body></s:Envelope>",
	    "<Envelope><Body><Hello/></Body></Envelope>"};

	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++)
		ck_assert_int_eq(parse(TEXTS[i]), -ENOMSG);
	ck_assert_int_eq(parse("<!DOCTYPE a>" ENVELOPE_2005 "<s:Body><d:Probe/>"), -EPERM);
	memset(buffer, 'x', sizeof(buffer));
	ck_assert_int_eq(wsd_parse((struct slice){buffer, sizeof(buffer)}, &message), -EMSGSIZE);
}
END_TEST

START_TEST(scopes_of_onvif_have_a_category_and_a_value)
{
	struct slice category;

	ck_assert(
	    wsd_scope_read(SLICE("onvif://www.onvif.org/name/Front%20door%2"), &category, &w));
	assert_slice(category, "name");
	assert_slice(writer_result(&w), "Front door%2");
	writer_init(&w, buffer, sizeof(buffer));
	ck_assert(
	    wsd_scope_read(SLICE("onvif://www.onvif.org/location/country/china"), &category, &w));
	assert_slice(category, "location");
	assert_slice(writer_result(&w), "country/china");
	ck_assert(!wsd_scope_read(SLICE("onvif://www.onvif.org/name"), &category, &w));
	ck_assert(!wsd_scope_read(SLICE("onvif://www.onvif.org/name/"), &category, &w));
	ck_assert(!wsd_scope_read(SLICE("ldap:///ou=engineering"), &category, &w));
}
END_TEST

Suite *wsd_message_suite(void)
{
	Suite *suite = suite_create("wire/wsd_message");
	TCase *tc = tcase_create("wsd_message");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_loop_test(tc, questions_are_read_as_they_are_written, 0, 4);
	tcase_add_test(tc, numbers_are_read);
	tcase_add_test(tc, numbers_that_are_none_are_left_out);
	tcase_add_test(tc, a_match_without_identity_is_none);
	tcase_add_test(tc, matches_beyond_the_limit_are_counted);
	tcase_add_test(tc, the_first_message_of_a_body_counts);
	tcase_add_test(tc, what_was_cut_off_keeps_its_head);
	tcase_add_test(tc, foreign_bytes_are_no_message);
	tcase_add_test(tc, scopes_of_onvif_have_a_category_and_a_value);
	suite_add_tcase(suite, tc);
	return suite;
}
