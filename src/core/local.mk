# SPDX-License-Identifier: ISC
# The files of core/, part of the pure archive.

libpure_a_SOURCES += \
	%D%/core.c \
	%D%/core.h \
	%D%/core_engines.c \
	%D%/core_identity.h \
	%D%/core_internal.h \
	%D%/core_observe.c \
	%D%/core_offers.c \
	%D%/core_offers.h \
	%D%/core_pages.c \
	%D%/core_repeats.c \
	%D%/core_restored.c \
	%D%/core_restored.h \
	%D%/engines.c \
	%D%/offer_description.c \
	%D%/offer_description.h \
	%D%/own_offer.c \
	%D%/own_offer.h \
	%D%/saved_endpoint.c \
	%D%/saved_table_internal.h \
	%D%/saved_json.c \
	%D%/saved_page.c \
	%D%/saved_table.c \
	%D%/saved_table.h
