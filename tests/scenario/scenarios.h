/* SPDX-License-Identifier: ISC
 * scenarios: one function per file of scenarios. */
#ifndef TESTS_SCENARIO_SCENARIOS_H
#define TESTS_SCENARIO_SCENARIOS_H

#include <check.h>

Suite *doubt_suite(void);
Suite *meeting_suite(void);
Suite *multihomed_suite(void);
Suite *ourselves_suite(void);
Suite *weather_suite(void);

#endif
