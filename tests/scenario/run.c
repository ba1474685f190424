/* SPDX-License-Identifier: ISC
 * run: plays every scenario. */
#include "base/array.h"
#include "model/offers.h"
#include "runner.h"
#include "scenarios.h"

static Suite *(*const SUITES[])(void) = {
    beacons_suite,
    changes_suite,
    descriptions_suite,
    idle_suite,
    lossy_network_suite,
    meeting_suite,
    multihomed_suite,
    names_suite,
    neighbours_suite,
    offers_suite,
    one_device_suite,
    own_device_suite,
    reconfirm_suite,
    renewals_suite,
    repeats_suite,
    restored_suite,
    searches_suite,
    two_devices_suite,
    wsd_suite,
};

int main(void)
{
	return run_suites(SUITES, COUNT_OF(SUITES), TESTS_PURE);
}
