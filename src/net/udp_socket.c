/* SPDX-License-Identifier: ISC
 * udp_socket: see udp_socket.h. */
#include "net/udp_socket.h"
#include "base/array.h"
#include "net/sockaddr.h"
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of what is sent as segments, each fits into the smallest MTU of IPv6. */
enum { QUEUE_BYTES = 1024 * 1024, SEGMENT_MAX = 1232 };

/* Of Linux 4.18; a C library may be older. */
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

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

static int set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno : 0;
}

/* Of unicasts and multicasts. */
static int set_ttl(int fd, const struct udp_options *options)
{
	bool ipv6 = options->family == ADDRESS_IPV6;
	int level = ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
	int error = 0;
	if (!options->ttl)
		return 0;
	error = set_option(fd, level, ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, options->ttl);
	if (error)
		return error;
	return set_option(fd, level, ipv6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL, options->ttl);
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
	int error = set_ttl(fd, options);
	if (!error && options->shared)
		error = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (!error && options->broadcast)
		error = set_option(fd, SOL_SOCKET, SO_BROADCAST, 1);
	return error;
}

static int bind_to(int fd, const struct address *address, uint16_t port, uint32_t link)
{
	struct address_port endpoint = {*address, port};
	struct sockaddr_storage sockaddr;
	socklen_t len = sockaddr_from_endpoint(&endpoint, link, &sockaddr);
	return bind(fd, (struct sockaddr *)&sockaddr, len) < 0 ? -errno : 0;
}

int udp_socket_open(const struct udp_options *options, const struct address *address, uint32_t link)
{
	int family = options->family == ADDRESS_IPV6 ? AF_INET6 : AF_INET;
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int error = set_options(fd, options);
	if (!error)
		error = bind_to(fd, address, options->port, link);
	if (!error)
		return fd;
	close(fd);
	return error;
}

uint16_t udp_socket_port(int fd)
{
	struct sockaddr_storage sockaddr = {0};
	socklen_t len = sizeof(sockaddr);
	getsockname(fd, (struct sockaddr *)&sockaddr, &len);
	return sockaddr_to_endpoint(&sockaddr).port;
}

static int change_membership(int fd, int option, const struct address *group, uint32_t link)
{
	struct group_req request = {.gr_interface = link};
	struct address_port endpoint = {*group, 0};
	sockaddr_from_endpoint(&endpoint, link, &request.gr_group);
	int level = group->family == ADDRESS_IPV6 ? IPPROTO_IPV6 : IPPROTO_IP;
	return setsockopt(fd, level, option, &request, sizeof(request)) < 0 ? -errno : 0;
}

int udp_socket_join(int fd, const struct address *group, uint32_t link)
{
	if (!address_is_multicast(group))
		return 0;
	return change_membership(fd, MCAST_JOIN_GROUP, group, link);
}

int udp_socket_leave(int fd, const struct address *group, uint32_t link)
{
	if (!address_is_multicast(group))
		return 0;
	return change_membership(fd, MCAST_LEAVE_GROUP, group, link);
}

static void read_control(struct msghdr *message, struct udp_datagram *datagram, uint32_t *drops)
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
			memcpy(drops, CMSG_DATA(c), sizeof(*drops));
		}
	}
}

