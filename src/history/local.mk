# SPDX-License-Identifier: ISC
# The files of history/: discoverd-history.

COMPANIONS_ALL += history

# What needs no database, so that the unit tests can link it everywhere.
noinst_LIBRARIES += libhistory.a
libhistory_a_SOURCES = \
	%D%/calendar.c \
	%D%/calendar.h \
	%D%/facts.c \
	%D%/facts.h \
	%D%/history_config.c \
	%D%/history_config.h \
	%D%/hook_environment.c \
	%D%/hook_environment.h \
	%D%/present_devices.c \
	%D%/present_devices.h

if BUILD_HISTORY
COMPANIONS += history

# All else but its main().
noinst_LIBRARIES += librecorder.a
librecorder_a_SOURCES = \
	%D%/history_methods.c \
	%D%/history_methods.h \
	%D%/history_program.c \
	%D%/history_program.h \
	%D%/history_records.c \
	%D%/history_records.h \
	%D%/hooks.c \
	%D%/hooks.h \
	%D%/known.c \
	%D%/known.h \
	%D%/recorder.c \
	%D%/recorder.h \
	%D%/retention.c \
	%D%/retention.h \
	%D%/statements.c \
	%D%/statements.h \
	%D%/store.c \
	%D%/store.h \
	%D%/varlink_server.c \
	%D%/varlink_server.h
nodist_librecorder_a_SOURCES = %D%/history_text.h
BUILT_SOURCES += %D%/history_text.h
HISTORY_LIBS = librecorder.a libhistory.a $(COMPANION_LIBS) $(SQLITE_LIBS)

sbin_PROGRAMS += discoverd-history
discoverd_history_SOURCES = %D%/main.c
discoverd_history_LDADD = $(HISTORY_LIBS)
dist_varlink_DATA += %D%/io.discoverd.History.varlink
endif

# Its interface as IO_DISCOVERD_HISTORY_TEXT, with ORG_VARLINK_SERVICE_TEXT.
CLEANFILES += %D%/history_text.h
%D%/history_text.h: %D%/io.discoverd.History.varlink src/control/org.varlink.service.varlink scripts/text_header.awk
	$(AM_V_GEN)$(MKDIR_P) %D% && $(AWK) -v guard=HISTORY_HISTORY_TEXT_H -v ending=.varlink -f $(srcdir)/scripts/text_header.awk \
	    $(srcdir)/%D%/io.discoverd.History.varlink $(srcdir)/src/control/org.varlink.service.varlink >$@.tmp && mv $@.tmp $@
%D%/history_program.$(OBJEXT): %D%/history_text.h
