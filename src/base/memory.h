/* SPDX-License-Identifier: ISC
 * memory: what was freed goes back to the system; by a file for each C library. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

/* Gives back each page on which nothing is allocated any more. Takes time by what is allocated: to
 * be called when much has been freed. */
void memory_give_back(void);

#endif
