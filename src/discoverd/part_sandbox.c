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
#include "wire/xml_encodings.h"

struct sandbox_part {
	struct xml_encodings *encodings; /* the code that converts them */
};

/* What the C library would read later. 0 or -ENOMEM. */
static int load_ahead(struct sandbox_part *part)
{
	tzset();
	part->encodings = xml_encodings_load();
	return part->encodings ? 0 : -ENOMEM;
}

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

static int open_sandbox(struct hub *hub, void **state)
{
	struct sandbox_part *part;
	int files, calls;

	hub->sandbox = "none";
	if (!hub->options->sandbox) {
		log_notice("no sandbox, as this discoverd was started or built without one");
		return 0;
	}
	*state = part = calloc(1, sizeof(*part));
	if (!part || load_ahead(part))
		return -ENOMEM;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	files = restrict_files(hub);
	calls = call_filter_enforce();
	explain("files", "this kernel has no Landlock", files);
	explain("system calls", "no libseccomp here, or no filters in this kernel", calls);
	hub->sandbox = !files && !calls ? "full"
		       : !files         ? "files"
		       : !calls         ? "system-calls"
					: "none";
	return 0;
}

static void close_sandbox(void *state)
{
	struct sandbox_part *part = state;

	xml_encodings_free(part->encodings);
	free(part);
}

const struct part SANDBOX_PART = {
    .name = "sandbox",
    .open = open_sandbox,
    .close = close_sandbox,
};
