# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# A booted service manager to test in: systemd-nspawn on an overlay of this machine's own root, which stays untouched. A script sources
# this with its own arguments, prepares $root, and calls boot. Needs root; where it cannot run it says why and counts as skipped.
set -u
exec </dev/null 3>&1 # 3: the report, also from within a check

skip() {
	echo "SKIP $1" >&3
	exit 77
}

if [ "${1:-}" != --apart ]; then
	: "${top_srcdir:?} ${top_builddir:?}"
	[ "$(id -u)" -eq 0 ] || skip 'booting a service manager needs root'
	for program in systemd-nspawn systemd-analyze nsenter setpriv setsid ip ss python3 pkg-config; do
		command -v $program >/dev/null || skip "$program is not installed (scripts/setup test)"
	done
	[ -x /lib/systemd/systemd ] || skip 'systemd is not installed (scripts/setup test)'
	grep -qs '^S\["HAVE_SYSTEMD_TRUE"\]=""' "$top_builddir/config.status" || skip 'configured without libsystemd'
	"$top_builddir/discoverd" --version >/dev/null 2>&1 || skip 'built for another machine'
	unshare -m true 2>/dev/null || skip 'no mount namespaces here'
	# Whatever is mounted from here on is gone with the last process of the test, however that ends.
	exec unshare -m --propagation private "$0" --apart
fi
[ "$(readlink /proc/self/ns/mnt)" != "$(readlink "/proc/$PPID/ns/mnt")" ] || exit 2

# --- A place of our own: /run, a cgroup, and the machine's root with a layer above it

lab=/run/lab
mount -t tmpfs -o mode=0755 tmpfs /run && mkdir $lab || skip 'nothing can be mounted here'
if [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; then
	umount -R -l /sys/fs/cgroup 2>/dev/null
	mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null || skip 'no unified control groups here'
fi

# overlay NAME DIRECTORY: $lab/NAME shows the directory and keeps every change to itself
overlay() {
	mkdir -p "$lab/$1" "$lab/layer-$1/upper" "$lab/layer-$1/work"
	mount -t overlay overlay -o "lowerdir=$2,upperdir=$lab/layer-$1/upper,workdir=$lab/layer-$1/work" "$lab/$1" 2>/dev/null
}
overlay root / && overlay source "$top_srcdir" || skip 'no overlay file system on this root'
root=$lab/root

group=/sys/fs/cgroup/discoverd-test-$$
mkdir $group 2>/dev/null && mkdir $group/tools $group/board || skip 'no control group of our own here'

# in_group NAME COMMAND...: what may outlive a command of this script runs where sweep finds it
in_group() {
	local name=$1
	shift
	(
		echo $BASHPID >"$group/$name/cgroup.procs"
		exec "$@" 3>&-
	)
}

# sweep GROUP: ends all that runs in it, and removes it
sweep() {
	local tries
	for ((tries = 0; tries < 500; tries++)); do
		find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null | xargs -r kill -KILL 2>/dev/null
		find "$1" -depth -type d -exec rmdir {} \; 2>/dev/null
		[ -d "$1" ] || return 0
		sleep 0.02
	done
	return 1
}
# If this script is killed the control group is swept nevertheless; a zombie has no exe any more.
setsid bash -c "$(declare -f sweep); while [ -e /proc/$$/exe ]; do sleep 0.1; done; sweep $group" >/dev/null 2>&1 3>&- &
janitor=$!

init= # the board's first process
passed=0 failed=0 skipped=
finish() {
	trap '' INT TERM HUP
	sweep $group || failed=$((failed + 1))
	kill -TERM -- -$janitor
	[ -z "$skipped" ] || skip "$skipped"
	echo "$passed passed, $failed failed, 0 skipped" >&3
	exit $((failed > 0 || passed == 0))
}
interrupted() {
	echo 'FAIL interrupted' >&3
	failed=$((failed + 1))
	exit
}
trap finish EXIT
trap interrupted INT TERM HUP

# --- Words for what follows

ok() { # ok WHAT COMMAND...: one check
	local what=$1
	shift
	if "$@" >$lab/out 2>&1; then
		echo "PASS $what"
		passed=$((passed + 1))
	else
		echo "FAIL $what"
		{
			tail -n 30 $lab/out
			[ -z "$init" ] || board journalctl -q --no-pager -o cat -n 15 -u "$unit"
		} | sed 's/^/    /'
		failed=$((failed + 1))
		return 1
	fi
}
not() { ! "$@"; }
wait_for() { # wait_for SECONDS COMMAND...: asks until it succeeds
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/[.,]/}" -lt $end ] || return 1
		sleep 0.02
	done
}
unit=discoverd.service # the one that is asked about
board() { in_group tools timeout 30 nsenter -t "$init" -a -- "$@"; } # runs a command on the board
property() { board systemctl show -P "$1" "$unit"; }
is() { # is PROPERTY VALUE
	local value
	value=$(property "$1")
	echo "$1=$value"
	[ "$value" = "$2" ]
}
greater() { # greater PROPERTY NUMBER
	[ "$(property "$1")" -gt "$2" ]
}
prints() { # prints PATTERN COMMAND...
	local pattern=$1 text
	shift
	text=$("$@" 2>&1) || return
	echo "$text"
	grep -q -e "$pattern" <<<"$text"
}
as_user() { board setpriv --reuid=65533 --regid=65533 --clear-groups "$@"; }
as_member() { board setpriv --reuid=65533 --regid=65533 --groups="$(board id -g discoverd)" "$@"; }
exits() { # exits STATUS COMMAND...
	local wanted=$1
	shift
	"$@"
	[ $? -eq "$wanted" ]
}
neighbour() { board discoverctl -s /run/neighbour/socket "$@"; }
neighbour_sees() { prints "$1" neighbour -j list; }
neighbour_lost() { not neighbour_sees "$1"; }
journal_has() { prints "$1" board journalctl -q --no-pager -u "$unit"; }
runs_instead_of() { # runs_instead_of PID: another process is ready
	is ActiveState active && [ "$(property MainPID)" != "$1" ]
}
process_is() { prints "$1" board cat "/proc/$(property MainPID)/status"; }
listens() { # listens PROTOCOL PORT: u or t
	prints ":$2 " board ss -Hln"$1"
}
drop_in() { # drop_in NAME LINE...: a part of the unit, used from the next start on
	local file=$root/etc/systemd/system/discoverd.service.d/$1.conf
	shift
	mkdir -p "${file%/*}"
	printf '%s\n' '[Service]' "$@" >"$file"
	board systemctl daemon-reload
}
described_as() { # described_as PATTERN: what the board's description says
	prints "$1" board python3 -c 'import urllib.request as u; print(u.urlopen("http://10.99.0.1:5006/description.xml", timeout=5).read().decode())'
}

