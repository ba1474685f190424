/* SPDX-License-Identifier: ISC
 * column_set: see column_set.h. */
#include "discoverctl/column_set.h"
#include "base/ascii.h"
#include "client/field.h"
#include "discoverctl/exit_status.h"
#include "discoverctl/suggest.h"
#include <errno.h>
#include <string.h>

struct slice column_heading(const struct column *column, char buffer[HEADING_MAX])
{
	struct writer w;
	writer_init(&w, buffer, HEADING_MAX);
	for (const char *at = column->name; *at; at++)
		writer_char(&w, ascii_is_letter(*at) ? (char)(*at - 'a' + 'A') : *at);
	return writer_result(&w);
}

static int choose_all(const struct column_set *set, struct chosen_column chosen[CHOSEN_MAX])
{
	int count = 0;
	for (const struct column *column = set->columns; column->name; column++)
		chosen[count++] = (struct chosen_column){column, NULL, false};
	for (const struct column *column = set->nested ? set->nested->columns : NULL;
	     column && column->name; column++)
		chosen[count++] = (struct chosen_column){column, set->nested_key, false};
	return count;
}

bool column_set_find(const struct column_set *set, struct slice name, struct chosen_column *chosen)
{
	struct chosen_column all[CHOSEN_MAX];
	int count = choose_all(set, all);

	for (int i = 0; i < count; i++)
		if (slice_equal_nocase(name, slice_of(all[i].column->name))) {
			*chosen = all[i];
			return true;
		}
	return false;
}

int column_set_choose(const struct column_set *set, const char *names,
    struct chosen_column chosen[CHOSEN_MAX], struct slice *offending)
{
	struct slice rest = slice_of(names), name;
	int count = 0;

	if (!names || !strcmp(names, "all"))
		return choose_all(set, chosen);
	while (slice_cut(&rest, ',', &name)) {
		bool optional = slice_ends_with(name, SLICE("?"));
		struct slice bare = slice_head(slice_trim(name), name.len - optional);
		if (count == CHOSEN_MAX || !column_set_find(set, bare, &chosen[count])) {
			*offending = name;
			return -EINVAL;
		}
		chosen[count++].optional = optional;
	}
	return count;
}

void column_set_print_names(FILE *stream, const struct column_set *set)
{
	struct chosen_column all[CHOSEN_MAX];
	int count = choose_all(set, all);
	for (int i = 0; i < count; i++)
		fprintf(stream, "%s%s", i ? ", " : "", all[i].column->name);
	fputc('\n', stream);
}

int column_set_refuse(const struct column_set *set, const char *option, struct slice name)
{
	struct chosen_column all[CHOSEN_MAX];
	struct suggestion suggestion;
	int count = choose_all(set, all);

	suggest_begin(&suggestion, name);
	for (int i = 0; i < count; i++)
		suggest_offer(&suggestion, slice_of(all[i].column->name));
	fprintf(stderr, "discoverctl: %s%sno column \"%.*s\"", option ? option : "",
	    option ? ": " : "", SLICE_ARGS(name));
	suggest_print(stderr, &suggestion);
	fputs(*suggest_best(&suggestion) ? " There are: " : "; there are: ", stderr);
	column_set_print_names(stderr, set);
	return STATUS_USAGE;
}

void column_write(const struct chosen_column *chosen, struct json_object *record,
    const struct column_view *view, struct writer *w)
{
	struct json_object *of =
	    chosen->nested_key ? field_get(record, chosen->nested_key) : record;
	chosen->column->write(of, chosen->column, view, w);
}
