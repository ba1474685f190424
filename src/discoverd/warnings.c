/* SPDX-License-Identifier: ISC
 * warnings: sentences that say why devices may be missing, for the log and for `status`. */
#include "discoverd/warnings.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"

void warnings_add(struct warnings *warnings, const char *format, ...)
{
	va_list arguments;

	if (warnings->count == WARNINGS_MAX) {
		warnings->more++;
		snprintf(warnings->texts[WARNINGS_MAX - 1], WARNING_MAX,
		    "%zu more warnings like these", warnings->more + 1);
		return;
	}
	va_start(arguments, format);
	vsnprintf(warnings->texts[warnings->count++], WARNING_MAX, format, arguments);
	va_end(arguments);
}

static bool has(const struct warnings *warnings, const char *text)
{
	for (size_t i = 0; i < warnings->count; i++)
		if (strcmp(warnings->texts[i], text) == 0)
			return true;
	return false;
}

void warnings_log_news(const struct warnings *before, const struct warnings *after)
{
	for (size_t i = 0; i < after->count; i++)
		if (!has(before, after->texts[i]))
			log_warning("%s", after->texts[i]);
	for (size_t i = 0; i < before->count; i++)
		if (!has(after, before->texts[i]))
			log_notice("warning ended: %s", before->texts[i]);
}
