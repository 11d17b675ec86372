import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '../codecs';
import type { NetworkContext } from '../context';
import { withoutMlow } from '../media/agreement';
import { participantId } from '../media/keys';
import { PhoneMedia } from '../media/phoneMedia';
import { node, now } from '../wire/node';
import type { Owner, SimulatedDevice } from './device';
import type { CallSeen } from './seen';

const AUDIO = { enc: 'opus', rate: '16000' };
/** What current clients send (page 02 section 4). */
const PREACCEPT_CAPABILITY = Buffer.from('0105f709e0bb07', 'hex');
const ACCEPT_CAPABILITY = Buffer.from('0105f709e0bb13', 'hex');

interface Incoming {
	callId: string;
	from: string;
	callKey: string;
	offerId: string;
	/** Whether the caller's capability names MLow. */
	mlow: boolean;
}

/** How one device rings, answers and stops, by the script of its phone. */
export class Ringer {
	private readonly calls = new Map<string, CallSeen>();

	constructor(
		private readonly context: NetworkContext,
		private readonly owner: Owner,
		private readonly device: SimulatedDevice,
	) {}

	/** The call key was decrypted: rings, tells the caller, and acts by the script. */
	ring(incoming: Incoming): void {
		const { script } = this.owner;
		const call = this.miss(incoming);
		this.listen(call, incoming.mlow);
		if (!script.silentDevices.includes(this.device.id)) this.confirm(call, incoming.offerId);
		if (script.busyDevices.includes(this.device.id)) {
			this.stop(call, 'busy');
			this.send(call, node('reject', this.attributes(call, { count: '0', reason: 'busy' })));
			return;
		}
		this.context.after(this.context.settings.ringLimitSeconds, () => this.giveUp(call));
		if (script.device !== this.device.id || script.onCall === 'ignore') return;
		const act = script.onCall === 'answer' ? () => this.answer(call) : () => this.decline(call);
		this.context.after(script.afterSeconds, act);
	}

	/** A call that was over before the device could ring: it is only written down. */
	miss({ callId, from, callKey }: Incoming): CallSeen {
		const call: CallSeen = {
			callId,
			device: this.device.id,
			from,
			callKey,
			state: 'ringing',
			rangAt: new Date().toISOString(),
			missed: false,
			heard: [],
		};
		this.calls.set(callId, call);
		this.owner.seen.calls.push(call);
		return call;
	}

	/** Somebody takes the call that rings. Answers false when none does. */
	answerRinging(): boolean {
		return this.act('ringing', (call) => this.answer(call));
	}

	/** Somebody declines the call that rings. Answers false when none does. */
	declineRinging(): boolean {
		return this.act('ringing', (call) => this.decline(call));
	}

	/** Somebody hangs up. Answers false when there is no call to hang up. */
	hangUpAnswered(): boolean {
		return this.act('answered', (call) => this.hangUp(call));
	}

	/** Takes what the caller says about a call of this device. */
	hear(callId: string, action: BinaryNode): void {
		const call = this.calls.get(callId);
		if (!call) return;
		if (action.tag !== 'terminate') {
			call.heard.push(action.tag);
			if (call.endedBy === 'caller') this.fault(`<${action.tag}> after the end of ${callId}`);
			return;
		}
		if (call.endedBy === 'caller') {
			this.fault(`was told twice that ${callId} ended`);
			return;
		}
		const reason = action.attrs.reason ?? null;
		const rang = call.state === 'ringing';
		if (call.state !== 'declined' && call.state !== 'busy') this.stop(call, 'ended');
		call.endedAt ??= new Date().toISOString();
		call.endedBy = 'caller';
		call.terminateReason = reason;
		call.missed = rang && (reason === null || reason === 'timeout');
		this.endMedia(call);
	}

	/** Takes part in the media of the call: to check it, and to hear it after the accept. */
	private listen(call: CallSeen, callerMlow: boolean): void {
		const { account, id } = this.device;
		const { relays, settings } = this.context;
		const line = relays.lineOf(call.callId);
		if (!line) return;
		const own = Buffer.from(call.callKey, 'hex');
		const key = this.owner.script.wrongKey ? randomBytes(own.length) : own;
		const self = participantId(account.lidOf(id));
		const counts = settings.hearing === 'count';
		const { script } = this.owner;
		const said = { caller: callerMlow, phone: script.capabilityMlow };
		const media = new PhoneMedia(line, key, self, script, said, counts);
		call.media = media.seen;
		this.owner.media.set(call, media);
	}

