/* SPDX-License-Identifier: ISC
 * neighbour_feed: keeps neighbours and forwarding as the kernel has them, by notification
 * (rtnetlink through libmnl).
 *
 * Unlike links, neighbours are many and change one by one, so here a notification is taken for what
 * it says. The kernel puts its answers into the same queue, in the order in which things happened:
 * a reading and the notifications in its midst add up to what the kernel had at its end. */
#include "net/neighbour_feed.h"
#include "base/array.h"
#include "base/mac.h"
#include "net/rtnetlink.h"
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/neighbour.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>

#define TELL_EVERY MILLISECONDS(100)
#define READ_EVERY SECONDS(1)

enum { DATAGRAM_MAX = 16 * 1024, PER_WAKE_UP = 64, QUEUE_BYTES = 1024 * 1024, TOLD_AT_ONCE = 64 };

enum { NOTIFICATIONS, READINGS, OVERRUNS, MALFORMED, FAILURES, COUNTERS };
static const char *const COUNTER_NAMES[COUNTERS] = {
    [NOTIFICATIONS] = "notifications",
    [READINGS] = "readings",
    [OVERRUNS] = "overruns",
    [MALFORMED] = "malformed",
    [FAILURES] = "failures",
};

/* A reading asks for these tables, one after the other. */
static const uint8_t FAMILIES_READ[] = {AF_UNSPEC, AF_BRIDGE};

struct neighbour_feed {
	struct loop *loop;
	struct mnl_socket *socket;
	struct event readable;
	struct event telling; /* pending while there is something to report */
	struct event reading; /* pending while there is to be another reading */
	struct instant told, begun, caught_up;
	struct neighbour_feed_listener listener;
	struct neighbours neighbours;
	struct forwarding forwarding;
	size_t step;       /* of FAMILIES_READ; their count while there is no reading */
	uint32_t sequence; /* of the present step's request */
	bool again;        /* something was lost during the reading */
	bool due;          /* a reading begins as soon as the queue is empty */
	struct counter counters[COUNTERS];
};

static void count(struct neighbour_feed *feed, int which)
{
	feed->counters[which].value++;
}

/* At once, or so much later that it is no more often than every `interval`. */
static void schedule(
    struct neighbour_feed *feed, struct event *event, struct instant last, int64_t interval)
{
	struct instant now = loop_now(feed->loop), due = instant_add(last, interval);

	if (!event_pending(event, EV_TIMEOUT, NULL))
		loop_add_timer(event, instant_before(now, due) ? instant_since(due, now) : 0);
}

static void read_again(struct neighbour_feed *feed)
{
	if (feed->step < COUNT_OF(FAMILIES_READ))
		feed->again = true;
	else if (!feed->due)
		schedule(feed, &feed->reading, feed->begun, READ_EVERY);
}

static int begin_step(struct neighbour_feed *feed, size_t step)
{
	char buffer[64] __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	request->nlmsg_type = RTM_GETNEIGH;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = ++feed->sequence;
	struct ndmsg *table = mnl_nlmsg_put_extra_header(request, sizeof(*table));
	table->ndm_family = FAMILIES_READ[step];
	feed->step = step;
	return mnl_socket_sendto(feed->socket, request, request->nlmsg_len) < 0 ? -errno : 0;
}

/* What is known stays; it may hold what is gone until another reading succeeds. */
static void give_up(struct neighbour_feed *feed)
{
	count(feed, FAILURES);
	feed->step = COUNT_OF(FAMILIES_READ);
	feed->again = false;
	read_again(feed);
}

static int begin_reading(struct neighbour_feed *feed)
{
	feed->begun = loop_now(feed->loop);
	neighbours_begin(&feed->neighbours);
	forwarding_begin(&feed->forwarding);
	return begin_step(feed, 0);
}

/* What is still queued is older than the reading and may be about neighbours that are gone: it is
 * taken before the reading begins, or it would count as confirmed by it. And from an overrun until
 * its queue is empty the kernel discards every further notification without another ENOBUFS. */
static void begin_when_drained(struct neighbour_feed *feed)
{
	if (!feed->due)
		return;
	feed->due = false;
	if (begin_reading(feed) < 0)
		give_up(feed);
}

static void next_step(struct neighbour_feed *feed)
{
	if (feed->step + 1 < COUNT_OF(FAMILIES_READ)) {
		if (begin_step(feed, feed->step + 1) < 0)
			give_up(feed);
		return;
	}
	count(feed, READINGS);
	feed->step = COUNT_OF(FAMILIES_READ);
	/* With something lost, what was not told may still be there. */
	if (feed->again) {
		feed->again = false;
		read_again(feed);
		return;
	}
	neighbours_sweep(&feed->neighbours);
	forwarding_sweep(&feed->forwarding);
}

