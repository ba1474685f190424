/* SPDX-License-Identifier: ISC
 * sys/queue: the lists of BSD, as far as discoverd uses them, for a C library that has no
 * <sys/queue.h> (musl). */
#ifndef COMPAT_SYS_QUEUE_H
#define COMPAT_SYS_QUEUE_H

#include <stddef.h>

/* SLIST: one pointer for the list, one for an element. */
#define SLIST_HEAD(name, type)                                                                     \
	struct name {                                                                              \
		struct type *slh_first;                                                            \
	}
#define SLIST_ENTRY(type)                                                                          \
	struct {                                                                                   \
		struct type *sle_next;                                                             \
	}
#define SLIST_FIRST(head)          ((head)->slh_first)
#define SLIST_NEXT(element, field) ((element)->field.sle_next)
#define SLIST_EMPTY(head)          (!SLIST_FIRST(head))
#define SLIST_FOREACH(variable, head, field)                                                       \
	for ((variable) = SLIST_FIRST(head); (variable); (variable) = SLIST_NEXT(variable, field))
#define SLIST_INSERT_HEAD(head, element, field)                                                    \
	do {                                                                                       \
		SLIST_NEXT(element, field) = SLIST_FIRST(head);                                    \
		SLIST_FIRST(head) = (element);                                                     \
	} while (0)
#define SLIST_REMOVE(head, element, type, field)                                                   \
	do {                                                                                       \
		struct type **slist_link = &SLIST_FIRST(head);                                     \
		while (*slist_link != (element))                                                   \
			slist_link = &SLIST_NEXT(*slist_link, field);                              \
		*slist_link = SLIST_NEXT(element, field);                                          \
	} while (0)

/* LIST: an element is removed without the list. */
#define LIST_HEAD(name, type)                                                                      \
	struct name {                                                                              \
		struct type *lh_first;                                                             \
	}
#define LIST_ENTRY(type)                                                                           \
	struct {                                                                                   \
		struct type *le_next, **le_prev;                                                   \
	}
#define LIST_FIRST(head)          ((head)->lh_first)
#define LIST_NEXT(element, field) ((element)->field.le_next)
#define LIST_INIT(head)           ((void)(LIST_FIRST(head) = NULL))
#define LIST_FOREACH(variable, head, field)                                                        \
	for ((variable) = LIST_FIRST(head); (variable); (variable) = LIST_NEXT(variable, field))
#define LIST_INSERT_HEAD(head, element, field)                                                     \
	do {                                                                                       \
		LIST_NEXT(element, field) = LIST_FIRST(head);                                      \
		if (LIST_FIRST(head))                                                              \
			LIST_FIRST(head)->field.le_prev = &LIST_NEXT(element, field);              \
		LIST_FIRST(head) = (element);                                                      \
		(element)->field.le_prev = &LIST_FIRST(head);                                      \
	} while (0)
#define LIST_REMOVE(element, field)                                                                \
	do {                                                                                       \
		if (LIST_NEXT(element, field))                                                     \
			LIST_NEXT(element, field)->field.le_prev = (element)->field.le_prev;       \
		*(element)->field.le_prev = LIST_NEXT(element, field);                             \
	} while (0)

/* STAILQ: elements are appended, too. */
#define STAILQ_HEAD(name, type)                                                                    \
	struct name {                                                                              \
		struct type *stqh_first, **stqh_last;                                              \
	}
#define STAILQ_ENTRY(type)                                                                         \
	struct {                                                                                   \
		struct type *stqe_next;                                                            \
	}
#define STAILQ_FIRST(head)          ((head)->stqh_first)
#define STAILQ_NEXT(element, field) ((element)->field.stqe_next)
#define STAILQ_EMPTY(head)          (!STAILQ_FIRST(head))
#define STAILQ_INIT(head)                                                                          \
	do {                                                                                       \
		STAILQ_FIRST(head) = NULL;                                                         \
		(head)->stqh_last = &STAILQ_FIRST(head);                                           \
	} while (0)
#define STAILQ_FOREACH(variable, head, field)                                                      \
	for ((variable) = STAILQ_FIRST(head); (variable); (variable) = STAILQ_NEXT(variable, field))
#define STAILQ_INSERT_TAIL(head, element, field)                                                   \
	do {                                                                                       \
		STAILQ_NEXT(element, field) = NULL;                                                \
		*(head)->stqh_last = (element);                                                    \
		(head)->stqh_last = &STAILQ_NEXT(element, field);                                  \
	} while (0)
#define STAILQ_REMOVE_HEAD(head, field)                                                            \
	do {                                                                                       \
		STAILQ_FIRST(head) = STAILQ_NEXT(STAILQ_FIRST(head), field);                       \
		if (STAILQ_EMPTY(head))                                                            \
			(head)->stqh_last = &STAILQ_FIRST(head);                                   \
	} while (0)
