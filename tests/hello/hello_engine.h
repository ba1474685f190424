/* SPDX-License-Identifier: ISC
 * hello_engine: a third way of discovery, for the test that adds one. */
#ifndef TESTS_HELLO_ENGINE_H
#define TESTS_HELLO_ENGINE_H

#include "engine/engine.h"

extern const struct engine_type HELLO_ENGINE;

#endif
