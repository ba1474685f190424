/* SPDX-License-Identifier: ISC
 * udp: one shared or own UDP socket that knows by which link each datagram came and chooses the one
 * by which it goes.
 *
 * The kernel limits the memberships of a socket (IPv4: igmp_max_memberships, 20; IPv6: by
 * optmem_max). Where one has no room left, another one is opened that only receives. Each hears
 * only what it joined itself (IP_MULTICAST_ALL is off), so that no datagram is taken twice. */
#include "net/udp.h"
#include "net/udp_inbox.h"
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <unistd.h>

/* Between portions of what is waiting, the queue of the kernel is looked at again. */
enum { PER_WAKE_UP = 64, PORTION = 16, TRAFFIC_MAX = 64 };

enum { RECEIVED, SENT, TRUNCATED, RECEIVE_ERRORS, SEND_ERRORS, KERNEL_DROPS, COUNTERS };
static const char *const COUNTER_NAMES[COUNTERS] = {
    [RECEIVED] = "received",
    [SENT] = "sent",
    [TRUNCATED] = "truncated",
    [RECEIVE_ERRORS] = "receive-errors",
    [SEND_ERRORS] = "send-errors",
    [KERNEL_DROPS] = "kernel-drops",
};

struct traffic {
	uint32_t link;
	uint64_t received, sent, dropped;
};

/* One socket of the kernel. */
struct receiver {
	struct udp *udp;
	int fd;
	bool segments;          /* see udp_socket_send() */
	uint32_t drops;         /* as the kernel last counted them for this socket */
	size_t members;         /* memberships */
	struct address address; /* bound to: any, or a group */
	uint32_t link;          /* bound to; 0: any */
	struct udp_inbox inbox;
	struct event readable;
	struct event again; /* pending while datagrams wait in the inbox */
};

struct membership {
	struct address group;
	uint32_t link;
	int error;                 /* 0: joined */
	struct receiver *receiver; /* that joined; NULL where none did */
};

struct udp {
	/* Unless they are bound to groups, the first one is always there and sends. */
	struct receiver **receivers;
	size_t receiver_count, receiver_capacity;
	struct membership *memberships;
	size_t membership_count;
	struct loop *loop;
	struct udp_options options; /* with the port that it really has */
	udp_receive_fn *fn;
	void *context;
	struct counter counters[COUNTERS];
	struct traffic *traffic; /* grown as links appear, TRAFFIC_MAX at most */
	size_t traffic_count;
};

static void count(struct udp *udp, int which)
{
	udp->counters[which].value++;
}

static struct traffic *find_traffic(const struct udp *udp, uint32_t link)
{
	for (size_t i = 0; i < udp->traffic_count; i++)
		if (udp->traffic[i].link == link)
			return &udp->traffic[i];
	return NULL;
}

static struct traffic *quietest_traffic(const struct udp *udp)
{
	struct traffic *quietest = udp->traffic;
	for (struct traffic *t = quietest; t < udp->traffic + udp->traffic_count; t++)
		if (t->received + t->sent < quietest->received + quietest->sent)
			quietest = t;
	return quietest;
}

/* The account of a link, opened when it is new; NULL when out of memory. */
static struct traffic *traffic_of(struct udp *udp, uint32_t link)
{
	struct traffic *traffic = find_traffic(udp, link);
	if (traffic)
		return traffic;
	if (udp->traffic_count == TRAFFIC_MAX) {
		traffic = quietest_traffic(udp);
	} else {
		size_t size = (udp->traffic_count + 1) * sizeof(*traffic);
		struct traffic *grown = realloc(udp->traffic, size);
		if (!grown)
			return NULL;
		udp->traffic = grown;
		traffic = &grown[udp->traffic_count++];
	}
	*traffic = (struct traffic){.link = link};
	return traffic;
}