#define STAILQ_REMOVE(head, element, type, field)                                                  \
	do {                                                                                       \
		struct type **stailq_link = &STAILQ_FIRST(head);                                   \
		while (*stailq_link != (element))                                                  \
			stailq_link = &STAILQ_NEXT(*stailq_link, field);                           \
		*stailq_link = STAILQ_NEXT(element, field);                                        \
		if (!*stailq_link)                                                                 \
			(head)->stqh_last = stailq_link;                                           \
	} while (0)
#define STAILQ_CONCAT(first, second)                                                               \
	do {                                                                                       \
		if (!STAILQ_EMPTY(second)) {                                                       \
			*(first)->stqh_last = STAILQ_FIRST(second);                                \
			(first)->stqh_last = (second)->stqh_last;                                  \
			STAILQ_INIT(second);                                                       \
		}                                                                                  \
	} while (0)

/* TAILQ: also backwards. A head begins like an entry, which is how the element before is found. */
#define TAILQ_HEAD(name, type)                                                                     \
	struct name {                                                                              \
		struct type *tqh_first, **tqh_last;                                                \
	}
#define TAILQ_ENTRY(type)                                                                          \
	struct {                                                                                   \
		struct type *tqe_next, **tqe_prev;                                                 \
	}
#define TAILQ_FIRST(head)          ((head)->tqh_first)
#define TAILQ_NEXT(element, field) ((element)->field.tqe_next)
#define TAILQ_LAST(head, name)     (*((struct name *)(void *)(head)->tqh_last)->tqh_last)
#define TAILQ_PREV(element, name, field)                                                           \
	(*((struct name *)(void *)(element)->field.tqe_prev)->tqh_last)
#define TAILQ_EMPTY(head) (!TAILQ_FIRST(head))
#define TAILQ_INIT(head)                                                                           \
	do {                                                                                       \
		TAILQ_FIRST(head) = NULL;                                                          \
		(head)->tqh_last = &TAILQ_FIRST(head);                                             \
	} while (0)
#define TAILQ_FOREACH(variable, head, field)                                                       \
	for ((variable) = TAILQ_FIRST(head); (variable); (variable) = TAILQ_NEXT(variable, field))
#define TAILQ_FOREACH_REVERSE(variable, head, name, field)                                         \
	for ((variable) = TAILQ_LAST(head, name); (variable);                                      \
	     (variable) = TAILQ_PREV(variable, name, field))
#define TAILQ_INSERT_HEAD(head, element, field)                                                    \
	do {                                                                                       \
		TAILQ_NEXT(element, field) = TAILQ_FIRST(head);                                    \
		if (TAILQ_FIRST(head))                                                             \
			TAILQ_FIRST(head)->field.tqe_prev = &TAILQ_NEXT(element, field);           \
		else                                                                               \
			(head)->tqh_last = &TAILQ_NEXT(element, field);                            \
		TAILQ_FIRST(head) = (element);                                                     \
		(element)->field.tqe_prev = &TAILQ_FIRST(head);                                    \
	} while (0)
#define TAILQ_INSERT_TAIL(head, element, field)                                                    \
	do {                                                                                       \
		TAILQ_NEXT(element, field) = NULL;                                                 \
		(element)->field.tqe_prev = (head)->tqh_last;                                      \
		*(head)->tqh_last = (element);                                                     \
		(head)->tqh_last = &TAILQ_NEXT(element, field);                                    \
	} while (0)
#define TAILQ_INSERT_AFTER(head, before, element, field)                                           \
	do {                                                                                       \
		TAILQ_NEXT(element, field) = TAILQ_NEXT(before, field);                            \
		if (TAILQ_NEXT(before, field))                                                     \
			TAILQ_NEXT(before, field)->field.tqe_prev = &TAILQ_NEXT(element, field);   \
		else                                                                               \
			(head)->tqh_last = &TAILQ_NEXT(element, field);                            \
		TAILQ_NEXT(before, field) = (element);                                             \
		(element)->field.tqe_prev = &TAILQ_NEXT(before, field);                            \
	} while (0)
#define TAILQ_REMOVE(head, element, field)                                                         \
	do {                                                                                       \
		if (TAILQ_NEXT(element, field))                                                    \
			TAILQ_NEXT(element, field)->field.tqe_prev = (element)->field.tqe_prev;    \
		else                                                                               \
			(head)->tqh_last = (element)->field.tqe_prev;                              \
		*(element)->field.tqe_prev = TAILQ_NEXT(element, field);                           \
	} while (0)

#endif
