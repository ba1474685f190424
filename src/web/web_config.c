/* SPDX-License-Identifier: ISC
 * web_config: the configuration of discoverd-web. */
#include "web/web_config.h"

#include <stdio.h>

#include "base/array.h"

#define AT(member) offsetof(struct web_config, member)

static const struct config_option ROWS[] = {
    {"Web", "address", CONFIG_LIST, AT(addresses), 1, 512, "127.0.0.1 ::1",
	"listen on these addresses; * for all"},
    {"Web", "port", CONFIG_NUMBER, AT(port), 1, 65535, "5080", "TCP port"},
    {"Web", "names", CONFIG_LIST, AT(names), 0, 1024, NULL,
	"names of this host besides its host name"},
    {"Web", "max-clients", CONFIG_NUMBER, AT(max_clients), 32, 1024, "128",
	"connections at a time"},
    {"Web", "max-clients-per-address", CONFIG_NUMBER, AT(max_clients_per_address), 8, 1024, "32",
	"connections of one address at a time"},
};

const struct config_rows WEB_OPTIONS = {ROWS, COUNT_OF(ROWS)};

size_t web_config_address(struct slice text, struct address addresses[2])
{
	if (slice_equal(text, SLICE("*"))) {
		addresses[0] = (struct address){.family = ADDRESS_IPV4};
		addresses[1] = (struct address){.family = ADDRESS_IPV6};
		return 2;
	}
	return address_parse(text, &addresses[0]) == 0 ? 1 : 0;
}

char *web_config_check(const void *config)
{
	const struct web_config *web = config;
	struct address addresses[2];
	char *wrong;

	for (size_t i = 0; i < web->addresses.count; i++)
		if (!web_config_address(slice_of(web->addresses.items[i]), addresses))
			return asprintf(&wrong,
				   "address must be numeric addresses or *, and is no \"%s\"",
				   web->addresses.items[i]) < 0
				   ? NULL
				   : wrong;
	return NULL;
}
