/* SPDX-License-Identifier: ISC
 * ssdp_target: walks the targets of an offer, compares and writes them. */
#include "engine/ssdp_internal.h"
#include "wire/usn.h"

/* What a device has in its set, in this order; from STEP_SERVICES on one step per service. */
enum { STEP_ROOT, STEP_UUID, STEP_TYPE, STEP_SERVICES };

/* Of services that differ only in their version the highest is advertised, of equal ones one. A
 * service without a type is announced by other protocols alone. */
static bool is_advertised(const struct offered_device *device, size_t at)
{
	if (!device->services[at].type)
		return false;
	struct typed_urn own = urn_split_version(slice_of(device->services[at].type));
	for (size_t i = 0; i < device->service_count; i++) {
		struct typed_urn other = urn_split_version(slice_of(device->services[i].type));
		bool wins = other.version > own.version || (other.version == own.version && i < at);
		if (i != at && wins && slice_equal(other.base, own.base))
			return false;
	}
	return true;
}

/* False when this device has nothing at this step. */
static bool target_at(
    const struct offer *offer, const struct ssdp_cursor *cursor, struct ssdp_target *target)
{
	const struct offered_device *device = &offer->devices[cursor->device];
	*target = (struct ssdp_target){.udn = slice_of(device->udn)};
	switch (cursor->step) {
	case STEP_ROOT:
		target->form = SSDP_FORM_ROOT;
		return device->parts & OFFERED_AS_ROOT;
	case STEP_UUID:
		target->form = SSDP_FORM_UUID;
		return device->parts & OFFERED_BY_UUID;
	case STEP_TYPE:
		target->form = SSDP_FORM_TYPE;
		target->type = slice_of(device->type);
		return device->parts & OFFERED_BY_TYPE;
	default:
		target->form = SSDP_FORM_TYPE;
		target->type = slice_of(device->services[cursor->step - STEP_SERVICES].type);
		return is_advertised(device, cursor->step - STEP_SERVICES);
	}
}

bool ssdp_target_next(
    const struct offer *offer, struct ssdp_cursor *cursor, struct ssdp_target *target)
{
	for (; cursor->device < offer->device_count; cursor->device++, cursor->step = 0) {
		const struct offered_device *device = &offer->devices[cursor->device];
		while (cursor->step < STEP_SERVICES + device->service_count) {
			bool found = target_at(offer, cursor, target);
			cursor->step++;
			if (found)
				return true;
		}
	}
	return false;
}

unsigned ssdp_target_count(const struct offer *offer, struct ssdp_cursor cursor)
{
	struct ssdp_target target;
	unsigned count = 0;

	while (ssdp_target_next(offer, &cursor, &target))
		count++;
	return count;
}

bool ssdp_target_matches(struct ssdp_target *target, struct slice wanted)
{
	if (slice_equal(wanted, SLICE("ssdp:all")))
		return true;
	switch (target->form) {
	case SSDP_FORM_ROOT:
		return slice_equal(wanted, SLICE("upnp:rootdevice"));
	case SSDP_FORM_UUID:
		return slice_equal_nocase(wanted, target->udn);
	case SSDP_FORM_TYPE:
		target->version = urn_split_version(wanted).version;
		return urn_satisfies(target->type, wanted);
	}
	return false;
}

void ssdp_target_write_nt(const struct ssdp_target *target, struct writer *w)
{
	switch (target->form) {
	case SSDP_FORM_ROOT:
		writer_text(w, "upnp:rootdevice");
		return;
	case SSDP_FORM_UUID:
		writer_slice(w, target->udn);
		return;
	case SSDP_FORM_TYPE:
		break;
	}
	if (target->version == 0) {
		writer_slice(w, target->type);
		return;
	}
	writer_slice(w, urn_split_version(target->type).base);
	writer_char(w, ':');
	writer_u64(w, target->version);
}

void ssdp_target_write_usn(const struct ssdp_target *target, struct writer *w)
{
	writer_slice(w, target->udn);
	if (target->form == SSDP_FORM_UUID)
		return;
	writer_text(w, "::");
	ssdp_target_write_nt(target, w);
}
