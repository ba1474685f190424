/* SPDX-License-Identifier: ISC
 * id_of: the id of a device as a text, until the block ends. */
#ifndef TESTS_ID_OF_H
#define TESTS_ID_OF_H

#include "model/device.h"

#define ID_OF(device) device_id(device, (char[KEY_UUID_TEXT_MAX]){0})

#endif
