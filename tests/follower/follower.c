/* SPDX-License-Identifier: ISC
 * follower: the smallest program around discoverd: it prints what its functions are called for. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/log.h"
#include "client/field.h"
#include "companion/companion.h"

struct settings {
	char *word, *ask;
	bool refuse;
	uint32_t later;
};

struct follower {
	const struct companion *companion;
	const struct settings *settings;
	struct instant later;
};

static const struct config_option OPTIONS[] = {
    {"Follower", "word", CONFIG_TEXT, offsetof(struct settings, word), 1, 64, "hello",
	"what it prints first"},
    {"Follower", "ask", CONFIG_TEXT, offsetof(struct settings, ask), 0, 64, NULL,
	"the method that it calls after each snapshot"},
    {"Follower", "refuse", CONFIG_BOOL, offsetof(struct settings, refuse), 0, 0, "no",
	"do not open"},
    {"Follower", "later", CONFIG_NUMBER, offsetof(struct settings, later), 0, 10000, "0",
	"milliseconds until it prints \"later\"; 0: never"},
};

static void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

static char *check(const void *config)
{
	const struct settings *settings = config;
	char *wrong = NULL;

	if (settings->refuse && settings->later && asprintf(&wrong, "refuse and later") < 0)
		return NULL;
	return wrong;
}

static int follower_open(const struct companion *companion, void **state)
{
	const struct settings *settings = companion->config;
	struct follower *follower;

	if (settings->refuse) {
		log_error("it refuses");
		return -EACCES;
	}
	follower = malloc(sizeof(*follower));
	if (!follower) {
		log_error("out of memory");
		return -ENOMEM;
	}
	*follower = (struct follower){companion, settings, INSTANT_NEVER};
	if (settings->later)
		follower->later =
		    instant_add(loop_now(companion->loop), MILLISECONDS(settings->later));
	print("open %s %s", settings->word,
	    companion->state_directory ? companion->state_directory : "-");
	*state = follower;
	return 0;
}

static void changed(void *context, const struct watcher_change *change)
{
	static const char *const EVENTS[] = {"added", "updated", "removed"};
	struct slice name = field_text(field_get(change->device, "name"));
	(void)context;

	print("%s %s %.*s", EVENTS[change->event], change->id, SLICE_ARGS(name));
}

static void answered(void *context, const char *error, struct json_object *parameters)
{
	(void)context;
	print("answer %s %s", error ? error : "-", parameters ? "with parameters" : "-");
}

static void synced(void *context)
{
	const struct follower *follower = context;

	print("synced");
	if (follower->settings->ask && watcher_ask(follower->companion->watcher,
					   follower->settings->ask, NULL, answered, context))
		print("not asked");
}

static void lost(void *context)
{
	(void)context;
	print("lost");
}

static void advance(void *state, struct instant now)
{
	struct follower *follower = state;

	if (!instant_due(follower->later, now))
		return;
	follower->later = INSTANT_NEVER;
	print("later");
}

static struct instant deadline(const void *state)
{
	const struct follower *follower = state;

	return follower->later;
}

static void follower_close(void *state)
{
	print("close");
	free(state);
}

static const struct companion_type FOLLOWER = {
    .name = "follower",
    .purpose = "Prints what discoverd reports.",
    .config_file = "/nonexistent/follower.conf",
    .manual = "follower(8)",
    .options = {OPTIONS, COUNT_OF(OPTIONS)},
    .config_size = sizeof(struct settings),
    .keeps_state = true,
    .check = check,
    .open = follower_open,
    .handler = {changed, synced, lost},
    .advance = advance,
    .deadline = deadline,
    .close = follower_close,
};

int main(int argc, char **argv)
{
	return companion_main(&FOLLOWER, argc, argv);
}
