/* SPDX-License-Identifier: ISC
 * minissdpd_session: cuts what arrives into requests, serves them in order, and reports changes to
 * watchers. */
#include "control/minissdpd_session.h"
#include "control/byte_queue.h"
#include "control/minissdpd_entries.h"
#include <errno.h>
#include <stdlib.h>

#define HALF_REQUEST_TIME SECONDS(5)

const char *const MINISSDPD_COUNTER_NAMES[MINISSDPD_COUNTERS] = {
    [MINISSDPD_REQUESTS] = "requests",
    [MINISSDPD_MALFORMED] = "malformed",
    [MINISSDPD_TRUNCATED_REPLIES] = "truncated-replies",
    [MINISSDPD_NOT_PERMITTED] = "submissions-not-permitted",
    [MINISSDPD_REFUSED] = "submissions-refused",
    [MINISSDPD_SLOW_WATCHERS] = "slow-watchers",
};

struct minissdpd_session {
	struct session base;
	const struct minissdpd_host *host;
	struct control_peer peer;
	struct byte_queue in, out;
	struct instant half_expires; /* of a request whose end has not come */
	bool waiting;                /* a whole request may wait for its turn */
	bool watches;
	bool ended;  /* the client sends no more */
	bool broken; /* nothing more is taken from it … */
	bool lost;   /* … nor given to it */
};

static struct session *create(const void *host, const struct control_peer *peer)
{
	struct minissdpd_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->base.type = &MINISSDPD_SESSION;
	session->host = host;
	session->peer = *peer;
	session->half_expires = INSTANT_NEVER;
	return &session->base;
}

static struct minissdpd_session *self(struct session *session)
{
	return (struct minissdpd_session *)session;
}

static const struct minissdpd_session *const_self(const struct session *session)
{
	return (const struct minissdpd_session *)session;
}

static void destroy(struct session *base)
{
	struct minissdpd_session *session = self(base);

	byte_queue_fini(&session->in);
	byte_queue_fini(&session->out);
	free(session);
}

static void counted(struct minissdpd_session *session, enum minissdpd_count count)
{
	session->host->counters[count].value++;
}

/* What is being served may borrow from `in` still. */
static void break_off(struct minissdpd_session *session)
{
	session->broken = true;
	session->waiting = false;
	session->half_expires = INSTANT_NEVER;
}

static void lose(struct minissdpd_session *session)
{
	break_off(session);
	session->lost = true;
	byte_queue_fini(&session->out);
}

/* Half a reply would make nonsense of what follows. */
static void reply(struct minissdpd_session *session, struct slice bytes)
{
	if (byte_queue_append(&session->out, bytes) < 0)
		lose(session);
}

static void reply_version(struct minissdpd_session *session)
{
	char buffer[128];
	struct writer w;

	writer_init(&w, buffer, sizeof(buffer));
	minissdpd_string_format(slice_of(session->host->version), &w);
	reply(session, writer_result(&w));
}

static bool matches(const struct minissdpd_request *request, const struct minissdpd_entry *entry)
{
	switch (request->type) {
	case MINISSDPD_BY_TYPE:
		return slice_starts_with(entry->st, minissdpd_type_base(request->text));
	case MINISSDPD_BY_USN:
		return slice_starts_with(entry->usn, request->text);
	default:
		return true;
	}
}

struct list {
	const struct minissdpd_request *request;
	struct writer w; /* behind the byte that counts */
	unsigned count;
	bool truncated;
};

/* Ends with the first entry that matches and has no room. */
static void list_entry(struct list *list, const struct minissdpd_entry *entry)
{
	if (list->truncated || !matches(list->request, entry))
		return;
	if (list->count == MINISSDPD_REPLY_ENTRIES_MAX ||
	    minissdpd_entry_size(entry) > list->w.capacity - list->w.len) {
		list->truncated = true;
		return;
	}
	minissdpd_entry_format(entry, &list->w);
	list->count++;
}

static void list_device(struct list *list, const struct device *device)
{
	struct minissdpd_entries entries;
	struct minissdpd_entry entry;

	minissdpd_entries_begin(&entries, device);
	while (!list->truncated && minissdpd_entries_next(&entries, &entry))
		list_entry(list, &entry);
}

static void list_devices(struct list *list, struct table *table)
{
	struct table_cursor cursor;
	const struct device *device;

	table_cursor_open(&cursor, table);
	while (!list->truncated && (device = table_cursor_next(&cursor)))
		list_device(list, device);
	table_cursor_close(&cursor);
}

static void reply_list(struct minissdpd_session *session, const struct minissdpd_request *request)
{
	const struct minissdpd_host *host = session->host;
	char buffer[MINISSDPD_REPLY_MAX];
	struct list list = {.request = request};
	const struct submission *own;

	writer_init(&list.w, buffer + 1, sizeof(buffer) - 1);
	for (size_t i = 0; !list.truncated && (own = host->submission(host->context, i)); i++) {
		struct minissdpd_entry entry = {own->location, own->st, own->usn};
		list_entry(&list, &entry);
	}
	list_devices(&list, host->table);
	if (list.truncated)
		counted(session, MINISSDPD_TRUNCATED_REPLIES);
	buffer[0] = (char)list.count;
	reply(session, (struct slice){buffer, 1 + list.w.len});
}

/* A submission that is refused does not end the connection: the program may submit others. */
static void submit(
    struct minissdpd_session *session, struct instant now, const struct minissdpd_request *request)
{
	const struct minissdpd_host *host = session->host;

