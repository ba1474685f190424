/* SPDX-License-Identifier: ISC
 * utc: see utc.h. */
#include "base/utc.h"
#include "base/instant.h"
#include <string.h>
#include <time.h>

enum { DAY = 86400 };

static char *put_two(char *at, unsigned value, char behind)
{
	at[0] = (char)('0' + value / 10);
	at[1] = (char)('0' + value % 10);
	at[2] = behind;
	return at + 3;
}

/* With four digits, or as many as it has. */
static char *put_year(char *at, int64_t year)
{
	char digits[20];
	size_t len = 0;

	if (year >= 0 && year <= 9999) {
		at = put_two(at, (unsigned)year / 100, '-') - 1;
		return put_two(at, (unsigned)year % 100, '-');
	}
	uint64_t rest = year < 0 ? -(uint64_t)year : (uint64_t)year;
	if (year < 0)
		*at++ = '-';
	for (; rest; rest /= 10)
		digits[len++] = (char)('0' + rest % 10);
	while (len)
		*at++ = digits[--len];
	*at++ = '-';
	return at;
}

static void set_day(struct utc_day *day, int64_t number)
{
	time_t seconds = (time_t)(number * DAY);
	struct tm tm = {0};

	gmtime_r(&seconds, &tm); /* has room for each year of so many microseconds */
	char *at = put_year(day->text, (int64_t)tm.tm_year + 1900);
	at = put_two(at, (unsigned)tm.tm_mon + 1, '-');
	at = put_two(at, (unsigned)tm.tm_mday, 'T');
	day->len = (size_t)(at - day->text);
	day->number = number;
}

struct slice utc_text(struct utc_day *day, int64_t wall_us, char buffer[UTC_TEXT_MAX])
{
	int64_t seconds = wall_us / SECONDS(1);
	int64_t number = seconds / DAY - (seconds % DAY < 0);
	unsigned time = (unsigned)(seconds - number * DAY);

	if (day->len == 0 || day->number != number)
		set_day(day, number);
	memcpy(buffer, day->text, day->len);
	char *at = put_two(buffer + day->len, time / 3600, ':');
	at = put_two(at, time / 60 % 60, ':');
	at = put_two(at, time % 60, 'Z');
	return (struct slice){buffer, (size_t)(at - buffer)};
}
