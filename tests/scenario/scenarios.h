/* SPDX-License-Identifier: ISC
 * scenarios: one function per file of scenarios. */
#ifndef TESTS_SCENARIO_SCENARIOS_H
#define TESTS_SCENARIO_SCENARIOS_H
#include "model/offers.h"

#include <check.h>

Suite *beacons_suite(void);
Suite *changes_suite(void);
Suite *descriptions_suite(void);
Suite *idle_suite(void);
Suite *lossy_network_suite(void);
Suite *meeting_suite(void);
Suite *multihomed_suite(void);
Suite *names_suite(void);
Suite *neighbours_suite(void);
Suite *offers_suite(void);
Suite *one_device_suite(void);
Suite *own_device_suite(void);
Suite *reconfirm_suite(void);
Suite *renewals_suite(void);
Suite *repeats_suite(void);
Suite *restored_suite(void);
Suite *searches_suite(void);
Suite *two_devices_suite(void);
Suite *wsd_suite(void);

#endif
