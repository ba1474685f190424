/* SPDX-License-Identifier: ISC
 * netlink: keeps the link set as the kernel has it, by notification (rtnetlink through libmnl).
 *
 * Notifications are never added up: they only start another reading of everything. So there is one
 * way to come to a set, a lost notification costs nothing but that, and a set is always what the
 * kernel had at some moment. */
#include "net/netlink.h"
#include "base/mac.h"
#include "net/rtnetlink.h"
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUIET       MILLISECONDS(100) /* so long without news ends a burst */
#define BURST_MAX   SECONDS(1)
#define RETRY_AFTER SECONDS(1)

enum { DATAGRAM_MAX = 16 * 1024, PER_WAKE_UP = 32 };

enum { NOTIFICATIONS, READINGS, OVERRUNS, MALFORMED, FAILURES, COUNTERS };
static const char *const COUNTER_NAMES[COUNTERS] = {
    [NOTIFICATIONS] = "notifications",
    [READINGS] = "readings",
    [OVERRUNS] = "overruns",
    [MALFORMED] = "malformed",
    [FAILURES] = "failures",
};

struct netlink {
	struct loop *loop;
	struct mnl_socket *socket;
	struct event readable, due;
	bool burst; /* news came, and a reading is to follow */
	struct instant burst_end;
	loop_fn *fn;
	void *context;
	struct link_set links;
	struct link_set fresh;   /* what is being read */
	const struct step *step; /* of the reading; NULL while there is none */
	uint32_t sequence;       /* of the present step's request */
	uint32_t generation;     /* the last one given out */
	bool again;              /* news came during the reading */
	bool wanted;             /* a reading begins as soon as the queue is empty */
	bool overrun; /* notifications were lost: an index may have changed hands unseen */
	int error;    /* of the last reading that failed */
	struct counter counters[COUNTERS];
};

static void count(struct netlink *netlink, int which)
{
	netlink->counters[which].value++;
}

static bool is_other_device(const struct link *before, const struct link *now)
{
	return strcmp(before->name, now->name) != 0 || !mac_equal(&before->mac, &now->mac);
}

/* An index keeps its generation until its link was seen to go. */
static uint32_t generation_of(struct netlink *netlink, const struct link *link)
{
	const struct link *before = link_set_find(&netlink->links, link->index);
	if (!before || (netlink->overrun && is_other_device(before, link)))
		return ++netlink->generation;
	return before->generation;
}

/* Whatever is found at this index from now on is another link. */
static void end_generation(struct netlink *netlink, uint32_t index)
{
	struct link_set *const sets[] = {&netlink->links, &netlink->fresh};
	netlink->generation++;
	for (size_t i = 0; i < 2; i++) {
		struct link *link = link_set_find(sets[i], index);
		if (link)
			link->generation = netlink->generation;
	}
}

/* Asks sysfs, once for each link. */
static void find_kind(const struct netlink *netlink, struct link *link)
{
	const struct link *before = link_set_find(&netlink->links, link->index);
	if (before && before->generation == link->generation) {
		memcpy(link->kind, before->kind, sizeof(link->kind));
		return;
	}
	char path[64];
	snprintf(path, sizeof(path), "/sys/class/net/%s/phy80211", link->name);
	strcpy(link->kind, access(path, F_OK) == 0 ? "wifi" : "ethernet");
}

static int add_link(struct netlink *netlink, const struct nlmsghdr *message)
{
	struct link link;
	int error = rtnetlink_link(message, &link);
	if (error)
		return error;
	struct link *place = link_set_add(&netlink->fresh, link.index);
	if (!place)
		return -ENOMEM;
	link.generation = generation_of(netlink, &link);
	if (!link.kind[0])
		find_kind(netlink, &link);
	link.addresses = place->addresses;
	link.address_count = place->address_count;
	*place = link;
	return 0;
}

/* The link may have gone since it was read: then its address is of no interest either. */
static int add_address(struct netlink *netlink, const struct nlmsghdr *message)
{
	uint32_t index;
	struct link_address address;
	int error = rtnetlink_address(message, &index, &address);
	struct link *link = error ? NULL : link_set_find(&netlink->fresh, index);
	return link ? link_add_address(link, &address) : error;
}

/* The kernel lists the route with the lowest metric first. */
static int add_gateway(struct netlink *netlink, const struct nlmsghdr *message)
{
	uint32_t index;
	struct address gateway;
	int error = rtnetlink_gateway(message, &index, &gateway);
	struct link *link = error ? NULL : link_set_find(&netlink->fresh, index);
	if (link) {
		struct address *place =
		    gateway.family == ADDRESS_IPV6 ? &link->gateway6 : &link->gateway;
		if (address_is_none(place))
			*place = gateway;
	}
	return error == -ENOENT ? 0 : error;
}

static void ask_links(struct nlmsghdr *request)
{
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

static void ask_addresses(struct nlmsghdr *request)
{
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifaddrmsg));
}

static void ask_routes_of(struct nlmsghdr *request, uint8_t family)
{
	struct rtmsg *route = mnl_nlmsg_put_extra_header(request, sizeof(*route));
	route->rtm_family = family;
	route->rtm_table = RT_TABLE_MAIN;
	route->rtm_type = RTN_UNICAST;
}

