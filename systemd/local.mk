# SPDX-License-Identifier: ISC
# Units, sockets, users and directories, where the distribution wants them.

EXTRA_DIST += \
	%D%/discoverd.service.in \
	%D%/discoverd.socket.in \
	%D%/discoverd.sysusers \
	%D%/discoverd.tmpfiles \
	$(COMPANIONS_ALL:%=systemd/discoverd-%.service.in) \
	$(COMPANIONS_ALL:%=systemd/discoverd-%.sysusers)

SYSTEMD_UNITS = systemd/discoverd.service systemd/discoverd.socket $(COMPANIONS:%=systemd/discoverd-%.service)
SYSTEMD_USERS = discoverd $(COMPANIONS:%=discoverd-%)
SYSTEMD_TMPFILES = discoverd
CLEANFILES += $(SYSTEMD_UNITS)
$(SYSTEMD_UNITS): %: %.in Makefile
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
	for name in $(SYSTEMD_USERS); do \
		$(INSTALL_DATA) "$(srcdir)/systemd/$$name.sysusers" "$(DESTDIR)$(sysusersdir)/$$name.conf" || exit; \
	done
endif
if INSTALL_TMPFILESDIR
	$(MKDIR_P) '$(DESTDIR)$(tmpfilesdir)'
	for name in $(SYSTEMD_TMPFILES); do \
		$(INSTALL_DATA) "$(srcdir)/systemd/$$name.tmpfiles" "$(DESTDIR)$(tmpfilesdir)/$$name.conf" || exit; \
	done
endif
uninstall-systemd-names:
if INSTALL_SYSUSERSDIR
	for name in $(SYSTEMD_USERS); do rm -f "$(DESTDIR)$(sysusersdir)/$$name.conf"; done
endif
if INSTALL_TMPFILESDIR
	for name in $(SYSTEMD_TMPFILES); do rm -f "$(DESTDIR)$(tmpfilesdir)/$$name.conf"; done
endif
