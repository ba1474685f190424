# SPDX-License-Identifier: ISC
# The files of engine/, part of the pure archive.

libpure_a_SOURCES += \
	%D%/answer_bucket.c \
	%D%/answer_bucket.h \
	%D%/broadcast.c \
	%D%/broadcast_askers.c \
	%D%/broadcast_askers.h \
	%D%/broadcast_render.c \
	%D%/broadcast_render.h \
	%D%/engine.h \
	%D%/description_page.c \
	%D%/description_page.h \
	%D%/enrichment.c \
	%D%/enrichment.h \
	%D%/fetch_queue.c \
	%D%/fetch_queue.h \
	%D%/location.c \
	%D%/location.h \
	%D%/outbox.c \
	%D%/outbox.h \
	%D%/question_queue.c \
	%D%/question_queue.h \
	%D%/recent.c \
	%D%/recent.h \
	%D%/ssdp.c \
	%D%/ssdp_announce.c \
	%D%/ssdp_answer.c \
	%D%/ssdp_compose.c \
	%D%/ssdp_internal.h \
	%D%/ssdp_listen.c \
	%D%/ssdp_question.c \
	%D%/ssdp_search.c \
	%D%/ssdp_target.c \
	%D%/ssdp_voice.c
