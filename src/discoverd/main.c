/* SPDX-License-Identifier: ISC
 * main: starts the daemon. */
int main(void)
{
	return 0;
}
