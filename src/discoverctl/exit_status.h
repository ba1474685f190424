/* SPDX-License-Identifier: ISC
 * exit_status: how discoverctl ends, as discoverctl(1) promises. */
#ifndef DISCOVERCTL_EXIT_STATUS_H
#define DISCOVERCTL_EXIT_STATUS_H

enum exit_status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_UNREACHABLE = 3,
	STATUS_NOT_FOUND = 4,
	STATUS_NOT_ALLOWED = 5,
	STATUS_TIMED_OUT = 6,
	STATUS_INTERRUPTED = 130,
	/* Internal: standard output has no reader any more. Ends silently, with 0. */
	STATUS_UNREAD = 256,
};

#endif
