# SPDX-License-Identifier: ISC
# What tests/fuzz/ adds to the build: the replay of the corpora in `make check`, and `make fuzz-check RUNS=N`.

EXTRA_DIST += %D%/check.sh %D%/corpus %D%/dictionaries %D%/driver.c %D%/long %D%/targets.list
check_PROGRAMS += tests/fuzz/replay
TESTS += tests/fuzz/replay
tests_fuzz_replay_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/fuzz -DCORPUS='"$(abs_top_srcdir)/tests/fuzz/corpus"'
tests_fuzz_replay_LDADD = libweb.a libmqtt.a libclient.a $(NET_LIBS) $(LIBXML_LIBS)
tests_fuzz_replay_SOURCES = \
	tests/all_engines.c \
	%D%/fuzz.c \
	%D%/fuzz.h \
	%D%/fuzz_beacons.c \
	%D%/fuzz_broadcast.c \
	%D%/fuzz_config.c \
	%D%/fuzz_core.c \
	%D%/fuzz_description.c \
	%D%/fuzz_dns.c \
	%D%/fuzz_filter.c \
	%D%/fuzz_fleet.c \
	%D%/fuzz_glob.c \
	%D%/fuzz_http_request.c \
	%D%/fuzz_http_response.c \
	%D%/fuzz_lease_file.c \
	%D%/fuzz_published_ids.c \
	%D%/fuzz_minissdpd.c \
	%D%/fuzz_saved_table.c \
	%D%/fuzz_service_file.c \
	%D%/fuzz_session.c \
	%D%/fuzz_ssdp.c \
	%D%/fuzz_state.c \
	%D%/fuzz_text.c \
	%D%/fuzz_url.c \
	%D%/fuzz_usn.c \
	%D%/fuzz_varlink.c \
	%D%/fuzz_web_request.c \
	%D%/fuzz_wsd.c \
	%D%/replay.c

CLANG = clang
RUNS = 20000
JOBS = 1
# Those of net/ read files, and their text by functions that do not.
FUZZED_FILES = $(libpure_a_SOURCES) src/net/kept_file.c src/net/state_file.c src/web/own_names.c src/web/web_request.c \
	$(addprefix src/mqtt/,fleet.c fleet_device.c fleet_document.c fleet_filter.c fleet_monitor.c fleet_networks.c fleet_rows.c \
	fleet_session.c published_ids.c outgoing.c topic.c) $(addprefix src/client/,device_record.c field.c interface_record.c pattern.c)
FUZZ_FLAGS = -std=gnu11 -include $(top_builddir)/config.h -I$(top_srcdir)/src -I$(top_builddir)/src -I$(top_srcdir)/tests \
	$(LIBXML_CFLAGS) $(JSONC_CFLAGS) $(NETTLE_CFLAGS) $(CPPFLAGS)

# TARGETS="usn url" leaves the others out; JOBS=4 runs four at a time.
fuzz-check: config.h $(BUILT_SOURCES)
	$(AM_V_GEN)CLANG='$(CLANG)' FLAGS='$(FUZZ_FLAGS)' LIBS='$(PURE_LIBS:libpure.a=) $(LIBXML_LIBS)' SOURCES='$(FUZZED_FILES)' \
		TARGETS='$(TARGETS)' RUNS='$(RUNS)' JOBS='$(JOBS)' $(top_srcdir)/tests/fuzz/check.sh $(top_srcdir)
.PHONY: fuzz-check
clean-local:
	rm -rf fuzz
