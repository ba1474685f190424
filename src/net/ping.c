/* SPDX-License-Identifier: ISC
 * ping: ICMP and ICMPv6 echo by one datagram socket each, which needs no privilege where the
 * kernel lets our group have them (net.ipv4.ping_group_range). */
#include "net/ping.h"
#include "net/sockaddr.h"
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { IPV4, IPV6, FAMILIES };
enum { ECHO_LEN = 16, DATAGRAMS_MAX = 64 };

/* RFC 792 and RFC 4443, 4: type, code, checksum, identifier, sequence number. The kernel fills in
 * the checksum and the identifier, which is the socket's and by which it chooses what we get. */
enum { TYPE_AT = 0, SEQUENCE_AT = 6, TOKEN_AT = 8 };
static const uint8_t REQUEST_TYPE[FAMILIES] = {8, 128}, REPLY_TYPE[FAMILIES] = {0, 129};

struct ping_echo {
	struct ping_echo *next;
	struct ping *ping;
	struct event event; /* its time, or the failure that is to be told */
	struct address to;
	uint32_t link;
	uint16_t sequence;
	uint64_t token; /* at random: an answer that was made up does not fit */
	int64_t start;
	int error;
	ping_fn *fn;
	void *context;
};

struct ping {
	struct loop *loop;
	struct rng *rng;
	struct ping_echo *echoes;
	uint16_t sequence; /* of the last one */
	struct {
		int fd; /* -1: closed */
		struct event readable;
	} sockets[FAMILIES];
};

static int64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return SECONDS(now.tv_sec) + now.tv_nsec / 1000;
}

static int family_of(const struct address *address)
{
	return address->family == ADDRESS_IPV6 ? IPV6 : IPV4;
}

static void close_socket(struct ping *ping, int family)
{
	if (ping->sockets[family].fd < 0)
		return;
	event_del(&ping->sockets[family].readable);
	close(ping->sockets[family].fd);
	ping->sockets[family].fd = -1;
}

void ping_cancel(struct ping_echo *echo)
{
	if (!echo)
		return;
	struct ping *ping = echo->ping;
	int family = family_of(&echo->to);
	struct ping_echo **at = &ping->echoes;
	bool last = true;

	while (*at != echo)
		at = &(*at)->next;
	*at = echo->next;
	event_del(&echo->event);
	free(echo);
	for (echo = ping->echoes; echo; echo = echo->next)
		last = last && family_of(&echo->to) != family;
	if (last)
		close_socket(ping, family);
}

static void tell(struct ping_echo *echo, int error)
{
	struct ping_result result = {error, clock_us() - echo->start};
	ping_fn *fn = echo->fn;
	void *context = echo->context;

	ping_cancel(echo);
	fn(context, &result);
}

static void ended(evutil_socket_t fd, short what, void *context)
{
	struct ping_echo *echo = context;
	(void)fd;
	(void)what;

	tell(echo, echo->error ? echo->error : -ETIMEDOUT);
}

static void write_echo(const struct ping_echo *echo, uint8_t bytes[ECHO_LEN])
{
	memset(bytes, 0, ECHO_LEN);
	bytes[TYPE_AT] = REQUEST_TYPE[family_of(&echo->to)];
	bytes[SEQUENCE_AT] = (uint8_t)(echo->sequence >> 8);
	bytes[SEQUENCE_AT + 1] = (uint8_t)echo->sequence;
	memcpy(bytes + TOKEN_AT, &echo->token, sizeof(echo->token));
}

/* True when these bytes answer it, from whom it was asked, by the way it went. */
static bool is_answer_to(const struct ping_echo *echo, const uint8_t bytes[ECHO_LEN],
    const struct address *source, uint32_t scope)
{
	uint8_t asked[ECHO_LEN];

	write_echo(echo, asked);
	if (memcmp(bytes + SEQUENCE_AT, asked + SEQUENCE_AT, ECHO_LEN - SEQUENCE_AT) != 0)
		return false;
	return address_equal(&echo->to, source) && (!scope || scope == echo->link);
}

static struct ping_echo *find_answered(struct ping *ping, int family,
    const struct sockaddr_storage *from, const uint8_t bytes[ECHO_LEN])
{
	struct address_port source = sockaddr_to_endpoint(from);
	uint32_t scope = family == IPV6 ? ((const struct sockaddr_in6 *)from)->sin6_scope_id : 0;
	struct ping_echo *echo = ping->echoes;

	while (echo && !is_answer_to(echo, bytes, &source.address, scope))
		echo = echo->next;
	return echo;
}