/* The kernel's count of datagrams that found the queue full; it wraps. */
static void take_drops(struct receiver *receiver, uint32_t drops)
{
	receiver->udp->counters[KERNEL_DROPS].value += (uint32_t)(drops - receiver->drops);
	receiver->drops = drops;
}

static struct membership *find_membership(
    const struct udp *udp, const struct address *group, uint32_t link)
{
	for (size_t i = 0; i < udp->membership_count; i++) {
		struct membership *membership = &udp->memberships[i];
		if (membership->link == link && address_equal(&membership->group, group))
			return membership;
	}
	return NULL;
}

/* A multicast belongs to the socket that joined its group on its link. The kernel takes any socket
 * that joined an IPv6 group on any link. */
static bool is_for(const struct receiver *receiver, const struct udp_datagram *datagram)
{
	if (!address_is_multicast(&datagram->to))
		return true;
	const struct membership *membership =
	    find_membership(receiver->udp, &datagram->to, datagram->link);
	return membership && membership->receiver == receiver;
}

static void handle(struct receiver *receiver, const struct udp_datagram *datagram)
{
	struct udp *udp = receiver->udp;
	if (!is_for(receiver, datagram))
		return;
	count(udp, RECEIVED);
	if (datagram->truncated)
		count(udp, TRUNCATED);
	struct traffic *traffic = traffic_of(udp, datagram->link);
	if (traffic)
		traffic->received++;
	udp->fn(udp->context, udp, datagram);
}

static void empty_queue(struct receiver *receiver)
{
	struct udp *udp = receiver->udp;
	uint32_t drops = receiver->drops;
	if (udp_inbox_fill(&receiver->inbox, receiver->fd, udp->options.datagram_max, &drops) < 0)
		count(udp, RECEIVE_ERRORS);
	take_drops(receiver, drops);
}

/* What is left has its turn in the next round, after other sockets, timers and sessions. */
static void receive(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	struct receiver *receiver = context;
	const struct udp_datagram *datagram;
	event_del(&receiver->again);
	for (unsigned i = 0; i < PER_WAKE_UP; i++) {
		if (i % PORTION == 0)
			empty_queue(receiver);
		datagram = udp_inbox_next(&receiver->inbox);
		if (!datagram)
			return;
		handle(receiver, datagram);
	}
	if (udp_inbox_waits(&receiver->inbox))
		loop_add_timer(&receiver->again, 0);
}

static int listen_in_loop(struct receiver *receiver)
{
	struct event_base *base = loop_base(receiver->udp->loop);
	evtimer_assign(&receiver->again, base, receive, receiver);
	if (event_assign(&receiver->readable, base, receiver->fd, EV_READ | EV_PERSIST, receive,
		receiver) < 0)
		return -EINVAL;
	return event_add(&receiver->readable, NULL) < 0 ? -ENOMEM : 0;
}

static void receiver_free(struct receiver *receiver)
{
	if (event_initialized(&receiver->again))
		event_del(&receiver->again);
	if (event_initialized(&receiver->readable))
		event_del(&receiver->readable);
	if (receiver->fd >= 0)
		close(receiver->fd);
	udp_inbox_fini(&receiver->inbox);
	free(receiver);
}

static bool has_room(struct udp *udp)
{
	if (udp->receiver_count < udp->receiver_capacity)
		return true;
	size_t capacity = udp->receiver_capacity ? 2 * udp->receiver_capacity : 1;
	struct receiver **grown = reallocarray(udp->receivers, capacity, sizeof(udp->receivers[0]));
	if (!grown)
		return false;
	udp->receivers = grown;
	udp->receiver_capacity = capacity;
	return true;
}

/* The first one is needed, whatever is left to others. The kernel gives the lowest number. */
static bool may_have(const struct udp *udp, int fd)
{
	unsigned end = udp->options.descriptors_end;
	return udp->receiver_count == 0 || end == 0 || (unsigned)fd < end;
}

