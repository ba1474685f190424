/* SPDX-License-Identifier: ISC
 * part_minissdpd: minissdpd's socket, where it is configured, and what programs submit there. */
#include "discoverd/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/log.h"
#include "config.h"
#include "control/minissdpd_news.h"
#include "control/minissdpd_session.h"
#include "core/core_offers.h"
#include "discoverd/local_socket.h"
#include "discoverd/submission_tree.h"
#include "discoverd/submissions.h"
#include "model/offers.h"
#include "net/stream_server.h"
#include "wire/usn.h"

enum { STREAM_COUNTERS_MAX = 8 };

/* A submission that is announced. */
struct announced_piece {
	LIST_ENTRY(announced_piece) link;
	uint64_t number; /* of core_offer() */
};

struct minissdpd_part {
	struct hub *hub;
	struct minissdpd_host host;
	struct submissions *submissions;
	LIST_HEAD(, announced_piece) pieces;
	struct local_socket *socket;
	struct minissdpd_news *news; /* NULL while no client watches */
	/* of the sessions, and behind them those of the connections */
	struct counter counters[MINISSDPD_COUNTERS + STREAM_COUNTERS_MAX];
};

struct entry_news {
	enum minissdpd_kind kind;
	const struct minissdpd_entry *entry;
};

static void tell_session(void *context, struct session *session)
{
	const struct entry_news *news = context;

	if (minissdpd_session_watches(session))
		minissdpd_session_changed(session, news->kind, news->entry);
}

static void tell(void *context, enum minissdpd_kind kind, const struct minissdpd_entry *entry)
{
	struct minissdpd_part *part = context;

	if (part->socket)
		local_socket_each(part->socket, tell_session, &(struct entry_news){kind, entry});
}

static void tell_submission(
    struct minissdpd_part *part, enum minissdpd_kind kind, const struct submission *submission)
{
	struct minissdpd_entry entry = {submission->location, submission->st, submission->usn};

	tell(part, kind, &entry);
}

static const struct submission *submission_at(void *context, size_t number)
{
	struct minissdpd_part *part = context;

	return submissions_at(part->submissions, number);
}

/* A device that is announced whole already, by itself or by us, is not announced in pieces besides.
 */
static int submit(void *context, struct instant now, const struct control_peer *peer,
    const struct submission *submission)
{
	struct minissdpd_part *part = context;
	struct usn usn = usn_split(submission->usn);
	const struct offer *offer = offers_find_udn(core_offers(part->hub->core), usn.udn);

	if (offer && offer_is_whole(offer))
		return -EEXIST;
	return submissions_take(part->submissions, now, peer->uid, submission);
}

static int announce(struct minissdpd_part *part, const struct submission *submission)
{
	struct hub *hub = part->hub;
	struct offer *offer = submission_tree_new(submission);
	struct announced_piece *piece = calloc(1, sizeof(*piece));
	struct core_offered offered;
	int result = -ENOMEM;

	if (offer && piece)
		result = core_offer(hub->core, loop_now(hub->loop), offer, &offered);
	else
		offer_free(offer);
	if (result) {
		free(piece);
		return result;
	}
	piece->number = offered.number;
	LIST_INSERT_HEAD(&part->pieces, piece, link);
	return 0;
}

static void came(void *context, const struct submission *submission)
{
	struct minissdpd_part *part = context;
	int result = announce(part, submission);

	if (result)
		log_error(
		    "%.*s is not announced: %s", SLICE_ARGS(submission->usn), strerror(-result));
	tell_submission(part, MINISSDPD_NEW, submission);
}

static void gone(void *context, const struct submission *submission)
{
	struct minissdpd_part *part = context;
	struct hub *hub = part->hub;
	struct announced_piece *piece = LIST_FIRST(&part->pieces), *next;

	for (; piece; piece = next) {
		const struct offer *offer = core_find_offer(hub->core, piece->number);

		next = LIST_NEXT(piece, link);
		if (offer && !submission_tree_is_of(offer, submission))
			continue;
		core_withdraw(hub->core, loop_now(hub->loop), piece->number);
		LIST_REMOVE(piece, link);
		free(piece);
	}
	tell_submission(part, MINISSDPD_REMOVE, submission);
}

