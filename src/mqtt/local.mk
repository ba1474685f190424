# SPDX-License-Identifier: ISC
# The files of mqtt/: discoverd-mqtt.

# What needs no broker, so that the unit tests can link it.
noinst_LIBRARIES += libmqtt.a
libmqtt_a_SOURCES = \
	%D%/broker_url.c \
	%D%/broker_url.h \
	%D%/document.c \
	%D%/document.h \
	%D%/fleet.c \
	%D%/fleet.h \
	%D%/fleet_device.c \
	%D%/fleet_device.h \
	%D%/fleet_document.c \
	%D%/fleet_document.h \
	%D%/fleet_filter.c \
	%D%/fleet_filter.h \
	%D%/fleet_monitor.c \
	%D%/fleet_monitor.h \
	%D%/fleet_networks.c \
	%D%/fleet_networks.h \
	%D%/fleet_rows.c \
	%D%/fleet_rows.h \
	%D%/fleet_session.c \
	%D%/fleet_session.h \
	%D%/published_ids.c \
	%D%/published_ids.h \
	%D%/mqtt_config.c \
	%D%/mqtt_config.h \
	%D%/outgoing.c \
	%D%/outgoing.h \
	%D%/topic.c \
	%D%/topic.h \
	%D%/tracker.c \
	%D%/tracker.h

COMPANIONS_ALL += mqtt

# The only user of libmosquitto.
if BUILD_MQTT
noinst_LIBRARIES += libbroker.a
libbroker_a_SOURCES = \
	%D%/broker.c \
	%D%/broker.h \
	%D%/broker_config.c \
	%D%/broker_config.h \
	%D%/broker_setup.c \
	%D%/broker_setup.h

# What discoverctl runs for --broker, as it is not linked with libmosquitto.
pkglibexec_PROGRAMS += discoverd-fleet
discoverd_fleet_SOURCES = \
	%D%/fleet_main.c \
	%D%/fleet_reader.c \
	%D%/fleet_reader.h
discoverd_fleet_LDADD = $(MQTT_LIBS)

COMPANIONS += mqtt
sbin_PROGRAMS += discoverd-mqtt
discoverd_mqtt_SOURCES = \
	%D%/board.c \
	%D%/board.h \
	%D%/published_ids_file.c \
	%D%/published_ids_file.h \
	%D%/main.c \
	%D%/publication.c \
	%D%/publication.h \
	%D%/publisher.c \
	%D%/publisher.h
discoverd_mqtt_LDADD = $(MQTT_LIBS)
MQTT_LIBS = libbroker.a libmqtt.a $(COMPANION_LIBS) $(MOSQUITTO_LIBS)
endif
