/* SPDX-License-Identifier: ISC
 * option_texts: compares what is written for people about options with their rows. */
#include "option_texts.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *option_texts_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	ck_assert_msg(file, "%s", path);
	ck_assert_msg(getdelim(&text, &size, '\0', file) > 0, "%s", path);
	fclose(file);
	return text;
}

/* What the manual must say of an option's default and range. */
static void ck_entry(const struct config_option *option, struct slice entry)
{
	bool is_text = option->kind == CONFIG_TEXT || option->kind == CONFIG_DEVICE_TYPE;
	char text[8192], expected[128];

	snprintf(text, sizeof(text), "%.*s", SLICE_ARGS(entry));
	if (option->standard) {
		snprintf(expected, sizeof(expected), "\nDefault: %s.\n", option->standard);
		ck_assert_msg(strstr(text, expected), "%s: no%s", option->key, expected);
	} else {
		ck_assert_msg(strstr(text, "\nDefault: "), "%s: no default", option->key);
	}
	if (is_text && option->min == 0)
		snprintf(expected, sizeof(expected), "at most %u bytes", (unsigned)option->max);
	else if (is_text || option->kind == CONFIG_NUMBER)
		snprintf(expected, sizeof(expected), "%u to %u", (unsigned)option->min,
		    (unsigned)option->max);
	else
		return;
	ck_assert_msg(strstr(text, expected), "%s: no \"%s\"", option->key, expected);
}

void option_texts_ck_manual(const char *page, const struct config_option *const *rows, size_t count)
{
	char *text = option_texts_read(page);
	const char *section = "", *at = text;

	for (size_t i = 0; i < count; i++) {
		char heading[64];
		if (strcmp(section, rows[i]->section) != 0) {
			snprintf(heading, sizeof(heading), "\n.Ss [%s]\n", rows[i]->section);
			at = strstr(at, heading);
			ck_assert_msg(at, "%s: %s", page, heading);
		}
		section = rows[i]->section;
		snprintf(heading, sizeof(heading), "\n.It Cm %s No = Ar ", rows[i]->key);
		at = strstr(at, heading);
		ck_assert_msg(at, "%s: %s", page, heading);
		at += strlen(heading);
		const char *end = strstr(at, "\n.It ");
		ck_entry(rows[i], (struct slice){at, end ? (size_t)(end - at) + 1 : strlen(at)});
	}
	free(text);
}

/* Whether a line is the heading of a section, or an option in a comment. */
static bool is_shown(const char *line)
{
	return line[0] == '[' || (line[0] == '#' && line[1] >= 'a' && line[1] <= 'z');
}

void option_texts_ck_file(const char *file, const struct config_option *const *rows, size_t count)
{
	char expected[8192], shown[8192] = "", *text = option_texts_read(file), *rest = text, *line;
	const char *section = "";
	struct writer w;

	writer_init(&w, expected, sizeof(expected) - 1);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(section, rows[i]->section) != 0)
			writer_format(&w, "[%s]\n", rows[i]->section);
		section = rows[i]->section;
		writer_format(&w, "#%s =%s%s\n", rows[i]->key, rows[i]->standard ? " " : "",
		    rows[i]->standard ? rows[i]->standard : "");
	}
	ck_assert_int_eq(writer_error(&w), 0);
	expected[w.len] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		size_t len = strlen(shown);
		ck_assert_msg(!*line || line[0] == '#' || line[0] == '[', "%s: %s", file, line);
		if (is_shown(line))
			snprintf(shown + len, sizeof(shown) - len, "%s\n", line);
	}
	ck_assert_str_eq(shown, expected);
	free(text);
}
