/* SPDX-License-Identifier: ISC
 * fuzz_beacons: any datagram on the port of any vendor; the first byte chooses the vendor. */
#include "base/array.h"
#include "fuzz.h"
#include "wire/beacon.h"
#include <errno.h>

static beacon_read_fn *const READS[] = {beacon_read_yeelight, beacon_read_tuya, beacon_read_kasa,
    beacon_read_tplink, beacon_read_wiz, beacon_read_plex, beacon_read_lifx};

static void check_value(
    const struct beacon *beacon, struct slice value, struct slice datagram, size_t max)
{
	struct slice text = {beacon->text, beacon->text_len};

	FUZZ_CHECK(fuzz_inside(value, datagram) || fuzz_inside(value, text));
	FUZZ_CHECK(value.len <= max);
}

static void check_beacon(const struct beacon *beacon, struct slice datagram)
{
	const struct slice values[] = {beacon->name, beacon->type, beacon->model, beacon->version};

	FUZZ_CHECK(beacon->text_len <= BEACON_TEXT_MAX);
	FUZZ_CHECK(beacon->kind <= BEACON_QUESTION);
	FUZZ_CHECK((beacon->id.len > 0) == (beacon->kind != BEACON_QUESTION));
	check_value(beacon, beacon->id, datagram, BEACON_ID_MAX);
	for (size_t i = 0; i < COUNT_OF(values); i++)
		check_value(beacon, values[i], datagram, BEACON_VALUE_MAX);
	FUZZ_CHECK(beacon->service_type.len <= BEACON_VALUE_MAX);
	FUZZ_CHECK(beacon->service_port > 0 || beacon->service_type.len == 0);
}

int fuzz_beacons(const uint8_t *data, size_t size)
{
	struct beacon beacon;

	if (size == 0)
		return 0;
	struct slice datagram = fuzz_copy(data + 1, size - 1);
	int error = READS[data[0] % COUNT_OF(READS)](datagram, &beacon);
	if (error)
		FUZZ_CHECK(error == -EBADMSG || error == -EMSGSIZE || error == -ENOMEM ||
			   error == -ENOTSUP);
	else
		check_beacon(&beacon, datagram);
	fuzz_free(datagram);
	return 0;
}
