/* SPDX-License-Identifier: ISC
 * part_files: what the files of services.d announce, followed while they come, change and go. */
#include "discoverd/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/core_offers.h"
#include "discoverd/config_files.h"
#include "discoverd/drop_ins.h"
#include "net/file_watch.h"

struct files_part {
	struct hub *hub;
	struct drop_ins *drop_ins;
	struct file_watch *watch; /* NULL: the files are read at a reload only */
};

static int announce(void *context, struct offer *offer, uint64_t *number)
{
	struct hub *hub = context;
	struct core_offered offered;
	int result = core_offer(hub->core, loop_now(hub->loop), offer, &offered);

	*number = offered.number;
	return result;
}

static void withdraw(void *context, uint64_t number)
{
	struct hub *hub = context;

	core_withdraw(hub->core, loop_now(hub->loop), number);
}

/* Wrong files are reported in the log and leave all others as they are. */
static void read_files(struct files_part *part, bool all, config_error_fn *error, void *context)
{
	if (drop_ins_read(part->drop_ins, all, error, context) == -ENOMEM)
		log_error("cannot read %s: out of memory", drop_ins_directory(part->drop_ins));
}

static void warn_unless_followed(const struct files_part *part, int result)
{
	if (result)
		log_warning("cannot follow changes in %s: %s; a reload reads them",
		    drop_ins_directory(part->drop_ins), strerror(-result));
}

/* First this host's own device, which files extend, then devices of their own. */
static int offer_all(struct files_part *part)
{
	int result = core_renew_own(part->hub->core, loop_now(part->hub->loop));

	if (!result)
		drop_ins_announce(part->drop_ins);
	return result;
}

static void changed(void *context)
{
	struct files_part *part = context;
	int result;

	read_files(part, false, config_files_log_mistake, NULL);
	result = offer_all(part);
	if (result)
		log_error("cannot announce what files say: %s", strerror(-result));
}

static int extend(struct hub *hub, struct offer *own)
{
	const struct files_part *part = hub_part(hub, &FILES_PART);

	return drop_ins_extend(part->drop_ins, own);
}

static int open_files(struct hub *hub, void **state)
{
	struct files_part *part = calloc(1, sizeof(*part));
	struct drop_ins_host host = {
	    .config = core_config(hub->core),
	    .identity = &hub->who,
	    .core = hub->core,
	    .context = hub,
	    .announce = announce,
	    .withdraw = withdraw,
	};

	*state = part;
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	part->drop_ins = drop_ins_new(hub->options->config_file, &host);
	if (!part->drop_ins)
		return -ENOMEM;
	hub->work.extend = extend;
	/* first the watch: what changes after the reading is seen */
	warn_unless_followed(part, file_watch_open(hub->loop, drop_ins_directory(part->drop_ins),
				       changed, part, &part->watch));
	read_files(part, true, config_files_log_mistake, NULL);
	return offer_all(part);
}

static void close_files(void *state)
{
	struct files_part *part = state;

	part->hub->work.extend = NULL;
	file_watch_close(part->watch);
	drop_ins_free(part->drop_ins);
	free(part);
}

static int reload(void *state, config_error_fn *error, void *context)
{
	struct files_part *part = state;

	if (part->watch)
		warn_unless_followed(part, file_watch_renew(part->watch));
	read_files(part, true, error, context);
	return offer_all(part);
}

static void files(const void *state, struct file_rules *rules)
{
	const struct files_part *part = state;

	config_files_allow_directory(drop_ins_directory(part->drop_ins), rules);
}

const struct part FILES_PART = {
    .name = "files",
    .open = open_files,
    .close = close_files,
    .reload = reload,
    .files = files,
};
