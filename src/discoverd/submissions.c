/* SPDX-License-Identifier: ISC
 * submissions: what local programs submitted on minissdpd's socket, kept while a program
 * answers at its LOCATION. */
#include "discoverd/submissions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "net/tcp_probe.h"
#include "wire/url.h"
#include "wire/usn.h"

enum { SERVER_MAX = 256, ROOT = 0 };

enum { SUBMITTED, REPLACED, INVALID, FULL, USER, WITHDRAWN, PROBES, COUNTERS };
static const char *const COUNTER_NAMES[COUNTERS] = {
    [SUBMITTED] = "submitted",
    [REPLACED] = "replaced",
    [INVALID] = "refused-invalid",
    [FULL] = "refused-full",
    [USER] = "refused-user",
    [WITHDRAWN] = "withdrawn",
    [PROBES] = "probes",
};

/* Where one program is reached. */
struct place {
	struct submissions *owner;
	struct place *next;
	struct address_port at;
	size_t held; /* submissions with it */
	unsigned failures;
	struct instant due;
	struct tcp_probe *probe; /* NULL: none runs */
};

/* The texts stand behind it. */
struct held {
	struct submission said;
	uint32_t uid; /* of the program */
	struct place *place;
	char texts[];
};

struct submissions {
	struct loop *loop;
	struct submissions_listener listener;
	struct held *items[SUBMISSIONS_MAX];
	size_t count;
	struct place *places;
	unsigned probing;
	struct counter counters[COUNTERS];
};

/* What is taken over of a submission, before there is memory for it. */
struct draft {
	struct submission said;
	uint32_t uid;
	struct address_port at;
	char usn[SUBMISSION_TARGET_MAX + sizeof("::")], server[SERVER_MAX];
};

struct submissions *submissions_new(struct loop *loop, const struct submissions_listener *listener)
{
	struct submissions *submissions = calloc(1, sizeof(*submissions));

	if (!submissions)
		return NULL;
	submissions->loop = loop;
	submissions->listener = *listener;
	counters_init(submissions->counters, COUNTER_NAMES, COUNTERS);
	return submissions;
}

/* The last submission takes the place with it. */
static void leave_place(struct submissions *submissions, struct place *place)
{
	struct place **at = &submissions->places;

	if (--place->held)
		return;
	while (*at != place)
		at = &(*at)->next;
	*at = place->next;
	if (place->probe)
		submissions->probing--;
	tcp_probe_cancel(place->probe);
	free(place);
}

void submissions_free(struct submissions *submissions)
{
	if (!submissions)
		return;
	for (size_t i = 0; i < submissions->count; i++) {
		leave_place(submissions, submissions->items[i]->place);
		free(submissions->items[i]);
	}
	free(submissions);
}

/* One more submission is at home there. NULL when out of memory. */
static struct place *enter_place(
    struct submissions *submissions, struct instant now, const struct address_port *at)
{
	struct place *place = submissions->places;

	while (place && !address_port_equal(&place->at, at))
		place = place->next;
	if (!place) {
		place = calloc(1, sizeof(*place));
		if (!place)
			return NULL;
		place->owner = submissions;
		place->at = *at;
		place->next = submissions->places;
		submissions->places = place;
	}
	/* its program has just spoken */
	place->failures = 0;
	place->due = instant_add(now, SUBMISSIONS_INTERVAL);
	place->held++;
	return place;
}

/* Visible ASCII without a blank, as it goes into a header line. */
static bool is_target(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.bytes[i] <= ' ' || text.bytes[i] > '~')
			return false;
	return text.len > 0 && text.len <= SUBMISSION_TARGET_MAX;
}

/* A host that others can be told of: numeric, and no address that means another host to each. */
static bool read_location(struct slice location, struct address_port *at)
{
	struct url url;

	if (url_parse(location, &url) < 0 || !slice_equal_nocase(url.scheme, SLICE("http")) ||
	    address_parse(url.host, &at->address) < 0 || url.zone.len || !url.port)
		return false;
	at->port = url.port;
	return address_is_unicast(&at->address) && !address_is_loopback(&at->address) &&
	       (at->address.family == ADDRESS_IPV4 || !address_is_link_local(&at->address));
}

