/* SPDX-License-Identifier: ISC
 * event_streams: sends open pages what changes, as server-sent events (HTML Living Standard, 9.2):
 * "reset", "row", "removed", "synced" and "alive", each with JSON. A page that reads slowly gets
 * the newest of each device, and no queue grows for it. */
#ifndef WEB_EVENT_STREAMS_H
#define WEB_EVENT_STREAMS_H

#include "web/row_table.h"
#include "web/web_server.h"

enum { EVENT_STREAMS_MAX = 16 };

struct event_stream;
struct event_streams;

/* The rows are borrowed, and outlive it. NULL when out of memory. */
struct event_streams *event_streams_new(struct row_table *rows);
/* After the server has been closed. */
void event_streams_free(struct event_streams *streams);
/* Answers the visit with a stream that begins behind this token. Beyond EVENT_STREAMS_MAX it takes
 * the place of another address that has several more, which is closed. 0, -EBUSY, -ENOMEM. */
int event_stream_begin(struct event_streams *streams, struct web_visit *visit, struct slice token,
    struct event_stream **stream);
/* It has room. */
void event_stream_fill(struct event_stream *stream);
/* Its visit is closed. */
void event_stream_end(struct event_stream *stream);
/* Whether the connection to discoverd stands. */
void event_streams_set_connected(struct event_streams *streams, bool connected);
void event_streams_advance(struct event_streams *streams, struct instant now);
struct instant event_streams_deadline(const struct event_streams *streams);

#endif
