/* SPDX-License-Identifier: ISC
 * Tests of model/offer. */
#include "base/array.h"
#include "model/offer.h"
#include "model/offers.h"
#include "suites.h"
#include <stdlib.h>
#include <string.h>

static struct offers offers;

static void set_up(void)
{
	offers_init(&offers);
}

static void tear_down(void)
{
	offers_fini(&offers);
}

static struct offer *new_tree(const char *udn)
{
	struct offer *tree = offer_new();
	ck_assert_ptr_nonnull(tree);
	offer_add_device(tree, 0)->udn = strdup(udn);
	return tree;
}

static struct offer *add_tree(const char *udn)
{
	struct offer *tree = new_tree(udn);
	ck_assert_int_eq(offers_add(&offers, tree), 0);
	return tree;
}

START_TEST(devices_keep_their_order_and_parents)
{
	struct offer *tree = offer_new();
	ck_assert_ptr_nonnull(offer_add_device(tree, 0));
	ck_assert_ptr_nonnull(offer_add_device(tree, 0));
	struct offered_device *third = offer_add_device(tree, 1);
	ck_assert_uint_eq(tree->device_count, 3);
	ck_assert_ptr_eq(third, &tree->devices[2]);
	ck_assert_uint_eq(third->parent, 1);
	ck_assert_ptr_null(third->udn);
	ck_assert_uint_eq(third->service_count, 0);
	ck_assert_uint_eq(tree->devices[0].parts, OFFERED_ROOT);
	ck_assert_uint_eq(tree->devices[1].parts, OFFERED_EMBEDDED);
	offer_free(tree);
}
END_TEST

START_TEST(services_are_copied)
{
	struct offer *tree = offer_new();
	char type[] = "urn:a:service:b:1", id[] = "urn:a:serviceId:b";
	struct offered_device *root = offer_add_device(tree, 0);
	ck_assert_int_eq(offered_device_add_service(root, type, id), 0);
	ck_assert_int_eq(offered_device_add_service(root, "urn:a:service:c:2", NULL), 0);
	memset(type, 'x', sizeof(type) - 1);
	memset(id, 'x', sizeof(id) - 1);
	ck_assert_uint_eq(root->service_count, 2);
	ck_assert_str_eq(root->services[0].type, "urn:a:service:b:1");
	ck_assert_str_eq(root->services[0].id, "urn:a:serviceId:b");
	ck_assert_str_eq(root->services[1].type, "urn:a:service:c:2");
	ck_assert_ptr_null(root->services[1].id);
	offer_free(tree);
}
END_TEST

/* Under a leak checker this is the test of every owned string. */
START_TEST(fini_leaves_nothing_and_can_be_repeated)
{
	struct offer *tree = offer_new();
	struct offered_device *root = offer_add_device(tree, 0);
	char **texts[] = {&root->udn, &root->type, &root->name, &root->manufacturer,
	    &root->manufacturer_url, &root->model, &root->model_number, &root->model_description,
	    &root->model_url, &root->serial, &root->presentation_url, &tree->url, &tree->server,
	    &offers.server};
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		*texts[i] = strdup("text");
	ck_assert_int_eq(offers_add(&offers, tree), 0);
	offers_fini(&offers);
	ck_assert_ptr_null(offers.list);
	ck_assert_ptr_null(offers.server);
	ck_assert_uint_eq(offers.count, 0);
	offers_fini(&offers);
}
END_TEST

START_TEST(a_number_is_never_given_twice)
{
	uint64_t first = add_tree("uuid:a")->number, second = add_tree("uuid:b")->number;
	ck_assert_uint_ne(first, 0);
	ck_assert_uint_ne(first, second);
	offer_free(offers_take(&offers, second));
	uint64_t third = add_tree("uuid:b")->number;
	ck_assert(third != first && third != second);
	struct offer *former;
	ck_assert_int_eq(offers_replace_own(&offers, new_tree("uuid:a"), &former), 0);
	ck_assert_uint_eq(former->number, first);
	offer_free(former);
	uint64_t fourth = offers_own(&offers)->number;
	ck_assert(fourth != first && fourth != second && fourth != third);
}
END_TEST

START_TEST(trees_are_found_by_number_and_udn_and_taken_out)
{
	struct offer *own = add_tree("uuid:A"), *program = add_tree("uuid:b");
	ck_assert_ptr_eq(offers_own(&offers), own);
	ck_assert_ptr_eq(offers_find(&offers, program->number), program);
	ck_assert_ptr_null(offers_find(&offers, 77));
	ck_assert_ptr_eq(offers_find_udn(&offers, SLICE("uuid:a")), own);
	ck_assert_ptr_eq(offers_find_udn(&offers, SLICE("UUID:B")), program);
	ck_assert_ptr_null(offers_find_udn(&offers, SLICE("uuid:c")));
	ck_assert_ptr_null(offers_take(&offers, own->number));
	ck_assert_ptr_null(offers_take(&offers, 77));
	ck_assert_ptr_eq(offers_take(&offers, program->number), program);
	ck_assert_uint_eq(offers.count, 1);
	offer_free(program);
}
END_TEST

START_TEST(the_first_tree_is_our_own_however_often_it_is_replaced)
{
	struct offer *former, *first = new_tree("uuid:a"), *second = new_tree("uuid:b");
	ck_assert_ptr_null(offers_own(&offers));
	ck_assert_int_eq(offers_replace_own(&offers, first, &former), 0);
	ck_assert_ptr_null(former);
	add_tree("uuid:p");
	ck_assert_int_eq(offers_replace_own(&offers, second, &former), 0);
	ck_assert_ptr_eq(former, first);
	ck_assert_ptr_eq(offers_own(&offers), second);
	ck_assert_uint_eq(offers.count, 2);
	offer_free(former);
}
END_TEST

START_TEST(trees_that_say_the_same_are_told_from_others)
{
	struct offer *a = new_tree("uuid:1"), *b = new_tree("uuid:1");
	struct offered_device *device = &b->devices[0];

	a->number = 7;
	a->epoch = a->revision = 8;
	ck_assert(offer_says_the_same(a, b));
	device->presentation_url = strdup("http://a/");
	ck_assert(!offer_says_the_same(a, b));
	a->devices[0].presentation_url = strdup("http://b/");
	ck_assert(!offer_says_the_same(a, b));
	strcpy(device->presentation_url, "http://b/");
	ck_assert(offer_says_the_same(a, b));
	a->url = strdup("http://*/");
	ck_assert(!offer_says_the_same(a, b));
	b->url = strdup("http://*/");
	offered_device_add_service(&a->devices[0], "urn:a:service:b:1", NULL);
	ck_assert(!offer_says_the_same(a, b));
	offered_device_add_service(device, "urn:a:service:b:2", NULL);
	ck_assert(!offer_says_the_same(a, b));
	strcpy(device->services[0].type, "urn:a:service:b:1");
	ck_assert(offer_says_the_same(a, b));
	offer_add_device(a, 0);
	ck_assert(!offer_says_the_same(a, b));
	offer_free(a);
	offer_free(b);
}
END_TEST

Suite *offer_suite(void)
{
	Suite *suite = suite_create("model/offer");
	TCase *tcase = tcase_create("offer");
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
