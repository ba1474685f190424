/* SPDX-License-Identifier: ISC
 * Tests of web/own_names: which names a browser may use for this host. */
#include "suites.h"
#include "web/own_names.h"
#include "wire/expect.h"

static const struct row {
	const char *host;
	bool ours;
} ROWS[] = {
    {"192.0.2.1", true},
    {"192.0.2.1:5080", true},
    {"192.0.2.1:", true},
    {"[2001:db8::1]", true},
    {"[2001:db8::1]:5080", true},
    {"[fe80::1%25eth0]:5080", true},
    {"localhost", true},
    {"LocalHost:80", true},
    {"board", true},
    {"board.", true},
    {"BOARD.Local:5080", true},
    {"board.local.", true},
    {"board.example.net", true},
    {"board.example.net.local", true},
    {"panel", true},
    {"panel:1", true},
    {"", false},
    {".", false},
    {":5080", false},
    {"2001:db8::1", false},
    {"[192.0.2.1]", false},
    {"[2001:db8::1", false},
    {"[2001:db8::1]5080", false},
    {"[]", false},
    {"[", false},
    {"192.0.2.1.example.org", false},
    {"192.0.2.1:x", false},
    {"192.0.2.1:65536", false},
    {"192.0.2.1:80:80", false},
    {"192.0.2", false},
    {"0x7f000001", false},
    {"boar", false},
    {"board2", false},
    {"board.example", false},
    {"board.example.org", false},
    {"board.localx", false},
    {"board.local.example.org", false},
    {"panel.local", false},
    {"panel.example.org", false},
    {"localhost.example.org", false},
    {"user@localhost", false},
};

START_TEST(a_request_is_for_one_of_our_names)
{
	const char *const others[] = {"panel"};
	const struct row *row = &ROWS[_i];

	ck_assert_msg(
	    own_names_have(slice_of(row->host), SLICE("board.example.net"), others, 1) == row->ours,
	    "%s", row->host);
}
END_TEST

START_TEST(a_host_without_a_name_is_not_called_by_none)
{
	ck_assert(!own_names_have(SLICE(".local"), SLICE(""), NULL, 0));
	ck_assert(!own_names_have(SLICE(""), SLICE(""), NULL, 0));
	ck_assert(!own_names_have(SLICE_NONE, SLICE_NONE, NULL, 0));
	ck_assert(own_names_have(SLICE("localhost"), SLICE_NONE, NULL, 0));
}
END_TEST

Suite *own_names_suite(void)
{
	Suite *suite = suite_create("web/own_names");
	TCase *tcase = tcase_create("own_names");

	add_test_of_rows(tcase, a_request_is_for_one_of_our_names, ROWS);
	tcase_add_test(tcase, a_host_without_a_name_is_not_called_by_none);
	suite_add_tcase(suite, tcase);
	return suite;
}
