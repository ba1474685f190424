/* SPDX-License-Identifier: ISC
 * beacon_cipher: the cipher of encrypted beacons, where the build has one. */
#ifndef WIRE_BEACON_CIPHER_H
#define WIRE_BEACON_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BEACON_CIPHER_BLOCK = 16 };

/* All devices of Tuya share one key. False: nothing is decrypted. */
extern const bool BEACON_CIPHER_HERE;
/* AES-128-ECB. `len` is a multiple of a block; `plain`
 * has as much room. */
void beacon_cipher_decrypt(const uint8_t *bytes, size_t len, uint8_t *plain);

enum { BEACON_CIPHER_NONCE = 12, BEACON_CIPHER_TAG = 16 };
/* AES-128-GCM of `len` bytes between their nonce and their tag, for `header`. False when the tag is
 * that of other bytes. */
bool beacon_cipher_open(
    const uint8_t *header, size_t header_len, const uint8_t *sealed, size_t len, uint8_t *plain);

#endif
