# SPDX-License-Identifier: ISC
# The files of registry/: the model of devices, endpoints and services, which the daemon does not use yet (HACKING.md).

libregistry_a_SOURCES = \
	%D%/endpoint.c \
	%D%/endpoint.h \
	%D%/key.c \
	%D%/key.h \
	%D%/registry.c \
	%D%/registry.h \
	%D%/registry_claims.c \
	%D%/registry_cursor.h \
	%D%/registry_device.c \
	%D%/registry_device.h \
	%D%/registry_endpoint.c \
	%D%/registry_internal.h \
	%D%/registry_observe.c \
	%D%/registry_reconfirm.c \
	%D%/registry_report.c \
	%D%/registry_sighting.h \
	%D%/registry_source.c \
	%D%/registry_ties.c \
	%D%/registry_url.c \
	%D%/string_pool.c \
	%D%/string_pool.h
