#!/bin/sh
# SPDX-License-Identifier: ISC
# directories: an option of configure that names a directory changes that directory and no other. Each run has a folder of its
# own and begins with what configure found on this machine when the build was configured.
. "$(dirname "$0")/counting.sh"
need pkg-config
if [ -e "$top_srcdir/config.status" ]; then
	echo 'skipped: the sources are configured in place'
	exit 77
fi

folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
sed -n '/^## Cache variables/,/^## Output variables/p' "$top_builddir/config.log" |
	grep -E '^(ac|am)_cv_' | grep -v '^ac_cv_env_' >"$folder/known"
NAMES='systemdsystemunitdir sysusersdir tmpfilesdir bashcompletiondir'

# configured RUN [OPTION]...: writes the directories that configure chooses to RUN.chosen; a "#" means not installed
configured() {
	run=$folder/$1
	shift
	mkdir "$run" && cp "$folder/known" "$run.cache" && cd "$run" &&
		"$top_srcdir/configure" -q --no-create --cache-file="$run.cache" CC="$CC" "$@" >"$run.log" 2>&1 ||
		{ tail -n 5 "$run.log" >&2; return; }
	for name in $NAMES; do
		shown=INSTALL_$(echo $name | tr '[:lower:]' '[:upper:]')_TRUE
		sed -n "s/^S\\[\"$name\"\\]=\"\\(.*\\)\"\$/$name=\\1/p; s/^S\\[\"$shown\"\\]=\"\\(.*\\)\"\$/\\1/p" config.status | sort -r
	done >"$run.chosen"
}

# compare RUN FILE: what it chose with what it should have chosen
compare() {
	if seen=$(diff "$2" "$folder/$1.chosen"); then pass; else fail "configure $1: $seen"; fi
}

configured usual &
configured without-systemd --without-systemd &
configured nowhere $(printf -- '--without-%s ' $NAMES) &
for name in $NAMES; do
	configured $name --with-$name=/elsewhere &
done
wait
if [ "$(grep -c '=.*/' "$folder/usual.chosen")" -eq 4 ]; then pass; else fail "configure: $(cat "$folder/usual.chosen")"; fi
compare without-systemd "$folder/usual.chosen"
printf '%s=\n#\n' $NAMES >"$folder/expected"
compare nowhere "$folder/expected"
for name in $NAMES; do
	sed "s,^$name=.*,$name=/elsewhere," "$folder/usual.chosen" >"$folder/expected"
	compare $name "$folder/expected"
done
finish
