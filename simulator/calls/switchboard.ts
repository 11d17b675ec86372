import type { BinaryNode } from '../codecs';
import type { NetworkContext } from '../context';
import type { Account, NetworkDevice } from '../directory';
import type { LinkedDevice } from '../linkedDevice';
import { parseJid } from '../wire/jid';
import { children, node, now } from '../wire/node';
import { checkOffer, type Verdict } from './offer';
import { relayBlock } from './relayBlock';

const BROKEN_SESSION = 479;
/** Reasons that a caller may give (page 02 section 8). */
const REASONS = [undefined, 'accepted_elsewhere', 'rejected_elsewhere'];
/** What a caller may send besides (page 02 section 7). */
const MAY_FOLLOW = ['mute_v2', 'transport', 'relaylatency'];

/** A call that the server knows. */
export interface Call {
	readonly id: string;
	readonly caller: LinkedDevice;
	readonly callee: Account;
	/** The devices that the server rings. */
	readonly devices: readonly NetworkDevice[];
	/** When the offer arrived, by the clock that all processes of a machine share, in milliseconds. */
	readonly offeredAt: number;
	/** How the callee ended it, once the caller has acknowledged that. */
	endedByCallee?: 'reject' | 'terminate';
}

/** Takes call stanzas of clients to the devices that they are for, and answers them. */
export class Switchboard {
	readonly calls = new Map<string, Call>();
	private readonly usedIds = new Set<string>();

	constructor(private readonly context: NetworkContext) {}

	/** A `<call>` of a client. */
	async received(sender: LinkedDevice, stanza: BinaryNode): Promise<void> {
		const [action, ...more] = children(stanza);
		const { id } = stanza.attrs;
		if (id === undefined) return this.fault(`<${action?.tag}> without an id was dropped`);
		if (!action || more.length > 0) return this.fault(`the call ${id} has not one child`);
		if (this.usedIds.has(`${sender.lid} ${id}`)) this.fault(`the stanza id ${id} was used before`);
		this.usedIds.add(`${sender.lid} ${id}`);
		if (action.tag === 'offer') return this.offer(sender, stanza, action);
		const call = this.calls.get(action.attrs['call-id'] ?? '');
		if (!call) this.fault(`<${action.tag}> of a call that the server does not know`);
		else if (action.attrs['call-creator'] !== call.caller.lid) {
			this.fault(`<${action.tag}> with a wrong call-creator`);
		} else if (sender === call.caller) this.fromCaller(call, stanza, action);
		else if (sender.account === call.callee) this.fromCallee(call, sender, stanza, action);
		else this.fault(`<${action.tag}> of somebody else's call`);
		sender.deliver(this.ack(stanza, action.tag));
	}

	/** Remembers that the caller knows how the callee ended the call. */
	acknowledged(stanza: BinaryNode): void {
		const [action] = children(stanza);
		const call = this.calls.get(action?.attrs['call-id'] ?? '');
		if (!call || !action) return;
		const rejected = action.tag === 'reject' && action.attrs.reason !== 'busy';
		if (rejected) call.endedByCallee = 'reject';
		if (action.tag === 'terminate') call.endedByCallee = 'terminate';
	}

	private async offer(sender: LinkedDevice, stanza: BinaryNode, offer: BinaryNode): Promise<void> {
		const offeredAt = Number(process.hrtime.bigint()) / 1e6;
		let verdict = checkOffer(this.context, sender, stanza, offer);
		if (verdict.kind === 'accepted' && this.calls.has(verdict.callId)) {
			verdict = { kind: 'refused', code: BROKEN_SESSION, why: 'the call-id was used before' };
		}
		if (verdict.kind === 'accepted') {
			const { callId, targets } = verdict;
			const opened = await Promise.all(
				targets.map(({ device, enc }) => device.opens?.({ callId, from: sender.lid, enc }) ?? true),
			);
			const broken = targets.filter((_target, index) => !opened[index]);
			if (broken.length > 0) {
				const names = broken.map(({ device }) => device.id).join(', ');
				verdict = { kind: 'refused', code: BROKEN_SESSION, why: `devices ${names} do not decrypt` };
			}
		}
		if (verdict.kind === 'accepted') return this.place(sender, stanza, verdict, offeredAt);
		if (verdict.why !== undefined) this.context.faults.add('offer', verdict.why);
		if (verdict.kind === 'refused') {
			const error = node('error', { 'call-id': offer.attrs['call-id'] });
			sender.deliver(this.ack(stanza, 'offer', { error: String(verdict.code) }, [error]));
		}
	}

