# SPDX-License-Identifier: ISC
# The files of control/, part of the pure archive.

libpure_a_SOURCES += \
	%D%/announce_method.c \
	%D%/announce_method.h \
	%D%/announce_reader.c \
	%D%/announce_reader.h \
	%D%/attachment.c \
	%D%/attachment.h \
	%D%/byte_queue.c \
	%D%/byte_queue.h \
	%D%/change_texts.c \
	%D%/change_texts.h \
	%D%/control_host.h \
	%D%/device_json.c \
	%D%/device_json.h \
	%D%/device_lookup.c \
	%D%/device_lookup.h \
	%D%/device_set.c \
	%D%/device_set.h \
	%D%/endpoint_json.c \
	%D%/endpoint_json.h \
	%D%/filter.c \
	%D%/filter.h \
	%D%/job.c \
	%D%/job.h \
	%D%/json_build.c \
	%D%/json_build.h \
	%D%/link_json.c \
	%D%/link_json.h \
	%D%/list_job.c \
	%D%/method.c \
	%D%/method.h \
	%D%/methods.c \
	%D%/minissdpd_entries.c \
	%D%/minissdpd_entries.h \
	%D%/minissdpd_news.c \
	%D%/minissdpd_news.h \
	%D%/minissdpd_session.c \
	%D%/minissdpd_session.h \
	%D%/monitor_job.c \
	%D%/page_walk.c \
	%D%/page_walk.h \
	%D%/probe_job.c \
	%D%/probe_method.c \
	%D%/probe_method.h \
	%D%/probe_plan.c \
	%D%/probe_plan.h \
	%D%/resolve_job.c \
	%D%/resolve_method.c \
	%D%/resolve_method.h \
	%D%/search_job.c \
	%D%/session.c \
	%D%/session.h \
	%D%/session_type.h \
	%D%/text_queue.c \
	%D%/text_queue.h

# For clients that make code of it.
varlinkdir = $(datadir)/varlink
dist_varlink_DATA = %D%/io.discoverd.varlink

# The interface definitions as C strings, IO_DISCOVERD_TEXT and ORG_VARLINK_SERVICE_TEXT.
control_interfaces = \
	%D%/io.discoverd.varlink \
	%D%/org.varlink.service.varlink
nodist_libpure_a_SOURCES = %D%/interface_text.h
EXTRA_DIST += $(control_interfaces)
BUILT_SOURCES += %D%/interface_text.h
CLEANFILES += %D%/interface_text.h

%D%/interface_text.h: $(control_interfaces) scripts/text_header.awk
	$(AM_V_GEN)$(MKDIR_P) %D% && $(AWK) -v guard=CONTROL_INTERFACE_TEXT_H -v ending=.varlink -f $(srcdir)/scripts/text_header.awk \
	    $(srcdir)/%D%/io.discoverd.varlink $(srcdir)/%D%/org.varlink.service.varlink >$@.tmp && mv $@.tmp $@
%D%/methods.$(OBJEXT): %D%/interface_text.h
