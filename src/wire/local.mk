# SPDX-License-Identifier: ISC
# The files of wire/, part of the pure archive.

libpure_a_SOURCES += \
	%D%/broadcast_message.h \
	%D%/description.c \
	%D%/description.h \
	%D%/header_block.h \
	%D%/http_head.h \
	%D%/ssdp_message.h \
	%D%/url.h \
	%D%/usn.h \
	%D%/varlink_message.c \
	%D%/varlink_message.h
