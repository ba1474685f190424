/* SPDX-License-Identifier: ISC
 * inquiry: asks discoverd what a page needs, one question at a time, so that no number of browsers
 * keeps discoverd busy. */
#ifndef WEB_INQUIRY_H
#define WEB_INQUIRY_H

#include "client/watcher.h"

struct inquiry;
struct inquiries;
struct json_object;

enum { INQUIRY_QUESTIONS_MAX = 3 };

/* Methods of io.discoverd, in their order; NULL behind the last. */
struct inquiry_plan {
	const char *methods[INQUIRY_QUESTIONS_MAX];
};

/* `error` is NULL, or that of watcher_answer_fn, at the latest 4 s after it was asked; the replies
 * (one per method) are borrowed. */
typedef void inquiry_done_fn(
    void *context, const char *error, struct json_object *const replies[INQUIRY_QUESTIONS_MAX]);

/* NULL when out of memory. */
struct inquiries *inquiries_new(struct loop *loop, struct watcher *watcher);
/* Before the watcher is closed. Without another call. */
void inquiries_free(struct inquiries *inquiries);
/* Takes the parameters of the last method over; NULL: none. The plan is borrowed. 0, -EAGAIN (too
 * many wait), -ENOTCONN (no connection, or an earlier one has no answer yet after that time),
 * -ENOMEM. `done` is called later, once. */
int inquiry_begin(struct inquiries *inquiries, const struct inquiry_plan *plan,
    struct json_object *parameters, inquiry_done_fn *done, void *context, struct inquiry **inquiry);
/* `done` is not called any more. */
void inquiry_cancel(struct inquiry *inquiry);
void inquiries_advance(struct inquiries *inquiries, struct instant now);
struct instant inquiries_deadline(const struct inquiries *inquiries);

#endif
