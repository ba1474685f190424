/* SPDX-License-Identifier: ISC
 * driver: hands libFuzzer's inputs to the one target that it was built for
 * (-DFUZZ_TARGET=fuzz_usn). */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return FUZZ_TARGET(data, size);
}
