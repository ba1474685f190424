/* SPDX-License-Identifier: ISC
 * error_name: what the tests of wire/ call the errors of its readers. */
#include "error_name.h"
#include "base/array.h"
#include <errno.h>
#include <stddef.h>

static const struct {
	int error;
	const char *name;
} NAMES[] = {
    {-E2BIG, "E2BIG"},
    {-EBADMSG, "EBADMSG"},
    {-EINVAL, "EINVAL"},
    {-EMSGSIZE, "EMSGSIZE"},
    {-ENOMSG, "ENOMSG"},
};

const char *error_name(int error)
{
	for (size_t i = 0; i < COUNT_OF(NAMES); i++)
		if (NAMES[i].error == error)
			return NAMES[i].name;
	return "an error without a row in NAMES";
}
