# SPDX-License-Identifier: ISC
# The files of web/: discoverd-web.

# All of it but its main(), so that the unit tests can link it.
noinst_LIBRARIES += libweb.a
libweb_a_SOURCES = \
	%D%/event_streams.c \
	%D%/event_streams.h \
	%D%/html.c \
	%D%/html.h \
	%D%/html_device.c \
	%D%/html_device.h \
	%D%/html_facts.c \
	%D%/html_facts.h \
	%D%/html_list.c \
	%D%/html_list.h \
	%D%/html_map.c \
	%D%/html_map.h \
	%D%/html_page.c \
	%D%/html_page.h \
	%D%/inquiry.c \
	%D%/inquiry.h \
	%D%/metrics.c \
	%D%/metrics.h \
	%D%/own_names.c \
	%D%/own_names.h \
	%D%/row.c \
	%D%/row.h \
	%D%/row_table.c \
	%D%/row_table.h \
	%D%/shared_page.c \
	%D%/shared_page.h \
	%D%/site.c \
	%D%/site.h \
	%D%/site_asset.c \
	%D%/site_asset.h \
	%D%/web_client.c \
	%D%/web_client.h \
	%D%/web_config.c \
	%D%/web_config.h \
	%D%/web_request.c \
	%D%/web_request.h \
	%D%/web_response.c \
	%D%/web_response.h \
	%D%/web_server.c \
	%D%/web_server.h

# Page, style, script and icon are compiled in.
web_page = \
	%D%/page/icon.svg \
	%D%/page/page.css \
	%D%/page/page.js \
	%D%/page/skeleton.html
nodist_libweb_a_SOURCES = %D%/page_text.h
EXTRA_DIST += $(web_page)
BUILT_SOURCES += %D%/page_text.h
CLEANFILES += %D%/page_text.h

%D%/page_text.h: $(web_page) scripts/text_header.awk
	$(AM_V_GEN)$(MKDIR_P) %D% && $(AWK) -v guard=WEB_PAGE_TEXT_H -f $(srcdir)/scripts/text_header.awk \
		$(addprefix $(srcdir)/,$(web_page)) >$@.tmp && mv $@.tmp $@
%D%/html_page.$(OBJEXT): %D%/page_text.h
%D%/site_asset.$(OBJEXT): %D%/page_text.h

COMPANIONS_ALL += web
if BUILD_WEB
COMPANIONS += web
sbin_PROGRAMS += discoverd-web
endif
discoverd_web_SOURCES = %D%/main.c
discoverd_web_LDADD = libweb.a $(COMPANION_LIBS)
