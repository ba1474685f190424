/* SPDX-License-Identifier: ISC
 * wsd: WS-Discovery as an engine that listens and asks: the discovery of Windows, of printers and
 * of ONVIF cameras. It announces nothing and answers nothing. */
#ifndef ENGINE_WSD_H
#define ENGINE_WSD_H

#include "engine/engine.h"

extern const struct engine_type WSD_ENGINE;

#endif