/* Adds a receiver that is bound to this address. 0 or a negative errno. */
static int open_receiver(struct udp *udp, const struct address *address, uint32_t link)
{
	struct receiver *receiver = has_room(udp) ? calloc(1, sizeof(*receiver)) : NULL;
	if (!receiver)
		return -ENOMEM;
	receiver->udp = udp;
	udp_inbox_init(&receiver->inbox, udp->options.memory);
	receiver->address = *address;
	receiver->link = link;
	receiver->fd = udp_socket_open(&udp->options, address, link);
	int error = receiver->fd;
	if (error >= 0)
		error = may_have(udp, receiver->fd) ? listen_in_loop(receiver) : -EMFILE;
	if (error) {
		receiver_free(receiver);
		return error;
	}
	receiver->segments = udp_socket_can_segment(receiver->fd);
	udp->receivers[udp->receiver_count++] = receiver;
	return 0;
}

int udp_open(struct loop *loop, const struct udp_options *options, udp_receive_fn *fn,
    void *context, struct udp **out)
{
	struct udp *udp = calloc(1, sizeof(*udp));
	if (!udp)
		return -ENOMEM;
	udp->loop = loop;
	udp->options = *options;
	udp->fn = fn;
	udp->context = context;
	counters_init(udp->counters, COUNTER_NAMES, COUNTERS);
	struct address any = {.family = options->family};
	int error = options->by_group ? 0 : open_receiver(udp, &any, 0);
	if (error) {
		udp_close(udp);
		return error;
	}
	if (!options->by_group)
		udp->options.port = udp_socket_port(udp->receivers[0]->fd);
	*out = udp;
	return 0;
}

void udp_close(struct udp *udp)
{
	if (!udp)
		return;
	for (size_t i = 0; i < udp->receiver_count; i++)
		receiver_free(udp->receivers[i]);
	free(udp->receivers);
	free(udp->memberships);
	free(udp->traffic);
	free(udp);
}

uint16_t udp_port(const struct udp *udp)
{
	return udp->options.port;
}

static bool is_full(int error)
{
	return error == -ENOBUFS || error == -ENOMEM;
}

/* Bound to the group, a socket takes no unicast or broadcast from the first one. A link-local IPv6
 * group can only be bound to on one link; where no group has to be bound to, unicast may arrive at
 * any of our IPv6 sockets, but at one only. */
static int open_another(struct udp *udp, const struct address *group, uint32_t link)
{
	struct address any = {.family = group->family};
	bool ipv6 = group->family == ADDRESS_IPV6;
	bool by_group = udp->options.by_group;
	return open_receiver(udp, ipv6 && !by_group ? &any : group, ipv6 && by_group ? link : 0);
}

/* An IPv6 one that is not bound to a group stays open: a unicast may be in its queue. */
static void close_if_empty(struct udp *udp, struct receiver *receiver)
{
	if (receiver->members || address_is_unspecified(&receiver->address))
		return;
	size_t i = 0;
	while (udp->receivers[i] != receiver)
		i++;
	udp->receivers[i] = udp->receivers[--udp->receiver_count];
	receiver_free(receiver);
}

static bool can_hear(const struct receiver *receiver, const struct membership *membership)
{
	if (address_is_unspecified(&receiver->address))
		return true;
	return address_equal(&receiver->address, &membership->group) &&
	       (!receiver->link || receiver->link == membership->link);
}

static int join_with(struct receiver *receiver, struct membership *membership)
{
	int error = udp_socket_join(receiver->fd, &membership->group, membership->link);
	if (!error) {
		membership->receiver = receiver;
		receiver->members++;
	}
	return error;
}

/* Joins with the first socket that has room, or another one. */
static int join_somewhere(struct udp *udp, struct membership *membership)
{
	int error = -ENOBUFS;
	for (size_t i = 0; i < udp->receiver_count && is_full(error); i++)
		if (can_hear(udp->receivers[i], membership))
			error = join_with(udp->receivers[i], membership);
	if (!is_full(error))
		return error;
	error = open_another(udp, &membership->group, membership->link);
	if (error)
		return error;
	struct receiver *receiver = udp->receivers[udp->receiver_count - 1];
	error = join_with(receiver, membership);
	close_if_empty(udp, receiver);
	return error;
}

