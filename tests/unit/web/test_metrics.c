/* SPDX-License-Identifier: ISC
 * Tests of web/metrics: what programs collect. */
#include "row_fixture.h"
#include "suites.h"
#include "web/metrics.h"
#include "web/row_table.h"
#include <event2/buffer.h>
#include <json-c/json.h>
#include <string.h>

static struct row_table rows;
static struct evbuffer *out;

static void setup(void)
{
	ck_assert_int_eq(row_table_init(&rows, &(struct siphash_key){{1, 2}}, 1), 0);
	out = evbuffer_new();
}

static void teardown(void)
{
	row_table_fini(&rows);
	evbuffer_free(out);
}

static const char STATUS[] =
    "{\"version\":\"0.2.0\",\"since\":\"2026-11-30T20:36:37Z\",\"name\":\"secret\",\"counters\":{"
    "\"table\":{\"added\":7,\"updated\":5,\"removed\":2,\"refreshed\":9,\"services-refused\":4},"
    "\"ssdp\":{\"received\":6,\"malformed\":1,\"own\":3},"
    "\"ssdp-socket\":{\"received\":3,\"sent\":2,\"kernel-drops\":1},"
    "\"ssdp-own-socket6\":{\"received\":4,\"sent\":0,\"kernel-drops\":2},"
    "\"bad\\\"group\":{\"malformed\":1},\"odd\":3,\"http\":{\"bad\\nname-refused\":1}}}";

/* `status` NULL: there is none. */
static const char *written(enum metrics_format format, const char *status)
{
	struct json_object *object = status ? json_tokener_parse(status) : NULL;

	evbuffer_drain(out, evbuffer_get_length(out));
	ck_assert_int_eq(metrics_write(format, &rows, object, out), 0);
	json_object_put(object);
	evbuffer_add(out, "", 1);
	return (const char *)evbuffer_pullup(out, -1);
}

static void put(const char *device)
{
	ck_assert_int_eq(row_table_put(&rows, row_fixture_parse(device)), 1);
}

static void put_three(void)
{
	put("{\"id\":\"a\",\"name\":\"secret\",\"kind\":\"device\",\"protocols\":[\"ssdp\","
	    "\"mdns\"]}");
	put("{\"id\":\"b\",\"name\":\"secret\",\"kind\":\"device\",\"protocols\":[\"mdns\"]}");
	put("{\"id\":\"c\",\"name\":\"secret\",\"kind\":\"neighbour\",\"protocols\":[\"neighbour\"]"
	    "}");
}

START_TEST(the_text_format_is_that_of_prometheus)
{
	put_three();
	ck_assert_str_eq(written(METRICS_TEXT, STATUS),
	    "# HELP discoverd_up Whether discoverd answers.\n"
	    "# TYPE discoverd_up gauge\n"
	    "discoverd_up 1\n"
	    "# HELP discoverd_devices Devices that are known, by protocol and kind. One that "
	    "speaks "
	    "two protocols counts twice.\n"
	    "# TYPE discoverd_devices gauge\n"
	    "discoverd_devices{protocol=\"ssdp\",kind=\"device\"} 1\n"
	    "discoverd_devices{protocol=\"mdns\",kind=\"device\"} 2\n"
	    "discoverd_devices{protocol=\"neighbour\",kind=\"neighbour\"} 1\n"
	    "# HELP discoverd_device_events_total Devices that came, changed and went.\n"
	    "# TYPE discoverd_device_events_total counter\n"
	    "discoverd_device_events_total{event=\"added\"} 7\n"
	    "discoverd_device_events_total{event=\"updated\"} 5\n"
	    "discoverd_device_events_total{event=\"removed\"} 2\n"
	    "# HELP discoverd_datagrams_total Datagrams that were received and sent.\n"
	    "# TYPE discoverd_datagrams_total counter\n"
	    "discoverd_datagrams_total{protocol=\"ssdp\",direction=\"received\"} 7\n"
	    "discoverd_datagrams_total{protocol=\"ssdp\",direction=\"sent\"} 2\n"
	    "# HELP discoverd_dropped_total What was refused, ignored or could not be done, by "
	    "part "
	    "of discoverd and reason.\n"
	    "# TYPE discoverd_dropped_total counter\n"
	    "discoverd_dropped_total{part=\"table\",reason=\"services-refused\"} 4\n"
	    "discoverd_dropped_total{part=\"ssdp\",reason=\"malformed\"} 1\n"
	    "discoverd_dropped_total{part=\"ssdp\",reason=\"kernel-drops\"} 3\n"
	    "# HELP discoverd_build_info Version of discoverd.\n"
	    "# TYPE discoverd_build_info gauge\n"
	    "discoverd_build_info{version=\"0.2.0\"} 1\n"
	    "# HELP discoverd_start_time_seconds When discoverd started, in seconds since 1970.\n"
	    "# TYPE discoverd_start_time_seconds gauge\n"
	    "discoverd_start_time_seconds 1796070997\n"
	    "# EOF\n");
}
END_TEST

