/* SPDX-License-Identifier: ISC
 * fleet_reader: see fleet_reader.h. */
#include "mqtt/fleet_reader.h"
#include "base/array.h"
#include "mqtt/fleet.h"
#include "mqtt/fleet_session.h"
#include "mqtt/topic.h"
#include "net/random_bytes.h"
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* As discoverctl(1) lists them. */
enum { DONE = 0, FAILED = 1, UNREACHABLE = 3, NOT_ALLOWED = 5, TIMED_OUT = 6 };

enum {
	FILTER_MAX = 2048,
	RECEIVE_MAX = 16 * 1024,
	BOARDS_AT_ONCE = 8, /* subscriptions without an answer */
	SEND_LIMIT_MS = 10000,
	/* From the last document that was retained: until all that is announced is taken to be
	 * there; until it is seen that no board is there; until no more of what is missing is
	 * expected. */
	QUIET_MS = 50,
	EMPTY_MS = 500,
	MISSING_MS = 2000,
	/* Changes that come together are reported together. */
	GATHER_MS = 250,
};

/* What is subscribed to, of all boards at once. Their documents follow board by board: mosquitto
 * sends what is retained while it handles the subscription, and drops what is more than its queue
 * and the buffers of the connection hold. */
static const char *const KINDS[] = {"state", "info"};

struct reader {
	const struct fleet_reader_options *options;
	struct loop *loop;
	struct broker *broker;
	struct fleet fleet;
	struct fleet_session *session;
	struct event readable, writable;
	bool writing;
	unsigned asked;          /* subscriptions without an answer */
	bool boards_known;       /* of this connection: which boards there are */
	bool answering;          /* it was once */
	bool lost;               /* and that was reported */
	struct instant limit;    /* for the first answer */
	struct instant last;     /* something retained came */
	struct instant check_at; /* whether all is there */
	struct instant turn_at;  /* the session has something to do; INSTANT_NEVER: nothing */
	int status;
};

static struct instant after_ms(struct instant start, int64_t ms)
{
	return instant_add(start, ms * SECONDS(1) / 1000);
}

static void stop(struct reader *reader, int status)
{
	reader->status = status;
	loop_stop(reader->loop);
}

/* --- the broker --- */

static void put_level(struct writer *w, const char *text)
{
	writer_char(w, '/');
	if (text)
		topic_write_level(w, slice_of(text));
	else
		writer_char(w, '+');
}

/* To "discoverd/v1/SITE/BOARD/KIND", where NULL stands for all. */
static void subscribe(struct reader *reader, const char *site, const char *board, const char *kind)
{
	char filter[FILTER_MAX];
	struct writer w;

	writer_init(&w, filter, sizeof(filter));
	writer_text(&w, TOPIC_ROOT);
	put_level(&w, site);
	put_level(&w, board);
	writer_format(&w, "/%s", kind);
	writer_char(&w, '\0');
	/* without a connection there will be a new one */
	if (writer_error(&w) == 0 && broker_subscribe(reader->broker, filter) == 0)
		reader->asked++;
}

static void connected(void *context)
{
	struct reader *reader = context;

	reader->asked = 0;
	reader->boards_known = false;
	fleet_begin(&reader->fleet);
	for (size_t i = 0; i < COUNT_OF(KINDS); i++)
		subscribe(reader, reader->options->site, NULL, KINDS[i]);
}

/* For documents of boards that are known by now. */
static void ask_more(struct reader *reader)
{
	const struct fleet_board *board;

	while (reader->boards_known && reader->asked < BOARDS_AT_ONCE &&
	       broker_is_connected(reader->broker) && (board = fleet_next_board(&reader->fleet)))
		subscribe(reader, board->site, board->id, "device/+");
}

static void failed(void *context, enum broker_failure failure, const char *reason)
{
	static const struct {
		const char *what, *advice;
		int status;
	} FAILURES[] = {
	    [BROKER_UNREACHABLE] = {"cannot reach the broker at", "", UNREACHABLE},
	    [BROKER_SILENT] = {"no answer from the broker at", "", TIMED_OUT},
	    [BROKER_REFUSED] = {"refused by the broker at",
		". Name, password and certificate are given in a file with --broker-config",
		NOT_ALLOWED},
	    [BROKER_LOST] = {"lost the connection to the broker at", "", UNREACHABLE},
	};
	struct reader *reader = context;
	bool ends =
	    !reader->answering || reader->options->once || !fleet_session_follows(reader->session);

	reader->check_at = INSTANT_NEVER;
	if (reader->lost && !ends)
		return;
	reader->lost = true;
	fprintf(stderr, "discoverctl: %s %s: %s%s%s\n", FAILURES[failure].what,
	    reader->options->url, reason, ends ? FAILURES[failure].advice : "",
	    ends ? "" : "; connecting again");
	if (ends)
		stop(reader, FAILURES[failure].status);
}

