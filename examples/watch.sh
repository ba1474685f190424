#!/bin/sh
# SPDX-License-Identifier: ISC
# Prints which devices come and go, also when discoverd is restarted meanwhile; needs discoverctl and jq.

# discoverctl connects again by itself and then reports what was missed; it ends with 3 when discoverd is not there at its start.
watch() {
	while discoverctl watch --snapshot -o jsonl; [ $? -eq 3 ]; do
		sleep 1
	done
}

watch | jq --unbuffered -r '
	{added: "+", removed: "-"}[.event] as $sign
	| select($sign)
	| [$sign, .device.name, .device.addresses[].address] | join(" ")'
