/* SPDX-License-Identifier: ISC
 * broker: see broker.h. Each attempt has a new client of the library, so nothing of a lost
 * connection is sent by the next one, and certificates are read anew. */
#include "mqtt/broker.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/rng.h"
#include "client/client.h"
#include "net/random_bytes.h"

enum { REASON_MAX = 256, NO_ANSWER = -1, CLOSE_LIMIT_MS = 1000 };
#define CONNECT_LIMIT SECONDS(30)
#define PAUSE_MIN     SECONDS(1)
#define PAUSE_FIRST   SECONDS(2)
#define PAUSE_LAST    SECONDS(600)
/* A connection that stood for so long makes the next pause a short one. */
#define STABLE SECONDS(60)

struct broker {
	struct loop *loop;
	struct broker_options options;
	const struct broker_handler *handler;
	void *context;
	struct rng rng;
	struct mosquitto *client; /* NULL between attempts */
	struct event readable, writable;
	int watched;      /* a duplicate of its socket, as the library closes that one; or -1 */
	bool writing;     /* `writable` is added */
	bool established; /* TCP stands, or did */
	bool begun;       /* it has become readable or writable */
	bool connected;   /* MQTT stands */
	struct broker_way way;
	int answer;  /* of CONNACK, or NO_ANSWER */
	int goodbye; /* reason of the broker's DISCONNECT, or 0 */
	int result;  /* of what was published between rounds; else MOSQ_ERR_SUCCESS */
	bool retains;
	uint8_t qos_max;
	uint16_t keep_alive; /* in force */
	unsigned in_flight;
	char error[REASON_MAX];     /* the last that the library logged in this attempt */
	struct broker_message will; /* its texts are owned; without a topic there is none */
	int64_t pause;
	struct instant connect_at, give_up_at, connected_at, check_at;
};

const char *broker_version(const struct broker *broker)
{
	return broker->way.old ? "3.1.1" : "5";
}

bool broker_is_connected(const struct broker *broker)
{
	return broker->connected;
}

static bool stands(const struct broker *broker)
{
	return broker->connected && broker->result == MOSQ_ERR_SUCCESS;
}

bool broker_has_room(const struct broker *broker)
{
	return stands(broker) && broker->in_flight < BROKER_IN_FLIGHT_MAX - 1;
}

/* --- what the library reports --- */

static void on_connect(struct mosquitto *client, void *context, int answer, int flags,
    const mosquitto_property *properties)
{
	struct broker *broker = context;
	uint8_t retains = 1;
	(void)client;
	(void)flags;

	broker->answer = answer;
	mosquitto_property_read_byte(properties, MQTT_PROP_RETAIN_AVAILABLE, &retains, false);
	broker->retains = retains;
	mosquitto_property_read_byte(properties, MQTT_PROP_MAXIMUM_QOS, &broker->qos_max, false);
	mosquitto_property_read_int16(
	    properties, MQTT_PROP_SERVER_KEEP_ALIVE, &broker->keep_alive, false);
}

static void on_disconnect(
    struct mosquitto *client, void *context, int reason, const mosquitto_property *properties)
{
	struct broker *broker = context;
	(void)client;
	(void)properties;

	/* Errors of the library are smaller. */
	if (reason >= MQTT_RC_UNSPECIFIED && !broker->goodbye)
		broker->goodbye = reason;
}

static void on_publish(struct mosquitto *client, void *context, int id, int reason,
    const mosquitto_property *properties)
{
	struct broker *broker = context;
	(void)client;
	(void)id;
	(void)properties;

	if (broker->in_flight)
		broker->in_flight--;
	if (reason >= MQTT_RC_UNSPECIFIED && broker->handler->rejected)
		broker->handler->rejected(broker->context, mosquitto_reason_string(reason));
}

