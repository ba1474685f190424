/* SPDX-License-Identifier: ISC
 * Tests of web/html_map: what is in the picture, and that nothing covers anything else. */
#include "page_fixture.h"
#include "suites.h"
#include "web/html_map.h"
#include "wire/expect.h"
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS "{\"name\":\"board\"}"
#define INTERFACES                                                                                 \
	"[{\"name\":\"br0\",\"kind\":\"bridge\",\"up\":true,\"gateway\":\"192.0.2.1\","            \
	"\"addresses\":[{\"address\":\"192.0.2.7\",\"network\":\"192.0.2.0\",\"prefix\":24}]},"    \
	"{\"name\":\"veth0\",\"kind\":\"veth\",\"up\":true,\"master\":\"br0\","                    \
	"\"peer\":{\"index\":2,\"netns_name\":\"app\"}},"                                          \
	"{\"name\":\"eth1\",\"kind\":\"ethernet\",\"up\":false,\"master\":\"br0\"},"               \
	"{\"name\":\"wlan0\",\"kind\":\"wifi\",\"up\":true,\"addresses\":[{\"address\":"           \
	"\"198.51.100.7\",\"network\":\"198.51.100.0\",\"prefix\":24}]}]"
#define DEVICE(id, name, address, interface, attached)                                             \
	"{\"id\":\"" id "\",\"name\":\"" name "\",\"kind\":\"device\",\"attached_to\":\"" attached \
	"\",\"addresses\":[{\"address\":\"" address "\",\"interface\":\"" interface "\"}]}"
#define DEVICES                                                                                    \
	"[" DEVICE("1", "<tv>", "192.0.2.20", "br0", "br0") "," DEVICE(                            \
	    "2", "app", "192.0.2.21", "br0", "br0/veth0 (app, if 2)") "," DEVICE("3", "phone",     \
	    "198.51.100.8", "wlan0", "wlan0") "," DEVICE("4", "lamp", "203.0.113.9", "gone0",      \
	    "gone0") ","                                                                           \
		     "{\"id\":\"5\",\"name\":\"nowhere\",\"kind\":\"neighbour\",\"addresses\":[]}" \
		     "]"

static char *picture(const char *interfaces, const char *devices)
{
	struct json_object *a = page_fixture_parse(STATUS), *b = page_fixture_parse(interfaces),
			   *c = page_fixture_parse(devices);
	struct html html = page_fixture_begin();

	html_map_svg(a, b, c, &html);
	json_object_put(a);
	json_object_put(b);
	json_object_put(c);
	return page_fixture_end(&html);
}

static const char *const FOUND[] = {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
    ">board</text>",
    "class=\"node bridge\"",
    ">veth, to app, if 2</text>",
    "class=\"node down\"",
    ">ethernet, down</text>",
    ">192.0.2.0/24</text>",
    ">as 192.0.2.7, gateway 192.0.2.1</text>",
    "href=\"/device/1\"",
    ">&lt;tv&gt;</text>",
    "href=\"/device/2\"",
    "href=\"/device/3\"",
    "href=\"/device/4\"",
    ">gone0</text>",
    "href=\"/device/5\"",
    "class=\"chip quiet\"",
};

START_TEST(everything_is_in_the_picture)
{
	char *text = picture(INTERFACES, DEVICES);
	ck_assert_msg(strstr(text, FOUND[_i]) != NULL, "%s", FOUND[_i]);
	ck_assert_uint_eq(page_fixture_count(text, "<a "), 5);
	free(text);
}
END_TEST

enum { BOXES_MAX = 512 };

struct box {
	int x, y, width, height;
	bool frame; /* around devices */
};

static size_t read_boxes(const char *text, struct box boxes[BOXES_MAX])
{
	size_t count = 0;

	while ((text = strstr(text, "<svg class=\""))) {
		char class[32];
		struct box *box = &boxes[count++];
		ck_assert_uint_lt(count, BOXES_MAX);
		ck_assert_int_eq(sscanf(text,
				     "<svg class=\"%31[a-z ]\" x=\"%d\" y=\"%d\" width=\"%d\" "
				     "height=\"%d\">",
				     class, &box->x, &box->y, &box->width, &box->height),
		    5);
		box->frame = !strcmp(class, "network");
		text++;
	}
	return count;
}

static bool is_inside(const struct box *inner, const struct box *outer)
{
	return inner->x > outer->x && inner->y > outer->y &&
	       inner->x + inner->width < outer->x + outer->width &&
	       inner->y + inner->height < outer->y + outer->height;
}

