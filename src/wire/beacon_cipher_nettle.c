/* SPDX-License-Identifier: ISC
 * beacon_cipher_nettle: AES by way of nettle. */
#include "wire/beacon_cipher.h"

#include <nettle/aes.h>
#include <nettle/gcm.h>
#include <nettle/memops.h>

const bool BEACON_CIPHER_HERE = true;

/* The MD5 sum of "yGAdlopoPVldABfn": no secret, it is the same in every device and program. */
static const uint8_t KEY[AES128_KEY_SIZE] = {
    0x6c, 0x1e, 0xc8, 0xe2, 0xbb, 0x9b, 0xb5, 0x9a, 0xb5, 0x0b, 0x0d, 0xaf, 0x64, 0x9b, 0x41, 0x0a};

void beacon_cipher_decrypt(const uint8_t *bytes, size_t len, uint8_t *plain)
{
	struct aes128_ctx context;

	aes128_set_decrypt_key(&context, KEY);
	aes128_decrypt(&context, len, plain, bytes);
}

bool beacon_cipher_open(
    const uint8_t *header, size_t header_len, const uint8_t *sealed, size_t len, uint8_t *plain)
{
	const uint8_t *bytes = sealed + BEACON_CIPHER_NONCE;
	uint8_t tag[BEACON_CIPHER_TAG];
	struct gcm_aes128_ctx context;

	gcm_aes128_set_key(&context, KEY);
	gcm_aes128_set_iv(&context, BEACON_CIPHER_NONCE, sealed);
	gcm_aes128_update(&context, header_len, header);
	gcm_aes128_decrypt(&context, len, plain, bytes);
	gcm_aes128_digest(&context, sizeof(tag), tag);
	return memeql_sec(tag, bytes + len, sizeof(tag));
}
