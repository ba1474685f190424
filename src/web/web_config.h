/* SPDX-License-Identifier: ISC
 * web_config: the configuration of discoverd-web. */
#ifndef WEB_WEB_CONFIG_H
#define WEB_WEB_CONFIG_H

#include "base/address.h"
#include "model/config_option.h"

struct web_config {
	struct text_list addresses; /* numeric, or "*" */
	struct text_list names;
	uint32_t port, max_clients, max_clients_per_address;
};

extern const struct config_rows WEB_OPTIONS;

/* As companion_type.check. */
char *web_config_check(const void *config);
/* The two addresses of "*" are those of unspecified ones. Writes two at most, 0 where the text is
 * none: their number. */
size_t web_config_address(struct slice text, struct address addresses[2]);

#endif
