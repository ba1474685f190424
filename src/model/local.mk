# SPDX-License-Identifier: ISC
# The files of model/, part of the pure archive.

libpure_a_SOURCES += \
	%D%/announcement.c \
	%D%/announcement.h \
	%D%/config.c \
	%D%/config.h \
	%D%/config_option.c \
	%D%/config_option.h \
	%D%/config_reader.c \
	%D%/config_reader.h \
	%D%/device.c \
	%D%/device.h \
	%D%/device_page.c \
	%D%/device_page.h \
	%D%/fair_set.c \
	%D%/fair_set.h \
	%D%/forwarding.c \
	%D%/forwarding.h \
	%D%/link.c \
	%D%/link.h \
	%D%/neighbours.c \
	%D%/neighbours.h \
	%D%/service_file.c \
	%D%/service_file.h \
	%D%/sighting.h \
	%D%/table.c \
	%D%/table.h \
	%D%/table_doubt.c \
	%D%/table_internal.h \
	%D%/table_merge.c \
	%D%/table_observe.c \
	%D%/table_presence.c \
	%D%/table_source.c
