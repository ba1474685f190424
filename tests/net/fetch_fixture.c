/* SPDX-License-Identifier: ISC
 * fetch_fixture: see fetch_fixture.h. */
#include "fetch_fixture.h"
#include "net/sockaddr.h"
#include <check.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <string.h>

static void peer_close(struct fixture *f)
{
	if (f->peer)
		bufferevent_free(f->peer);
	f->peer = NULL;
}

static void peer_reset(struct fixture *f)
{
	const struct linger at_once = {.l_onoff = 1};

	ck_assert_int_eq(setsockopt(bufferevent_getfd(f->peer), SOL_SOCKET, SO_LINGER, &at_once,
			     sizeof(at_once)),
	    0);
	peer_close(f);
}

static void peer_drip(evutil_socket_t fd, short what, void *context)
{
	struct fixture *f = context;
	(void)fd, (void)what;

	if (!f->peer || f->dripped == f->script.answer.len)
		return;
	bufferevent_write(f->peer, f->script.answer.bytes + f->dripped++, 1);
	loop_add_timer(f->dripper, MILLISECONDS(10));
}

static void peer_written(struct bufferevent *peer, void *context)
{
	struct fixture *f = context;

	if (!f->answered)
		return; /* libevent calls once before anything is written */
	if (f->script.endless.len) {
		bufferevent_write(peer, f->script.endless.bytes, f->script.endless.len);
	} else if (f->script.reset) {
		peer_reset(f);
	} else if (!f->script.stay && !f->script.drip) {
		peer_close(f);
	}
}

static void peer_answer(struct fixture *f)
{
	struct slice answer =
	    f->connections > 1 && f->script.second.len ? f->script.second : f->script.answer;

	f->answered = true;
	if (f->script.drip)
		peer_drip(-1, 0, f);
	else if (answer.len)
		bufferevent_write(f->peer, answer.bytes, answer.len);
	else if (!f->script.stay)
		peer_close(f);
}

static void peer_read(struct bufferevent *peer, void *context)
{
	struct fixture *f = context;
	size_t len = strlen(f->request);

	len += bufferevent_read(peer, f->request + len, sizeof(f->request) - 1 - len);
	f->request[len] = '\0';
	if (!f->answered && strstr(f->request, "\r\n\r\n"))
		peer_answer(f);
}

static void peer_event(struct bufferevent *peer, short what, void *context)
{
	(void)peer, (void)what;
	peer_close(context);
}

static void peer_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *address, int len, void *context)
{
	struct fixture *f = context;
	(void)address, (void)len;

	peer_close(f);
	f->connections++;
	f->request[0] = '\0';
	f->answered = false;
	f->peer =
	    bufferevent_socket_new(evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(f->peer, peer_read, peer_written, peer_event, f);
	bufferevent_enable(f->peer, EV_READ | EV_WRITE);
	if (f->script.at_once)
		peer_answer(f);
}

static void done(void *context, const struct fetch_result *result)
{
	struct fixture *f = context;
	const struct description *description = result->description;

	f->calls++;
	f->number = result->number;
	f->error = result->error;
	f->heard = result->answered;
	f->name[0] = '\0';
	snprintf(f->path, sizeof(f->path), "%s", result->path);
	ck_assert(result->error || description);
	if (description)
		snprintf(f->name, sizeof(f->name), "%s", description->devices[0].friendly_name);
	if (f->start_again) {
		f->start_again = false;
		ck_assert_int_eq(
		    fetcher_start(f->fetcher, result->number + 1, &f->here, 0, "/"), 0);
	}
	if (f->free_inside) {
		fetcher_free(f->fetcher);
		f->fetcher = NULL;
	}
}

void listen_at(struct fixture *f, struct address address)
{
	struct sockaddr_storage sockaddr;
	struct address_port any = {address, 0};
	socklen_t len = sockaddr_from_endpoint(&any, 0, &sockaddr);

	f->listener = evconnlistener_new_bind(loop_base(f->loop), peer_accept, f,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 8, (struct sockaddr *)&sockaddr, (int)len);
	ck_assert_ptr_nonnull(f->listener);
	len = sizeof(sockaddr);
	ck_assert_int_eq(
	    getsockname(evconnlistener_get_fd(f->listener), (struct sockaddr *)&sockaddr, &len), 0);
	f->here = sockaddr_to_endpoint(&sockaddr);
}

void setup(struct fixture *f)
{
	*f = (struct fixture){.loop = loop_new()};
	ck_assert_ptr_nonnull(f->loop);
	f->fetcher = fetcher_new(f->loop, DESCRIPTION_BODY_MAX, done, f);
	ck_assert_ptr_nonnull(f->fetcher);
	f->dripper = evtimer_new(loop_base(f->loop), peer_drip, f);
}

void teardown(struct fixture *f)
{
	fetcher_free(f->fetcher);
	peer_close(f);
	event_free(f->dripper);
	if (f->listener)
		evconnlistener_free(f->listener);
	loop_free(f->loop);
}

bool was_called(void *context)
{
	struct fixture *f = context;
	return f->calls > 0;
}

int fetch_from(struct fixture *f, struct script script)
{
	setup(f);
	listen_at(f, address_ipv4(127, 0, 0, 1));
	f->script = script;
	if (script.timeout)
		fetcher_set_timeout(f->fetcher, script.timeout);
	ck_assert_int_eq(fetcher_start(f->fetcher, 7, &f->here, 0, "/d.xml?a=b"), 0);
	ck_assert_uint_eq(f->calls, 0);
	ck_assert(run_until(f->loop, was_called, f, NULL));
	ck_assert_uint_eq(f->number, 7);
	run_for(f->loop, MILLISECONDS(1));
	ck_assert_uint_eq(f->calls, 1);
	teardown(f);
	return f->error;
}

int answered(struct slice answer)
{
	struct fixture f;

	return fetch_from(&f, (struct script){.answer = answer});
}
