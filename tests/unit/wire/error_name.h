/* SPDX-License-Identifier: ISC
 * error_name: what the tests of wire/ call the errors of its readers. */
#ifndef TESTS_UNIT_WIRE_ERROR_NAME_H
#define TESTS_UNIT_WIRE_ERROR_NAME_H

/* The name of a negative errno, such as "EINVAL"; not every C library has one for it. */
const char *error_name(int error);

#endif
