/* SPDX-License-Identifier: ISC
 * utc: see utc.h. */
#include "base/utc.h"
#include "base/instant.h"

enum {
	DAY = 86400,
	DAYS_OF_400_YEARS = 146097,
	DAYS_TO_1970 = 719468, /* from the first of March of the year 0 */
};

struct day {
	int64_t year;
	unsigned month, day;
};

/* Years begin in March here, so that the leap day is their last. */
static struct day day_of(int64_t days)
{
	int64_t era = (days >= 0 ? days : days - DAYS_OF_400_YEARS + 1) / DAYS_OF_400_YEARS;
	unsigned rest = (unsigned)(days - era * DAYS_OF_400_YEARS);
	unsigned year = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
	unsigned of_year = rest - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * of_year + 2) / 153; /* five months have 153 days */

	return (struct day){
	    .year = era * 400 + year + (month >= 10),
	    .month = month < 10 ? month + 3 : month - 9,
	    .day = of_year - (153 * month + 2) / 5 + 1,
	};
}

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

struct slice utc_text(int64_t wall_us, char buffer[UTC_TEXT_MAX])
{
	int64_t seconds = wall_us / SECONDS(1);
	int64_t days = (seconds >= 0 ? seconds : seconds - DAY + 1) / DAY;
	unsigned time = (unsigned)(seconds - days * DAY);
	struct day day = day_of(days + DAYS_TO_1970);
	char *at = put_year(buffer, day.year);

	at = put_two(at, day.month, '-');
	at = put_two(at, day.day, 'T');
	at = put_two(at, time / 3600, ':');
	at = put_two(at, time / 60 % 60, ':');
	at = put_two(at, time % 60, 'Z');
	return (struct slice){buffer, (size_t)(at - buffer)};
}
