/* SPDX-License-Identifier: ISC
 * site_asset: the files that are compiled in: style, script and icon. */
#ifndef WEB_SITE_ASSET_H
#define WEB_SITE_ASSET_H

#include "base/slice.h"

enum site_asset { SITE_STYLE, SITE_SCRIPT, SITE_ICON };
enum { SITE_ASSET_TAG_MAX = 24 };

const char *site_asset_text(enum site_asset asset);
/* Its entity tag, with quotes: another one where the text is another. */
void site_asset_tag(enum site_asset asset, char tag[SITE_ASSET_TAG_MAX]);

#endif
