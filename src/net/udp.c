/* SPDX-License-Identifier: ISC
 * udp: one shared or own UDP socket that knows by which link each datagram came and chooses the one
 * by which it goes.
 *
 * The kernel limits the memberships of a socket (IPv4: igmp_max_memberships, 20; IPv6: by
 * optmem_max). Where one has no room left, another one is opened that only receives. Each hears
 * only what it joined itself (IP_MULTICAST_ALL is off), so that no datagram is taken twice. */
#include "net/udp.h"
#include "base/array.h"
#include "net/sockaddr.h"
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BYTES_MAX = 8192, PER_WAKE_UP = 64, QUEUE_BYTES = 1024 * 1024, TRAFFIC_MAX = 64 };

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
	uint32_t drops;         /* as the kernel last counted them for this socket */
	size_t members;         /* memberships */
	struct address address; /* bound to; a group, of an IPv4 one that is not the main */
	struct event readable;
};

struct membership {
	struct address group;
	uint32_t link;
	int error;                 /* 0: joined */
	struct receiver *receiver; /* that joined; NULL where none did */
};

struct udp {
	struct receiver main; /* also sends */
	struct receiver *more[UDP_SOCKETS_MAX - 1];
	size_t more_count;
	struct membership *memberships;
	size_t membership_count;
	struct loop *loop;
	struct udp_options options;
	uint16_t port;
	udp_receive_fn *fn;
	void *context;
	struct counter counters[COUNTERS];
	struct traffic *traffic; /* grown as links appear, TRAFFIC_MAX at most */
	size_t traffic_count;
	char bytes[BYTES_MAX];
};

/* Room for everything that the kernel tells or is told beside a datagram. */
union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + 2 * CMSG_SPACE(sizeof(int))];
};

/* What every socket of a family (ADDRESS_NONE: of any) is set to before it is bound. */
static const struct socket_option {
	uint8_t family;
	bool required;
	int level, name, value;
} OPTIONS[] = {
    {ADDRESS_NONE, false, SOL_SOCKET, SO_RCVBUF, QUEUE_BYTES},
    {ADDRESS_NONE, false, SOL_SOCKET, SO_RXQ_OVFL, 1},
    {ADDRESS_IPV4, true, IPPROTO_IP, IP_PKTINFO, 1},
    /* Only the groups that this socket joined itself, and only where it did. */
    {ADDRESS_IPV4, false, IPPROTO_IP, IP_MULTICAST_ALL, 0},
    /* Other programs on this host are to hear us as well. */
    {ADDRESS_IPV4, false, IPPROTO_IP, IP_MULTICAST_LOOP, 1},
    {ADDRESS_IPV6, true, IPPROTO_IPV6, IPV6_V6ONLY, 1},
    {ADDRESS_IPV6, true, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1},
#ifdef IPV6_MULTICAST_ALL
    {ADDRESS_IPV6, false, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0},
#endif
    {ADDRESS_IPV6, false, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1},
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

static void read_control(
    struct receiver *receiver, struct msghdr *message, struct udp_datagram *datagram)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			datagram->to = sockaddr_from_in(info.ipi_addr);
			datagram->link = (uint32_t)info.ipi_ifindex;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			datagram->to = sockaddr_from_in6(&info.ipi6_addr);
			datagram->link = info.ipi6_ifindex;
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
			uint32_t drops;
			memcpy(&drops, CMSG_DATA(c), sizeof(drops));
			take_drops(receiver, drops);
		}
	}
}

