/* SPDX-License-Identifier: ISC
 * Scenarios of descriptions that are read: for which endpoints they speak, and what they say. */
#include "scenarios.h"
#include "world.h"
#include <string.h>

#define ROOT_UDN "uuid:00000000-0000-5000-8000-0000000000a1"
#define PART_UDN "uuid:00000000-0000-5000-8000-0000000000a2"
#define LATE_UDN "uuid:00000000-0000-5000-8000-0000000000a3"

static const char PAGE[] =
    "<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\" configId=\"7\">"
    "<device><deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>"
    "<friendlyName>Root</friendlyName><manufacturer>Maker</manufacturer>"
    "<modelName>Model</modelName><modelNumber>9</modelNumber>"
    "<modelDescription>All of it</modelDescription><serialNumber>123</serialNumber>"
    "<UDN>" ROOT_UDN "</UDN><presentationURL>/index.html</presentationURL>"
    "<iconList><icon><mimetype>image/png</mimetype><url>icon.png</url></icon></iconList>"
    "<serviceList><service><serviceType>urn:schemas-upnp-org:service:Print:1</serviceType>"
    "<serviceId>urn:upnp-org:serviceId:One</serviceId><SCPDURL>/s.xml</SCPDURL>"
    "<controlURL>/control</controlURL><eventSubURL>/event</eventSubURL></service></serviceList>"
    "<deviceList><device><deviceType>urn:schemas-upnp-org:device:Part:1</deviceType>"
    "<friendlyName>Part</friendlyName><UDN>" PART_UDN "</UDN></device></deviceList>"
    "</device></root>";

static const char NAMELESS_PAGE[] =
    "<root><device><friendlyName>Nameless</friendlyName></device></root>";

struct setting {
	struct world *world;
	struct host *a, *forger;
	struct forged root;
};

/* A running host, and what is announced from 10.1.0.50 with the page at /d/d.xml. */
static struct setting setting_new(const char *page)
{
	struct setting setting = {.world = world_new(1, WITH_BOTH)};

	setting.a = world_add_running_host(setting.world);
	setting.forger = world_add_host(setting.world);
	host_plug(setting.forger, 2, 1, "10.1.0.66");
	world_serve(setting.world, "10.1.0.50", 80, "/d/d.xml", page);
	setting.root = (struct forged){
	    "10.1.0.50", ROOT_UDN, "upnp:rootdevice", "http://10.1.0.50/d/d.xml", 1};
	return setting;
}

static void announce(const struct setting *setting, const char *udn)
{
	struct forged forged = setting->root;

	forged.udn = udn;
	if (strcmp(udn, ROOT_UDN) != 0)
		forged.target = udn;
	host_forge_alive(setting->forger, &forged);
}

static const struct endpoint *endpoint_of(const struct setting *setting, const char *udn)
{
	const struct device *device = host_device(setting->a, udn);
	return device ? device_endpoint(device, "ssdp", udn) : NULL;
}

START_TEST(each_endpoint_is_told_what_the_page_says_of_it)
{
	struct setting setting = setting_new(PAGE);

	announce(&setting, ROOT_UDN);
	announce(&setting, PART_UDN);
	world_run(setting.world, SECONDS(2));
	const struct endpoint *root = endpoint_of(&setting, ROOT_UDN);
	const struct endpoint *part = endpoint_of(&setting, PART_UDN);
	ck_assert_ptr_eq(root->device, part->device);
	ck_assert_uint_eq(setting.a->fetches, 1);
	ck_assert_str_eq(endpoint_fact(root, FACT_NAME), "Root");
	ck_assert_str_eq(endpoint_fact(root, FACT_MODEL_NUMBER), "9");
	ck_assert_str_eq(endpoint_fact(root, FACT_MODEL_DESCRIPTION), "All of it");
	ck_assert_str_eq(endpoint_fact(root, FACT_SERIAL), "123");
	ck_assert_str_eq(endpoint_fact(root, FACT_PRESENTATION_URL), "http://10.1.0.50/index.html");
	ck_assert_str_eq(endpoint_fact(root, FACT_ICON_URL), "http://10.1.0.50/d/icon.png");
	ck_assert_uint_eq(root->revision, 7);
	ck_assert(root->primary && root->verified && root->page);
	ck_assert_uint_eq(root->service_count, 1);
	ck_assert_str_eq(root->services[0].key, "urn:upnp-org:serviceId:One");
	ck_assert_str_eq(root->services[0].url, "http://10.1.0.50/control");
	ck_assert_str_eq(endpoint_fact(part, FACT_NAME), "Part");
	ck_assert_uint_eq(part->service_count, 0);
	ck_assert(!part->primary);
	ck_assert_str_eq(device_fact(root->device, FACT_NAME), "Root");
	ck_assert_int_eq(root->device->reachable, DEVICE_REACHABLE_YES);
	ck_assert(!root->busy && !part->busy);
	world_free(setting.world);
}
END_TEST

START_TEST(a_page_without_an_id_speaks_for_the_only_device_that_announces_it)
{
	struct setting setting = setting_new(NAMELESS_PAGE);

	announce(&setting, ROOT_UDN);
	host_forge(setting.forger, "10.1.0.50",
	    "DISCOVER from x\r\nUSN: " ROOT_UDN "\r\nLOCATION: http://10.1.0.50/d/d.xml\r\n\r\n");
	world_run(setting.world, SECONDS(2));
	const struct endpoint *root = endpoint_of(&setting, ROOT_UDN);
	ck_assert_str_eq(endpoint_fact(root, FACT_NAME), "Nameless");
	const struct endpoint *by_broadcast = device_endpoint(root->device, "broadcast", ROOT_UDN);
	ck_assert(by_broadcast->described);
	/* With two of them it is not known which one it means. */
	announce(&setting, PART_UDN);
	world_run(setting.world, SECONDS(5));
	ck_assert_ptr_null(endpoint_fact(endpoint_of(&setting, PART_UDN), FACT_NAME));
	world_free(setting.world);
}
END_TEST