static void take_forwarded(
    struct neighbour_feed *feed, uint16_t type, const struct rtnetlink_neighbour *told)
{
	struct forwarding_entry entry = {
	    .bridge = told->bridge, .port = told->link, .mac = told->mac, .vlan = told->vlan};

	if (type == RTM_NEWNEIGH)
		forwarding_put(&feed->forwarding, &entry);
	else
		forwarding_remove(&feed->forwarding, &entry);
}

static void put_neighbour(struct neighbour_feed *feed, const struct rtnetlink_neighbour *told)
{
	bool news =
	    neighbours_put(&feed->neighbours, told->link, &told->address, &told->mac, told->state);

	if (news || (told->state == NEIGHBOUR_REACHABLE && feed->listener.reachable))
		schedule(feed, &feed->telling, feed->told, TELL_EVERY);
}

static void take_neighbour(struct neighbour_feed *feed, const struct nlmsghdr *message)
{
	struct rtnetlink_neighbour told;
	int error = rtnetlink_neighbour(message, &told);

	if (error == -EBADMSG)
		count(feed, MALFORMED);
	if (error)
		return;
	if (told.forwarded)
		take_forwarded(feed, message->nlmsg_type, &told);
	else if (message->nlmsg_type == RTM_DELNEIGH)
		neighbours_remove(&feed->neighbours, told.link, &told.address);
	else
		put_neighbour(feed, &told);
}

static void take_netns(struct neighbour_feed *feed, const struct nlmsghdr *message)
{
	const struct nlattr *attribute;

	if (!feed->listener.renamed || mnl_nlmsg_get_payload_len(message) < sizeof(struct rtgenmsg))
		return;
	mnl_attr_for_each(attribute, message,
	    sizeof(struct rtgenmsg)) if (mnl_attr_get_type(attribute) == NETNSA_NSID &&
					 mnl_attr_validate(attribute, MNL_TYPE_U32) >= 0)
	    feed->listener.renamed(feed->listener.context, (int32_t)mnl_attr_get_u32(attribute));
}

static void take_message(struct neighbour_feed *feed, const struct nlmsghdr *message)
{
	bool answers = message->nlmsg_pid == mnl_socket_get_portid(feed->socket);

	if (answers && message->nlmsg_seq != feed->sequence)
		return;
	if (!answers)
		count(feed, NOTIFICATIONS);
	else if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		feed->again = true;
	switch (message->nlmsg_type) {
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		take_neighbour(feed, message);
		break;
	case RTM_NEWNSID:
	case RTM_DELNSID:
		take_netns(feed, message);
		break;
	case NLMSG_DONE:
		if (answers)
			next_step(feed);
		break;
	case NLMSG_ERROR: /* a kernel without this table */
		if (answers) {
			count(feed, FAILURES);
			next_step(feed);
		}
		break;
	}
}

/* 0 where reading can go on. */
static int take_error(struct neighbour_feed *feed, int error)
{
	switch (error) {
	case EINTR:
		return 0;
	case ENOBUFS:
		count(feed, OVERRUNS);
		read_again(feed);
		return 0;
	case ENOSPC: /* libmnl's word for a datagram that did not fit */
		count(feed, MALFORMED);
		return 0;
	default:
		return -error;
	}
}

/* Takes one datagram with all its messages. 0 or a negative errno. */
static int receive_one(struct neighbour_feed *feed)
{
	char buffer[DATAGRAM_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t received = mnl_socket_recvfrom(feed->socket, buffer, sizeof(buffer));
	if (received < 0)
		return take_error(feed, errno);
	int left = (int)received;
	const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
		take_message(feed, message);
	return 0;
}

static void take_queue(struct neighbour_feed *feed)
{
	int error = 0;
	for (unsigned i = 0; i < PER_WAKE_UP && !error; i++)
		error = receive_one(feed);
	if (error == -EAGAIN)
		begin_when_drained(feed);
	else if (feed->due)
		loop_add_timer(&feed->reading, 0);
}

/* In a flood thousands of addresses that have no MAC are asked for in one wake-up. */
void neighbour_feed_catch_up(struct neighbour_feed *feed)
{
	struct instant now = loop_now(feed->loop);
	if (now.us == feed->caught_up.us)
		return;
	feed->caught_up = now;
	take_queue(feed);
}

static void read_anew(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	struct neighbour_feed *feed = context;
	feed->due = true;
	take_queue(feed);
}

static void receive(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	take_queue(context);
}

static void tell(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	struct neighbour_feed *feed = context;
	struct neighbour_feed_listener *listener = &feed->listener;
	struct neighbour_news news;
	unsigned told = 0;

	feed->told = loop_now(feed->loop);
	for (; told < TOLD_AT_ONCE && neighbours_next_news(&feed->neighbours, &news); told++) {
		if (news.learned && listener->learned)
			listener->learned(listener->context, &news);
		if (news.reachable && listener->reachable)
			listener->reachable(listener->context, &news);
	}
	if (told == TOLD_AT_ONCE)
		loop_add_timer(&feed->telling, 0);
}

/* Has the kernel drop what would only wake us: most of its messages are about hosts that do not
 * answer, or about delays before it asks one that it knows. NUD_PROBE is let through: what was
 * reachable is not confirmed any more, and where it does not answer no other message comes. A load
 * is in network order, a message in the host's. The answers to a reading come many to a datagram,
 * and are all let through. */
static int filter(const struct neighbour_feed *feed)
{
	enum { TYPE = 4, FLAGS = 6, FAMILY = NLMSG_HDRLEN, STATE = NLMSG_HDRLEN + 8 };
	struct sock_filter program[] = {
	    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, FLAGS),
	    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, htons(NLM_F_MULTI), 6, 0),
	    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, TYPE),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWNEIGH), 0, 4),
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FAMILY),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_BRIDGE, 2, 0),
	    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, STATE),
	    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
		htons(NUD_REACHABLE | NUD_STALE | NUD_PROBE | NUD_PERMANENT), 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog code = {COUNT_OF(program), program};
	return setsockopt(mnl_socket_get_fd(feed->socket), SOL_SOCKET, SO_ATTACH_FILTER, &code,
		   sizeof(code)) < 0
		   ? -errno
		   : 0;
}

