/* SPDX-License-Identifier: ISC
 * Tests of wire/xml_walk. */
#include "base/writer.h"
#include "suites.h"
#include "wire/xml_walk.h"
#include <errno.h>
#include <string.h>

enum { DOCUMENT, ROOT, ITEM, LEAF, BODY_MAX = 4096 };

static const struct xml_space SPACES[] = {
    {1, 1, "urn:one"},
    {1, 2, "urn:two"},
    {2, 0, "urn:other"},
    {0},
};
static const struct xml_row ROWS[] = {
    {DOCUMENT, 1, "root", ROOT, 0, false},
    {ROOT, 1, "item", ITEM, 7, false},
    {ITEM, 2, "leaf", LEAF, 0, true},
    {0},
};

static char text[1024];
static struct writer told;
static int leaf_error;

static void begin(void *context, const struct xml_row *row, const struct xml_space *space,
    const struct xml_walk *walk)
{
	struct slice id = xml_walk_attribute(walk, "id");
	(void)context;

	writer_format(&told, "<%s/%u", row->name, (unsigned)space->version);
	if (id.bytes)
		writer_format(&told, " %.*s", SLICE_ARGS(id));
	writer_char(&told, '>');
}

static int end(void *context, const struct xml_row *row, struct slice value)
{
	(void)context;
	if (row->text)
		writer_format(&told, "[%.*s]", SLICE_ARGS(value));
	writer_format(&told, "</%s>", row->name);
	return row->self == LEAF ? leaf_error : 0;
}

static const struct xml_grammar GRAMMAR = {SPACES, ROWS, begin, end};

static void set_up(void)
{
	leaf_error = 0;
}

static struct xml_walk *begin_walk(size_t max)
{
	struct xml_walk *walk = xml_walk_new(&GRAMMAR, max, NULL);

	ck_assert_ptr_nonnull(walk);
	memset(text, 0, sizeof(text));
	writer_init(&told, text, sizeof(text) - 1);
	return walk;
}

/* Reads `document` in pieces of `step` bytes; returns what finish does. */
static int walk_in(const char *document, size_t step, size_t *surplus)
{
	struct xml_walk *walk = begin_walk(BODY_MAX);

	for (struct slice rest = slice_of(document); rest.len; rest = slice_skip(rest, step))
		xml_walk_feed(walk, slice_head(rest, step));
	int error = xml_walk_finish(walk);
	*surplus = xml_walk_surplus(walk);
	xml_walk_free(walk);
	return error;
}

static void expect(const char *document, const char *wanted)
{
	size_t surplus;

	for (size_t step = 1; step < 70; step += 23) {
		ck_assert_int_eq(walk_in(document, step, &surplus), 0);
		ck_assert_str_eq(text, wanted);
		ck_assert_uint_eq(surplus, 0);
	}
}

START_TEST(elements_are_known_by_namespace_and_local_name)
{
	expect("<a:root xmlns:a='urn:one' xmlns='urn:other'><a:item id='5'><leaf> x y\n</leaf>"
	       "<b:leaf xmlns:b='urn:none'>z</b:leaf><a:leaf>z</a:leaf></a:item><item/></a:root>",
	    "<root/1><item/1 5><leaf/0>[x y]</leaf></item></root>");
}
END_TEST

START_TEST(a_row_says_where_its_element_stands)
{
	expect("<root xmlns='urn:two' xmlns:o='urn:other'><o:leaf>1</o:leaf><x><item/></x>"
	       "<item><x><o:leaf>2</o:leaf></x></item></root>",
	    "<root/2><item/2></item></root>");
}
END_TEST

START_TEST(what_is_broken_is_repaired)
{
	expect("junk<root xmlns=urn:one><item><leaf xmlns='urn:other'>Tom & Jerry \x80</leaf>",
	    "<root/1><item/1><leaf/0>[Tom & Jerry \xef\xbf\xbd]</leaf></item></root>");
}
END_TEST

START_TEST(a_text_that_is_not_whole_is_no_text)
{
	expect("<root xmlns='urn:one'><item><leaf xmlns='urn:other'>half",
	    "<root/1><item/1><leaf/0></item></root>");
}
END_TEST

START_TEST(deep_elements_are_passed_over)
{
	char document[1024];
	struct writer w;
	size_t surplus;

	writer_init(&w, document, sizeof(document));
	writer_text(&w, "<root xmlns='urn:one'>");
	for (unsigned i = 0; i < 40; i++)
		writer_text(&w, "<x>");
	for (unsigned i = 0; i < 40; i++)
		writer_text(&w, "</x>");
	writer_text(&w, "<item/></root>");
	writer_char(&w, '\0');
	ck_assert_int_eq(walk_in(document, 1024, &surplus), 0);
	ck_assert_str_eq(text, "<root/1><item/1></item></root>");
	ck_assert_uint_eq(surplus, 1);
}
END_TEST

START_TEST(a_doctype_ends_it)
{
	size_t surplus;

	ck_assert_int_eq(
	    walk_in("<!DOCTYPE root [<!ENTITY a 'b'>]><root xmlns='urn:one'/>", 1024, &surplus),
	    -EPERM);
	ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(what_comes_before_the_limit_is_read)
{
	struct xml_walk *walk = begin_walk(64);
	const char *document = "<root xmlns='urn:one'><item/></root>";

	ck_assert_int_eq(xml_walk_feed(walk, slice_head(slice_of(document), 30)), 0);
	ck_assert_int_eq(xml_walk_feed(walk, (struct slice){text, 200}), -EMSGSIZE);
	ck_assert_int_eq(xml_walk_finish(walk), -EMSGSIZE);
	ck_assert_str_eq(text, "<root/1><item/1></item></root>");
	xml_walk_free(walk);
}
END_TEST

START_TEST(what_follows_the_root_is_not_read)
{
	struct xml_walk *walk = begin_walk(64);

	ck_assert_int_eq(xml_walk_feed(walk, SLICE("<root xmlns='urn:one'></root>")), 0);
	ck_assert(xml_walk_complete(walk));
	ck_assert_int_eq(xml_walk_feed(walk, (struct slice){text, 200}), 0);
	ck_assert_int_eq(xml_walk_finish(walk), 0);
	xml_walk_free(walk);
}
END_TEST

START_TEST(the_caller_can_end_it)
{
	size_t surplus;

	leaf_error = -ENOMEM;
	ck_assert_int_eq(walk_in("<root xmlns='urn:one'><item><o:leaf xmlns:o='urn:other'/></item>"
				 "<item/></root>",
			     1024, &surplus),
	    -ENOMEM);
	ck_assert_str_eq(text, "<root/1><item/1><leaf/0>[]</leaf>");
}
END_TEST

Suite *xml_walk_suite(void)
{
	Suite *suite = suite_create("wire/xml_walk");
	TCase *tc = tcase_create("xml_walk");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, elements_are_known_by_namespace_and_local_name);
	tcase_add_test(tc, a_row_says_where_its_element_stands);
	tcase_add_test(tc, what_is_broken_is_repaired);
	tcase_add_test(tc, a_text_that_is_not_whole_is_no_text);
	tcase_add_test(tc, deep_elements_are_passed_over);
	tcase_add_test(tc, a_doctype_ends_it);
	tcase_add_test(tc, what_comes_before_the_limit_is_read);
	tcase_add_test(tc, what_follows_the_root_is_not_read);
	tcase_add_test(tc, the_caller_can_end_it);
	suite_add_tcase(suite, tc);
	return suite;
}
