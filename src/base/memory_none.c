/* SPDX-License-Identifier: ISC
 * memory_none: for C libraries that give back what is freed by themselves, as musl does. */
#include "base/memory.h"

void memory_give_back(void)
{
}