	if (!session->peer.may_change) {
		counted(session, MINISSDPD_NOT_PERMITTED);
		break_off(session);
	} else if (host->submit(host->context, now, &session->peer, &request->submission) < 0) {
		counted(session, MINISSDPD_REFUSED);
	}
}

static void serve_one(
    struct minissdpd_session *session, struct instant now, const struct minissdpd_request *request)
{
	counted(session, MINISSDPD_REQUESTS);
	switch (request->type) {
	case MINISSDPD_VERSION:
		reply_version(session);
		break;
	case MINISSDPD_BY_TYPE:
	case MINISSDPD_BY_USN:
	case MINISSDPD_ALL:
		reply_list(session, request);
		break;
	case MINISSDPD_SUBMIT:
		submit(session, now, request);
		break;
	case MINISSDPD_NOTIFY:
		session->watches = true;
		reply(session, SLICE("\0"));
		break;
	default:
		reply(session, SLICE("\0"));
		break;
	}
}

/* True when a whole request waits. */
static bool look(struct minissdpd_session *session, struct minissdpd_request *request, size_t *len)
{
	int error = minissdpd_request_parse(byte_queue_peek(&session->in), request, len);

	session->waiting = !error;
	if (error && error != -EAGAIN) {
		counted(session, MINISSDPD_MALFORMED);
		break_off(session);
	}
	return !error;
}

/* Serves the request in front. A list may take a walk over the whole table, and a request three
 * bytes: others have their turn before the next one. The time of half a request begins with its
 * first byte, or with the end of the one before. */
static void serve(struct minissdpd_session *session, struct instant now)
{
	struct minissdpd_request request;
	size_t len;

	if (look(session, &request, &len)) {
		session->half_expires = INSTANT_NEVER;
		serve_one(session, now, &request);
		byte_queue_skip(&session->in, len);
		session->waiting = !session->broken && session->in.len;
	} else if (session->in.len && !session->broken && instant_is_never(session->half_expires)) {
		session->half_expires = instant_add(now, HALF_REQUEST_TIME);
	}
}

static int feed(struct session *base, struct instant now, struct slice bytes)
{
	struct minissdpd_session *session = self(base);
	(void)now;

	if (!bytes.len || session->broken)
		return 0;
	int error = session->in.len + bytes.len > MINISSDPD_INPUT_MAX
			? -EMSGSIZE
			: byte_queue_append(&session->in, bytes);
	if (error)
		break_off(session);
	else
		session->waiting = true;
	return error;
}

static void end(struct session *base)
{
	struct minissdpd_session *session = self(base);

	session->ended = true;
	session->half_expires = INSTANT_NEVER;
}

static void turn(struct session *base, struct instant now)
{
	struct minissdpd_session *session = self(base);

	if (!session->out.len && session->waiting)
		serve(session, now);
	/* EOF: cancel the partial-request timeout. */
	if (session->ended)
		session->half_expires = INSTANT_NEVER;
}

static size_t peek(const struct session *base, struct slice *parts, size_t max)
{
	const struct minissdpd_session *session = const_self(base);

	if (!session->out.len || !max)
		return 0;
	*parts = byte_queue_peek(&session->out);
	return 1;
}

static void sent(struct session *base, size_t len)
{
	byte_queue_skip(&self(base)->out, len);
}

static bool wants_turn(const struct session *base)
{
	const struct minissdpd_session *session = const_self(base);

	return session->out.len || session->waiting;
}

static bool is_idle(const struct session *base)
{
	const struct minissdpd_session *session = const_self(base);

	return !session->in.len && !session->out.len && !session->watches;
}

static bool is_done(const struct session *base)
{
	const struct minissdpd_session *session = const_self(base);

	return (session->ended || session->broken) && !wants_turn(base);
}

static bool is_lost(const struct session *base)
{
	return const_self(base)->lost;
}

bool minissdpd_session_watches(const struct session *base)
{
	const struct minissdpd_session *session = const_self(base);

	return session->watches && !session->ended && !session->broken;
}

void minissdpd_session_changed(
    struct session *base, enum minissdpd_kind kind, const struct minissdpd_entry *entry)
{
	struct minissdpd_session *session = self(base);
	char buffer[MINISSDPD_NOTICE_MAX];
	struct writer w;

	if (!minissdpd_session_watches(base))
		return;
	writer_init(&w, buffer, sizeof(buffer));
	minissdpd_notice_format(kind, entry, &w);
	if (writer_error(&w))
		return;
	if (session->out.len + w.len > MINISSDPD_QUEUE_MAX) {
		counted(session, MINISSDPD_SLOW_WATCHERS);
		lose(session);
		return;
	}
	reply(session, writer_result(&w));
}

/* Ends half requests older than HALF_REQUEST_TIME. */
static void advance(struct session *base, struct instant now)
{
	struct minissdpd_session *session = self(base);

	if (instant_due(session->half_expires, now))
		break_off(session);
}

static struct instant deadline(const struct session *base)
{
	return const_self(base)->half_expires;
}

const struct session_type MINISSDPD_SESSION = {
    .name = "minissdpd's socket",
    .remedy = "choose another path ([Control] minissdpd-socket)",
    .create = create,
    .destroy = destroy,
    .feed = feed,
    .end = end,
    .turn = turn,
    .peek = peek,
    .sent = sent,
    .wants_turn = wants_turn,
    .is_idle = is_idle,
    .is_done = is_done,
    .is_lost = is_lost,
    .advance = advance,
    .deadline = deadline,
};
