/* SPDX-License-Identifier: ISC
 * output_options: see output_options.h. */
#include "discoverctl/output_options.h"
#include "base/array.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/formats.h"
#include "discoverctl/suggest.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct format *const FORMATS[] = {
    &FORMAT_TABLE, &FORMAT_JSON, &FORMAT_JSONL, &FORMAT_KV, &FORMAT_CSV, &FORMAT_DOT};
enum { FORMAT_COUNT = COUNT_OF(FORMATS) };

static int choose_format(struct output *output, const struct command_options *options)
{
	const char *names[FORMAT_COUNT], *name = options->format;

	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		names[i] = FORMATS[i]->name;
		if (name && strcmp(FORMATS[i]->name, name))
			continue;
		output->format = FORMATS[i];
		output->view.brief = output_is_table(output);
		return 0;
	}
	return suggest_refuse_value(
	    command_options_typed(options, "output"), name, names, FORMAT_COUNT);
}

/* no-color.org: any value but the empty one. */
static bool wants_color(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	return !(no_color && *no_color) && term && strcmp(term, "dumb");
}

static int choose_color(struct output *output, const struct command_options *options)
{
	static const char *const words[] = {"auto", "always", "never"};
	const char *when = options->color;

	if (!when || !strcmp(when, "auto"))
		output->color = isatty(fileno(output->stream)) && wants_color();
	else if (!strcmp(when, "always"))
		output->color = true;
	else if (strcmp(when, "never"))
		return suggest_refuse_value(
		    command_options_typed(options, "color"), when, words, COUNT_OF(words));
	return 0;
}

/* The columns of a table where none were chosen. */
static const char *standard_columns(
    const struct column_set *set, const struct command_options *options)
{
	if (options->broker && set->standard_fleet)
		return set->standard_fleet;
	if (options->new && set->standard_new)
		return set->standard_new;
	return options->all && set->standard_all ? set->standard_all : set->standard;
}

static int choose_columns(struct output *output, const struct command_options *options)
{
	struct slice offending = SLICE_NONE;
	const char *names = options->columns;

	if (!output->set)
		return 0;
	if (names && output_is_json(output)) {
		fputs("discoverctl: --columns goes with table, kv and csv; json always has "
		      "everything\n",
		    stderr);
		return STATUS_USAGE;
	}
	output->columns_given = names;
	if (!names)
		names = output_is_table(output) ? standard_columns(output->set, options) : "all";
	output->chosen_count = column_set_choose(output->set, names, output->chosen, &offending);
	if (output->chosen_count >= 0)
		return 0;
	output->chosen_count = 0;
	return column_set_refuse(output->set, NULL, offending);
}

int output_options_apply(struct output *output, const struct command_options *options)
{
	output->legend = !options->no_legend;
	int status = choose_format(output, options);
	if (!status)
		status = choose_color(output, options);
	if (!status)
		status = choose_columns(output, options);
	return status;
}
