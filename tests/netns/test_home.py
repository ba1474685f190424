# SPDX-License-Identifier: ISC
"""A home of seven hosts is seven rows, each with the right name and protocols, whatever its devices speak."""

import home


def test_seven_hosts_are_seven_rows(here):
    home.Home(here).wait()
