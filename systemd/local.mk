# SPDX-License-Identifier: ISC
# Unit, socket, user and directory, where the distribution wants them.

EXTRA_DIST += \
	%D%/discoverd.service.in \
	%D%/discoverd.socket.in \
	%D%/discoverd.sysusers \
	%D%/discoverd.tmpfiles

SYSTEMD_UNITS = systemd/discoverd.service systemd/discoverd.socket
CLEANFILES += $(SYSTEMD_UNITS)
systemd/discoverd.service: %D%/discoverd.service.in Makefile
systemd/discoverd.socket: %D%/discoverd.socket.in Makefile
$(SYSTEMD_UNITS):
	$(AM_V_GEN)$(MKDIR_P) systemd && \
	$(SED) -e 's,@sbindir[@],$(sbindir),g' -e 's,@bindir[@],$(bindir),g' -e 's,@libdir[@],$(libdir),g' $(srcdir)/$@.in >$@.tmp && mv $@.tmp $@

if INSTALL_SYSTEMDSYSTEMUNITDIR
nodist_systemdsystemunit_DATA = $(SYSTEMD_UNITS)
endif

INSTALL_LOCALS += install-systemd-names
UNINSTALL_LOCALS += uninstall-systemd-names
.PHONY: install-systemd-names uninstall-systemd-names
install-systemd-names:
if INSTALL_SYSUSERSDIR
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)'
	$(INSTALL_DATA) $(srcdir)/systemd/discoverd.sysusers '$(DESTDIR)$(sysusersdir)/discoverd.conf'
endif
if INSTALL_TMPFILESDIR
	$(MKDIR_P) '$(DESTDIR)$(tmpfilesdir)'
	$(INSTALL_DATA) $(srcdir)/systemd/discoverd.tmpfiles '$(DESTDIR)$(tmpfilesdir)/discoverd.conf'
endif
uninstall-systemd-names:
if INSTALL_SYSUSERSDIR
	rm -f '$(DESTDIR)$(sysusersdir)/discoverd.conf'
endif
if INSTALL_TMPFILESDIR
	rm -f '$(DESTDIR)$(tmpfilesdir)/discoverd.conf'
endif
