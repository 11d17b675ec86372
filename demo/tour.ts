import { setTimeout as sleep } from 'node:timers/promises';
import { LIKE_ENOUGH, type Demo, type Run } from './demo';

/** How long a voice note may take to the phone. */
const ARRIVAL_MS = 3_000;
const LOOK_MS = 50;

/**
 * Runs the three operations of the node, one after the other.
 *
 * @param say prints a line
 * @returns what was not as it should be: nothing, when all is well
 */
export async function tour(demo: Demo, say: (line: string) => void): Promise<string[]> {
	const show = async (running: Promise<Run>): Promise<Run> => {
		const run = await running;
		say(`\n== ${run.title}`);
		say(run.error ?? JSON.stringify(run.report, null, 2).replace(/^/gm, '  '));
		return run;
	};
	const fake = await show(demo.run('fake'));
	const audio = await show(demo.run('audio'));
	const heard = audio.likeness ?? 0;
	say(
		`  The phone heard the clip: correlation ${heard.toFixed(3)}, at least ${LIKE_ENOUGH} is asked.`,
	);
	const voice = await show(demo.run('voice'));
	const hasNote = await arrives(demo, String(voice.report?.messageId));
	if (hasNote) say('  The phone has the voice note, and it plays.');
	return [
		...[fake, audio, voice]
			.filter(({ state }) => state !== 'done')
			.map(({ title }) => `${title}: failed`),
		...(heard < LIKE_ENOUGH ? ['The phone did not hear the clip'] : []),
		...(hasNote ? [] : ['The phone got no voice note that plays']),
	];
}

async function arrives(demo: Demo, messageId: string): Promise<boolean> {
	for (let waited = 0; waited < ARRIVAL_MS; waited += LOOK_MS) {
		if (demo.hasNote(messageId)) return true;
		await sleep(LOOK_MS);
	}
	return false;
}
