/* SPDX-License-Identifier: ISC
 * history_config: the options of discoverd-history. */
#include "history/history_config.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

#define AT(member)               offsetof(struct history_config, member)
#define NUMBER(member, min, max) CONFIG_NUMBER, AT(member), min, max

const struct config_option HISTORY_OPTIONS[HISTORY_OPTION_COUNT] = {
    {"History", "socket", CONFIG_PATH, AT(socket), 1, 107,
	RUNSTATEDIR "/discoverd-history/io.discoverd.History",
	"Socket that discoverctl and other programs ask"},
    {"History", "save-interval", NUMBER(save_interval, 10, 86400), "900",
	"Seconds between two writings; a device that was never seen before is written at once"},
    {"History", "neighbours", CONFIG_BOOL, AT(neighbours), 0, 1, "no",
	"Record hosts that only the kernel's neighbour table knows"},
    {"History", "event-days", NUMBER(event_days, 1, 36500), "90",
	"Days for which it is kept what happened"},
    {"History", "presence-days", NUMBER(presence_days, 1, 36500), "400",
	"Days for which it is kept when a device was where"},
    {"History", "max-devices", NUMBER(max_devices, 100, 1000000), "10000",
	"Devices that are kept; those that were seen longest ago go first"},
    {"History", "max-size", CONFIG_SIZE, AT(max_size), 1048576, UINT32_MAX, "32M",
	"Bytes of the file; what is oldest goes first"},

    {"New", "learn", NUMBER(learn, 0, 604800), "3600",
	"Seconds from the first start in which devices are taken for known"},
    {"New", "random-macs", CONFIG_BOOL, AT(random_macs), 0, 1, "no",
	"Report devices with a random MAC, too"},

    {"Hooks", "exec", CONFIG_PATH, AT(exec), 0, 1024, NULL,
	"Program that is run for events; none when not set"},
    {"Hooks", "events", CONFIG_LIST, AT(events), 1, 64, "new, added, removed, moved",
	"Events that it is run for"},
    {"Hooks", "timeout", NUMBER(timeout, 1, 3600), "30", "Seconds after which it is ended"},
    {"Hooks", "max-per-hour", NUMBER(max_per_hour, 1, 3600), "120",
	"Times that it is run in an hour at most"},
};

static const char *const KINDS[] = {"new", "added", "removed", "moved"};

char *history_config_check(const void *context)
{
	const struct history_config *config = context;
	char *wrong = NULL;

	for (size_t i = 0; i < config->events.count && !wrong; i++) {
		bool known = false;
		for (size_t k = 0; k < COUNT_OF(KINDS); k++)
			known |= !strcmp(config->events.items[i], KINDS[k]);
		if (!known && asprintf(&wrong,
				  "\"%s\" in [Hooks] events must be new, added, removed or moved",
				  config->events.items[i]) < 0)
			wrong = NULL;
	}
	return wrong;
}

bool history_config_runs(const struct history_config *config, const char *kind)
{
	for (size_t i = 0; i < config->events.count; i++)
		if (!strcmp(config->events.items[i], kind))
			return config->exec;
	return false;
}
