import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IDataObject } from 'n8n-workflow';
import { writeWav } from '../simulator/media/wav';
import type { BuiltNode, RunName } from './builtNode';
import { likeness, readClip } from './likeness';
import type { OwnN8n } from './ownN8n';
import { CLIP, OwnServer } from './ownServer';
import { PageServer, type PageHandler, type SoundFile } from './pageServer';
import { PhoneState } from './phoneView';
import { Stage } from './stage';
import { StanzaLog } from './stanzaLog';

/** What audio calls play and voice notes say. */
export const CLIP_FILE = join(__dirname, '../..', CLIP);
/** How much what the phone heard has to be like the clip. */
export const LIKE_ENOUGH = 0.9;
const LOOK_MS = 120;
/** What is on its way when a call ends still arrives. */
const SETTLE_MS = 300;

export const TITLES: Record<RunName, string> = {
	fake: 'Call > Fake: ring, and hang up',
	audio: 'Call > Audio: play a recording',
	voice: 'Voice Message > Send: a voice note',
};

/** One run of the node, as the page and the terminal show it. */
export interface Run {
	number: number;
	name: RunName;
	title: string;
	state: 'running' | 'done' | 'failed';
	report?: IDataObject;
	error?: string;
	/** Of audio calls that were answered: correlation of what the phone heard with the clip. */
	likeness?: number;
}

/** The network, the page, and the node that calls. */
export class Demo implements PageHandler {
	private readonly runs: Run[] = [];
	private readonly state: PhoneState;
	private readonly log: StanzaLog;
	private page!: PageServer;
	private node: BuiltNode | undefined;
	private server: OwnServer | undefined;
	private n8n: OwnN8n | undefined;
	private timer: NodeJS.Timeout | undefined;
	private shown = '';
	private showsCommands = false;
	/** What has begun and must not be left alone. */
	private readonly underWay: Promise<unknown>[] = [];
	private readonly leaving = new AbortController();

	private constructor(readonly stage: Stage) {
		this.state = new PhoneState(stage);
		this.log = new StanzaLog(stage, (line) => this.page.tell('stanza', line));
	}

	/** @param port of the page; 0 takes a free one */
	static async start(port: number): Promise<Demo> {
		const stage = await Stage.start();
		const demo = new Demo(stage);
		try {
			demo.page = await PageServer.listen(port, demo);
		} catch (error) {
			await stage.close();
			throw error;
		}
		// A phone is plain data: looking often is enough.
		demo.timer = setInterval(() => demo.look(), LOOK_MS);
		return demo;
	}

	/** Address of the page. */
	get url(): string {
		return this.page.url;
	}

	/** When somebody has the page open. */
	get opened(): Promise<void> {
		return this.page.opened;
	}

	/** Loads the node and starts the server, and links both to the account. */
	async link(): Promise<void> {
		this.underWay.push(this.linkNode(), this.linkServer());
		await Promise.all(this.underWay);
		this.stage.introduce();
	}

	/** Lines for a shell that call through the server. */
	get commands(): string[] {
		return this.server?.commands ?? [];
	}

	/** Starts an n8n that is linked, too, and has the workflows of the documentation. */
	async startN8n(): Promise<OwnN8n> {
		const { BuiltNode } = await import('./builtNode.js');
		const { OwnN8n } = await import('./ownN8n.js');
		if (this.server === undefined) throw new Error('The server is not linked yet');
		const environment = await this.stage.environmentFor('n8n');
		const sessionName = 'n8n';
		await BuiltNode.linkElsewhere(sessionName, environment, (qr) => this.stage.scan(qr, 'n8n'));
		const start = OwnN8n.start({
			credentials: { ryzeApi: this.server.credential, whatsAppSession: { sessionName } },
			clipFile: CLIP_FILE,
			missingPage: `${this.url}/nothing`,
			environment,
		});
		this.underWay.push(start.then((n8n) => (this.n8n = n8n)));
		return await start;
	}

	/** Runs the node once; what goes wrong is in the answer. */
	async run(name: RunName): Promise<Run> {
		const { run, done } = this.begin(name);
		await done;
		return run;
	}

	/** Shows them on the page. */
	showCommands(): void {
		this.showsCommands = true;
		this.page.tell('commands', this.commands);
	}

