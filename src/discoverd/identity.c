/* SPDX-License-Identifier: ISC
 * identity: what identifies this host beyond the configuration: its UDN, BOOTID and the random
 * number of this start. */
#include "discoverd/identity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <uuid.h>

#include "base/log.h"
#include "base/mac.h"
#include "base/text.h"
#include "config.h"
#include "net/random_bytes.h"
#include "net/state_file.h"

enum { BOOT_IDS_KEPT_BACK = 256 };

/* The name space of the version 5 UUIDs made here (RFC 4122, 4.3); any constant of our own will do.
 */
static const uuid_t NAME_SPACE = {
    0x3d, 0x5c, 0x1e, 0x0a, 0x66, 0x0b, 0x4e, 0x27, 0x9f, 0x41, 0x1c, 0x58, 0xd7, 0x2a, 0x90, 0xe3};

int identity_random(void *bytes, size_t len)
{
	int error = random_bytes(bytes, len);

	if (error)
		log_error("the kernel gives no random numbers: %s", strerror(-error));
	return error ? -EIO : 0;
}

/* The first line of a file, cleaned; "" where there is none. */
static void first_line(const char *path, char *line, size_t size)
{
	char raw[128] = "";
	FILE *file = fopen(path, "re");

	line[0] = '\0';
	if (!file)
		return;
	if (fgets(raw, sizeof(raw), file))
		text_clean(slice_of(raw), line, size);
	fclose(file);
}

/* The permanent MAC of the first interface that has hardware behind it; else of the first that has
 * one at all. */
static const struct mac *hardware_mac(const struct link_set *links)
{
	const struct mac *any = NULL;

	for (size_t i = 0; i < links->count; i++) {
		const struct link *link = &links->links[i];
		const struct mac *mac =
		    link->permanent_mac.known ? &link->permanent_mac : &link->mac;
		char path[64];

		if (link->loopback || !mac->known)
			continue;
		snprintf(path, sizeof(path), "/sys/class/net/%s/device", link->name);
		if (access(path, F_OK) == 0)
			return mac;
		if (!any)
			any = mac;
	}
	return any;
}

/* Boards flashed from one image share the machine id, containers too: the MAC tells them apart. */
static void make_uuid(char text[UUID_STR_LEN], const struct link_set *links)
{
	char name[96], machine[40];
	struct writer w;
	uuid_t uuid;
	const struct mac *mac = hardware_mac(links);

	first_line("/etc/machine-id", machine, sizeof(machine));
	if (!machine[0] && !mac) {
		uuid_generate_random(uuid);
	} else {
		writer_init(&w, name, sizeof(name));
		writer_format(&w, "discoverd %s ", machine);
		if (mac)
			mac_format(mac, &w);
		uuid_generate_sha1(uuid, NAME_SPACE, name, w.len);
	}
	uuid_unparse_lower(uuid, text);
}

void identity_derive_udn(const char *udn, struct slice seed, char out[UDN_TEXT_MAX])
{
	uuid_t own, made;
	char text[UUID_STR_LEN];

	/* a configured uuid is checked; what was kept may be anything */
	if (uuid_parse(udn + strlen("uuid:"), own) != 0)
		uuid_copy(own, NAME_SPACE);
	uuid_generate_sha1(made, own, seed.bytes, seed.len);
	uuid_unparse_lower(made, text);
	snprintf(out, UDN_TEXT_MAX, "uuid:%s", text);
}

/* Greater each time, 31 bits (UDA 2.0, 1.2.2). */
static uint32_t boot_id_after(uint32_t former)
{
	uint32_t now = (uint32_t)time(NULL) & 0x7fffffff, next = (former + 1) & 0x7fffffff;

	return now > next ? now : next ? next : 1;
}

static uint32_t end_of_reserve(const struct identity *identity)
{
	return (identity->boot_id + BOOT_IDS_KEPT_BACK) & 0x7fffffff;
}

uint32_t identity_next_boot_id(struct identity *identity)
{
	identity->boot_id = boot_id_after(identity->boot_id);
	if (identity->boot_id > identity->boot_end) {
		/* tried once for as many, where it cannot be written */
		identity->boot_end = end_of_reserve(identity);
		state_note_boot_id(identity->state_directory, identity->boot_end);
	}
	return identity->boot_id;
}

static void name_ourselves(struct identity *identity)
{
	struct utsname uts;
	char host[65] = "";

	if (gethostname(host, sizeof(host) - 1) != 0 ||
	    !text_clean(slice_of(host), identity->host_name, sizeof(identity->host_name)))
		strcpy(identity->host_name, "localhost");
	if (uname(&uts) != 0)
		uts = (struct utsname){.sysname = "Linux", .release = "0"};
	snprintf(identity->server, sizeof(identity->server),
	    "%.40s/%.60s UPnP/2.0 discoverd/" PACKAGE_VERSION, uts.sysname, uts.release);
	first_line("/sys/firmware/devicetree/base/model", identity->model, sizeof(identity->model));
	if (!identity->model[0])
		first_line(
		    "/sys/class/dmi/id/product_name", identity->model, sizeof(identity->model));
	if (!identity->model[0])
		snprintf(identity->model, sizeof(identity->model), "%.30s %.30s", uts.sysname,
		    uts.machine);
}

void identity_keep(const struct identity *identity)
{
	struct state state;

	if (state_load(identity->state_directory, &state))
		return;
	state.boot_id = identity->boot_id;
	state.names = identity->names;
	if (state_save(identity->state_directory, &state))
		log_info("cannot keep BOOTID and names in %s", identity->state_directory);
}

/* Two daemons with one state would have one uuid. The lock ends with the process. */
static int lock_state(const char *directory)
{
	mkdir(directory, 0700); /* where it was not prepared */
	if (state_lock(directory) != -EWOULDBLOCK)
		return 0; /* what cannot be locked cannot be written: a warning follows */
	log_error("another discoverd keeps its state in %s; stop it, or give this one another "
		  "directory with --state and a uuid of its own ([Device] uuid)",
	    directory);
	return -EBUSY;
}

int identity_establish(struct identity *identity, const char *configured_uuid,
    const char *state_directory, const struct link_set *links)
{
	struct state state = {.uuid = ""};
	uint64_t random;
	int result = identity_random(&random, sizeof(random)), loaded;

	if (result)
		return result;
	snprintf(identity->instance, sizeof(identity->instance), "%016" PRIx64, random);
	result = lock_state(state_directory);
	if (result)
		return result;
	loaded = state_load(state_directory, &state);
	if (configured_uuid)
		snprintf(identity->udn, sizeof(identity->udn), "uuid:%s", configured_uuid);
	if (!state.uuid[0])
		make_uuid(state.uuid, links);
	if (!configured_uuid)
		snprintf(identity->udn, sizeof(identity->udn), "uuid:%s", state.uuid);
	identity->names = state.names;
	identity->boot_id = boot_id_after(state.boot_id);
	/* What is given out while we run is not written at once: some are kept back for that. */
	identity->state_directory = state_directory;
	identity->boot_end = end_of_reserve(identity);
	state.boot_id = identity->boot_end;
	result = identity->state_error = state_save(state_directory, &state);
	if (result)
		log_warning("cannot keep the state in %s: %s; after the next start the identity "
			    "may be another one, and devices have to be found again",
		    state_directory, strerror(-result));
	else if (loaded && loaded != -ENOENT)
		log_warning("cannot read the state in %s: %s; it is written anew", state_directory,
		    strerror(-loaded));
	name_ourselves(identity);
	return 0;
}
