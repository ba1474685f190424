#!/bin/sh
# SPDX-License-Identifier: ISC
# layers: no file includes from above or beside, libraries stay where they belong, basenames are unique, and the pure
# archive asks the system for nothing.
. "$(dirname "$0")/counting.sh"
need "$NM" awk

# Folders that a folder's files may include from.
layers_of() {
	case $1 in
	base) echo base ;;
	wire | model) echo base "$1" ;;
	engine | control | net) echo base wire model "$1" ;;
	client) echo base wire net client ;;
	companion) echo base wire model net client companion ;;
	mqtt | web | history) echo base wire model net client companion "$1" ;;
	discoverctl) echo base wire client discoverctl ;;
	core) echo base wire model engine core ;;
	discoverd) echo base wire model engine core control net discoverd ;;
	esac
}

# Folders that may include a library's headers; every folder those of libc.
homes_of() {
	case $1 in
	event2/*) echo net discoverd client mqtt web history ;;
	libxml/*) echo wire ;;
	json-c/*) echo wire core control client mqtt web history discoverctl ;;
	mosquitto.h) echo mqtt ;;
	sqlite3.h) echo history ;;
	nettle/*) echo wire ;;
	libmnl/*) echo net ;;
	systemd/*) echo discoverd ;;
	uuid/*) echo discoverd ;;
	sys/random.h) echo net ;;
	sys/socket.h | sys/un.h | sys/timerfd.h | sys/epoll.h) echo net client discoverd mqtt web history discoverctl ;;
	*) echo "$folder" ;;
	esac
}

check_include() {
	case $include in
	'"config.h"') pass && return ;;
	'"'*/*) allowed=$(layers_of "$folder") from=${include#?} from=${from%%/*} ;;
	'"'*) fail "$file: $include does not name its folder" && return ;;
	*) from=$folder library=${include#<} allowed=$(homes_of "${library%>}") ;;
	esac
	case " $allowed " in
	*" $from "*) pass ;;
	*) fail "$file: $include is not for $folder, but for: ${allowed:-no folder}" ;;
	esac
}

cd "$top_srcdir/src" || exit 1
for file in */*.[ch]; do
	folder=${file%%/*}
	test -n "$(layers_of "$folder")" || fail "$file: is in an unknown folder"
	for include in $(sed -n 's/^[ \t]*#[ \t]*include[ \t]*\([<"][^>"]*[>"]\).*/\1/p' "$file"); do
		check_include
	done
done

# Each program has its main.c; all else is named once.
for name in $(ls */*.[ch] | sed 's|.*/||' | sort | uniq -d); do
	test "$name" = main.c || fail "$name: stands in more than one folder"
done
pass "$(ls */*.[ch] | sed 's|.*/||' | sort -u | wc -l)"

# What a pure file never calls; extended regular expressions of whole symbols, without glibc's leading
# underscores and the endings of its fortified and 64-bit forms.
denied=$(mktemp) || exit 1
trap 'rm -f "$denied"' EXIT
cat >"$denied" <<'END'
accept4?|bind|connect|getpeername|getsockname|getsockopt|listen|setsockopt|shutdown|socket|socketpair
send|sendfile|sendmmsg|sendmsg|sendto|recv|recvfrom|recvmmsg|recvmsg
freeaddrinfo|getaddrinfo|gethostby.*|gethostname|getnameinfo|getifaddrs|if_.*
poll|ppoll|p?select|epoll_.*|eventfd|inotify_.*|timerfd_.*|signalfd
clock|clock_.*|ftime|gettimeofday|settimeofday|time|timespec_get|localtime(_r)?|mktime
alarm|nanosleep|pause|sleep|timer_.*|usleep
arc4random.*|getentropy|getrandom|rand|rand_r|random(_r)?|srand|srandom(_r)?|[delmns]rand48(_r)?|uuid_.*
close|creat|dup[23]?|fcntl|ioctl|lseek|open|openat|pipe2?|pread|preadv2?|pwrite|pwritev2?|read|readv|write|writev
access|chmod|chown|fstat|fstatat|fsync|ftruncate|l?stat|mkdir|mmap|opendir|readdir|rename|rmdir|truncate|unlink
fclose|fdopen|fflush|fgetc|fgets|fopen|fputc|fputs|fread|freopen|fscanf|fseek|ftell|fwrite|getc|getchar|getline
fprintf|perror|printf|putc|putchar|puts|vfprintf|vprintf|_?IO_.*|stderr|stdin|stdout|syslog|vsyslog
_?exit|abort|assert_fail|exec.*|fork|getenv|kill|pthread_.*|raise|setenv|sigaction|signal|system|wait(pid)?
bufferevent_.*|evbuffer_.*|evconnlistener_.*|evdns_.*|event_.*|evhttp_.*|evtimer_.*|evutil_.*|mnl_.*|sd_.*
json_object_(from|to)_(fd|file).*|json_c_get_random_seed
html.*|xml(Ctxt)?Read(File|Fd|IO)|xmlParse(Entity|File)|xmlSAX(ParseFile|UserParseFile)|xmlNano.*|xmlSave.*|xmlNewTextWriter.*
END

# Prints "good COUNT" and per denied symbol "MEMBER: calls SYMBOL".
judge='
NR == FNR { denied = denied (denied ? "|" : "") $0; next }
/:$/ { member = substr($0, 1, length($0) - 1); next }
NF < 2 || $(NF - 1) != "U" { next }
{
	name = $NF
	sub(/@.*/, "", name)
	sub(/^(__isoc99_|_+)/, "", name)
	sub(/(64)?(_chk)?(_2)?$/, "", name)
	sub(/64$/, "", name)
	if (name ~ "^(" denied ")$") print member " calls " $NF
	else good++
}
END { print "good", good + 0 }'

archive=$top_builddir/libpure.a
if test -f "$archive"; then
	judged=$("$NM" -u "$archive" | awk "$judge" "$denied" -)
	while read -r first rest; do
		case $first in
		good) pass "$rest" ;;
		*) fail "libpure.a: $first $rest" ;;
		esac
	done <<END
$judged
END
else
	fail "$archive: not built"
fi
finish
