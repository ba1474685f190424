// SPDX-License-Identifier: ISC
// ciao, the responder of Homebridge: publishes a service until SIGTERM.
//
// usage: ciao_peer.js INTERFACE NAME TYPE PORT KEY VALUE, with TYPE as "http"
'use strict';
const { getResponder } = require('@homebridge/ciao');
const [interface_, name, type, port, key, value] = process.argv.slice(2);
const responder = getResponder({ interface: interface_ });
const service = responder.createService({ name, type, port: Number(port), txt: { [key]: value } });

service.advertise().then(() => console.log(JSON.stringify({ event: 'published', name })));
process.on('SIGTERM', () => responder.shutdown().then(() => process.exit(0)));
