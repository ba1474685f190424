/* SPDX-License-Identifier: ISC
 * main: reads the options and the configuration, and runs the daemon. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "core/core.h"
#include "discoverd/config_files.h"
#include "discoverd/drop_ins.h"
#include "discoverd/hub.h"
#include "discoverd/parts.h"
#include "discoverd/service_manager.h"
#include "net/log_output.h"

/* EX_CONFIG of <sysexits.h>; the unit does not restart the service after it. */
enum { EXIT_CONFIG = 78 };
enum { CONFIG_TEXT_MAX = 128 * 1024 };

/* --check-config: what is in effect, in the same syntax. */
static int print_config(const struct config *config)
{
	char *text = malloc(CONFIG_TEXT_MAX);
	struct writer w;
	int failed;

	if (!text)
		return EXIT_FAILURE;
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		if (engine_lacks(CORE_ENGINES[i], config))
			log_warning("%s: %s", CORE_ENGINES[i]->id.name,
			    engine_lacks(CORE_ENGINES[i], config));
	writer_init(&w, text, CONFIG_TEXT_MAX);
	config_format(config, &w);
	failed = writer_error(&w) || fwrite(text, 1, w.len, stdout) != w.len || fflush(stdout);
	if (failed)
		log_error("the effective configuration could not be printed");
	free(text);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The mistakes have been logged. */
static int config_failed(const struct options *options, int error)
{
	if (options->check_config)
		return EXIT_FAILURE;
	if (error == -ENOMEM)
		log_error("out of memory");
	service_manager_turn_away();
	return error == -ENOMEM ? EXIT_FAILURE : EXIT_CONFIG;
}

int main(int argc, char **argv)
{
	struct options options;
	struct config config;
	struct hub *hub;
	int status;

	switch (options_parse(&options, argc, argv)) {
	case OPTIONS_DONE:
		return EXIT_SUCCESS;
	case OPTIONS_WRONG:
		return 2;
	case OPTIONS_RUN:
		break;
	}
	log_output_open("discoverd", options.verbose, !options.check_config);
	status = config_files_load(&config, &options, config_files_log_mistake, NULL);
	if (status)
		return config_failed(&options, status);
	if (options.check_config) {
		status =
		    drop_ins_check(options.config_file, &config, config_files_log_mistake, NULL)
			? EXIT_FAILURE
			: print_config(&config);
		config_fini(&config);
		return status;
	}
	if (hub_open(&options, PARTS, &config, &hub))
		return EXIT_FAILURE;
	status = hub_run(hub) ? EXIT_FAILURE : EXIT_SUCCESS;
	hub_close(hub);
	return status;
}
