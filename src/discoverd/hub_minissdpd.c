/* SPDX-License-Identifier: ISC
 * hub_minissdpd: what programs on minissdpd's socket may see of the daemon and submit to it. */
#include "discoverd/hub_parts.h"

#include <errno.h>

#include "config.h"
#include "discoverd/submission_tree.h"
#include "wire/usn.h"

static const struct submission *submission(void *context, size_t number)
{
	struct hub *hub = context;

	return submissions_at(hub->submissions, number);
}

/* Who is announced whole already, by himself or by us, is not announced in pieces besides. */
static int submit(void *context, struct instant now, const struct submission *submission)
{
	struct hub *hub = context;
	struct usn usn = usn_split(submission->usn);
	const struct announced_tree *tree = announcement_find_udn(&hub->announcement, usn.udn);

	if (tree && announced_tree_is_whole(tree))
		return -EEXIST;
	return submissions_take(hub->submissions, now, submission);
}

static void came(void *context, const struct submission *submission)
{
	struct hub *hub = context;
	struct announced_tree *tree = submission_tree_new(submission);

	/* one device has one BOOTID and CONFIGID, in however many pieces it is submitted */
	for (size_t i = 0; tree && i < hub->announcement.tree_count; i++) {
		const struct announced_tree *other = hub->announcement.trees[i];
		if (!submission_tree_is_of_device(other, submission))
			continue;
		tree->boot_id = other->boot_id;
		tree->config_id = other->config_id;
	}
	if (!tree || hub_announce(hub, tree)) {
		log_error("out of memory: %.*s is not announced", SLICE_ARGS(submission->usn));
		announced_tree_free(tree);
	}
	minissdpd_socket_submitted(hub->minissdpd_socket, MINISSDPD_NEW, submission);
}

static void gone(void *context, const struct submission *submission)
{
	struct hub *hub = context;

	for (size_t i = hub->announcement.tree_count; i-- > 0;) {
		const struct announced_tree *tree = hub->announcement.trees[i];
		if (submission_tree_is_of(tree, submission))
			hub_withdraw(hub, tree->number);
	}
	minissdpd_socket_submitted(hub->minissdpd_socket, MINISSDPD_REMOVE, submission);
}

int hub_minissdpd_open(struct hub *hub)
{
	struct submissions_listener listener = {.context = hub, .came = came, .gone = gone};
	struct minissdpd_host host = {
	    .context = hub,
	    .table = hub->table,
	    .version = "discoverd/" PACKAGE_VERSION,
	    .submission = submission,
	    .submit = submit,
	};
	struct stream_server_options options = {
	    .path = hub->config.control.minissdpd_socket,
	    .inherited_fd = -1,
	    .max_clients = hub->config.control.max_clients,
	    .max_clients_per_user = hub->config.control.max_clients_per_user,
	};

	hub->submissions = submissions_new(hub->loop, &listener);
	if (!hub->submissions)
		return -ENOMEM;
	if (!options.path)
		return 0;
	return minissdpd_socket_open(
	    hub->loop, &options, &host, &hub->engine_context.key, &hub->minissdpd_socket);
}
