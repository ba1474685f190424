/* SPDX-License-Identifier: ISC
 * random_bytes: see random_bytes.h. */
#include "net/random_bytes.h"
#include <errno.h>
#include <sys/random.h>

int random_bytes(void *bytes, size_t len)
{
	ssize_t got;

	do
		got = getrandom(bytes, len, 0);
	while (got < 0 && errno == EINTR);
	if (got == (ssize_t)len)
		return 0;
	return got < 0 ? -errno : -EIO;
}