	opening(): { event: string; data: unknown }[] {
		return [
			{ event: 'phone', data: this.state.view() },
			{ event: 'commands', data: this.showsCommands ? this.commands : [] },
			...this.runs.map((data) => ({ event: 'run', data })),
			...this.log.lines.map((data) => ({ event: 'stanza', data })),
		];
	}

	async press(button: string): Promise<void> {
		const { theirs } = this.stage;
		switch (button) {
			case 'answer':
				return theirs.answer();
			case 'decline':
				return theirs.decline();
			case 'hangUp':
				return theirs.hangUp();
			case 'byItself':
				return await this.stage.answerByItself(!this.stage.answersByItself);
			case 'fake':
			case 'audio':
			case 'voice':
				// The page hears of the end by an event.
				return void this.begin(button);
			default:
				throw new Error('There is no such button');
		}
	}

	async sound(path: string): Promise<SoundFile | undefined> {
		const [, kind, id = ''] = /^\/(calls|notes)\/(\w+)\.(?:wav|ogg)$/.exec(path) ?? [];
		if (kind === 'notes') {
			const bytes = this.state.noteFile(id);
			return bytes && { bytes, type: 'audio/ogg' };
		}
		const pcm = await this.state.heardIn(id);
		return pcm && { bytes: writeWav(pcm), type: 'audio/wav' };
	}

	/** Whether a voice note came to the phone, and plays there. */
	hasNote(id: string): boolean {
		return this.state.noteFile(id) !== undefined;
	}

	/** What the network had to object to. */
	get faults(): string[] {
		return this.stage.network.faults.list.map(({ kind, detail }) => `${kind}: ${detail}`);
	}

	async close(): Promise<void> {
		this.leaving.abort(new Error('The demo ends'));
		clearInterval(this.timer);
		// What runs in the node ends by this.
		await this.node?.close();
		await Promise.allSettled(this.underWay);
		await Promise.all([this.node?.close(), this.server?.stop(), this.n8n?.stop()]);
		this.log.close();
		await this.page.close();
		await this.stage.close();
	}

	private async linkNode(): Promise<void> {
		Object.assign(process.env, await this.stage.environmentFor('node'));
		const { BuiltNode } = await import('./builtNode.js');
		const node = new BuiltNode(CLIP_FILE);
		this.node = node;
		await node.link((qr) => this.stage.scan(qr, 'n8n node'), this.leaving.signal);
	}

	private async linkServer(): Promise<void> {
		const { signal } = this.leaving;
		this.server = await OwnServer.start(await this.stage.environmentFor('server'), signal);
		await this.server.link((qr) => this.stage.scan(qr, 'Server'), signal);
	}

	/** `done` does not reject. */
	private begin(name: RunName): { run: Run; done: Promise<void> } {
		const { node, runs } = this;
		this.leaving.signal.throwIfAborted();
		if (node === undefined) throw new Error('The node is not linked yet.');
		if (runs.some(({ state }) => state === 'running')) throw new Error('One after the other.');
		const run: Run = { number: runs.length + 1, name, title: TITLES[name], state: 'running' };
		runs.push(run);
		this.page.tell('run', run);
		const done = this.finish(run, node);
		this.underWay.push(done);
		return { run, done };
	}

	private async finish(run: Run, node: BuiltNode): Promise<void> {
		try {
			run.report = await node.run(run.name);
			if (run.name === 'audio' && run.report.answeredAt !== undefined) await this.compare(run);
			run.state = 'done';
		} catch (error) {
			run.state = 'failed';
			run.error = error instanceof Error ? error.message : String(error);
		}
		this.page.tell('run', run);
	}

	private look(): void {
		const view = this.state.view();
		const text = JSON.stringify(view);
		if (text === this.shown) return;
		this.shown = text;
		this.page.tell('phone', view);
	}

	private async compare(run: Run): Promise<void> {
		const id = String(run.report?.callId);
		await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
		const heard = await this.state.heardIn(id);
		if (heard === undefined) throw new Error(`The phone knows nothing of the call ${id}`);
		run.likeness = likeness(await readClip(await readFile(CLIP_FILE)), heard);
		this.state.compared(id, run.likeness);
	}
}
