import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '../codecs';
import type { NetworkContext } from '../context';
import type { Account } from '../directory';
import { exchangeByCode, openKeyBundle, type CodeExchange } from '../phone/linkCode';
import type { KeyPair } from '../wire/certificate';
import { parseJid } from '../wire/jid';
import { bytes, child, iqError, iqResult, node, now, SERVER_JID } from '../wire/node';
import type { Candidate, LinkedCompanion, LinkingDesk } from './linking';

const REFERENCE_BYTES = 16;
const HELLO_WAIT_MS = 5_000;
const HELLO_POLL_MS = 20;
const WRAPPED_KEY_BYTES = 80;

interface Hello {
	candidate: Candidate;
	number: string;
	ref: Buffer;
	wrapped: Buffer;
	/** What the companion says it is: "Chrome (Mac OS)". */
	display: string;
	exchange?: CodeExchange;
	phone?: { account: Account; identity: KeyPair };
	done?: (companion: Promise<LinkedCompanion>) => void;
	failed?: (error: Error) => void;
}

/** Linking by pairing code: `link_code_companion_reg`, as Baileys' client speaks it. */
export class LinkCodeDesk {
	private hellos: Hello[] = [];

	constructor(
		private readonly context: NetworkContext,
		private readonly linking: LinkingDesk,
	) {}

	/** Takes companion_hello and companion_finish. */
	received(candidate: Candidate, iq: BinaryNode): void {
		const request = child(iq, 'link_code_companion_reg');
		const stage = request?.attrs.stage;
		if (request && stage === 'companion_hello') this.hello(candidate, iq, request);
		else if (request && stage === 'companion_finish') this.finish(candidate, iq, request);
		else this.context.faults.add('pairing', `unknown stage ${stage}`);
	}

	/**
	 * The phone enters a code that a companion shows for its number. Rejects when no companion asked,
	 * or when the code is wrong.
	 */
	async enter(account: Account, identity: KeyPair, code: string): Promise<LinkedCompanion> {
		const hello = await this.awaitHello(account);
		hello.exchange = await exchangeByCode(this.context.codecs, code, hello.wrapped);
		hello.phone = { account, identity };
		const linked = new Promise<LinkedCompanion>((done, failed) => {
			hello.done = done;
			hello.failed = failed;
		});
		hello.candidate.connection.send(
			node(
				'notification',
				{ from: SERVER_JID, id: this.context.nextId(), type: 'link_code_companion_reg', t: now() },
				[
					node('link_code_companion_reg', { stage: 'primary_hello' }, [
						node(
							'link_code_pairing_wrapped_primary_ephemeral_pub',
							{},
							hello.exchange.wrappedEphemeral,
						),
						node('primary_identity_pub', {}, Buffer.from(identity.public)),
						node('link_code_pairing_ref', {}, hello.ref),
					]),
				],
			),
		);
		return linked;
	}

	/** A client that left takes its code with it. */
	closed(candidate: Candidate): void {
		const gone = this.hellos.filter((hello) => hello.candidate === candidate);
		this.hellos = this.hellos.filter((hello) => hello.candidate !== candidate);
		for (const hello of gone) {
			hello.failed?.(new Error('The client went away before it was linked'));
		}
	}

	private hello(candidate: Candidate, iq: BinaryNode, request: BinaryNode): void {
		const number = parseJid(request.attrs.jid)?.user;
		const wrapped = bytes(child(request, 'link_code_pairing_wrapped_companion_ephemeral_pub'));
		const noiseKey = bytes(child(request, 'companion_server_auth_key_pub'));
		const display = bytes(child(request, 'companion_platform_display'))?.toString();
		const complete = child(request, 'companion_platform_id') && display && number;
		if (
			!complete ||
			wrapped?.length !== WRAPPED_KEY_BYTES ||
			!noiseKey?.equals(candidate.noiseKey)
		) {
			this.context.faults.add('pairing', 'companion_hello is incomplete or not of this connection');
			candidate.connection.send(iqError(iq, 400, 'bad-request'));
			return;
		}
		const ref = randomBytes(REFERENCE_BYTES);
		this.hellos = this.hellos.filter((hello) => hello.candidate !== candidate);
		this.hellos.push({ candidate, number, ref, wrapped, display });
		candidate.connection.send(
			iqResult(iq, [
				node('link_code_companion_reg', { stage: 'companion_hello' }, [
					node('link_code_pairing_ref', {}, ref),
				]),
			]),
		);
	}

	private finish(candidate: Candidate, iq: BinaryNode, request: BinaryNode): void {
		const ref = bytes(child(request, 'link_code_pairing_ref'));
		const identity = bytes(child(request, 'companion_identity_public'));
		const bundle = bytes(child(request, 'link_code_pairing_wrapped_key_bundle'));
		const hello = this.hellos.find((one) => one.candidate === candidate);
		const ours = hello !== undefined && ref?.equals(hello.ref) === true;
		if (
			!ours ||
			!hello.exchange ||
			!hello.phone ||
			!bundle ||
			!identity?.equals(candidate.keys.identity)
		) {
			this.context.faults.add('pairing', 'companion_finish does not fit its hello');
			candidate.connection.send(iqError(iq, 400, 'bad-request'));
			return;
		}
		this.hellos = this.hellos.filter((one) => one !== hello);
		const { account, identity: phone } = hello.phone;
		let advSecret: Buffer;
		try {
			advSecret = openKeyBundle(this.context.codecs, hello.exchange, phone, identity, bundle);
		} catch {
			candidate.connection.send(iqError(iq, 401, 'not-authorized'));
			hello.failed?.(new Error('The pairing code is wrong'));
			return;
		}
		this.linking.confirm(candidate, iq);
		hello.done?.(this.linking.pair(candidate, account, phone, advSecret));
	}

	/** The client's hello may still be on its way when its code is typed. */
	private async awaitHello(account: Account): Promise<Hello> {
		const giveUp = Date.now() + HELLO_WAIT_MS;
		for (;;) {
			const hello = this.hellos.find(({ number }) => number === account.number);
			if (hello) return hello;
			if (this.context.ended || Date.now() > giveUp)
				throw new Error('No client asks for a pairing code of this number');
			await new Promise((resolve) => setTimeout(resolve, HELLO_POLL_MS));
		}
	}
}
