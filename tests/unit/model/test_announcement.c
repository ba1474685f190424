/* SPDX-License-Identifier: ISC
 * Tests of model/announcement. */
#include "base/array.h"
#include "model/announcement.h"
#include "suites.h"
#include <stdlib.h>
#include <string.h>

static struct announcement announcement;

static void set_up(void)
{
	announcement_init(&announcement);
}

static void tear_down(void)
{
	announcement_fini(&announcement);
}

static struct announced_tree *new_tree(const char *udn)
{
	struct announced_tree *tree = announced_tree_new();
	ck_assert_ptr_nonnull(tree);
	announced_tree_add_device(tree, 0)->udn = strdup(udn);
	return tree;
}

static struct announced_tree *add_tree(const char *udn)
{
	struct announced_tree *tree = new_tree(udn);
	ck_assert_int_eq(announcement_add(&announcement, tree), 0);
	return tree;
}

START_TEST(devices_keep_their_order_and_parents)
{
	struct announced_tree *tree = announced_tree_new();
	ck_assert_ptr_nonnull(announced_tree_add_device(tree, 0));
	ck_assert_ptr_nonnull(announced_tree_add_device(tree, 0));
	struct announced_device *third = announced_tree_add_device(tree, 1);
	ck_assert_uint_eq(tree->device_count, 3);
	ck_assert_ptr_eq(third, &tree->devices[2]);
	ck_assert_uint_eq(third->parent, 1);
	ck_assert_ptr_null(third->udn);
	ck_assert_uint_eq(third->service_count, 0);
	ck_assert_uint_eq(tree->devices[0].parts, ANNOUNCED_ROOT);
	ck_assert_uint_eq(tree->devices[1].parts, ANNOUNCED_EMBEDDED);
	announced_tree_free(tree);
}
END_TEST

START_TEST(services_are_copied)
{
	struct announced_tree *tree = announced_tree_new();
	char type[] = "urn:a:service:b:1", id[] = "urn:a:serviceId:b";
	struct announced_device *root = announced_tree_add_device(tree, 0);
	ck_assert_int_eq(announced_device_add_service(root, type, id), 0);
	ck_assert_int_eq(announced_device_add_service(root, "urn:a:service:c:2", NULL), 0);
	memset(type, 'x', sizeof(type) - 1);
	memset(id, 'x', sizeof(id) - 1);
	ck_assert_uint_eq(root->service_count, 2);
	ck_assert_str_eq(root->services[0].type, "urn:a:service:b:1");
	ck_assert_str_eq(root->services[0].id, "urn:a:serviceId:b");
	ck_assert_str_eq(root->services[1].type, "urn:a:service:c:2");
	ck_assert_ptr_null(root->services[1].id);
	announced_tree_free(tree);
}
END_TEST

/* Under a leak checker this is the test of every owned string. */
START_TEST(fini_leaves_nothing_and_can_be_repeated)
{
	struct announced_tree *tree = announced_tree_new();
	struct announced_device *root = announced_tree_add_device(tree, 0);
	char **texts[] = {&root->udn, &root->type, &root->name, &root->manufacturer,
	    &root->manufacturer_url, &root->model, &root->model_number, &root->model_description,
	    &root->model_url, &root->serial, &root->presentation_url, &tree->location,
	    &tree->server, &announcement.server};
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		*texts[i] = strdup("text");
	ck_assert_int_eq(announcement_add(&announcement, tree), 0);
	announcement_fini(&announcement);
	ck_assert_ptr_null(announcement.trees);
	ck_assert_ptr_null(announcement.server);
	ck_assert_uint_eq(announcement.tree_count, 0);
	announcement_fini(&announcement);
}
END_TEST

START_TEST(a_number_is_never_given_twice)
{
	uint64_t first = add_tree("uuid:a")->number, second = add_tree("uuid:b")->number;
	ck_assert_uint_ne(first, 0);
	ck_assert_uint_ne(first, second);
	announced_tree_free(announcement_take(&announcement, second));
	uint64_t third = add_tree("uuid:b")->number;
	ck_assert(third != first && third != second);
	struct announced_tree *former;
	ck_assert_int_eq(announcement_replace_own(&announcement, new_tree("uuid:a"), &former), 0);
	ck_assert_uint_eq(former->number, first);
	announced_tree_free(former);
	uint64_t fourth = announcement_own(&announcement)->number;
	ck_assert(fourth != first && fourth != second && fourth != third);
}
END_TEST

