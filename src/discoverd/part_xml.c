/* SPDX-License-Identifier: ISC
 * part_xml: loads libxml2, and what converts encodings, when the first page or message of XML is
 * read; then no more code can be loaded. */
#include "discoverd/parts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/log.h"
#include "discoverd/xml_loader.h"
#include "wire/xml_encodings.h"

enum { COUNT_UNREAD, COUNTERS };
static const char *const COUNTER_NAMES[COUNTERS] = {[COUNT_UNREAD] = "unread"};

struct xml_part {
	struct hub *hub;
	bool tried, missing;
	struct xml_library library;
	struct xml_encodings *encodings;
	struct counter counters[COUNTERS];
};

/* Where libraries are, as the unit of the service has it. */
static const char *const PLACES[] = {
    "/etc/ld.so.cache", "/lib", "/lib64", "/usr/lib", "/usr/lib64", LIBDIR, LIBXML_DIR};

static void load(struct xml_part *part)
{
	const char *problem = xml_loader_load(&part->library);

	part->tried = true;
	part->missing = problem != NULL;
	part->hub->xml = problem ? "missing" : "loaded";
	if (problem) {
		log_warning("pages and messages of XML are not read: %s", problem);
		part->hub->warnings_due = true;
	}
	part->encodings = xml_encodings_load();
	if (part->hub->work.forbid_code)
		part->hub->work.forbid_code(part->hub);
}

static const struct xml_library *give(void *context)
{
	struct xml_part *part = context;

	if (!part->tried)
		load(part);
	if (!part->missing)
		return &part->library;
	part->counters[COUNT_UNREAD].value++;
	return NULL;
}

static int open_xml(struct hub *hub, void **state)
{
	struct xml_part *part = calloc(1, sizeof(*part));

	*state = part;
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	hub->xml = "unloaded";
	counters_init(part->counters, COUNTER_NAMES, COUNTERS);
	xml_parser_use(give, part);
	return 0;
}

static void close_xml(void *state)
{
	struct xml_part *part = state;

	xml_parser_use(NULL, NULL);
	xml_encodings_free(part->encodings);
	free(part);
}

static bool counters(const void *state, size_t index, struct counter_group *group)
{
	const struct xml_part *part = state;

	*group = (struct counter_group){"xml", part->counters, COUNTERS};
	return index == 0;
}

static void files(const void *state, struct file_rules *rules)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(PLACES); i++)
		file_rules_allow(rules, PLACES[i], FILE_USE_READ);
}

static void warn(const void *state, struct warnings *warnings)
{
	const struct xml_part *part = state;

	if (part->missing)
		warnings_add(warnings, "devices and names are missing: libxml2 cannot be loaded, "
				       "so pages and messages of XML are not read");
}

const struct part XML_PART = {
    .name = "xml",
    .open = open_xml,
    .close = close_xml,
    .counters = counters,
    .files = files,
    .warn = warn,
};
