# SPDX-License-Identifier: ISC
# The files of net/.

libnet_a_SOURCES += \
	%D%/fetch.c \
	%D%/fetch.h \
	%D%/file_watch.c \
	%D%/file_watch.h \
	%D%/file_writer.c \
	%D%/file_writer.h \
	%D%/http_server.c \
	%D%/http_server.h \
	%D%/kept_file.c \
	%D%/kept_file.h \
	%D%/log_output.c \
	%D%/log_output.h \
	%D%/loop.c \
	%D%/loop.h \
	%D%/neighbour_feed.c \
	%D%/neighbour_feed.h \
	%D%/netlink.c \
	%D%/netlink.h \
	%D%/netns_names.c \
	%D%/netns_names.h \
	%D%/ping.c \
	%D%/ping.h \
	%D%/prober.c \
	%D%/prober.h \
	%D%/random_bytes.c \
	%D%/random_bytes.h \
	%D%/rtnetlink.c \
	%D%/rtnetlink.h \
	%D%/sockaddr.c \
	%D%/sockaddr.h \
	%D%/state_file.c \
	%D%/state_file.h \
	%D%/stream_server.c \
	%D%/stream_server.h \
	%D%/tcp_probe.c \
	%D%/tcp_probe.h \
	%D%/text_file.c \
	%D%/text_file.h \
	%D%/udp.c \
	%D%/udp.h \
	%D%/udp_inbox.c \
	%D%/udp_inbox.h \
	%D%/udp_socket.c \
	%D%/udp_socket.h \
	%D%/unix_socket.c \
	%D%/unix_socket.h \
	%D%/wall_clock.c \
	%D%/wall_clock.h
