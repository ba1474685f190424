/* SPDX-License-Identifier: ISC
 * Tests of the options of each program around discoverd: rows, manual page and installed file say
 * the same, and the defaults are allowed. */
#include "base/array.h"
#include "history/history_config.h"
#include "mqtt/mqtt_config.h"
#include "option_texts.h"
#include "suites.h"
#include "web/web_config.h"
#include <stdio.h>
#include <stdlib.h>

enum { ROWS_MAX = 64 };

static const struct config_rows HISTORY_ROWS = {HISTORY_OPTIONS, HISTORY_OPTION_COUNT};

static const struct {
	const char *file, *page;
	const struct config_rows *options;
	size_t size;
	char *(*check)(const void *config);
} COMPANIONS[] = {
    {"conf/history.conf", "man/discoverd-history.8", &HISTORY_ROWS, sizeof(struct history_config),
	history_config_check},
    {"conf/web.conf", "man/discoverd-web.8", &WEB_OPTIONS, sizeof(struct web_config),
	web_config_check},
    {"conf/mqtt.conf", "man/discoverd-mqtt.8", &MQTT_CONFIG_ROWS, sizeof(struct mqtt_config),
	mqtt_config_check},
};

START_TEST(the_texts_are_those_of_the_rows)
{
	const struct config_rows *options = COMPANIONS[_i].options;
	const struct config_option *rows[ROWS_MAX];
	char path[256];

	ck_assert_uint_le(options->count, ROWS_MAX);
	for (size_t i = 0; i < options->count; i++)
		rows[i] = &options->rows[i];
	snprintf(path, sizeof(path), GOLDEN "/../../%s", COMPANIONS[_i].file);
	option_texts_ck_file(path, rows, options->count);
	snprintf(path, sizeof(path), GOLDEN "/../../%s", COMPANIONS[_i].page);
	option_texts_ck_manual(path, rows, options->count);
}
END_TEST

START_TEST(the_defaults_are_allowed)
{
	const struct config_rows *options = COMPANIONS[_i].options;
	char *config = calloc(1, COMPANIONS[_i].size);

	for (size_t i = 0; i < options->count; i++) {
		const struct config_option *option = &options->rows[i];
		if (option->standard)
			ck_assert_msg(config_option_set(option, config + option->offset,
					  slice_of(option->standard)) == 0,
			    "%s", option->key);
	}
	char *wrong = COMPANIONS[_i].check(config);
	ck_assert_msg(!wrong, "%s", wrong);
	for (size_t i = 0; i < options->count; i++)
		config_option_clear(&options->rows[i], config + options->rows[i].offset);
	free(config);
}
END_TEST

Suite *companion_texts_suite(void)
{
	Suite *suite = suite_create("companion/texts");
	TCase *tcase = tcase_create("texts");

	tcase_add_loop_test(tcase, the_texts_are_those_of_the_rows, 0, COUNT_OF(COMPANIONS));
	tcase_add_loop_test(tcase, the_defaults_are_allowed, 0, COUNT_OF(COMPANIONS));
	suite_add_tcase(suite, tcase);
	return suite;
}
