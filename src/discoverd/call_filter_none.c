/* SPDX-License-Identifier: ISC
 * call_filter_none: for boards without libseccomp. */
#include "discoverd/call_filter.h"

#include <errno.h>

int call_filter_enforce(void)
{
	return -ENOTSUP;
}

int call_filter_forbid_code(void)
{
	return -ENOTSUP;
}
