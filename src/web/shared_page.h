/* SPDX-License-Identifier: ISC
 * shared_page: a page that is made of answers of discoverd, once for all that ask within a while.
 */
#ifndef WEB_SHARED_PAGE_H
#define WEB_SHARED_PAGE_H

#include <sys/queue.h>

#include "web/inquiry.h"

enum { SHARED_PAGE_FORMS = 2 };

struct evbuffer;

struct shared_page_type {
	struct inquiry_plan plan;
	/* Called when it is to be made: parameters of its last question; NULL: none. */
	struct json_object *(*parameters)(void *context);
	/* Writes each form. The replies are NULL where discoverd does not answer. 0 or -ENOMEM. */
	int (*make)(
	    void *context, struct json_object *const *replies, struct evbuffer *const *forms);
	int64_t age;     /* for how long it is handed out */
	bool unanswered; /* it is made also where discoverd does not answer */
};

/* One that waits for it; its members are those of shared_page.c. */
struct shared_page_reader {
	TAILQ_ENTRY(shared_page_reader) entry;
	struct shared_page *page; /* NULL: it does not wait */
	void (*ready)(struct shared_page_reader *reader, struct evbuffer *const *forms);
};

struct shared_page {
	const struct shared_page_type *type;
	void *context;
	struct loop *loop;
	struct inquiries *inquiries;
	struct inquiry *inquiry;
	struct evbuffer *forms[SHARED_PAGE_FORMS]; /* NULL: not made */
	struct instant good_until;
	TAILQ_HEAD(, shared_page_reader) waiting;
};

void shared_page_init(struct shared_page *page, const struct shared_page_type *type, void *context,
    struct loop *loop, struct inquiries *inquiries);
void shared_page_fini(struct shared_page *page);
/* Calls `ready`, now or later, with all forms, or with NULL where it cannot be made. */
void shared_page_read(struct shared_page *page, struct shared_page_reader *reader);
/* Waits no longer. */
void shared_page_leave(struct shared_page_reader *reader);
void shared_page_advance(struct shared_page *page, struct instant now);
struct instant shared_page_deadline(const struct shared_page *page);

#endif
