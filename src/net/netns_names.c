/* SPDX-License-Identifier: ISC
 * netns_names: what people call the network namespaces that the kernel only numbers.
 *
 * Containers are found by their control groups, which every user may read, and not by their
 * processes, which a hardened service does not even see; the kernel tells the number of the
 * namespace of any process that it is asked for (RTM_GETNSID). */
#include "net/netns_names.h"
#include "base/array.h"
#include "base/ascii.h"
#include "base/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOK_AGAIN SECONDS(2)

/* Of one look: entries that are opened or walked into, and how deep. */
enum { ENTRIES_MAX = 1024, DEPTH_MAX = 8, ID_SHOWN = 12, ID_LEN = 64 };

struct netns_name {
	int32_t netns;
	bool found; /* by this look or an earlier one; otherwise it has no name */
	char text[NETNS_NAME_MAX];
};

struct netns_names {
	struct netns_places places;
	struct netns_name *names; /* NETNS_NAMES_MAX at most */
	size_t count, capacity;
	size_t next_out; /* the one that gives way to the next when there are too many */
	struct instant looked;
};

/* One look at everything. */
struct look {
	struct netns_names *names;
	struct mnl_socket *socket;
	uint32_t sequence;
	unsigned left; /* entries */
};

struct netns_names *netns_names_new(const struct netns_places *places)
{
	struct netns_names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	names->places = (struct netns_places){"/run/netns", "/sys/fs/cgroup"};
	if (places && places->netns)
		names->places.netns = places->netns;
	if (places && places->cgroup)
		names->places.cgroup = places->cgroup;
	return names;
}

void netns_names_free(struct netns_names *names)
{
	if (!names)
		return;
	free(names->names);
	free(names);
}

static struct netns_name *find(const struct netns_names *names, int32_t netns)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->names[i].netns == netns)
			return &names->names[i];
	return NULL;
}

static struct netns_name *add(struct netns_names *names, int32_t netns)
{
	struct netns_name *name;

	if (names->count == NETNS_NAMES_MAX) {
		name = &names->names[names->next_out];
		names->next_out = (names->next_out + 1) % NETNS_NAMES_MAX;
	} else {
		if (names->count == names->capacity) {
			size_t capacity = names->capacity ? 2 * names->capacity : 16;
			struct netns_name *grown =
			    reallocarray(names->names, capacity, sizeof(*grown));
			if (!grown)
				return NULL;
			names->names = grown;
			names->capacity = capacity;
		}
		name = &names->names[names->count++];
	}
	*name = (struct netns_name){.netns = netns};
	return name;
}

/* The number, by which we know the namespace of this process or descriptor; -1 where we know it by
 * none. The kernel answers while it is asked. */
static int32_t ask_number(struct look *look, uint16_t attribute, uint32_t value)
{
	char buffer[1024] __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	message->nlmsg_type = RTM_GETNSID;
	message->nlmsg_flags = NLM_F_REQUEST;
	message->nlmsg_seq = ++look->sequence;
	mnl_nlmsg_put_extra_header(message, sizeof(struct rtgenmsg));
	mnl_attr_put_u32(message, attribute, value);
	if (mnl_socket_sendto(look->socket, message, message->nlmsg_len) < 0)
		return -1;
	ssize_t len = recv(mnl_socket_get_fd(look->socket), buffer, sizeof(buffer), MSG_DONTWAIT);
	if (len < 0 || !mnl_nlmsg_ok(message, (int)len) || message->nlmsg_type != RTM_NEWNSID ||
	    message->nlmsg_seq != look->sequence)
		return -1;
	const struct nlattr *at;
	mnl_attr_for_each(
	    at, message, sizeof(struct rtgenmsg)) if (mnl_attr_get_type(at) == NETNSA_NSID &&
						      mnl_attr_validate(at, MNL_TYPE_U32) >=
							  0) return (int32_t)mnl_attr_get_u32(at);
	return -1;
}

