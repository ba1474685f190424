# SPDX-License-Identifier: ISC
# What tests/follower/ adds to the build: a program around the daemon that only prints (tests/netns/test_companion.py runs it).

check_PROGRAMS += tests/follower/follower
tests_follower_follower_SOURCES = %D%/follower.c
tests_follower_follower_LDADD = $(COMPANION_LIBS)