/* Takes one datagram off the queue. False: there is none. */
static bool receive_one(struct receiver *receiver)
{
	struct udp *udp = receiver->udp;
	struct sockaddr_storage from;
	union control control;
	struct iovec iov = {udp->bytes, sizeof(udp->bytes)};
	struct msghdr message = {
	    .msg_name = &from,
	    .msg_namelen = sizeof(from),
	    .msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(receiver->fd, &message, 0);
	if (len < 0) {
		if (errno == EAGAIN)
			return false;
		/* What an ICMP message left on the socket is read off like a datagram. */
		count(udp, RECEIVE_ERRORS);
		return true;
	}
	struct udp_datagram datagram = {
	    .from = sockaddr_to_endpoint(&from),
	    .truncated = message.msg_flags & MSG_TRUNC,
	    .bytes = {udp->bytes, (size_t)len},
	};
	read_control(receiver, &message, &datagram);
	count(udp, RECEIVED);
	if (datagram.truncated)
		count(udp, TRUNCATED);
	struct traffic *traffic = traffic_of(udp, datagram.link);
	if (traffic)
		traffic->received++;
	udp->fn(udp->context, udp, &datagram);
	return true;
}

static void receive(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	for (unsigned i = 0; i < PER_WAKE_UP && receive_one(context); i++)
		;
}

static int set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int set_options(int fd, const struct udp_options *options)
{
	for (size_t i = 0; i < COUNT_OF(OPTIONS); i++) {
		const struct socket_option *o = &OPTIONS[i];
		if (o->family != ADDRESS_NONE && o->family != options->family)
			continue;
		int error = set_option(fd, o->level, o->name, o->value);
		if (error && o->required)
			return error;
	}
	int error = 0;
	if (options->shared)
		error = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (!error && options->broadcast)
		error = set_option(fd, SOL_SOCKET, SO_BROADCAST, 1);
	return error;
}

/* Binds, and learns the port that the kernel gave. */
static int bind_to(struct receiver *receiver, const struct address *address, uint16_t port)
{
	struct address_port endpoint = {*address, port};
	struct sockaddr_storage sockaddr;
	socklen_t len = sockaddr_from_endpoint(&endpoint, 0, &sockaddr);
	if (bind(receiver->fd, (struct sockaddr *)&sockaddr, len) < 0 ||
	    getsockname(receiver->fd, (struct sockaddr *)&sockaddr, &len) < 0)
		return -errno;
	receiver->udp->port = sockaddr_to_endpoint(&sockaddr).port;
	return 0;
}

static int listen_in_loop(struct receiver *receiver)
{
	if (event_assign(&receiver->readable, loop_base(receiver->udp->loop), receiver->fd,
		EV_READ | EV_PERSIST, receive, receiver) < 0)
		return -EINVAL;
	return event_add(&receiver->readable, NULL) < 0 ? -ENOMEM : 0;
}

static void receiver_close(struct receiver *receiver)
{
	if (event_initialized(&receiver->readable))
		event_del(&receiver->readable);
	if (receiver->fd >= 0)
		close(receiver->fd);
}

/* `receiver` is zero but for `udp`; to be closed in any case. */
static int receiver_open(struct receiver *receiver, const struct address *address, uint16_t port)
{
	const struct udp_options *options = &receiver->udp->options;
	receiver->address = *address;
	int family = options->family == ADDRESS_IPV6 ? AF_INET6 : AF_INET;
	receiver->fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = receiver->fd < 0 ? -errno : set_options(receiver->fd, options);
	if (!error)
		error = bind_to(receiver, address, port);
	return error ? error : listen_in_loop(receiver);
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
	udp->main.udp = udp;
	struct address any = {.family = options->family};
	int error = receiver_open(&udp->main, &any, options->port);
	if (error) {
		udp_close(udp);
		return error;
	}
	*out = udp;
	return 0;
}

void udp_close(struct udp *udp)
{
	if (!udp)
		return;
	receiver_close(&udp->main);
	for (size_t i = 0; i < udp->more_count; i++) {
		receiver_close(udp->more[i]);
		free(udp->more[i]);
	}
	free(udp->memberships);
	free(udp->traffic);
	free(udp);
}

uint16_t udp_port(const struct udp *udp)
{
	return udp->port;
}

static int change_membership(
    const struct receiver *receiver, int option, const struct address *group, uint32_t link)
{
	struct group_req request = {.gr_interface = link};
	struct address_port endpoint = {*group, 0};
	sockaddr_from_endpoint(&endpoint, link, &request.gr_group);
	int level = group->family == ADDRESS_IPV6 ? IPPROTO_IPV6 : IPPROTO_IP;
	return setsockopt(receiver->fd, level, option, &request, sizeof(request)) < 0 ? -errno : 0;
}

static bool is_full(int error)
{
	return error == -ENOBUFS || error == -ENOMEM;
}

/* Bound to the group a socket takes no unicast or broadcast from the main one. A link-local IPv6
 * group cannot be bound to for all links: there unicast may arrive at any of our sockets, but at
 * one only. */
static struct receiver *open_another(struct udp *udp, const struct address *group, int *error)
{
	struct address any = {.family = group->family};
	struct receiver *receiver = calloc(1, sizeof(*receiver));
	if (!receiver) {
		*error = -ENOMEM;
		return NULL;
	}
	receiver->udp = udp;
	*error = receiver_open(receiver, group->family == ADDRESS_IPV6 ? &any : group, udp->port);
	if (!*error) {
		udp->more[udp->more_count++] = receiver;
		return receiver;
	}
	receiver_close(receiver);
	free(receiver);
	return NULL;
}

/* An IPv6 one stays open: a unicast may be in its queue. */
static void close_if_empty(struct udp *udp, struct receiver *receiver)
{
	if (receiver == &udp->main || receiver->members || udp->options.family == ADDRESS_IPV6)
		return;
	for (size_t i = 0; i < udp->more_count; i++)
		if (udp->more[i] == receiver) {
			udp->more[i] = udp->more[--udp->more_count];
			break;
		}
	receiver_close(receiver);
	free(receiver);
}

static bool can_hear(const struct receiver *receiver, const struct address *group)
{
	return group->family == ADDRESS_IPV6 || address_equal(&receiver->address, group);
}

static int join_with(struct receiver *receiver, struct membership *membership)
{
	int error =
	    change_membership(receiver, MCAST_JOIN_GROUP, &membership->group, membership->link);
	if (!error) {
		membership->receiver = receiver;
		receiver->members++;
	}
	return error;
}

/* Joins with the first socket that has room, or another one. */
static int join_somewhere(struct udp *udp, struct membership *membership)
{
	int error = join_with(&udp->main, membership);
	for (size_t i = 0; i < udp->more_count && is_full(error); i++)
		if (can_hear(udp->more[i], &membership->group))
			error = join_with(udp->more[i], membership);
	if (!is_full(error) || udp->more_count == COUNT_OF(udp->more))
		return error;
	struct receiver *receiver = open_another(udp, &membership->group, &error);
	if (receiver) {
		error = join_with(receiver, membership);
		close_if_empty(udp, receiver);
	}
	return error;
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
	change_membership(receiver, MCAST_LEAVE_GROUP, group, link);
	receiver->members--;
	close_if_empty(udp, receiver);
}

int udp_membership(const struct udp *udp, const struct address *group, uint32_t link)
{
	const struct membership *membership = find_membership(udp, group, link);
	return membership ? membership->error : -ENOENT;
}

static uint32_t drops_of(const struct receiver *receiver)
{
	uint32_t info[SK_MEMINFO_VARS] = {0};
	socklen_t len = sizeof(info);
	return getsockopt(receiver->fd, SOL_SOCKET, SO_MEMINFO, info, &len) < 0
		   ? 0
		   : info[SK_MEMINFO_DROPS];
}

uint64_t udp_drops(const struct udp *udp)
{
	uint64_t drops = drops_of(&udp->main);
	for (size_t i = 0; i < udp->more_count; i++)
		drops += drops_of(udp->more[i]);
	return drops;
}

size_t udp_sockets(const struct udp *udp)
{
	return 1 + udp->more_count;
}

static void put_control(struct msghdr *message, int level, int type, const void *value, size_t len)
{
	struct cmsghdr *c =
	    (struct cmsghdr *)((char *)message->msg_control + message->msg_controllen);
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), value, len);
	message->msg_controllen += CMSG_SPACE(len);
}

