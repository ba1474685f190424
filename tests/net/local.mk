# SPDX-License-Identifier: ISC
# What tests/net/ adds to the build: net/ on real descriptors, in network namespaces of its own.

EXTRA_DIST += %D%/suites.list
if HAVE_CHECK
check_PROGRAMS += tests/net/run
TESTS += tests/net/run
endif
tests_net_run_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/net -DUNIT='"$(abs_top_srcdir)/systemd/discoverd.service.in"'
tests_net_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_run_LDADD = $(COMPANION_LIBS) $(SECCOMP_LIBS) $(LIBXML_LIBS) $(CHECK_LIBS)
tests_net_run_SOURCES = \
	tests/all_engines.c \
	tests/runner.c \
	tests/runner.h \
	%D%/fetch_fixture.c \
	%D%/fetch_fixture.h \
	%D%/harness.c \
	%D%/harness.h \
	%D%/run.c \
	%D%/scripted_daemon.c \
	%D%/scripted_daemon.h \
	%D%/suites.h \
	%D%/test_call_filter.c \
	%D%/test_descriptors.c \
	%D%/test_echoes.c \
	%D%/test_fetch.c \
	%D%/test_fetch_places.c \
	%D%/test_fetch_redirect.c \
	%D%/test_file_rules.c \
	%D%/test_file_watch.c \
	%D%/test_file_writer.c \
	%D%/test_http_server.c \
	%D%/test_loop.c \
	%D%/test_neighbour_feed.c \
	%D%/test_netlink.c \
	%D%/test_netns_names.c \
	%D%/test_ping.c \
	%D%/test_prober.c \
	%D%/test_rtnetlink.c \
	%D%/test_state_file.c \
	%D%/test_stream_server.c \
	%D%/test_submissions.c \
	%D%/test_tcp_probe.c \
	%D%/test_udp.c \
	%D%/test_udp_inbox.c \
	%D%/test_watcher.c \
	src/discoverd/descriptors.c \
	src/discoverd/echoes.c \
	src/discoverd/file_rules.c \
	src/discoverd/submissions.c
if HAVE_SECCOMP
tests_net_run_SOURCES += src/discoverd/call_filter_seccomp.c
else
tests_net_run_SOURCES += src/discoverd/call_filter_none.c
endif