	private place(
		sender: LinkedDevice,
		stanza: BinaryNode,
		{ callId, callee, targets, offer }: Extract<Verdict, { kind: 'accepted' }>,
		offeredAt: number,
	): void {
		const devices = targets.map(({ device }) => device);
		const call: Call = { id: callId, caller: sender, callee, devices, offeredAt };
		this.calls.set(callId, call);
		const jids = devices.map(({ id }) => node('device', { jid: callee.lidOf(id) }));
		const relay = this.nameRelays(call);
		const user = node('user', { jid: callee.lidOf(0) }, jids);
		const ack = this.ack(stanza, 'offer', {}, relay ? [relay, user] : [user]);
		const { ackSeconds } = this.context.settings;
		if (ackSeconds === 0) sender.deliver(ack);
		else this.context.after(ackSeconds, () => sender.deliver(ack));
		// A blocked caller is told nothing.
		if (callee.rules().blocks.includes(sender.account.number)) return;
		for (const { device, enc } of targets) {
			const content = children(offer)
				.filter(({ tag }) => tag !== 'privacy')
				.map((part) => (part.tag === 'destination' ? enc : part));
			const caller_pn = sender.account.phoneJidOf(0);
			const incoming = node('offer', { ...offer.attrs, caller_pn }, content);
			device.deliver(this.forward(sender.lid, stanza.attrs.id, incoming));
		}
	}

	/** What the ack says of the relays, if anything; the rest may come later. */
	private nameRelays({ id, caller, callee, devices }: Call): BinaryNode | undefined {
		const { relays, settings } = this.context;
		const call = { id, creator: caller.lid };
		const line = relays.openLine(call);
		const jids = [caller.lid, ...devices.map((device) => callee.lidOf(device.id))];
		const { relayBlock: extent, lateRelaySeconds } = settings;
		if (extent === 'none') return undefined;
		if (extent !== 'relaylatency' && extent !== 'transport') {
			return relayBlock(line, call, jids, relays.list, extent);
		}
		this.context.after(lateRelaySeconds, () => {
			const attributes = { 'call-id': id, 'call-creator': caller.lid };
			const late = node(extent, attributes, [relayBlock(line, call, jids, relays.list)]);
			caller.deliver(this.forward(callee.lidOf(0), this.context.nextId(), late));
		});
		return undefined;
	}

	private fromCaller(call: Call, stanza: BinaryNode, action: BinaryNode): void {
		const { to = '' } = stanza.attrs;
		const device = this.context.directory.device(to);
		if (device?.account !== call.callee || parseJid(to)?.server !== 'lid') {
			return this.fault(`<${action.tag}> of ${call.id} goes to ${to}`);
		}
		if (action.tag === 'terminate') this.checkTerminate(call, action);
		else if (!MAY_FOLLOW.includes(action.tag) || call.endedByCallee) {
			return this.fault(`<${action.tag}> from the caller of ${call.id}`);
		}
		const toAll =
			action.tag === 'terminate' && device.id === 0 && action.attrs.reason === undefined;
		const bareToAll = toAll && this.context.settings.bareTerminate === 'all';
		const devices = bareToAll ? call.devices : call.devices.filter((one) => one === device);
		if (devices.length === 0) this.fault(`<${action.tag}> to ${to}, which was not rung`);
		for (const one of devices) one.deliver(this.forward(call.caller.lid, stanza.attrs.id, action));
	}

	private checkTerminate(call: Call, action: BinaryNode): void {
		const { reason } = action.attrs;
		if (!REASONS.includes(reason)) this.fault(`terminate with the reason ${reason}`);
		const ended = call.endedByCallee;
		const dismissal = ended === 'reject' && reason === 'rejected_elsewhere';
		if (ended && !dismissal) this.fault(`terminate of ${call.id} after the callee's ${ended}`);
	}

	private fromCallee(
		call: Call,
		sender: LinkedDevice,
		stanza: BinaryNode,
		action: BinaryNode,
	): void {
		call.caller.deliver(this.forward(sender.lid, this.context.nextId(), action));
		if (stanza.attrs.to === undefined) this.fault(`<${action.tag}> to nobody`);
	}

	private forward(from: string, id: string | undefined, action: BinaryNode): BinaryNode {
		return node('call', { from, id, t: now() }, [action]);
	}

	private ack(
		stanza: BinaryNode,
		type: string,
		more: Record<string, string> = {},
		content?: BinaryNode[],
	): BinaryNode {
		const { id, to } = stanza.attrs;
		return node('ack', { class: 'call', type, id, from: to, t: now(), ...more }, content);
	}

	private fault(detail: string): void {
		this.context.faults.add('call', detail);
	}
}
