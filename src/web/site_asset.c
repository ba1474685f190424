/* SPDX-License-Identifier: ISC
 * site_asset: the files that are compiled in: style, script and icon. */
#include "web/site_asset.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/siphash.h"
#include "web/page_text.h"

static const char *const TEXTS[] = {
    [SITE_STYLE] = PAGE_CSS_TEXT,
    [SITE_SCRIPT] = PAGE_JS_TEXT,
    [SITE_ICON] = ICON_SVG_TEXT,
};

const char *site_asset_text(enum site_asset asset)
{
	return TEXTS[asset];
}

void site_asset_tag(enum site_asset asset, char tag[SITE_ASSET_TAG_MAX])
{
	const struct siphash_key key = {{0, 0}}; /* no secret: the text is public */

	snprintf(
	    tag, SITE_ASSET_TAG_MAX, "\"%016" PRIx64 "\"", siphash(&key, slice_of(TEXTS[asset])));
}
