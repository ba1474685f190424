/* SPDX-License-Identifier: ISC
 * when: see when.h. */
#include "discoverctl/when.h"
#include "base/array.h"
#include "base/utc_parse.h"
#include <errno.h>
#include <time.h>

enum { WHEN_TEXT_MAX = 64 };

int when_parse_duration(const char *text, uint32_t max, int64_t *milliseconds)
{
	struct slice rest = slice_of(text), whole;
	uint64_t seconds, digits;

	if (!slice_cut(&rest, '.', &whole) || slice_to_u64(whole, max, &seconds) < 0)
		return -EINVAL;
	*milliseconds = (int64_t)seconds * 1000;
	if (rest.bytes && slice_to_u64(rest, UINT64_MAX, &digits) < 0)
		return -EINVAL;
	for (size_t i = 0, weight = 100; rest.bytes && i < rest.len && weight; i++, weight /= 10)
		*milliseconds += (int64_t)weight * (rest.bytes[i] - '0');
	return *milliseconds > 0 && *milliseconds <= (int64_t)max * 1000 ? 0 : -EINVAL;
}

static int parse_day(const char *text, int64_t *seconds)
{
	struct tm tm = {.tm_isdst = -1};
	const char *end = strptime(text, "%Y-%m-%d", &tm);
	if (!end || *end)
		return -EINVAL;
	*seconds = mktime(&tm);
	return 0;
}

int when_parse_since(const char *text, int64_t now, int64_t *seconds)
{
	static const struct {
		char unit;
		uint32_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	struct slice number = slice_of(text);
	uint64_t count;

	if (utc_parse(text, seconds) == 0 || parse_day(text, seconds) == 0)
		return 0;
	if (!number.len)
		return -EINVAL;
	char unit = number.bytes[--number.len];
	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (units[i].unit == unit && slice_to_u64(number, 1000000, &count) == 0) {
			*seconds = now - (int64_t)(count * units[i].seconds);
			return 0;
		}
	return -EINVAL;
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

void when_format_date(int64_t seconds, struct writer *w)
{
	char text[WHEN_TEXT_MAX];
	time_t t = (time_t)seconds;
	struct tm tm;
	if (localtime_r(&t, &tm))
		writer_bytes(w, text, strftime(text, sizeof(text), "%Y-%m-%d", &tm));
}

int64_t when_local_day(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	if (!localtime_r(&t, &tm))
		return 0;
	return (seconds + tm.tm_gmtoff) / 86400;
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
