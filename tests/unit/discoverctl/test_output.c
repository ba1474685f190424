/* SPDX-License-Identifier: ISC
 * Tests of discoverctl/output, its formats and layouts against the files of
 * tests/golden/discoverctl. */
#include "base/array.h"
#include "discoverctl/cell.h"
#include "discoverctl/columns.h"
#include "discoverctl/exit_status.h"
#include "client/field.h"
#include "discoverctl/layout.h"
#include "discoverctl/output.h"
#include "discoverctl/output_options.h"
#include "discoverctl/printing_fixture.h"
#include "discoverctl/sort.h"
#include "suites.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct printed {
	const char *golden; /* below tests/golden/discoverctl */
	const char *input;
	const struct column_set *set;
	struct command_options options;
	unsigned terminal;
	bool streamed;
	void (*layout)(struct output *,
	    struct json_object *); /* prints the first record alone, or the whole input */
};

static const struct printed PRINTED[] = {
    {"list.txt", "devices.json", &DEVICE_COLUMNS, .options = {.sort = "name"}},
    {"list-80.txt", "devices.json", &DEVICE_COLUMNS, .terminal = 80},
    {"list-120.txt", "devices.json", &DEVICE_COLUMNS, .terminal = 120},
    {"list-200.txt", "devices.json", &DEVICE_COLUMNS, .terminal = 200},
    {"list-all-80.txt", "neighbours.json", &DEVICE_COLUMNS, .options = {.all = "yes"},
	.terminal = 80},
    {"list-color.txt", "devices.json", &DEVICE_COLUMNS,
	.options = {.color = "always", .sort = "-addresses"}},
    {"list-bare.txt", "devices.json", &DEVICE_COLUMNS,
	.options = {.no_legend = "yes", .columns = "name,last_seen"}},
    {"list.csv", "devices.json", &DEVICE_COLUMNS, .options = {.format = "csv"}},
    {"list-names.csv", "devices.json", &DEVICE_COLUMNS,
	.options = {.format = "csv", .no_legend = "yes", .columns = "name"}},
    {"list.kv", "devices.json", &DEVICE_COLUMNS, .options = {.format = "kv"}},
    {"list-columns.kv", "devices.json", &DEVICE_COLUMNS,
	.options = {.format = "kv", .columns = "id,name"}},
    {"list.json", "devices.json", &DEVICE_COLUMNS, .options = {.format = "json"}},
    {"list.jsonl", "devices.json", &DEVICE_COLUMNS, .options = {.format = "jsonl"}},
    {"services-80.txt", "services.json", &SERVICE_COLUMNS, .terminal = 80},
    {"services-120.txt", "services.json", &SERVICE_COLUMNS, .terminal = 120},
    {"services-200.txt", "services.json", &SERVICE_COLUMNS, .terminal = 200},
    {"services.csv", "services.json", &SERVICE_COLUMNS, .options = {.format = "csv"}},
    {"search-80.txt", "devices.json", &DEVICE_COLUMNS, .terminal = 80, .streamed = true},
    {"search-200.txt", "devices.json", &DEVICE_COLUMNS, .terminal = 200, .streamed = true},
    {"show.txt", "devices.json", &DEVICE_COLUMNS, .layout = layout_device},
    {"show.kv", "devices.json", &DEVICE_COLUMNS, .options = {.format = "kv"},
	.layout = layout_device},
    {"show-columns.txt", "devices.json", &DEVICE_COLUMNS, .options = {.columns = "id,name"},
	.layout = layout_device},
    {"watch.txt", "events.json", &EVENT_COLUMNS, .streamed = true},
    {"watch-80.txt", "events.json", &EVENT_COLUMNS, .terminal = 80, .streamed = true},
    {"watch-120.txt", "events.json", &EVENT_COLUMNS, .terminal = 120, .streamed = true},
    {"watch-200.txt", "events.json", &EVENT_COLUMNS, .terminal = 200, .streamed = true},
    {"watch-color.txt", "events.json", &EVENT_COLUMNS, .options = {.color = "always"},
	.streamed = true},
    {"watch.csv", "events.json", &EVENT_COLUMNS, .options = {.format = "csv"}, .streamed = true},
    {"interfaces.txt", "interfaces.json", .set = &INTERFACE_COLUMNS},
    {"interfaces-80.txt", "interfaces.json", .set = &INTERFACE_COLUMNS, .terminal = 80},
    {"interfaces.csv", "interfaces.json", &INTERFACE_COLUMNS, .options = {.format = "csv"}},
    {"status.txt", "status.json", NULL, .layout = layout_status},
    {"status-counters.txt", "status.json", NULL, .layout = layout_status_and_counters},
    {"status.csv", "status.json", NULL, .options = {.format = "csv"}, .layout = layout_status},
};
enum { PRINTED_COUNT = COUNT_OF(PRINTED) };

static void print_all(struct output *output, const struct printed *row, struct json_object *input)
{
	if (row->layout) {
		bool array = json_object_is_type(input, json_type_array);
		output_one(output, array ? field_entry(input, 0) : input, row->layout);
		return;
	}
	if (row->options.sort)
		sort_records(row->set, row->options.sort, input);
	output_begin(output, row->streamed);
	for (size_t i = 0; i < field_length(input); i++)
		output_record(output, field_entry(input, i));
	output_end(output);
}

/* Each record is kept before the first one is printed. */
static void keep_all(struct output *output, const struct printed *row, struct json_object *input)
{
	struct sort_order order = sort_order_of(row->set, row->options.sort);

	for (size_t i = 0; i < field_length(input); i++)
		output_keep(output, &order, field_entry(input, i));
	output_begin(output, false);
	output_release(output, &order);
	output_end(output);
}

