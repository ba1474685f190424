/* SPDX-License-Identifier: ISC
 * main: the program discoverd-history. */
#include "companion/companion.h"
#include "history/history_program.h"

int main(int argc, char **argv)
{
	return companion_main(&HISTORY_PROGRAM, argc, argv);
}
