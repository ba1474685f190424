# SPDX-License-Identifier: ISC
# The configuration, which belongs to the user once it is installed, and an example.

EXTRA_DIST += %D%/discoverd.conf
servicesddir = $(confdir)/services.d
dist_servicesd_DATA = %D%/services.d/example
dist_doc_DATA = %D%/example.conf

confdir = $(sysconfdir)/discoverd

# An installed file is never overwritten, and is removed only when it is unchanged.
INSTALL_LOCALS += install-conf
.PHONY: install-conf
install-conf:
	$(MKDIR_P) "$(DESTDIR)$(confdir)/discoverd.conf.d"
	test -e "$(DESTDIR)$(confdir)/discoverd.conf" || test -L "$(DESTDIR)$(confdir)/discoverd.conf" || \
		$(INSTALL_DATA) "$(srcdir)/%D%/discoverd.conf" "$(DESTDIR)$(confdir)/discoverd.conf"

UNINSTALL_LOCALS += uninstall-conf
.PHONY: uninstall-conf
uninstall-conf:
	if cmp -s "$(srcdir)/%D%/discoverd.conf" "$(DESTDIR)$(confdir)/discoverd.conf"; then \
		rm -f "$(DESTDIR)$(confdir)/discoverd.conf"; \
	fi

# Our directories, when they are empty.
uninstall-hook:
	for directory in "$(confdir)/services.d" "$(confdir)/discoverd.conf.d" "$(confdir)" "$(docdir)/examples" "$(docdir)"; do \
		rmdir "$(DESTDIR)$$directory" 2>/dev/null || :; \
	done

if INSTALL_BASHCOMPLETIONDIR
dist_bashcompletion_DATA = %D%/bash-completion/discoverctl
endif