/* The first name that is found stays: ip-netns(8)'s before a container's, outer before inner. */
static void note(struct look *look, int32_t netns, struct slice text)
{
	if (netns < 0)
		return;
	struct netns_name *name = find(look->names, netns);
	if (!name)
		name = add(look->names, netns);
	if (name && !name->found)
		name->found = text_clean(text, name->text, sizeof(name->text)) > 0;
}

static bool is_hidden(const struct dirent *entry)
{
	return entry->d_name[0] == '.';
}

static void look_at_netns(struct look *look)
{
	DIR *directory = opendir(look->names->places.netns);
	const struct dirent *entry;

	if (!directory)
		return;
	while (look->left > 0 && (entry = readdir(directory))) {
		if (is_hidden(entry))
			continue;
		look->left--;
		int fd = openat(dirfd(directory), entry->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			continue;
		note(look, ask_number(look, NETNSA_FD, (uint32_t)fd), slice_of(entry->d_name));
		close(fd);
	}
	closedir(directory);
}

static bool is_id(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_hex(text.bytes[i]))
			return false;
	return text.len == ID_LEN;
}

/* The service manager writes \xHH for what has a meaning in its names. */
static bool put_unescaped(struct slice text, char name[NETNS_NAME_MAX])
{
	size_t len = 0;

	while (text.len > 0 && len < NETNS_NAME_MAX - 1) {
		size_t taken = 1;
		char c = text.bytes[0];
		unsigned value;
		if (text.len >= 4 && c == '\\' && text.bytes[1] == 'x' &&
		    ascii_is_hex(text.bytes[2]) && ascii_is_hex(text.bytes[3])) {
			char digits[3] = {text.bytes[2], text.bytes[3], '\0'};
			sscanf(digits, "%x", &value);
			c = (char)value;
			taken = 4;
		}
		name[len++] = c;
		text = slice_skip(text, taken);
	}
	name[len] = '\0';
	return len > 0 && text.len == 0;
}

bool netns_container_name(struct slice parent, struct slice directory, char name[NETNS_NAME_MAX])
{
	static const struct slice BEGINNINGS[] = {
	    SLICE("lxc.payload."), SLICE("machine-"), SLICE("systemd-nspawn@")};
	static const struct slice ENDINGS[] = {SLICE(".scope"), SLICE(".service")};
	struct slice text = directory;

	for (size_t i = 0; i < COUNT_OF(ENDINGS); i++)
		if (slice_ends_with(text, ENDINGS[i]))
			text = slice_head(text, text.len - ENDINGS[i].len);
	for (size_t i = 0; i < COUNT_OF(BEGINNINGS); i++)
		if (slice_starts_with(text, BEGINNINGS[i]))
			return put_unescaped(slice_skip(text, BEGINNINGS[i].len), name);
	/* docker-ID, libpod-ID, crio-ID, cri-containerd-ID; but not libpod-conmon-ID, which is
	 * the container's monitor */
	size_t kind = text.len > ID_LEN ? text.len - ID_LEN : 0;
	if (kind > 0 && text.bytes[kind - 1] == '-' && is_id(slice_skip(text, kind)))
		return !slice_ends_with(slice_head(text, kind), SLICE("conmon-")) &&
		       put_unescaped(slice_head(text, kind + ID_SHOWN), name);
	if (slice_equal(parent, SLICE("lxc")) || slice_equal(parent, SLICE("lxc.payload")))
		return put_unescaped(text, name);
	if (!is_id(text))
		return false;
	if (slice_starts_with(parent, SLICE("pod")))
		return put_unescaped(slice_head(text, ID_SHOWN), name);
	snprintf(name, NETNS_NAME_MAX, "docker-%.*s", ID_SHOWN, text.bytes);
	return slice_equal(parent, SLICE("docker"));
}

