/* SPDX-License-Identifier: ISC
 * load: stops a process, fills the queue of its socket, lets it go, and prints what CPU time that
 * took.
 *
 * usage: load PID INTERFACE FIRST-SOURCE SOURCE-PORT TO PORT FILE
 *
 * FILE is one datagram; in it "{n}" stands for a number, 8 hexadecimal digits, and "{a}" and
 * "{b}" for the address that it comes from, as text and as 4 bytes: FIRST-SOURCE plus the number.
 * This host has that address by a local route. Each line of standard input is a burst:
 *
 *   COUNT NUMBER MODULO ANSWERS QUIET LIMIT STOP
 *
 * sends COUNT datagrams, numbered from NUMBER on modulo MODULO. The burst is over when all ANSWERS
 * have come and the process, with nothing in its queues, has slept for QUIET milliseconds: it has
 * used no CPU time, and has not waited for a CPU, as it does for long on a busy machine. Or it is
 * over after LIMIT milliseconds. The reply is a line: nanoseconds of CPU time of all
 * threads of the process, answers, datagrams that the kernel dropped, and 1 where the limit was
 * reached. With STOP 0 the process is not stopped, but runs while the datagrams come. */
#include <arpa/inet.h>
#include <dirent.h>
#include <err.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BURST_MAX = 16384, DATAGRAM_MAX = 1472, BATCH = 64, RECEIVE_BUFFER = 64 << 20 };

struct load {
	pid_t pid;
	clockid_t clock;
	int fd;
	unsigned interface;
	uint32_t source; /* of number 0, host byte order */
	struct sockaddr_in to;
	char text[DATAGRAM_MAX]; /* with its "{n}" and "{a}" */
	size_t len;
};

struct burst {
	unsigned count, number, modulo, answers, quiet, limit, stop;
};

