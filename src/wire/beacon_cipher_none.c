/* SPDX-License-Identifier: ISC
 * beacon_cipher_none: for builds without nettle. */
#include "wire/beacon_cipher.h"

const bool BEACON_CIPHER_HERE = false;

void beacon_cipher_decrypt(const uint8_t *bytes, size_t len, uint8_t *plain)
{
	(void)bytes, (void)len, (void)plain;
}

bool beacon_cipher_open(
    const uint8_t *header, size_t header_len, const uint8_t *sealed, size_t len, uint8_t *plain)
{
	(void)header, (void)header_len, (void)sealed, (void)len, (void)plain;
	return false;
}