static bool is_apart(const struct box *a, const struct box *b)
{
	return a->x + a->width <= b->x || b->x + b->width <= a->x || a->y + a->height <= b->y ||
	       b->y + b->height <= a->y;
}

/* Of the picture that begins here. */
static void check_boxes(const char *text, size_t expected)
{
	struct box boxes[BOXES_MAX], whole = {.x = -1, .y = -1};
	const char *size = strstr(text, "viewBox=\"0 0 ");
	size_t count = read_boxes(size, boxes);

	ck_assert_int_eq(sscanf(size, "viewBox=\"0 0 %d %d\"", &whole.width, &whole.height), 2);
	whole.width++, whole.height++;
	ck_assert_uint_eq(count, expected);
	for (size_t i = 0; i < count; i++) {
		ck_assert(is_inside(&boxes[i], &whole));
		for (size_t k = i + 1; k < count; k++)
			ck_assert_msg(is_apart(&boxes[i], &boxes[k]) ||
					  (boxes[i].frame && is_inside(&boxes[k], &boxes[i])),
			    "%zu and %zu", i, k);
	}
}

/* Both pictures of the page. */
START_TEST(no_box_covers_another_one)
{
	struct json_object *a = page_fixture_parse(STATUS), *b = page_fixture_parse(INTERFACES),
			   *c = page_fixture_parse(DEVICES);
	struct html html = page_fixture_begin();

	html_map(&PAGE_FIXTURE, a, b, c, &html);
	char *text = page_fixture_end(&html);
	char *narrow = strstr(text, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"map narrow");
	ck_assert_ptr_nonnull(narrow);
	/* the host, 5 interfaces, 2 networks, 5 devices */
	check_boxes(narrow, 13);
	*narrow = '\0';
	check_boxes(text, 13);
	ck_assert_ptr_nonnull(strstr(text, "data-revision=\"1-2\""));
	free(text);
	json_object_put(a);
	json_object_put(b);
	json_object_put(c);
}
END_TEST

START_TEST(many_devices_of_a_network_are_counted)
{
	static char devices[64 * 1024];
	size_t len = (size_t)snprintf(devices, sizeof(devices), "[");

	for (int i = 0; i < 200; i++)
		len += (size_t)snprintf(devices + len, sizeof(devices) - len,
		    "%s{\"id\":\"%d\",\"name\":\"n\",\"addresses\":[{\"address\":\"198.51.100.%d\","
		    "\"interface\":\"wlan0\"}]}",
		    i ? "," : "", i, i + 1);
	snprintf(devices + len, sizeof(devices) - len, "]");
	char *text = picture(INTERFACES, devices);
	ck_assert_uint_eq(page_fixture_count(text, "href=\"/device/"), 119);
	ck_assert_ptr_nonnull(strstr(text, ">and 81 more</text>"));
	check_boxes(text, 1 + 4 + 2 + 120);
	free(text);
}
END_TEST

START_TEST(a_picture_of_nothing_has_this_host)
{
	char *text = picture("[]", "[]");
	check_boxes(text, 1);
	free(text);
	text = picture("7", "{\"a\":[]}");
	check_boxes(text, 1);
	free(text);
}
END_TEST

/* A bridge is a port of a bond, and so on: boxes become narrow, and stay boxes. */
START_TEST(deep_trees_stay_in_the_picture)
{
	char *text = picture(
	    "[{\"name\":\"a\"},{\"name\":\"b\",\"master\":\"a\"},{\"name\":\"c\",\"master\":"
	    "\"b\"},{\"name\":\"d\",\"master\":\"c\"},{\"name\":\"e\",\"master\":\"d\"}]",
	    "[" DEVICE("1", "x", "192.0.2.1", "e", "e") "]");
	check_boxes(text, 7);
	free(text);
}
END_TEST

Suite *html_map_suite(void)
{
	Suite *suite = suite_create("web/html_map");
	TCase *tcase = tcase_create("html_map");

	add_test_of_rows(tcase, everything_is_in_the_picture, FOUND);
	tcase_add_test(tcase, no_box_covers_another_one);
	tcase_add_test(tcase, many_devices_of_a_network_are_counted);
	tcase_add_test(tcase, a_picture_of_nothing_has_this_host);
	tcase_add_test(tcase, deep_trees_stay_in_the_picture);
	suite_add_tcase(suite, tcase);
	return suite;
}
