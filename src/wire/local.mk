# SPDX-License-Identifier: ISC
# The files of wire/, part of the pure archive.

libpure_a_SOURCES += \
	%D%/beacon.c \
	%D%/beacon.h \
	%D%/beacon_cipher.h \
	%D%/beacon_headers.c \
	%D%/beacon_internal.h \
	%D%/beacon_json.c \
	%D%/beacon_lifx.c \
	%D%/beacon_tuya.c \
	%D%/broadcast_message.c \
	%D%/broadcast_message.h \
	%D%/description.c \
	%D%/description.h \
	%D%/description_internal.h \
	%D%/description_reader.c \
	%D%/description_url.c \
	%D%/dns_message.c \
	%D%/dns_message.h \
	%D%/dns_name.c \
	%D%/dns_name.h \
	%D%/dns_txt.c \
	%D%/dns_txt.h \
	%D%/dns_writer.c \
	%D%/dns_writer.h \
	%D%/header_block.c \
	%D%/header_block.h \
	%D%/header_field.c \
	%D%/header_field.h \
	%D%/http_head.c \
	%D%/http_head.h \
	%D%/http_response.c \
	%D%/http_response.h \
	%D%/json_print.c \
	%D%/json_print.h \
	%D%/json_read.c \
	%D%/json_read.h \
	%D%/json_writer.c \
	%D%/json_writer.h \
	%D%/minissdpd_message.c \
	%D%/minissdpd_message.h \
	%D%/service_page.c \
	%D%/service_page.h \
	%D%/ssdp_message.c \
	%D%/ssdp_message.h \
	%D%/url.c \
	%D%/url.h \
	%D%/usn.c \
	%D%/usn.h \
	%D%/varlink_message.c \
	%D%/varlink_message.h \
	%D%/varlink_service.c \
	%D%/varlink_service.h \
	%D%/page_reader.c \
	%D%/page_reader.h \
	%D%/wsd_metadata.c \
	%D%/wsd_metadata.h \
	%D%/wsd_message.c \
	%D%/wsd_message.h \
	%D%/xml_decode.c \
	%D%/xml_decode.h \
	%D%/xml_encodings.c \
	%D%/xml_encodings.h \
	%D%/xml_library_linked.c \
	%D%/xml_parser.c \
	%D%/xml_parser.h \
	%D%/xml_repair.c \
	%D%/xml_repair.h \
	%D%/xml_walk.c \
	%D%/xml_walk.h
if HAVE_NETTLE
libpure_a_SOURCES += %D%/beacon_cipher_nettle.c
else
libpure_a_SOURCES += %D%/beacon_cipher_none.c
endif
EXTRA_DIST += %D%/beacon_cipher_nettle.c %D%/beacon_cipher_none.c
