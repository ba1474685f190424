/* SPDX-License-Identifier: ISC
 * Tests of discoverctl's grouping, surroundings, map_tree, map_walk, map_text and format_dot: one
 * home, printed as somebody last looked at it. */
#include "base/array.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/field.h"
#include "discoverctl/grouping.h"
#include "discoverctl/layout.h"
#include "discoverctl/map_text.h"
#include "discoverctl/map_tree.h"
#include "discoverctl/map_walk.h"
#include "discoverctl/printing_fixture.h"
#include "discoverctl/sort.h"
#include "discoverctl/surroundings.h"
#include "suites.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct printed {
	const char *golden; /* below tests/golden/discoverctl */
	struct command_options options;
	unsigned terminal;
	bool ascii;
	const char *shown; /* id of a device: its layout. NULL: the map, unless options.by */
};

static const struct printed PRINTED[] = {
    {"by-host.txt", .options = {.by = "host"}},
    {"by-host-narrow.txt", .options = {.by = "host", .color = "always"}, .terminal = 40},
    {"by-host.csv", .options = {.by = "host", .format = "csv", .columns = "name,address"}},
    {"by-host.kv", .options = {.by = "host", .format = "kv", .name = "TV"}},
    {"by-host-columns.kv", .options = {.by = "host", .format = "kv", .columns = "id"}},
    {"by-host.json", .options = {.by = "host", .format = "json"}},
    {"by-host.jsonl", .options = {.by = "host", .format = "jsonl"}},
    {"by-interface.txt", .options = {.by = "interface"}},
    {"by-interface-sorted.txt", .options = {.by = "interface",
				    .sort = "-name",
				    .columns = "name,address",
				    .no_legend = "yes"}},
    {"by-interface.csv",
	.options = {.by = "interface", .format = "csv", .columns = "name,address"}},
    {"by-interface.kv", .options = {.by = "interface", .format = "kv"}},
    {"by-interface.json", .options = {.by = "interface", .format = "json"}},
    {"show-surroundings.txt", .shown = "uuid:tv"},
    {"show-link-local.txt", .shown = "uuid:ll"},
    {"map.txt", .terminal = 0},
    {"map-ascii.txt", .ascii = true},
    {"map-narrow.txt", .options = {.color = "always"}, .terminal = 34},
    {"map.json", .options = {.format = "json"}},
    {"map.kv", .options = {.format = "kv"}},
    {"map.dot", .options = {.format = "dot"}},
};
enum { PRINTED_COUNT = COUNT_OF(PRINTED) };

static struct json_object *find_device(struct json_object *devices, const char *id)
{
	for (size_t i = 0; i < field_length(devices); i++)
		if (slice_equal(field_text(field_get(field_entry(devices, i), "id")), slice_of(id)))
			return field_entry(devices, i);
	ck_abort_msg("%s", id);
	return NULL;
}

static void print_map(struct output *output, struct json_object *home)
{
	struct json_object *tree = map_tree_new(
	    field_get(home, "status"), field_get(home, "interfaces"), field_get(home, "devices"));
	output_one(output, tree, map_text);
	json_object_put(tree);
}

static void print_home(struct output *output, const struct printed *row, struct json_object *home)
{
	struct json_object *devices = field_get(home, "devices");
	struct json_object *interfaces = field_get(home, "interfaces");

	sort_records(&DEVICE_COLUMNS, row->options.sort ? row->options.sort : "name", devices);
	if (row->shown) {
		struct json_object *device = NULL;
		json_object_deep_copy(find_device(devices, row->shown), &device, NULL);
		surroundings_add(device, interfaces, devices);
		output_one(output, device, layout_device);
		json_object_put(device);
	} else if (row->options.by)
		grouping_print(output, grouping_find(row->options.by), devices, interfaces);
	else
		print_map(output, home);
}

/* What the row prints, for the caller to free(). */
static char *print(const struct printed *row, struct json_object *home)
{
	const struct column_set *set = row->options.by || row->shown ? &DEVICE_COLUMNS : NULL;
	struct output output;
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	ck_assert_int_eq(output_init(&output, stream, &row->options, set, PRINTING_NOW), 0);
	output.terminal = row->terminal;
	output.ascii = row->ascii;
	print_home(&output, row, home);
	ck_assert_int_eq(output_flush(&output), 0);
	output_fini(&output);
	fclose(stream);
	return text;
}

START_TEST(what_is_printed_is_what_was_agreed_on)
{
	struct json_object *home = printing_input("home.json");
	char *text = print(&PRINTED[_i], home), *golden = printing_golden(PRINTED[_i].golden);
	size_t same = 0; /* what differs may be too long to be shown whole */
	while (text[same] && text[same] == golden[same])
		same++;
	ck_assert_msg(!strcmp(text, golden), "%s, from byte %zu: %.300s", PRINTED[_i].golden, same,
	    text + same);
	free(golden);
	free(text);
	json_object_put(home);
}
END_TEST

/* Each device is in one group only, and none is lost. */
START_TEST(json_groups_hold_every_device)
{
	struct json_object *home = printing_input("home.json");
	char *text = print(&(struct printed){.options = {.by = "host", .format = "json"}}, home);
	struct json_object *groups = json_tokener_parse(text);
	size_t found = 0;
	for (size_t i = 0; i < field_length(groups); i++)
		found += field_length(field_get(field_entry(groups, i), "devices"));
	ck_assert_uint_gt(found, 0);
	ck_assert_uint_eq(found, field_length(field_get(home, "devices")));
	json_object_put(groups);
	free(text);
	json_object_put(home);
}
END_TEST