START_TEST(announcers_that_a_fresh_page_does_not_name_go_when_they_are_silent)
{
	struct setting setting = setting_new(PAGE);
	struct forged elsewhere = setting.root;

	elsewhere.udn = "uuid:00000000-0000-5000-8000-0000000000a4";
	elsewhere.location = "http://10.1.0.50/other.xml";
	announce(&setting, LATE_UDN);
	host_forge_alive(setting.forger, &elsewhere);
	world_run(setting.world, SECONDS(60));
	ck_assert_ptr_nonnull(endpoint_of(&setting, LATE_UDN));
	announce(&setting, ROOT_UDN);
	world_run(setting.world, SECONDS(5));
	ck_assert_ptr_nonnull(endpoint_of(&setting, ROOT_UDN));
	ck_assert_ptr_null(endpoint_of(&setting, LATE_UDN));
	ck_assert_ptr_nonnull(endpoint_of(&setting, elsewhere.udn));
	ck_assert_uint_eq(host_count(setting.a), 1);
	world_free(setting.world);
}
END_TEST

START_TEST(another_epoch_has_the_page_read_again)
{
	struct setting setting = setting_new(PAGE);

	announce(&setting, ROOT_UDN);
	world_run(setting.world, SECONDS(2));
	for (unsigned i = 0; i < 10; i++) {
		announce(&setting, ROOT_UDN);
		world_run(setting.world, SECONDS(2));
	}
	ck_assert_uint_eq(setting.a->fetches, 1);
	world_serve(setting.world, "10.1.0.50", 80, "/d/d.xml", NAMELESS_PAGE);
	setting.root.boot_id = 2;
	announce(&setting, ROOT_UDN);
	world_run(setting.world, SECONDS(2));
	ck_assert_uint_eq(setting.a->fetches, 2);
	const struct endpoint *root = endpoint_of(&setting, ROOT_UDN);
	ck_assert_str_eq(endpoint_fact(root, FACT_NAME), "Nameless");
	ck_assert_ptr_null(endpoint_fact(root, FACT_MANUFACTURER));
	ck_assert_uint_eq(root->service_count, 0);
	world_free(setting.world);
}
END_TEST

START_TEST(a_page_that_does_not_answer_is_tried_again)
{
	struct setting setting = setting_new(NULL);

	announce(&setting, ROOT_UDN);
	world_run(setting.world, SECONDS(1));
	ck_assert(endpoint_of(&setting, ROOT_UDN)->busy);
	world_run(setting.world, SECONDS(3));
	ck_assert_int_eq(host_device(setting.a, ROOT_UDN)->reachable, DEVICE_REACHABLE_NO);
	ck_assert(!endpoint_of(&setting, ROOT_UDN)->verified);
	world_serve(setting.world, "10.1.0.50", 80, "/d/d.xml", PAGE);
	world_run(setting.world, SECONDS(60));
	ck_assert_str_eq(endpoint_fact(endpoint_of(&setting, ROOT_UDN), FACT_NAME), "Root");
	ck_assert_int_eq(host_device(setting.a, ROOT_UDN)->reachable, DEVICE_REACHABLE_YES);
	world_free(setting.world);
}
END_TEST

START_TEST(pages_wait_while_nothing_may_be_fetched)
{
	struct setting setting = setting_new(PAGE);

	host_configure(setting.a, "[HTTP]\nfetch = no\n");
	announce(&setting, ROOT_UDN);
	world_run(setting.world, SECONDS(600));
	ck_assert_uint_eq(setting.a->fetches, 0);
	ck_assert_ptr_nonnull(endpoint_of(&setting, ROOT_UDN));
	host_configure(setting.a, "");
	world_run(setting.world, SECONDS(1));
	ck_assert_uint_eq(setting.a->fetches, 1);
	ck_assert_str_eq(endpoint_fact(endpoint_of(&setting, ROOT_UDN), FACT_NAME), "Root");
	world_free(setting.world);
}
END_TEST

START_TEST(a_page_of_another_host_is_not_read)
{
	struct setting setting = setting_new(PAGE);

	setting.root.from = "10.1.0.51";
	announce(&setting, ROOT_UDN);
	world_run(setting.world, SECONDS(60));
	ck_assert_uint_eq(setting.a->fetches, 0);
	ck_assert_ptr_nonnull(endpoint_of(&setting, ROOT_UDN));
	world_free(setting.world);
}
END_TEST

Suite *descriptions_suite(void)
{
	Suite *suite = suite_create("scenario/descriptions");
	TCase *tcase = tcase_create("descriptions");
	tcase_add_test(tcase, each_endpoint_is_told_what_the_page_says_of_it);
	tcase_add_test(tcase, a_page_without_an_id_speaks_for_the_only_device_that_announces_it);
	tcase_add_test(tcase, announcers_that_a_fresh_page_does_not_name_go_when_they_are_silent);
	tcase_add_test(tcase, another_epoch_has_the_page_read_again);
	tcase_add_test(tcase, a_page_that_does_not_answer_is_tried_again);
	tcase_add_test(tcase, pages_wait_while_nothing_may_be_fetched);
	tcase_add_test(tcase, a_page_of_another_host_is_not_read);
	suite_add_tcase(suite, tcase);
	return suite;
}
