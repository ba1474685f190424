# SPDX-License-Identifier: ISC
# The files of client/: the connection to the control socket.

noinst_LIBRARIES += libclient.a
libclient_a_SOURCES = \
	%D%/client.c \
	%D%/client.h \
	%D%/device_record.c \
	%D%/device_record.h \
	%D%/field.c \
	%D%/field.h \
	%D%/interface_record.c \
	%D%/interface_record.h \
	%D%/known_ids.c \
	%D%/known_ids.h \
	%D%/map_tree.c \
	%D%/map_tree.h \
	%D%/map_walk.c \
	%D%/map_walk.h \
	%D%/natural_order.c \
	%D%/natural_order.h \
	%D%/pattern.c \
	%D%/pattern.h \
	%D%/watcher.c \
	%D%/watcher.h \
	%D%/web_link.c \
	%D%/web_link.h
