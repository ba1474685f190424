/* SPDX-License-Identifier: ISC
 * Tests of discoverctl's commands, command_options and daemon: what is typed, what errors say. */
#include "base/array.h"
#include "discoverctl/columns.h"
#include "discoverctl/command.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/suggest.h"
#include "discoverctl/when.h"
#include "suites.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As argv has it: text that may be changed. */
#define WORD(text) ((char[]){text})

static int saved_stderr;

/* Keeps messages out of the log of the tests. */
static void setup(void)
{
	int null = open("/dev/null", O_WRONLY);
	saved_stderr = dup(STDERR_FILENO);
	dup2(null, STDERR_FILENO);
	close(null);
	optind = 0;
}

static void teardown(void)
{
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
}

static const char *found(const char *name)
{
	const struct command *command = command_find(name);
	return command ? command->name : "none";
}

START_TEST(a_command_may_be_shortened_while_it_is_one)
{
	ck_assert_str_eq(found("list"), "list");
	ck_assert_str_eq(found("li"), "list");
	ck_assert_str_eq(found("lo"), "log-level");
	ck_assert_str_eq(found("wa"), "watch");
	ck_assert_str_eq(found("an"), "announce");
	ck_assert_str_eq(found("a"), "none");
	ck_assert_str_eq(found("w"), "none");
	ck_assert_str_eq(found("l"), "none");
	ck_assert_str_eq(found("s"), "none");
	ck_assert_str_eq(found("se"), "none");
	ck_assert_str_eq(found("ser"), "services");
	ck_assert_str_eq(found("lists"), "none");
}
END_TEST

START_TEST(options_stand_before_and_after_the_command)
{
	char *argv[] = {WORD("discoverctl"), WORD("-t"), WORD("5"), WORD("show"),
	    WORD("--no-legend"), WORD("tv"), WORD("-o"), WORD("kv"), NULL};
	struct command_options options;
	ck_assert_int_eq(command_options_read(&options, 8, argv), 0);
	ck_assert_str_eq(options.timeout, "5");
	ck_assert_str_eq(options.format, "kv");
	ck_assert_ptr_nonnull(options.no_legend);
	ck_assert_int_eq(options.word_count, 2);
	ck_assert_str_eq(options.words[0], "show");
	ck_assert_str_eq(options.words[1], "tv");
	ck_assert_ptr_null(options.sort);
}
END_TEST

/* How the option of this name is written in a message. */
static const char *typed(const char *name, char *first, char *second)
{
	static struct command_options options;
	char *argv[] = {WORD("discoverctl"), first, second, NULL};
	optind = 0;
	ck_assert_int_eq(command_options_read(&options, 3, argv), 0);
	return command_options_typed(&options, name);
}

START_TEST(messages_name_options_as_they_were_typed)
{
	ck_assert_str_eq(typed("timeout", WORD("-t"), WORD("5")), "-t");
	ck_assert_str_eq(typed("timeout", WORD("-jt5"), WORD("list")), "-t");
	ck_assert_str_eq(typed("timeout", WORD("--timeout"), WORD("5")), "--timeout");
	ck_assert_str_eq(typed("timeout", WORD("--timeout=5"), WORD("list")), "--timeout");
	ck_assert_str_eq(typed("timeout", WORD("--time"), WORD("5")), "--time");
	ck_assert_str_eq(typed("json", WORD("list"), WORD("-j")), "-j");
	ck_assert_str_eq(typed("output", WORD("list"), WORD("-ojson")), "-o");
}
END_TEST

static int check(int (*fn)(struct context *, char **), struct command_options options,
    unsigned seconds, char *first, char *second)
{
	struct context context = {
	    .options = &options, .seconds = seconds, .output.set = &DEVICE_COLUMNS};
	char *arguments[] = {first, second, NULL};
	return fn(&context, arguments);
}
#define CHECK(fn, seconds, first, second, ...)                                                     \
	check(fn, (struct command_options){__VA_ARGS__}, seconds, first, second)

