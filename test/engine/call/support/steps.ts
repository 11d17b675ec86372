import { DESKTOP, PEER, Played, preparedOffer, RELAY, TABLET, type Untimed } from './callEvents';

export const offer: Untimed = { kind: 'offer', offer: preparedOffer() };
export const ack: Untimed = { kind: 'ack' };
export const ackWithRelay: Untimed = { kind: 'ack', relay: RELAY };
export const refused = (error: string): Untimed => ({ kind: 'ack', error });
export const receipt = (device = PEER): Untimed => ({ kind: 'receipt', device });
export const accept = (device = PEER): Untimed => ({ kind: 'accept', device, audio: 'agreed' });
export const decline = (device = PEER): Untimed => ({ kind: 'reject', device });
export const busy = (device: string): Untimed => ({ kind: 'reject', device, reason: 'busy' });
export const terminate = (device = PEER, reason?: string): Untimed => ({
	kind: 'terminate',
	device,
	...(reason !== undefined && { reason }),
});
export const timer = (name: 'ack' | 'relay' | 'ring'): Untimed => ({ kind: 'timer', timer: name });
export const cancel: Untimed = { kind: 'cancel' };

export const HANG_UP = [`terminate ${PEER}`, `terminate ${TABLET}`, `terminate ${DESKTOP}`];

export function fake(...steps: (Untimed | number)[]): Played {
	const call = new Played('fake');
	call.play(offer, ...steps);
	return call;
}

export function audio(...steps: (Untimed | number)[]): Played {
	const call = new Played('audio');
	call.play(offer, ...steps);
	return call;
}
