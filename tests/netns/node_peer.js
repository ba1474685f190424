// SPDX-License-Identifier: ISC
// A server or a client of node-ssdp: prints what it hears, says goodbye at SIGTERM.
//
// usage: node_peer.js client TARGET | server UDN LOCATION
'use strict';
const { Client, Server } = require('node-ssdp');
const [mode, first, location] = process.argv.slice(2);
const GOODBYE_MS = 300; // its stop() closes the socket before the last messages are out

if (mode === 'client') {
	const client = new Client({ explicitSocketBind: true });
	client.on('response', (headers, code, from) => {
		console.log('response', code, from.address, headers.ST, headers.USN, headers.LOCATION);
	});
	client.search(first);
	setInterval(() => client.search(first), 1000);
} else {
	const server = new Server({ udn: first, location });
	server.addUSN('upnp:rootdevice');
	server.addUSN('urn:schemas-upnp-org:device:DimmableLight:1');
	server.on('advertise-alive', (headers) => console.log('alive', headers.USN, headers.LOCATION));
	server.on('advertise-bye', (headers) => console.log('bye', headers.USN));
	server.start().then(() => console.log('started'));
	process.on('SIGTERM', () => {
		server.advertise(false);
		setTimeout(() => process.exit(0), GOODBYE_MS);
	});
	setInterval(() => {}, 1000); // its sockets do not keep the process
}
