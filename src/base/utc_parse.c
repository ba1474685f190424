/* SPDX-License-Identifier: ISC
 * utc_parse: see utc_parse.h. */
#include "base/utc_parse.h"
#include <errno.h>
#include <time.h>

int utc_parse(const char *text, int64_t *seconds)
{
	struct tm parts = {0};
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts) : NULL;

	if (!end || *end)
		return -EINVAL;
	*seconds = timegm(&parts);
	return 0;
}
