/* SPDX-License-Identifier: ISC
 * Tests of web/web_config: what may be listened on. */
#include "suites.h"
#include "web/web_config.h"
#include <stdlib.h>
#include <string.h>

/* What is wrong with it, for the caller to free(). */
static char *check(const char *address)
{
	char *items[] = {strdup("127.0.0.1"), strdup(address)};
	const struct web_config config = {.addresses = {items, 2}};
	char *wrong = web_config_check(&config);

	free(items[0]);
	free(items[1]);
	return wrong;
}

START_TEST(addresses_are_numeric)
{
	char *wrong = check("board.local");

	ck_assert_str_eq(
	    wrong, "address must be numeric addresses or *, and is no \"board.local\"");
	free(wrong);
	ck_assert_ptr_null(check("*"));
	ck_assert_ptr_null(check("::"));
}
END_TEST

START_TEST(a_star_is_both_families)
{
	struct address addresses[2];

	ck_assert_uint_eq(web_config_address(SLICE("*"), addresses), 2);
	ck_assert(address_is_unspecified(&addresses[0]) && addresses[0].family == ADDRESS_IPV4);
	ck_assert(address_is_unspecified(&addresses[1]) && addresses[1].family == ADDRESS_IPV6);
	ck_assert_uint_eq(web_config_address(SLICE("::1"), addresses), 1);
	ck_assert(address_is_loopback(&addresses[0]));
	ck_assert_uint_eq(web_config_address(SLICE("**"), addresses), 0);
}
END_TEST

Suite *web_config_suite(void)
{
	Suite *suite = suite_create("web/web_config");
	TCase *tcase = tcase_create("web_config");

	tcase_add_test(tcase, addresses_are_numeric);
	tcase_add_test(tcase, a_star_is_both_families);
	suite_add_tcase(suite, tcase);
	return suite;
}
