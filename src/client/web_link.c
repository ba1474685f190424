/* SPDX-License-Identifier: ISC
 * web_link: see web_link.h. */
#include "client/web_link.h"

bool web_link_allowed(struct slice url)
{
	if (!slice_starts_with_nocase(url, SLICE("http://")) &&
	    !slice_starts_with_nocase(url, SLICE("https://")))
		return false;
	for (size_t i = 0; i < url.len; i++)
		if ((unsigned char)url.bytes[i] <= ' ' || url.bytes[i] == 0x7f)
			return false;
	return true;
}