START_TEST(a_wrong_word_after_by_is_told_the_right_ones)
{
	char words[256] = "";
	int ends[2], saved = dup(STDERR_FILENO);
	ck_assert_int_eq(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	const struct grouping *grouping = grouping_find("hosts");
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	ck_assert_int_gt(read(ends[0], words, sizeof(words) - 1), 0);
	close(ends[0]);
	ck_assert_ptr_null(grouping);
	ck_assert_str_eq(words, "discoverctl: --by is host or interface, not \"hosts\"\n");
}
END_TEST

static size_t lines_of(const char *text)
{
	size_t lines = 0;
	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

/* The map of some interfaces and devices, given as JSON. */
static char *map_of(const char *interfaces, const char *devices)
{
	struct json_object *home = json_object_new_object();
	json_object_object_add(home, "interfaces", json_tokener_parse(interfaces));
	json_object_object_add(home, "devices", json_tokener_parse(devices));
	char *text = print(&(struct printed){.ascii = true}, home);
	json_object_put(home);
	return text;
}

START_TEST(masters_that_go_round_are_still_shown)
{
	char *text =
	    map_of("[{\"name\":\"a\",\"master\":\"b\"},{\"name\":\"b\",\"master\":\"a\"},"
		   "{\"name\":\"c\",\"master\":\"c\"},{\"name\":\"d\",\"master\":\"gone\"},"
		   "{\"name\":\"d\"},{}, 7, null]",
		"[]");
	ck_assert_str_eq(text, "this host\n|-- a\n|-- b\n|-- c\n`-- d\n");
	free(text);
}
END_TEST

START_TEST(ports_are_ports_of_their_own_bridge_only)
{
	char *text =
	    map_of("[{\"name\":\"br0\"},{\"name\":\"p\",\"master\":\"br0\"},{\"name\":\"q\"}]",
		"[{\"id\":\"1\",\"name\":\"at q\",\"attached_to\":\"br0/q (x, if 1)\","
		"\"addresses\":[{\"address\":\"192.0.2.1\",\"interface\":\"br0\"}]},"
		"{\"id\":\"2\",\"name\":\"at p\",\"attached_to\":\"br0/p\","
		"\"addresses\":[{\"address\":\"192.0.2.2\",\"interface\":\"br0\"}]},"
		"{\"id\":\"3\",\"name\":\"elsewhere\",\"attached_to\":\"br0/p (y)\","
		"\"addresses\":[{\"address\":\"192.0.2.3\",\"interface\":\"q\"}]}]");
	ck_assert_str_eq(text, "this host\n"
			       "|-- br0\n"
			       "|   |-- at q  192.0.2.1\n"
			       "|   `-- p\n"
			       "|       `-- at p  192.0.2.2\n"
			       "`-- q\n"
			       "    `-- elsewhere  192.0.2.3\n");
	free(text);
}
END_TEST

START_TEST(a_long_name_is_cut_and_stays_one_line)
{
	char name[4001] = "", devices[8192];
	for (size_t i = 0; i + 2 < sizeof(name); i += 2)
		memcpy(name + i, i % 20 ? "\xc3\xbc" : "\\n", 2);
	snprintf(
	    devices, sizeof(devices), "[{\"id\":\"1\",\"name\":\"%s\",\"addresses\":[]}]", name);
	char *text = map_of("[]", devices);
	ck_assert_uint_eq(lines_of(text), 2);
	ck_assert_uint_gt(strlen(text), 200);
	ck_assert_uint_lt(strlen(text), 2 * MAP_PART_MAX);
	free(text);
}
END_TEST

static int check_words(const char *command, const char *format)
{
	struct command_options options = {.format = format};
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
	dup2(null, STDERR_FILENO);
	close(null);
	int status = command_options_check(&options, command);
	dup2(saved, STDERR_FILENO);
	close(saved);
	return status;
}

START_TEST(dot_goes_with_map_alone)
{
	ck_assert_int_eq(check_words("map", "dot"), 0);
	ck_assert_int_eq(check_words("list", "dot"), STATUS_USAGE);
	ck_assert_int_eq(check_words("status", "dot"), STATUS_USAGE);
	ck_assert_int_eq(check_words("list", "kv"), 0);
}
END_TEST

Suite *home_suite(void)
{
	Suite *suite = suite_create("discoverctl/home");
	TCase *tcase = tcase_create("home");
	tcase_add_checked_fixture(tcase, printing_setup, printing_teardown);
	tcase_add_loop_test(tcase, what_is_printed_is_what_was_agreed_on, 0, PRINTED_COUNT);
	tcase_add_test(tcase, json_groups_hold_every_device);
	tcase_add_test(tcase, a_wrong_word_after_by_is_told_the_right_ones);
	tcase_add_test(tcase, masters_that_go_round_are_still_shown);
	tcase_add_test(tcase, ports_are_ports_of_their_own_bridge_only);
	tcase_add_test(tcase, a_long_name_is_cut_and_stays_one_line);
	tcase_add_test(tcase, dot_goes_with_map_alone);
	suite_add_tcase(suite, tcase);
	return suite;
}