static struct membership *add_membership(
    struct udp *udp, const struct address *group, uint32_t link)
{
	struct membership *grown =
	    reallocarray(udp->memberships, udp->membership_count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	udp->memberships = grown;
	struct membership *membership = &grown[udp->membership_count++];
	*membership = (struct membership){.group = *group, .link = link, .error = -ENOENT};
	return membership;
}

int udp_join(struct udp *udp, const struct address *group, uint32_t link)
{
	if (group->family != udp->options.family)
		return -EAFNOSUPPORT;
	struct membership *membership = find_membership(udp, group, link);
	if (!membership)
		membership = add_membership(udp, group, link);
	if (!membership)
		return -ENOMEM;
	if (membership->error)
		membership->error = join_somewhere(udp, membership);
	return membership->error;
}

void udp_leave(struct udp *udp, const struct address *group, uint32_t link)
{
	struct membership *membership = find_membership(udp, group, link);
	if (!membership)
		return;
	struct receiver *receiver = membership->receiver;
	*membership = udp->memberships[--udp->membership_count];
	if (!receiver)
		return;
	udp_socket_leave(receiver->fd, group, link);
	receiver->members--;
	close_if_empty(udp, receiver);
}

int udp_membership(const struct udp *udp, const struct address *group, uint32_t link)
{
	const struct membership *membership = find_membership(udp, group, link);
	return membership ? membership->error : -ENOENT;
}

uint64_t udp_drops(const struct udp *udp)
{
	uint64_t drops = 0;
	for (size_t i = 0; i < udp->receiver_count; i++)
		drops += udp_socket_drops(udp->receivers[i]->fd);
	return drops;
}

size_t udp_sockets(const struct udp *udp)
{
	return udp->receiver_count;
}

/* The socket that sends it; NULL: there is none. */
static struct receiver *sender_of(const struct udp *udp, const struct udp_send *send)
{
	if (send->to.address.family != udp->options.family)
		return NULL;
	for (size_t i = 0; i < udp->receiver_count; i++)
		if (!udp->receivers[i]->link || udp->receivers[i]->link == send->link)
			return udp->receivers[i];
	return NULL;
}

static void count_sent(struct udp *udp, const struct udp_send *send)
{
	count(udp, send->error ? SEND_ERRORS : SENT);
	struct traffic *traffic = send->error ? NULL : traffic_of(udp, send->link);
	if (traffic)
		traffic->sent++;
}

void udp_send(struct udp *udp, struct udp_send sends[], size_t count)
{
	for (size_t first = 0, end; first < count; first = end) {
		struct receiver *sender = sender_of(udp, &sends[first]);
		end = first + 1;
		while (end < count && sender_of(udp, &sends[end]) == sender)
			end++;
		if (sender)
			udp_socket_send(sender->fd, &sends[first], end - first, &sender->segments);
		for (size_t i = first; i < end; i++) {
			if (!sender)
				sends[i].error = sends[i].to.address.family == udp->options.family
						     ? -ENOTCONN
						     : -EAFNOSUPPORT;
			count_sent(udp, &sends[i]);
		}
	}
}

struct counter_group udp_counters(const struct udp *udp)
{
	return (struct counter_group){udp->options.name, udp->counters, COUNTERS};
}

void udp_note_drop(struct udp *udp, uint32_t link)
{
	struct traffic *traffic = find_traffic(udp, link);
	if (traffic)
		traffic->dropped++;
}

void udp_link_traffic(const struct udp *udp, uint32_t link, struct udp_traffic *sum)
{
	const struct traffic *traffic = find_traffic(udp, link);
	if (traffic) {
		sum->received += traffic->received;
		sum->sent += traffic->sent;
		sum->dropped += traffic->dropped;
	}
}
