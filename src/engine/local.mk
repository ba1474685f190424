# SPDX-License-Identifier: ISC
# The files of engine/, part of the pure archive.

libpure_a_SOURCES += \
	%D%/answer_bucket.c \
	%D%/answer_bucket.h \
	%D%/beacons.c \
	%D%/beacons.h \
	%D%/broadcast.c \
	%D%/broadcast.h \
	%D%/broadcast_render.c \
	%D%/broadcast_render.h \
	%D%/engine.c \
	%D%/engine.h \
	%D%/description_page.c \
	%D%/description_page.h \
	%D%/enrichment.c \
	%D%/enrichment.h \
	%D%/fetch_queue.c \
	%D%/fetch_queue.h \
	%D%/instance_name.c \
	%D%/instance_name.h \
	%D%/mdns.c \
	%D%/mdns.h \
	%D%/mdns_browser.c \
	%D%/mdns_browser_internal.h \
	%D%/mdns_cache.c \
	%D%/mdns_host.c \
	%D%/mdns_internal.h \
	%D%/mdns_question.c \
	%D%/mdns_send.c \
	%D%/outbox.c \
	%D%/outbox.h \
	%D%/query_parts.c \
	%D%/query_parts.h \
	%D%/reconfirm_queue.c \
	%D%/reconfirm_queue.h \
	%D%/recent.c \
	%D%/recent.h \
	%D%/sockets.h \
	%D%/ssdp.c \
	%D%/ssdp.h \
	%D%/ssdp_announce.c \
	%D%/ssdp_answer.c \
	%D%/ssdp_compose.c \
	%D%/ssdp_internal.h \
	%D%/ssdp_listen.c \
	%D%/ssdp_schedule.c \
	%D%/ssdp_search.c \
	%D%/ssdp_sender.c \
	%D%/ssdp_target.c \
	%D%/txt_facts.c \
	%D%/txt_facts.h \
	%D%/wsd.c \
	%D%/wsd.h \
	%D%/wsd_internal.h \
	%D%/wsd_listen.c \
	%D%/wsd_query.c
