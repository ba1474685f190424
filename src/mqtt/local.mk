# SPDX-License-Identifier: ISC
# The files of mqtt/: discoverd-mqtt.