START_TEST(trees_are_found_by_number_and_udn_and_taken_out)
{
	struct announced_tree *own = add_tree("uuid:A"), *program = add_tree("uuid:b");
	ck_assert_ptr_eq(announcement_own(&announcement), own);
	ck_assert_ptr_eq(announcement_find(&announcement, program->number), program);
	ck_assert_ptr_null(announcement_find(&announcement, 77));
	ck_assert_ptr_eq(announcement_find_udn(&announcement, SLICE("uuid:a")), own);
	ck_assert_ptr_eq(announcement_find_udn(&announcement, SLICE("UUID:B")), program);
	ck_assert_ptr_null(announcement_find_udn(&announcement, SLICE("uuid:c")));
	ck_assert_ptr_null(announcement_take(&announcement, own->number));
	ck_assert_ptr_null(announcement_take(&announcement, 77));
	ck_assert_ptr_eq(announcement_take(&announcement, program->number), program);
	ck_assert_uint_eq(announcement.tree_count, 1);
	announced_tree_free(program);
}
END_TEST

START_TEST(the_first_tree_is_our_own_however_often_it_is_replaced)
{
	struct announced_tree *former, *first = new_tree("uuid:a"), *second = new_tree("uuid:b");
	ck_assert_ptr_null(announcement_own(&announcement));
	ck_assert_int_eq(announcement_replace_own(&announcement, first, &former), 0);
	ck_assert_ptr_null(former);
	add_tree("uuid:p");
	ck_assert_int_eq(announcement_replace_own(&announcement, second, &former), 0);
	ck_assert_ptr_eq(former, first);
	ck_assert_ptr_eq(announcement_own(&announcement), second);
	ck_assert_uint_eq(announcement.tree_count, 2);
	announced_tree_free(former);
}
END_TEST

START_TEST(trees_that_say_the_same_are_told_from_others)
{
	struct announced_tree *a = new_tree("uuid:1"), *b = new_tree("uuid:1");
	struct announced_device *device = &b->devices[0];

	a->number = 7;
	a->boot_id = a->config_id = 8;
	ck_assert(announced_tree_says_the_same(a, b));
	device->presentation_url = strdup("http://a/");
	ck_assert(!announced_tree_says_the_same(a, b));
	a->devices[0].presentation_url = strdup("http://b/");
	ck_assert(!announced_tree_says_the_same(a, b));
	strcpy(device->presentation_url, "http://b/");
	ck_assert(announced_tree_says_the_same(a, b));
	a->location = strdup("http://*/");
	ck_assert(!announced_tree_says_the_same(a, b));
	b->location = strdup("http://*/");
	announced_device_add_service(&a->devices[0], "urn:a:service:b:1", NULL);
	ck_assert(!announced_tree_says_the_same(a, b));
	announced_device_add_service(device, "urn:a:service:b:2", NULL);
	ck_assert(!announced_tree_says_the_same(a, b));
	strcpy(device->services[0].type, "urn:a:service:b:1");
	ck_assert(announced_tree_says_the_same(a, b));
	announced_tree_add_device(a, 0);
	ck_assert(!announced_tree_says_the_same(a, b));
	announced_tree_free(a);
	announced_tree_free(b);
}
END_TEST

Suite *announcement_suite(void)
{
	Suite *suite = suite_create("model/announcement");
	TCase *tcase = tcase_create("announcement");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, devices_keep_their_order_and_parents);
	tcase_add_test(tcase, services_are_copied);
	tcase_add_test(tcase, fini_leaves_nothing_and_can_be_repeated);
	tcase_add_test(tcase, a_number_is_never_given_twice);
	tcase_add_test(tcase, trees_are_found_by_number_and_udn_and_taken_out);
	tcase_add_test(tcase, the_first_tree_is_our_own_however_often_it_is_replaced);
	tcase_add_test(tcase, trees_that_say_the_same_are_told_from_others);
	suite_add_tcase(suite, tcase);
	return suite;
}
