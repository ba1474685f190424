/* SPDX-License-Identifier: ISC
 * driver: hands libFuzzer's inputs to the one target that it was built for
 * (-DFUZZ_TARGET=fuzz_usn). */
#include "fuzz.h"
#include "wire/xml_parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	xml_parser_use(xml_library_linked, NULL);
	return FUZZ_TARGET(data, size);
}
