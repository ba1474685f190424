/* SPDX-License-Identifier: ISC
 * companion_config: the configuration of a companion: a file, and the drop-ins beside it. */
#include "companion/companion_config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "model/config_reader.h"
#include "net/text_file.h"

enum { VALUE_TEXT_MAX = 4096 };

static void log_mistake(void *context, const char *file, unsigned line, const char *what)
{
	(void)context;
	if (line)
		log_error("%s:%u: %s", file, line, what);
	else
		log_error("%s: %s", file, what);
}

static void *member_of(void *config, const struct config_option *option)
{
	return (char *)config + option->offset;
}

static int read_one(const struct companion_type *type, const char *path, void *config)
{
	const struct config_target target = {
	    .rows = &type->options,
	    .rows_count = 1,
	    .manual = type->manual,
	    .context = config,
	    .member = member_of,
	};
	char *text = NULL;
	size_t len = 0;
	int error = text_file_read(path, &text, &len);

	if (error)
		log_mistake(NULL, path, 0, strerror(-error));
	else
		error =
		    config_reader_read(&target, path, (struct slice){text, len}, log_mistake, NULL);
	free(text);
	return error;
}

static int read_drop_ins(const struct companion_type *type, const char *file, void *config)
{
	char directory[PATH_MAX];
	glob_t found;

	if (snprintf(directory, sizeof(directory), "%s.d", file) >= (int)sizeof(directory))
		return -ENAMETOOLONG;
	int result = text_file_find(directory, &found);
	if (result)
		log_mistake(NULL, directory, 0, strerror(-result));
	for (size_t i = 0; i < found.gl_pathc; i++) {
		int error = read_one(type, found.gl_pathv[i], config);
		if (error)
			result = error;
	}
	globfree(&found);
	return result;
}

static int set_defaults(const struct companion_type *type, void *config)
{
	int error = 0;

	for (size_t i = 0; !error && i < type->options.count; i++) {
		const struct config_option *option = &type->options.rows[i];
		if (option->standard)
			error = config_option_set(
			    option, member_of(config, option), slice_of(option->standard));
		if (error == -EINVAL)
			log_error("[%s] %s: its default is wrong", option->section, option->key);
	}
	return error;
}

static int check(const struct companion_type *type, const char *file, const void *config)
{
	char *wrong = type->check ? type->check(config) : NULL;

	if (!wrong)
		return 0;
	log_mistake(NULL, file, 0, wrong);
	free(wrong);
	return -EINVAL;
}

int companion_config_load(
    const struct companion_type *type, const char *file, bool demanded, void **loaded)
{
	void *config = calloc(1, type->config_size);
	int error = config ? set_defaults(type, config) : -ENOMEM, drop_ins;

	if (!error && (demanded || access(file, F_OK) == 0 || errno != ENOENT))
		error = read_one(type, file, config);
	drop_ins = config ? read_drop_ins(type, file, config) : 0;
	if (!error)
		error = drop_ins;
	if (!error)
		error = check(type, file, config);
	if (error) {
		companion_config_free(type, config);
		config = NULL;
	}
	*loaded = config;
	return error;
}

void companion_config_free(const struct companion_type *type, void *config)
{
	for (size_t i = 0; config && i < type->options.count; i++)
		config_option_clear(
		    &type->options.rows[i], member_of(config, &type->options.rows[i]));
	free(config);
}

int companion_config_print(const struct companion_type *type, const void *config)
{
	const char *section = "";

	for (size_t i = 0; i < type->options.count; i++) {
		const struct config_option *option = &type->options.rows[i];
		const void *member = (const char *)config + option->offset;
		char text[VALUE_TEXT_MAX];
		struct writer w;

		if (strcmp(section, option->section) != 0)
			printf("%s[%s]\n", i ? "\n" : "", option->section);
		section = option->section;
		if (!config_option_is_set(option, member)) {
			printf("# %s =\n", option->key);
			continue;
		}
		writer_init(&w, text, sizeof(text));
		config_option_format(option, member, &w);
		if (writer_error(&w)) {
			log_error("%s: too long to be printed", option->key);
			return -EMSGSIZE;
		}
		printf("%s = %.*s\n", option->key, (int)w.len, text);
	}
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	log_error("the effective configuration could not be printed");
	return -EIO;
}