static int subscribe(struct neighbour_feed *feed)
{
	static const int GROUPS[] = {RTNLGRP_NEIGH, RTNLGRP_NSID};
	int queue = QUEUE_BYTES;

	feed->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!feed->socket)
		return -errno;
	int fd = mnl_socket_get_fd(feed->socket);
	/* Less of a queue or no filter costs time, not truth. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof(queue));
	filter(feed);
	if (mnl_socket_bind(feed->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	for (size_t i = 0; i < COUNT_OF(GROUPS); i++)
		if (mnl_socket_setsockopt(feed->socket, NETLINK_ADD_MEMBERSHIP, (void *)&GROUPS[i],
			sizeof(GROUPS[i])) < 0 &&
		    GROUPS[i] == RTNLGRP_NEIGH)
			return -errno;
	return 0;
}

/* The first reading, with a socket that waits. */
static int read_first(struct neighbour_feed *feed)
{
	int error = begin_reading(feed);
	while (!error && feed->step < COUNT_OF(FAMILIES_READ))
		error = receive_one(feed);
	return error;
}

static int listen_in_loop(struct neighbour_feed *feed)
{
	int fd = mnl_socket_get_fd(feed->socket);
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
		return -errno;
	if (event_assign(&feed->readable, loop_base(feed->loop), fd, EV_READ | EV_PERSIST, receive,
		feed) < 0)
		return -EINVAL;
	return event_add(&feed->readable, NULL) < 0 ? -ENOMEM : 0;
}

int neighbour_feed_open(struct loop *loop, const struct siphash_key *key,
    const struct neighbour_feed_listener *listener, struct neighbour_feed **out)
{
	struct neighbour_feed *feed = calloc(1, sizeof(*feed));
	if (!feed)
		return -ENOMEM;
	feed->loop = loop;
	feed->listener = *listener;
	counters_init(feed->counters, COUNTER_NAMES, COUNTERS);
	evtimer_assign(&feed->telling, loop_base(loop), tell, feed);
	evtimer_assign(&feed->reading, loop_base(loop), read_anew, feed);
	int error = neighbours_init(&feed->neighbours, key, NEIGHBOURS_MAX);
	if (!error)
		error = forwarding_init(&feed->forwarding, key, FORWARDING_MAX);
	if (!error)
		error = subscribe(feed);
	if (!error)
		error = read_first(feed);
	if (!error)
		error = listen_in_loop(feed);
	if (error) {
		neighbour_feed_close(feed);
		return error;
	}
	*out = feed;
	return 0;
}

void neighbour_feed_close(struct neighbour_feed *feed)
{
	if (!feed)
		return;
	event_del(&feed->telling);
	event_del(&feed->reading);
	if (event_initialized(&feed->readable))
		event_del(&feed->readable);
	if (feed->socket)
		mnl_socket_close(feed->socket);
	neighbours_fini(&feed->neighbours);
	forwarding_fini(&feed->forwarding);
	free(feed);
}

const struct neighbours *neighbour_feed_neighbours(const struct neighbour_feed *feed)
{
	return &feed->neighbours;
}

const struct forwarding *neighbour_feed_forwarding(const struct neighbour_feed *feed)
{
	return &feed->forwarding;
}

struct counter_group neighbour_feed_counters(const struct neighbour_feed *feed)
{
	return (struct counter_group){"neighbours", feed->counters, COUNTERS};
}
