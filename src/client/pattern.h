/* SPDX-License-Identifier: ISC
 * pattern: compares texts with globs and with beginnings, without regard to case in any script. */
#ifndef CLIENT_PATTERN_H
#define CLIENT_PATTERN_H

#include "base/writer.h"

/* Copies UTF-8 with each letter in lower case, by the simple mapping of Unicode. Bytes that are no
 * UTF-8 stay as they are. Needs up to twice the length. */
void pattern_fold(struct slice text, struct writer *w);

/* How well a text matches a word that a person typed. */
enum pattern_match { PATTERN_NONE, PATTERN_BEGINS, PATTERN_WHOLE };

/* A glob ("*", "?", "[…]") has to match the whole text: PATTERN_WHOLE. A word without such
 * characters may also be the beginning of the text: PATTERN_BEGINS. Texts beyond 1000 bytes match
 * nothing. */
enum pattern_match pattern_match(struct slice pattern, struct slice text);
bool pattern_is_glob(struct slice pattern);
/* The type of a device or service against a whole URN
 * ("urn:schemas-upnp-org:device:MediaServer:1"), its last two parts ("MediaServer:1"), or the last
 * but one ("MediaServer"), each as a glob. */
bool pattern_matches_type(struct slice pattern, struct slice type);
/* "MediaServer" of "urn:schemas-upnp-org:device:MediaServer:1", "ipp" of "_ipp._tcp"; any other
 * type as a whole. */
struct slice pattern_type_name(struct slice type);

#endif
