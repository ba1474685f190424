/* SPDX-License-Identifier: ISC
 * Tests of model/announcement. */
#include "model/announcement.h"
#include "suites.h"
#include <stdlib.h>
#include <string.h>

START_TEST(devices_keep_their_order_and_parents)
{
	struct announcement announcement;
	announcement_init(&announcement);
	ck_assert_ptr_nonnull(announcement_add_device(&announcement, 0));
	ck_assert_ptr_nonnull(announcement_add_device(&announcement, 0));
	struct announced_device *third = announcement_add_device(&announcement, 1);
	ck_assert_uint_eq(announcement.device_count, 3);
	ck_assert_ptr_eq(third, &announcement.devices[2]);
	ck_assert_uint_eq(third->parent, 1);
	ck_assert_ptr_null(third->udn);
	ck_assert_uint_eq(third->service_count, 0);
	announcement_fini(&announcement);
}
END_TEST

START_TEST(services_are_copied)
{
	struct announcement announcement;
	char type[] = "urn:a:service:b:1", id[] = "urn:a:serviceId:b";
	announcement_init(&announcement);
	struct announced_device *root = announcement_add_device(&announcement, 0);
	ck_assert_int_eq(announced_device_add_service(root, type, id), 0);
	ck_assert_int_eq(announced_device_add_service(root, "urn:a:service:c:2", "c"), 0);
	memset(type, 'x', sizeof(type) - 1);
	memset(id, 'x', sizeof(id) - 1);
	ck_assert_uint_eq(root->service_count, 2);
	ck_assert_str_eq(root->services[0].type, "urn:a:service:b:1");
	ck_assert_str_eq(root->services[0].id, "urn:a:serviceId:b");
	ck_assert_str_eq(root->services[1].type, "urn:a:service:c:2");
	announcement_fini(&announcement);
}
END_TEST

/* Under a leak checker this is the test of every owned string. */
START_TEST(fini_leaves_nothing_and_can_be_repeated)
{
	struct announcement announcement;
	announcement_init(&announcement);
	struct announced_device *root = announcement_add_device(&announcement, 0);
	char **texts[] = {&root->udn, &root->type, &root->name, &root->manufacturer,
	    &root->manufacturer_url, &root->model, &root->model_number, &root->model_description,
	    &root->model_url, &root->serial, &root->presentation_url, &announcement.server};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = strdup("text");
	announcement.boot_id = 7;
	announcement_fini(&announcement);
	ck_assert_ptr_null(announcement.devices);
	ck_assert_ptr_null(announcement.server);
	ck_assert_uint_eq(announcement.device_count, 0);
	ck_assert_uint_eq(announcement.boot_id, 0);
	announcement_fini(&announcement);
}
END_TEST

Suite *announcement_suite(void)
{
	Suite *suite = suite_create("model/announcement");
	TCase *tcase = tcase_create("announcement");
	tcase_add_test(tcase, devices_keep_their_order_and_parents);
	tcase_add_test(tcase, services_are_copied);
	tcase_add_test(tcase, fini_leaves_nothing_and_can_be_repeated);
	suite_add_tcase(suite, tcase);
	return suite;
}
