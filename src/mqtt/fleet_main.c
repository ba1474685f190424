/* SPDX-License-Identifier: ISC
 * fleet_main: the program that discoverctl runs to read a fleet from a broker; its standard input
 * is the socket to discoverctl. */
#include "companion/companion_config.h"
#include "mqtt/broker_config.h"
#include "mqtt/fleet_reader.h"
#include "net/log_output.h"
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* FAILED and WRONG as discoverctl(1) lists them. */
enum {
	FAILED = 1,
	WRONG = 2,
	LIMIT_DEFAULT_MS = 10000,
	LIMIT_MAX_MS = 86400 * 1000,
	SITE_MAX = 64
};

/* Its file has the options of discoverd-mqtt. */
static struct companion_type type_of_config(void)
{
	return (struct companion_type){.name = "discoverctl",
	    .manual = "discoverd-mqtt(8)",
	    .options = MQTT_CONFIG_ROWS,
	    .config_size = sizeof(struct mqtt_config)};
}

/* A file that is used without being named, where it can be read: the user's, else the machine's. */
static const char *standard_file(char buffer[PATH_MAX])
{
	const char *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME");

	if (config && *config)
		snprintf(buffer, PATH_MAX, "%s/discoverd/broker.conf", config);
	else
		snprintf(buffer, PATH_MAX, "%s/.config/discoverd/broker.conf", home ? home : "");
	if (access(buffer, R_OK) != 0)
		snprintf(buffer, PATH_MAX, "%s/discoverd/broker.conf", SYSCONFDIR);
	return buffer;
}

static int load_config(const char *file, const char *url, struct mqtt_config **config)
{
	struct companion_type type = type_of_config();
	char buffer[PATH_MAX], *wrong;
	void *loaded;

	if (companion_config_load(
		&type, file ? file : standard_file(buffer), file != NULL, &loaded) < 0)
		return FAILED;
	*config = loaded;
	free((*config)->broker);
	(*config)->broker = strdup(url);
	wrong = (*config)->broker ? mqtt_config_check(*config) : NULL;
	if (wrong)
		fprintf(stderr, "discoverctl: %s: %s\n", url, wrong);
	free(wrong);
	return wrong || !(*config)->broker ? WRONG : 0;
}

static int run(struct fleet_reader_options *options, const char *file)
{
	struct companion_type type = type_of_config();
	struct mqtt_config *config = NULL;
	char *password = NULL;
	int status = load_config(file, options->url, &config);

	if (!status && broker_config_apply(config, &options->broker, &password) < 0)
		status = FAILED;
	if (!status)
		status = fleet_reader_run(options);
	free(password);
	companion_config_free(&type, config);
	return status;
}

/* As long as mqtt.conf lets it be. */
static bool is_site(const char *site)
{
	return *site && strlen(site) <= SITE_MAX;
}

static int refuse(void)
{
	fputs("This program is run by discoverctl --broker: see discoverctl(1).\n", stderr);
	return WRONG;
}

int main(int argc, char **argv)
{
	static const struct option LONG[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"once", no_argument, NULL, 'o'},
	    {"site", required_argument, NULL, 's'},
	    {"timeout", required_argument, NULL, 't'},
	    {NULL, 0, NULL, 0},
	};
	struct fleet_reader_options options = {
	    .socket = STDIN_FILENO, .limit_ms = LIMIT_DEFAULT_MS};
	const char *file = NULL;
	uint64_t limit;
	int letter;

	while ((letter = getopt_long(argc, argv, "", LONG, NULL)) != -1) {
		if (letter == 'c')
			file = optarg;
		else if (letter == 's')
			options.site = optarg;
		else if (letter == 'o')
			options.once = true;
		else if (letter != 't' || slice_to_u64(slice_of(optarg), LIMIT_MAX_MS, &limit) < 0)
			return refuse();
		else
			options.limit_ms = (uint32_t)limit;
	}
	if (optind != argc - 1)
		return refuse();
	if (options.site && !is_site(options.site)) {
		fprintf(stderr, "discoverctl: the name of a site has 1 to %d bytes\n", SITE_MAX);
		return WRONG;
	}
	options.url = argv[optind];
	log_output_open("discoverctl", 0, false);
	return run(&options, file);
}