START_TEST(openmetrics_calls_families_without_their_endings)
{
	const char *text = written(METRICS_OPEN, STATUS);

	ck_assert_ptr_nonnull(strstr(text, "\n# TYPE discoverd_datagrams counter\n"));
	ck_assert_ptr_nonnull(strstr(text, "\ndiscoverd_datagrams_total{protocol=\"ssdp\","));
	ck_assert_ptr_nonnull(strstr(text, "\n# TYPE discoverd_build info\n"));
	ck_assert_ptr_nonnull(strstr(text, "\ndiscoverd_build_info{version=\"0.2.0\"} 1\n"));
	ck_assert_str_eq(text + strlen(text) - 6, "# EOF\n");
}
END_TEST

START_TEST(without_an_answer_only_the_devices_are_known)
{
	put_three();
	const char *text = written(METRICS_TEXT, NULL);
	ck_assert_ptr_nonnull(strstr(text, "\ndiscoverd_up 0\n# HELP discoverd_devices "));
	ck_assert_ptr_nonnull(strstr(text, "kind=\"neighbour\"} 1\n# EOF\n"));
}
END_TEST

START_TEST(an_answer_that_is_none_is_left_out)
{
	const char *const wrong[] = {"[]", "{}", "{\"counters\":[]}",
	    "{\"counters\":{\"table\":null},\"version\":{\"a\":1},\"since\":\"yesterday\"}"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		ck_assert_str_eq(written(METRICS_TEXT, wrong[i]),
		    "# HELP discoverd_up Whether discoverd answers.\n"
		    "# TYPE discoverd_up gauge\n"
		    "discoverd_up 1\n"
		    "# EOF\n");
}
END_TEST

START_TEST(the_accept_header_chooses_the_format)
{
	ck_assert_int_eq(metrics_format_of(SLICE_NONE), METRICS_TEXT);
	ck_assert_int_eq(metrics_format_of(SLICE("*/*")), METRICS_TEXT);
	ck_assert_int_eq(
	    metrics_format_of(SLICE("text/plain, application/openmetrics")), METRICS_TEXT);
	ck_assert_int_eq(
	    metrics_format_of(SLICE("application/openmetrics-text;version=1.0.0,*/*;q=0.1")),
	    METRICS_OPEN);
}
END_TEST

Suite *metrics_suite(void)
{
	Suite *suite = suite_create("web/metrics");
	TCase *tcase = tcase_create("metrics");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_text_format_is_that_of_prometheus);
	tcase_add_test(tcase, openmetrics_calls_families_without_their_endings);
	tcase_add_test(tcase, without_an_answer_only_the_devices_are_known);
	tcase_add_test(tcase, an_answer_that_is_none_is_left_out);
	tcase_add_test(tcase, the_accept_header_chooses_the_format);
	suite_add_tcase(suite, tcase);
	return suite;
}
