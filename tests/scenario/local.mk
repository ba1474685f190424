# SPDX-License-Identifier: ISC
# What tests/scenario/ adds to the build: whole hosts on a switch in memory.

if HAVE_CHECK
check_PROGRAMS += tests/scenario/run
TESTS += tests/scenario/run
endif
tests_scenario_run_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/scenario
tests_scenario_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_scenario_run_LDADD = $(PURE_LIBS) $(LIBXML_LIBS) $(CHECK_LIBS)
tests_scenario_run_SOURCES = \
	tests/all_engines.c \
	tests/runner.c \
	tests/id_of.h \
	tests/runner.h \
	%D%/host.c \
	%D%/host.h \
	%D%/network.c \
	%D%/run.c \
	%D%/scenario_beacons.c \
	%D%/scenario_changes.c \
	%D%/scenario_descriptions.c \
	%D%/scenario_idle.c \
	%D%/scenario_lossy_network.c \
	%D%/scenario_meeting.c \
	%D%/scenario_multihomed.c \
	%D%/scenario_names.c \
	%D%/scenario_neighbours.c \
	%D%/scenario_offers.c \
	%D%/scenario_one_device.c \
	%D%/scenario_own_device.c \
	%D%/scenario_reconfirm.c \
	%D%/scenario_renewals.c \
	%D%/scenario_repeats.c \
	%D%/scenario_restored.c \
	%D%/scenario_searches.c \
	%D%/scenario_two_devices.c \
	%D%/scenario_wsd.c \
	%D%/scenarios.h \
	%D%/view.c \
	%D%/world.c \
	%D%/world.h