/* False when there is nothing more to read. */
static bool receive(struct ping *ping, int family)
{
	struct sockaddr_storage from = {0};
	socklen_t len = sizeof(from);
	uint8_t bytes[ECHO_LEN];
	ssize_t n = recvfrom(ping->sockets[family].fd, bytes, sizeof(bytes), MSG_DONTWAIT,
	    (struct sockaddr *)&from, &len);
	struct ping_echo *echo;

	if (n < 0)
		return false;
	if (n < ECHO_LEN || bytes[TYPE_AT] != REPLY_TYPE[family])
		return true;
	echo = find_answered(ping, family, &from, bytes);
	if (echo && !echo->error)
		tell(echo, 0);
	return true;
}

/* The last answer closes the socket, and the function that gets it may begin another ping. */
static void readable(evutil_socket_t fd, short what, void *context)
{
	struct ping *ping = context;
	int family = fd == ping->sockets[IPV6].fd ? IPV6 : IPV4;
	(void)what;

	for (int i = 0; i < DATAGRAMS_MAX && ping->sockets[family].fd >= 0; i++)
		if (!receive(ping, family))
			return;
}

static int open_socket(struct ping *ping, int family)
{
	static const int DOMAINS[] = {AF_INET, AF_INET6};
	static const int PROTOCOLS[] = {IPPROTO_ICMP, IPPROTO_ICMPV6};
	struct event *event = &ping->sockets[family].readable;
	int fd =
	    socket(DOMAINS[family], SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, PROTOCOLS[family]);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
		return -errno;
	if (fd < 0)
		return -EOPNOTSUPP;
	event_assign(event, loop_base(ping->loop), fd, EV_READ | EV_PERSIST, readable, ping);
	if (event_add(event, NULL) < 0) {
		close(fd);
		return -ENOMEM;
	}
	ping->sockets[family].fd = fd;
	return 0;
}

static int send_echo(const struct ping_echo *echo)
{
	struct ping *ping = echo->ping;
	int family = family_of(&echo->to);
	struct address_port to = {.address = echo->to};
	struct sockaddr_storage sockaddr;
	socklen_t len = sockaddr_from_endpoint(&to, echo->link, &sockaddr);
	uint8_t bytes[ECHO_LEN];
	int result = len ? 0 : -EINVAL;

	if (!result && ping->sockets[family].fd < 0)
		result = open_socket(ping, family);
	if (result)
		return result;
	write_echo(echo, bytes);
	if (sendto(ping->sockets[family].fd, bytes, sizeof(bytes), 0,
		(const struct sockaddr *)&sockaddr, len) < 0)
		return -errno;
	return 0;
}

struct ping *ping_new(struct loop *loop, struct rng *rng)
{
	struct ping *ping = calloc(1, sizeof(*ping));

	if (!ping)
		return NULL;
	ping->loop = loop;
	ping->rng = rng;
	for (int i = 0; i < FAMILIES; i++)
		ping->sockets[i].fd = -1;
	return ping;
}

void ping_free(struct ping *ping)
{
	if (!ping)
		return;
	while (ping->echoes)
		ping_cancel(ping->echoes);
	free(ping);
}

int ping_start(struct ping *ping, const struct address *to, uint32_t link, int64_t timeout_us,
    ping_fn *fn, void *context, struct ping_echo **out)
{
	struct ping_echo *echo = calloc(1, sizeof(*echo));

	if (!echo)
		return -ENOMEM;
	*echo = (struct ping_echo){.ping = ping,
	    .to = *to,
	    .link = link,
	    .sequence = ++ping->sequence,
	    .token = rng_u64(ping->rng),
	    .start = clock_us(),
	    .fn = fn,
	    .context = context};
	event_assign(&echo->event, loop_base(ping->loop), -1, 0, ended, echo);
	echo->next = ping->echoes;
	ping->echoes = echo;
	echo->error = send_echo(echo);
	if (loop_add_timer(&echo->event, echo->error ? 0 : timeout_us) < 0) {
		ping_cancel(echo);
		return -ENOMEM;
	}
	*out = echo;
	return 0;
}
