/* SPDX-License-Identifier: ISC
 * main: discoverd-web, a page and metrics of what discoverd knows. */
#include "companion/companion.h"
#include "web/site.h"
#include "web/web_config.h"

int main(int argc, char **argv)
{
	const struct companion_type type = {
	    .name = "discoverd-web",
	    .purpose = "Serves a page with the devices on the network, and metrics.",
	    .config_file = SYSCONFDIR "/discoverd/web.conf",
	    .manual = "discoverd-web(8)",
	    .options = WEB_OPTIONS,
	    .config_size = sizeof(struct web_config),
	    .neighbours = true,
	    .check = web_config_check,
	    .open = site_open,
	    .handler = {site_changed, site_synced, site_lost},
	    .advance = site_advance,
	    .deadline = site_deadline,
	    .close = site_close,
	};

	return companion_main(&type, argc, argv);
}
