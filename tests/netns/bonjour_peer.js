// SPDX-License-Identifier: ISC
// bonjour-service: publishes a service until SIGTERM, or prints what comes and goes as lines of JSON.
//
// usage: bonjour_peer.js publish NAME TYPE PORT HOST KEY VALUE | browse TYPE, with TYPE as "http"
'use strict';
const { Bonjour } = require('bonjour-service');
const [mode, first, type, port, host, key, value] = process.argv.slice(2);
const bonjour = new Bonjour();
const tell = (words) => console.log(JSON.stringify(words));

if (mode === 'browse') {
	const browser = bonjour.find({ type: first });
	const row = (event, s) => tell({ event, name: s.name, host: s.host, port: s.port, addresses: s.addresses, txt: s.txt });
	browser.on('up', (service) => row('added', service));
	browser.on('down', (service) => row('removed', service));
	setInterval(() => browser.update(), 1000); // it asks only once by itself
} else {
	const service = bonjour.publish({ name: first, type, port: Number(port), host, txt: { [key]: value } });
	service.on('up', () => tell({ event: 'published', name: first }));
	process.on('SIGTERM', () => bonjour.unpublishAll(() => bonjour.destroy(() => process.exit(0))));
}
