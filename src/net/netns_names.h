/* SPDX-License-Identifier: ISC
 * netns_names: what people call the network namespaces that the kernel only numbers. */
#ifndef NET_NETNS_NAMES_H
#define NET_NETNS_NAMES_H

#include "base/instant.h"
#include "base/slice.h"

enum { NETNS_NAME_MAX = 64, NETNS_NAMES_MAX = 1024 };

struct netns_names;

/* Where names are looked for; NULL: /run/netns and /sys/fs/cgroup. Needs no privilege: whatever may
 * not be read has no name. */
struct netns_places {
	const char *netns;
	const char *cgroup;
};

/* NULL when out of memory. Looks nothing up yet. */
struct netns_names *netns_names_new(const struct netns_places *places);
void netns_names_free(struct netns_names *names);
/* Of the namespace with this number in ours: its name for ip-netns(8), or the container whose
 * processes are in it ("docker-961d9113f940"); NULL where it has none that we may see. All
 * are looked up together when one is asked for that has no name, once in 2 s at most: a bounded
 * number of directory entries, which takes milliseconds. Valid until the next call. */
const char *netns_names_find(struct netns_names *names, struct instant now, int32_t netns);
/* The number may stand for another namespace now. */
void netns_names_forget(struct netns_names *names, int32_t netns);

/* The container's name that the directory of its control group tells; false where it is none's.
 * `parent` is the name of the directory around it. */
bool netns_container_name(struct slice parent, struct slice directory, char name[NETNS_NAME_MAX]);

#endif
