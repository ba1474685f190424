# SPDX-License-Identifier: ISC
# The daemon: everything of discoverd/ on top of the archives.

sbin_PROGRAMS += discoverd
discoverd_SOURCES = \
	%D%/config_files.c \
	%D%/config_files.h \
	%D%/control_socket.c \
	%D%/control_socket.h \
	%D%/descriptions.c \
	%D%/descriptions.h \
	%D%/descriptors.c \
	%D%/descriptors.h \
	%D%/drop_in_source.c \
	%D%/drop_in_source.h \
	%D%/drop_ins.c \
	%D%/drop_ins.h \
	%D%/echoes.c \
	%D%/echoes.h \
	%D%/engines.c \
	%D%/event_log.c \
	%D%/event_log.h \
	%D%/hub.c \
	%D%/hub.h \
	%D%/hub_announce.c \
	%D%/hub_control.c \
	%D%/hub_drop_ins.c \
	%D%/hub_links.c \
	%D%/hub_minissdpd.c \
	%D%/hub_neighbours.c \
	%D%/hub_parts.h \
	%D%/hub_programs.c \
	%D%/hub_reload.c \
	%D%/hub_warnings.c \
	%D%/identity.c \
	%D%/identity.h \
	%D%/log_output.c \
	%D%/log_output.h \
	%D%/main.c \
	%D%/minissdpd_socket.c \
	%D%/minissdpd_socket.h \
	%D%/options.c \
	%D%/options.h \
	%D%/ourselves.c \
	%D%/ourselves.h \
	%D%/probe_round.c \
	%D%/probe_round.h \
	%D%/probes.c \
	%D%/probes.h \
	%D%/programs.c \
	%D%/programs.h \
	%D%/protocol.c \
	%D%/protocol.h \
	%D%/service_manager.h \
	%D%/submission_tree.c \
	%D%/submission_tree.h \
	%D%/submissions.c \
	%D%/submissions.h \
	%D%/tree_description.c \
	%D%/tree_description.h \
	%D%/vendors.h
if HAVE_SYSTEMD
discoverd_SOURCES += %D%/service_manager_systemd.c %D%/vendors_systemd.c
else
discoverd_SOURCES += %D%/service_manager_none.c %D%/vendors_none.c
endif
discoverd_LDADD = $(NET_LIBS) $(UUID_LIBS) $(SYSTEMD_LIBS)
EXTRA_DIST += %D%/service_manager_systemd.c %D%/service_manager_none.c %D%/vendors_systemd.c %D%/vendors_none.c