/* One filter is subscribed to at a time. */
static void on_subscribe(struct mosquitto *client, void *context, int id, int count,
    const int *granted, const mosquitto_property *properties)
{
	struct broker *broker = context;
	(void)client;
	(void)id;
	(void)properties;

	if (broker->handler->subscribed)
		broker->handler->subscribed(
		    broker->context, count > 0 && granted[0] < MQTT_RC_UNSPECIFIED);
}

static void on_message(struct mosquitto *client, void *context,
    const struct mosquitto_message *message, const mosquitto_property *properties)
{
	struct broker *broker = context;
	struct broker_received received = {.topic = slice_of(message->topic),
	    .payload = {message->payload, (size_t)message->payloadlen},
	    .retained = message->retain};
	(void)client;

	mosquitto_property_read_int32(
	    properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, &received.expiry, false);
	if (broker->handler->message)
		broker->handler->message(broker->context, &received);
}

static void on_log(struct mosquitto *client, void *context, int level, const char *text)
{
	struct broker *broker = context;
	(void)client;

	/* "OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed" */
	const char *last = strrchr(text, ':');
	bool of_tls = last && slice_starts_with(slice_of(text), SLICE("OpenSSL"));
	if (level == MOSQ_LOG_ERR)
		snprintf(broker->error, sizeof(broker->error), "%s%s", of_tls ? "TLS: " : "",
		    of_tls ? last + 1 : text);
}

/* --- the end of an attempt or a connection --- */

static void drop(struct broker *broker)
{
	if (!broker->client)
		return;
	if (event_initialized(&broker->readable)) {
		event_del(&broker->readable);
		event_del(&broker->writable);
	}
	if (broker->watched >= 0)
		close(broker->watched);
	broker->watched = -1;
	mosquitto_destroy(broker->client);
	broker->client = NULL;
	broker->writing = broker->established = broker->begun = broker->connected = false;
	broker->in_flight = 0;
	broker->result = MOSQ_ERR_SUCCESS;
	broker->give_up_at = broker->check_at = INSTANT_NEVER;
}

static bool is_refusal(int answer, bool old)
{
	if (old)
		return answer == CONNACK_REFUSED_BAD_USERNAME_PASSWORD ||
		       answer == CONNACK_REFUSED_NOT_AUTHORIZED;
	return answer == MQTT_RC_BAD_USERNAME_OR_PASSWORD || answer == MQTT_RC_NOT_AUTHORIZED ||
	       answer == MQTT_RC_BANNED || answer == MQTT_RC_BAD_AUTHENTICATION_METHOD;
}

/* A broker that knows 3.1.1 only says so, or just closes the connection (3.1.1, 3.1.2.2). */
static bool refuses_version(const struct broker *broker)
{
	if (!broker->established || broker->way.old)
		return false;
	return broker->answer == NO_ANSWER ? !broker->error[0]
					   : broker->answer == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION;
}

/* Whether the next attempt, made another way, is to follow at once. */
static bool choose_another_way(struct broker *broker)
{
	if (broker->connected) {
		broker->way = (struct broker_way){0};
		return false;
	}
	if (!broker->established) {
		broker->way.ipv4 = !broker->way.ipv4;
		return broker->way.ipv4;
	}
	broker->way.old = refuses_version(broker);
	return broker->way.old;
}

static void plan_next(struct broker *broker)
{
	struct instant now = loop_now(broker->loop);

	if (broker->connected && instant_since(now, broker->connected_at) >= STABLE)
		broker->pause = PAUSE_FIRST;
	if (choose_another_way(broker)) {
		broker->connect_at = now;
		return;
	}
	broker->connect_at = instant_add(now, rng_between(&broker->rng, PAUSE_MIN, broker->pause));
	broker->pause = 2 * broker->pause < PAUSE_LAST ? 2 * broker->pause : PAUSE_LAST;
}

static void fail(struct broker *broker, enum broker_failure failure, const char *reason)
{
	char text[REASON_MAX];

	snprintf(text, sizeof(text), "%s", reason);
	plan_next(broker);
	bool again = !broker->connected && instant_due(broker->connect_at, loop_now(broker->loop));
	drop(broker);
	if (!again && broker->handler->failed)
		broker->handler->failed(broker->context, failure, text);
}

