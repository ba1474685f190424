/* SPDX-License-Identifier: ISC
 * expect: what the tests of wire/ share: comparing a slice with text, and one test for each row of
 * a table. */
#ifndef TESTS_UNIT_WIRE_EXPECT_H
#define TESTS_UNIT_WIRE_EXPECT_H

#include "base/array.h"
#include "base/slice.h"
#include <check.h>

/* NULL stands for SLICE_NONE. */
#define ck_assert_slice(found, text)                                                               \
	do {                                                                                       \
		struct slice found_ = (found), text_ = slice_of(text);                             \
		ck_assert_msg(slice_equal(found_, text_) && (text_.bytes || !found_.bytes),        \
		    "\"%.*s\" is not \"%.*s\"", SLICE_ARGS(found_), SLICE_ARGS(text_));            \
	} while (0)

#define add_test_of_rows(tcase, test, array)                                                       \
	tcase_add_loop_test(tcase, test, 0, (int)COUNT_OF(array))

#endif