/* A datagram that is ready to be sent. */
struct message {
	char bytes[DATAGRAM_MAX];
	struct iovec vector;
	char control[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;
	if (clock_gettime(clock, &now) < 0)
		err(1, "the process has ended");
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void pause_us(long us)
{
	nanosleep(&(struct timespec){0, us * 1000}, NULL);
}

/* True when each thread of the process is in this state: 'T' stopped, 'S' asleep. */
static bool is_in_state(pid_t pid, char wanted)
{
	char path[600];
	bool all = true;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	DIR *tasks = opendir(path);
	for (struct dirent *task; tasks && (task = readdir(tasks));) {
		char state = wanted;
		if (task->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%s/stat", pid, task->d_name);
		FILE *file = fopen(path, "r");
		if (file && fscanf(file, "%*d (%*[^)]) %c", &state) == 1 && state != wanted)
			all = false;
		if (file)
			fclose(file);
	}
	if (tasks)
		closedir(tasks);
	return all;
}

/* Sums of all UDP sockets in the namespace of the process: bytes queued, datagrams dropped. */
static void read_queues(pid_t pid, unsigned long *queued, unsigned long *dropped)
{
	static const char *const NAMES[] = {"udp", "udp6"};
	char line[512];
	*queued = *dropped = 0;
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		snprintf(line, sizeof(line), "/proc/%d/net/%s", pid, NAMES[i]);
		FILE *file = fopen(line, "r");
		while (file && fgets(line, sizeof(line), file)) {
			unsigned long queue;
			if (sscanf(line, "%*s %*s %*s %*s %*[^:]:%lx", &queue) != 1)
				continue; /* the heading */
			line[strcspn(line, "\n")] = '\0';
			for (size_t end = strlen(line); end > 0 && line[end - 1] == ' ';)
				line[--end] = '\0';
			*queued += queue;
			*dropped += strtoul(strrchr(line, ' '), NULL, 10);
		}
		if (file)
			fclose(file);
	}
}

/* Copies the text of the datagram with its number and source in it. */
static void fill(
    const struct load *load, unsigned number, struct message *message, struct msghdr *header)
{
	struct in_addr source = {htonl(load->source + number)};
	char text[INET_ADDRSTRLEN];
	size_t len = 0;
	inet_ntop(AF_INET, &source, text, sizeof(text));
	for (size_t i = 0; i < load->len && len + sizeof(text) < sizeof(message->bytes);) {
		bool marked =
		    i + 3 <= load->len && load->text[i] == '{' && load->text[i + 2] == '}';
		if (marked && load->text[i + 1] == 'n') {
			len += (size_t)snprintf(message->bytes + len, 9, "%08x", number);
			i += 3;
		} else if (marked && load->text[i + 1] == 'a') {
			len += (size_t)snprintf(message->bytes + len, sizeof(text), "%s", text);
			i += 3;
		} else if (marked && load->text[i + 1] == 'b') {
			memcpy(message->bytes + len, &source, sizeof(source));
			len += sizeof(source);
			i += 3;
		} else {
			message->bytes[len++] = load->text[i++];
		}
	}
	message->vector = (struct iovec){message->bytes, len};
	*header = (struct msghdr){
	    .msg_name = (void *)&load->to,
	    .msg_namelen = sizeof(load->to),
	    .msg_iov = &message->vector,
	    .msg_iovlen = 1,
	    .msg_control = message->control,
	    .msg_controllen = sizeof(message->control),
	};
	struct cmsghdr *control = CMSG_FIRSTHDR(header);
	*control = (struct cmsghdr){CMSG_LEN(sizeof(struct in_pktinfo)), IPPROTO_IP, IP_PKTINFO};
	struct in_pktinfo info = {.ipi_ifindex = (int)load->interface, .ipi_spec_dst = source};
	memcpy(CMSG_DATA(control), &info, sizeof(info));
}

static void send_all(const struct load *load, const struct burst *burst)
{
	static struct message messages[BATCH];
	struct mmsghdr headers[BATCH];
	for (unsigned done = 0; done < burst->count;) {
		unsigned n = 0;
		for (; n < BATCH && done + n < burst->count; n++)
			fill(load, (burst->number + done + n) % burst->modulo, &messages[n],
			    &headers[n].msg_hdr);
		for (unsigned sent = 0; sent < n;) {
			int more = sendmmsg(load->fd, headers + sent, n - sent, 0);
			if (more < 0)
				err(1, "sendmmsg");
			sent += (unsigned)more;
		}
		done += n;
	}
}

/* Takes all answers that have come. */
static unsigned take_answers(int fd)
{
	static char bytes[BATCH][2048];
	unsigned total = 0;
	for (int n = BATCH; n == BATCH; total += (unsigned)n) {
		struct iovec vectors[BATCH];
		struct mmsghdr headers[BATCH] = {0};
		for (size_t i = 0; i < BATCH; i++) {
			vectors[i] = (struct iovec){bytes[i], sizeof(bytes[i])};
			headers[i].msg_hdr.msg_iov = &vectors[i];
			headers[i].msg_hdr.msg_iovlen = 1;
		}
		n = recvmmsg(fd, headers, BATCH, MSG_DONTWAIT, NULL);
		if (n <= 0)
			break;
	}
	return total;
}

/* Stops the process, fills its queue, lets it go. */
static void fill_queue(const struct load *load, const struct burst *burst)
{
	unsigned long queued = 0, before, dropped;
	kill(load->pid, SIGSTOP);
	for (unsigned i = 0; i < 5000 && !is_in_state(load->pid, 'T'); i++)
		pause_us(100);
	send_all(load, burst);
	do { /* the kernel may deliver in a thread of its own */
		before = queued;
		pause_us(300);
		read_queues(load->pid, &queued, &dropped);
	} while (queued != before);
	kill(load->pid, SIGCONT);
}

static void run_burst(const struct load *load, const struct burst *burst)
{
	unsigned long queued, dropped_before, dropped;
	unsigned answers = 0;
	take_answers(load->fd); /* late ones */
	read_queues(load->pid, &queued, &dropped_before);
	int64_t cpu_before = read_clock(load->clock), start = read_clock(CLOCK_MONOTONIC);
	if (burst->stop)
		fill_queue(load, burst);
	else
		send_all(load, burst);
	int64_t now, cpu, last_cpu = -1, changed = start;
	bool late, quiet;
	do {
		struct pollfd ready = {.fd = load->fd, .events = POLLIN};
		poll(&ready, 1, 1);
		answers += take_answers(load->fd);
		now = read_clock(CLOCK_MONOTONIC);
		cpu = read_clock(load->clock);
		read_queues(load->pid, &queued, &dropped);
		if (cpu != last_cpu || queued || answers < burst->answers ||
		    !is_in_state(load->pid, 'S'))
			changed = now;
		last_cpu = cpu;
		quiet = now - changed >= (int64_t)burst->quiet * 1000000;
		late = now - start >= (int64_t)burst->limit * 1000000;
	} while (!quiet && !late);
	printf("%lld %u %lu %d\n", (long long)(cpu - cpu_before), answers, dropped - dropped_before,
	    late && !quiet);
	fflush(stdout);
}

static void open_socket(struct load *load, const char *interface, uint16_t port)
{
	struct ip_mreqn out = {.imr_ifindex = (int)load->interface};
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port)};
	int size = RECEIVE_BUFFER, one = 1, no = 0, ttl = 255;
	load->fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (load->fd < 0 || !load->interface)
		err(1, "%s", interface);
	if (setsockopt(load->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(load->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(load->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* sendmmsg fails where the kernel drops what it should send */
	setsockopt(load->fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	setsockopt(load->fd, IPPROTO_IP, IP_MULTICAST_LOOP, &no, sizeof(no));
	setsockopt(load->fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl));
	if (setsockopt(load->fd, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof(out)) < 0 ||
	    bind(load->fd, (struct sockaddr *)&own, sizeof(own)) < 0)
		err(1, "port %u", port);
}

int main(int argc, char **argv)
{
	static struct load load;
	struct in_addr source;
	char line[256];
	if (argc != 8 || inet_pton(AF_INET, argv[3], &source) != 1 ||
	    inet_pton(AF_INET, argv[5], &load.to.sin_addr) != 1)
		errx(2, "usage: load PID INTERFACE FIRST-SOURCE SOURCE-PORT TO PORT FILE");
	load.pid = atoi(argv[1]);
	load.interface = if_nametoindex(argv[2]);
	load.source = ntohl(source.s_addr);
	load.to.sin_family = AF_INET;
	load.to.sin_port = htons((uint16_t)atoi(argv[6]));
	FILE *file = fopen(argv[7], "rb");
	if (!file || (load.len = fread(load.text, 1, sizeof(load.text), file)) == 0)
		err(1, "%s", argv[7]);
	fclose(file);
	if (clock_getcpuclockid(load.pid, &load.clock))
		errx(1, "no process %d", load.pid);
	open_socket(&load, argv[2], (uint16_t)atoi(argv[4]));
	while (fgets(line, sizeof(line), stdin)) {
		struct burst b;
		if (sscanf(line, "%u %u %u %u %u %u %u", &b.count, &b.number, &b.modulo, &b.answers,
			&b.quiet, &b.limit, &b.stop) != 7 ||
		    b.count > BURST_MAX || b.modulo == 0)
			errx(2, "not a burst: %s", line);
		run_burst(&load, &b);
	}
	return 0;
}
