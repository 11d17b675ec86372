'use strict';

const DEFAULT_ANSWER_MS = 3000;
const TICK_MS = 100;
/** From this correlation on, what was heard is the recording. */
const LIKE_ENOUGH = 0.9;

const $ = (id) => document.getElementById(id);
/** The phone as it was told last. */
let phone = { calls: [], notes: [], answersByItself: true };
let current;
const entries = new Map();
const runs = new Map();
let lastStanza = 0;

const events = new EventSource('/events');
events.addEventListener('open', () => connection('Live', 'good'));
events.addEventListener('error', () => connection('The demo has ended', 'bad'));
on('phone', showPhone);
on('run', showRun);
on('stanza', showStanza);
on('commands', showCommands);
setInterval(tick, TICK_MS);
tick();

document.addEventListener('click', (event) => {
	const button = event.target.closest('[data-press]');
	if (button) press(button.dataset.press);
});
$('by-itself').addEventListener('change', () => press('byItself'));
$('talk-only').addEventListener('change', ({ target }) => {
	$('log').classList.toggle('talk-only', target.checked);
	toEndOfLog();
});

function on(name, show) {
	events.addEventListener(name, ({ data }) => show(JSON.parse(data)));
}

async function press(button) {
	$('problem').hidden = true;
	const response = await fetch(`/${button}`, { method: 'POST' }).catch(() => undefined);
	if (response?.ok) return;
	const answer = await response?.json();
	$('problem').textContent = answer?.error ?? 'The demo has ended.';
	$('problem').hidden = false;
}

function connection(text, kind) {
	$('connection').textContent = text;
	$('connection').className = `chip ${kind}`;
}

/* The phone */

function showPhone(next) {
	phone = next;
	$('by-itself').checked = phone.answersByItself;
	current = phone.calls.find(({ state }) => state === 'ringing' || state === 'answered');
	const screen = current?.state ?? 'idle';
	if ($('phone').dataset.screen !== screen) announce(screen);
	$('phone').dataset.screen = screen;
	$('call').hidden = !current;
	$('idle').hidden = Boolean(current);
	$('answer').hidden = $('decline').hidden = screen !== 'ringing';
	$('hang-up').hidden = screen !== 'answered';
	if (current) $('caller').textContent = current.caller;
	const over = phone.calls.filter((call) => call !== current);
	$('nothing').hidden = over.length + phone.notes.length > 0;
	const all = [
		...over.map((call) => ({
			...describeCall(call),
			id: call.id,
			at: call.rangAt,
			sound: call.sound,
		})),
		...phone.notes.map((note) => ({
			id: note.id,
			at: note.at,
			kind: 'note',
			name: note.sender,
			what: 'Voice note',
			sound: note.sound,
		})),
	].sort((a, b) => (a.at < b.at ? 1 : -1));
	all.forEach((entry, index) => showEntry(entry, index));
	tick();
}

function announce(screen) {
	const text = {
		ringing: `Incoming call from ${current?.caller}`,
		answered: 'The call was answered',
		idle: 'The call is over',
	};
	$('announce').textContent = text[screen];
}

function describeCall({ caller: name, state, missed, answeredAt, endedAt, endedBy }) {
	if (answeredAt) {
		const by = endedBy === 'caller' ? 'they hung up' : 'hung up here';
		return {
			kind: '',
			name,
			what: `Answered, ${length(Date.parse(endedAt) - Date.parse(answeredAt))}, ${by}`,
		};
	}
	if (state === 'declined') return { kind: '', name, what: 'Declined' };
	return { kind: missed ? 'missed' : '', name, what: missed ? 'Missed voice call' : 'Voice call' };
}

/** Entries stay the same elements, so that what plays goes on playing. */
function showEntry({ id, kind, name, what, at, sound }, index) {
	let entry = entries.get(id);
	if (!entry) {
		const time = make('time', '', clockText(at));
		time.dateTime = at;
		const row = make('div', 'row', make('b', '', name), time);
		entry = { item: make('li', '', row, make('p', 'what')), sound: undefined };
		entries.set(id, entry);
	}
	const { item } = entry;
	item.className = `entry ${kind}`;
	item.querySelector('.what').textContent = what;
	if (sound && !entry.sound)
		item.append(player(sound, kind === 'note' ? 'the voice note' : 'what was heard'));
	if (sound?.likeness !== undefined && entry.sound?.likeness === undefined) {
		item.append(make('p', 'like', likeText(sound.likeness)));
	}
	entry.sound = sound;
	if ($('recent').children[index] !== item)
		$('recent').insertBefore(item, $('recent').children[index]);
}

function likeText(likeness) {
	const verdict = likeness < LIKE_ENOUGH ? 'Not the whole recording' : 'Matches the recording';
	return `${verdict}: ${likeness.toFixed(3)}`;
}

