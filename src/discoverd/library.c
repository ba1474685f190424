/* SPDX-License-Identifier: ISC
 * library: see library.h. */
#include "discoverd/library.h"

#include <dlfcn.h>
#include <string.h>

const char *library_load(const char *file, const char *const names[], size_t count, void *functions)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return dlerror();
	for (size_t i = 0; i < count; i++) {
		void *address = dlsym(library, names[i]);
		if (!address)
			return dlerror();
		memcpy((char *)functions + i * sizeof(address), &address, sizeof(address));
	}
	return NULL;
}