static void subscribed(void *context, bool granted)
{
	struct reader *reader = context;

	if (!granted) {
		fprintf(stderr,
		    "discoverctl: the broker at %s does not let this user read what boards "
		    "publish\n",
		    reader->options->url);
		stop(reader, NOT_ALLOWED);
		return;
	}
	reader->asked -= reader->asked > 0;
	reader->boards_known |= !reader->asked;
	reader->last = loop_now(reader->loop);
	reader->check_at = after_ms(reader->last, QUIET_MS);
}

static void message(void *context, const struct broker_received *message)
{
	struct reader *reader = context;
	struct instant now = loop_now(reader->loop);
	int64_t published = time(NULL);

	if (message->retained && message->expiry)
		published -= TOPIC_EXPIRY - (int64_t)message->expiry;
	else if (message->retained)
		published = 0;
	fleet_take(&reader->fleet, message->topic, message->payload, published);
	if (message->retained) {
		reader->last = now;
		reader->check_at = after_ms(now, QUIET_MS);
	}
	if (reader->answering)
		reader->turn_at = instant_earlier(reader->turn_at, after_ms(now, GATHER_MS));
}

static const struct broker_handler HANDLER = {
    .connected = connected, .failed = failed, .subscribed = subscribed, .message = message};

/* --- what is missing --- */

static void warn(const struct reader *reader, const struct fleet_progress *progress)
{
	if (progress->missing)
		fprintf(stderr,
		    "discoverctl: %" PRIu64 " of %" PRIu64 " devices came from the broker at %s\n",
		    progress->devices, progress->devices + progress->missing, reader->options->url);
	if (progress->uninformed)
		fprintf(stderr,
		    "discoverctl: %" PRIu64 " of %" PRIu64
		    " boards have not said how many devices they have\n",
		    progress->uninformed, progress->boards);
	if (reader->fleet.broken + reader->fleet.dropped)
		fprintf(stderr, "discoverctl: %" PRIu64 " messages of boards are not understood\n",
		    reader->fleet.broken + reader->fleet.dropped);
}

/* Nothing retained has come for a moment. */
static void check(struct reader *reader, struct instant now)
{
	struct fleet_progress progress;

	if (!reader->boards_known || reader->asked) { /* an answer makes the next check */
		reader->check_at = INSTANT_NEVER;
		return;
	}
	progress = fleet_progress(&reader->fleet);
	bool complete = progress.boards && !progress.missing && !progress.uninformed;
	int64_t patience = complete ? QUIET_MS : progress.boards ? MISSING_MS : EMPTY_MS;
	struct instant end = after_ms(reader->last, patience);

	if (!reader->answering)
		end = instant_earlier(end, reader->limit);
	if (!instant_due(end, now)) {
		reader->check_at = end;
		return;
	}
	reader->check_at = INSTANT_NEVER;
	fleet_sweep(&reader->fleet);
	if (!reader->answering)
		warn(reader, &progress);
	if (reader->lost)
		fputs("discoverctl: connected again\n", stderr);
	reader->lost = false;
	reader->answering = true;
	reader->turn_at = now;
}

static void check_limit(struct reader *reader, struct instant now)
{
	if (reader->answering || !instant_due(reader->limit, now))
		return;
	if (reader->boards_known && !reader->asked) {
		check(reader, now);
		return;
	}
	fprintf(
	    stderr, "discoverctl: the broker at %s did not answer in time\n", reader->options->url);
	stop(reader, TIMED_OUT);
}

/* --- the program --- */

/* Sends what it takes. False: it has gone. */
static bool send_some(struct reader *reader)
{
	struct slice output = fleet_session_output(reader->session);

	while (output.len) {
		ssize_t n = send(
		    reader->options->socket, output.bytes, output.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EINTR)
			return errno == EAGAIN;
		fleet_session_sent(reader->session, n > 0 ? (size_t)n : 0);
		output = fleet_session_output(reader->session);
	}
	return true;
}

