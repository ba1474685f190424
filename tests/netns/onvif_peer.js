// SPDX-License-Identifier: ISC
// onvif: prints the cameras that answer its search, again and again.
'use strict';
const { Discovery } = require('onvif');

Discovery.on('error', (error) => console.log('error', String(error)));
const search = () => Discovery.probe({ timeout: 2000, resolve: false }, (error, found) => {
	for (const answer of found || []) {
		const match = answer.probeMatches.probeMatch;
		console.log('found', match.XAddrs, match.endpointReference.address);
	}
	search();
});
search();
