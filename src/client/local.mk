# SPDX-License-Identifier: ISC
# The files of client/: the connection to the control socket.

noinst_LIBRARIES += libclient.a
libclient_a_SOURCES = \
	%D%/client.c \
	%D%/client.h \
	%D%/field.c \
	%D%/field.h \
	%D%/known_ids.c \
	%D%/known_ids.h \
	%D%/watcher.c \
	%D%/watcher.h
