/* SPDX-License-Identifier: ISC
 * hub_minissdpd: what programs on minissdpd's socket may see of the daemon and submit to it. */
#include "discoverd/hub_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
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

/* Gives the only device of a tree the one target that was submitted. 0 or -ENOMEM. */
static int fill_piece(struct announced_device *device, const struct submission *submission)
{
	device->udn = slice_dup(usn_split(submission->usn).udn);
	char *type = slice_dup(submission->st);
	int result = device->udn && type ? 0 : -ENOMEM;

	device->parts = 0;
	if (slice_equal(submission->st, SLICE("upnp:rootdevice")))
		device->parts = ANNOUNCED_AS_ROOT;
	else if (slice_equal_nocase(submission->st, slice_of(device->udn)))
		device->parts = ANNOUNCED_BY_UUID;
	else if (!result && urn_is_service(submission->st))
		result = announced_device_add_service(device, type, NULL);
	else
		device->parts = ANNOUNCED_BY_TYPE;
	if (device->parts == ANNOUNCED_BY_TYPE)
		device->type = type;
	else
		free(type);
	return result;
}

/* NULL when out of memory. */
static struct announced_tree *tree_of(const struct submission *submission)
{
	struct announced_tree *tree = announced_tree_new();
	struct announced_device *device = tree ? announced_tree_add_device(tree, 0) : NULL;

	if (device && fill_piece(device, submission) == 0) {
		tree->source = "minissdpd";
		tree->location = slice_dup(submission->location);
		tree->server = submission->server.len ? slice_dup(submission->server) : NULL;
		if (tree->location && (tree->server || !submission->server.len))
			return tree;
	}
	announced_tree_free(tree);
	return NULL;
}

static bool is_piece_of(const struct announced_tree *tree, const struct submission *submission)
{
	return !announced_tree_is_whole(tree) &&
	       announced_tree_has_udn(tree, usn_split(submission->usn).udn) &&
	       slice_equal(slice_of(tree->location), submission->location);
}

/* Whether the only device of a tree carries this one target; asks for no memory, for what is taken
 * back must go whatever happens. */
static bool carries(const struct announced_tree *tree, struct slice target)
{
	const struct announced_device *device = &tree->devices[0];

	if (device->service_count)
		return slice_equal(slice_of(device->services[0].type), target);
	switch (device->parts) {
	case ANNOUNCED_AS_ROOT:
		return slice_equal(target, SLICE("upnp:rootdevice"));
	case ANNOUNCED_BY_UUID:
		return slice_equal_nocase(target, slice_of(device->udn));
	default:
		return slice_equal(slice_of(device->type), target);
	}
}

static void came(void *context, struct instant now, const struct submission *submission)
{
	struct hub *hub = context;
	struct announced_tree *tree = tree_of(submission);

	(void)now;
	/* one device has one BOOTID and CONFIGID, in however many pieces it is submitted */
	for (size_t i = 0; tree && i < hub->announcement.tree_count; i++) {
		const struct announced_tree *other = hub->announcement.trees[i];
		if (!is_piece_of(other, submission))
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

static void gone(void *context, struct instant now, const struct submission *submission)
{
	struct hub *hub = context;

	(void)now;
	for (size_t i = hub->announcement.tree_count; i-- > 0;) {
		const struct announced_tree *tree = hub->announcement.trees[i];
		if (is_piece_of(tree, submission) && carries(tree, submission->st))
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
