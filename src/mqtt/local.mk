# SPDX-License-Identifier: ISC
# The files of mqtt/: discoverd-mqtt.

# What needs no broker, so that the unit tests can link it.
noinst_LIBRARIES += libmqtt.a
libmqtt_a_SOURCES = \
	%D%/topic.c \
	%D%/topic.h
