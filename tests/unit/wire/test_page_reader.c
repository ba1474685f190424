/* SPDX-License-Identifier: ISC
 * Tests of wire/page_reader; what is read of a description is tested with description_reader. */
#include "suites.h"
#include "wire/page_reader.h"
#include <errno.h>

#define DOCUMENT "<root><device><friendlyName>lamp</friendlyName></device></root>"

START_TEST(a_description_is_read)
{
	const struct page_reader_type *type = &DESCRIPTION_PAGE_READER;
	struct description *description = NULL;
	void *reader = type->create(DESCRIPTION_BODY_MAX);

	ck_assert_ptr_nonnull(reader);
	ck_assert_int_eq(type->feed(reader, SLICE(DOCUMENT)), 0);
	ck_assert(type->complete(reader));
	ck_assert_int_eq(type->finish(reader, &description), 0);
	ck_assert_str_eq(description->devices[0].friendly_name, "lamp");
	ck_assert_int_eq(type->finish(reader, &description), -EBADMSG);
	description_free(description);
	type->destroy(reader);
}
END_TEST

START_TEST(the_limit_holds)
{
	void *reader = DESCRIPTION_PAGE_READER.create(8);

	ck_assert_ptr_nonnull(reader);
	ck_assert_int_eq(DESCRIPTION_PAGE_READER.feed(reader, SLICE(DOCUMENT)), -EMSGSIZE);
	ck_assert(!DESCRIPTION_PAGE_READER.complete(reader));
	DESCRIPTION_PAGE_READER.destroy(reader);
}
END_TEST

Suite *page_reader_suite(void)
{
	Suite *suite = suite_create("wire/page_reader");
	TCase *tc = tcase_create("page_reader");

	tcase_add_test(tc, a_description_is_read);
	tcase_add_test(tc, the_limit_holds);
	suite_add_tcase(suite, tc);
	return suite;
}
