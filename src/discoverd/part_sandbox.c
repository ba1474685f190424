/* SPDX-License-Identifier: ISC
 * part_sandbox: takes from this process, once all is open, what a running daemon does not need. */
#include "discoverd/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/log.h"
#include "discoverd/call_filter.h"
#include "discoverd/config_files.h"
static int restrict_files(const struct hub *hub)
{
	struct file_rules rules;
	int result = file_rules_open(&rules);

	if (result)
		return result;
	config_files_allow(hub->options, &rules);
	file_rules_allow(&rules, hub->options->state_directory, FILE_USE_WRITE);
	for (size_t i = 0; hub->parts[i]; i++)
		if (hub->states[i] && hub->parts[i]->files)
			hub->parts[i]->files(hub->states[i], &rules);
	return file_rules_enforce(&rules);
}

static void explain(const char *what, const char *missing, int error)
{
	if (error)
		log_notice("the sandbox does not restrict %s: %s", what,
		    error == -ENOSYS || error == -EOPNOTSUPP || error == -EINVAL
			? missing
			: strerror(-error));
}

static void forbid_code(struct hub *hub)
{
	int error = call_filter_forbid_code();

	(void)hub;
	if (error)
		log_warning("the sandbox still allows to load code: %s", strerror(-error));
}

static int open_sandbox(struct hub *hub, void **state)
{
	int files, calls;
	(void)state;

	hub->sandbox = "none";
	if (!hub->options->sandbox) {
		log_notice("no sandbox, as this discoverd was started or built without one");
		return 0;
	}
	tzset(); /* the C library would read its file later */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	files = restrict_files(hub);
	calls = call_filter_enforce();
	if (!calls)
		hub->work.forbid_code = forbid_code;
	explain("files", "this kernel has no Landlock", files);
	explain("system calls", "no libseccomp here, or no filters in this kernel", calls);
	hub->sandbox = !files && !calls ? "full"
		       : !files         ? "files"
		       : !calls         ? "system-calls"
					: "none";
	return 0;
}

const struct part SANDBOX_PART = {
    .name = "sandbox",
    .open = open_sandbox,
};