static const char *reason_of(const struct broker *broker, int result, int error)
{
	if (broker->goodbye == MQTT_RC_SESSION_TAKEN_OVER)
		return "another client took over its name";
	if (broker->goodbye)
		return mosquitto_reason_string(broker->goodbye);
	if (broker->answer > 0)
		return broker->way.old ? mosquitto_connack_string(broker->answer)
				       : mosquitto_reason_string(broker->answer);
	if (broker->error[0])
		return broker->error;
	if (broker->options.url.tls && !broker->connected &&
	    (broker->established || error == EPROTO))
		return "it ended the TLS connection; it may want a client certificate";
	if (result == MOSQ_ERR_ERRNO && error)
		return strerror(error);
	if (result == MOSQ_ERR_EAI)
		return "its name is not known, or the DNS server does not answer";
	if (result == MOSQ_ERR_SUCCESS)
		return "it closed the connection";
	return mosquitto_strerror(result);
}

static void end(struct broker *broker, int result, int error)
{
	enum broker_failure failure = broker->connected ? BROKER_LOST : BROKER_UNREACHABLE;

	/* An alert is what the other end of TLS says. */
	if (is_refusal(broker->answer, broker->way.old) || is_refusal(broker->goodbye, false) ||
	    strstr(broker->error, " alert "))
		failure = BROKER_REFUSED;
	fail(broker, failure, reason_of(broker, result, error));
}

/* --- what the library is to do --- */

static void watch_writing(struct broker *broker)
{
	bool wanted = mosquitto_want_write(broker->client) || !broker->begun;

	if (wanted == broker->writing)
		return;
	if (wanted)
		event_add(&broker->writable, NULL);
	else
		event_del(&broker->writable);
	broker->writing = wanted;
}

/* The library asks whether the other end is there when it has sent nothing for so long. */
static void check_later(struct broker *broker)
{
	broker->check_at = broker->keep_alive
			       ? instant_add(loop_now(broker->loop), SECONDS(broker->keep_alive))
			       : INSTANT_NEVER;
}

static void welcome(struct broker *broker)
{
	broker->connected = true;
	broker->connected_at = loop_now(broker->loop);
	broker->give_up_at = INSTANT_NEVER;
	check_later(broker);
	if (broker->handler->connected)
		broker->handler->connected(broker->context);
}

/* After each call of the library. */
static void settle(struct broker *broker, int result, int error)
{
	if (result || mosquitto_socket(broker->client) < 0) {
		end(broker, result, error);
		return;
	}
	if (broker->answer == 0 && !broker->connected) {
		if (!broker->retains) {
			fail(broker, BROKER_UNREACHABLE, "it retains no messages");
			return;
		}
		welcome(broker);
	}
	watch_writing(broker);
}

static void note_peer(struct broker *broker, int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0)
		broker->established = true;
}

/* Until the broker has answered. The library overlooks that TCP or TLS fail, and an error that it
 * has read is not there any more. 1: the connection stands, or is being made; else a negative
 * errno, or 0: it was closed. */
static int look_at_socket(struct broker *broker)
{
	int fd = mosquitto_socket(broker->client);
	char byte;

	note_peer(broker, fd);
	ssize_t result = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	if (result > 0 || (result < 0 && errno == EAGAIN))
		return 1;
	if (!broker->established && (result == 0 || errno == ENOTCONN))
		return -ECONNREFUSED;
	return result < 0 ? -errno : 0;
}