function player({ url, seconds, bars }, name) {
	const audio = new Audio(url);
	audio.preload = 'auto';
	const button = make('button', '', icon('play'));
	button.type = 'button';
	const wave = make('div', 'wave', waveOf(bars), waveOf(bars));
	const time = make('span', 'length', length(seconds * 1000));
	const box = make('div', 'player', button, wave, time, audio);
	const show = () => {
		const { paused, currentTime } = audio;
		button.setAttribute(
			'aria-label',
			`${paused ? 'Play' : 'Pause'} ${name}, ${Math.round(seconds)} seconds`,
		);
		button.replaceChildren(icon(paused ? 'play' : 'pause'));
		wave.style.setProperty('--played', `${(currentTime / seconds) * 100}%`);
		time.textContent = length((currentTime > 0 ? currentTime : seconds) * 1000);
	};
	button.addEventListener('click', () => void (audio.paused ? audio.play() : audio.pause()));
	for (const event of ['play', 'pause', 'timeupdate', 'ended']) audio.addEventListener(event, show);
	wave.addEventListener('click', ({ offsetX }) => {
		audio.currentTime = (offsetX / wave.clientWidth) * seconds;
	});
	show();
	return box;
}

function waveOf(bars) {
	const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
	svg.setAttribute('viewBox', `0 0 ${bars.length * 3} 30`);
	svg.setAttribute('preserveAspectRatio', 'none');
	svg.setAttribute('aria-hidden', 'true');
	bars.forEach((bar, index) => {
		const height = Math.max(2, bar * 28);
		const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
		const attributes = { x: index * 3 + 0.5, y: 15 - height / 2, width: 2, height, rx: 1 };
		for (const [key, value] of Object.entries(attributes)) rect.setAttribute(key, value);
		svg.append(rect);
	});
	return svg;
}

/** What goes on by itself: clock, countdown, length of the call. */
function tick() {
	$('clock').textContent = new Date().toTimeString().slice(0, 5);
	if (!current) return;
	const { state, answersAt, answeredAt, heardSeconds } = current;
	if (state === 'answered') {
		const heard = heardSeconds > 0 ? ` · heard ${heardSeconds.toFixed(1)} s` : '';
		$('call-status').textContent = `${length(Date.now() - Date.parse(answeredAt))}${heard}`;
		return;
	}
	const left =
		answersAt === undefined ? undefined : Math.max(0, Date.parse(answersAt) - Date.now());
	$('call-status').textContent =
		left === undefined ? 'Ringing …' : `Answers by itself in ${Math.ceil(left / 1000)} s`;
	const over = left === undefined ? 0 : 100 - (left / DEFAULT_ANSWER_MS) * 100;
	$('answer').style.setProperty('--over', `${over}%`);
}

/* Beside it */

function showRun(run) {
	for (const button of document.querySelectorAll('.action'))
		button.disabled = run.state === 'running';
	let entry = runs.get(run.number);
	if (!entry) {
		const chip = make('span', 'chip');
		const pre = make('pre');
		const says = make('p', 'says');
		const details = make(
			'details',
			'',
			make('summary', '', make('span', '', run.title), chip),
			pre,
		);
		entry = { chip, pre, says };
		runs.set(run.number, entry);
		$('runs').prepend(make('li', '', details, says));
	}
	const { report } = run;
	const [text, kind] = {
		running: ['running …', ''],
		failed: ['failed', 'bad'],
		done: [outcomeText(report), 'good'],
	}[run.state];
	entry.chip.textContent = text;
	entry.chip.className = `chip ${kind}`;
	const like = run.likeness === undefined ? '' : ` ${likeText(run.likeness)}.`;
	entry.says.textContent =
		run.error ?? (report ? `${report.message ?? noteText(report)}${like}` : '');
	entry.pre.textContent = run.error ?? (report ? JSON.stringify(report, null, 2) : '');
}

function noteText({ seconds }) {
	return seconds === undefined ? '' : `A voice note of ${seconds.toFixed(1)} s.`;
}

/** `noAnswer` as people write it. */
function outcomeText({ outcome, status } = {}) {
	const text = outcome ?? status ?? 'done';
	return text.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function showStanza({ number, at, direction, device, title, text, talk }) {
	if (number <= lastStanza) return;
	lastStanza = number;
	const log = $('log');
	const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
	const arrow = make('span', direction, direction === 'in' ? '→' : '←');
	arrow.title = direction === 'in' ? 'To WhatsApp' : 'From WhatsApp';
	const time = make('time', '', new Date(at).toISOString().slice(11, 23));
	const summary = make(
		'summary',
		'',
		time,
		arrow,
		make('b', '', title),
		make('span', 'device', device),
	);
	log.append(make('li', talk ? 'talk' : '', make('details', '', summary, make('pre', '', text))));
	if (isAtEnd) toEndOfLog();
}

function toEndOfLog() {
	$('log').scrollTop = $('log').scrollHeight;
}

function showCommands(commands) {
	$('terminal').hidden = commands.length === 0;
	$('commands').replaceChildren(
		...commands.map((command) => {
			const button = make('button', '', 'Copy');
			button.type = 'button';
			button.addEventListener('click', async () => {
				await navigator.clipboard.writeText(command);
				button.textContent = 'Copied';
			});
			return make('li', '', make('pre', '', command), button);
		}),
	);
}

/* Tools */

function make(tag, className = '', ...content) {
	const element = document.createElement(tag);
	if (className) element.className = className;
	element.append(...content);
	return element;
}

function icon(name) {
	const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
	const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
	use.setAttribute('href', `#icon-${name}`);
	svg.setAttribute('aria-hidden', 'true');
	svg.append(use);
	return svg;
}

function length(milliseconds) {
	const seconds = Math.max(0, Math.round(milliseconds / 1000));
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function clockText(at) {
	return new Date(at).toTimeString().slice(0, 5);
}