/* minidlna puts its version behind every ST, also behind this one. */
static struct slice without_version(struct slice st)
{
	struct slice root = SLICE("upnp:rootdevice");
	struct slice base = minissdpd_type_base(st);

	return slice_equal(base, root) ? base : st;
}

/* UDA 2.0, 1.2.2; minidlna says "uuid:X::uuid:X" where "uuid:X" is meant. */
static bool read_usn(const struct submission *submission, struct draft *draft)
{
	struct usn usn = usn_split(submission->usn);
	struct slice target = usn.target.len ? usn.target : usn.udn;
	struct writer w;

	if (!is_target(submission->st) || !is_target(submission->usn) || !usn.udn.len ||
	    !usn.uuid.len || !slice_equal(target, submission->st))
		return false;
	draft->said.st = without_version(target);
	writer_init(&w, draft->usn, sizeof(draft->usn));
	writer_slice(&w, usn.udn);
	if (!slice_equal(draft->said.st, usn.udn)) {
		writer_text(&w, "::");
		writer_slice(&w, draft->said.st);
	}
	draft->said.usn = writer_result(&w);
	return writer_error(&w) == 0;
}

static bool read_submission(const struct submission *submission, struct draft *draft)
{
	if (!read_usn(submission, draft) || !read_location(submission->location, &draft->at))
		return false;
	draft->said.location = submission->location;
	draft->said.server.bytes = draft->server;
	draft->said.server.len =
	    text_clean(submission->server, draft->server, sizeof(draft->server));
	return true;
}

static void copy_text(struct slice *text, char **at)
{
	if (text->len)
		memcpy(*at, text->bytes, text->len);
	text->bytes = *at;
	*at += text->len;
}

/* NULL when out of memory. */
static struct held *held_new(
    struct submissions *submissions, struct instant now, const struct draft *draft)
{
	const struct submission *said = &draft->said;
	size_t len = said->st.len + said->usn.len + said->server.len + said->location.len;
	struct held *held = malloc(sizeof(*held) + len);
	char *at;

	if (!held)
		return NULL;
	held->said = *said;
	held->uid = draft->uid;
	held->place = enter_place(submissions, now, &draft->at);
	if (!held->place) {
		free(held);
		return NULL;
	}
	at = held->texts;
	copy_text(&held->said.st, &at);
	copy_text(&held->said.usn, &at);
	copy_text(&held->said.server, &at);
	copy_text(&held->said.location, &at);
	return held;
}

static void drop(struct submissions *submissions, struct held *held)
{
	leave_place(submissions, held->place);
	free(held);
}

static size_t find(const struct submissions *submissions, const struct submission *like)
{
	size_t i = 0;

	while (
	    i < submissions->count && (!slice_equal(submissions->items[i]->said.usn, like->usn) ||
					  !slice_equal(submissions->items[i]->said.st, like->st)))
		i++;
	return i;
}

static bool is_same(const struct submission *a, const struct submission *b)
{
	return slice_equal(a->location, b->location) && slice_equal(a->server, b->server);
}

static int refuse(struct submissions *submissions, size_t count, int error)
{
	submissions->counters[count].value++;
	return error;
}

/* The new one is there before the old one goes, so that their place need not be made anew. */
static int replace(
    struct submissions *submissions, struct instant now, size_t number, const struct draft *draft)
{
	const struct submissions_listener *listener = &submissions->listener;
	struct held *former = submissions->items[number];
	struct held *held = held_new(submissions, now, draft);

	if (!held)
		return -ENOMEM;
	submissions->items[number] = held;
	if (!is_same(&former->said, &held->said)) {
		submissions->counters[REPLACED].value++;
		listener->gone(listener->context, &former->said);
		listener->came(listener->context, &held->said);
	}
	drop(submissions, former);
	return 0;
}

static unsigned count_of_user(const struct submissions *submissions, uint32_t uid)
{
	unsigned count = 0;

	for (size_t i = 0; i < submissions->count; i++)
		count += submissions->items[i]->uid == uid;
	return count;
}