static void ready(evutil_socket_t fd, short what, void *context)
{
	struct broker *broker = context;
	int result = MOSQ_ERR_SUCCESS;
	int state = broker->connected ? 1 : look_at_socket(broker);
	(void)fd;

	if (state <= 0) {
		end(broker, state ? MOSQ_ERR_ERRNO : MOSQ_ERR_SUCCESS, -state);
		return;
	}
	/* It is reading that goes on with TLS, even where TLS waits to write. */
	errno = 0;
	broker->begun = true;
	if (what & EV_READ || !broker->connected)
		result = mosquitto_loop_read(broker->client, 1);
	if (!result && mosquitto_socket(broker->client) >= 0 &&
	    mosquitto_want_write(broker->client))
		result = mosquitto_loop_write(broker->client, 1);
	settle(broker, result, errno);
}

/* --- an attempt --- */

static void set_callbacks(struct mosquitto *client)
{
	mosquitto_connect_v5_callback_set(client, on_connect);
	mosquitto_disconnect_v5_callback_set(client, on_disconnect);
	mosquitto_publish_v5_callback_set(client, on_publish);
	mosquitto_subscribe_v5_callback_set(client, on_subscribe);
	mosquitto_message_v5_callback_set(client, on_message);
	mosquitto_log_callback_set(client, on_log);
}

static int watch(struct broker *broker, int fd)
{
	struct event_base *base = loop_base(broker->loop);

	broker->watched = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (broker->watched < 0)
		return MOSQ_ERR_NOMEM;
	event_assign(&broker->readable, base, broker->watched, EV_READ | EV_PERSIST, ready, broker);
	event_assign(
	    &broker->writable, base, broker->watched, EV_WRITE | EV_PERSIST, ready, broker);
	return event_add(&broker->readable, NULL) ? MOSQ_ERR_NOMEM : MOSQ_ERR_SUCCESS;
}

static void begin(struct broker *broker)
{
	const struct broker_options *options = &broker->options;
	struct writer problem;

	writer_init(&problem, broker->error, sizeof(broker->error) - 1);
	broker->connect_at = INSTANT_NEVER;
	broker->give_up_at = instant_add(loop_now(broker->loop), CONNECT_LIMIT);
	broker->answer = NO_ANSWER;
	broker->goodbye = 0;
	broker->error[0] = '\0';
	broker->retains = true;
	broker->qos_max = 1;
	broker->keep_alive = options->keep_alive;
	memset(&broker->readable, 0, sizeof(broker->readable));
	broker->client = mosquitto_new(options->client_id, true, broker);
	if (!broker->client) {
		fail(broker, BROKER_UNREACHABLE, strerror(errno));
		return;
	}
	set_callbacks(broker->client);
	int result = broker_set_up(broker->client, options,
	    broker->will.topic ? &broker->will : NULL, broker->way, &problem);
	broker->error[problem.len] = '\0';
	errno = 0;
	if (!result)
		result = mosquitto_connect_async(
		    broker->client, options->url.host, options->url.port, options->keep_alive);
	int fd = mosquitto_socket(broker->client), error = errno;
	if (!result && fd >= 0) {
		note_peer(broker, fd);
		result = watch(broker, fd);
	}
	settle(broker, result, error);
}

int broker_open(struct loop *loop, const struct broker_options *options,
    const struct broker_handler *handler, void *context, struct broker **opened)
{
	uint64_t seed;
	struct broker *broker;
	int error = random_bytes(&seed, sizeof(seed));

	if (error)
		return error;
	broker = calloc(1, sizeof(*broker));
	if (!broker)
		return -ENOMEM;
	*broker = (struct broker){.loop = loop,
	    .options = *options,
	    .handler = handler,
	    .context = context,
	    .pause = PAUSE_FIRST,
	    .watched = -1,
	    .connect_at = loop_now(loop),
	    .give_up_at = INSTANT_NEVER,
	    .check_at = INSTANT_NEVER};
	rng_init(&broker->rng, seed);
	mosquitto_lib_init();
	*opened = broker;
	return 0;
}

/* A connection that is closed while the broker's bytes are unread is reset, and what was sent last
 * may be lost with it. */
