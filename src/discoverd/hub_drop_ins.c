/* SPDX-License-Identifier: ISC
 * hub_drop_ins: what files announce, followed while they come, change and go. */
#include "discoverd/hub_parts.h"

#include <errno.h>
#include <string.h>

#include "discoverd/config_files.h"

static int announce(void *context, struct announced_tree *tree)
{
	return hub_announce(context, tree);
}

static void withdraw(void *context, uint64_t number)
{
	hub_withdraw(context, number);
}

/* Wrong files are told in the log and leave all others as they are. */
static void read_files(struct hub *hub, bool all, config_error_fn *error, void *context)
{
	if (drop_ins_read(hub->drop_ins, all, error, context) == -ENOMEM)
		log_error("cannot read %s: out of memory", drop_ins_directory(hub->drop_ins));
}

static void warn_unless_followed(const struct hub *hub, int result)
{
	if (result)
		log_warning("cannot follow changes in %s: %s; a reload reads them",
		    drop_ins_directory(hub->drop_ins), strerror(-result));
}

int hub_offer(struct hub *hub)
{
	int result = hub_introduce(hub);

	if (!result)
		drop_ins_announce(hub->drop_ins);
	return result;
}

static void changed(void *context)
{
	struct hub *hub = context;
	int result;

	read_files(hub, false, config_files_log_mistake, NULL);
	result = hub_offer(hub);
	if (result)
		log_error("cannot announce what files say: %s", strerror(-result));
}

int hub_drop_ins_open(struct hub *hub)
{
	struct drop_ins_host host = {
	    .config = &hub->config,
	    .identity = &hub->identity,
	    .announcement = &hub->announcement,
	    .context = hub,
	    .announce = announce,
	    .withdraw = withdraw,
	};

	hub->drop_ins = drop_ins_new(hub->options->config_file, &host);
	if (!hub->drop_ins)
		return -ENOMEM;
	/* first the watch: what changes after the reading is seen */
	warn_unless_followed(hub, file_watch_open(hub->loop, drop_ins_directory(hub->drop_ins),
				      changed, hub, &hub->file_watch));
	read_files(hub, true, config_files_log_mistake, NULL);
	return 0;
}

void hub_drop_ins_reload(struct hub *hub, config_error_fn *error, void *context)
{
	if (hub->file_watch)
		warn_unless_followed(hub, file_watch_renew(hub->file_watch));
	read_files(hub, true, error, context);
}