int udp_socket_receive(
    int fd, const struct udp_batch *batch, struct udp_datagram datagrams[], uint32_t *drops)
{
	struct sockaddr_storage from[UDP_BATCH_MAX];
	union control controls[UDP_BATCH_MAX];
	struct iovec places[UDP_BATCH_MAX];
	struct mmsghdr messages[UDP_BATCH_MAX];

	for (unsigned i = 0; i < batch->count; i++) {
		places[i] = (struct iovec){batch->bytes + i * batch->distance, batch->datagram_max};
		messages[i].msg_hdr = (struct msghdr){
		    .msg_name = &from[i],
		    .msg_namelen = sizeof(from[i]),
		    .msg_iov = &places[i],
		    .msg_iovlen = 1,
		    .msg_control = &controls[i],
		    .msg_controllen = sizeof(controls[i]),
		};
	}
	int count = recvmmsg(fd, messages, batch->count, 0, NULL);
	if (count < 0)
		return -errno;
	for (int i = 0; i < count; i++) {
		datagrams[i] = (struct udp_datagram){
		    .from = sockaddr_to_endpoint(&from[i]),
		    .truncated = messages[i].msg_hdr.msg_flags & MSG_TRUNC,
		    .bytes = {places[i].iov_base, messages[i].msg_len},
		};
		read_control(&messages[i].msg_hdr, &datagrams[i], drops);
	}
	return count;
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

/* A datagram, or a run of them, in the kernel's form. */
struct message {
	struct sockaddr_storage to;
	union control control;
};

/* `bytes` are as many as the run has datagrams. */
static void put_message(const struct udp_send *run, unsigned len, struct iovec *bytes,
    struct message *message, struct msghdr *header)
{
	int ttl = address_is_multicast(&run->to.address) ? run->ttl : 0;
	uint16_t segment = (uint16_t)run->bytes.len;

	for (unsigned i = 0; i < len; i++)
		bytes[i] = (struct iovec){(void *)run[i].bytes.bytes, run[i].bytes.len};
	message->control = (union control){0};
	*header = (struct msghdr){
	    .msg_name = &message->to,
	    .msg_namelen = sockaddr_from_endpoint(&run->to, run->link, &message->to),
	    .msg_iov = bytes,
	    .msg_iovlen = len,
	    .msg_control = &message->control,
	};
	if (run->to.address.family == ADDRESS_IPV6)
		put_ipv6(header, run, ttl);
	else
		put_ipv4(header, run, ttl);
	if (len > 1)
		put_control(header, SOL_UDP, UDP_SEGMENT, &segment, sizeof(segment));
}

static bool goes_the_same_way(const struct udp_send *a, const struct udp_send *b)
{
	return a->link == b->link && address_equal(&a->source, &b->source) &&
	       address_port_equal(&a->to, &b->to);
}

/* How many datagrams from the first one on can leave as segments of one: all go to one host and are
 * equally long, but for the last one, which may be shorter. A segment is not fragmented. */
static unsigned run_len(const struct udp_send sends[], unsigned count)
{
	size_t len = sends->bytes.len;
	unsigned end = 1;

	if (len == 0 || len > SEGMENT_MAX || address_is_multicast(&sends->to.address))
		return 1;
	while (end < count && goes_the_same_way(sends, &sends[end]) && sends[end].bytes.len &&
	       sends[end].bytes.len <= len && sends[end - 1].bytes.len == len)
		end++;
	return end;
}

/* Sends them with as few messages as it can, runs only where `joined`. How many datagrams have been
 * sent or have failed: all, but for those from a run on that could not be sent, with its *error. */
static unsigned send_batch(int fd, struct udp_send sends[], unsigned count, bool joined, int *error)
{
	struct message messages[UDP_BATCH_MAX];
	struct mmsghdr headers[UDP_BATCH_MAX];
	struct iovec bytes[UDP_BATCH_MAX];
	unsigned first[UDP_BATCH_MAX], n = 0;

	for (unsigned i = 0, len; i < count; i += len, n++) {
		len = joined ? run_len(&sends[i], count - i) : 1;
		first[n] = i;
		put_message(&sends[i], len, &bytes[i], &messages[n], &headers[n].msg_hdr);
	}
	for (unsigned done = 0; done < n;) {
		int sent = sendmmsg(fd, headers + done, n - done, 0);
		/* only the first one fails: what follows another one is left for the next call */
		if (sent < 0 && headers[done].msg_hdr.msg_iovlen > 1) {
			*error = -errno;
			return first[done];
		}
		if (sent < 0)
			sends[first[done]].error = -errno;
		done += sent < 0 ? 1 : (unsigned)sent;
	}
	return count;
}

void udp_socket_send(int fd, struct udp_send sends[], size_t count, bool *segments)
{
	bool joined = *segments;

	for (size_t i = 0; i < count; i++)
		sends[i].error = 0;
	for (size_t done = 0; done < count;) {
		size_t left = count - done;
		int error = 0;

		done += send_batch(fd, &sends[done],
		    left < UDP_BATCH_MAX ? (unsigned)left : UDP_BATCH_MAX, joined, &error);
		if (error)
			joined = false;
		/* the kernel cannot, or cannot by this device */
		if (error == -EIO || error == -EINVAL)
			*segments = false;
	}
}

bool udp_socket_can_segment(int fd)
{
	int size;
	socklen_t len = sizeof(size);
	return getsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, &len) == 0;
}

uint32_t udp_socket_drops(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = {0};
	socklen_t len = sizeof(info);
	return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) < 0 ? 0 : info[SK_MEMINFO_DROPS];
}
