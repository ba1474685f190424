/* SPDX-License-Identifier: ISC
 * Tests of base/siphash against its authors' vectors. */
#include "base/siphash.h"
#include "suites.h"

/* Key 00 01 … 0f, message 00 01 … of each length, from the reference implementation. */
START_TEST(the_hash_is_the_published_one)
{
	static const uint64_t expected[] = {
	    0x726fdb47dd0e0e31,
	    0x74f839c593dc67fd,
	    0x0d6c8009d9a94f5a,
	    0x85676696d7fb7e2d,
	    0xcf2794e0277187b7,
	    0x18765564cd99a68d,
	    0xcbc9466e58fee3ce,
	    0xab0200f58b01d137,
	    0x93f5f5799a932462,
	    0x9e0082df0ba9e4b0,
	    0x7a5dbbc594ddb9f3,
	    0xf4b32f46226bada7,
	    0x751e8fbc860ee5fb,
	    0x14ea5627c0843d90,
	    0xf723ca908e7af2ee,
	    0xa129ca6149be45e5,
	};
	const struct siphash_key key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
	char message[16];

	for (size_t len = 0; len < 16; len++) {
		message[len] = (char)len;
		ck_assert_uint_eq(siphash(&key, (struct slice){message, len}), expected[len]);
	}
	ck_assert_uint_eq(siphash(&key, SLICE_NONE), expected[0]);
}
END_TEST

START_TEST(bytes_above_127_and_odd_addresses_count_the_same)
{
	const struct siphash_key key = {{1, 2}};
	char a[] = "\xff\x80 a device somewhere", b[sizeof(a) + 1] = "x\xff\x80 a device somewhere";

	ck_assert_uint_eq(siphash(&key, slice_of(a)), siphash(&key, slice_skip(slice_of(b), 1)));
	ck_assert_uint_ne(siphash(&key, slice_of(a)), siphash(&key, slice_skip(slice_of(a), 1)));
}
END_TEST

/* Messages 00 01 … of 8 to 23 bytes, as CPython 3.11 hashes them with PYTHONHASHSEED=42. */
START_TEST(the_quick_hash_is_that_of_others)
{
	static const uint64_t expected[] = {
	    0x60866c3c108c6afb,
	    0x68814005f7469e03,
	    0x060a514cd0a2e301,
	    0x72f315ef14fb4b09,
	    0x550fe6ca26ef7fdd,
	    0x19c8185b4c3e2799,
	    0xfaa1fc2224a07929,
	    0x94ace24d68c18cf8,
	    0x339176f3ac59ce05,
	    0xed2706b414c296f1,
	    0xcdd77102531929e2,
	    0x33a51c4b838d8070,
	    0xa7dbb0b1fa0842a3,
	    0x20dfd910e0134ee5,
	    0xcd0fe2c8291e801e,
	    0xad71bad831e3a42d,
	};
	const struct siphash_key key = {{0xdc504fd368cd90af, 0xb920bb9ffe99e9c1}};
	char behind[16];

	for (size_t len = 0; len < 16; len++) {
		ck_assert_uint_eq(
		    siphash_quick(&key, 0x0706050403020100, (struct slice){behind, len}),
		    expected[len]);
		behind[len] = (char)(8 + len);
	}
}
END_TEST

START_TEST(both_halves_of_the_key_matter)
{
	const struct siphash_key a = {{1, 2}}, b = {{1, 3}}, c = {{0, 2}};

	ck_assert_uint_ne(siphash(&a, SLICE("x")), siphash(&b, SLICE("x")));
	ck_assert_uint_ne(siphash(&a, SLICE("x")), siphash(&c, SLICE("x")));
}
END_TEST

Suite *siphash_suite(void)
{
	Suite *suite = suite_create("base/siphash");
	TCase *tcase = tcase_create("siphash");

	tcase_add_test(tcase, the_hash_is_the_published_one);
	tcase_add_test(tcase, bytes_above_127_and_odd_addresses_count_the_same);
	tcase_add_test(tcase, the_quick_hash_is_that_of_others);
	tcase_add_test(tcase, both_halves_of_the_key_matter);
	suite_add_tcase(suite, tcase);
	return suite;
}
