/* SPDX-License-Identifier: ISC
 * table_leave: what goes with an endpoint or an address, and what becomes of its device. */
#include "model/protocol_id.h"
#include "model/table_internal.h"

struct device *table_leave_succeed(struct table *table, struct device *device)
{
	struct device *successor = table_successor(device);

	if (!successor)
		return device;
	if (device->endpoint_count == 0) {
		table_moves_release(table, successor);
		if (!device->reported && successor->reported) {
			table_device_free(table, device);
			return successor;
		}
		table_ties_merge(table, device, successor);
		return device;
	}
	/* What is left of it has other ties to the new address, or none. */
	if (!table_moves_is_pending(device)) {
		table_moves_release(table, successor);
		table_report_now(table, successor);
	}
	return device;
}

/* A device has lost an endpoint or a presence. */
static void lost(struct table *table, struct device *device)
{
	table_ties_broken(table, device);
	table_report_change(table, table_leave_succeed(table, device));
}

/* All others are what the kernel alone knows. */
static bool leaves_neighbours(const struct device *device, const struct endpoint *leaving)
{
	const struct endpoint *endpoint;

	if (table_successor(device) || leaving->protocol->rank == PROTOCOL_RANK_NEIGHBOUR)
		return false;
	TAILQ_FOREACH(endpoint, &device->endpoints, of_device)
	if (endpoint != leaving && endpoint->protocol->rank != PROTOCOL_RANK_NEIGHBOUR)
		return false;
	return true;
}

/* The last endpoint stays in its device, with its last presence, until the removal has been
 * reported: the report says where the device was. */
void table_remove(struct table *table, struct endpoint *endpoint)
{
	struct device *device = endpoint->device;
	bool last = device->endpoint_count == 1;

	if (table->listener.forgotten)
		table->listener.forgotten(table->listener.context, endpoint);
	table_counted(table, COUNT_ENDPOINTS_REMOVED);
	table_report_claimants(table, endpoint);
	if (last && !table_successor(device))
		table_report_removed(table, device, NULL);
	else if (leaves_neighbours(device, endpoint))
		table_report_leaving(table, device);
	TAILQ_REMOVE(&device->endpoints, endpoint, of_device);
	device->endpoint_count--;
	table_endpoint_free(table, endpoint);
	if (last && !table_successor(device)) {
		table_device_free(table, device);
		return;
	}
	lost(table, device);
}

void table_evict(struct table *table)
{
	struct endpoint *endpoint;

	while ((endpoint = STAILQ_FIRST(&table->evicted))) {
		table_counted(table, COUNT_EVICTED);
		table_remove(table, endpoint);
	}
}

bool table_leave(struct table *table, struct endpoint *endpoint, struct presence *presence)
{
	if (endpoint->presence_count == 1) {
		table_remove(table, endpoint);
		return true;
	}
	table_presence_remove(table, endpoint, presence);
	table_url_fall_back(table, endpoint);
	table_endpoint_settle(table, endpoint);
	lost(table, endpoint->device);
	return false;
}

void table_settle(struct table *table)
{
	table_evict(table);
	table_ties_settle(table);
	table_report_due(table);
}