START_TEST(values_are_checked_before_anything_is_sent)
{
	char *tv = WORD("tv");
	ck_assert_int_eq(CHECK(command_check_search, 30, NULL, NULL, .timeout = "30"), 0);
	ck_assert_int_eq(
	    CHECK(command_check_search, 31, NULL, NULL, .timeout = "31"), STATUS_USAGE);
	ck_assert_int_eq(CHECK(command_check_resolve, 30, tv, NULL, .timeout = "30"), 0);
	ck_assert_int_eq(CHECK(command_check_resolve, 31, tv, NULL, .timeout = "31"), STATUS_USAGE);
	ck_assert_int_eq(CHECK(command_check_search, 0, WORD("_ipp"), NULL), STATUS_USAGE);
	ck_assert_int_eq(CHECK(command_check_search, 0, WORD("_ipp._tcp"), NULL), STATUS_DONE);
	ck_assert_int_eq(CHECK(command_check_resolve, 0, WORD("a b"), NULL), STATUS_USAGE);
	ck_assert_int_eq(CHECK(command_check_probe, 10, tv, NULL, .timeout = "10"), 0);
	ck_assert_int_eq(CHECK(command_check_probe, 11, tv, NULL, .timeout = "11"), STATUS_USAGE);
	ck_assert_int_eq(CHECK(command_check_probe, 0, tv, WORD("tv:99999")), STATUS_USAGE);
	ck_assert_int_eq(CHECK(command_check_probe, 0, tv, WORD("10.0.0.0/8")), STATUS_USAGE);
	ck_assert_int_eq(CHECK(command_check_list, 0, NULL, NULL, .kind = "Neighbour"), 0);
	ck_assert_int_eq(CHECK(command_check_list, 0, NULL, NULL, .kind = "d*"), 0);
	ck_assert_int_eq(CHECK(command_check_list, 0, NULL, NULL, .kind = "devcie"), STATUS_USAGE);
	ck_assert_int_eq(CHECK(command_check_list, 0, NULL, NULL, .by = "host"), STATUS_USAGE);
	ck_assert_int_eq(CHECK(command_check_list, 0, NULL, NULL, .sort = "name,-mac"), 0);
	ck_assert_int_eq(
	    CHECK(command_check_list, 0, NULL, NULL, .sort = "name,seen"), STATUS_USAGE);
	ck_assert_int_eq(CHECK(command_check_log_level, 0, NULL, NULL), 0);
	ck_assert_int_eq(CHECK(command_check_log_level, 0, WORD("debug"), NULL), 0);
	ck_assert_int_eq(CHECK(command_check_log_level, 0, WORD("loud"), NULL), STATUS_USAGE);
}
END_TEST

START_TEST(an_announced_service_is_a_type_and_pairs)
{
	static const char *const right[] = {"urn:schemas-upnp-org:device:Basic:1",
	    "urn:schemas-upnp-org:service:SwitchPower:1", "_http._tcp",
	    "_ipp._tcp,name=Laser\\, 2nd floor,port=631,path=/ipp,txt.rp=ipp/print,txt.empty=",
	    "_ipp._tcp,_universal,_print,port=631",
	    "mdns=_http._tcp,ssdp=urn:x:service:Y:1,id=urn:x:serviceId:Z"};
	static const char *const wrong[] = {"", "http", "port=80", "_http._tcp,port=0",
	    "_http._tcp,port=65536", "_http._tcp,port=http", "_http._tcp,prot=80",
	    "_http._tcp,txt.=x", "_http._tcp,,port=80", "_http._tcp,_ipp._tcp",
	    "_http._tcp,txt.a=1,txt.A=2"};
	for (size_t i = 0; i < COUNT_OF(right); i++) {
		char *text = strdup(right[i]);
		ck_assert_int_eq(CHECK(command_check_announce, 0, text, NULL), 0);
		free(text);
	}
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		char *text = strdup(wrong[i]);
		ck_assert_msg(
		    CHECK(command_check_announce, 0, text, NULL) == STATUS_USAGE, "%s", wrong[i]);
		free(text);
	}
	ck_assert_int_eq(
	    CHECK(command_check_announce, 0, WORD("urn:a:device:X:1"), WORD("urn:a:device:Y:1")),
	    STATUS_USAGE);
}
END_TEST