/* The first process of a control group, 0 where it has none. */
static uint32_t first_process(int directory)
{
	char text[24];
	uint64_t process;
	int fd = openat(directory, "cgroup.procs", O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return 0;
	ssize_t len = read(fd, text, sizeof(text));
	close(fd);
	struct slice rest = {text, len > 0 ? (size_t)len : 0}, line;
	if (!slice_cut(&rest, '\n', &line) || slice_to_u64(line, INT32_MAX, &process) < 0)
		return 0;
	return (uint32_t)process;
}

/* A level of the walk through the control groups. */
struct level {
	DIR *directory;
	char name[256];
	char container[NETNS_NAME_MAX]; /* empty: not in one */
};

/* Most control groups are services of the host itself, which hold no containers but for those of a
 * user's own manager. */
static bool may_hold_containers(struct slice name)
{
	static const struct slice OTHERS[] = {
	    SLICE(".service"), SLICE(".scope"), SLICE(".mount"), SLICE(".socket"), SLICE(".swap")};

	if (slice_starts_with(name, SLICE("user@")))
		return true;
	for (size_t i = 0; i < COUNT_OF(OTHERS); i++)
		if (slice_ends_with(name, OTHERS[i]))
			return false;
	return true;
}

/* Notes the container by one of its processes; false where all of them are in groups below. */
static bool note_container(struct look *look, int directory, const char *container)
{
	uint32_t process = first_process(directory);

	if (process)
		note(look, ask_number(look, NETNSA_PID, process), slice_of(container));
	return process != 0;
}

/* Goes one deeper; false where there is nothing more to look for. */
static bool enter(struct look *look, struct level *levels, size_t depth, const char *name)
{
	struct level *outer = &levels[depth - 1], *level = &levels[depth];

	snprintf(level->name, sizeof(level->name), "%s", name);
	memcpy(level->container, outer->container, sizeof(level->container));
	if (!level->container[0] &&
	    !netns_container_name(slice_of(outer->name), slice_of(name), level->container)) {
		level->container[0] = '\0';
		if (!may_hold_containers(slice_of(name)))
			return false;
	}
	int fd =
	    openat(dirfd(outer->directory), name, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);
	if (fd < 0)
		return false;
	bool noted = level->container[0] && note_container(look, fd, level->container);
	level->directory = noted ? NULL : fdopendir(fd);
	if (!level->directory)
		close(fd);
	return level->directory != NULL;
}

static void look_at_cgroups(struct look *look)
{
	struct level *levels = calloc(DEPTH_MAX, sizeof(*levels));
	size_t depth = 0;

	if (!levels)
		return;
	levels[0].directory = opendir(look->names->places.cgroup);
	if (!levels[0].directory) {
		free(levels);
		return;
	}
	for (;;) {
		const struct dirent *entry =
		    look->left > 0 ? readdir(levels[depth].directory) : NULL;
		if (!entry) {
			closedir(levels[depth].directory);
			if (depth-- == 0)
				break;
			continue;
		}
		if (entry->d_type != DT_DIR || is_hidden(entry))
			continue;
		look->left--;
		if (depth + 1 < DEPTH_MAX && enter(look, levels, depth + 1, entry->d_name))
			depth++;
	}
	free(levels);
}

static void look_at_all(struct netns_names *names)
{
	struct look look = {.names = names, .left = ENTRIES_MAX};

	look.socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!look.socket)
		return;
	if (mnl_socket_bind(look.socket, 0, MNL_SOCKET_AUTOPID) == 0) {
		look_at_netns(&look);
		look.left = ENTRIES_MAX;
		look_at_cgroups(&look);
	}
	mnl_socket_close(look.socket);
}

const char *netns_names_find(struct netns_names *names, struct instant now, int32_t netns)
{
	struct netns_name *name = find(names, netns);

	if (name && name->found)
		return name->text;
	if (instant_due(instant_add(names->looked, LOOK_AGAIN), now)) {
		look_at_all(names);
		names->looked = now;
		name = find(names, netns);
	}
	if (!name)
		name = add(names, netns);
	return name && name->found ? name->text : NULL;
}

void netns_names_forget(struct netns_names *names, int32_t netns)
{
	struct netns_name *name = find(names, netns);

	if (!name)
		return;
	*name = names->names[--names->count];
	names->next_out = 0;
}