static void ask_routes(struct nlmsghdr *request)
{
	ask_routes_of(request, AF_INET);
}

static void ask_routes6(struct nlmsghdr *request)
{
	ask_routes_of(request, AF_INET6);
}

/* A reading is these questions, one after the other. */
static const struct step {
	uint16_t question, answer;
	void (*ask)(struct nlmsghdr *request);
	int (*add)(struct netlink *netlink, const struct nlmsghdr *message);
} STEPS[] = {
    {RTM_GETLINK, RTM_NEWLINK, ask_links, add_link},
    {RTM_GETADDR, RTM_NEWADDR, ask_addresses, add_address},
    {RTM_GETROUTE, RTM_NEWROUTE, ask_routes, add_gateway},
    {RTM_GETROUTE, RTM_NEWROUTE, ask_routes6, add_gateway},
    {0, 0, NULL, NULL},
};

static void take_news(struct netlink *netlink)
{
	if (netlink->step) {
		netlink->again = true;
		return;
	}
	if (netlink->wanted)
		return;
	struct instant now = loop_now(netlink->loop);
	if (!netlink->burst)
		netlink->burst_end = instant_add(now, BURST_MAX);
	netlink->burst = true;
	struct instant when = instant_earlier(instant_add(now, QUIET), netlink->burst_end);
	/* A timer that is set anew in each round would never ring. */
	if (instant_before(now, when))
		loop_add_timer(&netlink->due, instant_since(when, now));
	else
		netlink->wanted = true;
}

static int begin_step(struct netlink *netlink, const struct step *step)
{
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	request->nlmsg_type = step->question;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = ++netlink->sequence;
	step->ask(request);
	netlink->step = step;
	if (mnl_socket_sendto(netlink->socket, request, request->nlmsg_len) < 0)
		return -errno;
	return 0;
}

void netlink_retry(struct netlink *netlink)
{
	count(netlink, FAILURES);
	netlink->burst = true;
	netlink->burst_end = instant_add(loop_now(netlink->loop), RETRY_AFTER);
	loop_add_timer(&netlink->due, RETRY_AFTER);
}

/* What was read is thrown away; the links stay as they were until another reading succeeds. */
static void give_up(struct netlink *netlink, int error)
{
	netlink->error = error;
	netlink->step = NULL;
	netlink->again = false;
	link_set_fini(&netlink->fresh);
	link_set_init(&netlink->fresh);
	netlink_retry(netlink);
}

static void finish(struct netlink *netlink)
{
	count(netlink, READINGS);
	link_set_fini(&netlink->links);
	netlink->links = netlink->fresh;
	link_set_init(&netlink->fresh);
	netlink->step = NULL;
	/* Something lost during this reading may still hide a change of hands from it. */
	netlink->overrun = netlink->overrun && netlink->again;
	if (netlink->again)
		take_news(netlink);
	netlink->again = false;
	if (netlink->fn)
		netlink->fn(netlink->context);
}

static void next_step(struct netlink *netlink)
{
	const struct step *next = netlink->step + 1;
	int error;
	if (!next->ask)
		finish(netlink);
	else if ((error = begin_step(netlink, next)) < 0)
		give_up(netlink, error);
}

/* From an overrun until its queue is empty the kernel discards every further notification without
 * another ENOBUFS: a change during a reading that began before would remain unknown. */
static void begin_when_drained(struct netlink *netlink)
{
	if (!netlink->wanted)
		return;
	netlink->wanted = netlink->burst = false;
	event_del(&netlink->due);
	int error = begin_step(netlink, STEPS);
	if (error < 0)
		give_up(netlink, error);
}

/* Without an item for which there was no memory, the set would be another one than the kernel's. */
static void take_item(struct netlink *netlink, int error)
{
	if (error == -EBADMSG)
		count(netlink, MALFORMED);
	else if (error == -ENOMEM)
		give_up(netlink, error);
}

static void take_answer(struct netlink *netlink, const struct nlmsghdr *message)
{
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		netlink->again = true;
	if (message->nlmsg_type == NLMSG_DONE)
		next_step(netlink);
	else if (message->nlmsg_type == NLMSG_ERROR)
		give_up(netlink, -EIO);
	else if (message->nlmsg_type == netlink->step->answer)
		take_item(netlink, netlink->step->add(netlink, message));
}

/* Routers repeat what they said, and the kernel tells us every time. */
static bool is_known_address(const struct netlink *netlink, const struct nlmsghdr *message)
{
	uint32_t index;
	struct link_address address;
	if (rtnetlink_address(message, &index, &address) != 0)
		return false;
	const struct link *link = link_set_find(&netlink->links, index);
	for (size_t i = 0; link && i < link->address_count; i++) {
		const struct link_address *known = &link->addresses[i];
		if (known->usable == address.usable && known->prefix.len == address.prefix.len &&
		    address_equal(&known->prefix.address, &address.prefix.address) &&
		    address_equal(&known->broadcast, &address.broadcast) &&
		    address_equal(&known->peer, &address.peer))
			return true;
	}
	return false;
}

