// SPDX-License-Identifier: ISC
// page: keeps the pages of discoverd-web up to date. Text from the network only becomes text: textContent, and attributes that are checked.
'use strict';

(() => {
	const root = document.documentElement, main = document.getElementById('main');
	const live = document.getElementById('live');

	function put(element, text) {
		if (element.textContent !== text)
			element.textContent = text;
	}

	function hide(element, hidden) {
		if (element.hidden !== hidden)
			element.hidden = hidden;
	}

	// "live", "lost" (no connection), "stale" (discoverd-web has lost discoverd).
	function show(state) {
		live.dataset.state = state;
		put(live, {
			live: 'Live',
			lost: 'Connection lost, trying again',
			stale: 'discoverd does not answer: this may be out of date',
		}[state]);
	}

	function showTimes() {
		for (const time of main.querySelectorAll('time')) {
			const date = new Date(time.dateTime);
			if (isNaN(date))
				continue;
			time.title = time.dateTime;
			time.textContent = date.toLocaleString();
		}
	}

	// The list: a row of the table for each device.
	function makeList() {
		const table = document.getElementById('devices'), body = table.tBodies[0];
		const search = document.getElementById('q'), all = document.getElementById('all');
		const count = document.getElementById('count'), empty = document.getElementById('empty');
		const model = document.getElementById('row').content.querySelector('tr');
		const texts = ['name', 'notes', 'type', 'maker', 'address', 'others', 'hosts', 'mac', 'vendor', 'place', 'via'];
		const order = new Intl.Collator(undefined, {numeric: true, sensitivity: 'base'});
		const rows = new Map(); // by the id of the device
		const words = new WeakMap(); // of a row, what the search compares
		let counting = 0; // a timer: many changes come at once
		let missing = null; // ids that the list that is being sent has not had yet
		let by = table.querySelector('[aria-sort] a').dataset.sort;

		const cell = (row, name) => row.getElementsByClassName(name)[0];
		const idOf = row => decodeURIComponent(cell(row, 'name').getAttribute('href').slice('/device/'.length));

		function compare(a, b) {
			const x = cell(a, by).textContent, y = cell(b, by).textContent;
			return !x - !y || order.compare(x, y) ||
				order.compare(cell(a, 'name').textContent, cell(b, 'name').textContent) || order.compare(idOf(a), idOf(b));
		}

		function sort() {
			[...body.rows].sort(compare).forEach((row, i) => {
				if (body.rows[i] !== row)
					body.insertBefore(row, body.rows[i]);
			});
		}

		// Moves the row only where it does not stand rightly.
		function place(row) {
			const before = row.previousElementSibling, after = row.nextElementSibling;
			if (row.isConnected && (!before || compare(before, row) <= 0) && (!after || compare(row, after) <= 0))
				return;
			let low = 0, others = [...body.rows].filter(other => other !== row), high = others.length;
			while (low < high) {
				const middle = low + high >> 1;
				if (compare(others[middle], row) <= 0)
					low = middle + 1;
				else
					high = middle;
			}
			body.insertBefore(row, others[low] || null);
		}

		function isWanted(row, wanted) {
			if (!words.has(row))
				words.set(row, (idOf(row) + ' ' + texts.map(name => cell(row, name).textContent).join(' ')).toLowerCase());
			return wanted.every(word => words.get(row).includes(word));
		}

		const isListed = row => all.checked || row.dataset.kind !== 'neighbour';
		const wantedWords = () => search.value.toLowerCase().split(/\s+/).filter(Boolean);

		function tally() {
			let shown = 0, total = 0;
			counting = 0;
			for (const row of body.rows) {
				total += isListed(row);
				shown += !row.hidden;
			}
			put(count, (shown === total ? total : shown + ' of ' + total) + (total === 1 ? ' device' : ' devices'));
			put(empty, total ? 'No device matches.' : 'No device has been found yet.');
			hide(empty, shown > 0);
			hide(table, !shown);
		}

		// Hides what is not looked for, and counts the others.
		function filter() {
			const wanted = wantedWords();
			for (const row of body.rows)
				hide(row, !isListed(row) || !isWanted(row, wanted));
			tally();
		}

		function setLink(row, url) {
			const link = cell(row, 'url'), allowed = /^https?:\/\/[^\s]+$/i.test(url || '');
			hide(link, !allowed);
			if (!allowed)
				link.removeAttribute('href');
			else if (link.getAttribute('href') !== url)
				link.href = url;
		}

		function set(row, device) {
			for (const name of texts)
				put(cell(row, name), device[name] || '');
			cell(row, 'name').setAttribute('href', '/device/' + encodeURIComponent(device.id));
			setLink(row, device.url);
			if (device.kind !== 'device')
				row.dataset.kind = device.kind;
			else
				delete row.dataset.kind;
			words.delete(row);
		}

		function remove(id) {
			const row = rows.get(id);
			if (row)
				row.remove();
			rows.delete(id);
		}

		// The address of the page says what is shown, so that it can be kept.
		function remember() {
			const query = new URLSearchParams();
			if (search.value.trim())
				query.set('q', search.value.trim());
			if (all.checked)
				query.set('all', '1');
			if (by !== 'name')
				query.set('sort', by);
			history.replaceState(null, '', String(query) ? '/?' + query : '/');
		}

		for (const row of body.rows)
			rows.set(idOf(row), row);
		search.form.querySelector('button').hidden = true;
		search.form.addEventListener('submit', event => event.preventDefault());
		search.form.addEventListener('input', () => { filter(); remember(); });
		document.addEventListener('keydown', event => {
			if (event.key === '/' && event.target !== search && !event.ctrlKey && !event.metaKey && !event.altKey) {
				event.preventDefault();
				search.focus();
			}
		});
		table.tHead.addEventListener('click', event => {
			const link = event.target.closest('a');
			if (!link || event.ctrlKey || event.metaKey || event.shiftKey)
				return;
			event.preventDefault();
			table.querySelector('[aria-sort]').removeAttribute('aria-sort');
			link.parentNode.setAttribute('aria-sort', 'ascending');
			by = link.dataset.sort;
			sort();
			remember();
		});
		sort();
		filter();

		return {
			reset() {
				missing = new Set(rows.keys());
			},
			row(device) {
				let row = rows.get(device.id);
				if (!row) {
					row = model.cloneNode(true);
					rows.set(device.id, row);
					if (!missing)
						row.classList.add('fresh');
				}
				set(row, device);
				if (missing) {
					missing.delete(device.id);
					if (!row.isConnected)
						body.append(row);
					return;
				}
				place(row);
				hide(row, !isListed(row) || !isWanted(row, wantedWords()));
				counting = counting || setTimeout(tally, 50);
			},
			removed(device) {
				remove(device.id);
				counting = counting || setTimeout(tally, 50);
			},
			synced() {
				if (missing) {
					missing.forEach(remove);
					missing = null;
					document.getElementById('more')?.remove();
					sort();
				}
				filter();
			},
		};
	}

	// Another page: it is fetched again when what it shows has changed.
	function makeView(id) {
		let timer = 0, whole = false, newest = '';

		// "INSTANCE-NUMBER": whether what was fetched is from before the change that it was fetched for.
		function isOlder(revision) {
			const [instance, number] = revision.split('-'), [own, wanted] = newest.split('-');
			return instance === own && Number(number) < Number(wanted);
		}

		// What can have the focus, in its order.
		function controls() {
			return [...main.querySelectorAll('a[href], summary, [tabindex]')].filter(control => control.getClientRects().length);
		}

		function replace(text) {
			const fetched = new DOMParser().parseFromString(text, 'text/html'), content = fetched.getElementById('main');
			const opened = [...main.querySelectorAll('details')].map(details => details.open);
			const focused = controls().indexOf(document.activeElement), link = document.activeElement.getAttribute('href');
			main.replaceChildren(...document.importNode(content, true).childNodes);
			main.querySelectorAll('details').forEach((details, i) => { details.open = opened[i] || false; });
			showTimes();
			if (focused >= 0)
				(controls().find(control => link && control.getAttribute('href') === link) || controls()[focused])?.focus({preventScroll: true});
			if (isOlder(fetched.documentElement.dataset.revision || ''))
				timer = timer || setTimeout(fetchAgain, 1500);
		}

		async function fetchAgain() {
			timer = 0;
			try {
				const response = await fetch(location.href);
				if (response.ok || response.status === 404)
					replace(await response.text());
			} catch {
				// The stream ends, too, and says so.
			}
		}

		function changed(device, revision) {
			if (id && device.id !== id)
				return;
			newest = revision;
			if (!whole && !timer)
				timer = setTimeout(fetchAgain, 300);
		}

		return {
			reset() {
				whole = true;
			},
			row: changed,
			removed: changed,
			synced() {
				if (whole)
					timer = timer || setTimeout(fetchAgain, 300);
				whole = false;
			},
		};
	}

	// Follows the changes from a revision on; connects again when the connection is lost, or silent.
	function follow(view, revision) {
		const silence = 60000;
		let source = null, watchdog = 0, pause = 1000;

		function close() {
			clearTimeout(watchdog);
			source?.close();
			source = null;
		}

		function retry() {
			close();
			show('lost');
			watchdog = setTimeout(open, pause * (0.75 + Math.random() / 2));
			pause = Math.min(2 * pause, 8000);
		}

		function listen(name, act) {
			source.addEventListener(name, event => {
				clearTimeout(watchdog);
				watchdog = setTimeout(retry, silence);
				revision = event.lastEventId || revision;
				act?.(JSON.parse(event.data), revision);
			});
		}

		function open() {
			close();
			source = new EventSource(revision ? '/events?since=' + encodeURIComponent(revision) : '/events');
			source.addEventListener('error', retry);
			watchdog = setTimeout(retry, silence);
			listen('reset', view.reset);
			listen('row', view.row);
			listen('removed', view.removed);
			listen('alive');
			listen('synced', state => {
				pause = 1000;
				show(state.connected ? 'live' : 'stale');
				view.synced();
			});
		}

		// A page that is not seen needs no stream; there are 16 of them.
		document.addEventListener('visibilitychange', () => {
			if (document.hidden)
				close();
			else if (!source)
				open();
		});
		addEventListener('pagehide', close);
		addEventListener('pageshow', event => {
			if (event.persisted)
				open();
		});
		if (!document.hidden)
			open();
	}

	showTimes();
	if (document.getElementById('devices'))
		follow(makeList(), root.dataset.revision);
	else if (root.dataset.device || location.pathname === '/map')
		follow(makeView(root.dataset.device), root.dataset.revision);
})();
