/* SPDX-License-Identifier: ISC
 * fuzz_lease_file: any file of leases, read to its end and put into a set. */
#include "fuzz.h"
#include "model/leases.h"

int fuzz_lease_file(const uint8_t *data, size_t size)
{
	struct slice text = fuzz_copy(data, size);
	struct lease_file file;
	struct leases leases;
	struct lease lease;
	size_t lines = 1, count = 0;

	for (size_t i = 0; i < text.len; i++)
		lines += text.bytes[i] == '\n';
	FUZZ_CHECK(leases_init(&leases, &(struct siphash_key){{0, 0}}) == 0);
	lease_file_init(&file, text);
	while (lease_file_next(&file, &lease)) {
		count++;
		FUZZ_CHECK(lease.mac.known && lease.name.len <= LEASE_NAME_MAX);
		FUZZ_CHECK(lease.name.len == 0 || fuzz_inside(lease.name, text));
		leases_put(&leases, count % 3, &lease, 1000);
		const char *name = leases_find(&leases, &lease.mac, 1000);
		FUZZ_CHECK(!name || lease.name.len > 0 || count > 1);
	}
	FUZZ_CHECK(count + file.malformed <= lines && leases_count(&leases) <= count);
	FUZZ_CHECK(count == 0 || file.format != LEASE_FORMAT_UNKNOWN);
	leases_fini(&leases);
	fuzz_free(text);
	return 0;
}