START_TEST(port_and_txt_go_with_the_only_service)
{
	char *http = WORD("_http._tcp"), *with_port = WORD("_http._tcp,port=80");
	char *device = WORD("urn:a:device:X:1");

	ck_assert_int_eq(CHECK(command_check_announce, 0, http, NULL, .port = "8080",
			     .txt = "b=", .txts = {"path=/", "a", "b="}, .txt_count = 3),
	    0);
	ck_assert_int_eq(CHECK(command_check_announce, 0, device, http, .port = "8080"), 0);
	ck_assert_int_eq(
	    CHECK(command_check_announce, 0, http, NULL, .port = "80000"), STATUS_USAGE);
	ck_assert_int_eq(
	    CHECK(command_check_announce, 0, with_port, NULL, .port = "80"), STATUS_USAGE);
	ck_assert_int_eq(
	    CHECK(command_check_announce, 0, device, NULL, .port = "80"), STATUS_USAGE);
	ck_assert_int_eq(
	    CHECK(command_check_announce, 0, http, with_port, .port = "80"), STATUS_USAGE);
	ck_assert_int_eq(CHECK(command_check_announce, 0, http, NULL, .txt = "=x", .txts = {"=x"},
			     .txt_count = 1),
	    STATUS_USAGE);
	ck_assert_int_eq(CHECK(command_check_announce, 0, http, NULL, .txt = "A=2",
			     .txts = {"a=1", "A=2"}, .txt_count = 2),
	    STATUS_USAGE);
}
END_TEST

START_TEST(an_option_that_is_repeated_keeps_all_values)
{
	char *argv[] = {WORD("discoverctl"), WORD("--txt"), WORD("a=1"), WORD("announce"),
	    WORD("--txt=b=2"), WORD("_http._tcp"), NULL};
	struct command_options options;

	optind = 0;
	ck_assert_int_eq(command_options_read(&options, 6, argv), 0);
	ck_assert_uint_eq(options.txt_count, 2);
	ck_assert_str_eq(options.txts[0], "a=1");
	ck_assert_str_eq(options.txts[1], "b=2");
}
END_TEST

START_TEST(a_misspelled_word_finds_the_one_that_was_meant)
{
	static const struct {
		const char *word, *best;
	} rows[] = {{"lsit", "list"}, {"lst", "list"}, {"serach", "search"}, {"stat", "status"},
	    {"announc", "announce"}, {"LIST", "list"}, {"relaod", "reload"}, {"xyz", ""}, {"", ""},
	    {"l", ""}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct suggestion suggestion;
		suggest_begin(&suggestion, slice_of(rows[i].word));
		for (const struct command *command = COMMANDS; command->name; command++)
			suggest_offer(&suggestion, slice_of(command->name));
		ck_assert_str_eq(suggest_best(&suggestion), rows[i].best);
	}
}
END_TEST

START_TEST(a_word_that_is_right_is_no_misspelled_one)
{
	struct suggestion suggestion;
	suggest_begin(&suggestion, SLICE("list"));
	suggest_offer(&suggestion, SLICE("list"));
	ck_assert_uint_eq(suggestion.distance, 0);
	suggest_begin(&suggestion, SLICE("lis"));
	suggest_offer(&suggestion, SLICE("listing"));
	ck_assert_uint_eq(suggestion.distance, 1);
}
END_TEST

START_TEST(every_command_has_an_example_that_names_it)
{
	for (const struct command *command = COMMANDS; command->name; command++) {
		char start[64];
		snprintf(start, sizeof(start), "discoverctl %s", command->name);
		ck_assert_msg(!strncmp(command->examples, start, strlen(start)), "%s", start);
	}
}
END_TEST

START_TEST(j_stands_for_json)
{
	char *argv[] = {WORD("discoverctl"), WORD("-j"), NULL};
	struct command_options options;
	ck_assert_int_eq(command_options_read(&options, 2, argv), 0);
	ck_assert_str_eq(options.format, "json");
}
END_TEST

