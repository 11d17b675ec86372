/** `npm run bench <name>`: measures one figure and prints it. */
const FIGURES: Readonly<Record<string, () => Promise<{ measure: () => Promise<void> }>>> = {
	audio: () => import('./audio.js'),
	load: () => import('./load.js'),
	media: () => import('./media.js'),
	mlow: () => import('./mlow.js'),
	remote: () => import('./remote.js'),
	server: () => import('./server.js'),
	session: () => import('./session.js'),
};

async function main(): Promise<void> {
	const name = process.argv[2] ?? '';
	const figure = FIGURES[name];
	if (figure === undefined) {
		console.error(`npm run bench <${Object.keys(FIGURES).join('|')}>`);
		process.exitCode = 2;
		return;
	}
	const { measure } = await figure();
	await measure();
}

void main().catch((error: unknown) => {
	console.error(error);
	process.exitCode = 1;
});
