/* SPDX-License-Identifier: ISC
 * beacon_cipher: the cipher of encrypted beacons, where the build has one. */
#ifndef WIRE_BEACON_CIPHER_H
#define WIRE_BEACON_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BEACON_CIPHER_BLOCK = 16 };

/* False: beacon_cipher_decrypt() writes nothing. */
extern const bool BEACON_CIPHER_HERE;
/* AES-128-ECB with the key that all devices of Tuya share. `len` is a multiple of a block; `plain`
 * has as much room. */
void beacon_cipher_decrypt(const uint8_t *bytes, size_t len, uint8_t *plain);

#endif
