/* SPDX-License-Identifier: ISC
 * tcp_probe: asks once whether a TCP port answers, and how long it takes to say so. */
#include "net/tcp_probe.h"
#include "net/sockaddr.h"
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct tcp_probe {
	struct event event;
	int fd;
	int error; /* known before the loop had its turn; 0: wait for the socket */
	int64_t start;
	int64_t banner_limit, banner_end; /* 0: no banner is wanted; on clock_us() */
	struct tcp_probe_result result;
	char banner[TCP_PROBE_BANNER_MAX];
	size_t banner_len;
	tcp_probe_fn *fn;
	void *context;
};

/* The loop's moment is that of its last wake-up, too coarse for what takes microseconds. */
static int64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return SECONDS(now.tv_sec) + now.tv_nsec / 1000;
}

static enum tcp_probe_state state_of(int error)
{
	switch (error) {
	case 0:
		return TCP_PROBE_OPEN;
	case -ECONNREFUSED:
	case -ECONNRESET:
		return TCP_PROBE_CLOSED;
	case -ETIMEDOUT:
		return TCP_PROBE_NO_ANSWER;
	default:
		return TCP_PROBE_UNREACHABLE;
	}
}

static int socket_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ? -errno : -error;
}

void tcp_probe_cancel(struct tcp_probe *probe)
{
	if (!probe)
		return;
	event_del(&probe->event);
	close(probe->fd);
	free(probe);
}

static void tell(struct tcp_probe *probe)
{
	struct tcp_probe_result result = probe->result;
	char banner[TCP_PROBE_BANNER_MAX];
	size_t len = probe->banner_len;
	tcp_probe_fn *fn = probe->fn;
	void *context = probe->context;

	memcpy(banner, probe->banner, len);
	if (len)
		result.banner = slice_head(
		    (struct slice){banner, len}, slice_find((struct slice){banner, len}, '\n'));
	tcp_probe_cancel(probe);
	fn(context, &result);
}

static void listen_on(struct tcp_probe *probe);

/* Until a line end, the end of the stream, or as much as is taken. */
static void said(evutil_socket_t fd, short what, void *context)
{
	struct tcp_probe *probe = context;
	size_t room = sizeof(probe->banner) - probe->banner_len;
	char *at = probe->banner + probe->banner_len;
	ssize_t n = what & EV_TIMEOUT ? 0 : recv(fd, at, room, 0);

	if (n > 0)
		probe->banner_len += (size_t)n;
	if ((n > 0 && (size_t)n < room && !memchr(at, '\n', (size_t)n)) ||
	    (n < 0 && (errno == EAGAIN || errno == EINTR)))
		listen_on(probe);
	else
		tell(probe);
}

/* The limit is for the whole banner, so a service that sends one byte at a time does not keep the
 * socket. */
static void listen_on(struct tcp_probe *probe)
{
	int64_t left = probe->banner_end - clock_us();

	event_assign(&probe->event, event_get_base(&probe->event), probe->fd, EV_READ, said, probe);
	loop_put_last(&probe->event);
	if (left <= 0 || loop_add_timer(&probe->event, left) < 0)
		tell(probe);
}

static void answered(evutil_socket_t fd, short what, void *context)
{
	struct tcp_probe *probe = context;
	struct tcp_probe_result *result = &probe->result;

	*result = (struct tcp_probe_result){.error = probe->error, .us = clock_us() - probe->start};
	if (!result->error)
		result->error = what & EV_TIMEOUT ? -ETIMEDOUT : socket_error(fd);
	result->state = state_of(result->error);
	if (result->state != TCP_PROBE_OPEN || !probe->banner_limit) {
		tell(probe);
		return;
	}
	probe->banner_end = clock_us() + probe->banner_limit;
	listen_on(probe);
}

void tcp_probe_want_banner(struct tcp_probe *probe, int64_t limit_us)
{
	probe->banner_limit = limit_us;
}

/* A refusal of this host's own may come at once; it is told from the loop like the others. */
static int begin(struct tcp_probe *probe, struct loop *loop, const struct sockaddr_storage *to,
    socklen_t to_len, int64_t timeout_us)
{
	probe->start = clock_us();
	if (connect(probe->fd, (const struct sockaddr *)to, to_len) < 0 && errno != EINPROGRESS)
		probe->error = -errno;
	event_assign(&probe->event, loop_base(loop), probe->fd, EV_WRITE, answered, probe);
	loop_put_last(&probe->event);
	if (loop_add_timer(&probe->event, timeout_us) < 0)
		return -ENOMEM;
	if (probe->error)
		event_active(&probe->event, EV_WRITE, 0);
	return 0;
}

int tcp_probe_start(struct loop *loop, const struct address_port *to, uint32_t link,
    int64_t timeout_us, tcp_probe_fn *fn, void *context, struct tcp_probe **out)
{
	struct sockaddr_storage sockaddr;
	socklen_t len = to->port ? sockaddr_from_endpoint(to, link, &sockaddr) : 0;
	struct tcp_probe *probe = len ? calloc(1, sizeof(*probe)) : NULL;
	int result;

	if (!probe)
		return len ? -ENOMEM : -EINVAL;
	probe->fn = fn;
	probe->context = context;
	probe->fd = socket(sockaddr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	result = probe->fd < 0 ? -errno : 0;
	if (result) {
		free(probe);
		return result;
	}
	result = begin(probe, loop, &sockaddr, len, timeout_us);
	if (result) {
		close(probe->fd);
		free(probe);
		return result;
	}
	*out = probe;
	return 0;
}
