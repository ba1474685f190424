/* SPDX-License-Identifier: ISC
 * hub_minissdpd: what programs on minissdpd's socket may see of the daemon and submit to it. */
#include "discoverd/hub_parts.h"

#include <errno.h>

#include "config.h"

static const struct submission *submission(void *context, size_t number)
{
	struct hub *hub = context;

	return submissions_at(hub->submissions, number);
}

static int submit(void *context, struct instant now, const struct submission *submission)
{
	struct hub *hub = context;

	return submissions_take(hub->submissions, now, submission);
}

static void came(void *context, struct instant now, const struct submission *submission)
{
	struct hub *hub = context;

	(void)now;
	minissdpd_socket_submitted(hub->minissdpd_socket, MINISSDPD_NEW, submission);
}

static void gone(void *context, struct instant now, const struct submission *submission)
{
	struct hub *hub = context;

	(void)now;
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
