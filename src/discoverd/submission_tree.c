/* SPDX-License-Identifier: ISC
 * submission_tree: what is submitted of a device piece by piece, each piece as a tree of one
 * target.
 */
#include "discoverd/submission_tree.h"

#include <errno.h>
#include <stdlib.h>

#include "wire/usn.h"

#define ROOT_TARGET SLICE("upnp:rootdevice")

/* Gives the only device of a tree the one target. 0 or -ENOMEM. */
static int fill(struct offered_device *device, const struct submission *submission)
{
	device->udn = slice_dup(usn_split(submission->usn).udn);
	char *type = slice_dup(submission->st);
	int result = device->udn && type ? 0 : -ENOMEM;

	device->parts = 0;
	if (slice_equal(submission->st, ROOT_TARGET))
		device->parts = OFFERED_AS_ROOT;
	else if (slice_equal_nocase(submission->st, slice_of(device->udn)))
		device->parts = OFFERED_BY_UUID;
	else if (!result && urn_is_service(submission->st))
		result = offered_device_add_service(device, type, NULL);
	else
		device->parts = OFFERED_BY_TYPE;
	if (device->parts == OFFERED_BY_TYPE)
		device->type = type;
	else
		free(type);
	return result;
}

struct offer *submission_tree_new(const struct submission *submission)
{
	struct offer *tree = offer_new();
	struct offered_device *device = tree ? offer_add_device(tree, 0) : NULL;

	if (device && fill(device, submission) == 0) {
		tree->source = "minissdpd";
		tree->url = slice_dup(submission->location);
		tree->server = submission->server.len ? slice_dup(submission->server) : NULL;
		if (tree->url && (tree->server || !submission->server.len))
			return tree;
	}
	offer_free(tree);
	return NULL;
}

/* True for a piece of the same device under the same LOCATION, whatever its target. */
static bool is_of_device(const struct offer *tree, const struct submission *submission)
{
	return !offer_is_whole(tree) && offer_has_udn(tree, usn_split(submission->usn).udn) &&
	       slice_equal(slice_of(tree->url), submission->location);
}

static bool has_target(const struct offered_device *device, struct slice target)
{
	switch (device->parts) {
	case OFFERED_AS_ROOT:
		return slice_equal(target, ROOT_TARGET);
	case OFFERED_BY_UUID:
		return slice_equal_nocase(target, slice_of(device->udn));
	case OFFERED_BY_TYPE:
		return slice_equal(target, slice_of(device->type));
	default:
		return slice_equal(target, slice_of(device->services[0].type));
	}
}

bool submission_tree_is_of(const struct offer *tree, const struct submission *submission)
{
	return is_of_device(tree, submission) && has_target(&tree->devices[0], submission->st);
}
