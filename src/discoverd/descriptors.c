/* SPDX-License-Identifier: ISC
 * descriptors: see descriptors.h. */
#include "discoverd/descriptors.h"

#include <limits.h>
#include <sys/resource.h>

#include "base/log.h"
#include "control/session.h"
#include "core/core.h"
#include "discoverd/submissions.h"
#include "net/fetch.h"
#include "net/http_server.h"
#include "net/prober.h"

enum {
	SPARE = 16,
	STANDARD = 3,
	LOOP = 4,          /* epoll, its timer, a pair for signals */
	LOG = 2,           /* journal, service manager */
	NETLINK = 3,       /* interfaces, neighbours; one for the name of a namespace, … */
	NAMESPACE = 1,     /* … which is open meanwhile */
	PINGS = FAMILIES,  /* beside the prober's own sockets */
	FILES = 3,         /* inotify; a directory and a file in it */
	SAVER = 2,         /* the directory and the file while it is written */
	LEASE_FILE = 1,    /* one is read at a time */
	ONE_TOO_MANY = 1,  /* accepted to be refused */
	MANY_LINKS = 1100, /* 500 links, with two IPv6 sockets each */
};

/* A Unix socket: privileged users have places beyond the others'. */
static unsigned socket_needs(const struct config *config)
{
	return 1 + config->control.max_clients + config->control.max_clients_per_user +
	       ONE_TOO_MANY;
}

/* Where groups are joined on many links, a shared socket may become several. */
static unsigned sockets_of_row(const struct engine_sockets *needs)
{
	return (needs->ipv6 ? FAMILIES : 1) * (needs->ephemeral + 1);
}

static unsigned sockets_of(const struct engine_type *type, const struct config *config)
{
	struct engine_sockets needs[ENGINE_SOCKETS_MAX];
	size_t rows = type->sockets(config, needs);
	unsigned count = 0;

	for (size_t i = 0; i < rows; i++)
		count += sockets_of_row(&needs[i]);
	return count;
}

unsigned descriptors_needed(const struct config *config)
{
	unsigned count = SPARE + STANDARD + LOOP + LOG + NETLINK + NAMESPACE + FILES + SAVER +
			 LEASE_FILE + PROBER_SOCKETS_MAX + PINGS;

	count += (unsigned)config->table.lease_files.count; /* inotify */
	for (size_t i = 0; CORE_ENGINES[i]; i++)
		count += CORE_ENGINES[i]->enabled(config) ? sockets_of(CORE_ENGINES[i], config) : 0;
	if (config->http.enabled)
		count += FAMILIES + HTTP_SERVER_CONNECTIONS_MAX + ONE_TOO_MANY;
	if (config->http.fetch)
		count += FETCH_MAX;
	count += socket_needs(config);
	if (config->control.minissdpd_socket)
		count += socket_needs(config) + SUBMISSIONS_PROBES_MAX;
	return count;
}

void descriptors_provide(const struct config *config)
{
	rlim_t needed = descriptors_needed(config), wanted = needed + MANY_LINKS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	/* the unit allows no change: there both are the same */
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < needed)
		log_warning("the limit of open files is %llu and all that is configured may need "
			    "%llu; raise it (LimitNOFILE= of the unit) or lower max-clients",
		    (unsigned long long)limit.rlim_cur, (unsigned long long)needed);
}

unsigned descriptors_for_links(const struct config *config)
{
	rlim_t needed = descriptors_needed(config);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur <= needed)
		return 1;
	return limit.rlim_cur - needed < INT_MAX ? (unsigned)(limit.rlim_cur - needed) : INT_MAX;
}
