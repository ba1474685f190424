/* SPDX-License-Identifier: ISC
 * when: see when.h. */
#include "discoverctl/when.h"
#include <errno.h>
#include <time.h>

enum { WHEN_TEXT_MAX = 64 };

int when_parse(const char *text, int64_t *seconds)
{
	struct tm tm = {0};
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;
	if (!end || *end)
		return -EINVAL;
	*seconds = timegm(&tm);
	return 0;
}

void when_format_utc(int64_t seconds, struct writer *w)
{
	char text[WHEN_TEXT_MAX];
	time_t t = (time_t)seconds;
	struct tm tm;
	if (gmtime_r(&t, &tm))
		writer_bytes(w, text, strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm));
}

void when_format_clock(int64_t seconds, struct writer *w)
{
	char text[WHEN_TEXT_MAX];
	time_t t = (time_t)seconds;
	struct tm tm;
	if (localtime_r(&t, &tm))
		writer_bytes(w, text, strftime(text, sizeof(text), "%H:%M:%S", &tm));
}

void when_format_local(int64_t seconds, struct writer *w)
{
	char text[WHEN_TEXT_MAX];
	time_t t = (time_t)seconds;
	struct tm tm;
	if (localtime_r(&t, &tm))
		writer_bytes(w, text, strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm));
}

void when_format_duration(int64_t seconds, struct writer *w)
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	size_t i = 0;
	if (seconds < 0)
		seconds = 0;
	while (i < 3 && seconds < units[i].seconds)
		i++;
	writer_u64(w, (uint64_t)(seconds / units[i].seconds));
	writer_char(w, units[i].unit);
}