static int open_socket(struct minissdpd_part *part, const struct config *config)
{
	struct stream_server_options options = {
	    .path = config->control.minissdpd_socket,
	    .inherited_fd = -1,
	    .max_clients = config->control.max_clients,
	    .max_clients_per_user = config->control.max_clients_per_user,
	};

	part->host = (struct minissdpd_host){
	    .context = part,
	    .table = core_table(part->hub->core),
	    .version = "discoverd/" PACKAGE_VERSION,
	    .submission = submission_at,
	    .submit = submit,
	    .counters = part->counters,
	};
	counters_init(part->counters, MINISSDPD_COUNTER_NAMES, MINISSDPD_COUNTERS);
	return local_socket_open(
	    part->hub->loop, &options, &MINISSDPD_SESSION, &part->host, &part->socket);
}

static int open_minissdpd(struct hub *hub, void **state)
{
	const struct config *config = core_config(hub->core);
	struct minissdpd_part *part;
	struct submissions_listener listener = {.came = came, .gone = gone};

	if (!config->control.minissdpd_socket)
		return 0;
	*state = part = calloc(1, sizeof(*part));
	if (!part)
		return -ENOMEM;
	part->hub = hub;
	LIST_INIT(&part->pieces);
	listener.context = part;
	part->submissions = submissions_new(hub->loop, &listener);
	return part->submissions ? open_socket(part, config) : -ENOMEM;
}

static void stop(void *state)
{
	struct minissdpd_part *part = state;

	local_socket_close(part->socket);
	part->socket = NULL;
}

static void close_minissdpd(void *state)
{
	struct minissdpd_part *part = state;
	struct announced_piece *piece;

	stop(part);
	submissions_free(part->submissions);
	while ((piece = LIST_FIRST(&part->pieces))) {
		LIST_REMOVE(piece, link);
		free(piece);
	}
	minissdpd_news_free(part->news);
	free(part);
}

static void look_for_watcher(void *context, struct session *session)
{
	bool *watched = context;

	*watched |= minissdpd_session_watches(session);
}

static void changed(void *state, struct instant now, const struct table_change *change)
{
	struct minissdpd_part *part = state;
	bool watched = false;
	(void)now;

	if (part->socket)
		local_socket_each(part->socket, look_for_watcher, &watched);
	if (!watched) {
		minissdpd_news_free(part->news);
		part->news = NULL;
		return;
	}
	if (!part->news)
		part->news = minissdpd_news_new(&part->hub->key);
	if (part->news)
		minissdpd_news_changed(part->news, change, tell, part);
}

static void advance(void *state, struct instant now)
{
	struct minissdpd_part *part = state;

	submissions_advance(part->submissions, now);
	if (part->socket)
		local_socket_advance(part->socket, now);
}

static struct instant deadline(const void *state)
{
	const struct minissdpd_part *part = state;

	return instant_earlier(submissions_deadline(part->submissions),
	    part->socket ? local_socket_deadline(part->socket) : INSTANT_NEVER);
}

static int reload(void *state, config_error_fn *error, void *context)
{
	struct minissdpd_part *part = state;
	(void)error;
	(void)context;
	const struct config *config = core_config(part->hub->core);

	local_socket_set_caps(
	    part->socket, config->control.max_clients, config->control.max_clients_per_user);
	return 0;
}

static void files(const void *state, struct file_rules *rules)
{
	const struct minissdpd_part *part = state;
	const struct config *config = core_config(part->hub->core);

	file_rules_allow_beside(rules, config->control.minissdpd_socket, FILE_USE_REMOVE);
}

static bool counters(const void *state, size_t index, struct counter_group *group)
{
	const struct minissdpd_part *part = state;

	if (index == 1)
		*group = submissions_counters(part->submissions);
	if (index == 0) {
		/* copies of what the server counts stand behind the sessions' own */
		struct counter *all = (struct counter *)part->counters;
		struct counter_group streams = local_socket_counters(part->socket);
		size_t count = MINISSDPD_COUNTERS;

		for (size_t i = 0; i < streams.count && i < STREAM_COUNTERS_MAX; i++)
			all[count++] = streams.counters[i];
		*group = (struct counter_group){"minissdpd", all, count};
	}
	return index < 2;
}

const struct part MINISSDPD_PART = {
    .name = "minissdpd",
    .open = open_minissdpd,
    .stop = stop,
    .close = close_minissdpd,
    .changed = changed,
    .advance = advance,
    .deadline = deadline,
    .reload = reload,
    .files = files,
    .counters = counters,
};