START_TEST(an_unknown_option_is_a_mistake)
{
	static const char *const wrong[] = {"--colour", "-x", "-", "--columns", "-t", "--json=yes"};
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		char *word = strdup(wrong[i]);
		char *argv[] = {WORD("discoverctl"), word, NULL};
		struct command_options options;
		optind = 0;
		ck_assert_msg(command_options_read(&options, 2, argv) ==
				  (strcmp(wrong[i], "-") ? STATUS_USAGE : 0),
		    "%s", wrong[i]);
		free(word);
	}
}
END_TEST

START_TEST(an_option_of_another_command_is_a_mistake)
{
	struct command_options options = {.sort = "name"};
	ck_assert_int_eq(command_options_check(&options, "list"), 0);
	ck_assert_int_eq(command_options_check(&options, "status"), STATUS_USAGE);
	options = (struct command_options){.snapshot = "yes", .type = "x"};
	ck_assert_int_eq(command_options_check(&options, "watch"), 0);
	ck_assert_int_eq(command_options_check(&options, "list"), STATUS_USAGE);
}
END_TEST

static const struct {
	const char *error, *parameters;
	int status;
	const char *words;
} EXPLAINED[] = {
    {"io.discoverd.ThisHost", "{\"id\":\"board\"}", STATUS_NOT_FOUND,
	"discoverctl: \"board\" is this host itself; \"discoverctl status\" and \"interfaces\" "
	"show it\n"},
    {"io.discoverd.NotFound", "{\"id\":\"\\u001b[1m\"}", STATUS_NOT_FOUND,
	"discoverctl: no device has the name, id or address \"\\x1b[1m\"\n"},
    {"io.discoverd.Ambiguous",
	"{\"id\":\"tv\",\"candidates\":[{\"id\":\"uuid:a\",\"name\":\"tv\",\"address\":\"192.0.2."
	"1\"},"
	"{\"id\":\"uuid:b\",\"name\":\"TV\",\"address\":null}]}",
	STATUS_FAILED,
	"discoverctl: \"tv\" could be any of these; ask by id:\n  uuid:a  tv  192.0.2.1\n  uuid:b  "
	"TV  \n"},
    {"org.varlink.service.PermissionDenied", "{}", STATUS_NOT_ALLOWED,
	"discoverctl: not allowed: this is for root, the user that the service runs as and its "
	"group\n"},
    {"org.varlink.service.InvalidParameter", "{\"parameter\":\"level\"}", STATUS_USAGE,
	"discoverctl: discoverd refuses this value of \"level\"; it accepts error, warning, "
	"notice, info or debug\n"},
    {"org.varlink.service.InvalidParameter", "{\"parameter\":\"ports\"}", STATUS_USAGE,
	"discoverctl: discoverd refuses this value of \"ports\"\n"},
    {"org.varlink.service.InvalidParameter", "{\"parameter\":\"device.services.types\"}",
	STATUS_USAGE,
	"discoverctl: discoverd refuses this value of \"device.services.types\"; it accepts for "
	"mDNS a type like _http._tcp or _ipp._tcp,_universal, with names of 1 to 15 letters, "
	"digits and hyphens\n"},
    {"io.discoverd.ReloadFailed", "{\"reason\":\"a.conf:3: what\"}", STATUS_FAILED,
	"discoverctl: a.conf:3: what\n"},
    {"io.other.Strange", "[]", STATUS_FAILED,
	"discoverctl: discoverd answers with the error io.other.Strange\n"},
};

START_TEST(an_error_has_words_and_a_status)
{
	char *words = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&words, &len);
	struct json_object *parameters = json_tokener_parse(EXPLAINED[_i].parameters);
	ck_assert_int_eq(
	    daemon_explain(stream, EXPLAINED[_i].error, parameters), EXPLAINED[_i].status);
	fclose(stream);
	ck_assert_str_eq(words, EXPLAINED[_i].words);
	free(words);
	json_object_put(parameters);
}
END_TEST