static void wait_for_acknowledgements(struct broker *broker)
{
	int64_t end = client_clock_ms() + CLOSE_LIMIT_MS, left = CLOSE_LIMIT_MS;

	for (; broker->in_flight && left > 0; left = end - client_clock_ms()) {
		struct pollfd one = {.fd = mosquitto_socket(broker->client), .events = POLLIN};
		if (mosquitto_want_write(broker->client))
			one.events |= POLLOUT;
		if (one.fd < 0 || poll(&one, 1, (int)left) < 0)
			return;
		if (one.revents & POLLOUT && mosquitto_loop_write(broker->client, 1))
			return;
		if (one.revents & ~POLLOUT && mosquitto_loop_read(broker->client, 1))
			return;
	}
}

static void free_will(struct broker *broker)
{
	free((char *)broker->will.topic);
	free((char *)broker->will.payload.bytes);
	broker->will = (struct broker_message){0};
}

void broker_close(struct broker *broker)
{
	if (!broker)
		return;
	if (stands(broker)) {
		wait_for_acknowledgements(broker);
		mosquitto_disconnect(broker->client);
	}
	drop(broker);
	free_will(broker);
	free(broker);
	mosquitto_lib_cleanup();
}

void broker_advance(struct broker *broker, struct instant now)
{
	if (broker->result != MOSQ_ERR_SUCCESS)
		end(broker, broker->result, 0);
	if (instant_due(broker->give_up_at, now))
		fail(broker, broker->established ? BROKER_SILENT : BROKER_UNREACHABLE,
		    "no answer in 30 s");
	if (instant_due(broker->check_at, now)) {
		check_later(broker);
		settle(broker, mosquitto_loop_misc(broker->client), 0);
	}
	if (instant_due(broker->connect_at, now))
		begin(broker);
}

struct instant broker_deadline(const struct broker *broker)
{
	if (broker->result != MOSQ_ERR_SUCCESS)
		return loop_now(broker->loop);
	return instant_earlier(
	    broker->connect_at, instant_earlier(broker->give_up_at, broker->check_at));
}

int broker_set_will(struct broker *broker, const struct broker_message *will)
{
	char *topic = strdup(will->topic), *payload = slice_dup(will->payload);

	free_will(broker);
	if (!topic || !payload) {
		free(topic);
		free(payload);
		return -ENOMEM;
	}
	broker->will = *will;
	broker->will.topic = topic;
	broker->will.payload.bytes = payload;
	return 0;
}

/* Its user may be in the middle of something: the loss is handled in the next round. */
static int note_result(struct broker *broker, int result)
{
	switch (result) {
	case MOSQ_ERR_SUCCESS:
		watch_writing(broker);
		check_later(broker);
		return 0;
	case MOSQ_ERR_NOMEM:
		return -ENOMEM;
	case MOSQ_ERR_OVERSIZE_PACKET:
	case MOSQ_ERR_PAYLOAD_SIZE:
		return -EMSGSIZE;
	default:
		broker->result = result;
		return -EIO;
	}
}

int broker_publish(struct broker *broker, const struct broker_message *message)
{
	mosquitto_property *properties = NULL;
	int qos = message->qos < broker->qos_max ? message->qos : broker->qos_max;
	int result = MOSQ_ERR_SUCCESS;

	if (!stands(broker) || broker->in_flight >= BROKER_IN_FLIGHT_MAX)
		return -EAGAIN;
	if (!broker->way.old && message->expiry)
		result = mosquitto_property_add_int32(
		    &properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, message->expiry);
	broker->in_flight++;
	if (!result)
		result = mosquitto_publish_v5(broker->client, NULL, message->topic,
		    (int)message->payload.len, message->payload.bytes, qos, message->retain,
		    properties);
	mosquitto_property_free_all(&properties);
	if (result && broker->in_flight)
		broker->in_flight--;
	return note_result(broker, result);
}

int broker_subscribe(struct broker *broker, const char *filter)
{
	if (!stands(broker))
		return -EAGAIN;
	return note_result(broker, mosquitto_subscribe(broker->client, NULL, filter, 0));
}