# --- The board

find_init() {
	local pid # the one that is 1 in its own name space
	for pid in $(find $group/board -name cgroup.procs -exec cat {} + 2>/dev/null); do
		grep -qsE '^NSpid:\s+[0-9]+\s+1$' "/proc/$pid/status" && init=$pid && return
	done
	return 1
}
booted() { board systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded'; }
boot() { # boots the board, with a cable to a neighbour
	rm -rf $root/etc/systemd/system/*.wants $root/etc/rc?.d/S*
	: >$root/etc/machine-id
	# Its own filter of system calls would not let the service make a sandbox.
	SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 in_group board setsid systemd-nspawn -q -D $root --machine=discoverd-test --register=no \
		--keep-unit --private-network -b --console=pipe \
		--system-call-filter='landlock_create_ruleset landlock_add_rule landlock_restrict_self' >$lab/console 2>&1 &
	wait_for 15 find_init && wait_for 30 booted || {
		tail -n 20 $lab/console
		skipped='systemd does not boot here'
		exit
	}
	board sh -e >$lab/out 2>&1 <<'EOF' || { cat $lab/out; skipped='no cable (veth) for the board'; exit; }
ip link set lo up
ip netns add neighbour
ip link add eth0 type veth peer name eth0 netns neighbour
echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
ip addr add 10.99.0.1/24 brd + dev eth0
ip link set eth0 up
ip -n neighbour link set lo up
ip -n neighbour link set eth0 address 00:1b:63:aa:bb:cc
ip -n neighbour addr add 10.99.0.2/24 brd + dev eth0
ip -n neighbour link set eth0 up
EOF
}