/* Sends all: the fleet does not change meanwhile. */
static bool send_all(struct reader *reader)
{
	while (send_some(reader)) {
		struct pollfd writable = {reader->options->socket, POLLOUT, 0};
		if (!fleet_session_output(reader->session).len)
			return true;
		if (poll(&writable, 1, SEND_LIMIT_MS) == 0)
			return false;
	}
	return false;
}

static void watch_writing(struct reader *reader)
{
	bool wanted = fleet_session_output(reader->session).len > 0;

	if (wanted && !reader->writing)
		event_add(&reader->writable, NULL);
	if (!wanted && reader->writing)
		event_del(&reader->writable);
	reader->writing = wanted;
}

static void turn(struct reader *reader)
{
	reader->turn_at = INSTANT_NEVER;
	while (fleet_session_turn(reader->session))
		if (!send_all(reader)) {
			stop(reader, DONE);
			return;
		}
	bool any = fleet_session_output(reader->session).len > 0;
	if (!send_some(reader) || fleet_session_has_failed(reader->session)) {
		stop(reader, fleet_session_has_failed(reader->session) ? FAILED : DONE);
		return;
	}
	/* there may be more than was made at once */
	if (any && !fleet_session_output(reader->session).len)
		reader->turn_at = loop_now(reader->loop);
	watch_writing(reader);
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
	struct reader *reader = context;
	(void)fd;
	(void)what;

	if (!send_some(reader))
		stop(reader, DONE);
	else if (!fleet_session_output(reader->session).len)
		reader->turn_at = loop_now(reader->loop);
	watch_writing(reader);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct reader *reader = context;
	char bytes[RECEIVE_MAX];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	(void)what;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || fleet_session_feed(reader->session, (struct slice){bytes, (size_t)n}) < 0)
		stop(reader, DONE);
	else if (reader->answering)
		reader->turn_at = loop_now(reader->loop);
}

/* --- the whole --- */

static void round_ended(void *context)
{
	struct reader *reader = context;
	struct instant now = loop_now(reader->loop);

	broker_advance(reader->broker, now);
	ask_more(reader);
	if (instant_due(reader->check_at, now))
		check(reader, now);
	check_limit(reader, now);
	if (instant_due(reader->turn_at, now))
		turn(reader);
	struct instant deadline = instant_earlier(reader->check_at, reader->turn_at);
	if (!reader->answering)
		deadline = instant_earlier(deadline, reader->limit);
	loop_set_deadline(reader->loop, instant_earlier(deadline, broker_deadline(reader->broker)));
}

static int open_all(struct reader *reader)
{
	const struct fleet_reader_options *options = reader->options;
	struct siphash_key key;

	int error = random_bytes(&key, sizeof(key));
	if (error)
		return error;
	error = fleet_init(&reader->fleet, &key);
	reader->loop = loop_new();
	reader->session = fleet_session_new(&reader->fleet, options->url, &key);
	if (error || !reader->loop || !reader->session)
		return -ENOMEM;
	reader->limit = after_ms(loop_now(reader->loop), options->limit_ms);
	struct event_base *base = loop_base(reader->loop);
	event_assign(
	    &reader->readable, base, options->socket, EV_READ | EV_PERSIST, on_readable, reader);
	event_assign(
	    &reader->writable, base, options->socket, EV_WRITE | EV_PERSIST, on_writable, reader);
	if (event_add(&reader->readable, NULL) < 0)
		return -ENOMEM;
	return broker_open(reader->loop, &options->broker, &HANDLER, reader, &reader->broker);
}

static void close_all(struct reader *reader)
{
	broker_close(reader->broker);
	if (event_initialized(&reader->readable)) {
		event_del(&reader->readable);
		event_del(&reader->writable);
	}
	fleet_session_free(reader->session);
	fleet_fini(&reader->fleet);
	if (reader->loop)
		loop_free(reader->loop);
}

int fleet_reader_run(const struct fleet_reader_options *options)
{
	struct reader reader = {.options = options,
	    .check_at = INSTANT_NEVER,
	    .turn_at = INSTANT_NEVER,
	    .status = DONE};
	int error = open_all(&reader);

	if (!error) {
		loop_on_round(reader.loop, round_ended, &reader);
		error = loop_run(reader.loop);
	}
	if (error) {
		fprintf(stderr, "discoverctl: reading from the broker: %s\n", strerror(-error));
		reader.status = FAILED;
	}
	close_all(&reader);
	return reader.status;
}