static bool is_news(struct netlink *netlink, const struct nlmsghdr *message)
{
	bool settled = !netlink->step && !netlink->burst;
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
		return rtnetlink_is_about_link(message);
	case RTM_DELLINK: {
		if (!rtnetlink_is_about_link(message))
			return false;
		const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
		end_generation(netlink, (uint32_t)info->ifi_index);
		return true;
	}
	case RTM_NEWADDR:
		return !settled || !is_known_address(netlink, message);
	case RTM_DELADDR:
		return true;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return rtnetlink_is_default_route(message);
	default:
		return false;
	}
}

static void take_message(struct netlink *netlink, const struct nlmsghdr *message)
{
	/* We change nothing in the kernel: what carries our port is an answer. */
	if (message->nlmsg_pid == mnl_socket_get_portid(netlink->socket)) {
		if (netlink->step && message->nlmsg_seq == netlink->sequence)
			take_answer(netlink, message);
		return;
	}
	count(netlink, NOTIFICATIONS);
	if (is_news(netlink, message))
		take_news(netlink);
}

/* 0 where reading can go on. */
static int take_error(struct netlink *netlink, int error)
{
	switch (error) {
	case EINTR:
		return 0;
	case ENOBUFS:
		count(netlink, OVERRUNS);
		netlink->overrun = true;
		take_news(netlink);
		return 0;
	case ENOSPC: /* libmnl's word for a datagram that did not fit */
		count(netlink, MALFORMED);
		return 0;
	default:
		return -error;
	}
}

/* Takes one datagram with all its messages. 0 or a negative errno. */
static int receive_one(struct netlink *netlink)
{
	char buffer[DATAGRAM_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t received = mnl_socket_recvfrom(netlink->socket, buffer, sizeof(buffer));
	if (received < 0)
		return take_error(netlink, errno);
	int left = (int)received;
	const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
		take_message(netlink, message);
	return 0;
}

static void receive(evutil_socket_t fd, short what, void *context)
{
	(void)fd, (void)what;
	struct netlink *netlink = context;
	int error = 0;
	for (unsigned i = 0; i < PER_WAKE_UP && !error; i++)
		error = receive_one(netlink);
	if (error == -EAGAIN)
		begin_when_drained(netlink);
	else if (netlink->wanted)
		loop_add_timer(&netlink->due, 0);
}

static void read_anew(evutil_socket_t fd, short what, void *context)
{
	struct netlink *netlink = context;
	netlink->wanted = true;
	receive(fd, what, netlink);
}

static int subscribe(struct netlink *netlink)
{
	netlink->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!netlink->socket)
		return -errno;
	/* Lets the kernel filter the routes; an old one gives them all. */
	int yes = 1;
	mnl_socket_setsockopt(netlink->socket, NETLINK_GET_STRICT_CHK, &yes, sizeof(yes));
	unsigned groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
			  RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
	if (mnl_socket_bind(netlink->socket, groups, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return 0;
}

/* The first reading, with a socket that waits. */
static int read_first(struct netlink *netlink)
{
	int error = begin_step(netlink, STEPS);
	while (netlink->step && !error)
		error = receive_one(netlink);
	if (!error && netlink->counters[READINGS].value == 0)
		error = netlink->error;
	return error;
}

static int listen_in_loop(struct netlink *netlink)
{
	int fd = mnl_socket_get_fd(netlink->socket);
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
		return -errno;
	if (event_assign(&netlink->readable, loop_base(netlink->loop), fd, EV_READ | EV_PERSIST,
		receive, netlink) < 0)
		return -EINVAL;
	return event_add(&netlink->readable, NULL) < 0 ? -ENOMEM : 0;
}

int netlink_open(struct loop *loop, loop_fn *fn, void *context, struct netlink **out)
{
	struct netlink *netlink = calloc(1, sizeof(*netlink));
	if (!netlink)
		return -ENOMEM;
	netlink->loop = loop;
	counters_init(netlink->counters, COUNTER_NAMES, COUNTERS);
	link_set_init(&netlink->links);
	link_set_init(&netlink->fresh);
	evtimer_assign(&netlink->due, loop_base(loop), read_anew, netlink);
	int error = subscribe(netlink);
	if (!error)
		error = read_first(netlink);
	if (!error)
		error = listen_in_loop(netlink);
	if (error) {
		netlink_close(netlink);
		return error;
	}
	netlink->fn = fn;
	netlink->context = context;
	*out = netlink;
	return 0;
}

void netlink_close(struct netlink *netlink)
{
	if (!netlink)
		return;
	event_del(&netlink->due);
	if (event_initialized(&netlink->readable))
		event_del(&netlink->readable);
	if (netlink->socket)
		mnl_socket_close(netlink->socket);
	link_set_fini(&netlink->links);
	link_set_fini(&netlink->fresh);
	free(netlink);
}

const struct link_set *netlink_links(const struct netlink *netlink)
{
	return &netlink->links;
}

struct counter_group netlink_counters(const struct netlink *netlink)
{
	return (struct counter_group){"netlink", netlink->counters, COUNTERS};
}