START_TEST(durations_have_one_unit)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {{-5, "0s"}, {0, "0s"}, {59, "59s"}, {60, "1m"}, {3599, "59m"}, {3600, "1h"},
	    {86399, "23h"}, {172800, "2d"}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char text[32];
		struct writer w;
		writer_init(&w, text, sizeof(text));
		when_format_duration(rows[i].seconds, &w);
		writer_char(&w, '\0');
		ck_assert_str_eq(text, rows[i].text);
	}
}
END_TEST

START_TEST(a_timeout_is_seconds_with_or_without_a_fraction)
{
	static const struct {
		const char *text;
		int64_t milliseconds; /* 0: no duration */
	} rows[] = {{"1", 1000}, {"0.5", 500}, {"2.25", 2250}, {"0.0019", 1}, {"60", 60000},
	    {"0", 0}, {"0.0", 0}, {"60.001", 0}, {"61", 0}, {"", 0}, {".5", 0}, {"1.", 0},
	    {"1,5", 0}, {"-1", 0}, {"1e3", 0}, {"1.2.3", 0}, {"5s", 0}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t got = 0;
		int error = when_parse_duration(rows[i].text, 60, &got);
		ck_assert_msg(error == (rows[i].milliseconds ? 0 : -EINVAL), "%s", rows[i].text);
		if (!error)
			ck_assert_int_eq(got, rows[i].milliseconds);
	}
}
END_TEST

START_TEST(a_history_begins_so_long_ago_or_on_a_day)
{
	enum { NOW = 1800000000 };
	static const struct {
		const char *text;
		int64_t seconds; /* 0: neither */
	} rows[] = {{"45m", NOW - 2700}, {"12h", NOW - 43200}, {"7d", NOW - 604800},
	    {"4w", NOW - 2419200}, {"90s", NOW - 90}, {"2026-01-31T12:00:00Z", 1769860800}, {"", 0},
	    {"d", 0}, {"7", 0}, {"7y", 0}, {"-1d", 0}, {"1.5d", 0}, {"2026-01", 0},
	    {"2026-01-31x", 0}};
	int64_t got;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int error = when_parse_since(rows[i].text, NOW, &got);
		ck_assert_msg(error == (rows[i].seconds ? 0 : -EINVAL), "%s", rows[i].text);
		if (!error)
			ck_assert_int_eq(got, rows[i].seconds);
	}
	ck_assert_int_eq(when_parse_since("2026-01-31", NOW, &got), 0);
	ck_assert_int_eq(when_local_day(got), 20484);
}
END_TEST

Suite *words_suite(void)
{
	Suite *suite = suite_create("discoverctl/words");
	TCase *tcase = tcase_create("words");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_command_may_be_shortened_while_it_is_one);
	tcase_add_test(tcase, options_stand_before_and_after_the_command);
	tcase_add_test(tcase, j_stands_for_json);
	tcase_add_test(tcase, messages_name_options_as_they_were_typed);
	tcase_add_test(tcase, values_are_checked_before_anything_is_sent);
	tcase_add_test(tcase, an_announced_service_is_a_type_and_pairs);
	tcase_add_test(tcase, port_and_txt_go_with_the_only_service);
	tcase_add_test(tcase, an_option_that_is_repeated_keeps_all_values);
	tcase_add_test(tcase, a_misspelled_word_finds_the_one_that_was_meant);
	tcase_add_test(tcase, a_word_that_is_right_is_no_misspelled_one);
	tcase_add_test(tcase, every_command_has_an_example_that_names_it);
	tcase_add_test(tcase, an_unknown_option_is_a_mistake);
	tcase_add_test(tcase, an_option_of_another_command_is_a_mistake);
	tcase_add_loop_test(tcase, an_error_has_words_and_a_status, 0, COUNT_OF(EXPLAINED));
	tcase_add_test(tcase, durations_have_one_unit);
	tcase_add_test(tcase, a_history_begins_so_long_ago_or_on_a_day);
	tcase_add_test(tcase, a_timeout_is_seconds_with_or_without_a_fraction);
	suite_add_tcase(suite, tcase);
	return suite;
}
