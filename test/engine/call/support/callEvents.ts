import type { CallAction, CallEvent, PreparedOffer } from '../../../../engine/call/callTypes';
import { CallMachine } from '../../../../engine/call/callMachine';
import type { CallEnding, CallKind } from '../../../../engine/call/callTypes';
import type { BinaryNode } from '../../../../engine/call/stanzas/binaryNode';

export const T0 = Date.UTC(2026, 0, 1);
export const PEER = '222222222222222@lid';
export const TABLET = '222222222222222:5@lid';
export const DESKTOP = '222222222222222:7@lid';
/** A device that no list named. */
export const STRANGER = '222222222222222:9@lid';
export const CREATOR = '111111111111111:23@lid';
export const RELAY: BinaryNode = { tag: 'relay', attrs: { uuid: 'u' } };

export function preparedOffer(overrides: Partial<PreparedOffer> = {}): PreparedOffer {
	const callId = overrides.callId ?? '00112233445566778899AABBCCDDEEFF';
	const stanzaId = overrides.stanzaId ?? 'OFFER1';
	return {
		node: {
			tag: 'call',
			attrs: { to: PEER, id: stanzaId },
			content: [{ tag: 'offer', attrs: { 'call-id': callId, 'call-creator': CREATOR } }],
		},
		stanzaId,
		callId,
		creator: CREATOR,
		peer: PEER,
		ringDevices: [PEER, TABLET, DESKTOP],
		offeredDevices: [PEER, TABLET, DESKTOP],
		...overrides,
	};
}

export function newMachine(kind: CallKind, ringMilliseconds = 20_000): CallMachine {
	let stanzas = 0;
	return new CallMachine({
		kind,
		ringMilliseconds,
		newStanzaId: () => `S${(stanzas += 1)}`,
	});
}

/** An event without its time. */
export type Untimed = CallEvent extends infer E
	? E extends CallEvent
		? Omit<E, 'at'>
		: never
	: never;

export function timed(event: Untimed, at: number): CallEvent {
	return { ...event, at };
}

/** A machine and everything that it asked for. */
export class Played {
	readonly actions: CallAction[] = [];
	now = T0;

	constructor(
		readonly kind: CallKind,
		readonly machine = newMachine(kind),
	) {}

	/** Takes events; a number lets so many milliseconds pass. */
	play(...steps: (Untimed | number)[]): CallAction[] {
		const before = this.actions.length;
		for (const step of steps) {
			if (typeof step === 'number') {
				this.now += step;
			} else {
				this.actions.push(...this.machine.handle(timed(step, this.now)));
			}
		}
		return this.actions.slice(before);
	}

	get ending(): CallEnding | undefined {
		return endingsOf(this.actions)[0];
	}
}

export function endingsOf(actions: readonly CallAction[]): CallEnding[] {
	return actions.flatMap((action) => (action.kind === 'report' ? [action.ending] : []));
}

/** The stanzas of these actions, one line each: `terminate 2@lid reason`. */
export function sentBy(actions: readonly CallAction[]): string[] {
	return actions.flatMap((action) => (action.kind === 'send' ? [describeNode(action.node)] : []));
}

export function describeNode(node: BinaryNode): string {
	const [child] = node.content as BinaryNode[];
	return [child?.tag, node.attrs.to, child?.attrs.reason].filter(Boolean).join(' ');
}

export function kindsOf(actions: readonly CallAction[]): string[] {
	return actions.map((action) => action.kind);
}
