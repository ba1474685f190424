/* SPDX-License-Identifier: ISC
 * hook_environment: the environment of a program that is run for an event. */
#include "history/hook_environment.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "base/utc.h"

enum { VALUE_MAX = 257, VARIABLES_MAX = 20 };

struct variable {
	const char *name;
	char value[VALUE_MAX];
};

struct variables {
	struct variable list[VARIABLES_MAX];
	size_t count;
};

static const struct {
	const char *name;
	enum fact fact;
} OF_FACTS[] = {
    {"DISCOVERD_ID", FACT_ID},
    {"DISCOVERD_TYPE", FACT_TYPE},
    {"DISCOVERD_MANUFACTURER", FACT_MANUFACTURER},
    {"DISCOVERD_MODEL", FACT_MODEL},
    {"DISCOVERD_MAC", FACT_MAC},
    {"DISCOVERD_VENDOR", FACT_VENDOR},
    {"DISCOVERD_INTERFACE", FACT_SEGMENT},
    {"DISCOVERD_ADDRESS", FACT_ADDRESS},
};

/* Names are those of the network: whatever they were cleaned by before, no control character gets
 * into a variable. */
static void add(struct variables *variables, const char *name, const char *value)
{
	struct variable *variable = &variables->list[variables->count++];

	variable->name = name;
	text_clean(slice_of(value), variable->value, sizeof(variable->value));
}

static void add_date(struct variables *variables, const char *name, int64_t date)
{
	struct utc_day day = {0};
	char buffer[UTC_TEXT_MAX], text[UTC_TEXT_MAX + 1];
	struct slice utc = utc_text(&day, date * 1000000, buffer);
	struct writer w;

	writer_init(&w, text, sizeof(text) - 1);
	writer_slice(&w, utc);
	text[w.len] = '\0';
	add(variables, name, text);
}

static char **join(const struct variables *variables)
{
	size_t size = (variables->count + 1) * sizeof(char *);

	for (size_t i = 0; i < variables->count; i++)
		size += strlen(variables->list[i].name) + strlen(variables->list[i].value) + 2;
	char **environment = malloc(size);
	if (!environment)
		return NULL;
	char *at = (char *)(environment + variables->count + 1);
	for (size_t i = 0; i < variables->count; i++) {
		environment[i] = at;
		at = stpcpy(at, variables->list[i].name);
		*at++ = '=';
		at = stpcpy(at, variables->list[i].value) + 1;
	}
	environment[variables->count] = NULL;
	return environment;
}

char **hook_environment_new(const struct hook_event *event)
{
	struct variables *variables = calloc(1, sizeof(*variables));
	char **environment;

	if (!variables)
		return NULL;
	add(variables, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	add(variables, "LANG", "C.UTF-8");
	add(variables, "DISCOVERD_EVENT", event->kind);
	add(variables, "DISCOVERD_NAME",
	    event->alias ? event->alias : event->facts->texts[FACT_NAME]);
	for (size_t i = 0; i < COUNT_OF(OF_FACTS); i++)
		add(variables, OF_FACTS[i].name, event->facts->texts[OF_FACTS[i].fact]);
	add(variables, "DISCOVERD_RANDOM_MAC", event->facts->random_mac ? "yes" : "no");
	add(variables, "DISCOVERD_OLD_ADDRESS", event->old_address);
	add_date(variables, "DISCOVERD_TIME", event->at);
	add_date(variables, "DISCOVERD_FIRST_SEEN", event->first_seen);
	environment = join(variables);
	free(variables);
	return environment;
}
