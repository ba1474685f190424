# SPDX-License-Identifier: ISC
# The configurations, which belong to the user once they are installed, and an example.

EXTRA_DIST += %D%/discoverd.conf $(COMPANIONS_ALL:%=conf/%.conf)
servicesddir = $(confdir)/services.d
dist_servicesd_DATA = %D%/services.d/example
dist_doc_DATA = %D%/example.conf

confdir = $(sysconfdir)/discoverd

CONF_FILES = discoverd.conf $(COMPANIONS:%=%.conf)

# An installed file is never overwritten, and is removed only when it is unchanged.
INSTALL_LOCALS += install-conf
.PHONY: install-conf
install-conf:
	for file in $(CONF_FILES); do \
		$(MKDIR_P) "$(DESTDIR)$(confdir)/$$file.d" || exit; \
		test -e "$(DESTDIR)$(confdir)/$$file" || test -L "$(DESTDIR)$(confdir)/$$file" || \
			$(INSTALL_DATA) "$(srcdir)/%D%/$$file" "$(DESTDIR)$(confdir)/$$file" || exit; \
	done

UNINSTALL_LOCALS += uninstall-conf
.PHONY: uninstall-conf
uninstall-conf:
	for file in $(CONF_FILES); do \
		! cmp -s "$(srcdir)/%D%/$$file" "$(DESTDIR)$(confdir)/$$file" || rm -f "$(DESTDIR)$(confdir)/$$file" || exit; \
	done

# Our directories, when they are empty.
uninstall-hook:
	for directory in "$(confdir)/services.d" $(CONF_FILES:%="$(confdir)/%.d") "$(confdir)" "$(pkglibexecdir)" "$(docdir)/examples" "$(docdir)" "$(pkglibexecdir)"; do \
		rmdir "$(DESTDIR)$$directory" 2>/dev/null || :; \
	done

if INSTALL_BASHCOMPLETIONDIR
dist_bashcompletion_DATA = %D%/bash-completion/discoverctl
endif
