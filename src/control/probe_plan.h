/* SPDX-License-Identifier: ISC
 * probe_plan: what a Probe is to ask whom, and whether it may. */
#ifndef CONTROL_PROBE_PLAN_H
#define CONTROL_PROBE_PLAN_H

#include "control/device_lookup.h"

enum {
	PROBE_PORTS_MAX = 1024,
	PROBE_SECONDS_DEFAULT = 2, /* so that a lost SYN is sent again once */
	PROBE_SECONDS_MAX = 10,
	PROBE_BANNER_MAX = 128,
};
/* A service has this long to say something. */
#define PROBE_BANNER_TIME SECONDS(2)
/* From a call of Probe to its last reply, however many other clients probe at the same time; what
 * is not known by then is refused. */
#define PROBE_TIME_MAX SECONDS(300)

enum probe_state { PROBE_OPEN, PROBE_CLOSED, PROBE_NO_ANSWER, PROBE_REFUSED, PROBE_STATES };

struct probe_plan {
	struct address address;
	uint32_t link;              /* 0: an address of ours, or by whatever way there is */
	char device[DEVICE_ID_MAX]; /* id of the device that it is about, "" where none is known */
	bool ping, banner;
	/* Silence means that the device is not reachable: the client chose no ports. */
	bool silence_counts;
	/* The ports are tried only where no ping is allowed. */
	bool tcp_fallback;
	unsigned seconds; /* for each probe */
	size_t port_count;
	uint16_t ports[PROBE_PORTS_MAX]; /* none twice */
};

/* What one probe found. */
struct probe_result {
	uint16_t port; /* 0: the ping */
	enum probe_state state;
	int64_t us;
	struct slice banner; /* as it came; SLICE_NONE where there is none */
	const char *reason;  /* of PROBE_REFUSED; a static text */
};

/* How probe_plan_aim ended besides 0. */
struct probe_refusal {
	struct device_lookup lookup; /* -ENOTUNIQ: the devices, or, where there are none … */
	/* … the links that the address may be on */
	const struct link *links[DEVICE_LOOKUP_CANDIDATES_MAX];
	size_t link_count;
};

/* Finds the address of `target`: a device's id, name or address as device_lookup() takes them, or
 * any numeric address, "ADDRESS%INTERFACE" for one interface. Sets address, link and device. 0;
 * -ENOENT; -ENOTUNIQ with what it could be; -EINVAL: no address of a host, such as multicast;
 * -EHOSTUNREACH: neither an address of ours nor a neighbour on a usable link, and not `anywhere`:
 * then address is set. */
int probe_plan_aim(struct probe_plan *plan, const struct control_host *host, struct slice target,
    bool anywhere, struct probe_refusal *refusal);
/* At a device: the address of its description, else the address that it is shown by. */
void probe_plan_aim_at(struct probe_plan *plan, const struct device *device);
/* Adds a port once. False: no port, or too many. */
bool probe_plan_add_port(struct probe_plan *plan, int64_t port);
/* Adds the ports that the devices at this address have announced: of descriptions, presentation
 * pages and services. */
void probe_plan_add_announced(struct probe_plan *plan, struct table *table);

#endif