	private endMedia(call: CallSeen): void {
		const media = this.owner.media.get(call);
		if (call.answeredAt === undefined) media?.leave();
		else media?.end();
	}

	private confirm(call: CallSeen, offerId: string): void {
		const receipt = node('receipt', { ...this.sender(), id: offerId, t: now() }, [
			node('offer', this.attributes(call)),
		]);
		this.context.directory.device(call.from)?.deliver(receipt);
		this.send(
			call,
			node('preaccept', this.attributes(call), [
				node('audio', AUDIO),
				node('encopt', { keygen: '2' }),
				node('capability', { ver: '1' }, this.capability(PREACCEPT_CAPABILITY)),
			]),
		);
	}

	private act(state: CallSeen['state'], what: (call: CallSeen) => void): boolean {
		const call = [...this.calls.values()].find((one) => one.state === state);
		if (call) what(call);
		return call !== undefined;
	}

	private answer(call: CallSeen): void {
		if (call.state !== 'ringing') return;
		this.stop(call, 'answered');
		call.answeredAt = new Date().toISOString();
		this.owner.media.get(call)?.answer();
		for (const [other, media] of this.owner.media) {
			if (other.callId === call.callId && other !== call) media.leave();
		}
		this.send(
			call,
			node('accept', this.attributes(call), [
				node('audio', AUDIO),
				node('net', { medium: '2' }),
				node('encopt', { keygen: '2' }),
				node('capability', { ver: '1' }, this.capability(ACCEPT_CAPABILITY)),
			]),
		);
		const { hangUpAfterSeconds } = this.owner.script;
		if (hangUpAfterSeconds !== undefined) {
			this.context.after(hangUpAfterSeconds, () => this.hangUp(call));
		}
	}

	private decline(call: CallSeen): void {
		if (call.state !== 'ringing') return;
		this.stop(call, 'declined');
		call.endedBy = 'self';
		call.endedAt = call.rangUntil;
		this.send(call, node('reject', this.attributes(call, { count: '0' })));
	}

	private hangUp(call: CallSeen): void {
		if (call.state !== 'answered') return;
		call.state = 'ended';
		call.endedBy = 'self';
		call.endedAt = new Date().toISOString();
		this.endMedia(call);
		this.send(call, node('terminate', this.attributes(call)));
	}

	private giveUp(call: CallSeen): void {
		if (call.state !== 'ringing') return;
		this.stop(call, 'ended');
		call.endedBy = 'ringLimit';
		call.endedAt = call.rangUntil;
		call.missed = true;
		const elsewhere = this.owner.seen.calls.find(
			(other) => other.callId === call.callId && other.answeredAt !== undefined,
		);
		if (elsewhere) {
			this.fault(`rang on after ${call.callId} was answered elsewhere`);
		}
		this.send(call, node('terminate', this.attributes(call, { reason: 'timeout' })));
	}

	private fault(detail: string): void {
		const { account, id } = this.device;
		this.context.faults.add('call', `device ${id} of ${account.number}: ${detail}`);
	}

	private stop(call: CallSeen, state: CallSeen['state']): void {
		call.state = state;
		call.rangUntil ??= new Date().toISOString();
		if (state !== 'answered') this.endMedia(call);
	}

	private capability(bits: Buffer): Buffer {
		return this.owner.script.capabilityMlow ? bits : withoutMlow(bits);
	}

	private attributes(call: CallSeen, more?: Record<string, string>): Record<string, string> {
		return { 'call-id': call.callId, 'call-creator': call.from, ...more };
	}

	/** Sends an action to the calling device, at once or when it is back. */
	private send(call: CallSeen, action: BinaryNode): void {
		const attributes = { ...this.sender(), id: this.context.nextId(), t: now() };
		this.context.directory.device(call.from)?.deliver(node('call', attributes, [action]));
	}

	private sender(): { from: string; participant?: string } {
		const { account, id } = this.device;
		return this.context.settings.senderIn === 'participant'
			? { from: account.lidOf(0), participant: account.lidOf(id) }
			: { from: account.lidOf(id) };
	}
}