int submissions_take(struct submissions *submissions, struct instant now, uint32_t uid,
    const struct submission *submission)
{
	const struct submissions_listener *listener = &submissions->listener;
	struct draft draft = {.uid = uid};
	struct held *held;
	size_t number;

	if (!read_submission(submission, &draft))
		return refuse(submissions, INVALID, -EINVAL);
	number = find(submissions, &draft.said);
	if (number < submissions->count && uid != ROOT && uid != submissions->items[number]->uid)
		return refuse(submissions, USER, -EACCES);
	if (number < submissions->count)
		return replace(submissions, now, number, &draft);
	if (uid != ROOT && count_of_user(submissions, uid) == SUBMISSIONS_PER_USER_MAX)
		return refuse(submissions, USER, -EDQUOT);
	if (number == SUBMISSIONS_MAX)
		return refuse(submissions, FULL, -ENOSPC);
	held = held_new(submissions, now, &draft);
	if (!held)
		return -ENOMEM;
	submissions->items[submissions->count++] = held;
	submissions->counters[SUBMITTED].value++;
	listener->came(listener->context, &held->said);
	return 0;
}

size_t submissions_count(const struct submissions *submissions)
{
	return submissions->count;
}

const struct submission *submissions_at(const struct submissions *submissions, size_t number)
{
	return number < submissions->count ? &submissions->items[number]->said : NULL;
}

static void withdraw(struct submissions *submissions, struct place *place)
{
	const struct submissions_listener *listener = &submissions->listener;
	size_t left = place->held;

	for (size_t i = submissions->count; left > 0 && i-- > 0;) {
		struct held *held = submissions->items[i];

		if (held->place != place)
			continue;
		left--;
		submissions->count--;
		memmove(&submissions->items[i], &submissions->items[i + 1],
		    (submissions->count - i) * sizeof(submissions->items[0]));
		submissions->counters[WITHDRAWN].value++;
		listener->gone(listener->context, &held->said);
		drop(submissions, held);
	}
}

static void judge(struct submissions *submissions, struct instant now, struct place *place,
    enum tcp_probe_state state)
{
	char text[ADDRESS_TEXT_MAX];

	if (state == TCP_PROBE_OPEN)
		place->failures = 0;
	else if (state != TCP_PROBE_UNREACHABLE)
		place->failures++;
	place->due = instant_add(now, place->failures ? SUBMISSIONS_HASTE : SUBMISSIONS_INTERVAL);
	if (place->failures < SUBMISSIONS_FAILURES)
		return;
	log_notice(
	    "%s port %u does not answer any more: what was submitted from there is withdrawn",
	    address_text(&place->at.address, text), place->at.port);
	withdraw(submissions, place);
}

static void probed(void *context, const struct tcp_probe_result *result)
{
	struct place *place = context;
	struct submissions *submissions = place->owner;

	place->probe = NULL;
	submissions->probing--;
	judge(submissions, loop_now(submissions->loop), place, result->state);
}

/* A probe that cannot begin, for want of descriptors, is tried again at the next time. */
static void probe(struct submissions *submissions, struct instant now, struct place *place)
{
	if (tcp_probe_start(submissions->loop, &place->at, 0, SUBMISSIONS_TIMEOUT, probed, place,
		&place->probe) == 0) {
		submissions->counters[PROBES].value++;
		submissions->probing++;
	} else {
		place->probe = NULL;
		judge(submissions, now, place, TCP_PROBE_UNREACHABLE);
	}
}

void submissions_advance(struct submissions *submissions, struct instant now)
{
	for (struct place *place = submissions->places;
	     place && submissions->probing < SUBMISSIONS_PROBES_MAX; place = place->next)
		if (!place->probe && instant_due(place->due, now))
			probe(submissions, now, place);
}

struct instant submissions_deadline(const struct submissions *submissions)
{
	struct instant deadline = INSTANT_NEVER;

	if (submissions->probing == SUBMISSIONS_PROBES_MAX)
		return deadline;
	for (const struct place *place = submissions->places; place; place = place->next)
		if (!place->probe)
			deadline = instant_earlier(deadline, place->due);
	return deadline;
}

struct counter_group submissions_counters(const struct submissions *submissions)
{
	return (struct counter_group){"submissions", submissions->counters, COUNTERS};
}
