/* SPDX-License-Identifier: ISC
 * main: the command table's entry. */
int main(void)
{
	return 0;
}