/* The link and source are said with each datagram: that also gets a broadcast out where no route
 * leads. */
static void put_ipv4(struct msghdr *message, const struct udp_send *send, int ttl)
{
	struct in_pktinfo info = {.ipi_ifindex = (int)send->link};
	if (send->source.family == ADDRESS_IPV4)
		info.ipi_spec_dst = sockaddr_in_addr(&send->source);
	put_control(message, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	if (ttl)
		put_control(message, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl));
}

static void put_ipv6(struct msghdr *message, const struct udp_send *send, int hops)
{
	struct in6_pktinfo info = {.ipi6_ifindex = send->link};
	if (send->source.family == ADDRESS_IPV6)
		info.ipi6_addr = sockaddr_in6_addr(&send->source);
	put_control(message, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	if (hops)
		put_control(message, IPPROTO_IPV6, IPV6_HOPLIMIT, &hops, sizeof(hops));
}

static int send_message(const struct udp *udp, const struct udp_send *send)
{
	if (send->to.address.family != udp->options.family)
		return -EAFNOSUPPORT;
	struct sockaddr_storage to;
	union control control = {0};
	struct iovec iov = {(void *)send->bytes.bytes, send->bytes.len};
	struct msghdr message = {
	    .msg_name = &to,
	    .msg_namelen = sockaddr_from_endpoint(&send->to, send->link, &to),
	    .msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	};
	int ttl = address_is_multicast(&send->to.address) ? send->ttl : 0;
	if (udp->options.family == ADDRESS_IPV6)
		put_ipv6(&message, send, ttl);
	else
		put_ipv4(&message, send, ttl);
	return sendmsg(udp->main.fd, &message, 0) < 0 ? -errno : 0;
}

int udp_send(struct udp *udp, const struct udp_send *send)
{
	int error = send_message(udp, send);
	count(udp, error ? SEND_ERRORS : SENT);
	struct traffic *traffic = error ? NULL : traffic_of(udp, send->link);
	if (traffic)
		traffic->sent++;
	return error;
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
