# SPDX-License-Identifier: ISC
# The daemon: everything of discoverd/ on top of the archives.

# All of it but main(), so that tests can build it with rows of their own.
noinst_LIBRARIES += libdiscoverd.a
libdiscoverd_a_SOURCES = \
	%D%/call_filter.h \
	%D%/config_files.c \
	%D%/config_files.h \
	%D%/descriptors.c \
	%D%/descriptors.h \
	%D%/drop_in_source.c \
	%D%/drop_in_source.h \
	%D%/drop_ins.c \
	%D%/drop_ins.h \
	%D%/echoes.c \
	%D%/echoes.h \
	%D%/event_log.c \
	%D%/event_log.h \
	%D%/file_rules.c \
	%D%/file_rules.h \
	%D%/hub.c \
	%D%/hub.h \
	%D%/identity.c \
	%D%/identity.h \
	%D%/local_socket.c \
	%D%/local_socket.h \
	%D%/options.c \
	%D%/options.h \
	%D%/part.h \
	%D%/part_control.c \
	%D%/part_fetch.c \
	%D%/part_files.c \
	%D%/part_http.c \
	%D%/part_leases.c \
	%D%/part_links.c \
	%D%/part_log.c \
	%D%/part_memory.c \
	%D%/part_minissdpd.c \
	%D%/part_neighbours.c \
	%D%/part_probes.c \
	%D%/part_sandbox.c \
	%D%/part_saver.c \
	%D%/part_service_manager.c \
	%D%/part_sockets.c \
	%D%/part_xml.c \
	%D%/parts.c \
	%D%/parts.h \
	%D%/probe_round.c \
	%D%/probe_round.h \
	%D%/probes.c \
	%D%/probes.h \
	%D%/protocol.c \
	%D%/protocol.h \
	%D%/protocol_port.c \
	%D%/protocol_port.h \
	%D%/service_manager.h \
	%D%/submission_tree.c \
	%D%/submission_tree.h \
	%D%/submissions.c \
	%D%/submissions.h \
	%D%/vendors.h \
	%D%/warnings.c \
	%D%/warnings.h \
	%D%/xml_loader.h
if LOAD_LIBXML
libdiscoverd_a_SOURCES += %D%/xml_loader_dlopen.c %D%/library.c %D%/library.h
else
libdiscoverd_a_SOURCES += %D%/xml_loader_linked.c
endif
if HAVE_SYSTEMD
libdiscoverd_a_SOURCES += %D%/service_manager_systemd.c %D%/vendors_systemd.c %D%/systemd_library.h
if LOAD_SYSTEMD
libdiscoverd_a_SOURCES += %D%/systemd_library_dlopen.c
else
libdiscoverd_a_SOURCES += %D%/systemd_library_linked.c
endif
else
libdiscoverd_a_SOURCES += %D%/service_manager_none.c %D%/vendors_none.c
endif
if HAVE_SECCOMP
libdiscoverd_a_SOURCES += %D%/call_filter_seccomp.c
else
libdiscoverd_a_SOURCES += %D%/call_filter_none.c
endif
EXTRA_DIST += %D%/library.c %D%/library.h %D%/systemd_library.h %D%/systemd_library_dlopen.c %D%/systemd_library_linked.c %D%/xml_loader_dlopen.c \
	%D%/xml_loader_linked.c %D%/call_filter_seccomp.c %D%/call_filter_none.c %D%/service_manager_systemd.c %D%/service_manager_none.c %D%/vendors_systemd.c %D%/vendors_none.c

sbin_PROGRAMS += discoverd
discoverd_SOURCES = %D%/main.c
if LOAD_LIBXML
DISCOVERD_XML_LIBS =
else
DISCOVERD_XML_LIBS = $(LIBXML_LIBS)
endif
if LOAD_SYSTEMD
DISCOVERD_SYSTEMD_LIBS =
else
DISCOVERD_SYSTEMD_LIBS = $(SYSTEMD_LIBS)
endif
DISCOVERD_LIBS = libdiscoverd.a $(NET_LIBS) $(UUID_LIBS) $(DISCOVERD_XML_LIBS) $(DISCOVERD_SYSTEMD_LIBS) $(SECCOMP_LIBS) $(DLOPEN_LIBS)
discoverd_LDADD = $(DISCOVERD_LIBS)
