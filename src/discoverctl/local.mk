# SPDX-License-Identifier: ISC
# What src/discoverctl/ adds to the build.

# All of the tool but its main(), so that the unit tests can link it.
noinst_LIBRARIES += libdiscoverctl.a
libdiscoverctl_a_SOURCES = \
	%D%/aliases.c \
	%D%/aliases.h \
	%D%/announce_commands.c \
	%D%/cell.c \
	%D%/cell.h \
	%D%/column.h \
	%D%/column_set.c \
	%D%/column_set.h \
	%D%/columns.c \
	%D%/columns.h \
	%D%/command.h \
	%D%/command_options.c \
	%D%/command_options.h \
	%D%/commands.c \
	%D%/daemon.c \
	%D%/daemon.h \
	%D%/daemon_commands.c \
	%D%/device_commands.c \
	%D%/exit_status.h \
	%D%/fleet_helper.c \
	%D%/fleet_helper.h \
	%D%/format_json.c \
	%D%/format_lines.c \
	%D%/format_table.c \
	%D%/formats.h \
	%D%/grouping.c \
	%D%/grouping.h \
	%D%/history_commands.c \
	%D%/inventory.c \
	%D%/inventory.h \
	%D%/layout.c \
	%D%/layout.h \
	%D%/lookup.c \
	%D%/lookup.h \
	%D%/map_command.c \
	%D%/map_label.c \
	%D%/map_label.h \
	%D%/map_text.c \
	%D%/map_text.h \
	%D%/output.c \
	%D%/output.h \
	%D%/output_options.c \
	%D%/output_options.h \
	%D%/probe_calls.c \
	%D%/probe_calls.h \
	%D%/probe_command.c \
	%D%/probe_range.c \
	%D%/probe_range.h \
	%D%/probe_target.c \
	%D%/probe_target.h \
	%D%/resolve_command.c \
	%D%/rows.c \
	%D%/rows.h \
	%D%/search_command.c \
	%D%/sort.c \
	%D%/sort.h \
	%D%/suggest.c \
	%D%/suggest.h \
	%D%/watch_command.c \
	%D%/watch_memory.c \
	%D%/watch_memory.h \
	%D%/when.c \
	%D%/when.h

bin_PROGRAMS += discoverctl
discoverctl_SOURCES = \
	%D%/main.c
discoverctl_LDADD = libdiscoverctl.a libclient.a $(PURE_LIBS)
