/* SPDX-License-Identifier: ISC
 * config_files: reads the configuration file and the drop-ins beside it. */
#include "discoverd/config_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "core/core.h"
#include "net/text_file.h"

static int load_one(struct config *config, const char *path, config_error_fn *error, void *context)
{
	char *text = NULL;
	size_t len = 0;
	int result = text_file_read(path, &text, &len);

	if (result) {
		error(context, path, 0, file_rules_explain(path, result));
		return result;
	}
	result = config_parse(config, path, (struct slice){text, len}, error, context);
	free(text);
	return result;
}

/* The directory of the drop-ins of a file. 0 or -ENAMETOOLONG. */
static int name_directory(const char *file, char directory[PATH_MAX])
{
	return snprintf(directory, PATH_MAX, "%s.d", file) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int load_drop_ins(
    struct config *config, const char *file, config_error_fn *error, void *context)
{
	char directory[PATH_MAX];
	glob_t found;
	int result = name_directory(file, directory);

	if (result)
		return result;
	result = text_file_find(directory, &found);
	if (result)
		error(context, directory, 0, file_rules_explain(directory, result));
	for (size_t i = 0; i < found.gl_pathc; i++) {
		int one = load_one(config, found.gl_pathv[i], error, context);
		if (one)
			result = one;
	}
	globfree(&found);
	return result;
}

/* -i replaces the configured allow list. */
static int override_interfaces(struct config *config, const struct options *options)
{
	struct text_list *list = &config->network.interfaces;
	char **items;

	if (!options->interface_count)
		return 0;
	items = calloc(options->interface_count, sizeof(*items));
	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct text_list){.items = items};
	for (size_t i = 0; i < options->interface_count; i++) {
		items[i] = strdup(options->interfaces[i]);
		if (!items[i])
			return -ENOMEM;
		list->count++;
	}
	return 0;
}

int config_files_load(
    struct config *config, const struct options *options, config_error_fn *error, void *context)
{
	struct stat st;
	int result = engine_config_init(config, CORE_ENGINES), drop_ins;

	if (result)
		return result;
	if (options->config_file_given || stat(options->config_file, &st) == 0 || errno != ENOENT)
		result = load_one(config, options->config_file, error, context);
	drop_ins = load_drop_ins(config, options->config_file, error, context);
	if (!result)
		result = drop_ins;
	if (!result)
		result = override_interfaces(config, options);
	if (result)
		config_fini(config);
	return result;
}

/* A rule for each file as well: it may be a symbolic link that leads out of the directory. */
void config_files_allow_directory(const char *directory, struct file_rules *rules)
{
	glob_t found;

	file_rules_allow(rules, directory, FILE_USE_READ);
	if (text_file_find(directory, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			file_rules_allow(rules, found.gl_pathv[i], FILE_USE_READ);
	globfree(&found);
}

void config_files_allow(const struct options *options, struct file_rules *rules)
{
	char directory[PATH_MAX];

	file_rules_allow(rules, options->config_file, FILE_USE_READ);
	file_rules_allow_beside(rules, options->config_file, FILE_USE_READ);
	if (name_directory(options->config_file, directory) == 0)
		config_files_allow_directory(directory, rules);
}

void config_files_log_mistake(void *context, const char *file, unsigned line, const char *what)
{
	(void)context;
	if (line)
		log_error("%s:%u: %s", file, line, what);
	else
		log_error("%s: %s", file, what);
}
