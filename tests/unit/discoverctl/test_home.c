/* SPDX-License-Identifier: ISC
 * Tests of discoverctl's grouping, interface_record, map_tree, map_walk and map_text
 * with the devices and interfaces of one home. */
#include "base/array.h"
#include "client/device_record.h"
#include "client/field.h"
#include "client/interface_record.h"
#include "client/map_tree.h"
#include "discoverctl/columns.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/grouping.h"
#include "discoverctl/layout.h"
#include "discoverctl/map_label.h"
#include "discoverctl/map_text.h"
#include "discoverctl/output_options.h"
#include "discoverctl/printing_fixture.h"
#include "discoverctl/sort.h"
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
    {"by-interface.txt", .options = {.by = "interface"}},
    {"by-interface-sorted.txt", .options = {.by = "interface",
				    .sort = "-name",
				    .columns = "name,addresses",
				    .no_legend = "yes"}},
    {"by-interface.csv",
	.options = {.by = "interface", .format = "csv", .columns = "name,addresses"}},
    {"by-interface.kv",
	.options = {.by = "interface", .format = "kv", .columns = "name,interface"}},
    {"by-interface.json", .options = {.by = "interface", .format = "json"}},
    {"show-networks.txt", .shown = "uuid:tv"},
    {"show-link-local.txt", .shown = "uuid:ll"},
    {"map.txt", .terminal = 0},
    {"map-type.txt", .options = {.type = "Basic"}},
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

/* Only devices of this type; NULL: all. */
static void print_map(struct output *output, struct json_object *home, const char *type)
{
	struct json_object *devices = field_get(home, "devices");
	struct json_object *selected = json_object_new_array();

	for (size_t i = 0; i < field_length(devices); i++)
		if (!type || device_record_has_type(field_entry(devices, i), slice_of(type)))
			json_object_array_add(selected, json_object_get(field_entry(devices, i)));
	struct json_object *tree = map_tree_new(
	    field_get(home, "status"), field_get(home, "interfaces"), selected, type != NULL);
	output_one(output, tree, map_text);
	json_object_put(tree);
	json_object_put(selected);
}

static void print_home(struct output *output, const struct printed *row, struct json_object *home)
{
	struct json_object *devices = field_get(home, "devices");
	struct json_object *interfaces = field_get(home, "interfaces");

	sort_records(&DEVICE_COLUMNS, row->options.sort ? row->options.sort : "name", devices);
	if (row->shown) {
		struct json_object *device = NULL;
		json_object_deep_copy(find_device(devices, row->shown), &device, NULL);
		json_object_object_add(
		    device, "networks", interface_record_of_device(device, interfaces));
		output_one(output, device, layout_device);
		json_object_put(device);
	} else if (row->options.by)
		grouping_print(output, devices, interfaces);
	else
		print_map(output, home, row->options.type);
}

/* What the row prints, for the caller to free(). */
static char *print(const struct printed *row, struct json_object *home)
{
	const struct column_set *set = row->options.by || row->shown ? &DEVICE_COLUMNS : NULL;
	struct output output;
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	output_init(&output, stream, set, PRINTING_NOW);
	ck_assert_int_eq(output_options_apply(&output, &row->options), 0);
	output.terminal = row->terminal;
	output.ascii = row->ascii;
	print_home(&output, row, home);
	ck_assert_int_eq(output_flush(&output), 0);
	output_fini(&output);
	fclose(stream);
	return text;
}

START_TEST(output_equals_the_golden_file)
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
	tcase_add_loop_test(tcase, output_equals_the_golden_file, 0, PRINTED_COUNT);
	tcase_add_test(tcase, masters_that_go_round_are_still_shown);
	tcase_add_test(tcase, ports_are_ports_of_their_own_bridge_only);
	tcase_add_test(tcase, a_long_name_is_cut_and_stays_one_line);
	tcase_add_test(tcase, dot_goes_with_map_alone);
	suite_add_tcase(suite, tcase);
	return suite;
}
