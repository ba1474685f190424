/* SPDX-License-Identifier: ISC
 * fetch_fixture: a fetcher and a small server in the same loop, which answers as it is told. */
#ifndef TESTS_NET_FETCH_FIXTURE_H
#define TESTS_NET_FETCH_FIXTURE_H

#include "harness.h"
#include "net/fetch.h"

#define DOCUMENT      "<root><device><friendlyName>lamp</friendlyName></device></root>"
#define TIMES4(text)  text text text text
#define TIMES64(text) TIMES4(TIMES4(TIMES4(text)))
#define HEAD          "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"

/* What the other side does once it has read a request, or before. */
struct script {
	bool at_once;
	struct slice answer;
	struct slice endless; /* then this, again and again */
	bool drip;            /* the answer byte by byte, one each 10 ms */
	int64_t timeout;      /* of the fetch; 0: as it is */
	bool stay;            /* keeps the connection open after the answer */
	bool reset;           /* ends it with a reset */
	struct slice second;  /* the answer on the second connection */
};

struct fixture {
	struct loop *loop;
	struct fetcher *fetcher;
	struct evconnlistener *listener;
	struct address_port here;
	struct script script;
	struct bufferevent *peer; /* the latest connection */
	struct event *dripper;
	size_t dripped;
	bool answered;
	unsigned connections;
	char request[2048]; /* the latest */
	/* what came of it */
	unsigned calls;
	uint64_t number;
	int error;
	bool heard; /* the result says that the server answered */
	char name[64], path[64];
	bool start_again, free_inside;
};

void setup(struct fixture *f);
void teardown(struct fixture *f);
/* Listens on a port of this address that is free; `here` is where. */
void listen_at(struct fixture *f, struct address address);
bool was_called(void *context);
/* Fetches from a server that acts like this; the error that came of it. */
int fetch_from(struct fixture *f, struct script script);
int answered(struct slice answer);

#endif