static void compare_with_golden(const struct printed *row,
    void (*print)(struct output *, const struct printed *, struct json_object *))
{
	struct json_object *input = printing_input(row->input);
	char *text = NULL, *golden = printing_golden(row->golden);
	size_t len = 0;
	struct output output;
	FILE *stream = open_memstream(&text, &len);

	output_init(&output, stream, row->set, PRINTING_NOW);
	ck_assert_int_eq(output_options_apply(&output, &row->options), 0);
	output.terminal = row->terminal;
	print(&output, row, input);
	ck_assert_int_eq(output_flush(&output), 0);
	output_fini(&output);
	fclose(stream);
	ck_assert_str_eq(text, golden);
	free(golden);
	free(text);
	json_object_put(input);
}

START_TEST(output_equals_the_golden_file)
{
	compare_with_golden(&PRINTED[_i], print_all);
}
END_TEST

START_TEST(what_is_kept_is_printed_alike)
{
	const struct printed *row = &PRINTED[_i];

	if (!row->layout && !row->streamed && !row->set->spread)
		compare_with_golden(row, keep_all);
}
END_TEST

static size_t width_of_longest_line(const char *text)
{
	struct slice rest = slice_of(text), line;
	size_t longest = 0;

	while (slice_cut(&rest, '\n', &line))
		if (cell_width(line) > longest)
			longest = cell_width(line);
	return longest;
}

START_TEST(no_line_is_longer_than_the_terminal)
{
	for (size_t i = 0; i < PRINTED_COUNT; i++) {
		const struct printed *row = &PRINTED[i];
		if (!row->terminal)
			continue;
		char *golden = printing_golden(row->golden);
		ck_assert_msg(width_of_longest_line(golden) <= row->terminal, "%s", row->golden);
		free(golden);
	}
}
END_TEST

START_TEST(json_with_escapes_is_still_the_same_json)
{
	struct json_object *input = printing_input("devices.json");
	struct json_object *output = printing_input("list.json");
	ck_assert(json_object_equal(input, output));
	json_object_put(input);
	json_object_put(output);
}
END_TEST

/* Keeps messages out of the log of the tests. */
static int silence(void)
{
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
	dup2(null, STDERR_FILENO);
	close(null);
	return saved;
}

static void speak(int saved)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
}

static int init_status(struct command_options options)
{
	struct output output;
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);
	int saved = silence();
	output_init(&output, stream, &DEVICE_COLUMNS, PRINTING_NOW);
	int status = output_options_apply(&output, &options);
	speak(saved);
	output_fini(&output);
	fclose(stream);
	free(text);
	return status;
}

START_TEST(wrong_formats_colours_and_columns_are_refused)
{
	ck_assert_int_eq(init_status((struct command_options){.format = "xml"}), STATUS_USAGE);
	ck_assert_int_eq(init_status((struct command_options){.color = "green"}), STATUS_USAGE);
	ck_assert_int_eq(
	    init_status((struct command_options){.columns = "name,colour"}), STATUS_USAGE);
	ck_assert_int_eq(init_status((struct command_options){.columns = ""}), STATUS_USAGE);
	ck_assert_int_eq(init_status((struct command_options){.columns = "name", .format = "json"}),
	    STATUS_USAGE);
	ck_assert_int_eq(init_status((struct command_options){
			     .columns = "all", .format = "kv", .color = "auto"}),
	    0);
}
END_TEST

START_TEST(a_closed_pipe_is_no_failure)
{
	int ends[2];
	struct output output;
	struct command_options options = {0};
	ck_assert_int_eq(pipe(ends), 0);
	close(ends[0]);
	FILE *stream = fdopen(ends[1], "w");
	output_init(&output, stream, &DEVICE_COLUMNS, PRINTING_NOW);
	ck_assert_int_eq(output_options_apply(&output, &options), 0);
	sighandler_t before = signal(SIGPIPE, SIG_IGN);
	output_begin(&output, true);
	ck_assert_int_eq(output_flush(&output), STATUS_UNREAD);
	signal(SIGPIPE, before);
	fclose(stream);
	output_fini(&output);
}
END_TEST

START_TEST(a_full_disk_is_a_failure)
{
	struct output output;
	struct command_options options = {0};
	FILE *stream = fopen("/dev/full", "w");
	ck_assert_ptr_nonnull(stream);
	output_init(&output, stream, &DEVICE_COLUMNS, PRINTING_NOW);
	ck_assert_int_eq(output_options_apply(&output, &options), 0);
	output_begin(&output, true);
	int saved = silence();
	int status = output_flush(&output);
	speak(saved);
	ck_assert_int_eq(status, STATUS_FAILED);
	fclose(stream);
	output_fini(&output);
}
END_TEST

Suite *output_suite(void)
{
	Suite *suite = suite_create("discoverctl/output");
	TCase *tcase = tcase_create("output");
	tcase_add_checked_fixture(tcase, printing_setup, printing_teardown);
	tcase_add_loop_test(tcase, output_equals_the_golden_file, 0, PRINTED_COUNT);
	tcase_add_loop_test(tcase, what_is_kept_is_printed_alike, 0, PRINTED_COUNT);
	tcase_add_test(tcase, no_line_is_longer_than_the_terminal);
	tcase_add_test(tcase, json_with_escapes_is_still_the_same_json);
	tcase_add_test(tcase, wrong_formats_colours_and_columns_are_refused);
	tcase_add_test(tcase, a_closed_pipe_is_no_failure);
	tcase_add_test(tcase, a_full_disk_is_a_failure);
	suite_add_tcase(suite, tcase);
	return suite;
}
