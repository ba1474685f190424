/* SPDX-License-Identifier: ISC
 * memory_glibc: glibc keeps all that is freed below the last thing allocated, unless it is asked.
 */
#include "base/memory.h"

#include <malloc.h>

void memory_give_back(void)
{
	malloc_trim(0);
}
